"""What can go wrong with a run."""

from apps.core.errors import DomainError


class AlreadyRunning(DomainError):
    """The same pull is under way; the message says where and since when."""

    code = "already_running"
