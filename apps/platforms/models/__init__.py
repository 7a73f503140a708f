"""Connected shops, the apps they are connected through, and the tokens."""

from apps.platforms.models.call import ApiCall
from apps.platforms.models.credential import ApiApp, Authorization, Credential
from apps.platforms.models.feature import ShopFeature
from apps.platforms.models.oauth import ConnectAttempt, ConnectLink
from apps.platforms.models.shop import Shop, ShopQuerySet

__all__ = [
    "ApiApp",
    "ApiCall",
    "Authorization",
    "ConnectAttempt",
    "ConnectLink",
    "Credential",
    "Shop",
    "ShopFeature",
    "ShopQuerySet",
]
