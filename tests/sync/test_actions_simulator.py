"""Orders shipped, cancelled and refunded at the running simulator."""

import io
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from pypdf import PdfReader

from apps.orders.models import Cancellation, Order, OrderAction, Return
from apps.orders.services import papers
from apps.orders.services.actions import (
    Wish,
    ask,
    decisions_for,
    handover,
    objection,
    progress,
    reasons_for_cancel,
    refund_preview,
    reject_reasons,
    shipping_services,
    wish_tracking,
)
from apps.orders.services.logistics import carriers_for, refresh
from apps.orders.services.tracking_upload import preview, read_rows, upload
from apps.platforms.models import ApiCall, Shop
from apps.platforms.services import scopes
from apps.platforms.services.clients import client_for
from apps.sync.services.actions import work_action, work_actions
from apps.sync.services.pull_some import pull_some
from apps.users.services.audit import By
from tests.factories.platforms import connect_simulator_shops
from tests.factories.users import make_user
from tests.simulator_server import SimulatorServer
from tests.sync.order_shop import run_of

pytestmark = pytest.mark.django_db

Kind = OrderAction.Kind
State = OrderAction.State
# Seller, shop of theirs.
US, GB, ID, MY = (0, 0), (0, 1), (1, 0), (2, 0)


@pytest.fixture(autouse=True)
def _nothing_is_remembered():
    cache.clear()


class Bench:
    """One shop of the simulator's, and orders placed in it."""

    def __init__(self, simulator: SimulatorServer, place: tuple[int, int]) -> None:
        self.simulator = simulator
        self.shop: Shop = connect_simulator_shops(simulator, place[0])[place[1]]

    def place(self, shipping: str = "TIKTOK", **fields: Any) -> Order:
        body = {
            "shop_id": self.shop.remote_id,
            "shipping_type": shipping,
            "fulfilled_by_platform": False,
        }
        placed = self.simulator.control("orders", body | fields)
        return self.pull(placed["id"])

    def pull(self, order_id: str) -> Order:
        pull_some(self.shop, [order_id])
        return Order.objects.get(shop=self.shop, remote_id=order_id)

    def control(self, order: Order, deed: str, **fields: Any) -> Any:
        return self.simulator.control(f"orders/{order.remote_id}/{deed}", fields)

    def do(self, order: Order, kind: Kind, details: Any = None, **about: Any) -> Any:
        asked = ask(self.shop, [Wish(order, kind, details or {}, **about)], By())
        assert not asked.refused, asked.refused
        action = work_action(asked.actions[0])
        order.refresh_from_db()
        return action

    def calls(self, part: str) -> int:
        return ApiCall.objects.filter(shop=self.shop, path__contains=part).count()


def test_a_package_is_handed_over_and_its_label_printed(simulator):
    bench = Bench(simulator, ID)
    order = bench.place()
    package = order.packages.get()
    way = handover(package)
    assert way.problem == ""
    assert way.value is not None
    details: dict[str, Any] = {"handover_method": "DROP_OFF"}
    if way.value.can_pick_up:
        slot = next(each for each in way.value.slots if each.is_free)
        ends = [slot.start.isoformat(), slot.end.isoformat()]
        details = {"handover_method": "PICKUP", "slot": ends}

    action = bench.do(order, Kind.SHIP, details)

    assert (action.state, action.message) == (State.DONE, "")
    assert order.status == "awaiting_collection"
    package.refresh_from_db()
    assert package.status == "processing"
    assert "Already shipped" in objection(Wish(order, Kind.SHIP))
    label = bench.do(order, Kind.LABEL, package=package)
    assert label.state == State.DONE, label.message
    document = papers.kept([package], papers.Paper()).documents[0]
    printed = papers.merged([document])
    assert len(PdfReader(io.BytesIO(printed.content)).pages) >= 1
    zpl = bench.do(order, Kind.LABEL, {"format": "ZPL"}, package=package)
    assert zpl.state == State.DONE, zpl.message


def test_an_own_carrier_ships_and_its_number_is_corrected(simulator):
    bench = Bench(simulator, GB)
    order = bench.place("SELLER")
    assert refresh(bench.shop) > 0
    carriers = carriers_for(order)
    assert carriers.problem == ""
    first, second = carriers.value[:2]

    asked = ask(bench.shop, [wish_tracking(order, "RM0012345GB", first)], By())
    action = work_action(asked.actions[0])
    assert (action.state, action.kind) == (State.DONE, Kind.MARK_SHIPPED), (
        action.message
    )
    order.refresh_from_db()
    assert order.status == "awaiting_collection"
    assert order.packages.get().tracking_number == "RM0012345GB"

    wish = wish_tracking(order, "RM0098765GB", second)
    assert wish.kind == Kind.UPDATE_TRACKING
    action = work_action(ask(bench.shop, [wish], By()).actions[0])
    assert action.state == State.DONE, action.message
    order.refresh_from_db()
    assert order.packages.get().tracking_number == "RM0098765GB"


