"""Ask once more for the items of a run that could not be taken, and for nothing else.

What can be taken now leaves the run's list of failures; what cannot stays there with
what the platform says today.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import transaction
from django.db.models import QuerySet

from apps.core.storing import portions
from apps.finance.models import Statement
from apps.integrations.contracts import PlatformClient, Source
from apps.integrations.errors import MalformedReply, NotFound, RequestRefused
from apps.orders.services.cancellations import ingest_cancellations
from apps.orders.services.ingest import ingest_orders
from apps.orders.services.packages import ingest_packages
from apps.orders.services.returns import ingest_returns
from apps.platforms.models import Shop
from apps.platforms.services.clients import client_for
from apps.platforms.services.scopes import (
    FINANCE,
    FULFILMENT,
    ORDERS,
    PRODUCTS,
    RETURNS,
)
from apps.products.models import ListingSku
from apps.products.services.ingest import ingest_listings
from apps.sync.errors import NothingToRetry
from apps.sync.models import Resource, SyncIssue, SyncRun
from apps.sync.services.finance import read_lines, read_skus
from apps.sync.services.stock_compare import compare_stock
from apps.users.services import audit
from apps.users.services.audit import By

# So many in one go; what is more is asked for by the next.
MOST = 500
AT_ONCE = 50
# About one item; anything else would befall the next as well.
_OF_ONE = (NotFound, MalformedReply, RequestRefused)

Failures = dict[str, str]
T = TypeVar("T")


@dataclass(slots=True)
class Retried:
    """How many were asked for, and {ID: why} of those that failed once more.
    `rest_after` is the issue behind which there are more, if there are."""

    tried: int = 0
    failing: Failures = field(default_factory=dict)
    rest_after: int | None = None

    @property
    def taken(self) -> int:
        return self.tried - len(self.failing)


def failed_ids(run: SyncRun) -> list[str]:
    """IDs of the items that failed, each once, as they came; issues about a whole
    period have none."""
    rows = _issues(run).values_list("remote_id", flat=True)
    return list(dict.fromkeys(rows))


def count_failed(run: SyncRun) -> int:
    """The number of failed_ids."""
    return _issues(run).order_by().values("remote_id").distinct().count()


def can_retry(run: SyncRun) -> bool:
    """Whether some of what failed can be asked for by itself."""
    return Resource(run.resource) in _READERS and _issues(run).exists()


def check_retry(run: SyncRun) -> None:
    """Raises NothingToRetry unless some of what failed can be asked for by itself."""
    if not can_retry(run):
        raise NothingToRetry(
            "No failed item can be asked for by itself. Retry the run instead."
        )


def retry_failed(
    run: SyncRun, by: By, *, after: int = 0, client: PlatformClient | None = None
) -> Retried:
    """The next MOST items behind an issue; before the rest, the caller may breathe.
    Repeating it is safe. `client` serves all calls if given.

    Raises NothingToRetry, ReconnectNeeded and PlatformError; what came before is kept
    and no longer among the failures.
    """
    check_retry(run)
    rows = list(_issues(run, after).values_list("pk", "remote_id")[: MOST + 1])
    ids = list(dict.fromkeys(remote_id for _, remote_id in rows[:MOST]))
    scope, read = _READERS[Resource(run.resource)]
    asked = client or client_for(run.shop, scope, urgent=not after)
    done = Retried(rest_after=rows[MOST - 1][0] if len(rows) > MOST else None)
    try:
        for some in portions(ids, AT_ONCE):
            failing = read(run.shop, some, asked)
            _note(run, some, failing)
            done.tried += len(some)
            done.failing |= failing
    finally:
        audit.record(
            "tried failed items again",
            run.shop,
            actor=by.user,
            process=by.process,
            client=run.shop.client,
            address=by.address,
            resource=run.resource,
            run=run.pk,
            tried=done.tried,
            taken=done.taken,
        )
    return done


def _issues(run: SyncRun, after: int = 0) -> "QuerySet[SyncIssue]":
    """Those about one item, behind that issue, as they came."""
    return run.issues.exclude(remote_id="").filter(pk__gt=after).order_by("pk")


@transaction.atomic
def _note(run: SyncRun, ids: Sequence[str], failing: Failures) -> None:
    """What of the run's failures is left."""
    row = SyncRun.objects.select_for_update(of=["self"]).get(pk=run.pk)
    taken = [key for key in ids if key not in failing]
    gone, _ = row.issues.filter(remote_id__in=taken).delete()
    for remote_id, why in failing.items():
        row.issues.filter(remote_id=remote_id).update(message=why[:500])
    row.failed = max(0, row.failed - gone)
    first = row.issues.first()
    if row.state == SyncRun.State.PARTLY:
        row.first_error = _in_words(first)
        if not row.failed:
            row.state = SyncRun.State.DONE
    row.save(update_fields=["failed", "first_error", "state"])


