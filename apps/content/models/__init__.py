"""Who sells for shops, and what each of them brought and was paid."""

from apps.content.models.affiliate import AffiliateOrder, AffiliateOrderQuerySet
from apps.content.models.creator import Creator, CreatorLogin, CreatorQuerySet
from apps.content.models.performance import CreatorPerformance

__all__ = [
    "AffiliateOrder",
    "AffiliateOrderQuerySet",
    "Creator",
    "CreatorLogin",
    "CreatorPerformance",
    "CreatorQuerySet",
]
