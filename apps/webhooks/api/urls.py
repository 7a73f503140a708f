"""Addresses below /api/v1/: what platforms told us, and what they are to tell."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from apps.webhooks.api.events import WebhookEvents
from apps.webhooks.api.subscriptions import Subscriptions

router = SimpleRouter(use_regex_path=False)
router.register("webhook-events", WebhookEvents, "webhook-event")

_DEEDS = {
    "check": "check",
    "set": "set_all",
    "test": "rehearse",
    "remove": "remove",
}

urlpatterns = [
    path(
        "shops/<int:pk>/webhooks/",
        Subscriptions.as_view({"get": "retrieve"}),
        name="shop-webhooks",
    ),
    *(
        path(
            f"shops/<int:pk>/webhooks/{name}/",
            Subscriptions.as_view({"post": method}),
            name=f"shop-webhooks-{name}",
        )
        for name, method in _DEEDS.items()
    ),
    *router.urls,
]
