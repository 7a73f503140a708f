"""Pull what creators sold, through their own accounts: the last 90 days, each time.

As services.affiliate, beside it: an account is no shop, has no schedule of its own and
no circuit breaker, and is read once a day.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from apps.content.services.affiliate import ingest, link_orders
from apps.content.services.sides import Side
from apps.core.logging import redacted
from apps.core.processes import is_gone, process_name
from apps.integrations.contracts import Source
from apps.integrations.contracts.affiliate import AffiliatePage, CreatorClient
from apps.integrations.errors import ConsentNeeded, RequestRefused, ScopeMissing
from apps.integrations.tiktok.pages import walk
from apps.orders.services.results import IngestResult
from apps.platforms.errors import ReconnectNeeded
from apps.platforms.models import CreatorAccount
from apps.platforms.services.clients import client_for_creator
from apps.platforms.services.consent import mark_reconnect_needed
from apps.platforms.services.creators import note_profile
from apps.sync.errors import AlreadyRunning
from apps.sync.models import CreatorRun, SyncRun
from apps.sync.services.runs import SILENCE
from apps.sync.services.windows import FIRST_PULL, windows

logger = logging.getLogger(__name__)

EVERY = timedelta(days=1)
AFTER_FAILURE = timedelta(minutes=30)
WINDOW = timedelta(days=30)
_MOST_ISSUES = 20

OnPage = Callable[[CreatorRun], None]


def accounts_due(now: datetime) -> list[CreatorAccount]:
    """Connected ones never read, read a day ago, or failed half an hour ago."""
    over = ~Q(sync_runs__state__in=[SyncRun.State.FAILED, SyncRun.State.INTERRUPTED])
    rows: QuerySet[Any] = CreatorAccount.objects.connected().annotate(
        read_at=Max("sync_runs__started_at", filter=over),
        tried_at=Max("sync_runs__started_at"),
    )
    return [
        row
        for row in rows.order_by("pk")
        if (row.read_at is None or row.read_at <= now - EVERY)
        and (row.tried_at is None or row.tried_at <= now - AFTER_FAILURE)
    ]


def pull_creator(
    account: CreatorAccount,
    *,
    trigger: SyncRun.Trigger,
    since: datetime | None = None,
    until: datetime | None = None,
    client: CreatorClient | None = None,
    on_page: OnPage = lambda _: None,
) -> CreatorRun:
    """Store what the creator sold in [since, until); by default, in the last 90 days.

    Raises AlreadyRunning, ReconnectNeeded and PlatformError; the run keeps the reason.
    """
    now = timezone.now()
    until = min(until or now, now)
    since = since or until - FIRST_PULL
    with _recorded(account, trigger, since, until) as run:
        asked = client or client_for_creator(account)
        side = Side(account=_with_profile(account, asked))
        for start, end in windows(since, until, WINDOW):
            for page in walk(_searching(asked, start, end)):
                _take(run, side, page)
                on_page(run)
        link_orders(side)
    return run


def _with_profile(account: CreatorAccount, client: CreatorClient) -> CreatorAccount:
    """With who they now are. Who sells nowhere yet has no profile, and it takes a
    permission of its own: the sales do not wait for it."""
    try:
        return note_profile(account, client.creator_profile())
    except (RequestRefused, ScopeMissing) as error:
        logger.info("profile not read account=%s error=%s", account.pk, error)
        return account


def _searching(
    client: CreatorClient, since: datetime, until: datetime
) -> Callable[[str], AffiliatePage]:
    return lambda token: client.search_creator_orders(since, until, page_token=token)


@transaction.atomic
def _take(run: CreatorRun, side: Side, page: AffiliatePage) -> None:
    """The rows and the counts of a page, all or nothing."""
    assert side.account is not None
    if not CreatorAccount.objects.connected().filter(pk=side.account.pk).exists():
        raise ReconnectNeeded(f"{side.account} was disconnected; the pull stopped.")
    result = ingest(side, page.skus, Source.API)
    _count(run, page, result)
    run.heartbeat_at = timezone.now()
    run.save()


def _count(run: CreatorRun, page: AffiliatePage, result: IngestResult) -> None:
    issues = [*page.malformed, *result.refused]
    run.pages += 1
    run.read += len(page.skus) + len(page.malformed)
    run.new += result.new
    run.updated += result.updated
    run.same += result.same
    run.failed += len(issues)
    room = _MOST_ISSUES - len(run.issues)
    run.issues += [[key[:64], why[:300]] for key, why in issues[:room]]


@contextmanager
def _recorded(
    account: CreatorAccount,
    trigger: SyncRun.Trigger,
    since: datetime,
    until: datetime,
) -> Iterator[CreatorRun]:
    """As runs.recorded_run, of a creator. A consent that turns out to be gone stops the
    account."""
    run = _start(account, trigger, since, until)
    try:
        yield run
    except (ConsentNeeded, ReconnectNeeded) as error:
        if account.authorization is not None:
            mark_reconnect_needed(account.authorization, str(error))
        _end(run, SyncRun.State.FAILED, error)
        raise
    except Exception as error:
        _end(run, SyncRun.State.FAILED, error)
        raise
    except BaseException:
        _end(run, SyncRun.State.INTERRUPTED, None)
        raise
    _end(run, SyncRun.State.PARTLY if run.failed else SyncRun.State.DONE, None)


def _start(
    account: CreatorAccount,
    trigger: SyncRun.Trigger,
    since: datetime,
    until: datetime,
) -> CreatorRun:
    _close_dead(account)
    try:
        with transaction.atomic():
            return CreatorRun.objects.create(
                account=account,
                trigger=trigger,
                since=since,
                until=until,
                process=process_name(),
            )
    except IntegrityError:
        raise AlreadyRunning(f"{account} is already being read.") from None


def _close_dead(account: CreatorAccount) -> None:
    for run in CreatorRun.objects.running().filter(account=account):
        is_silent = timezone.now() - run.heartbeat_at > SILENCE
        if is_silent or is_gone(run.process):
            _end(run, SyncRun.State.INTERRUPTED, None)


def _end(run: CreatorRun, state: SyncRun.State, error: Exception | None) -> None:
    run.state = state
    run.ended_at = run.heartbeat_at = timezone.now()
    if error is not None:
        run.first_error = (redacted(str(error)) or repr(error))[:500]
        run.needs_person = isinstance(error, ConsentNeeded | ReconnectNeeded)
    run.save()
    logger.info(
        "creator run ended account=%s state=%s read=%s new=%s updated=%s failed=%s",
        *(run.account_id, run.state, run.read, run.new, run.updated, run.failed),
    )
