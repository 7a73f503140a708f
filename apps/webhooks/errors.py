"""What can go wrong with deliveries, in words fit for staff."""

from apps.core.errors import DomainError


class SecretUnreadable(DomainError):
    """Whether a delivery is genuine cannot be told here: the trouble is ours."""


class ReplayRefused(DomainError):
    """An event cannot be acted on again, or not in its state."""

    code = "replay_refused"


class NoAddress(DomainError):
    """Our own address is none that the platform would post to."""

    code = "no_address"