def test_a_number_that_was_told_elsewhere_meanwhile_is_found_out(simulator):
    bench = Bench(simulator, GB)
    order = bench.place("SELLER")
    refresh(bench.shop)
    carrier = carriers_for(order).value[0]
    [action] = ask(
        bench.shop, [wish_tracking(order, "RM111111", carrier)], By()
    ).actions
    # The same seller, in Seller Center.
    [other] = ask(bench.shop, [wish_tracking(order, "RM111111", carrier)], By()).actions
    assert other.pk == action.pk
    work_action(action)
    OrderAction.objects.update(state=State.WAITING, sent_at=None, message="")
    OrderAction.objects.filter(pk=action.pk).update(
        details=action.details | {"tracking_number": "RM222222"}
    )

    action = work_action(action)

    assert action.state == State.REFUSED
    assert action.message.startswith("Already shipped with")
    assert "RM111111" in action.message
    assert action.code is not None


def test_a_label_is_bought_in_the_us(simulator):
    bench = Bench(simulator, US)
    order = bench.place()
    services = shipping_services(order)
    assert services.problem == ""
    details = {"service_id": services.value[0].remote_id}

    action = bench.do(order, Kind.BUY_LABEL, details)

    assert action.state == State.DONE, action.message
    assert order.status == "awaiting_collection"
    package = order.packages.get()
    assert package.remote_id == action.outcome["package_id"]
    label = bench.do(order, Kind.LABEL, package=package)
    assert label.state == State.DONE, label.message


def test_an_order_is_split_and_shipped_package_by_package(simulator):
    bench = Bench(simulator, MY)
    order = _order_of_two(bench)
    units = [unit[0] for line in order.lines.all() for unit in line.units]

    action = bench.do(order, Kind.SPLIT, {"groups": [units[:1], units[1:]]})

    assert action.state == State.DONE, action.message
    assert {p.remote_id for p in order.packages.all()} >= set(
        action.outcome["package_ids"]
    )
    first = order.packages.get(remote_id=action.outcome["package_ids"][0])
    shipped = bench.do(order, Kind.SHIP, {"handover_method": "DROP_OFF"}, package=first)
    assert shipped.state == State.DONE, shipped.message
    assert order.status == "partly_shipped"


def _order_of_two(bench: Bench) -> Order:
    placed = bench.simulator.control(f"orders?shop_id={bench.shop.remote_id}&limit=1")
    whole = bench.simulator.control(f"orders/{placed[0]['id']}")["order"]
    sku_id = whole["line_items"][0]["sku_id"]
    return bench.place(lines=[[sku_id, 2]], force=True)


def test_an_order_is_cancelled_for_a_reason_the_platform_gives(simulator):
    bench = Bench(simulator, MY)
    order = bench.place()
    reasons = reasons_for_cancel(order)
    assert reasons.problem == ""
    reason = reasons.value[0].name
    refund = refund_preview(order, "CANCEL", reason)
    assert refund.value is not None
    assert refund.value.total == order.total_amount

    wrong = bench.do(order, Kind.CANCEL, {"reason": "seller_cancel_reason_of_my_own"})
    assert wrong.state == State.REFUSED
    assert wrong.code in (25001014, 25001021)

    action = bench.do(order, Kind.CANCEL, {"reason": reason})
    assert action.state == State.DONE, action.message
    assert order.status == "cancelled"
    assert (
        Cancellation.objects.get(order=order).remote_id == action.outcome["request_id"]
    )


@pytest.mark.parametrize("agrees", [True, False])
def test_a_buyers_wish_to_cancel_is_answered(simulator, agrees):
    bench = Bench(simulator, MY)
    order = bench.place()
    bench.control(order, "request_cancel")
    order = bench.pull(order.remote_id)
    request = Cancellation.objects.waiting().get(order=order)
    assert "answer that first" in objection(Wish(order, Kind.SHIP))

    if agrees:
        action = bench.do(order, Kind.APPROVE_CANCELLATION, cancellation=request)
    else:
        reason = reject_reasons(request).value[0].name
        details = {"reason": reason, "comment": "It is packed."}
        action = bench.do(
            order, Kind.REJECT_CANCELLATION, details, cancellation=request
        )

    assert action.state == State.DONE, action.message
    assert order.status == ("cancelled" if agrees else "to_ship")
    assert not Cancellation.objects.waiting().filter(order=order).exists()
    if not agrees:
        assert objection(Wish(order, Kind.SHIP)) == ""


def test_a_refund_is_agreed_to_and_another_refused(simulator):
    bench = Bench(simulator, MY)
    for kind in (Kind.APPROVE_RETURN, Kind.REJECT_RETURN):
        order = bench.place(status="DELIVERED")
        bench.control(order, "request_return", kind="REFUND")
        order = bench.pull(order.remote_id)
        request = Return.objects.waiting().get(order=order)
        agree, refuse = decisions_for(request)
        if kind == Kind.APPROVE_RETURN:
            details = {"decision": agree[0].value}
        else:
            reason = reject_reasons(request).value[0].name
            details = {"decision": refuse[0].value, "reason": reason}

        action = bench.do(order, kind, details, order_return=request)

        assert action.state == State.DONE, action.message
        request.refresh_from_db()
        expected = (
            ("success", "complete") if kind == Kind.APPROVE_RETURN else ("rejected",)
        )
        assert request.status in expected


