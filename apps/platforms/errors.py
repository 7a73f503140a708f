"""What can go wrong with shops, in words fit for staff."""

from apps.core.errors import DomainError


class ConnectFailed(DomainError):
    """The consent could not be turned into a connected shop."""


class ReconnectNeeded(DomainError):
    """The shop's consent is gone; a person must connect it again."""


class RefreshInProgress(DomainError):
    """Another process is refreshing these tokens and has not finished in time."""


class ShopRefuses(DomainError):
    """The shop's state does not allow what was asked."""


class FeatureUnavailable(DomainError):
    """The platform does not offer this part in the shop's region."""
