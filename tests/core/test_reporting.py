import io
import json
import re
import time
from datetime import datetime

import pytest
from django.core.management.base import OutputWrapper

from apps.core.management.reporting import (
    ExitCode,
    Progress,
    grouped,
    json_line,
    table,
    worst,
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass only when told: clock(5)."""
    now = 1_000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)

    def advance(seconds: float) -> None:
        nonlocal now
        now += seconds

    return advance


def make_progress(out, *, quiet: bool = False) -> Progress:
    return Progress("sync_orders", "shop=12", out, quiet=quiet)


def test_a_pipe_gets_a_plain_line_at_the_start_each_tenth_and_the_end(clock):
    out = io.StringIO()
    progress = make_progress(out)

    for done in range(0, 2_001, 50):
        progress.show(done, 2_000, {"new": done, "failed": 0})
        clock(0.5)
    progress.finish(2_000, 2_000, {"new": 2_000, "failed": 0})

    lines = out.getvalue().splitlines()
    assert len(lines) == 11
    pattern = (
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ sync_orders shop=12 state=(running|done) "
        r"done=\d+ total=2000 new=\d+ failed=0"
    )
    assert all(re.fullmatch(pattern, line) for line in lines)
    assert [line.split()[3] for line in lines] == ["state=running"] * 10 + [
        "state=done"
    ]
    assert "\r" not in out.getvalue()
    assert "\x1b" not in out.getvalue()


def test_a_pipe_gets_a_line_at_least_every_30_seconds(clock):
    out = io.StringIO()
    progress = make_progress(out)

    for _ in range(61):
        progress.show(1, None, {})
        clock(1)

    assert len(out.getvalue().splitlines()) == 3
    assert "total=unknown" in out.getvalue()


def test_a_terminal_gets_one_line_redrawn_at_most_five_times_a_second(clock):
    out = Terminal()
    progress = make_progress(out)

    for done in range(100):
        progress.show(done, 100, {"new": done, "updated": 0})
        clock(0.05)
    progress.finish(100, 100, {"new": 100, "updated": 0})

    text = out.getvalue()
    assert text.count("\n") == 1
    frames = text.strip().split("\r")[1:]
    assert len(frames) <= 27
    assert frames[-1].startswith("shop=12  " + "█" * 12 + " 100%  100/100  new 100")


def test_a_shorter_frame_leaves_nothing_of_a_longer_one(clock):
    out = Terminal()
    progress = make_progress(out)
    progress.show(500_000, 1_000_000, {"new": 500_000})
    clock(1)
    progress.show(1, 2, {})

    _, first, second = out.getvalue().split("\r")
    assert len(second) >= len(first)


def test_a_terminal_is_told_how_long_it_will_take(clock):
    out = Terminal()
    progress = make_progress(out)
    clock(20)
    progress.show(500, 1_000, {})

    assert "ETA 00:20" in out.getvalue()


@pytest.mark.parametrize("make", [io.StringIO, Terminal])
def test_quiet_is_quiet(clock, make):
    out = make()
    progress = make_progress(out, quiet=True)

    progress.show(1, 2, {})
    progress.finish(2, 2, {})

    assert out.getvalue() == ""


def test_a_commands_own_output_works_as_well(clock):
    out = io.StringIO()
    progress = make_progress(OutputWrapper(out))

    progress.show(1, 2, {})
    progress.finish(2, 2, {})

    assert out.getvalue().count("\n") == 2


def test_a_table_aligns_text_left_and_numbers_right():
    text = table(("Shop", "Read"), [("Lamps (MY)", 1_240), ("X", 7)])

    assert text.splitlines() == [
        "Shop       | Read",
        "Lamps (MY) | 1,240",
        "X          |     7",
    ]


def test_an_empty_table_has_its_header():
    assert table(("Shop", "Read"), []) == "Shop | Read"


def test_the_most_frequent_errors_come_first_and_the_rest_is_counted():
    errors = ["rare"] + ["often"] * 31 + [f"error {n}" for n in range(6)]

    lines = grouped(errors)

    assert lines[0] == "31x often"
    assert len(lines) == 6
    assert lines[-1] == "… and 3 more"
    assert grouped([]) == []


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([], 0),
        ([0, 0], 0),
        ([0, 5], 5),
        ([5, 3, 0], 3),
        ([3, 4, 5], 4),
        ([4, 1, 3], 1),
    ],
)
def test_the_worst_code_wins(codes, expected):
    assert worst([ExitCode(code) for code in codes]) == expected


def test_a_json_line_is_one_line_whatever_it_holds():
    line = json_line(type="shop", name="Ümläut\n2", at=datetime(2026, 1, 2))  # noqa: DTZ001

    assert "\n" not in line
    assert json.loads(line)["name"] == "Ümläut\n2"
