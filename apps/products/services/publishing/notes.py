"""What was adapted while a draft was written, and what is left to a person."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Note:
    """`field` is the content's, as in problems."""

    field: str
    text: str
    needs_person: bool = False


@dataclass(slots=True)
class Notes:
    """A list that is written while a draft is put together."""

    rows: list[Note] = field(default_factory=list)

    def adapted(self, field: str, text: str) -> None:
        self.rows.append(Note(field, text))

    def left(self, field: str, text: str) -> None:
        """Something nobody but a person can decide."""
        self.rows.append(Note(field, text, needs_person=True))

    def as_json(self) -> list[dict[str, Any]]:
        """For a draft's column."""
        return [asdict(row) for row in self.rows]
