"""Proof that what orders have booked is what they are to have booked, as they are now.

Looks at batches without a lock, and again under the shop's lock at what differed: an
order may have changed between two looks.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef

from apps.inventory.models import Booking
from apps.inventory.models.ledger import NOTHING, Position
from apps.inventory.services.booking import Claim
from apps.orders.models import Order
from apps.orders.services.stock import claims_of, outdated_bundles
from apps.platforms.models import Shop

BATCH = 500
Key = tuple[int, str, int, int]  # order, line, variant, warehouse


@dataclass(frozen=True, slots=True)
class Difference:
    """Of one line of an order in one place."""

    order: Order
    line_key: str
    has: Position
    should_have: Position

    def __str__(self) -> str:
        has, should_have = in_words(self.has), in_words(self.should_have)
        if has == should_have:
            return f"{self.order}, {self.line_key}: {has} is booked at another time"
        return (
            f"{self.order}, {self.line_key}: {has} is booked, should be {should_have}"
        )


def differing_orders(shop: Shop) -> Iterator[Difference]:
    """What differs for orders of a shop that are not due to be booked anyway."""
    left_alone = outdated_bundles().get(shop.pk, set())
    rows = Order.objects.filter(shop=shop, is_stock_due=False).order_by("pk")
    last = 0
    while batch := {row.pk: row for row in rows.filter(pk__gt=last)[:BATCH]}:
        last = max(batch)
        suspects = {each.order.pk for each in _compare(shop, batch)} - left_alone
        if suspects:
            yield from _look_again(shop, suspects)


def bookings_of_no_order(shop: Shop) -> list[Booking]:
    """Orders are never deleted, so there should be none."""
    order = Order.objects.filter(pk=OuterRef("cause_id"), shop=shop)
    rows = Booking.objects.filter(cause_kind=Booking.Kind.ORDER, shop=shop)
    lost = rows.filter(~Exists(order)).select_related(
        "level__variant", "level__warehouse"
    )
    return [row for row in lost.order_by("pk") if row.position]


def in_words(position: Position) -> str:
    """As “2 on hand, 1 reserved”."""
    figures = {
        "on hand": position.on_hand,
        "reserved": position.reserved,
        "expected back": position.expected_back,
        "quarantined": position.quarantined,
    }
    told = [f"{value:,} {name}" for name, value in figures.items() if value]
    return ", ".join(told) or "nothing"


@transaction.atomic
def _look_again(shop: Shop, keys: set[int]) -> list[Difference]:
    Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
    rows = Order.objects.filter(pk__in=keys, is_stock_due=False).order_by("pk")
    return _compare(shop, {row.pk: row for row in rows})


def _compare(shop: Shop, orders: Mapping[int, Order]) -> list[Difference]:
    claims, held = claims_of(shop, orders)
    has = {_key(row): row for row in held if row.position}
    wanted = _wanted(claims)
    return [
        Difference(
            order=orders[key[0]],
            line_key=key[1],
            has=has[key].position if key in has else NOTHING,
            should_have=wanted[key][0] if key in wanted else NOTHING,
        )
        for key in sorted(has.keys() | wanted.keys())
        if key not in has
        or key not in wanted
        or has[key].position != wanted[key][0]
        or (has[key].on_hand and has[key].occurred_at != wanted[key][1].occurred_at)
    ]


def _key(row: Booking) -> Key:
    return row.cause_id, row.cause_part, row.level.variant_id, row.level.warehouse_id


def _wanted(claims: list[Claim]) -> dict[Key, tuple[Position, Claim]]:
    return {
        (claim.cause_id, claim.part, *place): (position, claim)
        for claim in claims
        for place, position in claim.positions.items()
        if position
    }
