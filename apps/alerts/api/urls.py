"""Addresses below /api/v1/: alerts."""

from rest_framework.routers import SimpleRouter

from apps.alerts.api.alerts import Alerts

router = SimpleRouter(use_regex_path=False)
router.register("alerts", Alerts, "alert")

urlpatterns = router.urls
