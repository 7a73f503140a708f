"""Which orders a deed is about: those ticked, or all that match; and which not."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.orders.admin.desk import Desk
from apps.orders.models import Order, OrderQuerySet
from apps.platforms.models import Shop
from apps.products.admin.base import key_of

FORM = "bulk"
MOST_TICKED = 1_000


@dataclass(slots=True)
class Selection:
    """`fit` are those the deed is done to; `left_out` the others, and why."""

    fit: list[Order] = field(default_factory=list)
    left_out: list[tuple[Order, str]] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.fit)

    @property
    def by_shop(self) -> list[tuple[Shop, int]]:
        return list(Counter(order.shop for order in self.fit).items())

    @property
    def mark(self) -> str:
        """Tells whether they are still the orders that a person agreed to."""
        keys = sorted(order.pk for order in self.fit)
        return hashlib.sha256(",".join(map(str, keys)).encode()).hexdigest()[:16]


def tick(order: Order) -> SafeString:
    """A box of the bulk form, which stands above the list: no script needed."""
    return format_html(
        '<input type="checkbox" class="tick" name="pk" value="{}" form="{}" '
        'aria-label="Select {}">',
        order.pk,
        FORM,
        order.remote_id,
    )


def chosen(request: HttpRequest, *, all_if_none: bool = False) -> QuerySet[Order]:
    """Those the address names, of all the user sees; the rest is as if not there."""
    visible: OrderQuerySet = Order.objects.visible_to(request.user)
    told = request.GET.getlist("pk")
    if request.GET.get("all") or (all_if_none and not told):
        return Desk.read(request.GET, request.user).answer(visible)
    return visible.filter(pk__in=[key_of(key) for key in told[:MOST_TICKED]])


def kept_of(request: HttpRequest, desk: Desk) -> list[tuple[str, str]]:
    """What the bulk form carries along of the list's query."""
    names = ("tab", *desk.form.fields)
    asked = [(name, request.GET.get(name, "")) for name in names]
    return [(name, value) for name, value in asked if value]


def list_address(request: HttpRequest) -> str:
    """The list as it was left: the same filters, without what a bulk page added."""
    query = request.GET.copy()
    for added in ("deed", "pk", "all"):
        query.pop(added, None)
    address = reverse("admin:orders_order_changelist")
    return f"{address}?{query.urlencode()}" if query else address
