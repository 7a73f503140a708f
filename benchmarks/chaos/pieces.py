"""Whether stock is exact: reckoned from what the platform says became of each piece,
not from anything of ours but which SKU is which."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Sum

from apps.inventory.models import StockLevel
from apps.orders.models import Order
from apps.orders.services.mapping import By, choose
from apps.platforms.models import Shop
from apps.products.models import BundleComponent, ListingSku
from apps.products.services.catalogue import create_product
from apps.products.services.checks import VariantInput
from benchmarks.chaos.desk import Desk

Units = Counter[int]  # by variant
Found = list[str]


@dataclass(slots=True)
class Pieces:
    """What the platform says: units that wait to be collected, and that are gone."""

    waiting: Units = field(default_factory=Counter)
    gone: Units = field(default_factory=Counter)

    @classmethod
    def of(cls, desk: Desk) -> "Pieces":
        pieces = cls()
        parts = _parts()
        for shop in Shop.objects.all():
            sold = dict(
                ListingSku.objects.filter(shop=shop, variant__isnull=False).values_list(
                    "remote_id", "variant"
                )
            )
            for order in orders_of(desk, shop):
                if order["is_fulfilled_by_platform"]:
                    continue
                for sku, (_, waiting, gone) in order["pieces"].items():
                    if sku not in sold:
                        continue
                    for part, count in parts.get(sold[sku], {sold[sku]: 1}).items():
                        pieces.waiting[part] += waiting * count
                        pieces.gone[part] += gone * count
        return pieces


def orders_of(desk: Desk, shop: Shop) -> list[dict[str, Any]]:
    path = f"orders?shop_id={shop.remote_id}&limit=999999&pieces=1"
    return list(desk.control(path))


def on_hand() -> Units:
    return _level_sums("on_hand")


def differing(
    now: Pieces, began: Pieces, lay: Units, held: Units, received: Units
) -> Found:
    """Per variant: reserved = waiting + held; on hand = what lay there at the beginning
    - what has gone since + what was received."""
    if due := Order.objects.filter(is_stock_due=True).count():
        return [f"{due} orders are not booked yet"]
    should_lie = _sum(lay, began.gone, received, _negative(now.gone))
    wanted = {"reserved": _sum(now.waiting, held), "on_hand": should_lie}
    found = []
    for name, units in wanted.items():
        ours = _level_sums(name)
        for variant in sorted({*units, *ours}):
            if units[variant] != ours[variant]:
                found.append(
                    f"variant {variant}: {name} {ours[variant]}, not {units[variant]}"
                )
    return found


def sell_a_set(by: By) -> str:
    """Have one of the shops' SKUs be a bundle of ours, so that there is one; its ID, or
    nothing where none is left to be matched."""
    for sku in ListingSku.objects.open().order_by("pk"):
        client = sku.shop.client
        parts = StockLevel.objects.filter(
            variant__client=client, variant__is_bundle=False, is_counted=True
        ).order_by("variant")
        names = list(dict.fromkeys(parts.values_list("variant__sku", flat=True)))
        if len(names) < 2:
            continue
        made_of = VariantInput(
            {"sku": "CHAOS-SET"}, components={names[0]: 2, names[1]: 1}
        )
        product = create_product(client, {"name": "Chaos set"}, [made_of])
        choose(sku.shop, {sku.pk: product.variants.get().pk}, by)
        return sku.remote_id
    return ""


def _parts() -> dict[int, dict[int, int]]:
    parts: dict[int, dict[int, int]] = {}
    rows = BundleComponent.objects.values_list("bundle", "component", "quantity")
    for bundle, component, quantity in rows:
        parts.setdefault(bundle, {})[component] = quantity
    return parts


def _level_sums(name: str) -> Units:
    rows = StockLevel.objects.order_by().values("variant").annotate(units=Sum(name))
    return Counter({row["variant"]: int(row["units"]) for row in rows})


def _sum(*many: Mapping[int, int]) -> Units:
    total: Units = Counter()
    for units in many:
        for variant, count in units.items():
            total[variant] += count  # a Counter's own + drops what is below zero
    return total


def _negative(units: Units) -> Units:
    return Counter({variant: -count for variant, count in units.items()})
