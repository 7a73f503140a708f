"""Who carries parcels, and the ways of sending them that a shop offers."""

from dataclasses import dataclass
from functools import cache

from apps.simulator.world.orders import Order
from apps.simulator.world.rolls import digits
from apps.simulator.world.sellers import Shop

# Besides the platform's own, `Region.carrier`.
_OTHERS = {
    "US": ("UPS", "FedEx", "DHL eCommerce"),
    "GB": ("Evri", "DPD UK", "Yodel"),
    "DE": ("Hermes", "DPD", "GLS"),
    "MY": ("Ninja Van", "Pos Laju"),
    "ID": ("SiCepat", "AnterAja"),
    "TH": ("Kerry Express", "Thailand Post"),
    "VN": ("Viettel Post", "VNPost"),
}
_STANDARD, _EXPRESS, OWN = "Standard shipping", "Express shipping", "Send by seller"


@dataclass(frozen=True, slots=True)
class Option:
    """A delivery option; the platform carries all but the seller's own."""

    id: str
    name: str
    type: str
    days: str


def carriers(shop: Shop) -> dict[str, str]:
    """Names by id, of those that serve the shop's region."""
    names = (shop.region.carrier, *_OTHERS[shop.region.code])
    return {carrier_id(name): name for name in names}


@cache
def carrier_id(name: str) -> str:
    return digits("66", 19, "carrier", name)


@cache
def options(shop: Shop) -> tuple[Option, ...]:
    rows = (
        (_STANDARD, "STANDARD", "3 to 6 days"),
        (_EXPRESS, "EXPRESS", "1 to 2 days"),
        (OWN, "SEND_BY_SELLER", "As the seller says"),
    )
    return tuple(
        Option(digits("7091", 19, "option", shop.number, name), name, type_, days)
        for name, type_, days in rows
    )


def option_of(order: Order) -> Option:
    standard, express, own = options(order.shop)
    if order.shipping_type == "SELLER":
        return own
    return express if order.is_express else standard


def platform_number(order: Order, package_id: str) -> str:
    """The tracking number the platform's carrier gives a package."""
    letters = "".join(c for c in order.shop.region.carrier if c.isupper())[:2]
    return f"{letters}{digits('', 12, 'tracking', package_id)}"


def carried_by(order: Order, parcel: int) -> tuple[str, str, str]:
    """Tracking number, carrier's id and name of a parcel that is shipped."""
    noted = order.parcels()[parcel]
    name = noted.get("provider_name") or order.shop.region.carrier
    number = noted.get("tracking_number") or platform_number(order, noted["id"])
    return number, noted.get("provider_id") or carrier_id(name), name
