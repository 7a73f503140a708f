"""Addresses below /api/v1/: creators and what they sold."""

from rest_framework.routers import SimpleRouter

from apps.content.api.creators import AffiliateOrders, CreatorAccounts, Creators

router = SimpleRouter(use_regex_path=False)
router.register("creators", Creators, "creator")
router.register("affiliate-orders", AffiliateOrders, "affiliate-order")
router.register("creator-accounts", CreatorAccounts, "creator-account")

urlpatterns = router.urls
