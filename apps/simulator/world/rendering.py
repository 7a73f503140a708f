"""An order as the platform's JSON, as of now. Fields without a value are left out."""

import random
from typing import Any

from apps.simulator.world.addresses import recipient_address
from apps.simulator.world.basket import Basket, fill_basket
from apps.simulator.world.lifecycle import DAY, HOUR, Event
from apps.simulator.world.orders import Order
from apps.simulator.world.regions import amount
from apps.simulator.world.rolls import digits, opaque
from apps.simulator.world.units import (
    cancel_reason,
    cancelled_by,
    render_unit,
    tracking_number,
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
        "is_replacement_order": False,
        "is_exchange_order": False,
        "is_buyer_request_cancel": order.asks_to_cancel,
        "has_updated_recipient_address": Event.ADDRESS_CHANGED in at,
        "order_type": "PRE_ORDER" if order.kind.is_pre_order else "NORMAL",
        "payment": _payment(order, basket),
        "line_items": [
            render_unit(order, basket, n, at) for n in range(len(basket.units))
        ],
    }
    json |= _delivery(order) | _times(order, at) | _deadlines(order, at)
    json |= _parcels(order, basket, at) | _cancellation(order, at)
    json |= _words(order, chance)
    if Event.RELEASED in at:
        json["recipient_address"] = recipient_address(
            order, basket.place, moved=Event.ADDRESS_CHANGED in at, chance=chance
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
    if order.shipping_type == "SELLER":
        name = "Send by seller"
    else:
        name = "Express shipping" if order.seed % 9 == 0 else "Standard shipping"
    return {
        "delivery_option_id": digits("7091", 19, "option", order.shop.number, name),
        "delivery_option_name": name,
    }


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
    """Until when to ship, hand over and deliver; counted from the order's release."""
    accepted = at.get(Event.PAID) or at.get(Event.ACCEPTED)
    if not accepted:
        return {}
    release = accepted + HOUR
    json: Json = {}
    if order.kind.is_pre_order:
        release = order.release_date
        json["release_date"] = release
        json["handling_duration"] = {
            "days": str(-(-(release - accepted) // DAY)),
            "type": "CALENDAR_DAY",
        }
    release = at.get(Event.RELEASED, release)
    ship, hand_over, deliver = release + 2 * DAY, release + 3 * DAY, release + 10 * DAY
    return json | {
        "rts_sla_time": ship,
        "shipping_due_time": ship,
        "tts_sla_time": hand_over,
        "collection_due_time": hand_over,
        "delivery_sla_time": deliver,
        "delivery_due_time": deliver,
        "cancel_order_sla_time": release + 4 * DAY,
    }


def _parcels(order: Order, basket: Basket, at: dict[Event, int]) -> Json:
    if not has_packages(order, at):
        return {}
    packages = sorted({unit.package for unit in basket.units})
    if order.shop.region.packages_after_shipping and Event.SHIPPED not in at:
        packages = packages[:1]
    json: Json = {"packages": [{"id": order.package_id(n)} for n in packages]}
    if len(packages) > 1:
        json["split_or_combine_tag"] = "SPLIT"
    if Event.SHIPPED in at or Event.PARTLY_SHIPPED in at:
        carrier = order.shop.region.carrier
        json["shipping_provider"] = carrier
        json["shipping_provider_id"] = digits("66", 19, "carrier", carrier)
        json["tracking_number"] = tracking_number(order, packages[0])
    return json


def has_packages(order: Order, at: dict[Event, int]) -> bool:
    """From payment on; in the US only once shipped."""
    if order.shop.region.packages_after_shipping:
        return Event.SHIPPED in at or Event.PARTLY_SHIPPED in at
    return Event.PAID in at or Event.ACCEPTED in at


def _cancellation(order: Order, at: dict[Event, int]) -> Json:
    if Event.CANCELLED not in at:
        return {}
    return {
        "cancellation_initiator": cancelled_by(order),
        "cancel_reason": cancel_reason(order),
    }


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
