"""What creators sell for shops and are paid for it.

Amounts are in major units of `currency`, rates are fractions (0.155 is 15.5 %). An
amount nobody could read is None and stands in `texts` as it came.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol


class Settlement(StrEnum):
    """How far a commission has come; the last two are the end."""

    UNKNOWN = "unknown"
    AWAITING_PAYMENT = "awaiting_payment"
    TO_SETTLE = "to_settle"
    SETTLED = "settled"
    INELIGIBLE = "ineligible"  # nothing will be paid

    @property
    def step(self) -> int:
        """Which goes before which; the ends are equally far."""
        return min([*Settlement].index(self), 3)


class ContentType(StrEnum):
    """What the buyer came from."""

    SHOP = "shop"  # the creator's showcase
    VIDEO = "video"
    LIVE = "live"
    PRE_LIVE = "pre_live"
    PROMOTION_PAGE = "promotion_page"
    LINK = "link"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class CommissionAmounts:
    """The parts of a commission, once as estimated and once as it came to be.

    `base` is what the rate applies to. `partner` is what a shop pays an agency, or what
    a creator gives up to one; `taxes` are withheld from a creator. `total` where the
    source says what is left of all.
    """

    base: Decimal | None = None
    commission: Decimal | None = None
    shop_ads: Decimal | None = None
    bonus: Decimal | None = None
    cofunded: Decimal | None = None
    partner: Decimal | None = None
    taxes: Decimal | None = None
    total: Decimal | None = None


@dataclass(frozen=True, slots=True)
class RemoteAffiliateSku:
    """A SKU of an order that a creator sold. `sku_id` is not told by all versions.

    `updated_at` is when the platform last changed it, where it says so.
    """

    order_id: str
    placed_at: datetime
    product_id: str = ""
    sku_id: str = ""
    product_name: str = ""
    content_id: str = ""
    content_type: ContentType = ContentType.OTHER
    creator_username: str = ""
    creator_open_id: str = ""
    shop_name: str = ""
    shop_code: str = ""
    campaign_id: str = ""
    order_status: str = ""
    settlement: Settlement = Settlement.UNKNOWN
    currency: str = ""
    quantity: int | None = None
    returned_quantity: int | None = None
    is_fully_returned: bool | None = None
    price: Decimal | None = None
    rate: Decimal | None = None
    shop_ads_rate: Decimal | None = None
    estimated: CommissionAmounts = field(default_factory=CommissionAmounts)
    actual: CommissionAmounts = field(default_factory=CommissionAmounts)
    texts: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    delivered_at: datetime | None = None
    settled_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def item(self) -> str:
        """What is known it by in its order: the SKU, or else the product."""
        return self.sku_id or (f"product:{self.product_id}" if self.product_id else "")

    @property
    def remote_id(self) -> str:
        """Tells it from all others of its side."""
        parts = (self.order_id, self.item, self.content_id or self.creator_username)
        return "/".join(filter(None, parts))


@dataclass(frozen=True, slots=True)
class AffiliatePage:
    """One page of SKUs. Pages are cut by SKU, so an order may go on on the next.
    `malformed` is (ID, why) of what cannot be read."""

    skus: tuple[RemoteAffiliateSku, ...]
    next_page_token: str = ""
    total_count: int | None = None
    malformed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CreatorProfile:
    """Who a creator is, by their own word; what is not told is blank."""

    open_id: str = ""
    username: str = ""
    nickname: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class RemoteCreatorPerformance:
    """A creator's totals over the span of days that a file is about."""

    username: str
    nickname: str = ""
    currency: str = ""
    sales: Decimal | None = None
    live_sales: Decimal | None = None
    video_sales: Decimal | None = None
    card_sales: Decimal | None = None
    refunds: Decimal | None = None
    commission: Decimal | None = None
    orders: int | None = None
    items_sold: int | None = None
    items_refunded: int | None = None
    lives: int | None = None
    videos: int | None = None
    samples_shipped: int | None = None
    impressions: int | None = None
    views: int | None = None
    customers: int | None = None


class AffiliateCalls(Protocol):
    """What may be asked of a shop about creators who sell for it."""

    def search_affiliate_orders(
        self, since: datetime, until: datetime, *, page_token: str = ""
    ) -> AffiliatePage:
        """One page of orders placed in [since, until), at most three months."""


class CreatorClient(Protocol):
    """What may be asked of a creator's account."""

    def search_creator_orders(
        self, since: datetime, until: datetime, *, page_token: str = ""
    ) -> AffiliatePage:
        """One page of orders placed in [since, until), at most three months."""

    def creator_profile(self) -> CreatorProfile:
        """Who it is."""
