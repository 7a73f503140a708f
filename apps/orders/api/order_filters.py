"""What orders are asked for: the questions of the order list among them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field

from apps.core.api.filters import (
    InstantFilter,
    NumbersFilter,
    WholeNumberFilter,
    YesNoFilter,
)
from apps.orders.api.filters import chosen, client_filter, shop_filter
from apps.orders.models import Order, OrderPackage, questions

MOST_HOURS = 24 * 90
# Without an end, the whole history would be looked through.
_LATELY = timedelta(days=90)


def _yes_no(question: Callable[[datetime], Q]) -> YesNoFilter:
    """Whether a question of the order list holds, as of now."""

    def ask(rows: QuerySet[Any], name: str, holds: bool) -> QuerySet[Any]:  # noqa: FBT001 (the library's way)
        return chosen(rows, question(timezone.now()), holds=holds)

    return YesNoFilter(method=ask)


class HoursFilter(WholeNumberFilter):
    """For which a question holds that looks so many hours ahead."""

    def __init__(
        self, question: Callable[[datetime, timedelta], Q], words: str
    ) -> None:
        super().__init__(min_value=1, max_value=MOST_HOURS)
        self.question = question
        told = {"type": "integer", "minimum": 1, "maximum": MOST_HOURS}
        extend_schema_field({**told, "description": words})(self)

    def filter(self, rows: QuerySet[Any], hours: int | None) -> QuerySet[Any]:
        if hours is None:
            return rows
        return rows.filter(self.question(timezone.now(), timedelta(hours=hours)))


class OrderFilters(filters.FilterSet):  # type: ignore[misc]
    shop = shop_filter()
    client = client_filter()
    status = filters.ChoiceFilter(choices=Order.Status.choices)
    return_state = filters.ChoiceFilter(choices=Order.ReturnState.choices)
    priority = filters.ChoiceFilter(choices=Order.Priority.choices)
    shipping_type = filters.ChoiceFilter(choices=Order.ShippingType.choices)
    placed_from = InstantFilter("placed_at", "gte")
    placed_to = InstantFilter("placed_at", "lt")
    # When it changed here: what came late from the platform is news all the same.
    updated_since = InstantFilter("modified_at", "gte")
    order_id = NumbersFilter("remote_id", "in")
    tracking_number = filters.CharFilter(method="tracked", max_length=80)
    ship_within = HoursFilter(
        questions.ship_within, "To be shipped, and still in time for so many hours."
    )
    auto_cancel_within = HoursFilter(
        questions.auto_cancelling_within,
        "To be shipped, else the platform cancels them within so many hours.",
    )
    is_overdue = _yes_no(questions.overdue)
    is_cancel_requested = _yes_no(lambda now: questions.cancel_requested())
    is_returning = _yes_no(lambda now: questions.returning())
    has_conflict = _yes_no(lambda now: questions.conflicting())
    has_package_problem = _yes_no(lambda now: questions.package_problem())
    has_failed_action = _yes_no(lambda now: questions.refused_by_platform())
    is_unmatched = _yes_no(lambda now: questions.unmatched_since(now - _LATELY))

    def tracked(self, rows: QuerySet[Any], name: str, number: str) -> QuerySet[Any]:
        packages = OrderPackage.objects.filter(package__tracking_number=number)
        return rows.filter(
            Q(tracking_number=number) | Q(pk__in=packages.values("order"))
        )
