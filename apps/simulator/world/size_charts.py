"""The size charts sellers keep as templates, the same in every world."""

from dataclasses import dataclass

from apps.simulator.world.rolls import digits
from apps.simulator.world.sellers import Seller
from apps.simulator.world.words import language

_NAMES = ("Tops, regular fit", "Trousers and skirts", "Shoes, EU sizes")


@dataclass(frozen=True, slots=True)
class SizeChart:
    id: str
    name: str
    images: tuple[tuple[str, str], ...]  # (locale, uri)


def size_charts(seller: Seller) -> tuple[SizeChart, ...]:
    return tuple(_chart(seller, name) for name in _NAMES)


def _chart(seller: Seller, name: str) -> SizeChart:
    chart_id = digits("7267", 19, "size chart", seller.id, name)
    locales = [
        f"{language(shop.region.code)}-{shop.region.code}" for shop in seller.shops
    ]
    return SizeChart(
        chart_id,
        name,
        tuple((one, f"tos-seed/size-chart/{chart_id}/{one}") for one in locales),
    )
