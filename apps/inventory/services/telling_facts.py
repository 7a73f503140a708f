"""What figures of listing SKUs depend on, read in a constant number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count

from apps.core.storing import portions
from apps.inventory.models import (
    ShopStockSettings,
    ShopWarehouse,
    StockLevel,
    StockRule,
)
from apps.inventory.services.allocation import Scope, by_scope
from apps.products.models import BundleComponent, Listing, ListingSku


class Sku(NamedTuple):
    """A listing SKU as it is now, with what the pushes learnt of its warehouses."""

    pk: int
    shop_id: int
    client_id: int
    variant_id: int | None
    removed_at: datetime | None
    status: str
    found: Mapping[str, int] | None
    found_at: datetime | None
    accepted: Mapping[str, int] | None
    accepted_at: datetime | None

    @property
    def held(self) -> dict[str, int]:
        """{platform's warehouse ID: pieces last known there} of those that hold it."""
        known = dict(self.found or {})
        if self.found_at is None or (self.accepted_at or self.found_at) > self.found_at:
            known |= self.accepted or {}
        return known


@dataclass(frozen=True, slots=True)
class Level:
    available: int
    is_counted: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """`parts` is {bundle: {component: how many}}, `levels` {(variant, warehouse): it},
    `places` {shop: {platform's warehouse ID: it}}, `rules` {client: {scope: it}},
    `on_sale` {(shop, variant): how many of its SKUs on sale are that}."""

    parts: Mapping[int, Mapping[int, int]]
    levels: Mapping[tuple[int, int], Level]
    places: Mapping[int, Mapping[str, ShopWarehouse]]
    rules: Mapping[int, Mapping[Scope, StockRule]]
    told_shops: Collection[int]
    on_sale: Mapping[tuple[int, int], int]

    @classmethod
    def of(
        cls, rows: Sequence["Sku"], rules: Sequence[StockRule] | None = None
    ) -> "Facts":
        """Of these SKUs; `rules` in the place of those that are stored."""
        shops = {row.shop_id for row in rows}
        variants = {row.variant_id for row in rows if row.variant_id is not None}
        parts = _parts_of(variants)
        components = {key for part in parts.values() for key in part}
        settings = ShopStockSettings.objects.filter(shop__in=shops, is_pushed=True)
        if rules is None:
            rules = _rules_of({row.client_id for row in rows})
        return cls(
            parts=parts,
            levels=_levels_of(variants | components),
            places=_places_of(shops),
            rules=_by_client(rules),
            told_shops=set(settings.values_list("shop", flat=True)),
            on_sale=_on_sale(shops, variants),
        )


def read_skus(keys: Sequence[int]) -> list[Sku]:
    rows = ListingSku.objects.filter(pk__in=keys).order_by()
    # Where the pushes keep what they learnt lies a layer above: the row is asked for by
    # its name.
    columns = (
        "pk",
        "shop",
        "shop__client",
        "variant",
        "removed_at",
        "listing__status",
        "stock_push__found",
        "stock_push__found_at",
        "stock_push__accepted",
        "stock_push__accepted_at",
    )
    return [Sku(*values) for values in rows.values_list(*columns)]


def _parts_of(variants: Collection[int]) -> dict[int, dict[int, int]]:
    """{bundle: {component: how many}}"""
    parts: dict[int, dict[int, int]] = defaultdict(dict)
    rows = BundleComponent.objects.filter(
        bundle__in=sorted(variants), bundle__is_bundle=True
    )
    for bundle, part, count in rows.values_list("bundle", "component", "quantity"):
        parts[bundle][part] = count
    return dict(parts)


def _levels_of(variants: Collection[int]) -> dict[tuple[int, int], Level]:
    levels: dict[tuple[int, int], Level] = {}
    for keys in portions(sorted(variants)):
        rows = StockLevel.objects.filter(variant__in=keys).order_by()
        for variant, warehouse, on_hand, reserved, is_counted in rows.values_list(
            "variant", "warehouse", "on_hand", "reserved", "is_counted"
        ):
            levels[variant, warehouse] = Level(on_hand - reserved, is_counted)
    return levels


def _places_of(shops: Collection[int]) -> dict[int, dict[str, ShopWarehouse]]:
    """{shop: {platform's warehouse ID: it}}, the default first."""
    places: dict[int, dict[str, ShopWarehouse]] = defaultdict(dict)
    rows = ShopWarehouse.objects.filter(shop__in=shops).select_related("warehouse")
    for row in rows:
        places[row.shop_id][row.remote_id] = row
    return dict(places)


def _on_sale(
    shops: Collection[int], variants: Collection[int]
) -> dict[tuple[int, int], int]:
    skus = ListingSku.objects.present().filter(
        shop__in=shops, variant__in=variants, listing__status=Listing.Status.LIVE
    )
    counts = skus.order_by().values_list("shop", "variant").annotate(Count("pk"))
    return {(shop, variant): count for shop, variant, count in counts if variant}


def _rules_of(clients: Collection[int]) -> list[StockRule]:
    rules = StockRule.objects.filter(client__in=clients)
    named = ("shop", "variant", "warehouse", "last_pieces_shop", "client")
    return list(rules.select_related(*named))


def _by_client(rules: Iterable[StockRule]) -> dict[int, dict[Scope, StockRule]]:
    of_client: dict[int, list[StockRule]] = defaultdict(list)
    for rule in rules:
        of_client[rule.client_id].append(rule)
    return {key: by_scope(some) for key, some in of_client.items()}
