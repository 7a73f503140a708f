"""One unit of an order as a row of `line_items[]`."""

from typing import Any

from apps.simulator.world.basket import Basket, Unit
from apps.simulator.world.carriers import carried_by
from apps.simulator.world.catalogue import Sku
from apps.simulator.world.lifecycle import Event
from apps.simulator.world.media import picture_url
from apps.simulator.world.orders import Order
from apps.simulator.world.packages import Part
from apps.simulator.world.regions import Place, Region, amount
from apps.simulator.world.unit_state import UnitState

Json = dict[str, Any]


def render_unit(
    order: Order, basket: Basket, number: int, at: dict[Event, int]
) -> Json:
    unit, region = basket.units[number], order.shop.region
    sku = unit.sku
    state = order.unit_state(number)
    row: Json = {
        "id": order.line_id(number),
        "sku_id": sku.id,
        "product_id": sku.product_id,
        "product_name": sku.title,
        "seller_sku": sku.seller_sku,
        "sku_image": picture_url(sku.image),
        "sku_type": "PRE_ORDER" if order.kind.is_pre_order else "NORMAL",
        "display_status": state.status,
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
    return row | _parcel(order, state) | _cancellation(order, state, at)


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


def _parcel(order: Order, state: UnitState) -> Json:
    """What the unit's package says of itself."""
    if state.parcel is None:
        return {}
    row: Json = {
        "package_id": order.parcels()[state.parcel]["id"],
        "package_status": Part(order, state.parcel).status,
    }
    if state.shipped_at:
        number, provider_id, name = carried_by(order, state.parcel)
        row["rts_time"] = state.shipped_at
        row["shipping_provider_name"] = name
        row["shipping_provider_id"] = provider_id
        row["tracking_number"] = number
    return row


def _cancellation(order: Order, state: UnitState, at: dict[Event, int]) -> Json:
    if one := state.cancelled:
        return {"cancel_reason": one["reason"], "cancel_user": one["by"]}
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
