"""Addresses below /api/v1/: what platforms told us."""

from rest_framework.routers import SimpleRouter

from apps.webhooks.api.events import WebhookEvents

router = SimpleRouter(use_regex_path=False)
router.register("webhook-events", WebhookEvents, "webhook-event")

urlpatterns = router.urls
