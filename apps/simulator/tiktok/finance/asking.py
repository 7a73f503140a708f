"""What the finance APIs have in common: sorting must be asked for, windows are in the
query."""

from apps.simulator.tiktok.call import Call, invalid
from apps.simulator.tiktok.paging import Paging, read_paging

USUAL_SIZE = 20


def read_sorted(call: Call, sort_field: str, filters: tuple[str, ...] = ()) -> Paging:
    """`sort_field` is required, and can only be one."""
    if not call.query.get("sort_field"):
        raise invalid("sort_field", f"is required: {sort_field}.")
    return read_paging(call, (sort_field,), usual_size=USUAL_SIZE, filters=filters)


def moment(call: Call, name: str, default: int) -> int:
    """Unix seconds, from the query."""
    text = call.query.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 11):
        raise invalid(name, "must be a Unix timestamp in seconds.")
    return int(text)
