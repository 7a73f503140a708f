"""What has gone back to an order's buyer by a moment, as the seller's books see it:
the list price goes back, and the discounts on it come back."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from apps.simulator.world.aftersales import stages
from apps.simulator.world.aftersales.money import Refund, refunds_of
from apps.simulator.world.aftersales.paying_back import refunds_now
from apps.simulator.world.aftersales.requests import Request
from apps.simulator.world.basket import Basket, Unit

_ENDS = stages.REFUNDED | {stages.CANCEL_COMPLETE}


@dataclass(frozen=True, slots=True)
class Back:
    """Of one unit; all that has gone back so far."""

    list_price: int = 0
    seller_discount: int = 0
    platform_discount: int = 0
    goods: int = 0  # what the buyer gets for them
    shipping: int = 0
    tax: int = 0
    delivery_fee: int = 0
    is_whole: bool = False


@dataclass
class Backs:
    units: dict[int, Back] = field(default_factory=dict)
    parcels: list[int] = field(default_factory=list)  # a unit of each sent back
    sent: set[int] = field(default_factory=set)  # all units that were sent back

    def of(self, unit: int) -> Back:
        return self.units.get(unit, Back())


def ended_at(request: Request) -> int:
    """When its money went back; 0 if it has not."""
    return request.updated if request.done and request.status in _ENDS else 0


def backs_of(basket: Basket, requests: Iterable[Request], until: int) -> Backs:
    """By everything that ended before `until`."""
    ended = [r for r in requests if 0 < ended_at(r) < until]
    backs, sums, whole = Backs(), dict[int, Refund](), set[int]()
    for request in sorted(ended, key=lambda r: (r.updated, r.id)):
        for unit, refund in _refunds(request).items():
            sums[unit] = sums.get(unit, Refund()) + refund
            if request.family == stages.CANCEL or "amount" not in request.facts:
                whole.add(unit)
        if "shipped" in request.facts and request.base["units"]:
            backs.parcels.append(request.base["units"][0])
            backs.sent |= set(request.base["units"])
    backs.units = {
        unit: _back(basket.units[unit], refund, is_whole=unit in whole)
        for unit, refund in sums.items()
    }
    _cap_shipping(basket, backs)
    return backs


def _refunds(request: Request) -> dict[int, Refund]:
    """A cancelled unit is not sold, whether it had been paid for or not."""
    if request.family != stages.CANCEL:
        return refunds_now(request)
    units = request.base["units"]
    with_shipping = bool(request.base["with_shipping"])
    return refunds_of(request.order, units, with_shipping=with_shipping)


def _back(unit: Unit, refund: Refund, *, is_whole: bool) -> Back:
    price = unit.sale_price
    goods = min(refund.subtotal, price)
    is_whole = is_whole or goods == price
    if is_whole:
        seller, platform, goods = unit.seller_discount, unit.platform_discount, price
    else:
        seller = unit.seller_discount * goods // price
        platform = unit.platform_discount * goods // price
    return Back(
        list_price=goods + seller + platform,
        seller_discount=seller,
        platform_discount=platform,
        goods=goods,
        shipping=refund.shipping,
        tax=min(refund.tax, unit.tax),
        delivery_fee=refund.delivery_fee,
        is_whole=is_whole,
    )


def _cap_shipping(basket: Basket, backs: Backs) -> None:
    """No more than was paid for it, whatever several requests say."""
    left = basket.shipping_fee
    for unit, back in backs.units.items():
        shipping = min(back.shipping, left)
        left -= shipping
        if shipping != back.shipping:
            backs.units[unit] = replace(back, shipping=shipping)
