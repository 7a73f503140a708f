"""What can go wrong with shops, in words fit for staff."""

from apps.core.errors import DomainError


class ConnectFailed(DomainError):
    """The consent could not be turned into a connected shop."""


class ReconnectNeeded(DomainError):
    """The shop's consent is gone; a person must connect it again."""


class RefreshInProgress(DomainError):
    """Another process is refreshing these tokens and has not finished in time."""
