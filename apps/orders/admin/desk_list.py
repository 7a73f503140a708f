"""The order list as Django's: its filters are the desk's, its rows are prepared."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.views.main import IGNORED_PARAMS, PAGE_VAR, ChangeList
from django.db.models import Case, Exists, Max, OuterRef, QuerySet, Value, When
from django.http import HttpRequest
from django.urls import reverse

from apps.orders.admin.desk import Desk
from apps.orders.admin.desk_search import MOST_TERMS
from apps.orders.models import Order, OrderAction, OrderPackage, OrderPayload, questions


class DeskList(ChangeList):
    """Takes its filters from the desk's form alone: any column in the address, as
    Django allows it, would answer questions about buyers one may not see."""

    desk: Desk

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.desk = Desk.read(request.GET, request.user)
        known = {"tab", *self.desk.form.fields, *IGNORED_PARAMS, PAGE_VAR}
        if unknown := sorted(request.GET.keys() - known):
            self.desk.rejected.append(", ".join(unknown)[:200])
        if not request.GET.get(PAGE_VAR, "1").isdecimal():
            self.desk.rejected.append("Page")
        super().__init__(request, *args, **kwargs)
        for name in dict.fromkeys(self.desk.rejected):
            messages.warning(request, f"{name}: ignored, because it does not fit here.")
        _tell_not_found(request, self.desk)

    def get_filters_params(
        self, params: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        return {}

    def get_results(self, request: HttpRequest) -> None:
        try:
            super().get_results(request)
        except IncorrectLookupParameters:
            self._go_to_first_page()
            super().get_results(request)
        if self.page_num != 1 and not self.multi_page:
            self._go_to_first_page()

    def _go_to_first_page(self) -> None:
        self.desk.rejected.append("Page")
        self.page_num = 1

    def get_queryset(
        self, request: HttpRequest, exclude_parameters: Any = None
    ) -> QuerySet[Any]:
        orders = super().get_queryset(request, exclude_parameters)
        return self.desk.answer(orders)  # type: ignore[arg-type]


def _tell_not_found(request: HttpRequest, desk: Desk) -> None:
    found = desk.found
    if found.cut:
        messages.warning(
            request,
            f"Only the first {MOST_TERMS} numbers were looked for; {found.cut:,} more "
            "were left out.",
        )
    if found.not_found:
        count, listed = len(found.not_found), ", ".join(found.not_found)
        messages.warning(request, f"{count} of {found.count} not found: {listed}")


def annotate_page(cl: Any) -> None:
    """All that the rows shown say of what stands in other tables, in two queries."""
    page = list(cl.result_list)
    refused = OrderAction.objects.failed().filter(order=OuterRef("pk"))
    under_way = OrderAction.objects.open().filter(order=OuterRef("pk"))
    troubled = OrderPackage.objects.filter(order=OuterRef("pk")).exclude(
        package__problem=""
    )
    facts = (
        Order.objects.with_units()
        .with_sources()
        .annotate(
            waits=Case(
                When(questions.waiting_to_ship(), then=Value(value=True)),
                default=Value(value=False),
            ),
            is_refused=Exists(refused),
            is_under_way=Exists(under_way),
            has_problem=Exists(troubled),
        )
        .in_bulk([order.pk for order in page])
    )
    received = dict(
        OrderPayload.objects.filter(order__in=facts)
        .values_list("order")
        .annotate(last=Max("received_at"))
    )
    for order in page:
        known: Any = facts[order.pk]
        order.units = known.units
        order.from_api, order.from_file = known.from_api, known.from_file
        order.waits = known.waits
        order.is_refused, order.is_under_way = known.is_refused, known.is_under_way
        order.has_problem = known.has_problem
        order.received_at = received.get(order.pk)
        order.address = add_preserved_filters(
            {"preserved_filters": cl.preserved_filters, "opts": cl.opts},
            reverse("admin:orders_order_change", args=[order.pk]),
        )
    cl.result_list = page
