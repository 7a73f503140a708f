"""What can go wrong with shops, in words fit for staff."""

from apps.core.errors import DomainError, Forbidden


class ConnectFailed(DomainError):
    """The consent could not be turned into a connected shop."""

    code = "connect_failed"


class ReconnectNeeded(DomainError):
    """The shop's consent is gone; a person must connect it again."""

    code = "reconnect_needed"


class RefreshInProgress(DomainError):
    """Another process is refreshing these tokens and has not finished in time."""

    code = "refresh_in_progress"


class ShopRefuses(DomainError):
    """The shop's state does not allow what was asked."""

    code = "shop_refuses"


class FeatureUnavailable(DomainError):
    """The platform does not offer this part in the shop's region."""

    code = "feature_unavailable"


class TeamRefuses(DomainError):
    """A role or an invitation cannot be what was asked."""

    code = "team_refuses"


class NotYours(TeamRefuses, Forbidden):
    """Somebody would give or take what they do not hold themselves."""

    code = "not_yours"


class LastAdmin(TeamRefuses):
    """A shop would be left without an Admin."""

    code = "last_admin"


class InvitationClosed(DomainError):
    """An invitation leads nowhere: used, taken back, too old, or somebody else's."""

    code = "invitation_closed"
