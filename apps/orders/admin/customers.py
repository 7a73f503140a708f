"""Customers: who buys at the shops one works for, and what each bought.

For those who process orders; that somebody looked is noted, as with an order's buyer.
"""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from apps.core.addresses import address_of
from apps.core.admin import ReadOnlyAdmin, ago
from apps.core.filtering import FilterForm
from apps.orders.admin.words import status_badges
from apps.orders.models import Buyer, Order
from apps.orders.services import customers
from apps.orders.services.buyer_views import note_buyers_seen
from apps.orders.services.customers import Customer
from apps.platforms.models import Shop
from apps.products.admin.base import key_of, other_pages
from apps.users.models import User
from apps.users.roles import CHANGE_SHOP, PROCESS_ORDERS

A_PAGE = 50
MOST_ORDERS = 100


class CustomerFilters(FilterForm):
    q = forms.CharField(
        label="Handle, TikTok user ID or order ID",
        required=False,
        max_length=120,
        widget=forms.TextInput({"type": "search", "autocomplete": "off"}),
    )
    shop = forms.ModelChoiceField(
        Shop.objects.none(), required=False, empty_label="All shops"
    )
    sort = forms.ChoiceField(
        label="First",
        required=False,
        choices=[(name, words) for name, (_, words) in customers.SORTS.items()],
    )

    def prepare(self) -> None:
        self.choose("shop", Shop.objects.visible_to(self.user, PROCESS_ORDERS))

    @property
    def is_narrowing(self) -> bool:
        return any(self.value(name) for name in ("q", "shop"))


class CustomerAdmin(ReadOnlyAdmin):
    list_title = "Customers"

    def get_urls(self) -> list[URLPattern]:
        kept = [
            url for url in super().get_urls() if url.name == "orders_buyer_changelist"
        ]
        page = path(
            "<path:object_id>/",
            self.admin_site.admin_view(self.customer_view),
            name="orders_buyer_change",
        )
        return [*kept, page]

    def _allows(self, request: HttpRequest, deed: str, obj: Model | None) -> bool:
        return deed == "view" and bool(request.user.has_perm(PROCESS_ORDERS, obj))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        filters = CustomerFilters(request.GET, request.user)
        seen = customers.buyers_seen(request.user)
        some = customers.sought(seen, filters.value("q") or "")
        if shop := filters.value("shop"):
            some = some.filter(shop=shop)
        rows = customers.customers(some, filters.value("sort") or "last")
        page = Paginator(rows, A_PAGE).get_page(request.GET.get("p"))
        # All their shops are told, also where one alone was asked for.
        shown = customers.filled(seen, list(page))
        _note(request, shown)
        return self.own_page(
            request,
            "orders/customers.html",
            {
                "title": self.list_title,
                "filters": filters,
                "page": page,
                "rows": [{"customer": c, "last": ago(c.last_at)} for c in shown],
                "pages": other_pages(request, page, "p"),
                "reset_query": "?",
            },
        )

    def customer_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        seen = customers.buyers_seen(request.user)
        customer = customers.customer_of(seen, key_of(object_id))
        if customer is None:
            return self.missing(request, object_id)
        _note(request, [customer])
        orders = Order.objects.filter(buyer__in=customer.buyers).with_units()
        page = Paginator(
            orders.select_related("shop").order_by("-placed_at", "-pk"), MOST_ORDERS
        ).get_page(request.GET.get("p"))
        return self.own_page(
            request,
            "orders/customer.html",
            {
                "title": customer.name,
                "customer": customer,
                "first": ago(customer.first_at),
                "last": ago(customer.last_at),
                "orders": [
                    {
                        "order": order,
                        "status": status_badges(order),
                        "placed": ago(order.placed_at),
                    }
                    for order in page
                ],
                "pages": other_pages(request, page, "p"),
                "buyers": [
                    (buyer, request.user.has_perm(CHANGE_SHOP, buyer))
                    for buyer in customer.buyers
                ],
            },
        )


def _note(request: HttpRequest, shown: list[Customer]) -> None:
    assert isinstance(request.user, User)
    buyers: list[Order | Buyer] = [b for customer in shown for b in customer.buyers]
    note_buyers_seen(buyers, request.user, address=address_of(request))
