"""What the page shows beside its tables: tiles, charts, the heat map, notes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from apps.backoffice.admin.analytics.charts import LineChart, by_week, line_chart
from apps.backoffice.admin.analytics.tables import (
    WEEKDAYS,
    Kind,
    day_words,
    grouped,
    shown,
)
from apps.backoffice.services.analytics.figures import Ask, Figures, LeftOut, Report
from apps.core.money import Money
from apps.platforms.models import Shop

_HEAT_STEPS = 8


@dataclass(frozen=True, slots=True)
class Tile:
    """`change` against the period before, in words; `about` what it means."""

    name: str
    value: str
    change: str = ""
    about: str = ""


def tiles(report: Report, before: Report) -> list[Tile]:
    """The three clocks first."""
    base, now, then = report.ask.base, report.total, before.total
    return [
        Tile(
            "GMV",
            f"{base} {grouped(now.gmv, base)}",
            _change(now.gmv, then.gmv),
            "What was sold, on the day it was paid: goods after the seller's discount, "
            "with what TikTok paid of their price, without shipping and tax. Orders "
            "that were cancelled or refunded later are in it; samples, replacements "
            "and unpaid orders are not. Cash on delivery counts once delivered.",
        ),
        Tile(
            "Net",
            f"{base} {grouped(now.net, base)}",
            _change(now.net, then.net),
            "GMV without what was cancelled and what was refunded, both taken off the "
            "day of the sale, at its rate: a full refund leaves nothing. This is meant "
            "by revenue, where nothing else is said.",
        ),
        Tile(
            "Settled",
            f"{base} {grouped(report.settled.amount, base)}",
            _change(report.settled.amount, before.settled.amount),
            "What TikTok settled on these UTC days, after fees, commissions and "
            "adjustments. It follows sales by days or weeks, so it is no part of the "
            "net of these days.",
        ),
        Tile("Orders", f"{now.orders:,}", _change_of(now.orders, then.orders)),
        Tile("Units", f"{now.units:,}", _change_of(now.units, then.units)),
        Tile(
            "An order's value",
            f"{base} {shown(now.order_value, Kind.BASE, base)}",
            _change(now.order_value, then.order_value),
            "GMV by orders.",
        ),
        Tile(
            "Returns",
            shown(now.refund_rate, Kind.PART, base),
            f"{shown(then.refund_rate, Kind.PART, base)} before",
            "What was refunded of the money that was not cancelled.",
        ),
    ]


def day_chart(report: Report) -> LineChart | None:
    days, sums = _summed(report.by_day)
    base, total = report.ask.base, report.total
    best = max(sums.items(), key=lambda each: each[1].net, default=None)
    words = f"Net {base} {grouped(total.net, base)} of GMV {grouped(total.gmv, base)}."
    if best:
        words += f" The best was {best[0]:%d %b} with {grouped(best[1].net, base)} net."
    lines = {
        "GMV": [sums[day].gmv for day in days],
        "Net": [sums[day].net for day in days],
    }
    return line_chart(days, lines, base, words)


def compare_chart(report: Report, shops: list[Shop]) -> LineChart | None:
    """Net of some shops, a line each."""
    found = report.by_day_of(shops)
    lines: dict[str, list[Decimal]] = {}
    days = list(report.by_day)
    labels: list[date] = []
    for shop in shops:
        own = {day: found[shop.pk].get(day, Figures()) for day in days}
        labels, sums = _summed(own)
        lines[str(shop)] = [sums[day].net for day in labels]
    return line_chart(
        labels, lines, report.ask.base, f"Net of {len(shops)} shops, day by day."
    )


def _summed(
    by_day: dict[date, Figures],
) -> tuple[list[date], dict[date, Figures]]:
    """Days, or weeks where there are very many."""
    sums: dict[date, Figures] = {}
    for day, label in zip(by_day, by_week(list(by_day)), strict=True):
        into = sums.setdefault(label, Figures())
        into.money += by_day[day].money
        into.orders += by_day[day].orders
        into.units += by_day[day].units
    return list(sums), sums


def heat(report: Report) -> list[dict[str, Any]]:
    """A row for each weekday with 24 cells: orders, and how warm, 0 to 8."""
    season = report.season
    most = max((each.orders for each in season.values()), default=0)
    base = report.ask.base
    rows = []
    for weekday, name in enumerate(WEEKDAYS):
        cells = []
        for hour in range(24):
            each = season.get((weekday, hour), Figures())
            warmth = -(-each.orders * _HEAT_STEPS // most) if most else 0
            words = (
                f"{name} {hour:02}:00: {each.orders:,} orders, "
                f"net {base} {grouped(each.net, base)}"
            )
            cells.append({"orders": each.orders, "warmth": warmth, "words": words})
        rows.append({"name": name, "cells": cells})
    return rows


def left_out_words(found: Iterable[LeftOut]) -> list[str]:
    """“2 shops left out: no VND rate for 3 Dec 2026.” and what that comes to."""
    by_currency: dict[str, list[LeftOut]] = {}
    for each in found:
        by_currency.setdefault(each.currency, []).append(each)
    words = []
    for currency, some in by_currency.items():
        days = sorted({day for each in some for day in each.days})
        orders = sum(each.orders for each in some)
        gmv = Money(sum((each.gmv for each in some), Decimal(0)), currency)
        shops = len({each.shop.pk for each in some})
        words.append(
            f"{shops} shop{'s' if shops > 1 else ''} left out: no {currency} rate for "
            f"{day_words(days)}. {orders:,} order{'s' if orders > 1 else ''} of {gmv} "
            f"in all."
        )
    return words


def period_words(ask: Ask) -> str:
    since, until = ask.since, ask.until
    start = f"{since.day} {since:%b}" + (
        "" if since.year == until.year else f" {since:%Y}"
    )
    return f"{start} to {until.day} {until:%b %Y}"


def _change(now: Decimal | None, then: Decimal | None) -> str:
    if not then or now is None:
        return "nothing before" if now else ""
    return f"{100 * (now - then) / abs(then):+.1f} %"


def _change_of(now: int, then: int) -> str:
    return _change(Decimal(now), Decimal(then))
