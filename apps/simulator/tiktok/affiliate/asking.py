"""What the searches for affiliate orders have in common: pages are counted in SKUs, and
then put together by order, so that one order may be on two pages."""

from collections.abc import Callable, Iterable
from itertools import groupby

from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json, Refusal
from apps.simulator.tiktok.paging import page_of, read_paging
from apps.simulator.world.affiliate.creators import Creator
from apps.simulator.world.affiliate.ledger import Earning, Entry, Ledger
from apps.simulator.world.affiliate.rendering import head
from apps.simulator.world.index import ShopIndex
from apps.simulator.world.lifecycle import DAY

_LONGEST = 92 * DAY  # three months


def refuse(name: str, what: str) -> Refusal:
    return Refusal(98001004, f"invalid params. '{name}' {what}")


def read_window(call: Call) -> tuple[int, int]:
    """The last three months, unless the body says otherwise."""
    for name in ("create_time_ge", "create_time_lt"):
        value = call.body.get(name)
        if value is not None and (not isinstance(value, int) or value is True):
            raise refuse(name, "must be a Unix timestamp in seconds.")
    until = call.body.get("create_time_lt") or call.simulator.world.now + 1
    since = call.body.get("create_time_ge") or until - _LONGEST
    if not 0 <= until - since <= _LONGEST:
        raise refuse("create_time_ge", "must be up to three months before the end.")
    return since, until


def answer(
    call: Call,
    indexes: Iterable[ShopIndex],
    render: Callable[[Earning], Json],
    *,
    creator: Creator | None = None,
    is_wanted: Callable[[Entry], bool] | None = None,
) -> Json:
    """A page of the entries at these shops, the newest first."""
    paging = read_paging(call, ("create_time",), refuse=refuse)
    window = read_window(call)
    ledger = Ledger(call.simulator.books)
    found = [
        entry
        for index in indexes
        for entry in ledger.entries(index, *window, creator)
        if is_wanted is None or is_wanted(entry)
    ]
    found.sort(key=_place)
    page, has_more = page_of(found, paging, _place)
    orders = []
    for order, entries in groupby(page, key=lambda entry: entry.order):
        earnings = [ledger.earning(entry) for entry in entries]
        json = head(order, earnings, for_seller=creator is None)
        orders.append(json | {"skus": [render(earning) for earning in earnings]})
    return {
        "next_page_token": paging.token(_place(page[-1])) if has_more else "",
        "total_count": len(found),
        "orders": orders,
    }


def _place(entry: Entry) -> tuple[int, int]:
    return entry.place
