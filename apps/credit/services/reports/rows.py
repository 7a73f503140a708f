"""The rows behind a score's figures, as they were kept with it."""

import json
import zlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from apps.credit.models import Score
from apps.credit.rules import SnapshotInput
from apps.credit.rules.rows import USD
from apps.credit.rules.snapshot import NOT_PAID
from apps.credit.services.worth import utc_day


@dataclass(frozen=True, slots=True)
class Row:
    """An order or a commission: in its own currency, and in US dollars (None: there is
    no rate). `account` is the key of its shop or creator in the rows."""

    account: str
    order_id: str
    at: datetime | None
    status: str
    currency: str
    value: Decimal | None
    refunded: Decimal
    value_usd: Decimal | None
    refunded_usd: Decimal | None
    is_sale: bool


# {name of a figure: which rows are behind it}
FIGURES: dict[str, Callable[[Row], bool]] = {
    "sales": lambda row: row.is_sale,
    "refunds": lambda row: row.is_sale and bool(row.refunded),
    "not-counted": lambda row: not row.is_sale,
    "fx-missing": lambda row: row.is_sale and row.value_usd is None,
}


def orders_behind(score: Score, figure: str, accounts: Collection[str]) -> list[Row]:
    """Newest first; empty where the rows were let go. Raises LookupError for no
    figure."""
    given = _given(score)
    wanted = FIGURES[figure]
    if given is None:
        return []
    found = []
    for order in given.orders:
        if order.shop_id in accounts:
            rate = order.paid_at and given.rates.rate(
                order.currency, USD, utc_day(order.paid_at)
            )
            refunded = min(order.value or Decimal(0), order.refunded)
            row = Row(
                order.shop_id,
                order.order_id,
                order.paid_at,
                order.status,
                order.currency,
                order.value,
                refunded,
                rate.of(order.value) if rate and order.value is not None else None,
                rate.of(refunded) if rate else None,
                order.paid_at is not None
                and order.value is not None
                and order.status not in NOT_PAID
                and not order.is_sample,
            )
            if wanted(row):
                found.append(row)
    return sorted(found, key=_newest_first, reverse=True)


def commissions_behind(score: Score, accounts: Collection[str]) -> list[Row]:
    """Newest first; what was settled, else what was estimated."""
    given = _given(score)
    if given is None:
        return []
    found = []
    for one in given.commissions:
        if one.creator_id in accounts:
            value = one.estimated if one.actual is None else one.actual
            rate = one.at and given.rates.rate(one.currency, USD, utc_day(one.at))
            found.append(
                Row(
                    one.creator_id,
                    one.order_id,
                    one.at,
                    "Estimated" if one.actual is None else "Settled",
                    one.currency,
                    value,
                    Decimal(0),
                    rate.of(value) if rate and value is not None else None,
                    None,
                    is_sale=True,
                )
            )
    return sorted(found, key=_newest_first, reverse=True)


def _given(score: Score) -> SnapshotInput | None:
    stored = score.input
    if stored is None or not stored.body:
        return None
    data = json.loads(zlib.decompress(bytes(stored.body)))
    return SnapshotInput.from_dict(data["rows"])


def _newest_first(row: Row) -> tuple[str, str]:
    return (row.at.isoformat() if row.at else "", row.order_id)
