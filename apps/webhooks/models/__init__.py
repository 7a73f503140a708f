"""What the platforms told us, and where they tell it."""

from apps.webhooks.models.event import WebhookAttempt, WebhookEvent
from apps.webhooks.models.subscription import WebhookSubscription

__all__ = ["WebhookAttempt", "WebhookEvent", "WebhookSubscription"]
