"""Sums of what was counted, in the shops' currencies and in one: in the database.

Each row is worth its amounts times the rate of its currency on its date, so a sum over
any of them is one statement in which the rates stand as a table. Rows without a rate
are summed in their own currency alone.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connections, router

from apps.backoffice.models import SalesDay, SalesHour, SettledDay

_ZERO = Decimal(0)
_STEP = Decimal("1e-6")
# {(currency, UTC date): what one unit is worth in the base}
Factors = Mapping[tuple[str, date], Decimal]


@dataclass(slots=True)
class Amounts:
    """In one currency."""

    gmv: Decimal = _ZERO
    cancelled: Decimal = _ZERO
    refunds: Decimal = _ZERO

    @property
    def net(self) -> Decimal:
        return self.gmv - self.cancelled - self.refunds

    def __iadd__(self, other: "Amounts") -> "Amounts":
        self.gmv += other.gmv
        self.cancelled += other.cancelled
        self.refunds += other.refunds
        return self


class Row(NamedTuple):
    """`own` adds up currencies unless they are asked for. `base` and the numbers beside
    it are of those with a rate; `all_orders` and `all_units` of all."""

    key: tuple[Any, ...]
    own: Amounts
    all_orders: int
    all_units: int
    base: Amounts
    orders: int
    units: int
    last_on: date | None


class SettledRow(NamedTuple):
    key: tuple[Any, ...]
    own: Decimal
    base: Decimal
    transactions: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Span:
    """Days of shops (their keys), first and last included."""

    shops: Sequence[int]
    since: date
    until: date


def sales(
    span: Span,
    by: Sequence[str],
    factors: Factors,
    *,
    split: str = SalesDay.Split.WHOLE,
) -> list[Row]:
    """A row for each combination of what `by` names: shop_id, day, key, currency,
    rate_on."""
    where, params = "s.split = %s AND ", [split]
    return _sales(SalesDay, span, by, factors, where, params)


def sales_by_hour(span: Span, by: Sequence[str], factors: Factors) -> list[Row]:
    """`by` may name hour and weekday (0 Monday), too."""
    return _sales(SalesHour, span, by, factors, "", [])


def settled(span: Span, by: Sequence[str], factors: Factors) -> list[SettledRow]:
    """By shop_id, day and currency; the date of a rate is the day."""
    said = _Statement(SettledDay, "day", by, factors)
    rows = said.rows(
        span,
        "SUM(s.amount), SUM(s.amount * s.factor), SUM(s.transactions), "
        "SUM(CASE WHEN s.factor IS NULL THEN s.transactions ELSE 0 END)",
    )
    return [
        SettledRow(key, _money(own), _money(base), int(number), int(left))
        for key, (own, base, number, left) in rows
    ]


def _sales(
    model: type[SalesDay] | type[SalesHour],
    span: Span,
    by: Sequence[str],
    factors: Factors,
    where: str,
    params: list[Any],
) -> list[Row]:
    money = ("gmv", "cancelled", "refunds")
    numbers = ("orders", "units")
    known = "CASE WHEN s.factor IS NULL THEN 0 ELSE s.{} END"
    columns = [
        *(f"SUM(s.{name})" for name in (*money, *numbers)),
        *(f"SUM(s.{name} * s.factor)" for name in money),
        *(f"SUM({known.format(name)})" for name in numbers),
        "MAX(CASE WHEN s.factor IS NULL THEN NULL ELSE s.rate_on END)",
    ]
    said = _Statement(model, "rate_on", by, factors, where, params)
    return [
        Row(
            key,
            Amounts(*map(_money, sums[:3])),
            int(sums[3]),
            int(sums[4]),
            Amounts(*map(_money, sums[5:8])),
            int(sums[8]),
            int(sums[9]),
            _plain("rate_on", sums[10]),
        )
        for key, sums in said.rows(span, ", ".join(columns))
    ]


class _Statement:
    """One SELECT over rows of a table of sums, `s`, each with the `factor` that makes
    it worth something in the base."""

    def __init__(
        self,
        model: type[SalesDay] | type[SalesHour] | type[SettledDay],
        rate_on: str,
        by: Sequence[str],
        factors: Factors,
        where: str = "",
        params: Sequence[Any] = (),
    ) -> None:
        self.connection = connections[router.db_for_read(model)]
        self.is_postgres = self.connection.vendor == "postgresql"
        self.table = self.connection.ops.quote_name(model._meta.db_table)
        self.rate_on, self.by, self.factors = rate_on, tuple(by), factors
        self.where, self.params = where, [*params]

    def rows(
        self, span: Span, columns: str
    ) -> list[tuple[tuple[Any, ...], tuple[Any, ...]]]:
        """(key, sums)"""
        if not span.shops:
            return []
        keys = [self._column(name) for name in self.by]
        shops = self._among("s.shop_id")
        group = f"GROUP BY {', '.join(keys)}" if keys else ""
        # SQLite looks rates up by an index only where the rows stand as a table of
        # their own; PostgreSQL needs no telling.
        kept = "" if self.is_postgres else "MATERIALIZED"
        sql = (
            f"WITH r AS MATERIALIZED ({self._rates()}), "  # noqa: S608 (names are ours)
            f"worth AS {kept} (SELECT s.*, r.factor FROM {self.table} s "
            f"LEFT JOIN r ON {self._joined()} "
            f"WHERE {self.where}{shops} AND s.day BETWEEN %s AND %s) "
            f"SELECT {', '.join([*keys, columns])} FROM worth s {group}"
        )
        params = [
            self._told(),
            *self.params,
            list(span.shops) if self.is_postgres else json.dumps(list(span.shops)),
            span.since,
            span.until,
        ]
        with self.connection.cursor() as cursor:
            cursor.execute(sql, params)
            size = len(keys)
            return [
                (tuple(map(_plain, self.by, row[:size])), row[size:])
                for row in cursor.fetchall()
                if row[size] is not None  # the sum of nothing at all
            ]

    def _told(self) -> str:
        """The rates as one parameter, however many there are."""
        rates = self.factors.items()
        if self.is_postgres:
            return json.dumps(
                [{"c": c, "d": str(on), "f": str(f)} for (c, on), f in rates]
            )
        return json.dumps({f"{currency}{on}": float(f) for (currency, on), f in rates})

    def _rates(self) -> str:
        """SQLite makes an index of it, as long as the key is text through and
        through."""
        if self.is_postgres:
            return (
                "SELECT c AS currency, d AS rate_on, f AS factor "
                "FROM jsonb_to_recordset(%s::jsonb) AS told (c text, d date, f numeric)"
            )
        return (
            "SELECT CAST(key AS TEXT) AS key, CAST(value AS REAL) AS factor "
            "FROM json_each(%s)"
        )

    def _joined(self) -> str:
        if self.is_postgres:
            return f"r.currency = s.currency AND r.rate_on = s.{self.rate_on}"
        return f"r.key = s.currency || s.{self.rate_on}"

    def _among(self, column: str) -> str:
        if self.is_postgres:
            return f"{column} = ANY(%s)"
        return f"{column} IN (SELECT value FROM json_each(%s))"  # noqa: S608

    def _column(self, name: str) -> str:
        if name != "weekday":
            return f"s.{name}"
        if self.is_postgres:
            return "CAST(EXTRACT(ISODOW FROM s.day) AS integer) - 1"
        return "(CAST(strftime('%%w', s.day) AS integer) + 6) %% 7"


def _plain(name: str, value: Any) -> Any:
    """SQLite keeps dates as text."""
    if name in ("day", "rate_on") and isinstance(value, str):
        return date.fromisoformat(value)
    return value


def _money(value: Any) -> Decimal:
    """SQLite adds up in floating point: what it gives is rounded far below a cent."""
    if value is None:
        return _ZERO
    if isinstance(value, Decimal):
        return value
    return Decimal(repr(float(value))).quantize(_STEP)
