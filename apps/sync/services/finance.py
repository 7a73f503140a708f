"""Pull a shop's money: statements and their lines, SKUs, payments, what is to come.

Statements since last time are asked for, and again those that are recent or not paid
yet. A statement whose lines are not here as it now is, is due; so is an order whose SKU
rows were never asked for, which takes a call each and has a budget. Both are found by
their rows, so a pull that ends in the middle is continued by the next.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from apps.finance.models import Payment, SettlementTransaction, Statement
from apps.finance.services.coverage import note_covered
from apps.finance.services.linking import link_orders
from apps.finance.services.payouts import (
    close_unlisted,
    ingest_payments,
    ingest_unsettled,
    ingest_withdrawals,
    preview_unsettled,
)
from apps.finance.services.reconciling import reconcile_payments
from apps.finance.services.settlements import ingest_settlements, store_skus
from apps.finance.services.statements import (
    ingest_statements,
    note_transactions_read,
    preview_statements,
)
from apps.integrations.contracts import (
    PlatformClient,
    RemoteStatement,
    SettledAmounts,
    Source,
    StatementTotals,
)
from apps.integrations.errors import (
    ConsentNeeded,
    MalformedReply,
    NotFound,
    RequestRefused,
    ScopeMissing,
)
from apps.orders.services.results import IngestResult
from apps.platforms.errors import ReconnectNeeded
from apps.platforms.models import Shop
from apps.platforms.regions import SOUTH_EAST_ASIA, region_of
from apps.platforms.services.clients import client_for, note_consent_gone
from apps.platforms.services.scopes import FINANCE
from apps.sync.models import Resource, SyncRun
from apps.sync.services.ledger import WAITED_FOR, WALKS, Ledger, Walk
from apps.sync.services.runs import recorded_run
from apps.sync.services.windows import (
    FIRST_PULL,
    move_cursor,
    position_of,
    windows,
)

# Statements change for some days after their own.
LOOK_BACK = timedelta(days=7)
# One not paid for longer is looked at by hand.
LONGEST_WAIT = timedelta(days=60)
WINDOW = timedelta(days=30)
# Calls for SKU rows in one run.
ORDER_CALLS = 300
_OF_ONE = (NotFound, MalformedReply, RequestRefused)


def pull_finance(
    shop: Shop,
    *,
    trigger: SyncRun.Trigger,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = None,
    order_calls: int = ORDER_CALLS,
    dry_run: bool = False,
    client: PlatformClient | None = None,
    on_page: Callable[[SyncRun], None] | None = None,
) -> SyncRun:
    """Store what was settled in [since, until), by default all news since last time,
    and what is to come as it is now. Items are statements, their lines, payments,
    withdrawals and estimates; each page is a transaction.

    `limit` stops after so many items, `order_calls` after so many orders' SKUs.
    `dry_run` compares statements and estimates and writes nothing but the run.

    Raises AlreadyRunning, ReconnectNeeded and PlatformError, and ShopRefuses where
    somebody paused or disconnected the shop meanwhile; the run keeps the reason.
    """
    now = timezone.now()
    until = min(until or now, now)
    position = position_of(shop, Resource.FINANCE)
    is_contiguous = since is None or (position is not None and since <= position)
    start = since or _start(shop, position, until)
    with recorded_run(
        shop, Resource.FINANCE, trigger=trigger, since=start, until=until
    ) as run:
        ledger = Ledger(shop, run, limit, on_page or (lambda _: None))
        try:
            asked = client or client_for(shop, FINANCE, urgent=trigger in WAITED_FOR)
            pull = _Pull(asked, ledger, dry_run=dry_run)
            pull.statements(start, until, moves_cursor=is_contiguous and not dry_run)
            if not dry_run:
                pull.lines()
                pull.skus(order_calls)
                pull.payouts(start, until)
            pull.unsettled()
            if not dry_run:
                reconcile_payments(shop)
                link_orders()
        except ScopeMissing:
            raise  # the run says so; orders may well be permitted and go on
        except (ConsentNeeded, ReconnectNeeded) as error:
            note_consent_gone(shop, error, FINANCE)
            raise
    return run


def read_lines(
    shop: Shop, statement: Statement, client: PlatformClient
) -> list[tuple[str, str]]:
    """Ask for all lines of one statement; (ID, why) of those that cannot be taken."""
    issues: list[tuple[str, str]] = []
    for page in _pages(client, statement):
        result = ingest_settlements(shop, page.settlements, Source.API)
        issues += [*page.malformed, *result.refused]
        if not page.next_page_token:
            note_transactions_read(statement, page.totals)
    return issues


def read_skus(
    shop: Shop, order_id: str, client: PlatformClient
) -> list[tuple[str, str]]:
    """Ask for the SKU rows of one order; (its ID, why) where that brings none."""
    try:
        told = client.order_settlements(order_id)
    except _OF_ONE as error:
        store_skus(shop, order_id, ())
        return [(order_id, str(error))]
    store_skus(shop, order_id, told.rows)
    return [(order_id, why) for _, why in told.malformed]


def _start(shop: Shop, position: datetime | None, until: datetime) -> datetime:
    """Behind the cursor, and behind what is not paid yet; 90 days back at first."""
    if position is None:
        return until - FIRST_PULL
    unpaid = Statement.objects.unpaid().filter(
        shop=shop, source="api", statement_at__gte=until - LONGEST_WAIT
    )
    oldest: datetime | None = unpaid.aggregate(at=Min("statement_at"))["at"]
    start = position - LOOK_BACK
    return min(start, oldest) if oldest else start


def _remote(statement: Statement) -> RemoteStatement:
    """Enough of it to ask for its lines."""
    return RemoteStatement(
        statement.remote_id,
        statement.statement_at,
        statement.currency,
        SettledAmounts(statement.settlement_amount),
    )


def _pages(client: PlatformClient, statement: Statement) -> Iterator[Any]:
    remote, token, seen = _remote(statement), "", {""}
    while True:
        page = client.statement_settlements(remote, page_token=token)
        yield page
        token = page.next_page_token
        if not token:
            return
        if token in seen:
            raise MalformedReply("TikTok Shop sent us to a page we have been on.")
        seen.add(token)


@dataclass(slots=True)
class _Pull:
    client: PlatformClient
    ledger: Ledger
    dry_run: bool

    @property
    def shop(self) -> Shop:
        return self.ledger.shop

    def statements(
        self, since: datetime, until: datetime, *, moves_cursor: bool
    ) -> None:
        store = preview_statements if self.dry_run else ingest_statements
        for start, end in windows(since, until, WINDOW):
            for page in self._turn(self.client.search_statements, start, end):
                self._take(page.malformed, partial(store, self.shop, page.statements))
                if self.ledger.is_full:
                    return
            if moves_cursor:
                with transaction.atomic():
                    move_cursor(self.shop, Resource.FINANCE, end)
                    note_covered(self.shop, since)

    def lines(self) -> None:
        """Of each statement that is due, the newest first."""
        due = Statement.objects.to_read().filter(shop=self.shop)
        for statement in due.order_by("-statement_at", "-pk"):
            if self.ledger.is_full:
                return
            self._read(statement)

    def skus(self, calls: int) -> None:
        """Of so many orders, those settled last first."""
        due = SettlementTransaction.objects.skus_to_read().filter(shop=self.shop)
        rows = due.order_by("-settled_at", "-pk").values_list("subject_id", flat=True)
        if self.ledger.is_full:
            return
        for order_id in list(dict.fromkeys(rows[: 2 * calls]))[:calls]:
            self.ledger.stop_if_told()
            if issues := read_skus(self.shop, order_id, self.client):
                self.ledger.save(issues)
            self.ledger.show_life()

    def payouts(self, since: datetime, until: datetime) -> None:
        """Payments (which South-East Asia does not tell) and withdrawals."""
        waiting = Payment.objects.filter(
            shop=self.shop,
            status=Payment.Status.PROCESSING,
            remote_created_at__gte=until - LONGEST_WAIT,
        )
        oldest: datetime | None = waiting.aggregate(at=Min("remote_created_at"))["at"]
        start = min(since, oldest) if oldest else since
        if region_of(self.shop.region).group != SOUTH_EAST_ASIA:
            self._windows(
                self.client.search_payments,
                lambda page: ingest_payments(self.shop, page.payments),
                "payments",
                start,
                until,
            )
        self._windows(
            self.client.search_withdrawals,
            lambda page: ingest_withdrawals(self.shop, page.withdrawals),
            "withdrawals",
            start,
            until,
        )

    def unsettled(self) -> None:
        """The whole list: what is not on it any more is closed."""
        if self.ledger.is_full:
            return
        seen_at = timezone.now()
        store = preview_unsettled if self.dry_run else ingest_unsettled
        is_whole = True
        try:
            for page in self._turn(self.client.search_unsettled, None, None):
                news = page.unsettled
                self._take(
                    page.malformed,
                    partial(store, self.shop, news, Source.API, seen_at),
                )
                is_whole &= not page.malformed
                if self.ledger.is_full:
                    return
        except RequestRefused as error:
            self.ledger.save([("", f"What is to come could not be read: {error}")])
            return
        if is_whole and not self.dry_run:
            close_unlisted(self.shop, seen_at)

    def _windows(
        self,
        search: Callable[..., Any],
        store: Callable[[Any], IngestResult],
        what: str,
        since: datetime,
        until: datetime,
    ) -> None:
        """What a shop's region refuses is noted, and the rest goes on."""
        try:
            for start, end in windows(since, until, WINDOW):
                for page in self._turn(search, start, end):
                    if self.ledger.is_full:
                        return
                    self._take(page.malformed, partial(store, page))
        except RequestRefused as error:
            self.ledger.save([("", f"The {what} could not be read: {error}")])

    def _read(self, statement: Statement) -> None:
        """All lines of a statement, again where its pages shifted."""
        for _ in range(WALKS):
            walk, totals = Walk(), StatementTotals()
            for page in _pages(self.client, statement):
                ids = (row.remote_id or row.subject_id for row in page.settlements)
                walk.note(ids, page.malformed, page.total_count)
                totals = page.totals
                news = page.settlements
                self._take(
                    page.malformed,
                    partial(ingest_settlements, self.shop, news, Source.API),
                    about=statement.remote_id,
                )
            if walk.is_steady and not walk.missing:
                break
        if walk.missing:
            why = (
                f"TikTok counts {walk.total} lines, shows {walk.total - walk.missing}."
            )
            self.ledger.save([(statement.remote_id, why)])
        note_transactions_read(statement, totals)

    def _turn(
        self,
        search: Callable[..., Any],
        since: datetime | None,
        until: datetime | None,
    ) -> Iterator[Any]:
        token, seen = "", {""}
        while True:
            page = search(since, until, page_token=token)
            yield page
            token = page.next_page_token
            if not token:
                return
            if token in seen:
                raise MalformedReply("TikTok Shop sent us to a page we have been on.")
            seen.add(token)

    def _take(
        self,
        malformed: Sequence[tuple[str, str]],
        store: Callable[[], IngestResult],
        *,
        about: str = "",
    ) -> None:
        """The rows and the counts of a page, all or nothing. What cannot be taken is
        noted as `about` what can be asked for again by itself."""
        run = self.ledger.run
        with transaction.atomic():
            self.ledger.stop_if_told()
            result = store()
            run.pages += 1
            run.read += result.new + result.updated + result.same
            run.read += len(result.refused) + len(malformed)
            run.new += result.new
            run.updated += result.updated
            run.same += result.same
            failed = [*malformed, *result.refused]
            self.ledger.save([(about, f"{key}: {why}") for key, why in failed])
        self.ledger.on_page(run)
