"""Addresses below /api/v1/: orders."""

from rest_framework.routers import SimpleRouter

from apps.orders.api.orders import Orders

router = SimpleRouter(use_regex_path=False)
router.register("orders", Orders, "order")

urlpatterns = router.urls
