"""What taking a batch of news in came to."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class IngestResult:
    """What a batch did: items new, updated, same; `refused` is (item's ID, why).

    `versions` are the update times of what the platform told of orders for the first
    time, for whoever measures how long that took.
    """

    new: int = 0
    updated: int = 0
    same: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    versions: list[datetime] = field(default_factory=list, compare=False)

    def __iadd__(self, other: "IngestResult") -> "IngestResult":
        self.new += other.new
        self.updated += other.updated
        self.same += other.same
        self.refused += other.refused
        self.versions += other.versions
        return self
