"""Statements, their lines, payments, and what is still to come."""

from typing import Any

from django_filters import rest_framework as filters

from apps.core.api.filters import InstantFilter, RowFilter, YesNoFilter
from apps.finance.api.serializers import (
    PaymentSerializer,
    StatementSerializer,
    TransactionDetailSerializer,
    TransactionSerializer,
    UnsettledSerializer,
)
from apps.finance.models import (
    Payment,
    SettlementTransaction,
    SettlementType,
    Statement,
    UnsettledTransaction,
)
from apps.platforms.models import Shop
from apps.users.api.resource import ListsAndShows
from apps.users.roles import VIEW_FINANCE


def _shop_filter() -> Any:
    return RowFilter(
        lambda user: Shop.objects.visible_to(user, VIEW_FINANCE), field_name="shop"
    )


class StatementFilters(filters.FilterSet):  # type: ignore[misc]
    shop = _shop_filter()
    payment_status = filters.ChoiceFilter(choices=Statement.PaymentStatus.choices)
    is_off = YesNoFilter("is_off")
    since = InstantFilter("statement_at", "gte")
    until = InstantFilter("statement_at", "lt")


class Statements(ListsAndShows[Statement]):
    """What the platform settled of a shop, a day each, and whether it adds up."""

    scope = "finance"
    tag = "finance"
    queryset = Statement.objects.all()
    serializer_class = StatementSerializer
    filterset_class = StatementFilters
    orderings = ("statement_at",)
    ordering = "-statement_at"


class TransactionFilters(filters.FilterSet):  # type: ignore[misc]
    shop = _shop_filter()
    statement = RowFilter(
        lambda user: Statement.objects.visible_to(user), field_name="statement"
    )
    type = filters.ChoiceFilter(choices=SettlementType.choices)
    is_off = YesNoFilter("is_off")
    remote_order_id = filters.CharFilter(max_length=32)
    since = InstantFilter("settled_at", "gte")
    until = InstantFilter("settled_at", "lt")


class SettlementTransactions(ListsAndShows[SettlementTransaction]):
    """Lines of statements: orders, adjustments, reserves. One alone is told with its
    fees by name and its SKUs."""

    scope = "finance"
    tag = "finance"
    queryset = SettlementTransaction.objects.all()
    serializer_class = TransactionSerializer
    detail_class = TransactionDetailSerializer
    filterset_class = TransactionFilters
    orderings = ("settled_at",)
    ordering = "-settled_at"


class PaymentFilters(filters.FilterSet):  # type: ignore[misc]
    shop = _shop_filter()
    status = filters.ChoiceFilter(choices=Payment.Status.choices)
    is_off = YesNoFilter("is_off")
    since = InstantFilter("remote_created_at", "gte")
    until = InstantFilter("remote_created_at", "lt")


class Payments(ListsAndShows[Payment]):
    """Money sent to sellers' banks. Not told for shops in South-East Asia."""

    scope = "finance"
    tag = "finance"
    queryset = Payment.objects.all()
    serializer_class = PaymentSerializer
    filterset_class = PaymentFilters
    orderings = ("remote_created_at",)
    ordering = "-remote_created_at"


class UnsettledFilters(filters.FilterSet):  # type: ignore[misc]
    shop = _shop_filter()
    type = filters.ChoiceFilter(choices=SettlementType.choices)
    is_open = YesNoFilter("closed_at", "isnull")
    remote_order_id = filters.CharFilter(max_length=32)
    updated_since = InstantFilter("modified_at", "gte")


class Unsettled(ListsAndShows[UnsettledTransaction]):
    """What the platform expects to settle, and what it once did."""

    scope = "finance"
    tag = "finance"
    queryset = UnsettledTransaction.objects.all()
    serializer_class = UnsettledSerializer
    filterset_class = UnsettledFilters
    orderings = ("modified_at",)
    ordering = "-modified_at"
