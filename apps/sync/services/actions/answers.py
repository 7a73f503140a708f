"""What a call, or a look at the platform, makes of an action."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from apps.integrations.contracts import ActionFailure, ActionFault
from apps.integrations.errors import (
    ConsentNeeded,
    PlatformError,
    PlatformUnavailable,
    RateLimited,
    TokenExpired,
)
from apps.orders.errors import ActionRefused
from apps.platforms.errors import ReconnectNeeded, RefreshInProgress

# Nothing of the same permission goes on after these; a person must act.
CONSENT_GONE = (ConsentNeeded, ReconnectNeeded)
# What concerns all calls of a shop.
LATER = (RateLimited, PlatformUnavailable, TokenExpired, RefreshInProgress)
# All that sending and looking may end with.
TROUBLE = (PlatformError, ReconnectNeeded, RefreshInProgress, ActionRefused)


class Fate(StrEnum):
    DONE = "done"
    REFUSED = "refused"
    LATER = "later"  # the same again
    LOOK = "look"  # read the object, then decide
    PERSON = "person"  # waits until somebody acts


@dataclass(frozen=True, slots=True)
class Answer:
    """`words` are for staff: a note where it is done, else why not. `may_be_done` asks
    for a look before it is sent again; `facts` are kept as the action's outcome."""

    fate: Fate
    words: str = ""
    code: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)
    pause_seconds: float = 0.0
    may_be_done: bool = False
    trouble: Exception | None = None


def done(words: str = "", **facts: Any) -> Answer:
    return Answer(Fate.DONE, words, facts=facts)


def refused(words: str, code: int = 0) -> Answer:
    return Answer(Fate.REFUSED, words, code)


_FATES = {
    ActionFault.RETRY: Fate.LATER,
    ActionFault.DONE_BEFORE: Fate.LOOK,
    ActionFault.REREAD: Fate.LOOK,
    ActionFault.INPUT: Fate.REFUSED,
    ActionFault.STOP: Fate.REFUSED,
    ActionFault.SELLER: Fate.PERSON,
}


def from_failure(failure: ActionFailure) -> Answer:
    """Of one thing of a batch."""
    words = failure.meaning or failure.message
    return Answer(_FATES[failure.fault], words, failure.code)


def from_trouble(error: Exception) -> Answer:
    """Of a call that failed; `error` is one of TROUBLE."""
    if isinstance(error, ActionRefused):
        return refused(str(error))
    if isinstance(error, CONSENT_GONE):
        return Answer(Fate.PERSON, str(error), trouble=error)
    if isinstance(error, RefreshInProgress):
        return Answer(Fate.LATER, str(error), trouble=error)
    assert isinstance(error, PlatformError)
    return Answer(
        _FATES[error.fault],
        error.message,
        error.code,
        pause_seconds=error.retry_after_seconds,
        may_be_done=error.may_be_done,
        trouble=error,
    )


def after_look(answer: Answer, seen: Answer | None) -> Answer:
    """What becomes of an answer that asked for a look, by what was seen: done after
    all, refused for what was seen, or, where nothing stands against it, sent again if
    it may have got lost, else refused in the platform's words."""
    if seen is not None:
        return replace(seen, code=seen.code or answer.code)
    fate = Fate.LATER if answer.may_be_done else Fate.REFUSED
    return replace(answer, fate=fate, may_be_done=False)
