"""What the platforms told us, and where they tell it."""

from apps.webhooks.models.day import WebhookDay
from apps.webhooks.models.event import WebhookAttempt, WebhookEvent
from apps.webhooks.models.subscription import WebhookSubscription

__all__ = ["WebhookAttempt", "WebhookDay", "WebhookEvent", "WebhookSubscription"]
