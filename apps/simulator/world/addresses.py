"""Where an order goes, readable or masked.

The platform shows names and streets only to sellers who ship by themselves; the
others see asterisks. Buyers here are numbers, not people.
"""

import random
from typing import Any

from apps.simulator.world.orders import Order
from apps.simulator.world.regions import Place

_INITIALS = "ABCDEFGHJKLMNPRSTVW"
_SPOTS = ("Front Door", "With a neighbour", "Reception")


def recipient_address(order: Order, *, moved: bool) -> dict[str, Any]:
    """`moved`: the buyer has corrected the address since."""
    region = order.shop.region
    place = place_of(order)
    chance = random.Random(f"address {order.buyer_seed}")
    house = chance.randint(1, 240) + (300 if moved else 0)
    line_number = chance.randint(100, 999)
    initials = chance.choice(_INITIALS), chance.choice(_INITIALS)
    spot = chance.choice(_SPOTS) if chance.random() < 0.1 else ""
    if order.shipping_type == "TIKTOK":
        first, last = f"{initials[0]}****", f"{initials[1]}****"
        street = f"{str(house)[0]}** S*****"
        phone = f"({region.dial})***-***-*{line_number % 100:02d}"
    else:
        first, last = "Buyer", f"{order.buyer_number:04d}"
        street = f"{house} Sample Street"
        phone = f"({region.dial})555-0{line_number}"
    full = f"{street}, {place.city}, {place.postal_code} {place.state}"
    address: dict[str, Any] = {
        "full_address": f"{full}, {region.country}",
        "phone_number": phone,
        "name": f"{first} {last}",
        "first_name": first,
        "last_name": last,
        "address_detail": street,
        "address_line1": street,
        "postal_code": place.postal_code,
        "region_code": region.code,
        "district_info": _districts(order, place),
    }
    if region.code == "GB":
        address["post_town"] = place.city
    if spot:
        address["delivery_preferences"] = {"drop_off_location": spot}
    return address


def place_of(order: Order) -> Place:
    """The first thing an order's dice say; the buyer's, where several share one."""
    return random.Random(order.buyer_seed).choice(order.shop.region.places)


def _districts(order: Order, place: Place) -> list[dict[str, str]]:
    region = order.shop.region
    names = ("Country", *region.levels)
    values = (region.country, place.state, place.city)
    return [
        {
            "address_level_name": name,
            "address_name": value,
            "address_level": f"L{level}",
        }
        for level, (name, value) in enumerate(zip(names, values, strict=True))
    ]
