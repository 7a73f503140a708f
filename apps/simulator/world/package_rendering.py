"""A package as the platform's JSON, as of now. Fields without a value are left out."""

import random
from collections import Counter

from apps.simulator.world.addresses import recipient_address
from apps.simulator.world.basket import fill_basket
from apps.simulator.world.carriers import option_of
from apps.simulator.world.lifecycle import Event
from apps.simulator.world.media import picture_url
from apps.simulator.world.orders import Json, Order
from apps.simulator.world.packages import (
    CANCELLED,
    COMPLETED,
    FULFILLING,
    PROCESSING,
    TO_FULFILL,
    Package,
    Part,
)
from apps.simulator.world.rendering import buyer_message
from apps.simulator.world.rolls import digits
from apps.simulator.world.warehouses import warehouses

_SUB_STATUS = {
    TO_FULFILL: "CREATED", PROCESSING: "RTSING", FULFILLING: "RTS",
    COMPLETED: "DELIVERED", CANCELLED: "CANCELLED",
}  # fmt: skip
_ADDRESS = (
    "full_address", "phone_number", "name", "postal_code", "address_detail",
    "region_code", "address_line1",
)  # fmt: skip


def render_row(package: Package) -> Json:
    """As the search lists it."""
    return {
        "id": package.id,
        "status": package.status,
        "create_time": package.created,
        "update_time": package.updated,
        "order_line_item_ids": _lines(package),
        "orders": [_order(part) for part in package.live],
    } | _carrier(package)


def render_package(package: Package) -> Json:
    """As the detail shows it."""
    order, noted = package.order, package.first.noted
    option = option_of(order)
    orders = [_order(part) for part in package.live]
    json: Json = {
        "package_id": package.id,
        "package_status": package.status,
        "package_sub_status": _SUB_STATUS[package.status],
        "create_time": package.created,
        "update_time": package.updated,
        "order_line_item_ids": _lines(package),
        "orders": orders,
        "split_and_combine_tag": package.tag,
        "has_multi_skus": sum(len(one["skus"]) for one in orders) > 1,
        "note_tag": "BUYER_NOTED" if buyer_message(order) else "BUYER_UNNOTED",
        "shipping_type": order.shipping_type,
        "delivery_option_id": option.id,
        "delivery_option_name": option.name,
        "warehouse_id": order.warehouse_id,
        "sender_address": _sender(order),
    } | _carrier(package)
    if package.hitch:
        json["package_sub_status"] = "SHIP_EXCEPTION"
        json["ship_exception_reason"] = package.hitch
    if Event.RELEASED in (at := order.moments()):
        address = recipient_address(order, moved=Event.ADDRESS_CHANGED in at)
        json["recipient_address"] = {name: address[name] for name in _ADDRESS}
    if slot := noted.get("pickup_slot"):
        json["pickup_slot"] = {"start_time": slot[0], "end_time": slot[1]}
    if method := noted.get("handover_method"):
        json["handover_method"] = method
    return json | measures(package)


def measures(package: Package) -> Json:
    """As the seller gave them, else as the products' own sizes add up."""
    noted, count = package.first.noted, sum(len(part.units) for part in package.live)
    own = weight_of(max(1, count))
    return {name: noted.get(name) or own[name] for name in ("weight", "dimension")}


def weight_of(units: int) -> Json:
    return {
        "weight": {"value": str(180 * units), "unit": "GRAM"},
        "dimension": {
            "length": "24", "width": "18", "height": str(4 * units), "unit": "CM",
        },
    }  # fmt: skip


def _carrier(package: Package) -> Json:
    if not (carrier := package.carrier):
        return {}
    names = ("tracking_number", "shipping_provider_id", "shipping_provider_name")
    json = dict(zip(names, carrier, strict=True))
    is_far = package.order.shop.seller_type == "CROSS_BORDER"
    if is_far and package.status in (FULFILLING, COMPLETED):
        json["last_mile_tracking_number"] = digits("LM", 14, "last mile", package.id)
    return json


def _lines(package: Package) -> list[str]:
    return [part.order.line_id(unit) for part in package.live for unit in part.units]


def _order(part: Part) -> Json:
    basket = fill_basket(part.order, random.Random(part.order.seed))
    skus = [basket.units[unit].sku for unit in part.units]
    counts = Counter(sku.id for sku in skus)
    rows = [
        {"id": sku.id, "image_url": picture_url(sku.image), "quantity": counts[sku.id]}
        | ({"name": sku.name} if sku.name else {})
        for sku in {sku.id: sku for sku in skus}.values()
    ]
    return {"id": str(part.order.id), "skus": rows}


def _sender(order: Order) -> Json:
    region = order.shop.region
    one = next(w for w in warehouses(order.shop) if w.id == order.warehouse_id)
    return {
        "name": "Warehouse desk",
        "phone_number": f"({region.dial})5550****14",
        "region_code": region.code,
        "postal_code": one.place.postal_code,
        "address_detail": one.name,
        "address_line1": one.name,
        "full_address": f"{one.name}, {one.place.postal_code} {one.place.city}",
    }
