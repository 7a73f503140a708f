"""Fields on which the platform and a file differ, and nobody has decided.

The two spell things differently: times without seconds, names for IDs, masks of their
own. What cannot be compared is not called a difference.
"""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.integrations.contracts import OrderStatus
from apps.integrations.lifecycle import is_behind
from apps.orders.services.order_fields import FIELDS, RECIPIENT_FIELDS
from apps.orders.services.testimony import Testimony
from apps.orders.services.voices import FILE, PLATFORM

# The API tells an ID or a code where files have a name in the shop's language.
_SPELLED_APART = frozenset({"warehouse", "payment_method", "cancel_reason"})
_SAME_MOMENT = timedelta(minutes=1)  # some files leave out seconds
_WORD = re.compile(r"\w+")


def conflicts(testimony: Testimony, preferred: str) -> list[str]:
    """Their names. What a witness says who knows of an earlier stage than the preferred
    one is only old."""
    if FILE not in testimony.voices or _is_old(testimony, preferred):
        return []
    return [name for name in FIELDS if is_conflict(testimony, name)]


def is_conflict(testimony: Testimony, name: str) -> bool:
    if name in testimony.person:
        return False
    platform = testimony.word_of(PLATFORM, name)
    file = testimony.word_of(FILE, name)
    return bool(platform and file and differ(name, platform[0], file[0]))


def _is_old(testimony: Testimony, preferred: str) -> bool:
    other = FILE if preferred == PLATFORM else PLATFORM
    if testimony.voices.keys() != {PLATFORM, FILE}:
        return False
    statuses = (testimony.voices[witness].status for witness in (other, preferred))
    return is_behind(*map(OrderStatus, statuses))


def differ(name: str, platform: Any, file: Any) -> bool:
    """Whether what both say of a field, neither blank, cannot be true at once."""
    if platform == file or name in _SPELLED_APART:
        return False
    if isinstance(platform, datetime) and isinstance(file, datetime):
        return abs(platform - file) >= _SAME_MOMENT
    if name == "refund_amount":
        # Money goes back over time, so the smaller sum is the older one; and files are
        # mostly older.
        return Decimal(file) > Decimal(platform)
    if not isinstance(platform, str) or not isinstance(file, str):
        return True
    if name in RECIPIENT_FIELDS and "*" in platform + file:
        return False
    words, others = _words(platform), _words(file)
    if name == "recipient_address":  # its parts stand in turns of their own
        return not (set(words) <= set(others) or set(others) <= set(words))
    return "".join(words) != "".join(others)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
