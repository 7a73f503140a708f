"""What the picture of the flow is made from: levels, and what shops were told."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from apps.inventory.models import ShopWarehouse, StockLevel, Warehouse
from apps.inventory.services.flow import Flow, Offer, Shelf, flow_of
from apps.platforms.models import Shop
from apps.products.models import BundleComponent
from apps.sync.admin.stock_words import shown
from apps.sync.models import StockDrift, StockPush
from apps.users.models import AnyUser
from apps.users.roles import VIEW_STOCK

_CHUNK = 2_000
# {(shop, its platform's warehouse): ours}
Places = Mapping[tuple[int, str], int]


@dataclass(slots=True)
class ShopFigures:
    """Sums over a shop's SKUs. `unlike` are those where the shop shows another number
    than it is to be told."""

    shop: Shop
    skus: int = 0
    told: int = 0
    shows: int = 0
    unlike: int = 0
    drifts: int = 0

    @property
    def difference(self) -> int:
        return self.shows - self.told


@dataclass(slots=True)
class Figures:
    flow: Flow
    shops: dict[int, ShopFigures]
    test_shops: list[str] = field(default_factory=list)


def figures_of(
    levels: QuerySet[StockLevel], user: AnyUser, warehouse: Warehouse | None = None
) -> Figures:
    """Of these levels, all in the warehouse if one is given, and of the shops one sees;
    in a constant number of queries."""
    shops = Shop.objects.visible_to(user, VIEW_STOCK)
    clients = levels.order_by().values("warehouse__client")
    of_clients = shops.filter(client__in=clients)
    figures = {shop.pk: ShopFigures(shop) for shop in of_clients.production()}
    tests = of_clients.exclude(environment=Shop.Environment.PRODUCTION)
    variants = levels.order_by().values("variant")
    bundles = BundleComponent.objects.filter(component__in=variants)
    pushes = StockPush.objects.filter(shop__in=figures).filter(
        Q(listing_sku__variant__in=variants)
        | Q(listing_sku__variant__in=bundles.values("bundle"))
    )
    places = _places(figures)
    _add_up(figures, pushes, places, warehouse)
    _add_drifts(figures, pushes, warehouse)
    shelves = levels.order_by().values_list(
        "variant",
        "warehouse",
        "on_hand",
        "reserved",
        "expected_back",
        "quarantined",
    )
    flow = flow_of(
        (Shelf(*row) for row in shelves.iterator(chunk_size=_CHUNK)),
        _offers(pushes, places, _parts(bundles)),
    )
    return Figures(flow, figures, [str(shop) for shop in tests])


def _places(shops: Iterable[int]) -> Places:
    mapped: Any = ShopWarehouse.objects.filter(shop__in=shops, warehouse__isnull=False)
    rows = mapped.values_list("shop", "remote_id", "warehouse")
    return {(shop, remote_id): warehouse for shop, remote_id, warehouse in rows}


def _add_up(
    figures: Mapping[int, ShopFigures],
    pushes: QuerySet[StockPush],
    places: Places,
    warehouse: Warehouse | None,
) -> None:
    """What is to be told, and what is shown, of all places or of the warehouse's."""
    told: Any = pushes.order_by().filter(wanted_total__isnull=False)
    rows = told.values_list(
        "shop", "wanted", "accepted", "accepted_at", "found", "found_at"
    )
    for shop, wanted, *known in rows.iterator(chunk_size=_CHUNK):
        keys = {
            key
            for key, _ in _numbers(wanted)
            if warehouse is None or places.get((shop, key)) == warehouse.pk
        }
        if not keys:
            continue
        # Where nobody has looked yet, no difference is known.
        seen = shown(*known)
        to_show, shows = (
            sum(count for key, count in _numbers(told) if key in keys)
            for told in (wanted, wanted if seen is None else seen)
        )
        row = figures[shop]
        row.skus += 1
        row.told += to_show
        row.shows += shows
        row.unlike += shows != to_show


def _add_drifts(
    figures: Mapping[int, ShopFigures],
    pushes: QuerySet[StockPush],
    warehouse: Warehouse | None,
) -> None:
    drifts = StockDrift.objects.open().filter(
        shop__in=figures, listing_sku__in=pushes.values("listing_sku")
    )
    if warehouse:
        drifts = drifts.filter(shop_warehouse__warehouse=warehouse)
    skus = drifts.order_by().values_list("shop", "listing_sku").distinct()
    for shop, _ in skus:
        figures[shop].drifts += 1


def _parts(bundles: QuerySet[BundleComponent]) -> dict[int, list[tuple[int, int]]]:
    """{bundle: [(component, how many of it are in one)]}"""
    parts: dict[int, list[tuple[int, int]]] = defaultdict(list)
    rows = bundles.order_by().values_list("bundle", "component", "quantity")
    for bundle, component, count in rows:
        parts[bundle].append((component, count))
    return parts


def _offers(
    pushes: QuerySet[StockPush],
    places: Places,
    parts: Mapping[int, list[tuple[int, int]]],
) -> Iterator[Offer]:
    """A bundle offers its parts."""
    rows = pushes.order_by().filter(wanted_total__isnull=False)
    told = rows.values_list("shop", "listing_sku__variant", "wanted")
    for shop, variant, wanted in told.iterator(chunk_size=_CHUNK):
        for remote_id, pieces in _numbers(wanted):
            warehouse = places.get((shop, remote_id))
            if warehouse is None:
                continue
            for part, count in parts.get(variant) or [(variant, 1)]:
                yield Offer(shop, part, warehouse, pieces * count)


def _numbers(wanted: Any) -> Iterator[tuple[str, int]]:
    if isinstance(wanted, dict):
        yield from ((key, n) for key, n in wanted.items() if isinstance(n, int))
