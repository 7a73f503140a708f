"""Who buys, over all the shops one works for: told by the platform's own handles.

A customer is the buyers of several shops that go by one user ID, else by one username.
Names, phones and addresses come masked and tell nobody apart. Whoever was erased is
nobody's customer.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    Max,
    Min,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Concat

from apps.core.money import Money
from apps.orders.models import Buyer, BuyerQuerySet, Order, OrderLine
from apps.platforms.models import Shop
from apps.users.models import AnyUser

ZERO = Decimal(0)
_UNSOLD = (Order.Status.CANCELLED, Order.Status.UNPAID)
# Name in the address: (column, what it is called).
SORTS: dict[str, tuple[str, str]] = {
    "last": ("last_at", "Last order"),
    "orders": ("number", "Orders"),
    "first": ("first_at", "New customers"),
}


@dataclass(slots=True)
class Customer:
    """`key` is that of one of its `buyers`. Totals are of orders neither cancelled nor
    unpaid, per currency; `returned` are orders with a return or refund."""

    key: int
    buyers: list[Buyer]
    orders: int = 0
    cancelled: int = 0
    returned: int = 0
    units: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    totals: list[Money] = field(default_factory=list)
    refunds: list[Money] = field(default_factory=list)

    @property
    def name(self) -> str:
        """A username, where a file told one; else TikTok's user ID."""
        names = [buyer.username for buyer in self.buyers if buyer.username]
        return names[0] if names else self.buyers[0].remote_id

    @property
    def user_id(self) -> str:
        return next((b.remote_id for b in self.buyers if b.remote_id), "")

    @property
    def shops(self) -> list[Shop]:
        return sorted({b.shop for b in self.buyers}, key=lambda shop: shop.name)


def buyers_seen(user: AnyUser) -> BuyerQuerySet:
    """Those at whose shop one processes orders, and who were not erased."""
    return Buyer.objects.visible_to(user).exclude(remote_id__startswith="erased-")


def sought(buyers: BuyerQuerySet, text: str) -> BuyerQuerySet:
    """Those who go by this handle, or begin like it; an order's ID names its buyer."""
    handle = text.strip().removeprefix("@").replace("\0", "")
    if not handle:
        return buyers
    ordered = Order.objects.filter(remote_id=handle).values("buyer")
    named = Q(remote_id=handle) | Q(username__istartswith=handle)
    return buyers.filter(named | Q(pk__in=ordered))


def customers(buyers: BuyerQuerySet, sort: str = "last") -> "QuerySet[Any]":
    """A row a customer, with `handle` and what they are sorted by; see `filled`."""
    column = SORTS[sort][0]
    rows: QuerySet[Any] = (
        _by_handle(buyers)
        .values("handle")
        .annotate(
            number=Count("orders"),
            last_at=Max("orders__placed_at"),
            first_at=Min("orders__placed_at"),
            key=Min("pk"),
        )
        .filter(number__gt=0)
        .order_by(F(column).desc(nulls_last=True), "key")
    )
    return rows


def filled(buyers: BuyerQuerySet, rows: Sequence[dict[str, Any]]) -> list[Customer]:
    """The customers of a page of `customers`, with all about them: four queries."""
    handles = [row["handle"] for row in rows]
    found: dict[str, list[Any]] = defaultdict(list)
    own = _by_handle(buyers).filter(handle__in=handles)
    for buyer in own.select_related("shop__client").order_by("pk"):
        found[buyer.handle].append(buyer)
    whose = {b.pk: handle for handle, some in found.items() for b in some}
    made = {handle: Customer(some[0].pk, some) for handle, some in found.items()}
    _count(made, whose)
    return [made[handle] for handle in handles if handle in made]


def customer_of(buyers: BuyerQuerySet, key: int) -> Customer | None:
    """The one to whom the buyer of this key belongs, if one may see them."""
    row = _by_handle(buyers).filter(pk=key).values("handle").first()
    return filled(buyers, [row])[0] if row else None


def _by_handle(buyers: BuyerQuerySet) -> "QuerySet[Any]":
    handle = Case(
        When(remote_id="", then=Concat(Value("@"), "username")),
        default=F("remote_id"),
        output_field=CharField(),
    )
    return buyers.annotate(handle=handle)


def _count(made: dict[str, Customer], whose: dict[int, str]) -> None:
    orders = Order.objects.filter(buyer__in=whose).order_by()
    sold = ~Q(status__in=_UNSOLD)
    for row in orders.values("buyer").annotate(
        number=Count("pk"),
        gone=Count("pk", filter=Q(status=Order.Status.CANCELLED)),
        back=Count("pk", filter=~Q(return_state="")),
        first=Min("placed_at"),
        last=Max("placed_at"),
    ):
        customer = made[whose[row["buyer"]]]
        customer.orders += row["number"]
        customer.cancelled += row["gone"]
        customer.returned += row["back"]
        customer.first_at = min(filter(None, (customer.first_at, row["first"])))
        customer.last_at = max(filter(None, (customer.last_at, row["last"])))
    sums: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    money = orders.filter(sold).values_list("buyer", "currency")
    for buyer, currency, paid, back in money.annotate(
        Sum("total_amount"), Sum("refund_amount")
    ):
        known = sums[whose[buyer], currency]
        known[0] += paid or ZERO
        known[1] += back or ZERO
    for (handle, currency), (total, back) in sorted(sums.items()):
        made[handle].totals.append(Money(total, currency))
        if back:
            made[handle].refunds.append(Money(back, currency))
    lines = OrderLine.objects.filter(order__in=orders.filter(sold)).order_by()
    for buyer, units in lines.values_list("order__buyer").annotate(Sum("quantity")):
        made[whose[buyer]].units += units
