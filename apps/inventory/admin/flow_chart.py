"""The flow drawn: rectangles and ribbons of an SVG, which needs no script."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apps.inventory.services.flow import Flow, Link, Node, Stage

WIDTH = 1040
BAR = 14
_COLUMNS = {Stage.SOURCE: 0, Stage.WAREHOUSE: 260, Stage.USE: 540, Stage.SHOP: 826}
_TOP, _GAP, _LABEL = 34, 12, 34
# The tallest column's units fill so much of the height.
_FILL = 320
_THINNEST = 2.0
_LONGEST = 28


@dataclass(frozen=True, slots=True)
class Caption:
    """How a node is called, where it leads, and how it looks; `alarm` stands in the
    picture, too."""

    title: str
    address: str = ""
    kind: str = "neutral"
    note: str = ""
    alarm: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    x: int
    y: float
    height: float
    units: int
    caption: Caption
    width: int = BAR

    @property
    def text_x(self) -> int:
        return self.x + BAR + 8

    @property
    def text_y(self) -> float:
        """Of the first of two lines, beside the bar."""
        return round(self.y + max(11.0, self.height / 2 - 4), 1)

    @property
    def title(self) -> str:
        name = self.caption.title
        return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"

    @property
    def words(self) -> str:
        return f"{self.units:,}"


@dataclass(frozen=True, slots=True)
class Ribbon:
    path: str
    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Picture:
    bars: list[Bar]
    ribbons: list[Ribbon]
    headings: list[tuple[int, str]]
    height: int
    width: int = WIDTH


HEADINGS = {
    Stage.SOURCE: "There is",
    Stage.WAREHOUSE: "Warehouse",
    Stage.USE: "What for",
    Stage.SHOP: "Told to shops",
}


def picture_of(flow: Flow, captions: Mapping[Node, Caption]) -> Picture:
    columns = {stage: flow.nodes(stage) for stage in Stage}
    tallest = max(
        (sum(flow.units_of(node) for node in nodes) for nodes in columns.values()),
        default=0,
    )
    scale = _FILL / max(1, tallest)
    bars: dict[Node, Bar] = {}
    for stage, nodes in columns.items():
        bars |= _column(flow, stage, nodes, captions, scale)
    bottom = max((bar.y + max(bar.height, _LABEL) for bar in bars.values()), default=0)
    return Picture(
        bars=list(bars.values()),
        ribbons=_ribbons(flow.links, bars, scale),
        headings=[
            (x, HEADINGS[stage]) for stage, x in _COLUMNS.items() if columns[stage]
        ],
        height=int(bottom + _GAP),
    )


def _column(
    flow: Flow,
    stage: Stage,
    nodes: Sequence[Node],
    captions: Mapping[Node, Caption],
    scale: float,
) -> dict[Node, Bar]:
    """One below the other, with room for two lines of text each."""
    found, y = {}, float(_TOP)
    for node in nodes:
        units = flow.units_of(node)
        height = round(max(_THINNEST, units * scale), 1)
        found[node] = Bar(_COLUMNS[stage], round(y, 1), height, units, captions[node])
        y += max(height, _LABEL) + _GAP
    return found


def _ribbons(
    links: Sequence[Link], bars: Mapping[Node, Bar], scale: float
) -> list[Ribbon]:
    """In the order of their ends, so that few cross. Shared ones begin at one place:
    they carry the same pieces."""
    leaves: dict[Node, float] = defaultdict(float)
    arrives: dict[Node, float] = defaultdict(float)
    ordered = sorted(links, key=lambda link: (bars[link.source].y, bars[link.target].y))
    ribbons = []
    for link in ordered:
        source, target = bars[link.source], bars[link.target]
        thick = link.units * scale
        start = source.y + leaves[link.source]
        end = target.y + arrives[link.target]
        if not link.is_shared:
            leaves[link.source] += thick
        arrives[link.target] += thick
        words = f"{source.caption.title} → {target.caption.title}: {link.units:,}"
        kind = target.caption.kind if link.source.stage != Stage.SOURCE else "plain"
        path = _ribbon(source.x + BAR, start, target.x, end, max(1.0, thick))
        ribbons.append(Ribbon(path, kind, words))
    return ribbons


def _ribbon(x1: int, y1: float, x2: int, y2: float, thick: float) -> str:
    """From the right edge of one bar to the left edge of another."""
    middle = (x1 + x2) // 2
    low1, low2 = round(y1 + thick, 1), round(y2 + thick, 1)
    y1, y2 = round(y1, 1), round(y2, 1)
    return (
        f"M{x1},{y1}C{middle},{y1} {middle},{y2} {x2},{y2}"
        f"V{low2}C{middle},{low2} {middle},{low1} {x1},{low1}Z"
    )
