"""Orders that are no income: one's own, bought back, in bursts, all of one buyer.

They are left out, never counted for less and never held against anybody.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from apps.credit.rules.concentration import (
    EVENT_FLOOR,
    LIMIT,
    cap_of,
    concentration,
)

# So many buyers at one address are one.
BUYERS_AT_ADDRESS = 3
QUICK = timedelta(hours=72)
QUICK_SHARE_PERCENT = 95
FEWEST_QUICK = 2
BURST = timedelta(hours=24)
MOST_IN_BURST = 5


@dataclass(frozen=True, slots=True)
class Sale:
    """A paid order of the window, in the base currency; `refund` at most `gross`.
    `is_quick_refund`: nearly all went back within three days."""

    shop_id: str
    order_id: str
    buyer: str
    addr_hash: str | None
    paid_at: datetime
    age: int
    gross: float
    refund: float
    is_quick_refund: bool = False

    @property
    def net(self) -> float:
        return self.gross - self.refund


class Believed(NamedTuple):
    """Sales that are left, each with the key of its buyer, and how many went why."""

    sales: list[tuple[str, Sale]]
    counts: dict[str, int]


def in_order(sales: Iterable[Sale]) -> list[Sale]:
    """By time; the same list whatever order they came in."""
    return sorted(sales, key=lambda sale: (sale.paid_at, sale.order_id, sale.shop_id))


def believed(sales: Sequence[Sale], own_buyers: frozenset[str]) -> Believed:
    """Sales, in order, without one's own purchases, returned circles and bursts.

    Own purchases go before addresses are looked at: they change nothing for others.
    """
    others = [sale for sale in sales if sale.buyer not in own_buyers]
    keys = buyer_keys(others)
    keyed = [(keys[sale.buyer], sale) for sale in others]
    lasting = without_churn(keyed)
    kept = without_bursts(lasting)
    return Believed(
        kept,
        {
            "W1_self": len(sales) - len(others),
            "W3_refund_churn": len(keyed) - len(lasting),
            "W4_burst": len(lasting) - len(kept),
        },
    )


def buyer_keys(sales: Iterable[Sale]) -> dict[str, str]:
    """{buyer: key}: buyers who share an address with two others, and whoever shares one
    with those in the same way, are one."""
    at_address: dict[str, set[str]] = defaultdict(set)
    leader: dict[str, str] = {}
    for sale in sales:
        leader[sale.buyer] = sale.buyer
        if sale.addr_hash:
            at_address[sale.addr_hash].add(sale.buyer)
    for buyers in at_address.values():
        if len(buyers) >= BUYERS_AT_ADDRESS:
            leaders = {_leader(buyer, leader) for buyer in buyers}
            first = min(leaders)
            leader.update(dict.fromkeys(leaders, first))
    return {buyer: _leader(buyer, leader) for buyer in leader}


def _leader(buyer: str, leader: Mapping[str, str]) -> str:
    while leader[buyer] != buyer:
        buyer = leader[buyer]
    return buyer


def without_churn(keyed: Sequence[tuple[str, Sale]]) -> list[tuple[str, Sale]]:
    """Without quick refunds of those who have had two or more."""
    quick = Counter(key for key, sale in keyed if sale.is_quick_refund)
    return [
        (key, sale)
        for key, sale in keyed
        if not (sale.is_quick_refund and quick[key] >= FEWEST_QUICK)
    ]


def without_bursts(keyed: Iterable[tuple[str, Sale]]) -> list[tuple[str, Sale]]:
    """At most five of a buyer in any 24 hours, of sales in order of time."""
    last_kept: dict[str, list[datetime]] = defaultdict(list)
    kept = []
    for key, sale in keyed:
        before = last_kept[key]
        if (
            len(before) >= MOST_IN_BURST
            and sale.paid_at - before[-MOST_IN_BURST] < BURST
        ):
            continue
        before.append(sale.paid_at)
        kept.append((key, sale))
    return kept


def capped(
    keyed: Sequence[tuple[str, Sale]],
) -> tuple[list[tuple[str, Sale]], float]:
    """Sales with what counts of them, and the most that counts of one buyer."""
    values: dict[str, float] = defaultdict(float)
    for key, sale in keyed:
        values[key] += sale.net
    found = concentration(list(values.values()))
    share = {
        key: counted / value if value > 0 else 1.0
        for (key, value), counted in zip(values.items(), found.counted, strict=True)
    }
    scaled = [
        (
            key,
            sale
            if share[key] == 1
            else replace(
                sale, gross=sale.gross * share[key], refund=sale.refund * share[key]
            ),
        )
        for key, sale in keyed
    ]
    return scaled, found.cap


def event_sales(keyed: Iterable[tuple[str, Sale]]) -> list[Sale]:
    """Sales that count as income events: of each buyer the earliest, so many as the
    limit for values allows of numbers."""
    earning = [(key, sale) for key, sale in keyed if sale.net > 0]
    numbers = Counter(key for key, _ in earning)
    most = int(cap_of([float(n) for n in numbers.values()], LIMIT, EVENT_FLOOR))
    seen: Counter[str] = Counter()
    counted = []
    for key, sale in earning:
        seen[key] += 1
        if seen[key] <= most:
            counted.append(sale)
    return counted
