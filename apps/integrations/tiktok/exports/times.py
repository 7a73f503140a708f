"""Times of an export: the shop's clock, without a zone, in one of two date orders.

SEA `18/04/2026 23:45:00`, US `04/18/2026 11:45:00 PM` (Pacific, with daylight saving),
JP `2026/04/18 23:45:00`. The order of day and month is one decision per file.
"""

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from apps.integrations.tiktok.exports.problems import BadValue, FileRefused

MONTH_FIRST_REGIONS = frozenset({"US"})
HOURS_KEPT = 20_000
DATES_KEPT = 5_000
MINUTES = {
    f"{minute:02}:{second:02}": timedelta(minutes=minute, seconds=second)
    for minute in range(60)
    for second in range(60)
}

TIME = re.compile(
    r"(\d{1,4})([/.-])(\d{1,2})\2(\d{1,4})"
    r"(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?:\s*([AaPp])\.?[Mm]\.?)?)?",
    re.ASCII,
)
DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-]\d", re.ASCII)
SERIAL = re.compile(r"[2-9]\d{4}(\.\d+)?", re.ASCII)
ORIGINAL = "Upload the original download."


class DateOrder(StrEnum):
    """Which of the first two parts of a date is the day."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


class Evidence:
    """What the times of a file say about their date order."""

    def __init__(self) -> None:
        self.day_line = 0
        self.month_line = 0
        self.half_day_line = 0  # of AM or PM
        self.has_whole_days = False
        # {whether it has seconds, whether it can be read in one order only: a line}
        self._shapes: dict[tuple[bool, bool], int] = {}
        self._seen: set[tuple[str, int]] = set()
        self.tells = False  # once decided: whether they can be read in one order only

    def see(self, line: int, cell: str) -> None:
        """Take a time cell into account; cheap, it is called for each of them."""
        if not self.half_day_line and ("M" in cell or "m" in cell) and ":" in cell:
            self.half_day_line = line
        date, length = cell[:10], len(cell)  # without seconds it is shorter
        if (date, length) in self._seen:
            return
        if len(self._seen) >= DATES_KEPT:
            self._seen.clear()
        self._seen.add((date, length))
        has_seconds = cell.count(":") > 1
        if ":" in cell and "M" not in cell.upper():
            self.has_whole_days = True
        if found := DATE.match(date):
            first, second = int(found[1]), int(found[2])
            if 12 < first < 32:
                self.day_line = self.day_line or line
            if 12 < second < 32:
                self.month_line = self.month_line or line
            if first != second:
                self._shapes.setdefault((has_seconds, max(first, second) > 12), line)

    def decide(self, *, wanted: str, region: str) -> DateOrder:
        """The file's date order; `wanted` is "auto" or what the user chose.

        Raises FileRefused when the file speaks against itself or the choice.
        """
        day, month = self.day_line, self.month_line
        is_us = region in MONTH_FIRST_REGIONS
        if is_us or self.has_whole_days:
            # Elsewhere a spreadsheet may have written AM and PM behind every date.
            month = month or self.half_day_line
        if wanted == "auto":
            self._refuse_turned()
        self.tells = bool(day or month)
        if day and month:
            raise FileRefused(
                f"Dates contradict each other: line {day} has the day first, line "
                f"{month} the month first (or AM/PM). The file was put together or "
                "edited; upload the original downloads one by one.",
                line=max(day, month),
            )
        order = DateOrder.DAY_FIRST if day else DateOrder.MONTH_FIRST
        if day or month:
            if wanted not in {"auto", order}:
                raise FileRefused(
                    f"Dates in this file are {order}, as line {day or month} shows, "
                    f"but {wanted} was chosen. Choose {order}.",
                    line=day or month,
                )
            return order
        if wanted != "auto":
            return DateOrder(wanted)
        is_month_first = is_us or self.half_day_line
        return DateOrder.MONTH_FIRST if is_month_first else DateOrder.DAY_FIRST

    def _refuse_turned(self) -> None:
        """A spreadsheet of the other date order turns round the dates it can read, and
        writes them without seconds; those it cannot read stay as they were."""
        turned = self._shapes.get((False, False))
        kept = self._shapes.get((True, True))
        others = {(True, False), (False, True)} & self._shapes.keys()
        if turned and kept and not others:
            raise FileRefused(
                f"Dates up to the 12th have lost their seconds (line {turned}), the "
                f"others have not (line {kept}): a spreadsheet took the day for the "
                "month there, and wrote another date. Upload the original download, "
                "without opening and saving it in between.",
                line=turned,
            )


class Clock:
    """Turns cells into aware UTC instants for one shop's zone and date order."""

    def __init__(self, zone: ZoneInfo, order: DateOrder) -> None:
        self.zone = zone
        self.order = order
        self.is_day_first = order is DateOrder.DAY_FIRST
        # {text without minutes and seconds: the hour} of hours without a change
        self._hours: dict[str, datetime] = {}

    def read(self, text: str) -> tuple[datetime, str]:
        """The instant, and a note or "".

        Raises BadValue. A local time that does not exist (the hour skipped in spring)
        or exists twice is read with the offset before the change.
        """
        at = text.find(":")
        minutes = MINUTES.get(text[at + 1 : at + 6])
        hour_text = text[:at] + text[at + 6 :]
        hour = self._hours.get(hour_text)
        if hour and minutes is not None:
            return hour + minutes, ""
        local, has_seconds = self._parse(text)
        if minutes is not None and self._is_plain(local.replace(minute=0, second=0)):
            if len(self._hours) >= HOURS_KEPT:
                self._hours.clear()
            instant = local.replace(tzinfo=self.zone).astimezone(UTC)
            self._hours[hour_text] = instant - minutes
        instant, note = self._utc(local)
        return instant, note or ("" if has_seconds else "Times have no seconds.")

    def _parse(self, text: str) -> tuple[datetime, bool]:
        """The local time, and whether the text has seconds."""
        found = TIME.fullmatch(text)
        if not found:
            raise BadValue(_refusal(text))
        first, _, second, third, hour, minute, second_of, half = found.groups()
        if len(first) == 4:
            year, month, day = int(first), int(second), int(third)
        else:
            year = int(third) if len(third) == 4 else 0
            day, month = (int(first), int(second))
            if not self.is_day_first:
                day, month = month, day
        if hour is None:
            raise BadValue(f"“{text}” has no time of day. {ORIGINAL}")
        hours = int(hour)
        if half:
            if not 1 <= hours <= 12:
                raise BadValue(f"“{text}” is not a time. {ORIGINAL}")
            hours = hours % 12 + (12 if half in "Pp" else 0)
        try:
            local = datetime(  # noqa: DTZ001 - the shop's clock, made UTC below
                year, month, day, hours, int(minute), int(second_of or 0)
            )
        except ValueError:
            raise BadValue(f"“{text}” is not a time. {ORIGINAL}") from None
        if not 2015 <= year <= 2100:
            raise BadValue(f"“{text}” is not in our time. {ORIGINAL}")
        return local, bool(second_of)

    def _utc(self, local: datetime) -> tuple[datetime, str]:
        instant = local.replace(tzinfo=self.zone).astimezone(UTC)
        if instant.astimezone(self.zone).replace(tzinfo=None) != local:
            return instant, "The clock skipped this time when it was set forward."
        if local.replace(tzinfo=self.zone, fold=1).astimezone(UTC) != instant:
            return instant, "The clock showed this time twice; the first was taken."
        return instant, ""

    def _is_plain(self, hour: datetime) -> bool:
        """Whether the zone's offset is one and the same throughout this local hour."""
        offsets = {
            moment.replace(tzinfo=self.zone, fold=fold).utcoffset()
            for moment in (hour, hour + timedelta(minutes=59, seconds=59))
            for fold in (0, 1)
        }
        return len(offsets) == 1


def _refusal(text: str) -> str:
    if SERIAL.fullmatch(text):
        return (
            f"“{text}” is a spreadsheet's number for a date; the file was saved again. "
            f"{ORIGINAL}"
        )
    return f"“{text}” is not a time. {ORIGINAL}"
