"""Income of the ninety days before a day, from orders and commissions.

Rows may come in any order and more than once: of the same order or commission the last
one counts, and everything is summed in order of time, so the same rows always give the
same figures to the last bit.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from apps.credit.rules.integrity import (
    QUICK,
    QUICK_SHARE_PERCENT,
    Sale,
    believed,
    capped,
    event_sales,
    in_order,
)
from apps.credit.rules.results import Snapshot
from apps.credit.rules.rows import CommissionRow, OrderRow, SnapshotInput
from apps.credit.rules.table import MONTH_DAYS, WEEKS, WINDOW_DAYS
from apps.finance.rules.rates import Rate

NOT_PAID = frozenset({"UNPAID", "CANCELLED"})
AFFILIATE = "affiliate"
# So many orders or commissions say half of what there is to say of a rate.
_PRIOR = 10
Row = TypeVar("Row")


class Earned(NamedTuple):
    """Income of one order or commission, and how many days before the day it was."""

    age: int
    source: str
    account: str
    usd: float


@dataclass(frozen=True, slots=True)
class _Commission:
    creator_id: str
    age: int
    estimated: float
    actual: float | None


def snapshot(given: SnapshotInput) -> Snapshot:
    """What an applicant earned, without what is not believed."""
    counts = Counter[str]()
    sales = in_order(_sales(given, counts))
    commissions = _commissions(given, counts)
    rows_read = len(sales) + len(commissions) + counts["fx_missing"]
    net_before = sum((sale.net for sale in sales), 0.0)

    kept, dropped = believed(sales, given.applicant_buyer_ids)
    keyed, cap = capped(kept)
    net_counted = sum((sale.net for _, sale in keyed), 0.0)
    provision = refund_provision([sale for _, sale in keyed])
    clawback = clawback_rate([(one.estimated, one.actual) for one in commissions])

    regions = {shop.shop_id: shop.region for shop in given.shops}
    seller = _seller_income([sale for _, sale in keyed], provision, regions)
    affiliate = [_earned(one, clawback) for one in commissions]
    events = [sale.age for sale in event_sales(keyed)]
    events += [earned.age for earned in affiliate if earned.usd > 0]
    net_seller = sum((earned.usd for earned in seller), 0.0)
    net_affiliate = sum((earned.usd for earned in affiliate), 0.0)
    income = seller + affiliate
    return Snapshot(
        net_seller_usd=net_seller,
        net_affiliate_usd=net_affiliate,
        monthly_usd=(net_seller + net_affiliate) * MONTH_DAYS / WINDOW_DAYS,
        months_income=_by_index(income, month_index, WINDOW_DAYS // MONTH_DAYS),
        months_events=_numbers(events),
        weekly_income=_by_index(income, week_index, WEEKS),
        active_ages=tuple(sorted(set(events))),
        source_income=_by_source(given, income),
        shop_income=_by_account(seller, (shop.shop_id for shop in given.shops)),
        creator_income=_by_account(affiliate, sorted(given.creator_ids)),
        provision_usd=provision,
        clawback=clawback,
        buyer_cap_usd=cap,
        counts={name: counts[name] for name in _COUNTS} | dropped,
        excluded_value_share=_excluded(net_counted, net_before),
        fx_missing_share=counts["fx_missing"] / rows_read if rows_read else None,
    )


_COUNTS = (
    "duplicates",
    "not_eligible",
    "out_of_window",
    "fx_missing",
    "own_shop_commission",
)


def age_of(moment: datetime, zone: ZoneInfo, as_of: date) -> int:
    """Days before `as_of`, by the calendar of the zone."""
    return (as_of - moment.astimezone(zone).date()).days


def in_window(age: int) -> bool:
    return 1 <= age <= WINDOW_DAYS


def month_index(age: int) -> int:
    """0 is the oldest of three."""
    return 2 - (age - 1) // MONTH_DAYS


def week_index(age: int) -> int:
    """0 is the oldest of twelve; negative for the days before them."""
    return WEEKS - (age + 6) // 7


def refund_provision(sales: Sequence[Sale]) -> float:
    """What will still come back of sales that are too young to have come back: as much
    as of older ones, believed the more the more of these there are."""
    recent = [sale for sale in sales if sale.age <= MONTH_DAYS]
    mature = [sale for sale in sales if sale.age > MONTH_DAYS]
    gross_recent, rate_recent = _refund_rate(recent)
    gross_mature, rate_mature = _refund_rate(mature)
    if not gross_recent or not gross_mature:
        return 0.0
    trust = len(mature) / (len(mature) + _PRIOR)
    expected = trust * max(0.0, rate_mature - rate_recent) * gross_recent
    return min(expected, sum(sale.net for sale in recent))


def clawback_rate(commissions: Iterable[tuple[float, float | None]]) -> float:
    """The share of estimated commissions that settling takes back; pairs of estimated
    and actual, the latter None while it is not settled."""
    settled = [(est, act) for est, act in commissions if act is not None]
    estimated = sum(est for est, _ in settled)
    if not estimated:
        return 0.0
    taken = sum(max(0.0, est - act) for est, act in settled)
    return len(settled) / (len(settled) + _PRIOR) * taken / estimated


def _last(
    rows: Sequence[Row], key: Callable[[Row], Hashable], counts: Counter[str]
) -> Iterable[Row]:
    last = {key(row): row for row in rows}
    counts["duplicates"] += len(rows) - len(last)
    return last.values()


def _sales(given: SnapshotInput, counts: Counter[str]) -> Iterable[Sale]:
    zones = {shop.shop_id: ZoneInfo(shop.tz) for shop in given.shops}
    rows = _last(given.orders, lambda row: (row.shop_id, row.order_id), counts)
    for row in rows:
        zone = zones.get(row.shop_id)
        if zone is None or row.paid_at is None or not _is_eligible(row):
            counts["not_eligible"] += 1
            continue
        age = age_of(row.paid_at, zone, given.as_of)
        rate = _rate(given, row.currency, row.paid_at, age, counts)
        if rate is not None:
            yield _sale(row, row.paid_at, age, rate)


def _is_eligible(row: OrderRow) -> bool:
    return (
        row.value is not None
        and row.status.upper() not in NOT_PAID
        and not row.is_sample
    )


def _rate(
    given: SnapshotInput, currency: str, at: datetime, age: int, counts: Counter[str]
) -> Rate | None:
    """None, and counted, for what is out of the window or has no rate."""
    if not in_window(age):
        counts["out_of_window"] += 1
        return None
    rate = given.rates.rate(currency, given.base, at.astimezone(UTC).date())
    if rate is None:
        counts["fx_missing"] += 1
    return rate


def _sale(row: OrderRow, paid_at: datetime, age: int, rate: Rate) -> Sale:
    value = row.value or Decimal(0)
    refunded = min(value, row.refunded)
    is_soon = row.refund_at is not None and row.refund_at - paid_at <= QUICK
    return Sale(
        shop_id=row.shop_id,
        order_id=row.order_id,
        buyer=row.buyer_id or f"order:{row.order_id}",
        addr_hash=row.addr_hash,
        paid_at=paid_at,
        age=age,
        gross=float(rate.of(value)),
        refund=float(rate.of(refunded)),
        is_quick_refund=is_soon
        and refunded > 0
        and refunded * 100 >= value * QUICK_SHARE_PERCENT,
    )


def _commissions(given: SnapshotInput, counts: Counter[str]) -> list[_Commission]:
    """The applicant's own, from others' shops, in an order that is always the same."""
    own_shops = {shop.shop_id for shop in given.shops}
    zone = ZoneInfo(given.creator_tz)
    found = []
    for row in _last(given.commissions, _commission_key, counts):
        if row.creator_id not in given.creator_ids:
            continue
        if row.shop_id in own_shops:
            counts["own_shop_commission"] += 1
            continue
        amounts = (row.estimated, row.actual)
        if row.at is None or amounts == (None, None):
            counts["not_eligible"] += 1
            continue
        age = age_of(row.at, zone, given.as_of)
        rate = _rate(given, row.currency, row.at, age, counts)
        if rate is not None:
            found.append((row.at, _commission_key(row), _commission(row, age, rate)))
    return [one for *_, one in sorted(found, key=lambda each: each[:2])]


def _commission_key(row: CommissionRow) -> tuple[str, str, str]:
    return row.order_id, row.sku_id, row.creator_id


def _commission(row: CommissionRow, age: int, rate: Rate) -> _Commission:
    # Without an estimate nothing can have been taken back of it.
    estimated = row.actual if row.estimated is None else row.estimated
    return _Commission(
        row.creator_id,
        age,
        float(rate.of(estimated or Decimal(0))),
        None if row.actual is None else float(rate.of(row.actual)),
    )


def _earned(one: _Commission, clawback: float) -> Earned:
    usd = one.estimated * (1 - clawback) if one.actual is None else one.actual
    return Earned(one.age, AFFILIATE, one.creator_id, usd)


def _seller_income(
    sales: Sequence[Sale], provision: float, regions: dict[str, str]
) -> list[Earned]:
    recent = sum(sale.net for sale in sales if sale.age <= MONTH_DAYS)
    left = 1 - provision / recent if recent else 1.0
    return [
        Earned(
            sale.age,
            seller_source(regions[sale.shop_id]),
            sale.shop_id,
            sale.net * left if sale.age <= MONTH_DAYS else sale.net,
        )
        for sale in sales
    ]


def seller_source(region: str) -> str:
    return f"seller:{region}"


def _refund_rate(sales: Sequence[Sale]) -> tuple[float, float]:
    gross = sum(sale.gross for sale in sales)
    return gross, sum(sale.refund for sale in sales) / gross if gross else 0.0


def _by_index(
    income: Iterable[Earned], index: Callable[[int], int], size: int
) -> tuple[float, ...]:
    sums = [0.0] * size
    for earned in income:
        at = index(earned.age)
        if at >= 0:
            sums[at] += earned.usd
    return tuple(sums)


def _numbers(ages: Iterable[int]) -> tuple[int, ...]:
    seen = Counter(map(month_index, ages))
    return tuple(seen[at] for at in range(WINDOW_DAYS // MONTH_DAYS))


def _by_source(given: SnapshotInput, income: Iterable[Earned]) -> dict[str, float]:
    sources = dict.fromkeys((seller_source(shop.region) for shop in given.shops), 0.0)
    sums = defaultdict(float, sources | {AFFILIATE: 0.0})
    for earned in income:
        sums[earned.source] += earned.usd
    return dict(sums)


def _by_account(income: Iterable[Earned], accounts: Iterable[str]) -> dict[str, float]:
    sums = dict.fromkeys(accounts, 0.0)
    for earned in income:
        sums[earned.account] += earned.usd
    return sums


def _excluded(counted: float, before: float) -> float | None:
    return max(0.0, 1 - counted / before) if before > 0 else None
