"""An order as the platform's JSON, as of now. Fields without a value are left out."""

import random
from typing import Any

from apps.simulator.world.addresses import recipient_address
from apps.simulator.world.basket import Basket, fill_basket
from apps.simulator.world.carriers import carried_by, option_of
from apps.simulator.world.futures import deadlines
from apps.simulator.world.lifecycle import DAY, Event
from apps.simulator.world.orders import Order
from apps.simulator.world.packages import live_parcels
from apps.simulator.world.regions import amount
from apps.simulator.world.rolls import digits, opaque
from apps.simulator.world.units import (
    cancel_reason,
    cancelled_by,
    render_unit,
)

Json = dict[str, Any]
_ENGLISH = (
    "Please leave it at the door 🙏",
    "It is a present, no invoice 🎁",
    "Thank you!",
)
_MESSAGES = {
    "US": _ENGLISH,
    "GB": _ENGLISH,
    "DE": ("Bitte klingeln!", "Für die Küche 👍 😊"),
    "MY": ("Tolong hantar cepat ya 🙏", "Terima kasih!"),
    "ID": ("Tolong bungkus rapi ya kak 😊", "Ukuran M ya, jangan salah kirim"),
    "TH": ("ขอบคุณค่ะ 🧡", "ฝากไว้หน้าบ้านนะคะ"),
    "VN": ("Cảm ơn shop ❤️", "Giao giờ hành chính giúp mình"),
}
_NOTES = ("Pack with bubble wrap", "Regular customer", "Check colour before packing")


def render_order(order: Order, *, with_payment_details: bool = False) -> Json:
    """The order as search and detail return it.

    `with_payment_details` adds what only the 202507 detail knows.
    """
    chance = random.Random(order.seed)
    basket = fill_basket(order, chance)
    at = order.moments()
    json: Json = {
        "id": str(order.id),
        "status": order.status,
        "create_time": order.created,
        "update_time": order.updated,
        "user_id": order.buyer_id,
        "buyer_email": f"{opaque(16, order.buyer_id)}@scs.example.com",
        "buyer_nickname": f"buyer_{order.buyer_number:04d}",
        "commerce_platform": "TIKTOK_SHOP",
        "fulfillment_type": "FULFILLMENT_BY_TIKTOK"
        if order.is_fulfilled_by_platform
        else "FULFILLMENT_BY_SELLER",
        "shipping_type": order.shipping_type,
        "delivery_type": "HOME_DELIVERY",
        "warehouse_id": order.warehouse_id,
        "is_cod": order.kind.is_cod,
        "is_on_hold_order": order.status == "ON_HOLD",
        "is_sample_order": order.kind.is_sample,
        "is_replacement_order": order.kind.is_replacement,
        "is_exchange_order": order.kind.is_exchange,
        "is_buyer_request_cancel": order.asks_to_cancel,
        "has_updated_recipient_address": Event.ADDRESS_CHANGED in at,
        "order_type": "PRE_ORDER" if order.kind.is_pre_order else "NORMAL",
        "payment": _payment(order, basket),
        "line_items": [
            render_unit(order, basket, n, at) for n in range(len(basket.units))
        ],
    }
    json |= _delivery(order) | _times(order, at) | _deadlines(order, at)
    json |= _parcels(order) | _cancellation(order, at)
    json |= _words(order, chance) | _origin(order)
    if Event.RELEASED in at:
        json["recipient_address"] = recipient_address(
            order, moved=Event.ADDRESS_CHANGED in at
        )
    if Event.PAID in at or order.kind.is_cod:
        json |= _payment_method(order, chance, with_details=with_payment_details)
    return json


def _payment(order: Order, basket: Basket) -> Json:
    region = order.shop.region
    amounts = {
        "sub_total": basket.sub_total,
        "shipping_fee": basket.shipping_fee,
        "seller_discount": basket.seller_discount,
        "platform_discount": basket.platform_discount,
        "total_amount": basket.total,
        "original_total_product_price": basket.list_total,
        "original_shipping_fee": basket.original_shipping_fee,
        "shipping_fee_seller_discount": basket.shipping_seller_discount,
        "shipping_fee_platform_discount": basket.shipping_platform_discount,
        "shipping_fee_cofunded_discount": basket.shipping_cofunded_discount,
        "tax": basket.tax,
    }
    if region.prices_before_tax:
        amounts["product_tax"] = basket.product_tax
        amounts["shipping_fee_tax"] = basket.shipping_tax
    if basket.retail_delivery_fee:
        amounts["retail_delivery_fee"] = basket.retail_delivery_fee
    return {"currency": region.currency} | {
        name: amount(region, value) for name, value in amounts.items()
    }


