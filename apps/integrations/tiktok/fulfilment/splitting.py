"""What the platform answers of splitting and combining, to our contracts.

Source: Partner Center, "Get Order Split Attributes", "Split Orders" and "Search
Combinable Packages" (202309).
"""

from collections.abc import Mapping

from apps.integrations.contracts import Combinable, SplitAdvice
from apps.integrations.tiktok.reading import (
    JsonObject,
    each_object,
    enum_key,
    flag,
    identifier,
    identifiers,
    sequence,
    text,
)


def advice_from_json(data: JsonObject) -> list[SplitAdvice]:
    """What is not said to be possible is not."""
    return [
        SplitAdvice(
            order_id=order_id,
            can_split=flag(row, "can_split") or False,
            must_split=flag(row, "must_split") or False,
            reasons=_reasons(row),
        )
        for row in each_object(data, "split_attributes")
        if (order_id := identifier(row, "order_id"))
    ]


def _reasons(row: JsonObject) -> tuple[str, ...]:
    """Why it cannot be split, in a sentence; why it must, in the platform's words."""
    must = (
        enum_key(text(entry, "type")) if isinstance(entry, Mapping) else str(entry)
        for entry in sequence(row, "must_split_reasons")
    )
    return tuple(filter(None, (text(row, "reason"), *must)))


def split_from_json(data: JsonObject) -> dict[str, str]:
    """{the name we gave a group: the id of its package}."""
    return {
        text(row, "splittable_group_id"): package_id
        for row in each_object(data, "packages")
        if (package_id := identifier(row, "id"))
    }


def combinable_from_json(data: JsonObject) -> list[Combinable]:
    """The offers; one that names nothing to put together is none."""
    return [
        Combinable(remote_id, order_ids)
        for row in each_object(data, "combinable_packages")
        if (remote_id := identifier(row, "id"))
        and (order_ids := identifiers(row, "order_ids"))
    ]
