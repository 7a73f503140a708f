"""TikTok Shop's affiliate orders and creators to our contracts.

Source: Partner Center, "Search Seller Affiliate Orders", "Search Creator Affiliate
Orders" (202410), "Get Creator Profile" (202508).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation

from apps.integrations.contracts.affiliate import (
    AffiliatePage,
    CommissionAmounts,
    ContentType,
    CreatorProfile,
    RemoteAffiliateSku,
    Settlement,
)
from apps.integrations.tiktok.localised import currency_of, localised_amount
from apps.integrations.tiktok.reading import (
    JsonObject,
    Unreadable,
    each_object,
    flag,
    identifier,
    instant,
    likely_instant,
    mapping,
    sequence,
    text,
    whole_number,
    word,
)

_CONTENT_TYPES = {
    "SHOP": ContentType.SHOP,
    "VIDEO": ContentType.VIDEO,
    "LIVE": ContentType.LIVE,
    "PRE_LIVE": ContentType.PRE_LIVE,
    "PROMOTION_PAGE": ContentType.PROMOTION_PAGE,
    "LINKSHARE": ContentType.LINK,
}
# Letters alone: the documents spell these with blanks, hyphens and in any case.
_SETTLEMENTS = {
    "unknown": Settlement.UNKNOWN,
    "awaitingpayment": Settlement.AWAITING_PAYMENT,
    "tosettle": Settlement.TO_SETTLE,
    "settled": Settlement.SETTLED,
    "ineligible": Settlement.INELIGIBLE,
}
# The order's own status, which newer versions leave out: only what is certain.
_BY_STATUS = {
    "SETTLED": Settlement.SETTLED,
    "PROCESSING": Settlement.TO_SETTLE,
    "ORDERED": Settlement.TO_SETTLE,
    "FROZEN": Settlement.TO_SETTLE,
    "REFUNDED": Settlement.INELIGIBLE,
    "CANCELLED": Settlement.INELIGIBLE,
    "CANCELED": Settlement.INELIGIBLE,
}
_SELLER = {
    "base": ("commission_base",),
    "commission": ("paid_commission",),
    "shop_ads": ("paid_shop_ads_commission",),
    "cofunded": ("cofunded_creator_bonus_amount",),
    "partner": ("paid_partner_commission",),
}
_CREATOR = {
    "base": ("commission_base",),
    "commission": ("commission", "standard_commission"),
    "shop_ads": ("shop_ads_commission",),
    "bonus": ("bonus_commission",),
    "cofunded": ("creator_commission_reward_fee",),
}
_OPEN_IDS = ("creator_user_open_id", "creator_open_id", "open_id")
_TAXES = ("isr", "iva", "pit")
_HUNDREDTHS_OF_A_PERCENT = Decimal(10_000)


def seller_page_from_json(data: JsonObject) -> AffiliatePage:
    return _page(data, is_creators=False)


def creator_page_from_json(data: JsonObject) -> AffiliatePage:
    return _page(data, is_creators=True)


def profile_from_json(data: JsonObject) -> CreatorProfile:
    """The profile, be it the answer itself or within it."""
    nested = [mapping(data, name) for name in ("profile", "creator")]
    nested += each_object(data, "profiles")
    row = next(filter(None, nested), data)
    return CreatorProfile(
        open_id=next(filter(None, (identifier(row, name) for name in _OPEN_IDS)), ""),
        username=text(row, "username") or text(row, "creator_username"),
        nickname=text(row, "nickname"),
        region=text(row, "selection_region") or text(row, "register_region"),
    )


def settlement_of(spelled: str) -> Settlement:
    """How far it has come, however it is spelled."""
    letters = re.sub(r"[^a-z]", "", spelled.lower())
    return _SETTLEMENTS.get(letters, Settlement.UNKNOWN)


def content_type_of(spelled: str) -> ContentType:
    return _CONTENT_TYPES.get(spelled, ContentType.OTHER)


def fraction(row: JsonObject, name: str) -> Decimal | None:
    """A rate told in hundredths of a percent, as a number or as text; None if it is
    none between 0 and 100 %."""
    try:
        rate = Decimal(text(row, name)) / _HUNDREDTHS_OF_A_PERCENT
    except InvalidOperation:
        return None
    return rate if 0 <= rate <= 1 else None


def _page(data: JsonObject, *, is_creators: bool) -> AffiliatePage:
    skus: list[RemoteAffiliateSku] = []
    malformed: list[tuple[str, str]] = []
    for order in sequence(data, "orders"):
        if not isinstance(order, Mapping):
            malformed.append(("", "the order is not an object"))
            continue
        try:
            skus += _skus(order, is_creators=is_creators)
        except Unreadable as error:
            malformed.append((identifier(order, "id"), str(error)))
    return AffiliatePage(
        skus=tuple(skus),
        next_page_token=text(data, "next_page_token"),
        total_count=whole_number(data, "total_count"),
        malformed=tuple(malformed),
    )


def _skus(order: JsonObject, *, is_creators: bool) -> Iterator[RemoteAffiliateSku]:
    """Those of an order; raises Unreadable without its ID or time."""
    order_id, placed_at = identifier(order, "id"), instant(order, "create_time")
    if not order_id or placed_at is None:
        raise Unreadable("the order has no ID or no time")
    for row in each_object(order, "skus"):
        yield _sku(order, row, order_id, placed_at, is_creators=is_creators)


def _sku(
    order: JsonObject,
    row: JsonObject,
    order_id: str,
    placed_at: datetime,
    *,
    is_creators: bool,
) -> RemoteAffiliateSku:
    amounts = _Amounts(row, currency=_currency(row))
    parts = _CREATOR if is_creators else _SELLER
    status = word(order, "status")
    sku_id = identifier(row, "sku_id") or (identifier(row, "id") if is_creators else "")
    product_id = identifier(row, "product_id")
    if not (sku_id or product_id):
        raise Unreadable("a SKU has no ID and no product")
    estimated = amounts.all("estimated", parts)
    actual = amounts.all("actual", parts, is_creators=is_creators)
    return RemoteAffiliateSku(
        order_id=order_id,
        placed_at=placed_at,
        product_id=product_id,
        sku_id=sku_id,
        product_name=text(row, "product_name"),
        content_id=identifier(row, "content_id"),
        content_type=content_type_of(word(row, "content_type")),
        creator_username=text(row, "creator_username"),
        creator_open_id=identifier(row, "creator_open_id"),
        shop_name=text(row, "shop_name"),
        campaign_id=identifier(row, "campaign_id"),
        order_status=status,
        settlement=_settlement(row, status),
        currency=amounts.currency,
        quantity=whole_number(row, "quantity"),
        returned_quantity=whole_number(row, "returned_quantity"),
        is_fully_returned=_is_fully_returned(row),
        price=amounts.one("price"),
        rate=fraction(row, "commission_rate"),
        shop_ads_rate=fraction(row, "shop_ads_commission_rate"),
        estimated=estimated,
        actual=actual,
        texts=amounts.texts,
        unread=tuple(amounts.unread),
        delivered_at=likely_instant(order, "delivery_time"),
        updated_at=likely_instant(row, "last_update_time"),
    )


def _settlement(row: JsonObject, status: str) -> Settlement:
    """The SKU's own word; where it says nothing, what the order's status makes sure."""
    told = text(row, "settlement_status")
    return settlement_of(told) if told else _BY_STATUS.get(status, Settlement.UNKNOWN)


def _is_fully_returned(row: JsonObject) -> bool | None:
    words = text(row, "fully_return").lower()
    if words in ("yes", "no"):
        return words == "yes"
    return flag(row, "fully_return")


def _currency(row: JsonObject) -> str:
    """That of the price, or else the first that an amount tells."""
    objects = [
        mapping(row, "price"),
        *(v for v in row.values() if isinstance(v, Mapping)),
    ]
    codes = (currency_of(text(each, "currency")) for each in objects)
    return next(filter(None, codes), "")


@dataclass(slots=True)
class _Amounts:
    """Reads a row's amounts, keeps all as they came, and the names of those nobody can
    read or that are in another currency than the row's."""

    row: JsonObject
    currency: str
    texts: dict[str, str] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)

    def one(self, name: str) -> Decimal | None:
        told = mapping(self.row, name)
        words = text(told, "amount")
        if not words:
            return None
        code = text(told, "currency")
        self.texts[name] = f"{words} {code}".strip()[:80]
        read = localised_amount(words, code or self.currency)
        self.currency = self.currency or read.currency
        if read.amount is None or read.currency != self.currency:
            self.unread.append(name)
            return None
        return read.amount

    def all(
        self,
        prefix: str,
        parts: Mapping[str, tuple[str, ...]],
        *,
        is_creators: bool = False,
    ) -> CommissionAmounts:
        found: dict[str, Decimal | None] = {}
        for part, names in parts.items():
            told = (self.one(f"{prefix}_{name}") for name in names)
            found[part] = next((each for each in told if each is not None), None)
        if is_creators:
            found["partner"] = self.one("shared_with_partner")
            taxes = [tax for name in _TAXES if (tax := self.one(name)) is not None]
            found["taxes"] = sum(taxes, Decimal(0)) if taxes else None
        return CommissionAmounts(**found)
