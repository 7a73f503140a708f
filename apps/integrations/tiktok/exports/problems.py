"""What can be wrong with a file, in words for the people who uploaded it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

NOTES_PER_KIND = 50
ERRORS_KEPT = 10_000
EMPTY = (
    "The file is empty. Export it in Seller Center once more, and upload what it gives."
)
CHANGED = "The file has changed since it was checked. Check it once more."


@dataclass(frozen=True, slots=True)
class Problem:
    """One refused cell or row, or (`is_error` False) a note on an accepted one.

    `line` is where the record starts, counted from 1: the physical line of a CSV
    file, the row number of a workbook; 0 speaks of the whole file. `column` is the
    header as written in the file, empty when the whole row or file is meant.
    """

    line: int
    column: str
    message: str
    order_id: str = ""
    is_error: bool = True
    product_id: str = ""
    return_id: str = ""


def sheets_left_out(names: Iterable[str]) -> list[str]:
    """Notes on sheets of a workbook that look like the one that was read."""
    return [
        f"The sheet “{name}” has the same columns, and was not read: save it as a file "
        "of its own, and upload that, too."
        for name in names
    ]


class FileRefused(Exception):
    """The file cannot be used at all; `str()` gives the cause and the remedy."""

    def __init__(self, message: str, *, line: int = 0, column: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


class BadValue(Exception):
    """A cell cannot be read; the message ends a sentence: “two” is not a number."""


@dataclass(slots=True)
class ProblemList:
    """Problems in the order found, bounded: a file can be wrong in every row.

    The first 50 notes of a kind (column and sentence) and the first 10,000 errors
    are kept, the rest is counted and said once.
    """

    kept: list[Problem] = field(default_factory=list)
    errors: int = 0
    notes: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, problem: Problem, *, kind: str = "") -> None:
        """Keep a problem; `kind` names a note's sort where sentences differ."""
        if problem.is_error:
            self.errors += 1
            if self.errors <= ERRORS_KEPT:
                self.kept.append(problem)
            return
        key = (problem.column, kind or problem.message)
        self.notes[key] += 1
        if self.notes[key] <= NOTES_PER_KIND:
            self.kept.append(problem)

    def all(self) -> list[Problem]:
        """Everything kept, in line order, with one note per kind cut short."""
        note = Problem(0, "", "", is_error=False)
        rest = [
            replace(
                note, column=column, message=f"{kind} {count - NOTES_PER_KIND} more."
            )
            for (column, kind), count in self.notes.items()
            if count > NOTES_PER_KIND
        ]
        if self.errors > ERRORS_KEPT:
            more = f"{self.errors - ERRORS_KEPT} more errors are not listed."
            rest.append(Problem(0, "", more))
        return sorted(self.kept, key=lambda problem: problem.line) + rest
