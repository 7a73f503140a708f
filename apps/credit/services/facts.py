"""What a report shows beside the score: plain figures of the window, before and after
what is left out, for a person to check.

Amounts are strings in US dollars with cents, days ISO dates, shares fractions as
strings; nothing of buyers.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from apps.credit.rules import Features, Snapshot
from apps.credit.rules.snapshot import month_index
from apps.credit.rules.table import MONTH_DAYS, WINDOW_DAYS
from apps.credit.services.collecting import Collected
from apps.credit.services.commission_rows import key_of
from apps.credit.services.order_rows import Known
from apps.credit.services.worth import Worth, in_dollars

_CENT = Decimal("0.01")
_SHARE = Decimal("0.000001")
_ZERO = Decimal(0)


@dataclass(slots=True)
class Sum:
    """Of sales: how many, what they came to, what went back, of how many."""

    orders: int = 0
    returned: int = 0
    gross: Decimal = _ZERO
    refund: Decimal = _ZERO

    def add(self, known: Known, worth: Worth) -> None:
        self.orders += 1
        self.returned += bool(worth.refund)
        self.gross += worth.gross
        self.refund += worth.refund

    def plain(self, *, is_read: bool) -> dict[str, Any]:
        """Unless any day `is_read`, nothing is known, not even that there was none."""
        figures: dict[str, Any] = {
            "gmv_usd": cents(self.gross),
            "refunds_usd": cents(self.refund),
            "orders": self.orders,
            "returned_orders": self.returned,
        }
        return figures if is_read else dict.fromkeys(figures)


def facts_of(
    collected: Collected, income: Snapshot, features: Features
) -> dict[str, Any]:
    """{window, measured, months, shops, creators, counts, rates, review}"""
    as_of = collected.given.as_of
    is_read = bool(collected.around.covered)
    whole, months, shops = _sums(collected)
    return {
        "window": {
            "from": (as_of - timedelta(days=WINDOW_DAYS)).isoformat(),
            "to": (as_of - timedelta(days=1)).isoformat(),
            "covered_days": len(collected.around.covered),
            "gaps": _spans(
                as_of - timedelta(days=age)
                for age in range(1, WINDOW_DAYS + 1)
                if age not in set(collected.around.covered)
            ),
        },
        "measured": _measured(whole, collected, income, features),
        "months": [
            {
                **_month(at, as_of),
                **months[at].plain(is_read=is_read),
                "income_usd": cents(income.months_income[at]) if is_read else None,
                "events": income.months_events[at] if is_read else None,
            }
            for at in range(len(income.months_income))
        ],
        "shops": [
            {
                "shop": shop.pk,
                "name": shop.name,
                "shop_id": shop.remote_id,
                "region": shop.region,
                "currency": shop.currency,
                "time_zone": shop.time_zone,
                **shops[shop.pk].plain(is_read=is_read),
                "net_usd": (
                    cents(income.shop_income.get(str(shop.pk), 0.0))
                    if is_read
                    else None
                ),
                "gaps": _spans(collected.missing(str(shop.pk))),
                "unread": list(collected.coverage[str(shop.pk)].unread),
                "standing": collected.around.shops[str(shop.pk)].to_dict(),
            }
            for shop in collected.shops
        ],
        "creators": [
            {
                "account": account.pk,
                "name": str(account),
                "region": account.region,
                "time_zone": account.time_zone,
                "net_usd": (
                    cents(income.creator_income.get(key_of(account), 0.0))
                    if is_read
                    else None
                ),
                "gaps": _spans(collected.missing(key_of(account))),
                "unread": list(collected.coverage[key_of(account)].unread),
                "standing": collected.around.creators[key_of(account)].to_dict(),
            }
            for account in collected.creators
        ],
        "counts": dict(income.counts),
        "rates": _rates(collected),
    }


def _measured(
    whole: Sum, collected: Collected, income: Snapshot, features: Features
) -> dict[str, Any]:
    """Each None where no day was read."""
    net = whole.gross - whole.refund
    counted = Decimal(repr(income.net_seller_usd)) + Decimal(repr(income.provision_usd))
    figures = {
        **whole.plain(is_read=True),
        "aov_usd": cents(whole.gross / whole.orders) if whole.orders else None,
        "return_rate": _share(whole.refund, whole.gross),
        "returned_share": _share(Decimal(whole.returned), Decimal(whole.orders)),
        "net_usd": cents(net),
        "left_out_usd": cents(max(_ZERO, net - counted)),
        "left_out_share": _plain(income.excluded_value_share),
        "provision_usd": cents(income.provision_usd),
        "net_seller_usd": cents(income.net_seller_usd),
        "commission_usd": cents(income.net_affiliate_usd),
        "clawback": _plain(income.clawback),
        "total_usd": cents(features.total_usd or 0.0),
        "monthly_usd": (
            cents((features.total_usd or 0.0) * MONTH_DAYS / features.covered_days)
            if features.covered_days
            else None
        ),
        "settled_share": _plain(features.settle_match),
        "fx_missing": income.counts["fx_missing"],
        "commission_paid_usd": cents(_paid(collected)),
    }
    return figures if collected.around.covered else dict.fromkeys(figures)


def _paid(collected: Collected) -> Decimal:
    """Commissions that the shops pay: shown, and not taken off."""
    rates = collected.given.rates
    known = (in_dollars(o.amount, o.currency, o.at, rates) for o in collected.paid)
    return sum((one for one in known if one is not None), _ZERO)


def _sums(
    collected: Collected,
) -> tuple[Sum, Mapping[int, Sum], Mapping[int, Sum]]:
    """In all, by month and by shop."""
    whole = Sum()
    months: dict[int, Sum] = defaultdict(Sum)
    shops: dict[int, Sum] = defaultdict(Sum)
    for known in collected.orders:
        worth = collected.worth.get(known.order.pk)
        if worth is not None and known.paid_age is not None:
            at = month_index(known.paid_age)
            for one in (whole, months[at], shops[known.order.shop_id]):
                one.add(known, worth)
    return whole, months, shops


def _month(at: int, as_of: date) -> dict[str, str]:
    oldest = WINDOW_DAYS - at * MONTH_DAYS
    return {
        "from": (as_of - timedelta(days=oldest)).isoformat(),
        "to": (as_of - timedelta(days=oldest - MONTH_DAYS + 1)).isoformat(),
    }


def _rates(collected: Collected) -> list[dict[str, str]]:
    """By currency: how many days' rates were used, the first and the last of them."""
    by_currency: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    for day, row in sorted(collected.given.rates.rows.items()):
        for code, per_euro in row.items():
            by_currency[code].append((day, per_euro))
    return [
        {
            "currency": code,
            "days": str(len(rows)),
            "first": rows[0][0].isoformat(),
            "first_per_euro": format(rows[0][1].normalize(), "f"),
            "last": rows[-1][0].isoformat(),
            "last_per_euro": format(rows[-1][1].normalize(), "f"),
        }
        for code, rows in sorted(by_currency.items())
        if code != "EUR"
    ]


def _spans(days: Iterable[date]) -> list[list[str]]:
    """[first, last] of days that follow each other."""
    spans: list[list[date]] = []
    for day in sorted(days):
        if spans and day - spans[-1][1] == timedelta(days=1):
            spans[-1][1] = day
        else:
            spans.append([day, day])
    return [[first.isoformat(), last.isoformat()] for first, last in spans]


def cents(value: Decimal | float) -> str:
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    return format(exact.quantize(_CENT, ROUND_HALF_UP), "f")


def _share(part: Decimal, whole: Decimal) -> str | None:
    return None if not whole else format((part / whole).quantize(_SHARE), "f")


def _plain(value: float | None) -> str | None:
    return None if value is None else format(Decimal(repr(value)).quantize(_SHARE), "f")
