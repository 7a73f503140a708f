"""Which part of a shop's listings one search asks for, and how to ask for less.

A search shows 10,000 rows at most and says so; so a window that holds more is cut in
two until it fits, first by when listings were changed, and where very many were in the
same second (a mass edit), by when they were made. Both ends of a window count.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

# Before it there was no TikTok Shop.
FIRST = datetime(2015, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Window:
    """Listings in a status (ALL: any), changed and made in these whole seconds.

    Where `made_since` is None, whenever they were made.
    """

    status: str
    since: datetime | None
    until: datetime
    made_since: datetime | None = None
    made_until: datetime | None = None

    @property
    def filters(self) -> dict[str, Any]:
        """As a client's search takes them."""
        return {
            "status": self.status,
            "updated_from": self.since,
            "updated_to": self.until,
            "created_from": self.made_since,
            "created_to": self.made_until,
        }

    def halves(self) -> "tuple[Window, Window] | None":
        """The older and the newer part; None where a second cannot be parted."""
        if (middle := _middle(self.since or FIRST, self.until)) is not None:
            return (
                replace(self, until=middle),
                replace(self, since=middle + SECOND),
            )
        made_until = self.made_until or self.until
        if (middle := _middle(self.made_since or FIRST, made_until)) is None:
            return None
        return (
            replace(self, made_since=self.made_since or FIRST, made_until=middle),
            replace(self, made_since=middle + SECOND, made_until=made_until),
        )

    def __str__(self) -> str:
        start = self.since or FIRST
        words = f"changed from {start:%d %b %Y %H:%M:%S} to {self.until:%d %b %H:%M:%S}"
        return f"{words} UTC"


def _middle(start: datetime, end: datetime) -> datetime | None:
    """The last second of the first half."""
    seconds = int((end - start).total_seconds())
    return start + (seconds // 2) * SECOND if seconds > 0 else None
