"""The dashboard's charts: shapes of an SVG, which needs no script. Plain geometry."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.sync.services.success import Day

WIDTH, HEIGHT = 760, 190
LEFT, RIGHT, TOP, BOTTOM = 46, 10, 12, 26
# What is to be reached, and below what it is bad, in percent.
TARGET, FLOOR = 99.0, 95.0
_ROW = 26
_NAME = 190
_LONGEST_NAME = 26


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    words: str


@dataclass(frozen=True, slots=True)
class SuccessChart:
    """A bar a day, as high as the share of runs that went well."""

    bars: list[Bar]
    up: list[Tick]
    along: list[Tick]
    words: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT


def success_chart(days: Sequence[Day]) -> SuccessChart | None:
    """None where nothing has run."""
    told = [day for day in days if day.percent is not None]
    if not told:
        return None
    floor = HEIGHT - BOTTOM
    room = (WIDTH - RIGHT - LEFT) / len(days)
    bars = []
    for number, day in enumerate(days):
        if day.percent is None:
            continue
        tall = max(1.5, day.percent / 100 * (floor - TOP))
        x = LEFT + number * room + room * 0.12
        words = f"{day.on:%d %b}: {day.good:,} of {day.ended:,} runs"
        bars.append(
            Bar(
                round(x, 1),
                round(floor - tall, 1),
                round(room * 0.76, 1),
                round(tall, 1),
                _kind(day.percent),
                words,
            )
        )
    every = max(1, len(days) // 6)
    along = [
        Tick(round(LEFT + (number + 0.5) * room, 1), f"{days[number].on:%d %b}")
        for number in range(0, len(days), every)
    ]
    up = [
        Tick(round(floor - percent / 100 * (floor - TOP), 1), f"{percent} %")
        for percent in (0, 50, 100)
    ]
    good, ended = sum(d.good for d in told), sum(d.ended for d in told)
    worst = min(told, key=lambda day: day.percent or 0)
    words = (
        f"{100 * good / ended:.1f} % of {ended:,} runs went well. The worst day was "
        f"{worst.on:%d %b} with {worst.percent:.0f} %."
    )
    return SuccessChart(bars, up, along, words)


def _kind(percent: float) -> str:
    if percent >= TARGET:
        return "good"
    return "attention" if percent >= FLOOR else "bad"


@dataclass(frozen=True, slots=True)
class Called:
    """A shop's calls: in its busiest second, and in the minute."""

    shop: str
    busiest: int
    minute: int


@dataclass(frozen=True, slots=True)
class CallRow:
    y: float
    name: str
    bar: Bar
    words: str


@dataclass(frozen=True, slots=True)
class CallChart:
    """A bar a shop; `limit_x` is where the platform's limit is."""

    rows: list[CallRow]
    limit_x: float
    limit: float
    height: int
    words: str
    width: int = WIDTH
    name_x: int = 0


def call_chart(called: Sequence[Called], limit: float) -> CallChart | None:
    """The busiest first; None where nobody calls, or there is no limit."""
    if not called or limit <= 0:
        return None
    rows = []
    most = max(limit, *(each.busiest for each in called))
    scale = (WIDTH - _NAME - 90) / most
    for number, each in enumerate(called):
        share = each.busiest / limit
        kind = "bad" if share > 1 else "attention" if share > 0.8 else "good"
        y = TOP + number * _ROW
        width = round(max(1.5, each.busiest * scale), 1)
        words = f"{each.busiest:,} of {limit:g} a second"
        bar = Bar(_NAME, y, width, _ROW - 10, kind, words)
        rows.append(CallRow(y + 12, _short(each.shop), bar, words))
    busiest = called[0]
    return CallChart(
        rows,
        round(_NAME + limit * scale, 1),
        limit,
        TOP + len(called) * _ROW + 6,
        f"The busiest is {busiest.shop} with {busiest.busiest:,} of {limit:g} calls a "
        "second.",
    )


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
