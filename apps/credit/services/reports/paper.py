"""A report as PDF: A4, black on white, one page and an annex.

The same content gives the same bytes. Letters come from a font of ours (DejaVu: Latin,
Greek, Cyrillic), put into the file as far as it is used.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor, black, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Flowable,
    PageBreak,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from apps.credit.services.reports import words

_FONTS = Path(__file__).resolve().parents[2] / "fonts"
_PLAIN, _BOLD = "DejaVu", "DejaVuBold"
_WIDTH = A4[0] - 30 * mm
_GREY = HexColor("#555555")
_LINE = HexColor("#999999")


class Bar(Flowable):
    """How much of 100, as a line that is filled so far."""

    def __init__(self, score: str, width: float, height: float = 3 * mm) -> None:
        super().__init__()
        self.part = max(0.0, min(1.0, float(score) / 100))
        self.width, self.height = width, height

    def draw(self) -> None:
        self.canv.setStrokeColor(black)
        self.canv.setLineWidth(0.5)
        self.canv.rect(0, 0, self.width, self.height, stroke=1, fill=0)
        self.canv.setFillColor(black)
        self.canv.rect(0, 0, self.width * self.part, self.height, stroke=0, fill=1)


def as_pdf(
    content: Mapping[str, Any], disputes: Sequence[Mapping[str, str]] = ()
) -> bytes:
    """`disputes` are {on, about, text, state, answer}: what was objected until now."""
    _load_fonts()
    target = BytesIO()
    title = f"Credit report {content['number']}"
    paper = SimpleDocTemplate(
        target,
        pagesize=A4,
        leftMargin=15 * mm,
        rightMargin=15 * mm,
        topMargin=13 * mm,
        bottomMargin=15 * mm,
        title=title,
        author="Shopdesk",
        invariant=1,
        lang="en",
    )

    def foot(canvas: Canvas, _: object) -> None:
        canvas.setFont(_PLAIN, 7)
        canvas.setFillColor(_GREY)
        canvas.drawString(15 * mm, 9 * mm, f"{title} · {content['model']}")
        canvas.drawRightString(
            A4[0] - 15 * mm, 9 * mm, f"Page {canvas.getPageNumber()}"
        )

    story = [*_front(content), PageBreak(), *_annex(content, disputes)]
    paper.build(story, onFirstPage=foot, onLaterPages=foot)
    return target.getvalue()


@cache
def _load_fonts() -> None:
    pdfmetrics.registerFont(TTFont(_PLAIN, str(_FONTS / "DejaVuSans.ttf")))
    pdfmetrics.registerFont(TTFont(_BOLD, str(_FONTS / "DejaVuSans-Bold.ttf")))


def _front(content: Mapping[str, Any]) -> list[Flowable]:
    score = content["score"]
    story = [
        _text(f"Credit report {content['number']}", 15, bold=True),
        Spacer(0, 2 * mm),
        _pairs(words.head(content)),
        Spacer(0, 2 * mm),
    ]
    if score is None:
        story.append(_text("No score: too little data.", 12, bold=True))
    else:
        told = f"Score {score} of 300 to 850 · {content['score_100']} of 100"
        story.append(_text(told, 12, bold=True))
    if content["needs_review"]:
        story.append(_text("A person should review this score.", 8.5, bold=True))
    story += [_factors(content), _heading("Monthly income")]
    tiers = [[tier["label"] for tier in content["tiers"]]]
    here = [at for at, tier in enumerate(content["tiers"]) if tier["is_here"]]
    marks = [("BACKGROUND", (at, 0), (at, 0), black) for at in here]
    marks += [("TEXTCOLOR", (at, 0), (at, 0), white) for at in here]
    story.append(_grid(tiers, [_WIDTH / 4] * 4, marks, wraps=False))
    story.append(_heading("Measured, in US dollars"))
    rows = [(what, value) for _, what, value in words.measured(content)]
    half = (len(rows) + 1) // 2
    pairs = [
        (*left, *right)
        for left, right in zip(rows[:half], [*rows[half:], ("", "")], strict=False)
    ]
    story.append(_grid(pairs, [_WIDTH * part for part in (0.31, 0.19, 0.31, 0.19)]))
    story.append(_heading("Why it is not higher"))
    for reason in content["reasons"]:
        lost = f" (-{reason['lost']} points)" if reason["lost"] else ""
        story.append(_text(f"{reason['code']}{lost}: {reason['sentence']}", 8))
    if not content["reasons"]:
        story.append(_text("Nothing that would cost half a point.", 8))
    story += [Spacer(0, 2 * mm), _text(content["what_it_is"], 7, color=_GREY)]
    return story


def _factors(content: Mapping[str, Any]) -> Flowable:
    rows: list[list[Any]] = [
        [
            _text(f"{one['name']}, weighs {one['weight']}%", 8, bold=True),
            Bar(one["score"], 38 * mm),
            _text(one["score"], 8, bold=True),
            _text(one["facts"], 7.5),
        ]
        for one in content["factors"]
    ]
    if not rows:
        return Spacer(0, 0)
    return _grid(rows, [35 * mm, 42 * mm, 11 * mm, _WIDTH - 88 * mm])


def _annex(
    content: Mapping[str, Any], disputes: Sequence[Mapping[str, str]]
) -> list[Flowable]:
    wide = _WIDTH
    story: list[Flowable] = [
        _text(f"Annex to {content['number']}", 13, bold=True),
        _heading("Months"),
        _table(words.MONTHS, words.months(content), [wide / 6] * 6),
        _heading("Accounts"),
        _table(
            words.ACCOUNTS,
            words.accounts(content),
            [wide * part for part in (0.27, 0.1, 0.09, 0.14, 0.13, 0.14, 0.13)],
        ),
        _heading("Standing"),
        _table(words.STANDING, words.standing(content), [wide / 8] * 8),
    ]
    if left_out := words.counts(content):
        story += [_heading("Rows that do not count"), _pairs(left_out)]
    if rates := words.rates(content):
        story += [
            _heading("Exchange rates used"),
            _table(words.RATES, rates, [wide / 6] * 6),
        ]
    story += [_heading("How to dispute"), _text(content["how_to_dispute"], 8)]
    for one in disputes:
        answer = f" Answer: {one['answer']}" if one["answer"] else ""
        about = f" about {one['about']}" if one["about"] else ""
        told = f"{one['on']}{about}, {one['state'].lower()}: {one['text']}{answer}"
        story.append(_text(told, 8))
    return story


def _heading(text: str) -> Flowable:
    return _text(text, 10, bold=True, before=3 * mm, after=1 * mm)


def _text(
    text: str,
    size: float,
    *,
    bold: bool = False,
    color: Any = black,
    before: float = 0,
    after: float = 0.8 * mm,
) -> Paragraph:
    style = ParagraphStyle(
        "text",
        fontName=_BOLD if bold else _PLAIN,
        fontSize=size,
        leading=size * 1.25,
        textColor=color,
        spaceBefore=before,
        spaceAfter=after,
        splitLongWords=1,
    )
    return Paragraph(escape(text), style)


def _pairs(rows: Sequence[tuple[str, str]]) -> Flowable:
    """In two columns, name beside value."""
    half = (len(rows) + 1) // 2
    filled = [*rows, ("", "")] if len(rows) % 2 else [*rows]
    cells = [
        (*left, *right)
        for left, right in zip(filled[:half], filled[half:], strict=True)
    ]
    return _grid(cells, [_WIDTH * part for part in (0.14, 0.36, 0.14, 0.36)])


def _table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]
) -> Flowable:
    if not rows:
        return _text("None.", 8)
    cells: list[list[Any]] = [[_text(head, 7, bold=True) for head in heads]]
    cells += [[_text(value, 7) for value in row] for row in rows]
    return _grid(cells, widths, repeat=1)


def _grid(
    rows: Sequence[Sequence[Any]],
    widths: Sequence[float],
    more: Sequence[tuple[Any, ...]] = (),
    *,
    repeat: int = 0,
    wraps: bool = True,
) -> Flowable:
    cells = [
        [
            _text(cell, 7.5, after=0) if wraps and isinstance(cell, str) else cell
            for cell in row
        ]
        for row in rows
    ]
    style: list[tuple[Any, ...]] = [
        ("FONT", (0, 0), (-1, -1), _PLAIN, 8),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.3, _LINE),
        ("TOPPADDING", (0, 0), (-1, -1), 1),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        ("LEFTPADDING", (0, 0), (-1, -1), 1),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ]
    table = Table(cells, colWidths=list(widths), repeatRows=repeat, hAlign="LEFT")
    table.setStyle(TableStyle([*style, *more]))
    return table
