"""Pages of alerts: the inbox, how one hears of them, and what else is told."""

from django.contrib import admin

from apps.alerts.admin.hooks import HookAdmin
from apps.alerts.admin.inbox import AlertAdmin
from apps.alerts.models import Alert, AlertHook

admin.site.register(Alert, AlertAdmin)
admin.site.register(AlertHook, HookAdmin)
