"""Where a shop's goods lie and where returns go."""

from dataclasses import dataclass

from apps.simulator.world.regions import Place
from apps.simulator.world.rolls import digits, rng
from apps.simulator.world.sellers import Shop

SALES, RETURN = "SALES_WAREHOUSE", "RETURN_WAREHOUSE"


@dataclass(frozen=True, slots=True)
class Warehouse:
    id: str
    entity_id: str
    name: str
    type: str
    sub_type: str
    place: Place
    is_default: bool = False
    status: str = "ENABLED"


def warehouses(shop: Shop) -> tuple[Warehouse, ...]:
    """Those orders leave from, then the return warehouse."""
    places = shop.region.places
    sales = [
        Warehouse(
            id=warehouse_id,
            entity_id=digits("7131", 19, "entity", warehouse_id),
            name=f"{place.city} {number + 1}",
            type=SALES,
            sub_type=_sub_type(shop, number),
            place=place,
            is_default=number == 0,
        )
        for number, (warehouse_id, place) in enumerate(
            zip(shop.warehouses, places, strict=False)
        )
    ]
    return_id = digits("6956", 19, "return warehouse", shop.id)
    returns = Warehouse(
        id=return_id,
        entity_id=digits("7131", 19, "entity", return_id),
        name=f"{places[0].city} Returns",
        type=RETURN,
        sub_type="DOMESTIC_WAREHOUSE",
        place=places[0],
        is_default=True,
    )
    return (*sales, returns)


def _sub_type(shop: Shop, number: int) -> str:
    if shop.seller_type == "LOCAL":
        return "DOMESTIC_WAREHOUSE"
    return "CB_DIRECT_SHIPPING_WAREHOUSE" if number else "CB_OVERSEA_WAREHOUSE"


def coordinates(warehouse: Warehouse) -> tuple[str, str]:
    """Latitude and longitude, made up, the same each time."""
    chance = rng("coordinates", warehouse.id)
    return f"{chance.uniform(-8, 55):.4f}", f"{chance.uniform(-120, 110):.4f}"
