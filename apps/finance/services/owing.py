"""What the platform still owes, and what of it is late."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import (
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce

from apps.finance.models import (
    SettlementTransaction,
    ShopFinanceSettings,
    Statement,
    UnsettledTransaction,
)
from apps.orders.models import Order
from apps.platforms.models import Shop

_DEFAULTS = ShopFinanceSettings()
_ARRIVED = (Order.Status.DELIVERED, Order.Status.COMPLETED)


@dataclass(slots=True)
class Owed:
    """Of one shop in one currency: what is settled and not paid, and what is only
    expected. `late_…` is what of the first is later than it should be."""

    shop: Shop
    currency: str
    settled: Decimal = Decimal(0)
    statements: int = 0
    late: Decimal = Decimal(0)
    late_statements: int = 0
    expected: Decimal = Decimal(0)
    transactions: int = 0
    oldest_at: datetime | None = None
    late_orders: int = 0

    @property
    def total(self) -> Decimal:
        return self.settled + self.expected


def settings_of(shop: Shop) -> ShopFinanceSettings:
    """The shop's, or the defaults, unsaved."""
    row = ShopFinanceSettings.objects.filter(shop=shop).first()
    return row or ShopFinanceSettings(shop=shop)


def unpaid_statements() -> "QuerySet[Any]":
    """Settled and not paid, with `due_at`, from when on that is late. Statements that
    only files named say nothing of it."""
    rows: QuerySet[Any] = Statement.objects.unpaid().exclude(
        payment_status=Statement.PaymentStatus.UNKNOWN
    )
    due_at = _after("statement_at", "payout_days", _DEFAULTS.payout_days)
    found: QuerySet[Any] = rows.annotate(due_at=due_at)
    return found


def late_statements(now: datetime) -> "QuerySet[Any]":
    return unpaid_statements().filter(due_at__lt=now)


def unsettled_orders() -> "QuerySet[Any]":
    """Orders that arrived, with `due_at`, from when on a settlement is late, and
    without any; only what arrived since settlements are here."""
    settled = SettlementTransaction.objects.of_orders().filter(order=OuterRef("pk"))
    covered = ShopFinanceSettings.objects.filter(
        shop=OuterRef("shop"), covered_since__lte=OuterRef("delivered_at")
    )
    return (
        Order.objects.filter(status__in=_ARRIVED, delivered_at__isnull=False)
        .filter(Exists(covered), ~Exists(settled), total_amount__gt=0)
        .exclude(is_sample=True)
        .annotate(due_at=_after("delivered_at", "holding_days", _DEFAULTS.holding_days))
    )


def late_orders(now: datetime) -> "QuerySet[Any]":
    """As unsettled_orders, those that should have been settled by now."""
    earliest = now - timedelta(days=1)
    return unsettled_orders().filter(delivered_at__lt=earliest, due_at__lt=now)


def owed_by_shop(shops: Iterable[Shop], now: datetime) -> list[Owed]:
    """By shop and currency, as many queries however many shops; in the shops' order."""
    by_key = {shop.pk: shop for shop in shops}
    found: dict[tuple[int, str], Owed] = {}

    def of(shop: int, currency: str) -> Owed:
        key = shop, currency
        return found.setdefault(key, Owed(by_key[shop], currency))

    amount = Coalesce("payable_amount", "settlement_amount", Value(Decimal(0)))
    unpaid = unpaid_statements().filter(shop__in=by_key).order_by()
    rows = unpaid.values_list("shop", "currency", "statement_at", "due_at", amount)
    for shop, currency, at, due_at, value in rows:
        owed = of(shop, currency)
        owed.settled += value
        owed.statements += 1
        owed.oldest_at = min(at, owed.oldest_at or at)
        if due_at < now:
            owed.late += value
            owed.late_statements += 1
    expected = UnsettledTransaction.objects.open().filter(shop__in=by_key).order_by()
    sums = expected.values_list("shop", "currency").annotate(
        Sum("settlement_amount"), Count("pk")
    )
    for shop, currency, value, count in sums:
        owed = of(shop, currency)
        owed.expected, owed.transactions = value, count
    late = late_orders(now).filter(shop__in=by_key).order_by()
    for shop, currency, count in late.values_list("shop", "currency").annotate(
        Count("pk")
    ):
        of(shop, currency).late_orders = count
    places = {key: place for place, key in enumerate(by_key)}
    return sorted(found.values(), key=lambda row: (places[row.shop.pk], row.currency))


def _after(column: str, setting: str, default: int) -> "ExpressionWrapper[Any]":
    """The instant so many days after a column, as the shop has set it."""
    chosen = ShopFinanceSettings.objects.filter(shop=OuterRef("shop")).values(setting)
    days = Coalesce(Subquery(chosen[:1]), Value(default))
    one_day = Value(timedelta(days=1), output_field=DurationField())
    span = ExpressionWrapper(days * one_day, output_field=DurationField())
    return ExpressionWrapper(F(column) + span, output_field=DateTimeField())
