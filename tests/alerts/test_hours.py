"""When somebody may be mailed, by their own clock."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from apps.alerts.services.hours import end_of_quiet, next_digest

JAKARTA = ZoneInfo("Asia/Jakarta")
BERLIN = ZoneInfo("Europe/Berlin")


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "start", "end", "expected"),
    [
        ("2026-03-10 08:00", None, None, "2026-03-10 08:00"),
        ("2026-03-10 08:00", "09:00", "09:00", "2026-03-10 08:00"),
        # 22:00 until 07:00 there is 15:00 until 00:00 UTC.
        ("2026-03-10 14:59", "22:00", "07:00", "2026-03-10 14:59"),
        ("2026-03-10 15:00", "22:00", "07:00", "2026-03-11 00:00"),
        ("2026-03-10 20:00", "22:00", "07:00", "2026-03-11 00:00"),
        ("2026-03-11 00:00", "22:00", "07:00", "2026-03-11 00:00"),
        ("2026-03-10 06:00", "12:30", "14:00", "2026-03-10 07:00"),
    ],
)
def test_mails_wait_for_the_end_of_quiet_hours(moment, start, end, expected):
    hours = [text and time.fromisoformat(text) for text in (start, end)]

    assert end_of_quiet(utc(moment), JAKARTA, *hours) == utc(expected)


def test_a_digest_comes_at_eight_there():
    assert next_digest(utc("2026-03-10 00:59"), JAKARTA) == utc("2026-03-10 01:00")
    assert next_digest(utc("2026-03-10 01:00"), JAKARTA) == utc("2026-03-11 01:00")


def test_a_digest_follows_a_change_of_clocks():
    assert next_digest(utc("2026-03-28 12:00"), BERLIN) == utc("2026-03-29 06:00")
    assert next_digest(utc("2026-10-24 12:00"), BERLIN) == utc("2026-10-25 07:00")
