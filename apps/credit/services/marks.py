"""Hashes that tell buyers and addresses apart without telling who they are.

Keyed, so that nobody can try out addresses. `marks_of` is what a snapshot asks: it
answers from what was kept where an order has been minimised, else from the order.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from django.conf import settings
from django.utils.crypto import salted_hmac

from apps.credit.models import BuyerMark
from apps.orders.models import Order

_SALT = "credit buyer mark"
_NO_WORD = re.compile(r"\W+")
# "Jl. 3" is nobody's address alone; the same few letters would join strangers.
_FEWEST_CHARACTERS = 10


class Mark(NamedTuple):
    """Empty where it is not known."""

    buyer_hash: str
    address_hash: str


def digest(text: str) -> str:
    """Empty for an empty text."""
    if not text:
        return ""
    secret = settings.CREDIT_HASH_KEY or settings.SECRET_KEY
    return salted_hmac(_SALT, text, secret=secret, algorithm="sha256").hexdigest()


def buyer_hash(platform: str, remote_id: str) -> str:
    """Of the platform's user ID, the same in all shops of a platform."""
    return digest(f"{platform}:{remote_id}") if remote_id else ""


def address_hash(order: Order) -> str:
    """Of where it went, however it is written. Empty where that is unknown, or masked:
    stars are alike for everybody."""
    parts = (order.recipient_address, order.recipient_postal_code)
    told = " ".join(part for part in parts if part)
    if not order.recipient_address or "*" in told:
        return ""
    plain = _NO_WORD.sub(" ", unicodedata.normalize("NFKC", told).casefold()).strip()
    if len(plain) < _FEWEST_CHARACTERS:
        return ""
    return digest(f"{order.recipient_region}:{plain}")


def mark_of(order: Order) -> BuyerMark:
    """As the order tells now; not stored. Reads `order.buyer` and `order.shop`."""
    told = _told_by(order)
    return BuyerMark(
        order=order, buyer_hash=told.buyer_hash, address_hash=told.address_hash
    )


def marks_of(orders: Iterable[Order]) -> dict[int, Mark]:
    """{key of the order: its mark}. One query."""
    orders = list(orders)
    rows = BuyerMark.objects.filter(pk__among=[order.pk for order in orders])
    kept = {
        key: Mark(*hashes)
        for key, *hashes in rows.values_list("pk", "buyer_hash", "address_hash")
    }
    return {order.pk: kept.get(order.pk) or _told_by(order) for order in orders}


def _told_by(order: Order) -> Mark:
    buyer = order.buyer
    remote_id = "" if buyer is None or buyer.is_erased else buyer.remote_id
    return Mark(buyer_hash(order.shop.platform, remote_id), address_hash(order))
