"""Where the fields of an order have their values from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from apps.orders.models import Order
from apps.orders.services.conflicts import conflicts
from apps.orders.services.order_fields import (
    BUYER_FIELDS,
    FIELDS,
    is_blank,
)
from apps.orders.services.preferences import preferred_witness
from apps.orders.services.testimony import Testimony
from apps.orders.services.voices import PERSON, WITNESSES
from apps.users.models import User
from apps.users.roles import PROCESS_ORDERS


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody's word for a field: "platform" or "file"; `at` is when that was so, of
    a file's row the latest instant in it."""

    source: str
    value: Any
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FieldStory:
    """Why a field is as it is.

    `source` is whose word is shown ("platform", "file", "person"), `at` when that was
    so as far as known, `who` the person or process where one decided. `others` are what
    else was said that is not the same. `is_decided`: somebody typed it, or chose
    between the sources.
    """

    name: str
    label: str
    value: Any
    source: str
    at: datetime | None
    who: str
    others: tuple[Told, ...]
    is_conflict: bool
    is_decided: bool


def why(order: Order, user: User) -> list[FieldStory]:
    """Where each field of an order that says anything has its value from; those of the
    buyer only for who may see buyers. Two queries at most, one of them for the names of
    who decided."""
    testimony = Testimony.of(order)
    preferred = preferred_witness(order.shop)
    sees_buyer = user.has_perm(PROCESS_ORDERS, order)
    names = [name for name in FIELDS if sees_buyer or name not in BUYER_FIELDS]
    at_odds = set(conflicts(testimony, preferred))
    people = _people(testimony.person)
    stories = [_status_story(order, testimony, preferred)]
    for name in names:
        deed = testimony.person.get(name, {})
        words = {w: said for w in WITNESSES if (said := testimony.word_of(w, name))}
        value = getattr(order, name)
        if not deed and not words and is_blank(value):
            continue
        source = testimony.first_of(name, preferred)
        seconds = words[source][1] if source else 0
        others = [
            Told(witness, said, _moment(at))
            for witness, (said, at) in words.items()
            if said != value
        ]
        stories.append(
            FieldStory(
                name=name,
                label=label(name),
                value=value,
                source=PERSON if "value" in deed else source,
                at=_moment(deed.get("at", seconds)),
                who=people.get(deed["by"], "") if deed else "",
                others=tuple(others),
                is_conflict=name in at_odds,
                is_decided=bool(deed),
            )
        )
    return stories


def label(field: str) -> str:
    """A field's name for people."""
    name = str(getattr(Order._meta.get_field(field), "verbose_name", field))
    return name[:1].upper() + name[1:]


def _status_story(order: Order, testimony: Testimony, preferred: str) -> FieldStory:
    furthest = testimony.furthest(preferred)
    others = []
    source = ""
    for name, voice in testimony.voices.items():
        if voice is furthest:
            source = name
        elif voice.status != order.status:
            others.append(Told(name, voice.status, _moment(voice.status_at.at)))
    return FieldStory(
        name="status",
        label=label("status"),
        value=order.status,
        source=source,
        at=_moment(furthest.status_at.at),
        who="",
        others=tuple(others),
        is_conflict=False,
        is_decided=False,
    )


def _people(deeds: Mapping[str, Mapping[str, Any]]) -> dict[int | str, str]:
    """{user's key or process: name}"""
    who = {deed["by"] for deed in deeds.values()}
    users = User.objects.in_bulk([each for each in who if isinstance(each, int)])
    return {
        each: str(users.get(each, "somebody who has left"))
        if isinstance(each, int)
        else each
        for each in who
    }


def _moment(seconds: float) -> datetime | None:
    return datetime.fromtimestamp(seconds, tz=UTC) if seconds else None
