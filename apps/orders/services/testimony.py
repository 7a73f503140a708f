"""Many witnesses, one order: what each has said of each field, and what is shown.

The platform (API and webhooks) and files are witnesses, and a person may decide over
both. Of a witness, the value of a field is what the newest of their news said that
named the field; so it does not matter in which order, or how often, news arrives. What
is shown follows from all of it:

- what a person typed, or the witness they chose for the field;
- else the less masked value; else the preferred witness's; else the other's;
- the furthest status anybody told. A word nobody understands is shown where it is the
  preferred witness's newest.

Stored with the order is only what its own columns do not say (`Order.testimony`):

    {"platform": voice, "file": voice,       # who has spoken: see voices
     "person": {field: {"value" | "keeps": …, "at": seconds, "by": user ID or process}},
     "told": {field: [value, seconds]},      # the platform's word by its returns …
     "lines": …}                             # see line_merge
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from apps.integrations.contracts import Source
from apps.orders.models import Order
from apps.orders.services.order_fields import RECIPIENT_FIELDS, unpacked
from apps.orders.services.voices import (
    FILE,
    PLATFORM,
    WITNESSES,
    News,
    Voice,
    rank_of,
    voice_form,
    voice_of,
)

_INSTANTS = (
    "placed_at",
    "paid_at",
    "ready_to_ship_at",
    "shipped_at",
    "delivered_at",
    "cancelled_at",
)


@dataclass(slots=True)
class Testimony:
    """Everything known of an order's fields, by who said it. `person`, `told` and
    `lines` are as they are stored."""

    voices: dict[str, Voice]
    person: dict[str, dict[str, Any]] = field(default_factory=dict)
    told: dict[str, list[Any]] = field(default_factory=dict)
    lines: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, order: Order) -> "Testimony":
        """As stored; of an order stored before any was, as its columns make think."""
        stored = order.testimony or _of_columns(order)
        return cls(
            {
                name: voice_of(order, stored[name])
                for name in WITNESSES
                if name in stored
            },
            dict(stored.get("person", {})),
            dict(stored.get("told", {})),
            stored.get("lines", {}),
        )

    def hear(self, news: News) -> None:
        """Take it in, once or again, whenever it comes."""
        voice = self.voices.get(news.witness)
        if voice is None:
            self.voices[news.witness] = Voice.of(news)
        else:
            voice.hear(news)

    def drop(self, news: News) -> None:
        """Know nothing of what was read of the same payload before."""
        if voice := self.voices.get(news.witness):
            voice.drop(news)

    def forget(self, names: Iterable[str]) -> None:
        """Know nothing of these fields any more, whoever spoke of them."""
        for name in names:
            self.person.pop(name, None)
            self.told.pop(name, None)
            for voice in self.voices.values():
                voice.said.pop(name, None)

    def word_of(self, witness: str, name: str) -> tuple[Any, float] | None:
        """A witness's word for a field, and the seconds when it was true."""
        voice = self.voices.get(witness)
        said = voice.said.get(name) if voice else None
        if witness == PLATFORM and name in self.told:
            value, at = self.told[name]
            if said is None or at >= said[1].at:
                return unpacked(name, value), at
        return (said[0], said[1].at) if said else None

    def first_of(self, name: str, preferred: str) -> str:
        """The witness whose word is shown where no person has typed one; "" if neither
        has one."""
        words = {w: self.word_of(w, name) for w in WITNESSES}
        spoken = [w for w in WITNESSES if words[w] is not None]
        if len(spoken) < 2:
            return spoken[0] if spoken else ""
        if keeps := self.person.get(name, {}).get("keeps"):
            return str(keeps)
        if name in RECIPIENT_FIELDS:
            stars = [word[0].count("*") if word else 0 for word in words.values()]
            if stars[0] != stars[1]:
                return PLATFORM if stars[0] < stars[1] else FILE
        return preferred

    def leading(self, preferred: str) -> Voice:
        """The preferred witness, or the only one."""
        return self.voices.get(preferred) or next(iter(self.voices.values()))

    def furthest(self, preferred: str) -> Voice:
        """Whose status is shown."""
        voices = [self.leading(preferred), *self.voices.values()]
        return max(voices, key=lambda voice: rank_of(voice.status))


def witness_of(source: Source) -> str:
    return PLATFORM if source.is_platform else FILE


def stored_form(testimony: Testimony, order: Order) -> dict[str, Any]:
    """What `order`, whose columns show what follows from the testimony, keeps of it
    beside them."""
    form: dict[str, Any] = {
        name: voice_form(voice, order) for name, voice in testimony.voices.items()
    }
    for name in ("person", "told", "lines"):
        if kept := getattr(testimony, name):
            form[name] = kept
    return form


def _of_columns(order: Order) -> dict[str, Any]:
    """Of an order that was stored without testimony: its newest source has said all of
    it. That source's very news, read again, counts as newer than this guess."""
    at, place = 0.0, 0
    if order.lines_source == Source.FILE and order.remote_updated_at is None:
        witness, place = FILE, rank_of(order.status)
        at = max(v.timestamp() for n in _INSTANTS if (v := getattr(order, n)))
    else:
        witness = PLATFORM
        if order.remote_updated_at is not None:
            at = order.remote_updated_at.timestamp()
    form: dict[str, Any] = {"at": [at, place, 0, ""]}
    if not order.is_status_understood:
        form |= {"riddle": order.status_text, "text": ""}
    return {witness: form}
