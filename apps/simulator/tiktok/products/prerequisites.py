"""Whether a shop may list products at all, and where its goods are.

Source: Partner Center, "Check Listing Prerequisites 202312" and "Get Warehouse List
202309".
"""

from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json
from apps.simulator.world.obstacles import CHECK_ITEMS
from apps.simulator.world.warehouses import Warehouse, coordinates, warehouses


def check_prerequisites(call: Call) -> Json:
    """GET /product/202312/prerequisites: all items, those that fail with reasons."""
    obstacles = call.simulator.obstacles.of(call.shop.id)
    return {
        "check_results": [
            {
                "check_item": item,
                "is_failed": item in obstacles,
                "fail_reasons": [obstacles[item]] if item in obstacles else [],
            }
            for item in CHECK_ITEMS
        ]
    }


def list_warehouses(call: Call) -> Json:
    """GET /logistics/202309/warehouses."""
    return {"warehouses": [_row(call, one) for one in warehouses(call.shop)]}


def _row(call: Call, one: Warehouse) -> Json:
    region, latitude_longitude = call.shop.region, coordinates(one)
    address = {
        "region": region.country,
        "region_code": region.code,
        "state": one.place.state,
        "city": one.place.city,
        "distict": one.place.city,  # sic
        "postal_code": one.place.postal_code,
        "contact_person": "Warehouse desk",
        "phone_number": f"({region.dial})5550****14",
        "address_line1": one.name,
        "full_address": f"{one.name}, {one.place.postal_code} {one.place.city}",
        "geolocation": dict(
            zip(("latitude", "longitude"), latitude_longitude, strict=True)
        ),
    }
    return {
        "id": one.id,
        "entity_id": one.entity_id,
        "name": one.name,
        "effect_status": one.status,
        "type": one.type,
        "sub_type": one.sub_type,
        "is_default": one.is_default,
        "address": address,
    }
