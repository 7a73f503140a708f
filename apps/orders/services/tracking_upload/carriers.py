"""Which of a shop's carriers a row names."""

from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz, process

from apps.orders.errors import ActionRefused
from apps.orders.models import Order, ShippingProvider
from apps.orders.services.actions.shipping_rules import OTHER_CARRIER

_CLOSE_ENOUGH = 60  # of 100
_MOST_SUGGESTED = 3


def folded(name: str) -> str:
    """A carrier's name as names are compared: letters and digits, in small letters."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def carrier_named(
    text: str,
    order: Order,
    carriers: Sequence[ShippingProvider],
    elsewhere: Iterable[str] = (),
) -> ShippingProvider:
    """The shop's carrier of this name or ID, of those the order's delivery option takes
    where that is known. `elsewhere` are folded names of other shops' carriers.

    Raises ActionRefused: none is named, there is none, or several; close names are
    suggested.
    """
    if not text:
        raise ActionRefused("There is no carrier.")
    if not carriers:
        raise ActionRefused("The shop's carriers are not known yet.")
    taken = [c for c in carriers if c.delivery_option_id == order.delivery_option_id]
    found = _named(text, taken or carriers)
    if len(found) > 1:
        ids = ", ".join(sorted(each.remote_id for each in found))
        raise ActionRefused(
            f"Several carriers are called “{text}”: give an ID ({ids})."
        )
    if found:
        return found[0]
    if _named(text, carriers) or folded(text) in elsewhere:
        raise ActionRefused(OTHER_CARRIER)
    raise ActionRefused(
        f"There is no carrier “{text[:60]}”.{_meant(text, taken or carriers)}"
    )


def _named(text: str, carriers: Iterable[ShippingProvider]) -> list[ShippingProvider]:
    """One of each ID."""
    wanted = folded(text)
    found: dict[str, ShippingProvider] = {}
    for carrier in carriers:
        if carrier.remote_id == text:
            return [carrier]
        if wanted and folded(carrier.name) == wanted:
            found.setdefault(carrier.remote_id, carrier)
    return list(found.values())


def _meant(text: str, carriers: Iterable[ShippingProvider]) -> str:
    names = sorted({carrier.name for carrier in carriers})
    close = process.extract(
        text,
        names,
        scorer=fuzz.WRatio,
        processor=folded,
        limit=_MOST_SUGGESTED,
        score_cutoff=_CLOSE_ENOUGH,
    )
    if not close:
        return ""
    return f" Did you mean {' or '.join(name for name, _, _ in close)}?"
