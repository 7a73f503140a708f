"""What lists about orders are filtered by: the client, the shop, the order."""

from typing import Any

from django.db.models import Q, QuerySet
from django_filters import rest_framework as filters

from apps.core.api.filters import InstantFilter, NumbersFilter, RowFilter, YesNoFilter
from apps.orders.models import Cancellation, Order, Return
from apps.platforms.models import Shop
from apps.users.models import Client
from apps.users.roles import VIEW_ORDER


def shop_filter(field_name: str = "shop") -> RowFilter:
    return RowFilter(
        lambda user: Shop.objects.visible_to(user, VIEW_ORDER), field_name=field_name
    )


def client_filter(field_name: str = "shop__client") -> RowFilter:
    return RowFilter(
        lambda user: Client.objects.visible_to(user, VIEW_ORDER), field_name=field_name
    )


def order_filter(**options: Any) -> RowFilter:
    return RowFilter(lambda user: Order.objects.visible_to(user), **options)


def chosen(rows: QuerySet[Any], condition: Q, *, holds: bool) -> QuerySet[Any]:
    """Those for which a condition holds, or the others."""
    return rows.filter(condition) if holds else rows.exclude(condition)


class RequestFilters(filters.FilterSet):  # type: ignore[misc]
    """What cancellations and returns are both asked for."""

    shop = shop_filter()
    client = client_filter()
    order = order_filter(field_name="order")
    order_id = NumbersFilter("order_remote_id", "in")
    remote_id = NumbersFilter("remote_id", "in")
    needs_answer = YesNoFilter(method="waiting")
    respond_before = InstantFilter("respond_by_at", "lt")
    updated_since = InstantFilter("modified_at", "gte")


class CancellationFilters(RequestFilters):
    status = filters.ChoiceFilter(choices=Cancellation.Status.choices)

    def waiting(self, rows: Any, name: str, needs_answer: bool) -> Any:  # noqa: FBT001 (the library's way)
        waiting = Q(needs_answer=True, status=Cancellation.Status.PENDING)
        return chosen(rows, waiting, holds=needs_answer)


class ReturnFilters(RequestFilters):
    kind = filters.ChoiceFilter(choices=Return.Kind.choices)
    status = filters.ChoiceFilter(choices=Return.Status.choices)
    tracking_number = filters.CharFilter("tracking_number", max_length=80)

    def waiting(self, rows: Any, name: str, needs_answer: bool) -> Any:  # noqa: FBT001 (the library's way)
        return chosen(rows, Q(next_action=""), holds=not needs_answer)
