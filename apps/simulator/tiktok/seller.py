"""Authorization and seller APIs: which shops a token opens."""

from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json
from apps.simulator.world.sellers import shop_cipher


def authorized_shops(call: Call) -> Json:
    """GET /authorization/202309/shops: the shops with the cipher of each."""
    return {
        "shops": [
            {
                "id": shop.id,
                "name": shop.name,
                "region": shop.region.code,
                "seller_type": shop.seller_type,
                "cipher": shop_cipher(call.simulator.seed, call.app.app_key, shop),
                "code": shop.code,
            }
            for shop in call.seller.shops
        ]
    }


def active_shops(call: Call) -> Json:
    """GET /seller/202309/shops."""
    return {
        "shops": [
            {"id": shop.id, "region": shop.region.code} for shop in call.seller.shops
        ]
    }


def permissions(call: Call) -> Json:
    """GET /seller/202309/permissions."""
    return {"permissions": list(call.seller.permissions)}
