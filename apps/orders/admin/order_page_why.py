"""Where the values of an order come from, in words."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.safestring import SafeString

from apps.core.admin import ago, badge
from apps.core.money import Money
from apps.orders.models import Order
from apps.orders.services.editing import FieldStory, why
from apps.orders.services.stories import label
from apps.users.models import User

SOURCES = {
    "platform": "TikTok's API",
    "file": "Seller Center's file",
    "person": "a person",
}
_OF_PERSON = "person"


def stories_of(order: Order, user: User) -> list[dict[str, Any]]:
    """For templates/orders/order_why.html: those on which sources differ first."""
    told = sorted(why(order, user), key=lambda story: not story.is_conflict)
    return [_story(order, story) for story in told]


def sources_of(stories: Sequence[dict[str, Any]]) -> dict[str, str]:
    """{field: whose word it is}, for the timeline."""
    return {
        story["story"].name: story["who"] or str(story["source_words"])
        for story in stories
    }


def title_of(name: str) -> str:
    """A field's label without what only a table needs: “Sample”, not “Is sample”."""
    words = label(name)
    for needless in ("Is ", "Has "):
        words = words.removeprefix(needless)
    words = words.removesuffix(" at")
    return words[:1].upper() + words[1:]


def source_badge(source: str) -> SafeString:
    kind = "attention" if source == _OF_PERSON else "neutral"
    return badge(SOURCES.get(source, source), kind)


def _story(order: Order, story: FieldStory) -> dict[str, Any]:
    return {
        "story": story,
        "title": title_of(story.name),
        "value": value_words(order, story.name, story.value),
        "source": source_badge(story.source),
        "source_words": SOURCES.get(story.source, story.source),
        "who": story.who,
        "at": ago(story.at),
        "others": [
            {
                "source": other.source,
                "words": SOURCES.get(other.source, other.source),
                "value": value_words(order, story.name, other.value),
                "at": ago(other.at),
            }
            for other in story.others
        ],
    }


def value_words(order: Order, name: str, value: Any) -> str:
    """A value as the page has it."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        local = value.astimezone(order.shop.zone)
        return f"{value:%d %b %Y %H:%M} UTC ({local:%d %b %H:%M} {local.tzname()})"
    if isinstance(value, Decimal) or (name.endswith("_amount") and value is not None):
        return str(Money(Decimal(value), order.currency))
    choices = dict(Order._meta.get_field(name).flatchoices)  # type: ignore[union-attr]
    return str(choices.get(value, value))
