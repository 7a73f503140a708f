"""What can be done where a shop shows another number: on which rows, and its effect."""

from django.http import HttpRequest

from apps.platforms.models import Shop
from apps.sync.admin.stock_selection import StockDeed
from apps.sync.models import StockDrift
from apps.users.roles import CHANGE_STOCK

# Who left it as it was may think better of it.
SETTLED_FROM = (StockDrift.State.OPEN, StockDrift.State.LEFT)


def _settled(request: HttpRequest, drift: StockDrift) -> str:
    if not request.user.has_perm(CHANGE_STOCK, drift):
        return "Your role only looks at this shop's stock."
    if drift.state not in SETTLED_FROM:
        return f"It is settled: {drift.get_state_display().lower()}."
    return ""


def _not_open(request: HttpRequest, drift: StockDrift) -> str:
    if drift.state == StockDrift.State.LEFT:
        return "It is left already."
    return _settled(request, drift)


def _not_connected(request: HttpRequest, drift: StockDrift) -> str:
    if reason := _settled(request, drift):
        return reason
    if drift.shop.state != Shop.State.CONNECTED:
        return f"The shop is {drift.shop.get_state_display().lower()}."
    return ""


def _not_the_whole_client(request: HttpRequest, drift: StockDrift) -> str:
    """Their figure becomes the stock of all the client's shops."""
    if reason := _settled(request, drift):
        return reason
    if not request.user.has_perm(CHANGE_STOCK, drift.shop.client):
        return "Only who looks after all the client's stock may change it."
    return ""


def _found(drift: StockDrift) -> int:
    return drift.found


DEEDS: dict[str, StockDeed] = {
    deed.name: deed
    for deed in (
        StockDeed(
            "tell",
            "Tell ours again",
            "Each shop is told our number again, and shows it to buyers at once.",
            _not_connected,
            seen=_found,
        ),
        StockDeed(
            "take",
            "Take theirs over",
            "What the shop shows becomes our stock: the difference is booked as an "
            "adjustment in our warehouse, and all the client's shops are told.",
            _not_the_whole_client,
            seen=_found,
        ),
        StockDeed(
            "leave",
            "Leave it",
            "The difference stays and is not shown as open any more. It comes back as "
            "soon as the shop's number moves again.",
            _not_open,
            seen=_found,
        ),
    )
}
