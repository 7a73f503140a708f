"""Which news is about the same line of a statement. No database.

The API names a line by an ID that no file has; older files name no statement. So a
line is known by what it is about and by its statement; where that is not told, by the
day it was settled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from apps.integrations.contracts import SettlementKind

# A file's clock may be the shop's own, so that the day is the one beside.
_NEAR = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Line:
    """What tells lines apart. `statement_id` is empty where no source named it,
    `remote_id` where the API has not spoken."""

    kind: SettlementKind
    subject_id: str
    settled_at: datetime
    amount: Decimal
    statement_id: str = ""
    remote_id: str = ""


def key_of(line: Line) -> str:
    """The name under which a line is kept, once per shop."""
    where = line.statement_id or f"day {line.settled_at:%Y-%m-%d}"
    return f"{line.kind.value} {line.subject_id} {where}"


def key_of_another(line: Line) -> str:
    """Of a second line about the same in one statement, which only the API's ID
    tells from the first."""
    return f"{key_of(line)} {line.remote_id}"


def same_line(told: Line, known: Sequence[Line]) -> int | None:
    """The place in `known` (of the same kind and subject) of the line that `told` is
    about; None if it is a new one.

    Two IDs of the API are two lines, whatever else they share.
    """
    for place, line in enumerate(known):
        if told.remote_id and line.remote_id == told.remote_id:
            return place
    for place, line in enumerate(known):
        is_other = told.remote_id and line.remote_id
        if not is_other and told.statement_id and line.statement_id:
            if told.statement_id == line.statement_id:
                return place
            continue
        if not is_other and _is_same_day(told, line):
            return place
    return None


def _is_same_day(told: Line, known: Line) -> bool:
    """One of them does not name its statement: the same day, or nearly so and the same
    amount."""
    if told.settled_at.date() == known.settled_at.date():
        return True
    apart = abs(told.settled_at - known.settled_at)
    return apart <= _NEAR and told.amount == known.amount
