"""Read single orders again, with all that belongs to them: after an action, after a
notice of the platform, or because somebody asks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from apps.integrations.contracts import PlatformClient, RemotePackage, Source
from apps.integrations.errors import NotFound, ScopeMissing
from apps.orders.models import Package
from apps.orders.services.cancellations import ingest_cancellations
from apps.orders.services.ingest import ingest_orders
from apps.orders.services.packages import ingest_packages
from apps.orders.services.results import IngestResult
from apps.orders.services.returns import ingest_returns
from apps.platforms.errors import ReconnectNeeded
from apps.platforms.models import Shop
from apps.platforms.services.clients import client_for
from apps.platforms.services.scopes import FULFILMENT, ORDERS, RETURNS
from apps.sync.models import Resource, SyncRun
from apps.sync.services.latency import note_latency
from apps.sync.services.ledger import WAITED_FOR

# Each package is a call of its own; those of more orders come with the next sweep, and
# what orders tell of their packages has come with the orders.
MOST_PACKAGES = 20
_OVER = (Package.Status.COMPLETED, Package.Status.CANCELLED)


@dataclass(slots=True)
class Pulled:
    """What reading orders again brought: counts of orders, and of all else. `missing`
    are IDs the shop has no order of; `not_permitted` what no app of it may read."""

    orders: IngestResult = field(default_factory=IngestResult)
    others: IngestResult = field(default_factory=IngestResult)
    missing: list[str] = field(default_factory=list)
    not_permitted: list[Resource] = field(default_factory=list)


def pull_some(
    shop: Shop,
    order_ids: Sequence[str],
    *,
    source: Source = Source.API,
    trigger: SyncRun.Trigger = SyncRun.Trigger.ACTION,
    client: PlatformClient | None = None,
) -> Pulled:
    """Store these orders, and their packages, cancellations and returns, as the
    platform has them now. Repeating it changes nothing.

    No run is noted, so that the sweeps keep their time. `client` serves all calls if
    given. Raises ReconnectNeeded and PlatformError; what was read before is kept.
    """
    pulled = Pulled()
    ids = list(dict.fromkeys(order_ids))
    if not ids:
        return pulled

    def ask(scope: str) -> PlatformClient:
        return client or client_for(shop, scope, urgent=trigger in WAITED_FOR)

    orders = ask(ORDERS).get_orders(ids)
    pulled.orders += ingest_orders(shop, orders, source)
    note_latency(shop, pulled.orders.versions, source)
    known = {order.remote_id for order in orders}
    pulled.missing += [each for each in ids if each not in known]

    def read_packages() -> IngestResult:
        packages = list(_packages_of(shop, ids, ask(FULFILMENT)))
        return ingest_packages(shop, packages, source)

    def read_cancellations() -> IngestResult:
        page = ask(RETURNS).cancellations_of(ids)
        pulled.others.refused += page.malformed
        return ingest_cancellations(shop, page.cancellations, source)

    def read_returns() -> IngestResult:
        page = ask(RETURNS).returns_of(ids)
        pulled.others.refused += page.malformed
        return ingest_returns(shop, page.returns, source)

    for resource, read in (
        (Resource.PACKAGES, read_packages),
        (Resource.CANCELLATIONS, read_cancellations),
        (Resource.RETURNS, read_returns),
    ):
        try:
            pulled.others += read()
        except (ScopeMissing, ReconnectNeeded):
            # It keeps nothing else; the sweep of that resource says so.
            pulled.not_permitted.append(resource)
    return pulled


def _packages_of(
    shop: Shop, order_ids: Sequence[str], client: PlatformClient
) -> Iterator[RemotePackage]:
    """Those the orders travel in that may still change, or were never read."""
    rows = Package.objects.filter(
        shop=shop, orders__remote_id__in=order_ids, orders__shop=shop
    )
    open_ = rows.exclude(remote_id="").exclude(
        status__in=_OVER, remote_updated_at__isnull=False
    )
    ids = open_.order_by("remote_id").values_list("remote_id", flat=True).distinct()
    for remote_id in ids[:MOST_PACKAGES]:
        try:
            yield client.get_package(remote_id)
        except NotFound:
            continue  # taken apart, or put together with another, a moment ago
