"""Alerts, how they went, who wants to hear of them, and where else they are told."""

from apps.alerts.models.alert import (
    Alert,
    AlertCheck,
    AlertEvent,
    AlertWatch,
    Code,
    Severity,
)
from apps.alerts.models.hooks import AlertHook, AlertHookDelivery
from apps.alerts.models.reading import AlertHours, AlertMail, AlertPreference, Delivery

__all__ = [
    "Alert",
    "AlertCheck",
    "AlertEvent",
    "AlertHook",
    "AlertHookDelivery",
    "AlertHours",
    "AlertMail",
    "AlertPreference",
    "AlertWatch",
    "Code",
    "Delivery",
    "Severity",
]
