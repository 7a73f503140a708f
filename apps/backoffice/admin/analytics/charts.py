"""Lines over days: shapes of an SVG, which needs no script. Plain geometry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

WIDTH, HEIGHT = 900, 220
LEFT, RIGHT, TOP, BOTTOM = 62, 12, 12, 26
# So many points are marked, so that each can be pointed at.
MOST_MARKED = 62
_LABELS = 7
_UNITS = ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "K"))


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    words: str


@dataclass(frozen=True, slots=True)
class Mark:
    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True)
class Series:
    """`kind` is a class of the stylesheet, number 0 to 4."""

    name: str
    kind: int
    path: str
    marks: list[Mark]


@dataclass(frozen=True, slots=True)
class LineChart:
    series: list[Series]
    up: list[Tick]
    along: list[Tick]
    words: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT


def line_chart(
    days: Sequence[date], lines: Mapping[str, Sequence[Decimal]], unit: str, words: str
) -> LineChart | None:
    """A line for each name, with a value a day; None where all is nothing. Amounts are
    in `unit`, which the tips name."""
    most = max(
        (max(values, default=Decimal(0)) for values in lines.values()), default=0
    )
    if not days or most <= 0:
        return None
    step = _step(float(most))
    top = step * -(-float(most) // step)
    floor = HEIGHT - BOTTOM
    room = (WIDTH - RIGHT - LEFT) / max(1, len(days) - 1)

    def place(number: int, value: Decimal) -> tuple[float, float]:
        share = float(value) / top
        return round(LEFT + number * room, 1), round(floor - share * (floor - TOP), 1)

    series = []
    for kind, (name, values) in enumerate(lines.items()):
        points = [place(number, value) for number, value in enumerate(values)]
        marks = [
            Mark(x, y, f"{name}, {day:%d %b}: {value:,.2f} {unit}")
            for (x, y), day, value in zip(points, days, values, strict=True)
        ]
        path = "M" + "L".join(f"{x},{y}" for x, y in points)
        kept = marks if len(marks) <= MOST_MARKED else []
        series.append(Series(name, kind, path, kept))
    up = [
        Tick(round(floor - share * (floor - TOP) / top, 1), short(share))
        for share in _steps(step, top)
    ]
    every = max(1, -(-len(days) // _LABELS))
    along = [
        Tick(round(LEFT + number * room, 1), f"{days[number].day} {days[number]:%b}")
        for number in range(0, len(days), every)
    ]
    return LineChart(series, up, along, words)


def by_week(days: Sequence[date], most: int = 120) -> list[date]:
    """The day each day is summed up with: itself, or where there are too many its
    week's Monday (or the first day there is)."""
    if len(days) <= most:
        return list(days)
    return [max(days[0], day - timedelta(days=day.weekday())) for day in days]


def short(amount: float) -> str:
    """As there is room for beside a line: 1.2K, 40M."""
    for size, letter in _UNITS:
        if amount >= size:
            return f"{amount / size:g}{letter}"
    return f"{amount:g}"


def _step(most: float) -> float:
    """A round distance that makes four lines or so."""
    size = 10.0
    while size > most / 4:
        size /= 10
    while size * 10 <= most / 4:
        size *= 10
    for factor in (1.0, 2.0, 5.0, 10.0):
        if size * factor >= most / 4:
            return size * factor
    return size * 10


def _steps(step: float, top: float) -> list[float]:
    return [round(step * n, 6) for n in range(round(top / step) + 1)]