def _payment_method(order: Order, chance: random.Random, *, with_details: bool) -> Json:
    if order.kind.is_cod:
        return {"payment_method_name": "Cash on delivery"} | (
            {"payment_method_code": "pm_cod"} if with_details else {}
        )
    name, code = chance.choice(order.shop.region.payment_methods)
    json: Json = {"payment_method_name": name}
    if with_details:
        json["payment_method_code"] = code
        if code.startswith("pm_pi_ccdc"):
            json["payment_card_type"] = chance.choice(("Debit", "Credit"))
            json["payment_auth_code"] = digits("", 6, "auth", order.id)
    return json


def _delivery(order: Order) -> Json:
    option = option_of(order)
    return {"delivery_option_id": option.id, "delivery_option_name": option.name}


def _times(order: Order, at: dict[Event, int]) -> Json:
    times = {
        "rts_time": at.get(Event.SHIPPED) or at.get(Event.PARTLY_SHIPPED),
        "collection_time": at.get(Event.COLLECTED),
        "delivery_time": at.get(Event.DELIVERED),
        "request_cancel_time": at.get(Event.CANCEL_ASKED),
        "cancel_time": at.get(Event.CANCELLED),
        # Cash on delivery is paid at the door.
        "paid_time": at.get(Event.DELIVERED if order.kind.is_cod else Event.PAID),
    }
    return {name: moment for name, moment in times.items() if moment}


def _deadlines(order: Order, at: dict[Event, int]) -> Json:
    """Until when to ship, hand over and deliver."""
    limits = deadlines(order)
    if not limits:
        return {}
    json: Json = {}
    if order.kind.is_pre_order:
        accepted = at.get(Event.PAID) or at[Event.ACCEPTED]
        json["release_date"] = order.release_date
        json["handling_duration"] = {
            "days": str(-(-(order.release_date - accepted) // DAY)),
            "type": "CALENDAR_DAY",
        }
    return json | {
        "rts_sla_time": limits.ship,
        "shipping_due_time": limits.ship,
        "tts_sla_time": limits.hand_over,
        "collection_due_time": limits.hand_over,
        "delivery_sla_time": limits.deliver,
        "delivery_due_time": limits.deliver,
        "cancel_order_sla_time": limits.cancel,
    }


def _parcels(order: Order) -> Json:
    numbers, parcels = live_parcels(order), order.parcels()
    if not numbers:
        return {}
    json: Json = {"packages": [{"id": parcels[n]["id"]} for n in numbers]}
    if len(numbers) > 1:
        json["split_or_combine_tag"] = "SPLIT"
    elif parcels[numbers[0]].get("is_combined"):
        json["split_or_combine_tag"] = "COMBINED"
    if shipped := [n for n in numbers if order.shipped(n)]:
        number, provider_id, name = carried_by(order, shipped[0])
        json["shipping_provider"] = name
        json["shipping_provider_id"] = provider_id
        json["tracking_number"] = number
    return json


def _cancellation(order: Order, at: dict[Event, int]) -> Json:
    if Event.CANCELLED not in at:
        return {}
    return {
        "cancellation_initiator": cancelled_by(order),
        "cancel_reason": cancel_reason(order),
    }


def _origin(order: Order) -> Json:
    """The order that a replacement or an exchange stands in for."""
    source = (order.notes or {}).get("stands_in_for")
    if not source:
        return {}
    name = "exchange_source_order_id" if order.kind.is_exchange else "replaced_order_id"
    return {name: source}


def buyer_message(order: Order) -> str:
    """Empty if the buyer had nothing to say."""
    chance = random.Random(order.seed)
    fill_basket(order, chance)
    return str(_words(order, chance).get("buyer_message", ""))


def _words(order: Order, chance: random.Random) -> Json:
    said, noted = chance.random(), chance.random()
    json: Json = {}
    message = (order.notes or {}).get("buyer_message")
    if message:
        json["buyer_message"] = message
    elif said < 0.15:
        json["buyer_message"] = chance.choice(_MESSAGES[order.shop.region.code])
    if noted < 0.06:
        json["seller_note"] = chance.choice(_NOTES)
    return json
