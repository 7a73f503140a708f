"""What taking a batch of news in came to."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class IngestResult:
    """What a batch did: items new, updated, same; `refused` is (item's ID, why)."""

    new: int = 0
    updated: int = 0
    same: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)

    def __iadd__(self, other: "IngestResult") -> "IngestResult":
        self.new += other.new
        self.updated += other.updated
        self.same += other.same
        self.refused += other.refused
        return self
