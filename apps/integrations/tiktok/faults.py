"""What an error code can ask of us: the words all tables of codes are written in."""

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What an error code asks us to do."""

    RETRY = "retry"  # their fault: again, with growing pauses
    RETRY_ONCE = "retry_once"  # may be their fault: once more, then give up
    SLOW_DOWN = "slow_down"  # too many calls: pause, then again
    LATER = "later"  # a quota is used up: hours, not seconds
    CLOCK = "clock"  # sign once more by the server's clock
    REFRESH = "refresh"  # get a new access token, then once more
    RECONSENT = "reconsent"  # the seller must grant access again
    SCOPE = "scope"  # a permission is missing
    INPUT = "input"  # what was asked for must change
    LESS = "less"  # too much at once: ask for less
    STOP = "stop"  # final: the thing cannot be done
    GONE = "gone"  # what was asked for is not there, or not this shop's
    REREAD = "reread"  # our picture is old: fetch the object again
    DONE = "done"  # had been done before: fetch the object again
    CONFIG = "config"  # settings of the app or the shop
    BUG = "bug"  # our call is wrong


@dataclass(frozen=True, slots=True)
class Fault:
    """What a code means; `pause_seconds` for those that name no time themselves."""

    action: Action
    meaning: str
    pause_seconds: float = 0.0


FaultTable = tuple[tuple[Fault, tuple[int, ...]], ...]

HOUR = 3600.0
