"""Rows that an applicant's income is read from: orders of their shops, commissions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from apps.credit.rules.plain import (
    Plain,
    amount,
    amount_or_none,
    day,
    instant_or_none,
)
from apps.finance.rules.rates import RateTable

USD = "USD"


class ShopPlace(NamedTuple):
    """A shop of the applicant; its days are those of `tz`, an IANA zone."""

    shop_id: str
    tz: str
    region: str


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order as it was last told. `value` is of the items after the seller's
    discount, with what the platform paid of it, without shipping and tax; `addr_hash` a
    keyed hash, never the address."""

    shop_id: str
    order_id: str
    currency: str
    value: Decimal | None
    paid_at: datetime | None
    status: str
    refunded: Decimal = Decimal(0)
    refund_at: datetime | None = None
    buyer_id: str | None = None
    addr_hash: str | None = None
    is_sample: bool = False

    @classmethod
    def from_dict(cls, data: Plain) -> "OrderRow":
        return cls(
            shop_id=str(data["shop_id"]),
            order_id=str(data["order_id"]),
            currency=str(data.get("currency") or "").upper(),
            value=amount_or_none(data.get("value")),
            paid_at=instant_or_none(data.get("paid_at")),
            status=str(data.get("status") or ""),
            refunded=amount(data.get("refunded") or 0),
            refund_at=instant_or_none(data.get("refund_at")),
            buyer_id=_text(data.get("buyer_id")),
            addr_hash=_text(data.get("addr_hash")),
            is_sample=bool(data.get("sample")),
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "shop_id": self.shop_id,
            "order_id": self.order_id,
            "currency": self.currency,
            "value": _written(self.value),
            "paid_at": _written(self.paid_at),
            "status": self.status,
            "refunded": _written(self.refunded),
            "refund_at": _written(self.refund_at),
            "buyer_id": self.buyer_id,
            "addr_hash": self.addr_hash,
            "sample": self.is_sample,
        }


@dataclass(frozen=True, slots=True)
class CommissionRow:
    """What a creator gets for a SKU of an order; `shop_id` is the seller's. `actual` is
    None until it is settled."""

    order_id: str
    sku_id: str
    creator_id: str
    shop_id: str
    at: datetime | None
    currency: str
    estimated: Decimal | None
    actual: Decimal | None

    @classmethod
    def from_dict(cls, data: Plain) -> "CommissionRow":
        return cls(
            order_id=str(data["order_id"]),
            sku_id=str(data.get("sku_id") or ""),
            creator_id=str(data["creator_id"]),
            shop_id=str(data.get("shop_id") or ""),
            at=instant_or_none(data.get("at")),
            currency=str(data.get("currency") or "").upper(),
            estimated=amount_or_none(data.get("estimated")),
            actual=amount_or_none(data.get("actual")),
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "order_id": self.order_id,
            "sku_id": self.sku_id,
            "creator_id": self.creator_id,
            "shop_id": self.shop_id,
            "at": _written(self.at),
            "currency": self.currency,
            "estimated": _written(self.estimated),
            "actual": _written(self.actual),
        }


@dataclass(frozen=True, slots=True)
class SnapshotInput:
    """All of an applicant: their shops and creator accounts, with rows in the order in
    which they were received (of the same order, the last one counts). The window is the
    90 days before `as_of`."""

    as_of: date
    rates: RateTable
    shops: Sequence[ShopPlace] = ()
    orders: Sequence[OrderRow] = ()
    commissions: Sequence[CommissionRow] = ()
    applicant_buyer_ids: frozenset[str] = frozenset()
    creator_ids: frozenset[str] = frozenset()
    creator_tz: str = "UTC"
    base: str = USD

    @classmethod
    def from_dict(cls, data: Plain) -> "SnapshotInput":
        """From plain values, amounts and times as strings. Raises ValueError."""
        return cls(
            as_of=day(data["as_of"]),
            rates=rate_table(data.get("rates") or {}),
            shops=[_shop(shop) for shop in data.get("shops") or ()],
            orders=[OrderRow.from_dict(row) for row in data.get("orders") or ()],
            commissions=[
                CommissionRow.from_dict(row) for row in data.get("commissions") or ()
            ],
            applicant_buyer_ids=_ids(data.get("applicant_buyer_ids")),
            creator_ids=_ids(data.get("creator_ids")),
            creator_tz=data.get("creator_tz") or "UTC",
            base=str(data.get("base") or USD).upper(),
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; from_dict gives the same input back."""
        return {
            "as_of": self.as_of.isoformat(),
            "base": self.base,
            "creator_tz": self.creator_tz,
            "creator_ids": sorted(self.creator_ids),
            "applicant_buyer_ids": sorted(self.applicant_buyer_ids),
            "shops": [shop._asdict() for shop in self.shops],
            "rates": {
                on.isoformat(): {code: str(rate) for code, rate in row.items()}
                for on, row in self.rates.rows.items()
            },
            "orders": [row.to_dict() for row in self.orders],
            "commissions": [row.to_dict() for row in self.commissions],
        }


def rate_table(rows: Plain) -> RateTable:
    """From {"2026-01-31": {"USD": 1.17}}; a gap is null or "N/A"."""
    return RateTable(
        {
            day(on): {code.upper(): _rate(rate) for code, rate in (row or {}).items()}
            for on, row in rows.items()
        }
    )


def _rate(value: object) -> Decimal | None:
    return None if value in (None, "", "N/A") else amount(value)


def _shop(data: Plain) -> ShopPlace:
    return ShopPlace(
        str(data["shop_id"]), data.get("tz") or "UTC", str(data.get("region") or "")
    )


def _written(value: Decimal | datetime | None) -> str | None:
    if isinstance(value, datetime):
        return value.isoformat()
    return None if value is None else str(value)


def _text(value: object) -> str | None:
    return None if value in (None, "") else str(value)


def _ids(values: Sequence[object] | None) -> frozenset[str]:
    return frozenset(map(str, values or ()))
