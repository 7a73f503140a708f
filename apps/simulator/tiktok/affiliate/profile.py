"""Who a creator is.

Source: Partner Center, "Get Creator Profile 202508".
"""

from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json, Refusal
from apps.simulator.world.media import picture_url, seed_uri

_SIZE = 200


def profile(call: Call) -> Json:
    """GET /affiliate_creator/202508/profiles"""
    creator = call.creator
    if not creator.selection_region:
        raise Refusal(
            16015007, "no sale region error; detail: creator has no sale region"
        )
    return {
        "avatar": {
            "url": picture_url(seed_uri(creator.id, 0)),
            "width": _SIZE,
            "height": _SIZE,
        },
        "username": creator.username,
        "selection_region": creator.selection_region,
        "register_region": creator.region,
        "seller_type": "LOCAL",
        "permissions": ["SHOWCASE", "LIVE_SHOPPING"],
        "user_type": "TIKTOK_SHOP_CREATOR",
        "creator_user_open_id": call.grant.open_id,
    }
