"""The log of what platforms told us, and where they tell it."""

from django.contrib import admin

from apps.webhooks.admin.events import EventAdmin
from apps.webhooks.models import WebhookEvent

admin.site.register(WebhookEvent, EventAdmin)
