"""The single items of an order: how it stands with each, and where it travels.

Source: Partner Center, "Get Order List" and "Get Order Detail". An item that is made of
others ("sub items") may leave all statements to them.
"""

from collections.abc import Iterable

from apps.integrations.contracts import OrderStatus, RemoteUnit
from apps.integrations.lifecycle import has_left, rank
from apps.integrations.tiktok.codes import ORDER_STATUSES
from apps.integrations.tiktok.fulfilment.codes import PACKAGE_STATUSES
from apps.integrations.tiktok.reading import (
    JsonObject,
    each_object,
    enum_key,
    identifier,
    text,
    word,
)


def units_of(rows: Iterable[JsonObject]) -> tuple[RemoteUnit, ...]:
    """Those that the platform names."""
    return tuple(_unit(row) for row in rows if identifier(row, "id"))


def _unit(row: JsonObject) -> RemoteUnit:
    entries = (row, *parts_of(row))
    travels = next((each for each in entries if identifier(each, "package_id")), row)
    return RemoteUnit(
        identifier(row, "id"),
        unit_status(row),
        identifier(travels, "package_id"),
        package_status=PACKAGE_STATUSES.get(word(travels, "package_status")),
        tracking_number=text(travels, "tracking_number"),
        carrier=text(travels, "shipping_provider_name"),
        carrier_id=identifier(travels, "shipping_provider_id"),
    )


def parts_of(row: JsonObject) -> list[JsonObject]:
    """What an item is made of."""
    return each_object(row, "sub_item_info")


def status_text(row: JsonObject) -> str:
    """How it stands with an item; of its parts, the one least far along."""
    if said := text(row, "display_status"):
        return said
    words = (text(part, "display_status") for part in parts_of(row))
    return min(filter(None, words), key=lambda word: rank(_status_of(word)), default="")


def unit_status(row: JsonObject) -> OrderStatus:
    """The same in our words."""
    return _status_of(status_text(row))


def is_shipped(row: JsonObject) -> bool:
    """Whether the item has left the warehouse."""
    return has_left(unit_status(row))


def is_cancelled(row: JsonObject) -> bool:
    """Whether the item was cancelled, by itself or with the order."""
    return enum_key(status_text(row)).startswith("CANCEL")


def _status_of(word: str) -> OrderStatus:
    return ORDER_STATUSES.get(enum_key(word), OrderStatus.NOT_UNDERSTOOD)
