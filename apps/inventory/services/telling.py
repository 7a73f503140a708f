"""What shops are to be told of their SKUs, and why not where nothing is told.

Figures are reckoned anew from the ledger and the rules each time; who sends them keeps
what was sent. A bundle is told by its own rules: of each warehouse as many as its parts
there allow.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from apps.core.storing import portions
from apps.inventory.models import ShopWarehouse, StockRule, Warehouse
from apps.inventory.services.allocation import Allotment, Step, allot, ruling
from apps.inventory.services.telling_facts import Facts, Level, Sku, read_skus
from apps.products.models import Listing, ListingSku

__all__ = ["Share", "Step", "Told", "WhyNot", "figures_for", "figures_of"]


class WhyNot(StrEnum):
    """Why a shop is told nothing of a SKU."""

    NOT_LISTED = "not_listed"
    NOT_MATCHED = "not_matched"
    SWITCHED_OFF = "switched_off"
    NO_WAREHOUSE = "no_warehouse"
    NOT_MAPPED = "not_mapped"
    NOT_COUNTED = "not_counted"
    NOT_LIVE = "not_live"


@dataclass(frozen=True, slots=True)
class Share:
    """What is told of one warehouse, and how it comes about."""

    shop_warehouse: ShopWarehouse
    warehouse: Warehouse
    available: int
    steps: list[Step]
    pieces: int


@dataclass(frozen=True, slots=True)
class Told:
    """What a shop is told of one SKU. `total` is None where it is told nothing;
    `why_not` says why, in sentences, and `reason` in a word.

    `by_warehouse` is {platform's warehouse ID: Share}, also of a SKU that only waits to
    be on sale, or for its shop to be told.
    """

    total: int | None
    by_warehouse: Mapping[str, Share] = field(default_factory=dict)
    why_not: str = ""
    reason: WhyNot | None = None

    @property
    def quantities(self) -> dict[str, int]:
        """{platform's warehouse ID: pieces}, as a push sends them."""
        return {key: share.pieces for key, share in self.by_warehouse.items()}


def figures_for(
    skus: Sequence[ListingSku],
    *,
    rules: Iterable[StockRule] | None = None,
    is_switched_on: bool = False,
) -> dict[int, Told]:
    """{listing SKU: what its shop is to be told of it now}, in a constant number of
    queries.

    `rules` in the place of those stored, for a preview; `is_switched_on`: as if every
    shop were told.
    """
    keys = [sku.pk for sku in skus]
    return figures_of(keys, rules=rules, is_switched_on=is_switched_on)


def figures_of(
    listing_sku_ids: Sequence[int],
    *,
    rules: Iterable[StockRule] | None = None,
    is_switched_on: bool = False,
) -> dict[int, Told]:
    """The same by the listing SKUs' keys."""
    told: dict[int, Told] = {}
    ruling_rules = None if rules is None else list(rules)
    for keys in portions(listing_sku_ids):
        rows = read_skus(keys)
        teller = _Teller(Facts.of(rows, ruling_rules), is_switched_on)
        told |= {row.pk: teller.told(row) for row in rows}
    return told


class _Cannot(Exception):
    """No figure can be given; says why."""

    def __init__(self, reason: WhyNot, words: str) -> None:
        super().__init__(words)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class _Teller:
    facts: Facts
    is_switched_on: bool

    def told(self, row: Sku) -> Told:
        if row.removed_at is not None or row.status == Listing.Status.DELETED:
            return _nothing(WhyNot.NOT_LISTED, "TikTok no longer has it.")
        if row.variant_id is None:
            return _nothing(
                WhyNot.NOT_MATCHED, "It is not matched to a SKU of yours; match it."
            )
        is_told = self.is_switched_on or row.shop_id in self.facts.told_shops
        shares: Mapping[str, Share] = {}
        try:
            shares = self._shares(row, row.variant_id)
        except _Cannot as error:
            if is_told:
                return _nothing(error.reason, str(error))
        if not is_told:
            return _nothing(WhyNot.SWITCHED_OFF, _OFF, shares)
        if row.status != Listing.Status.LIVE:
            return _nothing(WhyNot.NOT_LIVE, _not_live(row.status), shares)
        return Told(sum(share.pieces for share in shares.values()), shares)

    def _shares(self, row: Sku, variant_id: int) -> dict[str, Share]:
        places = self._places(row)
        available = self._available(row, variant_id, places)
        rules = self.facts.rules.get(row.client_id, {})
        keys = [place.warehouse_id or 0 for place in places]
        ruled = [ruling(rules, variant_id, row.shop_id, key) for key in keys]
        allotments = allot(available, ruled, row.shop_id)
        twins = self.facts.on_sale.get((row.shop_id, variant_id), 0)
        if twins > 1:
            for allotment in allotments:
                allotment.step(_TWINS.format(twins), allotment.pieces)
        return {
            place.remote_id: _share(place, allotment)
            for place, allotment in zip(places, allotments, strict=True)
        }

    def _places(self, row: Sku) -> list[ShopWarehouse]:
        """Where the SKU is sold from: where it is known to be held, else everywhere."""
        known = self.facts.places.get(row.shop_id, {})
        held = row.held
        if unknown := [key for key in held if key not in known]:
            raise _Cannot(
                WhyNot.NOT_MAPPED,
                f"It is in a warehouse not known here yet ({unknown[0]}). {_LOOK}",
            )
        places = [
            place
            for key, place in known.items()
            if _sells(place) and (not held or key in held)
        ]
        if not places:
            raise _Cannot(
                WhyNot.NO_WAREHOUSE,
                f"No warehouse that this shop sells it from is known. {_LOOK}",
            )
        for place in places:
            if place.warehouse_id is None:
                raise _Cannot(
                    WhyNot.NOT_MAPPED,
                    f"“{place}” is not matched to a warehouse of yours.",
                )
        return places

    def _available(
        self, row: Sku, variant_id: int, places: Sequence[ShopWarehouse]
    ) -> list[int]:
        """In each place: of a bundle, as many as its parts there allow."""
        parts = self.facts.parts.get(variant_id) or {variant_id: 1}
        for part in parts:
            self._refuse_uncounted(part, row.held, places)
        return [
            min(
                self._level(part, place).available // count
                for part, count in parts.items()
            )
            for place in places
        ]

    def _refuse_uncounted(
        self, variant_id: int, held: Mapping[str, int], places: Sequence[ShopWarehouse]
    ) -> None:
        """Nothing ever moved in a place where there is no level: it is empty, unless
        the shop shows pieces there."""
        levels = [
            self.facts.levels.get((variant_id, each.warehouse_id or 0))
            for each in places
        ]
        if not any(level and level.is_counted for level in levels):
            raise _Cannot(WhyNot.NOT_COUNTED, "Nobody has counted it yet.")
        for place, level in zip(places, levels, strict=True):
            if level is None and not held.get(place.remote_id):
                continue
            if level is None or not level.is_counted:
                raise _Cannot(
                    WhyNot.NOT_COUNTED,
                    f"Nobody has counted it in {place.warehouse} yet.",
                )

    def _level(self, variant_id: int, place: ShopWarehouse) -> Level:
        return self.facts.levels.get((variant_id, place.warehouse_id or 0), _EMPTY)


_EMPTY = Level(0, is_counted=True)
_OFF = "This shop is not told your stock; switch it on in the shop's stock settings."
# One pool, also within a shop: who splits it sells less of it.
_TWINS = "{:,} SKUs of this shop are this one, and each is told all of it"
_LOOK = "Look for the shop's warehouses."


def _nothing(
    reason: WhyNot, words: str, shares: Mapping[str, Share] | None = None
) -> Told:
    return Told(None, shares or {}, words, reason)


def _sells(place: ShopWarehouse) -> bool:
    return place.kind == ShopWarehouse.Kind.SALES and place.is_active


def _not_live(status: str) -> str:
    if not status:
        return "TikTok has not said yet whether it is on sale."
    label = str(Listing.Status(status).label)
    label = label[:1].lower() + label[1:]
    return f"It is not on sale ({label}). The shop is told once it is."


def _share(place: ShopWarehouse, allotment: Allotment) -> Share:
    assert place.warehouse is not None
    return Share(
        place,
        place.warehouse,
        allotment.available,
        allotment.steps,
        allotment.pieces,
    )
