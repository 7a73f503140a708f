"""Combine packages 202309: several orders of a buyer to one address, in one package.

Source: Partner Center, "Search Combinable Packages 202309", "Combine Package 202309"
and "Uncombine Packages 202309".
"""

from collections import defaultdict
from collections.abc import Iterable

from apps.simulator import shipping
from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json, Refusal
from apps.simulator.tiktok.fulfilment.codes import error_row, refuse
from apps.simulator.tiktok.fulfilment.finding import check_ready, package_of
from apps.simulator.tiktok.fulfilment.packages import LARGEST_PAGE
from apps.simulator.tiktok.fulfilment.reading import rows, texts
from apps.simulator.tiktok.paging import page_of, read_paging
from apps.simulator.world.carriers import option_of
from apps.simulator.world.index import BY_CREATE
from apps.simulator.world.lifecycle import Event
from apps.simulator.world.orders import Order
from apps.simulator.world.packages import TO_FULFILL
from apps.simulator.world.rolls import digits

INVALID, NOT_ALLOWED = 21011005, 10007014
_LONGEST_WAIT = 20 * 86_400  # no order waits longer to be shipped


def search_combinable(call: Call) -> Json:
    """GET /fulfillment/202309/combinable_packages/search."""
    paging = read_paging(call, ("create_time",), sizes=(1, LARGEST_PAGE))
    offers = sorted(
        (max(BY_CREATE(order) for order in orders), offer_id, orders)
        for offer_id, orders in _offers(call).items()
    )
    page, has_more = page_of(offers, paging, lambda offer: offer[0])
    return {
        "next_page_token": paging.token(page[-1][0]) if has_more else "",
        "total_count": len(offers),
        "combinable_packages": [
            {"id": offer_id, "order_ids": [str(order.id) for order in orders]}
            for _, offer_id, orders in page
        ],
    }


def _offers(call: Call) -> dict[str, list[Order]]:
    """By the ids of packages that do not exist yet: who could travel together."""
    groups: defaultdict[tuple[object, ...], list[Order]] = defaultdict(list)
    index = call.simulator.world.indexes[call.shop.id]
    if call.shop.region.packages_after_shipping:
        return {}
    for order in reversed(index.by_create):
        if order.created < call.simulator.world.now - _LONGEST_WAIT:
            break
        if _is_free(order):
            has_moved = bool(order.step_of(Event.ADDRESS_CHANGED))
            way = order.warehouse_id, option_of(order).id
            groups[order.buyer_seed, has_moved, *way].append(order)
    return {
        digits("116", 19, "combinable", call.shop.id, *key): orders[::-1]
        for key, orders in groups.items()
        if len(orders) > 1
    }


def _is_free(order: Order) -> bool:
    return (
        order.status == "AWAITING_SHIPMENT"
        and not order.asks_to_cancel
        and not order.is_fulfilled_by_platform
        and len(order.parcels()) == 1
        and not order.parcels()[0].get("is_combined")
    )


def combine(call: Call) -> Json:
    """POST /fulfillment/202309/packages/combine: one that cannot does not hold up the
    others, it is named in `errors`."""
    packages, errors = [], []
    for row in rows(call.body, "combinable_packages", code=INVALID):
        offer_id = str(row.get("id", ""))
        try:
            orders = _chosen(call, offer_id, texts(row, "order_ids", code=INVALID))
        except Refusal as refusal:
            errors.append(error_row(refusal, offer_id))
            continue
        package_id = shipping.combine(call.simulator, orders)
        packages.append(_row(package_id, orders))
    return {"packages": packages} | ({"errors": errors} if errors else {})


def _chosen(call: Call, offer_id: str, order_ids: list[str]) -> list[Order]:
    """The orders of an offer, or those of them that were named."""
    offered = {str(order.id): order for order in _offers(call).get(offer_id, ())}
    if not offered:
        raise refuse(21011028)
    if unknown := [id for id in order_ids if id not in offered]:
        is_ours = all(call.simulator.world.order(call.shop.id, id) for id in unknown)
        raise refuse(NOT_ALLOWED if is_ours else 21011031)
    chosen = [offered[id] for id in dict.fromkeys(order_ids)] or [*offered.values()]
    if len(chosen) < 2:
        raise refuse(NOT_ALLOWED)
    for order in chosen:
        check_ready(call, order, wrong_status=NOT_ALLOWED)
    return chosen


def uncombine(call: Call) -> Json:
    """POST /fulfillment/202309/packages/{package_id}/uncombine: all orders, or those
    that are named."""
    package = package_of(call, call.ids["package_id"])
    if not package.is_combined or package.status != TO_FULFILL:
        raise refuse(INVALID)
    members = {str(part.order.id): part.order for part in package.live}
    order_ids = texts(call.body, "order_ids", code=INVALID)
    if any(order_id not in members for order_id in order_ids):
        raise refuse(21011029)
    leaving = [members[id] for id in dict.fromkeys(order_ids)] or [*members.values()]
    result = shipping.uncombine(call.simulator, package, leaving)
    return {"packages": [_row(id, orders) for id, orders in result.items()]}


def _row(package_id: str, orders: Iterable[Order]) -> Json:
    return {"id": package_id, "order_ids": [str(order.id) for order in orders]}
