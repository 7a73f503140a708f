"""When somebody may be mailed, by their own clock. Pure: no database."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

DIGEST_AT = time(8)


def end_of_quiet(
    moment: datetime, zone: ZoneInfo, start: time | None, end: time | None
) -> datetime:
    """The moment itself, or the end of the quiet hours it lies in.

    Hours are local and may span midnight; the end counts no longer as quiet.
    """
    if start is None or end is None or start == end:
        return moment
    local = moment.astimezone(zone)
    clock = local.time().replace(tzinfo=None)
    spans_midnight = start > end
    low, high = sorted((start, end))
    # A night is all but the day between its end and its start.
    is_quiet = (low <= clock < high) is not spans_midnight
    return _next(local, end) if is_quiet else moment


def next_digest(moment: datetime, zone: ZoneInfo) -> datetime:
    """The next 08:00 there, after the moment."""
    return _next(moment.astimezone(zone), DIGEST_AT)


def _next(local: datetime, clock: time) -> datetime:
    """The next time that clock shows this; a wall time that a change of clocks skips
    or repeats is taken as the zone takes it."""
    day = local.date()
    at = datetime.combine(day, clock, local.tzinfo)
    # As instants: on days of a change of clocks, wall times mislead.
    if at.timestamp() <= local.timestamp():
        at = datetime.combine(day + timedelta(days=1), clock, local.tzinfo)
    return at
