"""What one witness has said of an order, and how that is stored.

Stored, a voice is {"at": standing of its newest news}, and where they apply: "older"
{fields: standing} of fields the newest news did not name, "differs" {field: value} of
words that are not shown, "silent" the fields shown that it never named, "status",
"status_at" and "text" where those shown are not its own, "riddle" its newest word if
nobody understands it. Fields stand by their short names, many of them joined.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from apps.integrations.contracts import OrderStatus
from apps.integrations.lifecycle import rank
from apps.orders.models import Order
from apps.orders.services.order_fields import (
    BLANKS,
    FIELD_CODES,
    NAMES,
    RECIPIENT_FIELDS,
    is_blank,
    packed,
    unpacked,
)

PLATFORM, FILE, PERSON = "platform", "file", "person"
WITNESSES = (PLATFORM, FILE)
_NOT_UNDERSTOOD = OrderStatus.NOT_UNDERSTOOD.value
# Columns that say something from the beginning.
_NEVER_BLANK = [(n, c) for n, c in FIELD_CODES.items() if not is_blank(BLANKS[n])]


class Standing(NamedTuple):
    """How new a piece of news is among all of its witness: by `at`, the seconds when it
    was true (of a file's row, which does not tell, the latest instant in it), then by
    what makes one likelier to be the later, then by its hash: any, but always the
    same."""

    at: float
    rank: int
    filled: int
    hash: str


Word = tuple[Any, Standing]
_NEVER = Standing(-1, -1, -1, "")


@dataclass(frozen=True, slots=True)
class News:
    """What one piece of news says of an order: `fields` are those not blank, `lines`
    {key: columns of OrderLine}."""

    witness: str
    standing: Standing
    status: str
    text: str
    fields: dict[str, Any]
    lines: dict[str, dict[str, Any]]


@dataclass(slots=True)
class Voice:
    """All that one witness has said of an order; `status` is the furthest."""

    at: Standing
    said: dict[str, Word]
    status: str
    status_at: Standing
    text: str
    riddle: str | None

    @classmethod
    def of(cls, news: News) -> "Voice":
        at = news.standing
        said = {name: (value, at) for name, value in news.fields.items()}
        return cls(at, said, news.status, at, news.text, _riddle(news))

    def hear(self, news: News) -> None:
        at = news.standing
        for name, value in news.fields.items():
            known = self.said.get(name)
            if known is None or _counts(name, value, known[0], at > known[1]):
                self.said[name] = value, at
        if (rank_of(news.status), at) > (rank_of(self.status), self.status_at):
            self.status, self.status_at, self.text = news.status, at, news.text
        if at > self.at:
            self.at, self.riddle = at, _riddle(news)

    def drop(self, news: News) -> None:
        """Know nothing of what was read of the same payload before."""
        of_it = news.standing.hash
        self.said = {n: word for n, word in self.said.items() if word[1].hash != of_it}
        if self.status_at.hash == of_it:
            self.status, self.status_at, self.text = _NOT_UNDERSTOOD, _NEVER, ""
        if self.at.hash == of_it:
            self.at, self.riddle = _NEVER, None


def first_form(news: News) -> dict[str, Any]:
    """As `stored_form` makes of the only voice, after its only news, understood."""
    form: dict[str, Any] = {"at": list(news.standing)}
    if silent := "".join(code for n, code in _NEVER_BLANK if n not in news.fields):
        form["silent"] = silent
    return form


def voice_form(voice: Voice, order: Order) -> dict[str, Any]:
    form: dict[str, Any] = {"at": list(voice.at)}
    older: dict[Standing, str] = {}
    differs: dict[str, Any] = {}
    silent = ""
    at, said = voice.at, voice.said
    for name, code in FIELD_CODES.items():
        word, shown = said.get(name), getattr(order, name)
        if word is None:
            silent += "" if is_blank(shown) else code
            continue
        if word[0] != shown:
            differs[code] = packed(word[0])
        if word[1] is not at and word[1] != at:
            older[word[1]] = older.get(word[1], "") + code
    if older:
        form["older"] = {codes: list(at) for at, codes in older.items()}
    if differs:
        form["differs"] = differs
    if silent:
        form["silent"] = silent
    if voice.status != order.status:
        form["status"] = voice.status
    if voice.status_at != voice.at:
        form["status_at"] = list(voice.status_at)
    if not order.is_status_understood or voice.text != order.status_text:
        form["text"] = voice.text
    if voice.riddle is not None:
        form["riddle"] = voice.riddle
    return form


def voice_of(order: Order, form: Mapping[str, Any]) -> Voice:
    at = Standing(*form["at"])
    older = {
        name: Standing(*standing)
        for codes, standing in form.get("older", {}).items()
        for name in _names(codes)
    }
    differs = form.get("differs", {})
    silent = set(_names(form.get("silent", "")))
    said = {}
    for name, code in FIELD_CODES.items():
        if code in differs:
            value = unpacked(name, differs[code])
        elif name in silent or is_blank(value := getattr(order, name)):
            continue
        said[name] = value, older.get(name, at)
    return Voice(
        at=at,
        said=said,
        status=form.get("status", order.status),
        status_at=Standing(*form.get("status_at", at)),
        text=form.get("text", order.status_text),
        riddle=form.get("riddle"),
    )


def _names(codes: str) -> Iterator[str]:
    return (NAMES[codes[at : at + 2]] for at in range(0, len(codes), 2))


def _counts(name: str, value: Any, known: Any, is_newer: bool) -> bool:  # noqa: FBT001
    """Whether a witness's word takes the place of another of theirs."""
    if name in RECIPIENT_FIELDS:
        stars, known_stars = value.count("*"), known.count("*")
        if stars != known_stars:
            return bool(stars < known_stars)
    return is_newer


def _riddle(news: News) -> str | None:
    return news.text if news.status == _NOT_UNDERSTOOD else None


def rank_of(status: str) -> int:
    return rank(OrderStatus(status))
