"""What is in an order and what it costs.

Amounts are integers in the currency's smallest unit. The identities the platform
documents hold for every order:

    sub_total    = list prices - seller discount - platform discount
    shipping_fee = original fee - seller, platform and co-funded discounts
    total_amount = sub_total + shipping_fee + tax + retail_delivery_fee
"""

import random
from dataclasses import dataclass

from apps.simulator.world.catalogue import Catalogue, Sku
from apps.simulator.world.orders import Order
from apps.simulator.world.regions import Place, Region

_COLORADO_FEE = 29  # US cents per order, since July 2025


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of a SKU: the platform lists every unit on a line of its own."""

    sku: Sku
    list_price: int
    seller_discount: int
    platform_discount: int
    tax: int
    is_gift: bool = False

    @property
    def sale_price(self) -> int:
        return self.list_price - self.seller_discount - self.platform_discount


@dataclass(frozen=True, slots=True)
class Basket:
    units: tuple[Unit, ...]
    place: Place
    original_shipping_fee: int
    shipping_seller_discount: int
    shipping_platform_discount: int
    shipping_cofunded_discount: int
    shipping_tax: int
    retail_delivery_fee: int

    @property
    def list_total(self) -> int:
        return sum(unit.list_price for unit in self.units)

    @property
    def seller_discount(self) -> int:
        return sum(unit.seller_discount for unit in self.units)

    @property
    def platform_discount(self) -> int:
        return sum(unit.platform_discount for unit in self.units)

    @property
    def sub_total(self) -> int:
        return self.list_total - self.seller_discount - self.platform_discount

    @property
    def shipping_fee(self) -> int:
        return (
            self.original_shipping_fee
            - self.shipping_seller_discount
            - self.shipping_platform_discount
            - self.shipping_cofunded_discount
        )

    @property
    def product_tax(self) -> int:
        return sum(unit.tax for unit in self.units)

    @property
    def tax(self) -> int:
        return self.product_tax + self.shipping_tax

    @property
    def total(self) -> int:
        return self.sub_total + self.shipping_fee + self.tax + self.retail_delivery_fee


def fill_basket(order: Order, chance: random.Random) -> Basket:
    """The same basket each time for the same order; `chance` starts at its seed."""
    region = order.shop.region
    place = chance.choice(region.places)
    skus = _chosen(order, chance)
    is_free = order.kind.is_free
    seller_rate = chance.choice((0, 0, 0, 5, 10, 15, 20))
    platform_rate = chance.choice((0, 0, 0, 0, 5, 8))
    units = [
        _unit(region, place, sku, 100 if is_free else seller_rate, platform_rate)
        for sku in skus
    ]
    takes_gift = not is_free and not (order.notes or {}).get("lines")
    if takes_gift and chance.random() < 0.04:
        gift = chance.choice(list(order.shop.catalogue.skus.values()))
        units.append(Unit(gift, 0, 0, 0, 0, is_gift=True))
    fee = 0 if is_free else region.step * chance.randint(2, 5)
    seller_part, platform_part, cofunded = _free_shipping(region, fee, chance)
    paid_fee = fee - seller_part - platform_part - cofunded
    in_colorado = place.state == "Colorado" and not is_free
    return Basket(
        units=tuple(units),
        place=place,
        original_shipping_fee=fee,
        shipping_seller_discount=seller_part,
        shipping_platform_discount=platform_part,
        shipping_cofunded_discount=cofunded,
        shipping_tax=_tax(region, place, paid_fee),
        retail_delivery_fee=_COLORADO_FEE if in_colorado else 0,
    )


def _chosen(order: Order, chance: random.Random) -> list[Sku]:
    """The SKUs, one entry per unit; few products sell most."""
    catalogue: Catalogue = order.shop.catalogue
    if order.notes and order.notes.get("lines"):
        return [
            catalogue.skus[sku_id]
            for sku_id, quantity in order.notes["lines"]
            for _ in range(quantity)
        ]
    chosen: list[Sku] = []
    for _ in range(chance.choice((1, 1, 1, 1, 2, 2, 3))):
        product = catalogue.products[
            int(len(catalogue.products) * chance.random() ** 1.7)
        ]
        sku = chance.choice(product.skus)
        chosen += [sku] * chance.choice((1, 1, 1, 1, 1, 2, 2, 3))
    if order.kind.is_split and len(chosen) == 1:
        chosen *= 2
    return chosen


def _unit(
    region: Region, place: Place, sku: Sku, seller_rate: int, platform_rate: int
) -> Unit:
    by_seller = sku.price * seller_rate // 100
    by_platform = (sku.price - by_seller) * platform_rate // 100
    taxed = sku.price - by_seller - by_platform
    return Unit(sku, sku.price, by_seller, by_platform, tax=_tax(region, place, taxed))


def _tax(region: Region, place: Place, base: int) -> int:
    """Half up, in millionths, where prices are before tax; elsewhere included."""
    if not region.prices_before_tax:
        return 0
    return (base * place.tax_rate_millionths + 500_000) // 1_000_000


def _free_shipping(
    region: Region, fee: int, chance: random.Random
) -> tuple[int, int, int]:
    """Who pays for shipping instead of the buyer: seller, platform, both."""
    match chance.choice(("buyer", "buyer", "seller", "platform", "platform", "all")):
        case "seller":
            return fee, 0, 0
        case "platform":
            return 0, fee // 2 if region.decimals else fee, 0
        case "all":
            third = fee // 3
            return third, third, third
        case _:
            return 0, 0, 0