def _in_words(issue: SyncIssue | None) -> str:
    if issue is None:
        return ""
    return ": ".join(filter(None, (issue.remote_id, issue.message)))[:500]


def _read_orders(shop: Shop, ids: Sequence[str], client: PlatformClient) -> Failures:
    page = client.order_details(list(ids))
    failing = dict(page.malformed)
    failing |= dict(ingest_orders(shop, page.orders, Source.API).refused)
    there = {order.remote_id for order in page.orders}
    return _absent(ids, there, "order") | _named(failing, ids)


def _read_cancellations(
    shop: Shop, ids: Sequence[str], client: PlatformClient
) -> Failures:
    page = client.get_cancellations(ids)
    failing = dict(page.malformed)
    failing |= dict(ingest_cancellations(shop, page.cancellations, Source.API).refused)
    there = {each.remote_id for each in page.cancellations}
    return _absent(ids, there, "cancellation") | _named(failing, ids)


def _read_returns(shop: Shop, ids: Sequence[str], client: PlatformClient) -> Failures:
    page = client.get_returns(ids)
    failing = dict(page.malformed)
    failing |= dict(ingest_returns(shop, page.returns, Source.API).refused)
    there = {each.remote_id for each in page.returns}
    return _absent(ids, there, "return") | _named(failing, ids)


def _read_packages(shop: Shop, ids: Sequence[str], client: PlatformClient) -> Failures:
    found, failing = _each(ids, client.get_package)
    return failing | dict(ingest_packages(shop, found, Source.API).refused)


def _read_listings(shop: Shop, ids: Sequence[str], client: PlatformClient) -> Failures:
    found, failing = _each(ids, client.get_listing)
    return failing | dict(ingest_listings(shop, found, Source.API).refused)


def _read_stock(shop: Shop, ids: Sequence[str], client: PlatformClient) -> Failures:
    """A comparison of these SKUs alone, with a run of its own."""
    keys = dict(
        ListingSku.objects.filter(shop=shop, remote_id__in=ids).values_list(
            "remote_id", "pk"
        )
    )
    run = compare_stock(
        shop, trigger=SyncRun.Trigger.USER, only=list(keys.values()), client=client
    )
    failing = dict(run.issues.values_list("remote_id", "message"))
    return _named(failing, ids) | {
        key: "The SKU is not here any more." for key in ids if key not in keys
    }


def _read_finance(shop: Shop, ids: Sequence[str], client: PlatformClient) -> Failures:
    """Lines of the statements among them; of all else, which are orders or lines of
    one, the SKU rows."""
    statements = Statement.objects.filter(shop=shop, remote_id__in=ids)
    by_id = {row.remote_id: row for row in statements}
    failing: Failures = {}
    for remote_id in ids:
        if statement := by_id.get(remote_id):
            issues = read_lines(shop, statement, client)
        else:
            issues = read_skus(shop, remote_id, client)
        if issues:
            failing[remote_id] = issues[0][1]
    return failing


def _each(ids: Sequence[str], get: Callable[[str], T]) -> tuple[list[T], Failures]:
    """One call each: what came, and {ID: why} of what did not."""
    found: list[T] = []
    failing: Failures = {}
    for remote_id in ids:
        try:
            found.append(get(remote_id))
        except _OF_ONE as error:
            failing[remote_id] = str(error)
    return found, failing


def _absent(ids: Sequence[str], there: set[str], noun: str) -> Failures:
    return {
        key: f"TikTok has no such {noun} in this shop."
        for key in ids
        if key not in there
    }


def _named(failing: Failures, ids: Sequence[str]) -> Failures:
    return {key: why for key, why in failing.items() if key in set(ids)}


_READERS: dict[
    Resource,
    tuple[str, Callable[[Shop, Sequence[str], PlatformClient], Failures]],
] = {
    Resource.ORDERS: (ORDERS, _read_orders),
    Resource.PRODUCTS: (PRODUCTS, _read_listings),
    Resource.STOCK: (PRODUCTS, _read_stock),
    Resource.PACKAGES: (FULFILMENT, _read_packages),
    Resource.CANCELLATIONS: (RETURNS, _read_cancellations),
    Resource.RETURNS: (RETURNS, _read_returns),
    Resource.FINANCE: (FINANCE, _read_finance),
}
