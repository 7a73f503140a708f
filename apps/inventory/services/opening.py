"""A shop's own figures as the first stock take, for SKUs that nobody counted yet.

What lies there is what the shop still sells, and what is promised and has not left: by
this shop as it says itself, by others as our orders say.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import F, Sum

from apps.core.storing import portions
from apps.inventory.models import (
    Booking,
    ShopWarehouse,
    StockDocument,
    StockLevel,
    Warehouse,
)
from apps.inventory.services.documents import (
    MOST_LINES,
    MOST_UNITS,
    By,
    Deed,
    Line,
    book_document,
)
from apps.platforms.models import Shop
from apps.products.models import ListingSku, Variant

Place = tuple[int, int]  # variant, our warehouse


@dataclass(frozen=True, slots=True)
class Figure:
    """What a shop shows of one SKU in one of its warehouses: pieces it still sells, and
    pieces sold that have not left. The SKU comes with its variant and its shop."""

    listing_sku: ListingSku
    remote_warehouse_id: str
    available: int
    committed: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """What would be counted of a variant, from what its SKUs in the shop show."""

    variant: Variant
    shop_warehouse: ShopWarehouse
    warehouse: Warehouse
    skus: tuple[ListingSku, ...]
    available: int
    committed: int
    on_hand: int


@dataclass(slots=True)
class Opening:
    """`rows` would be counted; `refused` are (SKU of the shop, why not, a sentence);
    `counted` is how many are counted already, warehouse by warehouse, and stay."""

    rows: list[Row] = field(default_factory=list)
    refused: list[tuple[ListingSku, str]] = field(default_factory=list)
    counted: int = 0


class _Refused(Exception):
    """A figure cannot be taken over; says why."""


def plan_opening(
    shop: Shop,
    figures: Sequence[Figure],
    *,
    elsewhere: Iterable[Figure] = (),
    unseen: Mapping[int, Shop] | None = None,
) -> Opening:
    """What would be counted; nothing is written.

    `elsewhere` is what other shops of the client show of the same, `unseen` {variant:
    another shop that sells it and was never looked at}: what is not the same number
    everywhere is refused. Without them, this shop's figures hold.
    """
    opening = Opening()
    plan = _Plan.of(shop, figures, elsewhere, unseen or {})
    for place, group in _by_place(plan, figures, opening).items():
        if place in plan.counted:
            opening.counted += 1
            continue
        try:
            opening.rows.append(plan.row(place, group))
        except _Refused as error:
            opening.refused += [(each.listing_sku, str(error)) for each in group]
    return opening


@transaction.atomic
def book_opening(
    shop: Shop, opening: Opening, by: By, *, at: datetime, key: str
) -> list[StockDocument]:
    """A stock take per warehouse, dated to the moment the figures are of; all or none.
    Repeating it with the same `key` makes none. Raises DocumentRefused."""
    by_warehouse: dict[int, list[Row]] = defaultdict(list)
    for row in opening.rows:
        by_warehouse[row.warehouse.pk].append(row)
    documents = []
    for warehouse, rows in sorted(by_warehouse.items()):
        for number, some in enumerate(portions(rows, MOST_LINES)):
            deed = Deed(
                StockDocument.Kind.COUNT,
                some[0].warehouse,
                [Line(row.variant, row.on_hand) for row in some],
                effective_at=at,
                # Everybody at the client sees it, and not everybody the shop.
                reference="As a shop shows",
                key=f"{key}:{warehouse}:{number}",
            )
            documents.append(book_document(shop.client, deed, by).document)
    return documents


def booked_openings(shop: Shop, key: str) -> list[StockDocument]:
    """What was booked by that key."""
    rows = StockDocument.objects.filter(client=shop.client_id)
    return list(rows.filter(key__startswith=f"{key}:").order_by("pk"))


@dataclass(frozen=True, slots=True)
class _Plan:
    """`others` is {place: what each other shop shows}, `promised` {place: units in
    orders that the shop's own figures do not speak of}."""

    places: Mapping[str, ShopWarehouse]
    counted: Collection[Place]
    promised: Mapping[Place, int]
    others: Mapping[Place, Sequence[Figure]]
    unseen: Mapping[int, Shop]

    @classmethod
    def of(
        cls,
        shop: Shop,
        figures: Sequence[Figure],
        elsewhere: Iterable[Figure],
        unseen: Mapping[int, Shop],
    ) -> "_Plan":
        variants = sorted({each.listing_sku.variant_id or 0 for each in figures} - {0})
        others: dict[Place, list[Figure]] = defaultdict(list)
        told = list(elsewhere)
        theirs = _shop_warehouses({each.listing_sku.shop_id for each in told})
        for each in told:
            place = theirs.get((each.listing_sku.shop_id, each.remote_warehouse_id))
            variant = each.listing_sku.variant_id
            if place is not None and place.warehouse_id and variant:
                others[variant, place.warehouse_id].append(each)
        own = _shop_warehouses({shop.pk})
        return cls(
            places={remote_id: row for (_, remote_id), row in own.items()},
            counted=_counted(variants),
            promised=_promised(shop, variants),
            others=others,
            unseen=unseen,
        )

    def place(self, figure: Figure) -> Place:
        """Raises _Refused."""
        variant = figure.listing_sku.variant
        if variant is None:
            raise _Refused("It is not matched to a SKU of yours.")
        if variant.is_bundle:
            raise _Refused("It is a bundle, whose parts are counted.")
        row = self.places.get(figure.remote_warehouse_id)
        if row is None:
            raise _Refused(
                f"Its warehouse ({figure.remote_warehouse_id}) is not known here yet. "
                "Compare the shop first."
            )
        if row.warehouse_id is None:
            raise _Refused(f"“{row}” is not matched to a warehouse of yours.")
        return variant.pk, row.warehouse_id

    def row(self, place: Place, group: Sequence[Figure]) -> Row:
        """Raises _Refused."""
        self._refuse_doubt(place, group)
        first = group[0]
        committed = sum(each.committed for each in group)
        on_hand = first.available + committed + self.promised.get(place, 0)
        if on_hand > MOST_UNITS:
            raise _Refused(f"{on_hand:,} are more than a stock take takes.")
        shop_warehouse = self.places[first.remote_warehouse_id]
        variant, warehouse = first.listing_sku.variant, shop_warehouse.warehouse
        assert variant is not None
        assert warehouse is not None
        return Row(
            variant,
            shop_warehouse,
            warehouse,
            skus=tuple(each.listing_sku for each in group),
            available=first.available,
            committed=committed,
            on_hand=on_hand,
        )

    def _refuse_doubt(self, place: Place, group: Sequence[Figure]) -> None:
        """Where not all who sell it say the same number."""
        available = group[0].available
        if any(each.available != available for each in group):
            raise _Refused(
                "Several SKUs of this shop are that SKU and show different numbers. "
                "Count it."
            )
        for other in self.others.get(place, ()):
            if other.available != available:
                raise _Refused(
                    f"{other.listing_sku.shop} shows {other.available:,} of it, this "
                    f"shop {available:,}. Count it, or let this shop's figures hold."
                )
        if (shop := self.unseen.get(place[0])) is not None:
            raise _Refused(
                f"{shop} sells it too and was never compared. Compare it first, or "
                "let this shop's figures hold."
            )


def _by_place(
    plan: _Plan, figures: Sequence[Figure], opening: Opening
) -> dict[Place, list[Figure]]:
    groups: dict[Place, list[Figure]] = defaultdict(list)
    for figure in figures:
        try:
            groups[plan.place(figure)].append(figure)
        except _Refused as error:
            opening.refused.append((figure.listing_sku, str(error)))
    return groups


def _shop_warehouses(
    shops: Collection[int],
) -> dict[tuple[int, str], ShopWarehouse]:
    rows = ShopWarehouse.objects.selling().filter(shop__in=shops)
    return {
        (row.shop_id, row.remote_id): row for row in rows.select_related("warehouse")
    }


def _counted(variants: Sequence[int]) -> set[Place]:
    counted: set[Place] = set()
    for keys in portions(variants):
        rows = StockLevel.objects.filter(variant__in=keys, is_counted=True).order_by()
        counted.update(rows.values_list("variant", "warehouse"))
    return counted


def _promised(shop: Shop, variants: Sequence[int]) -> dict[Place, int]:
    """To orders of other shops, and within bundles: those the shop counts by itself."""
    promised: dict[Place, int] = {}
    holding = (
        Booking.objects.holding()
        .filter(cause_kind=Booking.Kind.ORDER)
        .exclude(shop=shop, sold=F("level__variant"))
        .order_by()
    )
    for keys in portions(variants):
        sums = holding.filter(level__variant__in=keys).values_list(
            "level__variant", "level__warehouse"
        )
        for variant, warehouse, units in sums.annotate(Sum("reserved")):
            promised[variant, warehouse] = units
    return promised
