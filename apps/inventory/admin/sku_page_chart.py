"""A SKU's history drawn: points of an SVG, which needs no script. Plain geometry."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from apps.inventory.services.history import Counted, Day, History

WIDTH, HEIGHT = 760, 240
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 14, 28
_TICKS_UP = 4
_TICKS_ALONG = 6


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    words: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A stock take, at its day and what was counted."""

    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`on_hand` and `available` are paths of steps, `area` is what lies below the
    first; `zero` is the height of nothing."""

    on_hand: str
    area: str
    available: str
    zero: float
    up: list[Tick]
    along: list[Tick]
    marks: list[Mark]
    words: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def chart_of(history: History) -> Chart:
    days = history.days
    low, high, step = _scale(history)
    y = _line(low, high, HEIGHT - BOTTOM, TOP)
    x = _line(0, len(days), LEFT, WIDTH - RIGHT)
    on_hand = _steps([day.on_hand for day in days], x, y)
    return Chart(
        on_hand=on_hand,
        area=f"{on_hand}V{y(0)}H{LEFT}Z",
        available=_steps([day.available for day in days], x, y),
        zero=y(0),
        up=[Tick(y(value), f"{value:,}") for value in range(low, high + 1, step)],
        along=_dates(days, x),
        marks=[_mark(count, days, x, y) for count in history.counts],
        words=_in_words(history),
    )


def _line(
    low: float, high: float, start: float, end: float
) -> Callable[[float], float]:
    """From a value to its place, to a tenth of a unit."""
    return lambda value: round(start + (value - low) * (end - start) / (high - low), 1)


def _scale(history: History) -> tuple[int, int, int]:
    """The least and the greatest value shown, and a step between the lines."""
    values = [0, *(count.quantity for count in history.counts)]
    for day in history.days:
        values += (day.on_hand, day.available)
    low, high = min(values), max(*values, 1)
    step = _round_step((high - low) / _TICKS_UP)
    return low // step * step, -(-high // step) * step, step


def _round_step(least: float) -> int:
    """1, 2 or 5 times a power of ten."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if factor * power >= least:
                return factor * power
        power *= 10


def _steps(
    values: Sequence[int], x: Callable[[float], float], y: Callable[[float], float]
) -> str:
    """Each day is a level stretch; days that are as the one before are not told."""
    path, before = f"M{x(0)},{y(values[0])}", values[0]
    for number, value in enumerate(values):
        if value != before:
            path += f"H{x(number)}V{y(value)}"
            before = value
    return f"{path}H{x(len(values))}"


def _dates(days: Sequence[Day], x: Callable[[float], float]) -> list[Tick]:
    apart = max(1, len(days) // _TICKS_ALONG)
    return [
        Tick(x(number + 0.5), f"{days[number].on:%d %b}")
        for number in range(0, len(days), apart)
    ]


def _mark(
    count: Counted,
    days: Sequence[Day],
    x: Callable[[float], float],
    y: Callable[[float], float],
) -> Mark:
    number = min((count.at.date() - days[0].on).days, len(days) - 1)
    words = f"{count.quantity:,} counted in {count.warehouse}, {count.at:%d %b %Y}"
    return Mark(x(number + 0.5), y(count.quantity), words)


def _in_words(history: History) -> str:
    first, last = history.days[0], history.days[-1]
    lowest = min(history.days, key=lambda day: day.available)
    counts = len(history.counts)
    return (
        f"On hand and available from {first.on:%d %b %Y} to {last.on:%d %b %Y}: "
        f"{first.on_hand:,} on hand at the end of the first day, {last.on_hand:,} at "
        f"the end, of which {last.available:,} available. Fewest available: "
        f"{lowest.available:,} on {lowest.on:%d %b %Y}. "
        f"{counts} stock take{'' if counts == 1 else 's'}."
    )
