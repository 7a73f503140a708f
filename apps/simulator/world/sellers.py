"""Who sells: four sellers and their seven shops, the same in every world.

Ids and names depend on the seed only, so a shop connected today is there tomorrow.
"""

from dataclasses import dataclass, field

from apps.simulator.world.catalogue import Catalogue, grow_catalogue
from apps.simulator.world.regions import REGIONS, Region
from apps.simulator.world.rolls import digits, opaque, roll


@dataclass(frozen=True, slots=True, eq=False)
class Shop:
    number: int
    id: str
    name: str
    code: str
    region: Region
    seller_type: str  # LOCAL or CROSS_BORDER
    share: float  # of all orders
    fulfilled_by_platform: float  # share of orders from TikTok's own warehouse
    own_carrier: float  # share of orders with shipping_type SELLER
    warehouses: tuple[str, ...]
    catalogue: Catalogue = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Seller:
    id: str
    name: str
    base_region: str
    shops: tuple[Shop, ...]
    permissions: tuple[str, ...] = ()

    @property
    def home_currency(self) -> str:
        """In which the platform pays it, whatever its shops sell in."""
        region = REGIONS.get(self.base_region)
        return region.currency if region else "CNY"


# (seller, base region, type, ((shop name, region, share, by platform, own carrier), …))
_SELLERS = (
    ("Harbour Lane", "US", "LOCAL", (
        ("Harbour Lane US", "US", 0.22, 0.15, 0.25),
        ("Harbour Lane UK", "GB", 0.13, 0.10, 0.20),
    )),
    ("Kain Nusantara", "ID", "LOCAL", (
        ("Kain Nusantara Official", "ID", 0.21, 0.0, 0.05),
    )),
    ("Lotus Homeware", "CN", "CROSS_BORDER", (
        ("Lotus Homeware MY", "MY", 0.10, 0.0, 0.10),
        ("Lotus Homeware TH", "TH", 0.12, 0.0, 0.10),
        ("Lotus Homeware VN", "VN", 0.15, 0.0, 0.05),
    )),
    ("Isarwerk", "DE", "LOCAL", (
        ("Isarwerk Shop", "DE", 0.07, 0.0, 0.60),
    )),
)  # fmt: skip


def grow_sellers(seed: int) -> tuple[Seller, ...]:
    sellers, number = [], 0
    for name, base, seller_type, shop_rows in _SELLERS:
        shops = []
        for shop_name, region, share, by_platform, own_carrier in shop_rows:
            shop_id = digits("7495", 19, seed, "shop", number)
            shops.append(
                Shop(
                    number=number,
                    id=shop_id,
                    name=shop_name,
                    code=_shop_code(seed, number, base, seller_type),
                    region=REGIONS[region],
                    seller_type=seller_type,
                    share=share,
                    fulfilled_by_platform=by_platform,
                    own_carrier=own_carrier,
                    warehouses=tuple(
                        digits("6955", 19, seed, "warehouse", number, n)
                        for n in range(2)
                    ),
                    catalogue=grow_catalogue(seed, number, REGIONS[region]),
                )
            )
            number += 1
        sellers.append(
            Seller(
                id=digits("7488", 19, seed, "seller", name),
                name=name,
                base_region=base,
                shops=tuple(shops),
                permissions=("MANAGE_GLOBAL_PRODUCT",)
                if seller_type == "CROSS_BORDER"
                else (),
            )
        )
    return tuple(sellers)


def _shop_code(seed: int, number: int, base: str, seller_type: str) -> str:
    middle = "CB" if seller_type == "CROSS_BORDER" else "LC"
    letters = opaque(16, seed, "code", number).upper()
    kept = [c for c in letters if c.isalnum()]
    return base + middle + "".join(kept)[:7].ljust(7, "8")


def shop_cipher(seed: int, app_key: str, shop: Shop) -> str:
    """What an app sends as `shop_cipher`; each app sees another one."""
    zone = "TTP_" if shop.region.code == "US" else "ROW_"
    return zone + opaque(28, seed, "cipher", app_key, shop.id)


def buyer_id(shop: Shop, number: int) -> str:
    return f"72{roll('buyer', shop.id, number) % 10**17:017d}"
