"""What can go wrong with a run."""

from apps.core.errors import DomainError


class AlreadyRunning(DomainError):
    """The same pull is under way; the message says where and since when."""

    code = "already_running"


class RunStopped(DomainError):
    """Somebody asked the run to stop. What is stored stays, and the next goes on."""

    code = "run_stopped"


class NothingToRetry(DomainError):
    """No item of the run failed, or none that can be asked for by itself."""

    code = "nothing_to_retry"
