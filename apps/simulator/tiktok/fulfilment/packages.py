"""Package APIs 202309: search and detail.

Source: Partner Center, "Search Package 202309" and "Get Package Detail 202309".
"""

from bisect import bisect_left
from typing import NamedTuple

from apps.simulator.tiktok.call import Call, invalid
from apps.simulator.tiktok.envelope import Json
from apps.simulator.tiktok.fulfilment.finding import package_of
from apps.simulator.tiktok.paging import page_of, read_paging
from apps.simulator.world.finding import packages_in
from apps.simulator.world.index import BY_UPDATE, ShopIndex
from apps.simulator.world.lifecycle import Event
from apps.simulator.world.orders import Order
from apps.simulator.world.package_rendering import render_package, render_row
from apps.simulator.world.packages import STATUSES, Package

LARGEST_PAGE = 50
_SORTS = ("create_time", "update_time", "order_pay_time")
_TIMES = ("create_time_ge", "create_time_lt", "update_time_ge", "update_time_lt")
_END = 2**40


class Row(NamedTuple):
    """A package at its place among the others."""

    moment: int
    number: int
    package: Package


def search_packages(call: Call) -> Json:
    """POST /fulfillment/202309/packages/search."""
    paging = read_paging(call, _SORTS, sizes=(1, LARGEST_PAGE))
    window, status = _times(call.body), call.body.get("package_status") or ""
    if status not in ("", *STATUSES):
        raise invalid("package_status", f"must be one of {', '.join(STATUSES)}.")
    found = _matching(call, window, status, paging.sort_field)
    page, has_more = page_of(found, paging, lambda row: (row.moment, row.number))
    return {
        "next_page_token": paging.token(page[-1][:2]) if has_more else "",
        "total_count": len(found),
        "packages": [render_row(row.package) for row in page],
    }


def _times(body: Json) -> tuple[int, int, int, int]:
    """From and until: created, then updated."""
    for name in _TIMES:
        value = body.get(name)
        if value is not None and (not isinstance(value, int) or value is True):
            raise invalid(name, "must be a Unix timestamp in seconds.")
    created_ge, created_lt, updated_ge, updated_lt = map(body.get, _TIMES)
    return (
        created_ge or 0,
        _END if created_lt is None else created_lt,
        updated_ge or 0,
        _END if updated_lt is None else updated_lt,
    )


def _matching(
    call: Call, window: tuple[int, int, int, int], status: str, sort_field: str
) -> list[Row]:
    """All that match, the oldest first; remembered until the shop changes."""
    world, index = call.simulator.world, call.simulator.world.indexes[call.shop.id]
    memory_key = ("packages", window, status, sort_field)
    if (found := index.remembered(memory_key)) is not None:
        return found
    created_ge, created_lt, updated_ge, updated_lt = window
    found = sorted(
        Row(_moment(package, sort_field), int(package.id), package)
        for package in packages_in(world, _changed_since(index, updated_ge))
        if created_ge <= package.created < created_lt
        and updated_ge <= package.updated < updated_lt
        and status in ("", package.status)
    )
    index.remember(memory_key, found)
    return found


def _changed_since(index: ShopIndex, moment: int) -> list[Order]:
    """No package is newer than its orders."""
    rows = index.by_update
    return rows[bisect_left(rows, (moment, 0), key=BY_UPDATE) :]


def _moment(package: Package, sort_field: str) -> int:
    if sort_field == "update_time":
        return package.updated
    if sort_field == "create_time":
        return package.created
    at = package.order.moments()
    return at.get(Event.PAID) or at.get(Event.ACCEPTED, 0)


def package_detail(call: Call) -> Json:
    """GET /fulfillment/202309/packages/{package_id}."""
    package = package_of(call, call.ids["package_id"], unknown=10006402)
    return render_package(package)
