"""The words that rules speak in."""

from enum import Enum


class State(Enum):
    """What one look at a condition says; NODATA says nothing at all."""

    OK = "ok"
    FIRING = "firing"
    NODATA = "nodata"


class Severity(Enum):
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)

    def is_worse_than(self, other: "Severity | None") -> bool:
        return other is None or self.rank > other.rank
