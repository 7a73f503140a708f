"""What was asked is sent once, its answer kept, and the order read again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.integrations.contracts import (
    ActionFailure,
    ActionFault,
    Decision,
    OrderStatus,
    OwnShipment,
    ShippingType,
)
from apps.integrations.errors import (
    HeldBack,
    PlatformUnavailable,
    RequestRefused,
    ScopeMissing,
)
from apps.orders.models import ActionRun, Cancellation, Order, OrderAction, Return
from apps.orders.services.actions import Wish, ask, progress, stop_run
from apps.platforms.models import Shop
from apps.sync.services.actions import put_back_dead, work_action, work_actions
from apps.sync.services.actions.outcomes import MOST_TRIES
from apps.users.services.audit import By
from tests.factories.platforms import make_shop
from tests.factories.users import make_user
from tests.sync.order_shop import FakeOrderShop, no_answer, refusal, run_of

pytestmark = pytest.mark.django_db

Kind = OrderAction.Kind
State = OrderAction.State
ONE = "580000000000000001"
SELLER = ShippingType.SELLER


def own(number="JX1"):
    return {"tracking_number": number, "provider_id": "7001", "provider": "J&T"}


def asked_for(fake, kind, details=None, *, region="MY", user=None, **put):
    """One action about one stored order."""
    shop = make_shop(region=region)
    fake.put(ONE, **put)
    [order] = fake.stored(shop)
    wish = Wish(order, kind, details or {})
    asked = ask(shop, [wish], By(user))
    assert not asked.refused, asked.refused
    return asked.actions[0]


def many(fake, count, kind=Kind.SHIP, details=None, shop=None, **put):
    shop = shop or make_shop()
    start = len(fake.orders)
    ids = [f"5800000000000{start + n:05}" for n in range(1, count + 1)]
    for each in ids:
        fake.put(each, **put)
    orders = fake.stored(shop, *ids)
    return run_of(
        ask(shop, [Wish(order, kind, details or {}) for order in orders], By())
    )


def names(fake):
    return [name for name, _ in fake.calls]


def due_now():
    OrderAction.objects.filter(state=State.WAITING).update(due_at=timezone.now())


def raising(error, *, at="ship_package", times=1):
    """A hook that raises at a call, the first times."""
    left = [times]

    def hook(name, about):
        if name == at and left[0]:
            left[0] -= 1
            raise error

    return hook


@pytest.mark.parametrize(
    ("kind", "details", "options", "status"),
    [
        (Kind.SHIP, {"handover_method": "DROP_OFF"}, {}, "awaiting_collection"),
        (Kind.SHIP, own(), {"shipping": SELLER}, "awaiting_collection"),
        (
            Kind.MARK_SHIPPED,
            own(),
            {"region": "GB", "shipping": SELLER},
            "awaiting_collection",
        ),
        (
            Kind.BUY_LABEL,
            {
                "service_id": "S1",
                "measures": {
                    "length": "10",
                    "width": "8",
                    "height": "2",
                    "unit": "INCH",
                    "weight": "1.5",
                    "weight_unit": "POUND",
                },
            },
            {"region": "US", "package": False},
            "awaiting_collection",
        ),
        (Kind.CANCEL, {"reason": "seller_cancel_reason_out_of_stock"}, {}, "cancelled"),
        (Kind.SPLIT, {"groups": [[f"{ONE}01"], [f"{ONE}02"]]}, {}, "to_ship"),
    ],
)
def test_a_deed_is_done_and_the_order_shows_it(kind, details, options, status):
    fake, user = FakeOrderShop(), make_user()
    action = asked_for(fake, kind, details, user=user, **options)

    action = work_action(action, client=fake.client)

    assert (action.state, action.code, action.attempts) == (State.DONE, None, 1)
    assert action.sent_at <= action.ended_at
    assert len(fake.writes) == 1
    order = Order.objects.get()
    assert order.status == status
    event = order.events.filter(kind="action")[0]
    assert event.text.startswith("Done: ")
    assert event.user == user


def test_splitting_tells_the_packages_and_shows_them():
    fake = FakeOrderShop()
    groups = {"groups": [[f"{ONE}01"], [f"{ONE}02"]]}

    action = work_action(asked_for(fake, Kind.SPLIT, groups), client=fake.client)

    packages = {unit[2] for unit in Order.objects.get().lines.get().units}
    assert set(action.outcome["package_ids"]) == packages
    assert len(packages) == 2


def test_an_order_is_pulled_again_and_one_that_is_gone_says_so():
    fake = FakeOrderShop()
    action = asked_for(fake, Kind.PULL)
    fake.change(ONE, OrderStatus.IN_TRANSIT)

    assert work_action(action, client=fake.client).state == State.DONE
    assert Order.objects.get().status == "in_transit"
    assert Order.objects.get().events.filter(kind="pulled").exists()

    [again] = ask(action.shop, [Wish(action.order, Kind.PULL)], By()).actions
    fake.orders.clear()
    gone = work_action(again, client=fake.client)
    assert gone.state == State.REFUSED
    assert gone.message == "TikTok has no such order in this shop."


def test_a_number_is_corrected_on_the_platform():
    fake = FakeOrderShop()
    shop = make_shop(region="GB")
    fake.put(ONE, shipping=SELLER)
    [order] = fake.stored(shop)
    ask(shop, [Wish(order, Kind.MARK_SHIPPED, own("RM1"))], By())
    work_actions(shop, client=fake.client)
    OrderAction.objects.all().delete()
    order.refresh_from_db()
    order.shipped_at = timezone.now()
    order.save()

    [action] = ask(shop, [Wish(order, Kind.UPDATE_TRACKING, own("RM2"))], By()).actions
    action = work_action(action, client=fake.client)

    assert action.state == State.DONE, action.message
    assert fake.orders[ONE].tracking_number == "RM2"


def test_a_buyers_wish_to_cancel_is_agreed_to_or_refused():
    for kind, status in ((Kind.APPROVE_CANCELLATION, "cancelled"), (None, "to_ship")):
        fake, shop = FakeOrderShop(), make_shop()
        fake.put(ONE)
        fake.ask_to_cancel(ONE)
        [order] = fake.stored(shop)
        request = Cancellation.objects.get(shop=shop)
        details = {} if kind else {"reason": "sent", "comment": "It is on its way."}
        wish = Wish(
            order, kind or Kind.REJECT_CANCELLATION, details, cancellation=request
        )
        [action] = ask(shop, [wish], By()).actions

        assert work_action(action, client=fake.client).state == State.DONE

        order.refresh_from_db()
        assert (order.status, order.is_cancel_requested) == (status, False)
        request.refresh_from_db()
        assert not request.needs_answer


def test_returns_are_answered_and_refunds_started():
    fake, shop = FakeOrderShop(), make_shop()
    fake.put(ONE, status=OrderStatus.DELIVERED)
    fake.ask_to_return(ONE)
    [order] = fake.stored(shop)
    request = Return.objects.get()
    details = {"decision": "APPROVE_REFUND"}
    wish = Wish(order, Kind.APPROVE_RETURN, details, order_return=request)

    [action] = ask(shop, [wish], By()).actions
    assert work_action(action, client=fake.client).state == State.DONE
    request.refresh_from_db()
    assert (request.status, request.next_action) == ("success", "")

    fake.returns.clear()
    refund = Wish(
        order, Kind.CREATE_RETURN, {"reason": "late", "kind": "refund", "amount": "5"}
    )
    [action] = ask(shop, [refund], By()).actions
    action = work_action(action, client=fake.client)
    assert action.state == State.DONE, action.message
    name, (order_id, amount) = fake.writes[-1]
    assert (name, order_id) == ("create_return", ONE)
    assert (str(amount.total), amount.currency) == ("5", order.currency)
    assert action.outcome["request_id"] == f"4036{ONE[-8:]}"


def test_orders_are_put_together_and_taken_apart_once():
    fake, shop = FakeOrderShop(), make_shop()
    two = [ONE, f"{ONE[:-1]}2"]
    for each in two:
        fake.put(each)
    first, second = fake.stored(shop)
    offer = {"offer_id": "1155000000", "order_ids": two}
    [action] = ask(shop, [Wish(first, Kind.COMBINE, offer)], By()).actions
    fake.after = raising(no_answer(), at="combine")
    assert work_action(action, client=fake.client).state == State.WAITING
    assert work_action(action, client=fake.client).state == State.DONE
    assert names(fake).count("combine") == 1
    packages = {each.packages.get(remote_id="1155000000") for each in (first, second)}
    [package] = packages

    wish = Wish(second, Kind.UNCOMBINE, {"order_ids": two[1:]}, package=package)
    [action] = ask(shop, [wish], By()).actions
    fake.after = raising(no_answer(), at="uncombine")
    assert work_action(action, client=fake.client).state == State.WAITING
    assert work_action(action, client=fake.client).state == State.DONE
    assert names(fake).count("uncombine") == 1
    assert fake.packages["1155000000"].order_ids == (ONE,)


def test_the_own_fleet_tells_what_it_delivered_and_what_it_could_not():
    fake, shop = FakeOrderShop(), make_shop()
    for number in (1, 2, 3):
        fake.put(f"{ONE[:-1]}{number}", shipping=SELLER)
    orders = fake.stored(shop)
    run_of(ask(shop, [Wish(o, Kind.SHIP, own(f"OW{o.pk}")) for o in orders], By()))
    work_actions(shop, client=fake.client)
    fake.calls.clear()
    said = ["", "", "BUYER_REFUSED"]
    wishes = [
        Wish(order, Kind.DELIVER, {"failed_because": because})
        for order, because in zip(orders, said, strict=True)
    ]
    run = run_of(ask(shop, wishes, By()))
    fake.after = raising(no_answer(), at="deliver")

    assert work_actions(shop, client=fake.client).waiting == 3
    due_now()
    assert work_actions(shop, client=fake.client).done == 3

    ids = [order.packages.get().remote_id for order in orders]
    # The delivered are seen to be; what could not be is told, once its turn comes.
    assert [about for _, about in fake.writes] == [
        (tuple(ids[:2]), ""),
        ((ids[2],), "BUYER_REFUSED"),
    ]
    assert [order.packages.get().status for order in orders] == [
        "completed",
        "completed",
        "processing",
    ]
    run.refresh_from_db()
    assert run.state == ActionRun.State.DONE


@pytest.mark.parametrize(
    ("decision", "state", "words"),
    [
        ("APPROVE_REFUND", State.DONE, "answered already: success"),
        ("OFFER_PARTIAL_REFUND", State.REFUSED, "answered already: success"),
        ("REJECT_REFUND", State.REFUSED, "answered already: success"),
    ],
)
def test_a_return_answered_elsewhere_is_done_if_it_is_as_wanted(decision, state, words):
    fake, shop = FakeOrderShop(), make_shop()
    fake.put(ONE, status=OrderStatus.DELIVERED)
    request = fake.ask_to_return(ONE)
    [order] = fake.stored(shop)
    is_refusal = decision.startswith("REJECT")
    wish = Wish(
        order,
        Kind.REJECT_RETURN if is_refusal else Kind.APPROVE_RETURN,
        {"decision": decision}
        | ({"reason": "r"} if is_refusal else {})
        | ({"amount": "3"} if "PARTIAL" in decision else {}),
        order_return=Return.objects.get(),
    )
    [action] = ask(shop, [wish], By()).actions
    fake.approve_return(request.remote_id, Decision.APPROVE_REFUND, key="elsewhere")

    action = work_action(action, client=fake.client)

    assert (action.state, action.code) == (
        state,
        None if state == State.DONE else 25001010,
    )
    assert words in action.message


def test_a_refund_that_is_under_way_is_found():
    fake, shop = FakeOrderShop(), make_shop()
    fake.put(ONE, status=OrderStatus.DELIVERED)
    [order] = fake.stored(shop)
    wish = Wish(order, Kind.CREATE_RETURN, {"reason": "late"})
    [action] = ask(shop, [wish], By()).actions
    request = fake.ask_to_return(
        ONE, role="SELLER", next_action="", created_at=timezone.now()
    )
    fake.before = raising(
        refusal(25001010, "A request is under way", ActionFault.REREAD),
        at="create_return",
    )

    action = work_action(action, client=fake.client)

    assert action.state == State.DONE, action.message
    assert action.outcome == {"request_id": request.remote_id}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda fake: fake.change(ONE, OrderStatus.CANCELLED), "is cancelled."),
        (lambda fake: fake.change(ONE, OrderStatus.ON_HOLD), "On hold"),
        (lambda fake: fake.ask_to_cancel(ONE), "answer that first"),
        (lambda fake: fake.orders.clear(), "no such order"),
    ],
)
def test_an_order_is_read_again_before_it_is_shipped(change, words):
    fake = FakeOrderShop()
    action = asked_for(fake, Kind.SHIP)
    change(fake)

    action = work_action(action, client=fake.client)

    assert action.state == State.REFUSED
    assert words in action.message
    assert fake.writes == []


@pytest.mark.parametrize(
    ("kind", "details", "options", "call"),
    [
        (Kind.SHIP, {}, {}, "ship_package"),
        (Kind.SHIP, own(), {"shipping": SELLER}, "ship_package"),
        (
            Kind.MARK_SHIPPED,
            own(),
            {"region": "GB", "shipping": SELLER},
            "mark_shipped",
        ),
        (
            Kind.BUY_LABEL,
            {"service_id": "S1"},
            {"region": "US", "package": False},
            "buy_label",
        ),
        (Kind.CANCEL, {"reason": "r"}, {}, "cancel_order"),
        (Kind.SPLIT, {"groups": [[f"{ONE}01"], [f"{ONE}02"]]}, {}, "split"),
    ],
)
@pytest.mark.parametrize("was_done", [True, False])
def test_what_got_no_answer_is_looked_at_before_it_is_sent_again(
    kind, details, options, call, was_done
):
    fake = FakeOrderShop()
    hook = raising(no_answer(), at=call)
    fake.after, fake.before = (hook, fake.before) if was_done else (fake.after, hook)
    action = work_action(asked_for(fake, kind, details, **options), client=fake.client)
    assert (action.state, action.code) == (State.WAITING, None)
    assert action.sent_at is not None
    assert "took too long" in action.message
    assert timezone.now() < action.due_at < timezone.now() + timedelta(seconds=10)

    due_now()
    work_actions(action.shop, client=fake.client)

    action.refresh_from_db()
    assert (action.state, action.attempts) == (State.DONE, 2)
    # Sent twice only where the first was not done, which the platform never saw.
    assert len(fake.writes) == (1 if was_done else 2)


def test_an_answer_with_a_key_is_repeated_under_the_same_key():
    fake, shop = FakeOrderShop(), make_shop()
    fake.put(ONE)
    request = fake.ask_to_cancel(ONE)
    [order] = fake.stored(shop)
    wish = Wish(
        order,
        Kind.APPROVE_CANCELLATION,
        cancellation=Cancellation.objects.get(remote_id=request.remote_id),
    )
    [action] = ask(shop, [wish], By()).actions
    fake.after = raising(no_answer(), at="approve_cancellation")

    assert work_action(action, client=fake.client).state == State.WAITING
    assert work_action(action, client=fake.client).state == State.DONE

    assert names(fake).count("approve_cancellation") == 2
    assert fake.keys == {action.idempotency_key}


def test_what_was_shipped_before_is_done_if_it_is_as_wanted():
    fake = FakeOrderShop()
    action = asked_for(fake, Kind.SHIP, own("JX1"), shipping=SELLER)
    package_id = next(iter(fake.packages))

    def somebody_is_faster(name, about):
        if name == "ship_package":
            fake.before = lambda name, about: None
            with fake.lock:
                fake._move_package(
                    package_id,
                    fake.packages[package_id].status.PROCESSING,
                    tracking_number=number,
                    carrier="J&T Express",
                )

    number = "JX1"
    fake.before = somebody_is_faster
    same = work_action(action, client=fake.client)
    assert same.state == State.DONE
    assert same.message == "Already shipped with J&T Express JX1."

    fake, number = FakeOrderShop(), "NV7"
    action = asked_for(fake, Kind.SHIP, own("JX1"), shipping=SELLER)
    fake.before = somebody_is_faster
    other = work_action(action, client=fake.client)
    assert other.state == State.REFUSED
    assert other.message == "Already shipped with J&T Express NV7."
    assert other.code == 21011006
    event = Order.objects.get(shop=action.shop).events.get(kind="refused")
    assert "NV7" in event.text


def test_what_no_longer_fits_is_refused_in_the_platforms_words():
    fake, shop = FakeOrderShop(), make_shop()
    fake.put(ONE)
    request = fake.ask_to_cancel(ONE)
    [order] = fake.stored(shop)
    wish = Wish(
        order,
        Kind.REJECT_CANCELLATION,
        {"reason": "sent"},
        cancellation=Cancellation.objects.get(remote_id=request.remote_id),
    )
    [action] = ask(shop, [wish], By()).actions
    fake.approve_cancellation(request.remote_id, key="the platform, by itself")

    action = work_action(action, client=fake.client)

    assert (action.state, action.code) == (State.REFUSED, 25001010)
    assert action.message == "It was agreed to before: the order is cancelled."
    order.refresh_from_db()
    assert order.status == "cancelled"

    fake = FakeOrderShop()
    action = asked_for(fake, Kind.SHIP)
    words = "The buyer's request must be answered first"
    fake.before = raising(refusal(21011007, words, ActionFault.REREAD))
    action = work_action(action, client=fake.client)
    assert (action.state, action.message) == (State.REFUSED, words)


def test_a_wrong_value_is_refused_with_code_and_words():
    fake = FakeOrderShop()
    action = asked_for(fake, Kind.SHIP, own(), shipping=SELLER)
    words = "The tracking number or carrier is not accepted"
    fake.before = raising(refusal(21011022, words, ActionFault.INPUT))

    action = work_action(action, client=fake.client)

    assert (action.state, action.code) == (State.REFUSED, 21011022)
    assert action.message == words
    order = Order.objects.get()
    event = order.events.get(kind="refused")
    assert event.text == f"Arrange shipping: J&T JX1. {words}"
    assert OrderAction.objects.failed().get() == action
    assert order.status == "to_ship"


def test_a_busy_platform_is_asked_again_with_growing_pauses_up_to_a_bound():
    fake = FakeOrderShop()
    busy = PlatformUnavailable("The label is being made", code=11034023)
    fake.before = raising(busy, times=99)
    action = asked_for(fake, Kind.SHIP)
    pauses = []
    for _ in range(MOST_TRIES - 1):
        action = work_action(action, client=fake.client)
        assert action.state == State.WAITING
        pauses.append(round((action.due_at - timezone.now()).total_seconds()))

    assert pauses == sorted(pauses)
    assert pauses[0] == 5
    assert pauses[-1] == 1800
    action = work_action(action, client=fake.client)
    assert (action.state, action.code) == (State.REFUSED, 11034023)
    assert Shop.objects.get().failures_in_a_row == 0  # one order's matter


def test_a_seller_who_must_act_lets_all_of_the_shop_wait():
    fake, shop = FakeOrderShop(), make_shop()
    run = many(fake, 3, Kind.CANCEL, {"reason": "r"}, shop=shop)
    words = "The seller has not finished joining"
    fake.before = raising(
        refusal(12052700, words, ActionFault.SELLER), at="cancel_order"
    )

    worked = work_actions(shop, client=fake.client)

    assert (worked.waiting, worked.done) == (1, 0)
    assert len(fake.writes) == 1
    rows = run.actions.values_list("state", "message")
    assert set(rows) == {("waiting", words)}
    assert min(run.actions.values_list("due_at", flat=True)) > timezone.now()
    assert OrderAction.objects.filter(sent_at__isnull=False).count() == 0


def test_a_missing_permission_holds_its_own_kinds_alone():
    fake, shop = FakeOrderShop(), make_shop()
    cancel = many(fake, 2, Kind.CANCEL, {"reason": "r"}, shop=shop)
    ship = many(fake, 2, Kind.SHIP, shop=shop)
    fake.before = raising(ScopeMissing("A permission is missing"), at="cancel_order")

    worked = work_actions(shop, client=fake.client)

    assert worked.done == 2
    assert set(ship.actions.values_list("state", flat=True)) == {"done"}
    rows = cancel.actions.values_list("state", "message")
    assert set(rows) == {("waiting", "A permission is missing")}


def test_an_outage_ends_the_work_and_rests_the_shop_not_its_neighbour():
    fake, shop = FakeOrderShop(), make_shop()
    many(fake, 6, Kind.CANCEL, {"reason": "r"}, shop=shop)
    fake.before = raising(no_answer(), at="cancel_order", times=99)

    worked = work_actions(shop, client=fake.client)

    assert (worked.waiting, worked.done) == (3, 0)
    assert len(fake.writes) == 3
    shop.refresh_from_db()
    assert shop.failures_in_a_row == 1
    assert not OrderAction.objects.filter(due_at__lte=timezone.now()).exists()
    assert OrderAction.objects.filter(sent_at__isnull=True).count() == 3

    neighbour, other = FakeOrderShop(), make_shop()
    many(neighbour, 2, Kind.CANCEL, {"reason": "r"}, shop=other)
    assert work_actions(other, client=neighbour.client).done == 2


def test_too_many_calls_let_the_rest_wait_as_if_never_sent():
    fake, shop = FakeOrderShop(), make_shop()
    many(fake, 3, Kind.CANCEL, {"reason": "r"}, shop=shop)
    slow = HeldBack("Too many calls", retry_after_seconds=40)
    fake.before = raising(slow, at="cancel_order")

    worked = work_actions(shop, client=fake.client)

    assert worked.taken == 1
    waits = OrderAction.objects.filter(state=State.WAITING, sent_at=None)
    assert waits.count() == 3
    soonest = min(waits.values_list("due_at", flat=True))
    assert soonest > timezone.now() + timedelta(seconds=30)


def test_many_packages_go_in_one_call_and_fail_singly():
    fake, shop = FakeOrderShop(), make_shop()
    run = many(fake, 5, shop=shop)
    bad, shipped = list(fake.packages)[1], list(fake.packages)[2]
    fake.failures[bad] = ActionFailure(
        bad, 21011005, "no slot", ActionFault.INPUT, "A value is not accepted"
    )
    fake.failures[shipped] = ActionFailure(
        shipped, 21011006, "shipped", ActionFault.DONE_BEFORE, "It was shipped before"
    )
    fake._move_package(
        shipped,
        fake.packages[shipped].status.PROCESSING,
        tracking_number="TT3",
        carrier="J&T Express",
    )

    worked = work_actions(shop, client=fake.client)

    assert (worked.done, worked.refused) == (4, 1)
    assert [name for name, _ in fake.writes] == ["ship_packages"]
    assert names(fake).count("get_orders") == 2  # before, and after
    refused = run.actions.get(state=State.REFUSED)
    assert (refused.code, refused.message) == (21011005, "A value is not accepted")
    before = run.actions.get(package__remote_id=shipped)
    assert before.message == "Already shipped with J&T Express TT3."
    run.refresh_from_db()
    assert run.state == ActionRun.State.PARTLY
    assert run.ended_at is not None
    statuses = Order.objects.filter(shop=shop).values_list("status", flat=True)
    assert sorted(statuses).count("awaiting_collection") == 3


def test_a_call_spoilt_by_one_is_repeated_for_each_alone():
    fake, shop = FakeOrderShop(), make_shop()
    many(fake, 3, shop=shop)
    bad = next(iter(fake.packages))
    error = refusal(21011005, "A value is not accepted", ActionFault.INPUT)

    def spoilt(name, about):
        if name == "ship_packages" or (name, about) == ("ship_package", bad):
            raise error

    fake.before = spoilt
    worked = work_actions(shop, client=fake.client)

    assert (worked.done, worked.refused) == (2, 1)
    assert OrderAction.objects.get(state=State.REFUSED).target == bad


def test_a_batch_without_an_answer_is_looked_at_package_by_package():
    fake, shop = FakeOrderShop(), make_shop()
    run = many(fake, 3, shop=shop)
    fake.after = raising(no_answer(), at="ship_packages")
    assert work_actions(shop, client=fake.client).waiting == 3

    due_now()
    assert work_actions(shop, client=fake.client).done == 3

    assert [name for name, _ in fake.writes] == ["ship_packages"]
    run.refresh_from_db()
    assert run.state == ActionRun.State.DONE


def test_a_run_tells_how_far_it_is_and_stops_when_told():
    fake, shop = FakeOrderShop(), make_shop()
    run = many(fake, 5, Kind.CANCEL, {"reason": "r"}, shop=shop)
    seen = []

    def stop_at_the_second(name, about):
        if name != "cancel_order":
            return
        run.refresh_from_db()
        seen.append((run.state, progress(run).done, progress(run).sending))
        if len(seen) == 2:
            stop_run(run, By())

    fake.before = stop_at_the_second
    worked = work_actions(shop, limit=2, client=fake.client)
    assert worked.done == 2
    work_actions(shop, client=fake.client)

    assert seen == [("running", 0, 2), ("running", 1, 1)]
    run.refresh_from_db()
    assert run.state == ActionRun.State.STOPPED
    at = progress(run)
    assert (at.done, at.withdrawn, at.over) == (2, 3, 5)
    assert len(fake.writes) == 2


def test_what_was_taken_and_not_sent_is_not_sent_once_its_run_is_stopped():
    fake, shop = FakeOrderShop(), make_shop()
    run = many(fake, 4, Kind.CANCEL, {"reason": "r"}, shop=shop)

    def stop_and_be_held_back(name, about):
        if name == "cancel_order":
            stop_run(run, By())
            raise HeldBack("Too many calls", retry_after_seconds=40)

    fake.before = stop_and_be_held_back
    work_actions(shop, limit=3, client=fake.client)

    run.refresh_from_db()
    assert run.state == ActionRun.State.STOPPED
    assert progress(run).withdrawn == 4
    order = run.actions.earliest("pk").order
    assert order.events.filter(text__startswith="Withdrawn").count() == 1


def test_what_a_lost_worker_left_is_found_and_looked_at():
    fake, shop = FakeOrderShop(), make_shop()
    run = many(fake, 2, Kind.CANCEL, {"reason": "r"}, shop=shop)
    first, second = run.actions.order_by("pk")
    fake.cancel_order(first.order.remote_id, "r")  # sent, and never noted
    fake.calls.clear()
    gone = {"state": State.SENDING, "worker": "elsewhere:1:abc", "attempts": 1}
    silent = timezone.now() - timedelta(minutes=6)
    run.actions.update(**gone, sent_at=silent)
    ActionRun.objects.update(
        state=ActionRun.State.RUNNING, process="elsewhere:1:abc", heartbeat_at=silent
    )

    assert put_back_dead() == 2
    run.refresh_from_db()
    assert (run.state, run.process) == (ActionRun.State.WAITING, "")
    assert work_actions(shop, client=fake.client).done == 2

    assert [about[0] for _, about in fake.writes] == [second.order.remote_id]
    run.refresh_from_db()
    assert run.state == ActionRun.State.DONE


def test_a_worker_that_lives_keeps_what_it_has():
    fake = FakeOrderShop()
    action = asked_for(fake, Kind.CANCEL, {"reason": "r"})
    OrderAction.objects.update(
        state=State.SENDING, worker="elsewhere:1:abc", sent_at=timezone.now()
    )

    assert put_back_dead() == 0
    assert work_action(action, client=fake.client).state == State.SENDING
    assert fake.writes == []


def test_our_own_fault_is_told_and_holds_nobody_up():
    fake, shop = FakeOrderShop(), make_shop()
    run = many(fake, 3, Kind.CANCEL, {"reason": "r"}, shop=shop)
    fake.before = raising(KeyError("planted"), at="cancel_order")

    with pytest.raises(KeyError):
        work_actions(shop, client=fake.client)

    states = list(run.actions.order_by("pk").values_list("state", "message"))
    assert states[0] == ("refused", "We failed: KeyError.")
    assert {state for state, _ in states[1:]} == {"waiting"}
    assert run.actions.filter(sent_at__isnull=False).count() == 1
    assert work_actions(shop, client=fake.client).done == 2


def test_what_we_cannot_read_before_sending_waits_and_blocks_nothing():
    fake, shop = FakeOrderShop(), make_shop()
    many(fake, 2, shop=shop)
    fake.before = raising(KeyError("planted"), at="get_orders")
    with pytest.raises(KeyError):
        work_actions(shop, client=fake.client)
    many(fake, 2, Kind.CANCEL, {"reason": "r"}, shop=shop)

    assert work_actions(shop, client=fake.client).done == 2  # the others go on
    assert OrderAction.objects.filter(state=State.WAITING, sent_at=None).count() == 2
    due_now()
    assert work_actions(shop, client=fake.client).done == 2


def test_a_deed_is_done_though_its_order_cannot_be_read_again():
    fake = FakeOrderShop()
    action = asked_for(fake, Kind.CANCEL, {"reason": "r"})
    fake.before = raising(no_answer(), at="get_orders")

    action = work_action(action, client=fake.client)

    assert action.state == State.DONE
    assert Order.objects.get().status == "to_ship"  # until the next pull


def test_a_shop_that_is_not_connected_lets_its_actions_wait():
    fake = FakeOrderShop()
    action = asked_for(fake, Kind.SHIP)
    Shop.objects.update(state=Shop.State.RECONNECT_NEEDED)

    action = work_action(action, client=fake.client)

    assert (action.state, action.attempts) == (State.WAITING, 0)
    assert "reconnect needed" in action.message
    assert fake.calls == []


def test_what_is_held_or_over_is_not_sent():
    fake, shop = FakeOrderShop(), make_shop()
    fake.put(ONE)
    [order] = fake.stored(shop)
    wish = Wish(order, Kind.CANCEL, {"reason": "r"})
    [action] = ask(shop, [wish], By(), source="api").actions

    assert work_action(action, client=fake.client).state == State.HELD
    assert work_actions(shop, client=fake.client).taken == 0
    OrderAction.objects.update(state=State.DONE)
    assert work_action(action, client=fake.client).state == State.DONE
    assert fake.calls == []


def test_a_partial_mark_is_not_taken_for_the_whole():
    """Somebody shipped one item elsewhere; our call got no answer, and was not done."""
    fake = FakeOrderShop()
    action = asked_for(
        fake, Kind.MARK_SHIPPED, own("RM1"), region="GB", shipping=SELLER
    )
    fake.before = raising(no_answer(), at="mark_shipped")
    work_action(action, client=fake.client)
    fake._mark(ONE, [f"{ONE}01"], OwnShipment("RM9", "7001"))

    action = work_action(action, client=fake.client)

    assert action.state == State.REFUSED
    assert "RM9" in action.message
    assert "by its items" in action.message


def test_a_refusal_that_names_no_fault_ends_the_matter():
    fake = FakeOrderShop()
    action = asked_for(fake, Kind.SHIP)
    fake.before = raising(RequestRefused("TikTok Shop refused", code=777))

    action = work_action(action, client=fake.client)

    assert (action.state, action.code) == (State.REFUSED, 777)
