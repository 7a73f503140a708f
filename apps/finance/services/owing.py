"""What the platform still owes, and what of it is late."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum, Value
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
_SETTINGS = ("holding_days", "payout_days")
_USUAL = (_DEFAULTS.holding_days, _DEFAULTS.payout_days)
HOLDING, PAYOUT = 0, 1
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
    """Settled and not paid. Statements that only files named say nothing of it."""
    return Statement.objects.unpaid().exclude(
        payment_status=Statement.PaymentStatus.UNKNOWN
    )


def late_statements(now: datetime) -> "QuerySet[Any]":
    """Those not paid for longer than their shop has set."""
    return unpaid_statements().filter(Waits.known().over("statement_at", PAYOUT, now))


def unsettled_orders() -> "QuerySet[Any]":
    """Orders that arrived and were never settled; only what arrived since settlements
    are here."""
    settled = SettlementTransaction.objects.of_orders().filter(order=OuterRef("pk"))
    covered = ShopFinanceSettings.objects.filter(
        shop=OuterRef("shop"), covered_since__lte=OuterRef("delivered_at")
    )
    return (
        Order.objects.filter(status__in=_ARRIVED, delivered_at__isnull=False)
        .filter(Exists(covered), ~Exists(settled), total_amount__gt=0)
        .exclude(is_sample=True)
    )


def late_orders(now: datetime) -> "QuerySet[Any]":
    """Those that should have been settled by now, as their shop has set."""
    return unsettled_orders().filter(Waits.known().over("delivered_at", HOLDING, now))


@dataclass(frozen=True, slots=True)
class Waits:
    """For how many days money is waited for: {shop's key: (after delivery, after a
    statement)}, of shops that have set it."""

    chosen: Mapping[int, tuple[int, int]]

    @classmethod
    def known(cls) -> "Waits":
        """All shops': one query."""
        rows = ShopFinanceSettings.objects.values_list("shop", *_SETTINGS)
        return cls(
            {
                shop: (holding, payout)
                for shop, holding, payout in rows
                if (holding, payout) != _USUAL
            }
        )

    def days(self, shop: int, which: int) -> timedelta:
        return timedelta(days=self.chosen.get(shop, _USUAL)[which])

    def over(self, column: str, which: int, now: datetime) -> Q:
        """Rows of a shop whose wait from the instant in a column on is over."""
        usual = Q(**{f"{column}__lt": now - timedelta(days=_USUAL[which])})
        found = usual & ~Q(shop__in=list(self.chosen))
        for shop in self.chosen:
            found |= Q(shop=shop, **{f"{column}__lt": now - self.days(shop, which)})
        return found


def owed_by_shop(shops: Iterable[Shop], now: datetime) -> list[Owed]:
    """By shop and currency, as many queries however many shops; in the shops' order."""
    by_key = {shop.pk: shop for shop in shops}
    found: dict[tuple[int, str], Owed] = {}

    def of(shop: int, currency: str) -> Owed:
        key = shop, currency
        return found.setdefault(key, Owed(by_key[shop], currency))

    amount = Coalesce("payable_amount", "settlement_amount", Value(Decimal(0)))
    waits = Waits.known()
    unpaid = unpaid_statements().filter(shop__in=by_key).order_by()
    rows = unpaid.values_list("shop", "currency", "statement_at", amount)
    for shop, currency, at, value in rows:
        owed = of(shop, currency)
        owed.settled += value
        owed.statements += 1
        owed.oldest_at = min(at, owed.oldest_at or at)
        if at + waits.days(shop, PAYOUT) < now:
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
