"""One unit of an order as a row of `line_items[]`."""

from typing import Any

from apps.simulator.world.basket import Basket, Unit
from apps.simulator.world.catalogue import Sku
from apps.simulator.world.lifecycle import Event
from apps.simulator.world.orders import Order
from apps.simulator.world.regions import Place, Region, amount
from apps.simulator.world.rolls import digits

Json = dict[str, Any]
_PACKAGE_STATUS = {
    "ON_HOLD": "TO_FULFILL",
    "AWAITING_SHIPMENT": "TO_FULFILL",
    "AWAITING_COLLECTION": "PROCESSING",
    "IN_TRANSIT": "FULFILLING",
    "DELIVERED": "COMPLETED",
    "COMPLETED": "COMPLETED",
    "CANCELLED": "CANCELLED",
}


def render_unit(
    order: Order, basket: Basket, number: int, at: dict[Event, int]
) -> Json:
    unit, region = basket.units[number], order.shop.region
    sku = unit.sku
    status = _display_status(order, unit)
    row: Json = {
        "id": order.line_id(number),
        "sku_id": sku.id,
        "product_id": sku.product_id,
        "product_name": sku.title,
        "seller_sku": sku.seller_sku,
        "sku_image": sku.image,
        "sku_type": "PRE_ORDER" if order.kind.is_pre_order else "NORMAL",
        "display_status": status,
        "currency": region.currency,
        "original_price": amount(region, unit.list_price),
        "sale_price": amount(region, unit.sale_price),
        "seller_discount": amount(region, unit.seller_discount),
        "platform_discount": amount(region, unit.platform_discount),
        "is_gift": unit.is_gift,
        "is_dangerous_good": False,
        "needs_prescription": False,
    }
    if sku.name:
        row["sku_name"] = sku.name
    if unit.is_gift:
        row["gift_retail_price"] = amount(region, sku.price)
    if sku.parts:
        row["combined_listing_skus"] = _parts(sku)
    if region.prices_before_tax:
        row["item_tax"] = [_tax(region, basket.place, unit)]
    if order.kind.is_pre_order:
        wait = order.release_date - order.created
        row["handling_duration_days"] = str(-(-wait // 86_400))
    return row | _parcel(order, unit, status, at) | _cancellation(order, at)


def _display_status(order: Order, unit: Unit) -> str:
    """Lines know no hold and no partial shipment: each is here or there."""
    if order.status == "PARTIALLY_SHIPPING":
        return "AWAITING_SHIPMENT" if unit.package else "AWAITING_COLLECTION"
    return "AWAITING_SHIPMENT" if order.status == "ON_HOLD" else order.status


def _parts(sku: Sku) -> list[Json]:
    return [
        {
            "sku_id": part.id,
            "sku_count": count,
            "product_id": part.product_id,
            "seller_sku": part.seller_sku,
        }
        for part, count in sku.parts
    ]


def _tax(region: Region, place: Place, unit: Unit) -> Json:
    return {
        "tax_type": "SALES_TAX",
        "tax_amount": amount(region, unit.tax),
        "tax_rate": f"{place.tax_rate_millionths / 1_000_000:g}",
    }


def _parcel(order: Order, unit: Unit, status: str, at: dict[Event, int]) -> Json:
    shipped_at = at.get(Event.SHIPPED)
    if not unit.package:
        shipped_at = at.get(Event.PARTLY_SHIPPED, shipped_at)
    later = order.shop.region.packages_after_shipping
    if not (shipped_at if later else Event.PAID in at or Event.ACCEPTED in at):
        return {}
    row: Json = {
        "package_id": order.package_id(unit.package),
        "package_status": _PACKAGE_STATUS[status],
    }
    if shipped_at:
        carrier = order.shop.region.carrier
        row["rts_time"] = shipped_at
        row["shipping_provider_name"] = carrier
        row["shipping_provider_id"] = digits("66", 19, "carrier", carrier)
        row["tracking_number"] = tracking_number(order, unit.package)
    return row


def tracking_number(order: Order, package: int) -> str:
    letters = "".join(c for c in order.shop.region.carrier if c.isupper())[:2]
    return f"{letters}{digits('', 12, 'tracking', order.id, package)}"


def _cancellation(order: Order, at: dict[Event, int]) -> Json:
    if Event.CANCELLED not in at:
        return {}
    return {
        "cancel_reason": cancel_reason(order),
        "cancel_user": cancelled_by(order),
    }


def cancelled_by(order: Order) -> str:
    notes = order.notes or {}
    return str(notes.get("cancelled_by") or order.kind.cancelled_by or "SELLER")


def cancel_reason(order: Order) -> str:
    notes = order.notes or {}
    return str(notes.get("cancel_reason") or order.kind.cancel_reason or "Out of stock")
