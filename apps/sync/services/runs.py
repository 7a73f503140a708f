"""One way to run anything, so that the log cannot be forgotten."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.core.logging import bound, redacted
from apps.core.processes import is_gone, process_name
from apps.integrations.errors import ConsentNeeded
from apps.platforms.errors import ReconnectNeeded
from apps.platforms.models import Shop
from apps.platforms.services import breaker
from apps.sync.errors import AlreadyRunning, RunStopped
from apps.sync.models import Resource, SyncRun

logger = logging.getLogger(__name__)

# A page takes seconds; a run silent for longer has lost its process.
SILENCE = timedelta(minutes=5)


@contextmanager
def recorded_run(
    shop: Shop,
    resource: Resource,
    *,
    trigger: SyncRun.Trigger,
    since: datetime | None = None,
    until: datetime | None = None,
    basis: SyncRun.Basis = SyncRun.Basis.CHANGED,
) -> Iterator[SyncRun]:
    """Log a run: its start, its end, its error; one per shop, resource and basis at a
    time.

    Raises AlreadyRunning. Errors of the body are noted and rise on, and the shop's
    circuit breaker is told; an interruption (Ctrl-C, a worker told to stop) leaves the
    run marked as such. So does a person who asked for it, and then nothing rises.
    """
    run = _start(shop, resource, basis, trigger, since, until)
    with bound(run=run.pk):
        try:
            yield run
        except RunStopped as stop:
            run.first_error = run.first_error or str(stop)
            _end(run, SyncRun.State.INTERRUPTED, None)
            return
        except Exception as error:
            _end(run, SyncRun.State.FAILED, error)
            _tell_breaker(run, error)
            raise
        except BaseException:
            _end(run, SyncRun.State.INTERRUPTED, None)
            raise
        _end(run, SyncRun.State.PARTLY if run.failed else SyncRun.State.DONE, None)
        _tell_breaker(run, None)


def close_dead_runs(shop: Shop, resource: Resource) -> None:
    """Mark runs whose process is gone as interrupted, so that the next may start."""
    running = SyncRun.objects.running().filter(shop=shop, resource=resource)
    for run in running:
        if is_dead(run):
            SyncRun.objects.running().filter(
                pk=run.pk, heartbeat_at=run.heartbeat_at
            ).update(
                state=SyncRun.State.INTERRUPTED,
                ended_at=run.heartbeat_at,
                first_error=run.first_error or "Its process ended without a word.",
            )


def is_dead(run: SyncRun) -> bool:
    """Whether the process that made this run is known, or must be taken, to be gone."""
    if timezone.now() - run.heartbeat_at > SILENCE:
        return True
    return is_gone(run.process)


def _start(
    shop: Shop,
    resource: Resource,
    basis: SyncRun.Basis,
    trigger: SyncRun.Trigger,
    since: datetime | None,
    until: datetime | None,
) -> SyncRun:
    close_dead_runs(shop, resource)
    try:
        with transaction.atomic():
            return SyncRun.objects.create(
                shop=shop,
                resource=resource,
                basis=basis,
                trigger=trigger,
                since=since,
                until=until,
                process=process_name(),
            )
    except IntegrityError:
        running = SyncRun.objects.running().filter(shop=shop, resource=resource)
        other = running.filter(basis=basis).first()
        where = ""
        if other is not None:
            host, pid, _ = other.process.rsplit(":", 2)
            where = f" (process {pid} on {host}, since {other.started_at:%H:%M:%S} UTC)"
        verb = "is" if resource is Resource.STOCK else "are"
        what = f"{resource.label.lower()} {verb} already being synced"
        if resource is Resource.GAPS:
            what = "orders are already being counted"
        raise AlreadyRunning(f"{shop}: {what}{where}.") from None


def _end(run: SyncRun, state: SyncRun.State, error: Exception | None) -> None:
    run.state = state
    run.ended_at = run.heartbeat_at = timezone.now()
    if error is not None:
        words = redacted(str(error)) or repr(error)
        run.first_error = run.first_error or words[:500]
        run.needs_person = isinstance(error, ConsentNeeded | ReconnectNeeded)
    # Not what others write: how far it has come, and that it is to stop.
    fields = {field.name for field in SyncRun._meta.concrete_fields}
    run.save(update_fields=fields - {"id", "reached_at", "stop_asked_at"})
    logger.info(
        "run ended shop=%s resource=%s state=%s read=%s new=%s updated=%s failed=%s",
        *(run.shop_id, run.resource, run.state),
        *(run.read, run.new, run.updated, run.failed),
    )


def _tell_breaker(run: SyncRun, error: Exception | None) -> None:
    """A shop that gave us a page does not "only err", even if the run failed later."""
    if error is None or run.pages:
        breaker.note_success(run.shop)
    elif breaker.note_failure(run.shop, error):
        logger.warning("shop rested shop=%s", run.shop_id)
