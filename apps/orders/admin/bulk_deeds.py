"""What can be done with many orders at once: the buttons above the list."""

from dataclasses import dataclass

from apps.users.models import AnyUser
from apps.users.roles import PROCESS_ORDERS, VIEW_ORDER


@dataclass(frozen=True, slots=True)
class BulkDeed:
    """`asks`: a page comes first; `needs` is held at one shop at least."""

    name: str
    title: str
    asks: bool = True
    needs: str = PROCESS_ORDERS


BULK_DEEDS: dict[str, BulkDeed] = {
    deed.name: deed
    for deed in (
        BulkDeed("pull", "Pull again"),
        BulkDeed("ship", "Ship"),
        BulkDeed("tracking", "Upload tracking"),
        BulkDeed("priority", "Set priority"),
        BulkDeed("labels", "Print labels"),
        BulkDeed("slips", "Packing slips", asks=False),
        BulkDeed("pick-list", "Pick list", asks=False, needs=VIEW_ORDER),
        BulkDeed("export", "Export CSV", asks=False, needs=VIEW_ORDER),
        BulkDeed("cancel", "Cancel"),
    )
}


def offered(user: AnyUser) -> list[BulkDeed]:
    held = {name: user.has_perm(name) for name in (VIEW_ORDER, PROCESS_ORDERS)}
    return [deed for deed in BULK_DEEDS.values() if held[deed.needs]]
