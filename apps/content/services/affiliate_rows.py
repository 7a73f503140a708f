"""RemoteAffiliateSku → the columns of a row, and which row it is."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import fields
from decimal import Decimal
from typing import Any

from apps.content.models import AffiliateOrder
from apps.content.models.affiliate import ContentType, Settlement
from apps.content.models.creator import handle_of
from apps.content.services.sides import Side
from apps.integrations.contracts import Source
from apps.integrations.contracts.affiliate import RemoteAffiliateSku

_CENTS = Decimal("0.0001")
_RATE = Decimal("0.000001")
# What a version says of itself, and not of the sale.
COLUMNS = (
    "remote_sku_id",
    "item",
    "origin",
    "remote_product_id",
    "product_name",
    "content_id",
    "content_type",
    "shop_name",
    "shop_code",
    "campaign_id",
    "settlement",
    "order_status",
    "is_fully_returned",
    "quantity",
    "returned_quantity",
    "currency",
    "price_amount",
    "rate",
    "shop_ads_rate",
    "estimated_base_amount",
    "actual_base_amount",
    "estimated_commission_amount",
    "actual_commission_amount",
    "estimated_shop_ads_amount",
    "actual_shop_ads_amount",
    "estimated_bonus_amount",
    "actual_bonus_amount",
    "estimated_cofunded_amount",
    "actual_cofunded_amount",
    "estimated_partner_amount",
    "actual_partner_amount",
    "tax_amount",
    "estimated_amount",
    "actual_amount",
    "amount_texts",
    "has_unread_amount",
    "placed_at",
    "delivered_at",
    "settled_at",
    "remote_updated_at",
    "source",
)


def origin_of(remote: RemoteAffiliateSku) -> str:
    """What brought the buyer: the content, or else the creator."""
    if remote.content_id:
        return remote.content_id[:40]
    handle = handle_of(remote.creator_username)
    return f"@{handle}" if handle else ""


def columns_of(
    side: Side, remote: RemoteAffiliateSku, source: Source
) -> dict[str, Any]:
    """All of COLUMNS."""
    estimated, actual = remote.estimated, remote.actual
    return {
        "remote_sku_id": remote.sku_id[:40],
        "item": remote.item[:48],
        "origin": origin_of(remote),
        "remote_product_id": remote.product_id[:40],
        "product_name": remote.product_name[:500],
        "content_id": remote.content_id[:40],
        "content_type": ContentType(remote.content_type.value),
        "shop_name": remote.shop_name[:120],
        "shop_code": remote.shop_code[:40],
        "campaign_id": remote.campaign_id[:40],
        "settlement": Settlement(remote.settlement.value),
        "order_status": remote.order_status[:40],
        "is_fully_returned": remote.is_fully_returned,
        "quantity": _count(remote.quantity),
        "returned_quantity": _count(remote.returned_quantity),
        "currency": remote.currency,
        "price_amount": _money(remote.price),
        "rate": _rounded(remote.rate, _RATE),
        "shop_ads_rate": _rounded(remote.shop_ads_rate, _RATE),
        "estimated_base_amount": _money(estimated.base),
        "actual_base_amount": _money(actual.base),
        "estimated_commission_amount": _money(estimated.commission),
        "actual_commission_amount": _money(actual.commission),
        "estimated_shop_ads_amount": _money(estimated.shop_ads),
        "actual_shop_ads_amount": _money(actual.shop_ads),
        "estimated_bonus_amount": _money(estimated.bonus),
        "actual_bonus_amount": _money(actual.bonus),
        "estimated_cofunded_amount": _money(estimated.cofunded),
        "actual_cofunded_amount": _money(actual.cofunded),
        "estimated_partner_amount": _money(estimated.partner),
        "actual_partner_amount": _money(actual.partner),
        "tax_amount": _money(actual.taxes),
        "estimated_amount": _money(side.total(estimated)),
        "actual_amount": _money(side.total(actual)),
        "amount_texts": dict(remote.texts),
        "has_unread_amount": bool(remote.unread),
        "placed_at": remote.placed_at,
        "delivered_at": remote.delivered_at,
        "settled_at": remote.settled_at,
        "remote_updated_at": remote.updated_at,
        "source": source.value,
    }


def hash_of(remote: RemoteAffiliateSku, source: Source) -> str:
    """The same for the same news from the same source."""
    told = [source.value, *(repr(getattr(remote, f.name)) for f in fields(remote))]
    return hashlib.sha256("\x1f".join(told).encode()).hexdigest()


class Known:
    """The rows that are here, and which of them a version is about."""

    def __init__(self, rows: Iterable[AffiliateOrder]) -> None:
        self._by_key: dict[tuple[str, str, str], AffiliateOrder] = {}
        self._by_product: dict[tuple[str, str, str], list[AffiliateOrder]] = (
            defaultdict(list)
        )
        for row in rows:
            self.add(row)

    def add(self, row: AffiliateOrder) -> None:
        self._by_key[row.remote_order_id, row.item, row.origin] = row
        place = row.remote_order_id, row.remote_product_id, row.origin
        self._by_product[place].append(row)

    def find(self, remote: RemoteAffiliateSku) -> AffiliateOrder | None:
        """By the SKU; where one of both tells none, by the product, if that leaves no
        doubt."""
        origin = origin_of(remote)
        exact = self._by_key.get((remote.order_id, remote.item[:48], origin))
        if exact is not None or not remote.product_id:
            return exact
        near = [
            row
            for row in self._by_product[remote.order_id, remote.product_id, origin]
            if not (row.remote_sku_id and remote.sku_id)
        ]
        return near[0] if len(near) == 1 else None


def _money(amount: Decimal | None) -> Decimal | None:
    return _rounded(amount, _CENTS)


def _rounded(number: Decimal | None, step: Decimal) -> Decimal | None:
    return None if number is None else number.quantize(step)


def _count(number: int | None) -> int | None:
    return number if number is not None and 0 <= number < 2**31 else None