def test_many_are_shipped_in_one_call_and_read_again(simulator):
    bench = Bench(simulator, MY)
    orders = [bench.place() for _ in range(4)]
    bench.control(orders[1], "cancel")  # which we have not heard of
    wishes = [Wish(each, Kind.SHIP, {"handover_method": "DROP_OFF"}) for each in orders]
    run = run_of(ask(bench.shop, wishes, By(), title="Morning"))

    work_actions(bench.shop)

    at = progress(run)
    assert (at.done, at.refused) == (3, 1)
    assert bench.calls("/packages/ship") == 1
    refused = run.actions.get(state=State.REFUSED)
    assert (refused.order, refused.message) == (orders[1], "The order is cancelled.")
    statuses = Order.objects.filter(shop=bench.shop).values_list("status", flat=True)
    assert sorted(statuses) == ["awaiting_collection"] * 3 + ["cancelled"]


def test_a_cut_answer_and_an_outage_ship_once(simulator):
    bench = Bench(simulator, GB)
    order = bench.place("SELLER")
    refresh(bench.shop)
    carrier = carriers_for(order).value[0]
    path = f"/fulfillment/202309/orders/{order.remote_id}/packages"
    simulator.control("faults", {"kind": "cut", "path": path, "count": 1})

    asked = ask(bench.shop, [wish_tracking(order, "RM777777", carrier)], By())
    action = work_action(asked.actions[0])
    assert action.state == State.WAITING
    assert action.sent_at is not None
    OrderAction.objects.update(due_at=timezone.now())
    work_actions(bench.shop)

    action.refresh_from_db()
    assert action.state == State.DONE
    assert "RM777777" in action.message
    assert bench.calls(path) == 1
    order.refresh_from_db()
    assert order.status == "awaiting_collection"

    other = bench.place("SELLER")
    path = f"/fulfillment/202309/orders/{other.remote_id}/packages"
    simulator.control("faults", {"kind": "drop", "path": path, "count": 1})
    asked = ask(bench.shop, [wish_tracking(other, "RM888888", carrier)], By())
    assert work_action(asked.actions[0]).state == State.WAITING
    again = work_action(asked.actions[0])
    assert again.state == State.DONE, again.message
    assert bench.calls(path) == 2


def test_an_uploaded_list_ships_orders_of_its_shop(simulator):
    bench, user = Bench(simulator, GB), make_user(is_superuser=True)
    orders = [bench.place("SELLER") for _ in range(2)]
    refresh(bench.shop)
    name = carriers_for(orders[0]).value[0].name
    text = "\n".join(
        f"{order.remote_id};{name.upper()};RM55500{place}"
        for place, order in enumerate(orders)
    )
    rows = read_rows(text)
    assert {row.result for row in preview(user, rows)} == {"new"}

    done = upload(user, rows, By(user))
    work_actions(bench.shop)

    assert progress(done.runs[0]).done == 2
    numbers = {order.packages.get().tracking_number for order in orders}
    assert numbers == {"RM555000", "RM555001"}
    assert {row.result for row in preview(user, rows)} == {"same"}


def test_orders_of_one_buyer_travel_together_until_they_are_taken_apart(simulator):
    bench = Bench(simulator, MY)
    first = bench.place()
    second = bench.place(same_buyer_as=first.remote_id)
    offers, _ = client_for(bench.shop, scopes.PACKAGE_WRITE).combinable()
    offer = next(each for each in offers if first.remote_id in each.order_ids)
    details = {"offer_id": offer.remote_id, "order_ids": list(offer.order_ids)}

    action = bench.do(first, Kind.COMBINE, details)

    assert action.state == State.DONE, action.message
    package_ids = {
        unit[2]
        for order in (first, second)
        for line in order.lines.all()
        for unit in line.units
    }
    assert len(package_ids) == 1
    package = first.packages.get(remote_id=package_ids.pop())
    assert package.orders.count() == 2
    apart = bench.do(first, Kind.UNCOMBINE, package=package)
    assert apart.state == State.DONE, apart.message


def test_the_own_fleet_reports_a_delivery(simulator):
    bench = Bench(simulator, MY)
    order = bench.place("SELLER")
    refresh(bench.shop)
    carrier = carriers_for(order).value[0]
    wish = wish_tracking(order, "OWN0012345", carrier)
    assert wish.kind == Kind.SHIP
    shipped = work_action(ask(bench.shop, [wish], By()).actions[0])
    assert shipped.state == State.DONE, shipped.message
    bench.control(order, "collect")
    order = bench.pull(order.remote_id)

    action = bench.do(order, Kind.DELIVER)

    assert action.state == State.DONE, action.message
    assert order.status == "delivered"
