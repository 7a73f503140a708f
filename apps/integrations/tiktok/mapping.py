"""TikTok Shop's JSON to our contracts.

Source: Partner Center, "Get Order List", "Get Order Detail", "Order API overview".
What we do not know survives in `raw`; an enum value we do not know maps to "unknown"
and keeps its text; a row we cannot read is named and spoils no other.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from apps.integrations.contracts import (
    CancellationStage,
    CancelledBy,
    Fulfilment,
    OrderPage,
    OrderStatus,
    RemoteBuyer,
    RemoteOrder,
    RemoteShop,
    RemoteWarehouse,
    ShippingType,
)
from apps.integrations.tiktok.cancelled import (
    cancel_reason,
    cancellation_stage,
    cancelled_by,
)
from apps.integrations.tiktok.codes import (
    FULFILMENTS,
    ORDER_STATUSES,
    SHIPPING_TYPES,
    SPLIT_OR_COMBINE,
)
from apps.integrations.tiktok.lines import fold_lines
from apps.integrations.tiktok.pages import read_rows
from apps.integrations.tiktok.reading import (
    JsonObject,
    Unreadable,
    each_object,
    enum_key,
    flag,
    identifier,
    instant,
    likely_instant,
    mapping,
    money,
    money_sum,
    objects,
    sequence,
    text,
    whole_number,
    word,
)

# Both are paid by the platform, the second with a seller who has agreed to it.
_SHIPPING_DISCOUNTS = (
    "shipping_fee_platform_discount",
    "shipping_fee_cofunded_discount",
)
# What a buyer pays beside goods, shipping and tax; which there are, the region decides.
_BUYER_FEES = (
    "small_order_fee",
    "retail_delivery_fee",
    "buyer_service_fee",
    "handling_fee",
    "shipping_insurance_fee",
    "item_insurance_fee",
    "distance_shipping_fee",
    "distance_fee",
)
_STREET = tuple(f"address_line{number}" for number in range(1, 5))


def shops_from_json(data: JsonObject) -> list[RemoteShop]:
    """The shops of "Get Authorized Shops"."""
    return [
        RemoteShop(
            remote_id=identifier(row, "id"),
            name=text(row, "name"),
            region=text(row, "region"),
            cipher=text(row, "cipher"),
            code=text(row, "code"),
            seller_type=text(row, "seller_type"),
        )
        for row in objects(data, "shops")
    ]


def warehouses_from_json(data: JsonObject) -> list[RemoteWarehouse]:
    """The warehouses of "Get Warehouse List", without their addresses."""
    return [
        RemoteWarehouse(
            remote_id=identifier(row, "id"),
            name=text(row, "name"),
            kind=enum_key(text(row, "type")),
            is_active=enum_key(text(row, "effect_status")) in ("", "ENABLED"),
            is_default=flag(row, "is_default") or False,
        )
        for row in objects(data, "warehouses")
    ]


def order_page_from_json(data: JsonObject) -> OrderPage:
    """The orders of a search or a detail call, with those that cannot be read."""
    orders, malformed = read_rows(data, "orders", order_from_json, "id")
    return OrderPage(
        orders=orders,
        next_page_token=text(data, "next_page_token"),
        total_count=whole_number(data, "total_count"),
        malformed=malformed,
    )


def order_from_json(row: JsonObject) -> RemoteOrder:
    """One order; raises Unreadable if it lacks what an order cannot do without."""
    status = ORDER_STATUSES.get(word(row, "status"), OrderStatus.NOT_UNDERSTOOD)
    is_cancelled = status is OrderStatus.CANCELLED
    payment = mapping(row, "payment")
    units = _units(row)
    is_sample = flag(row, "is_sample_order")
    return RemoteOrder(
        remote_id=_required_id(row),
        status=status,
        status_text=text(row, "status"),
        currency=_currency(payment, units),
        placed_at=_required_instant(row, "create_time"),
        lines=fold_lines(units, may_lack_price=bool(is_sample)),
        buyer=_buyer(row),
        updated_at=instant(row, "update_time"),
        original_amount=money(payment, "original_total_product_price"),
        platform_discount_amount=money(payment, "platform_discount"),
        seller_discount_amount=money(payment, "seller_discount"),
        subtotal_amount=money(payment, "sub_total"),
        shipping_amount=money(payment, "shipping_fee"),
        original_shipping_amount=money(payment, "original_shipping_fee"),
        shipping_platform_discount_amount=money_sum(payment, *_SHIPPING_DISCOUNTS),
        shipping_seller_discount_amount=money(payment, "shipping_fee_seller_discount"),
        payment_discount_amount=money(payment, "payment_platform_discount"),
        buyer_fees_amount=money_sum(payment, *_BUYER_FEES),
        tax_amount=money(payment, "tax"),
        total_amount=money(payment, "total_amount"),
        paid_at=instant(row, "paid_time"),
        ready_to_ship_at=instant(row, "rts_time"),
        shipped_at=instant(row, "collection_time"),
        delivered_at=instant(row, "delivery_time"),
        cancelled_at=instant(row, "cancel_time"),
        ship_by_at=instant(row, "rts_sla_time") or instant(row, "shipping_due_time"),
        auto_cancel_at=instant(row, "cancel_order_sla_time"),
        collect_by_at=(
            likely_instant(row, "tts_sla_time")
            or likely_instant(row, "collection_due_time")
        ),
        deliver_by_at=(
            likely_instant(row, "delivery_sla_time")
            or likely_instant(row, "delivery_due_time")
        ),
        release_at=likely_instant(row, "release_date"),
        cancel_requested_at=instant(row, "request_cancel_time"),
        is_cancel_requested=flag(row, "is_buyer_request_cancel"),
        cancelled_by=cancelled_by(row, units) if is_cancelled else CancelledBy.UNKNOWN,
        cancellation_stage=(
            cancellation_stage(row, units) if is_cancelled else CancellationStage.NONE
        ),
        cancel_reason=cancel_reason(row, units if is_cancelled else []),
        fulfilment=FULFILMENTS.get(word(row, "fulfillment_type"), Fulfilment.UNKNOWN),
        shipping_type=SHIPPING_TYPES.get(
            word(row, "shipping_type"), ShippingType.UNKNOWN
        ),
        warehouse=identifier(row, "warehouse_id"),
        delivery_option=text(row, "delivery_option_name"),
        delivery_option_id=identifier(row, "delivery_option_id"),
        carrier=text(row, "shipping_provider"),
        carrier_id=identifier(row, "shipping_provider_id"),
        split_or_combine=SPLIT_OR_COMBINE.get(word(row, "split_or_combine_tag"), ""),
        tracking_number=text(row, "tracking_number"),
        payment_method=text(row, "payment_method_name"),
        is_cod=flag(row, "is_cod"),
        is_pre_order=_is_pre_order(row),
        is_sample=is_sample,
        is_replacement=_is_replacement(row),
        replaced_order_id=(
            identifier(row, "replaced_order_id")
            or identifier(row, "exchange_source_order_id")
        ),
        buyer_message=text(row, "buyer_message"),
        seller_note=text(row, "seller_note"),
        raw=row,
    )


def _required_id(row: JsonObject) -> str:
    if remote_id := identifier(row, "id"):
        return remote_id
    raise Unreadable("the order has no id")


def _required_instant(row: JsonObject, name: str) -> datetime:
    if moment := instant(row, name):
        return moment
    raise Unreadable(f"the order has no {name}")


def _units(row: JsonObject) -> list[Mapping[str, Any]]:
    units = sequence(row, "line_items")
    if not units:
        raise Unreadable("the order has no lines")
    if not all(isinstance(unit, Mapping) for unit in units):
        raise Unreadable("a line is not an object")
    return units


def _currency(payment: JsonObject, units: list[JsonObject]) -> str:
    for row in (payment, *units):
        if currency := text(row, "currency"):
            return currency.upper()
    raise Unreadable("the order has no currency")


def _buyer(row: JsonObject) -> RemoteBuyer:
    """The platform hides the address of unpaid and held orders altogether."""
    address = mapping(row, "recipient_address")
    return RemoteBuyer(
        remote_id=identifier(row, "user_id"),
        name=text(address, "name") or _texts(address, ("first_name", "last_name"), " "),
        phone=text(address, "phone_number"),
        address=text(address, "full_address") or _address_in_parts(address),
        postal_code=text(address, "postal_code"),
        region_code=text(address, "region_code"),
    )


def _address_in_parts(address: JsonObject) -> str:
    """Where it is not told whole: from the country down, as TikTok writes it. Districts
    alone are none; having no stars, they would pass for a clearer one."""
    street = text(address, "address_detail") or _texts(address, _STREET, ", ")
    if not street:
        return ""
    districts = each_object(address, "district_info")
    names = [text(district, "address_name") for district in districts]
    return ", ".join(filter(None, (*names, text(address, "post_town"), street)))


def _texts(row: JsonObject, names: Iterable[str], between: str) -> str:
    return between.join(filter(None, (text(row, name) for name in names)))


def _is_pre_order(row: JsonObject) -> bool | None:
    kind = enum_key(text(row, "order_type"))
    return kind == "PRE_ORDER" if kind else None


def _is_replacement(row: JsonObject) -> bool | None:
    """An exchange counts as well: goods leave, nothing is sold."""
    flags = [flag(row, "is_replacement_order"), flag(row, "is_exchange_order")]
    return True if True in flags else flags[0]
