"""Asked before a call and told after it, so that clients know no database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


class Limiter(Protocol):
    """Keeps us below the platform's quota."""

    def wait(self) -> None:
        """Return when the next call may start."""

    def push_back(self, seconds: float) -> None:
        """The platform asked all callers to pause for `seconds`."""


@dataclass(frozen=True, slots=True)
class CallReport:
    """One finished call. What `repr` leaves out may tell a secret or name a buyer.

    `code` is 0 and `http_status` 0 where no answer came. `message` is the platform's,
    `query` and `body` are what was sent, `data` is the answer's, all as they were:
    mask them before keeping them. `secrets` are values that must not be kept even
    where the platform repeats them.
    """

    method: str
    path: str
    http_status: int
    code: int
    milliseconds: int
    request_id: str
    message: str = field(default="", repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    data: Any = field(default=None, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


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
