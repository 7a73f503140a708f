"""What creators brought over a period, in one currency.

GMV is all that was sold, cancelled and returned orders among it; commission as it
stands (settled, else estimated). Days are UTC, and so are the rates. What no rate or no
amount is known for is left out and counted.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncDate

from apps.content.models import AffiliateOrderQuerySet
from apps.content.models.affiliate import ContentType
from apps.finance.rules.rates import RateTable
from apps.finance.services.rates import BaseSum, rate_table

_ZERO = Decimal(0)
Rows = AffiliateOrderQuerySet


@dataclass(slots=True)
class Brought:
    """By one creator, shop, product or content: `key` is its key, blank for those whose
    creator is not told. `unknown` counts sales without a known commission."""

    key: Any
    sales: BaseSum
    commission: BaseSum
    orders: int = 0
    videos: int = 0
    lives: int = 0
    unknown: int = 0
    shops: set[int] = field(default_factory=set)
    before: Decimal | None = None

    @property
    def rate(self) -> Decimal | None:
        """Commission by GMV; None without any."""
        if not self.sales.amount:
            return None
        return self.commission.amount / self.sales.amount

    @property
    def change(self) -> Decimal | None:
        """GMV against the same number of days before, as a fraction; None where
        nothing was sold then."""
        if not self.before:
            return None
        return self.sales.amount / self.before - 1


@dataclass(slots=True)
class Totals:
    """All together, and what was left out of it: {(currency, day): GMV without a rate}
    and how many sales without a known commission."""

    base: str
    rows: list[Brought]
    left_out: dict[tuple[str, date], Decimal]
    rate_days: tuple[date, date] | None
    unknown: int

    @property
    def sales(self) -> Decimal:
        return sum((row.sales.amount for row in self.rows), _ZERO)

    @property
    def commission(self) -> Decimal:
        return sum((row.commission.amount for row in self.rows), _ZERO)


SORTS: dict[str, Callable[[Brought], Any]] = {
    "gmv": lambda row: row.sales.amount,
    "commission": lambda row: row.commission.amount,
    "orders": lambda row: row.orders,
    "videos": lambda row: row.videos,
    "lives": lambda row: row.lives,
    "rate": lambda row: _ZERO if row.rate is None else row.rate,
    "change": lambda row: Decimal(-2) if row.change is None else row.change,
}


def figures(
    rows: Rows,
    since: date,
    until: date,
    base: str,
    *,
    by: str = "creator",
    sort: str = "gmv",
    is_ascending: bool = False,
) -> Totals:
    """Of sales in the days [since, until], both included, grouped by a column;
    five queries."""
    length = until - since + timedelta(days=1)
    now = within(rows, since, until)
    before = within(rows, since - length, since - timedelta(days=1))
    table = rate_table(since - length, until)
    found = _sums(now, by, table, base)
    earlier = _sums(before, by, table, base)
    for key, told in _counts(now, by).items():
        row = found[key]
        row.orders, row.videos, row.lives = told
        row.before = earlier[key].sales.amount if key in earlier else None
    for key, shop in now.order_by().values_list(by, "shop").distinct():
        if shop is not None:
            found[_key(key)].shops.add(shop)
    ranked = sorted(found.values(), key=lambda row: str(row.key))
    ranked.sort(key=SORTS[sort], reverse=not is_ascending)
    return _totals(ranked, base)


def within(rows: Rows, since: date, until: date) -> Rows:
    """Those placed on these UTC days, both included."""
    return rows.filter(
        placed_at__gte=_midnight(since),
        placed_at__lt=_midnight(until + timedelta(days=1)),
    )


def _sums(rows: Rows, by: str, table: RateTable, base: str) -> dict[Any, Brought]:
    """By day and currency in the database, from there in the base currency."""
    days = (
        rows.with_commission()
        .with_sales()
        .order_by()
        .values(by, "currency", day=TruncDate("placed_at"))
        .annotate(
            sold=Sum("sales"),
            earned=Sum("commission"),
            unknown=Count("pk", filter=Q(commission__isnull=True)),
        )
    )
    found: dict[Any, Brought] = {}
    for row in days:
        key = _key(row[by])
        if key not in found:
            found[key] = Brought(key, BaseSum(base), BaseSum(base))
        brought = found[key]
        currency, day = row["currency"], row["day"]
        brought.unknown += row["unknown"]
        for total, amount in (
            (brought.sales, row["sold"]),
            (brought.commission, row["earned"]),
        ):
            if amount is not None:
                total.add(table, amount, currency, day)
    return found


def _counts(rows: Rows, by: str) -> dict[Any, tuple[int, int, int]]:
    """{key: (orders, videos, LIVEs)}, each once however many SKUs it sold."""
    counted = (
        rows.order_by()
        .values(by)
        .annotate(
            orders=Count("remote_order_id", distinct=True),
            videos=_contents(ContentType.VIDEO),
            lives=_contents(ContentType.LIVE),
        )
    )
    return {
        _key(row[by]): (row["orders"], row["videos"], row["lives"]) for row in counted
    }


def _contents(kind: ContentType) -> Count:
    is_one = Q(content_type=kind) & ~Q(content_id="")
    return Count("content_id", filter=is_one, distinct=True)


def _totals(rows: Sequence[Brought], base: str) -> Totals:
    left_out: dict[tuple[str, date], Decimal] = defaultdict(Decimal)
    days: set[date] = set()
    for row in rows:
        for place, amount in row.sales.left_out.items():
            left_out[place] += amount
        days |= _rate_days(row.sales)
    return Totals(
        base=base,
        rows=list(rows),
        left_out=dict(left_out),
        rate_days=(min(days), max(days)) if days else None,
        unknown=sum(row.unknown for row in rows),
    )


def _rate_days(total: BaseSum) -> set[date]:
    used: Iterable[Any] = total.rates.values()
    return {each.rate_date for each in used if each.rate_date is not None}


def _key(value: Any) -> Any:
    return "" if value is None else value


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
