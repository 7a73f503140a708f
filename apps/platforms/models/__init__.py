"""Connected shops, the apps they are connected through, and the tokens."""

from apps.platforms.models.credential import ApiApp, Authorization, Credential
from apps.platforms.models.oauth import ConnectAttempt
from apps.platforms.models.shop import Shop, ShopQuerySet

__all__ = [
    "ApiApp",
    "Authorization",
    "ConnectAttempt",
    "Credential",
    "Shop",
    "ShopQuerySet",
]
