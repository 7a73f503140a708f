"""Doing runs: one at a time in a shop, item by item, and again after a crash."""

import logging
from collections.abc import Iterator
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef
from django.utils import timezone

from apps.core.processes import is_gone, process_name
from apps.core.storing import clean
from apps.integrations.errors import ConsentNeeded
from apps.platforms.errors import ReconnectNeeded
from apps.platforms.models import Shop
from apps.platforms.services import scopes
from apps.platforms.services.clients import note_consent_gone
from apps.products.models import PublishItem, PublishRun
from apps.products.services.publishing.channel import Channel
from apps.products.services.publishing.sending import (
    CONSENT_GONE,
    LATER,
    send_items,
    size_of_portion,
)
from apps.products.services.publishing.starting import end_stopped

logger = logging.getLogger(__name__)

Kind = PublishRun.Kind
State = PublishRun.State
ItemState = PublishItem.State
# A call takes seconds, and each is a sign of life; a picture may take a minute.
SILENCE = timedelta(minutes=5)


class RunLost(Exception):
    """Another process has taken the run, or a person ended it; this one lets go."""


def work(run: PublishRun, channel: Channel | None = None) -> PublishRun:
    """Do a waiting run to its end, as far as the shop allows; the run as it is then.

    Nothing happens if it does not wait, or another of the shop's runs is at work. A
    refused item stops nothing. Consent gone, too many calls and outages end the run as
    failed, with the rest of the items waiting for `retry_failed`.
    """
    if not _take(run):
        run.refresh_from_db()
        return run
    run = PublishRun.objects.select_related("shop__client", "user").get(pk=run.pk)
    channel = channel or Channel(run.shop)
    channel.beat = lambda: _beat(run)
    try:
        _work(run, channel)
    except RunLost:
        logger.warning("publish run lost run=%s", run.pk)
    except (*CONSENT_GONE, *LATER) as error:
        _note_consent(run, error)
        _end(run, State.FAILED, str(error))
    except Exception as error:
        _end(run, State.FAILED, f"We failed: {error!r}")
        raise
    run.refresh_from_db()
    return run


def due_runs() -> list[PublishRun]:
    """Runs to be worked on now: of each shop where none is at work, the oldest that
    waits. Those whose process has ended wait again."""
    for run in PublishRun.objects.filter(state=State.RUNNING):
        if is_dead(run):
            _put_back(run)
    at_work = PublishRun.objects.filter(shop=OuterRef("shop"), state=State.RUNNING)
    waiting = PublishRun.objects.filter(
        ~Exists(at_work), state=State.WAITING, shop__state=Shop.State.CONNECTED
    ).order_by("created_at", "pk")
    first: dict[int, PublishRun] = {}
    for run in waiting:
        first.setdefault(run.shop_id, run)
    return list(first.values())


def is_dead(run: PublishRun) -> bool:
    """Whether the process at work on it must be taken to be gone."""
    last = run.heartbeat_at or run.started_at
    is_silent = last is None or timezone.now() - last > SILENCE
    return is_silent or is_gone(run.process)


def progress(run: PublishRun) -> dict[PublishItem.State, int]:
    """{state: items in it}, all states; one query."""
    rows = run.items.order_by().values("state").annotate(count=Count("pk"))
    counts = dict(rows.values_list("state", "count"))
    return {state: counts.get(state.value, 0) for state in ItemState}


def _work(run: PublishRun, channel: Channel) -> None:
    for portion in _portions(run):
        _beat(run)
        # What an earlier process was sending is found out about all the same.
        is_begun = any(item.state == ItemState.SENDING for item in portion)
        if not is_begun and _is_stop_asked(run):
            end_stopped(run)
            return
        send_items(portion, channel)
    counts = progress(run)
    is_all_done = counts[ItemState.DONE] == sum(counts.values())
    _end(run, State.DONE if is_all_done else State.PARTLY)


def _is_stop_asked(run: PublishRun) -> bool:
    return PublishRun.objects.filter(pk=run.pk, is_stop_asked=True).exists()


def _portions(run: PublishRun) -> Iterator[list[PublishItem]]:
    """What is left, interrupted items first; a row is read when its turn comes."""
    size = size_of_portion(run.kind)
    left = list(
        run.items.filter(state__in=[ItemState.SENDING, ItemState.WAITING])
        .order_by("position")
        .values_list("pk", flat=True)
    )
    for start in range(0, len(left), size):
        yield list(run.items.filter(pk__in=left[start : start + size]))


def _take(run: PublishRun) -> bool:
    """Make it ours; False if it does not wait, or another is at work in the shop."""
    for other in PublishRun.objects.filter(shop=run.shop_id, state=State.RUNNING):
        if is_dead(other):
            _put_back(other)
    now = timezone.now()
    try:
        with transaction.atomic():
            # No join: its rows would be chosen before the wait for another's update.
            connected = Shop.objects.connected().filter(pk=OuterRef("shop"))
            waiting = PublishRun.objects.filter(
                Exists(connected), pk=run.pk, state=State.WAITING
            )
            return bool(
                waiting.update(
                    state=State.RUNNING,
                    process=process_name(),
                    heartbeat_at=now,
                    started_at=run.started_at or now,
                    error="",
                )
            )
    except IntegrityError:
        return False


def _put_back(run: PublishRun) -> None:
    """Its process is gone: let another go on where it was."""
    PublishRun.objects.filter(
        pk=run.pk, state=State.RUNNING, heartbeat_at=run.heartbeat_at
    ).update(state=State.WAITING)


def _beat(run: PublishRun) -> None:
    ours = PublishRun.objects.filter(
        pk=run.pk, state=State.RUNNING, process=process_name()
    )
    if not ours.update(heartbeat_at=timezone.now()):
        raise RunLost


def _end(run: PublishRun, state: PublishRun.State, error: str = "") -> None:
    PublishRun.objects.filter(
        pk=run.pk, state=State.RUNNING, process=process_name()
    ).update(state=state, ended_at=timezone.now(), error=clean(error)[:500])


def _note_consent(run: PublishRun, error: Exception) -> None:
    if isinstance(error, ConsentNeeded | ReconnectNeeded):
        note_consent_gone(run.shop, error, _scope_of(run.kind))


def _scope_of(kind: str) -> str:
    if kind in (Kind.DELETE, Kind.RECOVER):
        return scopes.PRODUCT_DELETE
    return scopes.PRODUCT_WRITE
