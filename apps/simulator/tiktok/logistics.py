"""Logistics APIs 202309: how a warehouse's goods can be sent, and by whom.

Source: Partner Center, "Get Warehouse Delivery Options 202309" and "Get Shipping
Providers 202309".
"""

from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json
from apps.simulator.tiktok.fulfilment.codes import refuse
from apps.simulator.world.carriers import OWN, Option, carriers, options
from apps.simulator.world.warehouses import SALES, warehouses

_IN_INCHES = ("US",)


def delivery_options(call: Call) -> Json:
    """GET /logistics/202309/warehouses/{warehouse_id}/delivery_options; nothing is sent
    from a warehouse for returns."""
    known = {one.id: one for one in warehouses(call.shop)}
    warehouse = known.get(call.ids["warehouse_id"])
    if warehouse is None:
        raise refuse(11005004)
    if warehouse.type != SALES:
        return {"delivery_options": []}
    return {"delivery_options": [_row(call, one) for one in options(call.shop)]}


def _row(call: Call, option: Option) -> Json:
    is_imperial = call.shop.region.code in _IN_INCHES
    longest, heaviest = (108, 70) if is_imperial else (200, 30_000)
    return {
        "id": option.id,
        "name": option.name,
        "type": option.type,
        "description": option.days,
        "dimension_limit": {
            "max_length": longest,
            "max_width": longest,
            "max_height": longest,
            "unit": "INCH" if is_imperial else "CM",
        },
        "weight_limit": {
            "min_weight": 0,
            "max_weight": heaviest,
            "unit": "POUND" if is_imperial else "GRAM",
        },
        "platform": ["TIKTOK_SHOP"],
    }


def shipping_providers(call: Call) -> Json:
    """GET /logistics/202309/delivery_options/{delivery_option_id}/shipping_providers;
    nobody serves another region than the shop's."""
    known = {one.id: one for one in options(call.shop)}
    option = known.get(call.ids["delivery_option_id"])
    if option is None:
        raise refuse(21008116)
    if option.name != OWN:
        raise refuse(21008117)
    asked = {call.query.get(name) for name in ("warehouse_region", "buyer_region")}
    if asked - {None, "", call.shop.region.code}:
        return {"shipping_providers": []}
    rows = [{"id": id, "name": name} for id, name in carriers(call.shop).items()]
    return {"shipping_providers": rows}
