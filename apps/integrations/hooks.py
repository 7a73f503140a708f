"""Asked before a call and told after it, so that clients know no database."""

from dataclasses import dataclass
from typing import Protocol


class Limiter(Protocol):
    """Keeps us below the platform's quota."""

    def wait(self) -> None:
        """Return when the next call may start."""

    def push_back(self, seconds: float) -> None:
        """The platform asked all callers to pause for `seconds`."""


@dataclass(frozen=True, slots=True)
class CallReport:
    """One finished call, without secrets: no query string, no body."""

    method: str
    path: str
    http_status: int
    code: int
    milliseconds: int
    request_id: str


class Observer(Protocol):
    """Told of each call, good or bad."""

    def called(self, report: CallReport) -> None:
        """A call has ended."""


class NoLimit:
    """Never waits."""

    def wait(self) -> None:
        return None

    def push_back(self, seconds: float) -> None:
        return None


class NoObserver:
    """Tells nobody."""

    def called(self, report: CallReport) -> None:
        return None
