"""Orders, their lines and buyers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any


class OrderStatus(StrEnum):
    """The one life cycle all spellings of an order's status are mapped to."""

    UNPAID = "unpaid"
    ON_HOLD = "on_hold"
    TO_SHIP = "to_ship"
    AWAITING_COLLECTION = "awaiting_collection"
    PARTLY_SHIPPED = "partly_shipped"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NOT_UNDERSTOOD = "not_understood"


class CancelledBy(StrEnum):
    """Who ended the order."""

    BUYER = "buyer"
    SELLER = "seller"
    SYSTEM = "system"
    UNKNOWN = ""


class CancellationStage(StrEnum):
    """How far the order had come when it was cancelled; decides money and stock."""

    BEFORE_PAYMENT = "before_payment"
    BEFORE_SHIPPING = "before_shipping"
    FAILED_DELIVERY = "failed_delivery"
    NONE = ""


class Fulfilment(StrEnum):
    """Whose warehouse sends the goods."""

    SELLER = "seller"
    PLATFORM = "platform"
    UNKNOWN = ""


class ShippingType(StrEnum):
    """Whose carrier brings the goods: the platform sells the label, or the seller
    brings a tracking number of their own."""

    PLATFORM = "platform"
    SELLER = "seller"
    UNKNOWN = ""


class PackageStatus(StrEnum):
    """How far a package has come."""

    TO_FULFILL = "to_fulfill"
    PROCESSING = "processing"  # shipping is arranged, the carrier does not have it yet
    FULFILLING = "fulfilling"  # the carrier has it
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NOT_UNDERSTOOD = "not_understood"


@dataclass(frozen=True, slots=True)
class RemoteBuyer:
    """The buyer as the source shows them, mostly masked with asterisks.

    `remote_id` is the platform's user id (API), `username` the handle (file).
    """

    remote_id: str = ""
    username: str = ""
    name: str = ""
    phone: str = ""
    address: str = ""
    postal_code: str = ""
    region_code: str = ""


@dataclass(frozen=True, slots=True)
class RemoteUnit:
    """One item of a line, by the platform's id (its "order line item id").

    `status` is the item's own, in our words; `package_id` is the package it travels in,
    empty before there is one. The rest is that package's, where the item tells of it.
    """

    remote_id: str
    status: OrderStatus = OrderStatus.NOT_UNDERSTOOD
    package_id: str = ""
    package_status: PackageStatus | None = None
    tracking_number: str = ""
    carrier: str = ""
    carrier_id: str = ""


@dataclass(frozen=True, slots=True)
class RemoteOrderLine:
    """One SKU at one kind of price within an order, with its quantity.

    `unit_price` is the list price of one unit before discounts; the other amounts
    are totals of the line. `amount` is what remains after both discounts. All count
    every unit ordered; `cancelled_quantity` of them were cancelled, be it singly while
    the rest of the order goes on, and `shipped_quantity` left the warehouse. `units`
    are the single items where the platform names them; a file does not.
    """

    remote_sku_id: str
    seller_sku: str
    quantity: int
    unit_price: Decimal
    original_amount: Decimal
    platform_discount_amount: Decimal
    seller_discount_amount: Decimal
    amount: Decimal
    remote_product_id: str = ""
    product_name: str = ""
    variation: str = ""
    image_url: str = ""
    bundle_seller_sku: str = ""
    is_gift: bool = False
    returned_quantity: int | None = None
    cancelled_quantity: int | None = None
    shipped_quantity: int | None = None
    package_ids: tuple[str, ...] = ()
    tracking_numbers: tuple[str, ...] = ()
    units: tuple[RemoteUnit, ...] = ()


@dataclass(frozen=True, slots=True)
class RemoteOrder:
    """An order with everything a source said about it.

    `status_text` keeps the source's own words. `updated_at` is the platform's instant
    of last change; files have none. `ship_by_at` and `auto_cancel_at` are the
    platform's deadlines, as are `collect_by_at` (the carrier has it) and
    `deliver_by_at`; `release_at` is when a pre-order is due out. `refund_amount` is
    what really went back to the buyer. `payment_discount_amount` is what a means of
    payment takes off, `shipping_platform_discount_amount` counts what is co-funded, and
    `buyer_fees_amount` sums the fees a buyer pays beside goods, shipping and tax.
    `split_or_combine` is "split", "combined" or empty. `reported_return` is an order
    file's word for a return of anything in it. `replaced_order_id` is the order this
    one replaces.
    `raw` is the payload as received.
    """

    remote_id: str
    status: OrderStatus
    status_text: str
    currency: str
    placed_at: datetime
    lines: tuple[RemoteOrderLine, ...]
    buyer: RemoteBuyer = field(default_factory=RemoteBuyer)
    updated_at: datetime | None = None

    original_amount: Decimal | None = None
    platform_discount_amount: Decimal | None = None
    seller_discount_amount: Decimal | None = None
    subtotal_amount: Decimal | None = None
    shipping_amount: Decimal | None = None
    original_shipping_amount: Decimal | None = None
    shipping_platform_discount_amount: Decimal | None = None
    shipping_seller_discount_amount: Decimal | None = None
    payment_discount_amount: Decimal | None = None
    buyer_fees_amount: Decimal | None = None
    tax_amount: Decimal | None = None
    total_amount: Decimal | None = None
    refund_amount: Decimal | None = None

    paid_at: datetime | None = None
    ready_to_ship_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None
    ship_by_at: datetime | None = None
    auto_cancel_at: datetime | None = None
    collect_by_at: datetime | None = None
    deliver_by_at: datetime | None = None
    release_at: datetime | None = None
    cancel_requested_at: datetime | None = None
    is_cancel_requested: bool | None = None

    cancelled_by: CancelledBy = CancelledBy.UNKNOWN
    cancellation_stage: CancellationStage = CancellationStage.NONE
    cancel_reason: str = ""
    fulfilment: Fulfilment = Fulfilment.UNKNOWN
    shipping_type: ShippingType = ShippingType.UNKNOWN
    warehouse: str = ""
    delivery_option: str = ""
    delivery_option_id: str = ""
    carrier: str = ""
    carrier_id: str = ""
    split_or_combine: str = ""
    tracking_number: str = ""
    payment_method: str = ""
    is_cod: bool | None = None
    is_pre_order: bool | None = None
    is_sample: bool | None = None
    is_replacement: bool | None = None
    replaced_order_id: str = ""
    reported_return: str = ""
    buyer_message: str = ""
    seller_note: str = ""
    sales_channel: str = ""
    creator_handle: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OrderPage:
    """One page of a search: `total_count` is the platform's count for the window.

    `malformed` are rows the client could not read, {remote_id: reason}; an id that
    could not be read either is an empty text.
    """

    orders: tuple[RemoteOrder, ...]
    next_page_token: str = ""
    total_count: int | None = None
    malformed: tuple[tuple[str, str], ...] = ()
