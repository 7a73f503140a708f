"""Connected shops, the apps they are connected through, and the tokens."""

from apps.platforms.models.call import ApiCall
from apps.platforms.models.creator import CreatorAccount, CreatorAccountQuerySet
from apps.platforms.models.credential import ApiApp, Authorization, Credential
from apps.platforms.models.feature import ShopFeature
from apps.platforms.models.oauth import ConnectAttempt, ConnectLink
from apps.platforms.models.shop import Shop, ShopQuerySet
from apps.platforms.models.team import Invitation, ShopRole

__all__ = [
    "ApiApp",
    "ApiCall",
    "Authorization",
    "ConnectAttempt",
    "ConnectLink",
    "CreatorAccount",
    "CreatorAccountQuerySet",
    "Credential",
    "Invitation",
    "Shop",
    "ShopFeature",
    "ShopQuerySet",
    "ShopRole",
]
