"""What can go wrong with alerts, in words for staff."""

from apps.core.errors import DomainError


class AlertRefuses(DomainError):
    """Nothing was done to the alert: it is closed, or was asked for the impossible."""

    code = "alert_refuses"
