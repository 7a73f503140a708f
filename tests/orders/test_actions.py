"""What can be asked of the platform, and how it is written down."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.orders.errors import ActionRefused
from apps.orders.models import (
    ActionRun,
    Cancellation,
    Order,
    OrderAction,
    Return,
    ShippingProvider,
    ShopOrderSettings,
)
from apps.orders.services.actions import (
    Wish,
    ask,
    decisions_for,
    dismiss,
    facts_of,
    objection,
    progress,
    release,
    release_run,
    result_rows,
    retry,
    retry_failed,
    stop_run,
    wish_tracking,
    withdraw,
)
from apps.platforms.models import Shop
from apps.users.models import AuditEntry
from apps.users.services.audit import By
from tests.factories.orders import make_order, make_package
from tests.factories.platforms import make_shop
from tests.factories.users import make_user
from tests.sync.order_shop import run_of

pytestmark = pytest.mark.django_db

Kind = OrderAction.Kind
State = OrderAction.State
Status = Order.Status
ANY = By()


def put_together(
    region="MY",
    *,
    shipping="platform",
    status=Status.TO_SHIP,
    unit_status="",
    **changes,
):
    """An order of two items in one package; in the US there is none before shipping."""
    shop = changes.pop("shop", None) or make_shop(region=region)
    order = make_order(shop, status=status, shipping_type=shipping, **changes)
    has_package = region != "US" or status != Status.TO_SHIP
    package_id = f"1152{order.pk:06}" if has_package else ""
    line = order.lines.get()
    line.units = [
        [f"{order.remote_id}01", unit_status or status, package_id],
        [f"{order.remote_id}02", unit_status or status, package_id],
    ]
    line.save()
    package = make_package(order, package_id) if has_package else None
    return order, package


def carrier(shop, name="J&T Express", remote_id="7001", option="D1"):
    return ShippingProvider.objects.create(
        shop=shop,
        delivery_option_id=option,
        remote_id=remote_id,
        name=name,
        read_at=timezone.now(),
    )


def own(number="JX1", provider="7001"):
    return {"tracking_number": number, "provider_id": provider, "provider": "J&T"}


@pytest.mark.parametrize(
    ("status", "changes", "words"),
    [
        (Status.UNPAID, {}, "It is not paid yet."),
        (Status.ON_HOLD, {}, "On hold"),
        (Status.CANCELLED, {}, "The order is cancelled."),
        (Status.TO_SHIP, {"is_cancel_requested": True}, "answer that first"),
        (Status.TO_SHIP, {"fulfilment": "platform"}, "TikTok's own warehouse"),
        (Status.NOT_UNDERSTOOD, {}, "not understood: pull the order again"),
        (
            Status.IN_TRANSIT,
            {"carrier": "J&T Express", "tracking_number": "JX9"},
            "Already shipped with J&T Express JX9.",
        ),
        (Status.TO_SHIP, {"shipping": ""}, "whose carrier"),
        (Status.TO_SHIP, {}, ""),
    ],
)
def test_an_order_says_why_it_cannot_be_shipped(status, changes, words):
    order, _ = put_together(status=status, **changes)

    why_not = objection(Wish(order, Kind.SHIP))

    assert words in why_not if words else why_not == ""


@pytest.mark.parametrize(
    ("region", "shipping", "kind", "words"),
    [
        ("MY", "platform", Kind.SHIP, ""),
        ("MY", "platform", Kind.MARK_SHIPPED, "takes no number of yours"),
        ("MY", "seller", Kind.MARK_SHIPPED, "given in another way"),
        ("MY", "seller", Kind.SHIP, ""),
        ("US", "platform", Kind.SHIP, "by buying a label"),
        ("US", "platform", Kind.MARK_SHIPPED, "buy a label for it"),
        ("US", "platform", Kind.BUY_LABEL, ""),
        ("US", "seller", Kind.BUY_LABEL, "sells no label"),
        ("US", "seller", Kind.MARK_SHIPPED, ""),
        ("GB", "seller", Kind.MARK_SHIPPED, ""),
        ("GB", "seller", Kind.SHIP, "given in another way"),
        ("GB", "platform", Kind.BUY_LABEL, "in the US only"),
        ("JP", "seller", Kind.SPLIT, ""),
        ("GB", "seller", Kind.SPLIT, "by shipping some of its items"),
    ],
)
def test_region_and_shipping_type_decide_how_it_is_shipped(
    region, shipping, kind, words
):
    order, _ = put_together(region, shipping=shipping)
    units = [unit[0] for unit in order.lines.get().units]
    details = {
        Kind.SHIP: own() if shipping == "seller" else {},
        Kind.MARK_SHIPPED: own(),
        Kind.BUY_LABEL: {"service_id": "S1"},
        Kind.SPLIT: {"groups": [[unit] for unit in units]},
    }[kind]

    why_not = objection(Wish(order, kind, details))

    assert words in why_not if words else why_not == ""


def test_a_carrier_must_be_one_of_the_delivery_option():
    order, _ = put_together(shipping="seller", delivery_option_id="D1")
    wish = Wish(order, Kind.SHIP, own(provider="7009"))
    assert objection(wish) == ""  # nothing is known of carriers: the platform decides

    carrier(order.shop)
    carrier(order.shop, "Ninja Van", "7009", option="D2")

    assert objection(wish) == "Carrier does not fit this shop's region."
    assert objection(Wish(order, Kind.SHIP, own())) == ""


def test_split_orders_go_package_by_package():
    order, package = put_together()
    second = make_package(order, "99887766")
    line = order.lines.get()
    line.units[1][2] = second.remote_id
    line.save()

    assert "2 packages: choose one" in objection(Wish(order, Kind.SHIP))
    assert objection(Wish(order, Kind.SHIP, package=second)) == ""

    second.status, second.tracking_number = "processing", "TT2"
    second.save()
    assert "shipped with TT2" in objection(Wish(order, Kind.SHIP, package=second))
    assert objection(Wish(order, Kind.SHIP)) == ""  # one alone is left
    foreign = make_package(put_together()[0], "55")
    assert objection(Wish(order, Kind.SHIP, package=foreign)) == (
        "The order has no such package."
    )
    assert "Arrange shipping first" in objection(
        Wish(order, Kind.LABEL, package=package)
    )
    assert objection(Wish(order, Kind.LABEL, package=second)) == ""


@pytest.mark.parametrize(
    ("region", "status", "kind"),
    [
        ("MY", Status.TO_SHIP, Kind.SHIP),
        ("BR", Status.TO_SHIP, Kind.SHIP),
        ("US", Status.TO_SHIP, Kind.MARK_SHIPPED),
        ("DE", Status.TO_SHIP, Kind.MARK_SHIPPED),
        ("JP", Status.TO_SHIP, Kind.MARK_SHIPPED),
        ("MY", Status.IN_TRANSIT, Kind.UPDATE_TRACKING),
        ("GB", Status.AWAITING_COLLECTION, Kind.UPDATE_TRACKING),
    ],
)
def test_a_number_is_brought_in_the_way_of_region_and_state(region, status, kind):
    order, package = put_together(
        region, shipping="seller", status=status, tracking_number="OLD1"
    )

    wish = wish_tracking(order, " JX1 ", carrier(order.shop), row=4)

    assert (wish.kind, wish.row) == (kind, 4)
    assert wish.details["tracking_number"] == "JX1"
    assert wish.details["provider"] == "J&T Express"
    assert wish.package == (package if kind == Kind.SHIP else None)


def test_a_number_cannot_be_brought_everywhere():
    late = timezone.now() - timedelta(hours=73)
    cases = [
        (put_together(), "takes no number of yours"),
        (put_together("US"), "buy a label for it"),
        (put_together(shipping="seller", status=Status.DELIVERED), "It has arrived"),
        (
            put_together(shipping="seller", status=Status.IN_TRANSIT, shipped_at=late),
            "for 72 hours",
        ),
        (
            put_together(
                shipping="seller", status=Status.IN_TRANSIT, tracking_number="JX1"
            ),
            "It has this number already.",
        ),
    ]
    for (order, _), words in cases:
        with pytest.raises(ActionRefused, match=words):
            wish_tracking(order, "JX1", carrier(order.shop))


def test_the_items_that_wait_are_marked_where_some_are_gone():
    order, _ = put_together("GB", shipping="seller", status=Status.PARTLY_SHIPPED)
    line = order.lines.get()
    line.units[0][1], line.units[1][1] = "in_transit", "to_ship"
    line.save()
    waiting = line.units[1][0]
    given = carrier(order.shop)

    wish = wish_tracking(order, "RM2", given)
    assert wish.details["unit_ids"] == [waiting]

    shipped = Wish(order, Kind.MARK_SHIPPED, own() | {"unit_ids": [line.units[0][0]]})
    assert "Already shipped" in objection(shipped)
    unknown = Wish(order, Kind.MARK_SHIPPED, own() | {"unit_ids": ["77"]})
    assert objection(unknown) == "The order has no item 77."


@pytest.mark.parametrize(
    ("region", "status", "details", "words"),
    [
        ("MY", Status.UNPAID, {"reason": "r"}, ""),
        ("MY", Status.ON_HOLD, {"reason": "r"}, ""),
        ("MY", Status.TO_SHIP, {}, "Choose a reason."),
        ("MY", Status.AWAITING_COLLECTION, {"reason": "r"}, "in the US only"),
        ("US", Status.AWAITING_COLLECTION, {"reason": "r"}, ""),
        ("US", Status.IN_TRANSIT, {"reason": "r"}, "can no longer be cancelled"),
        ("MY", Status.CANCELLED, {"reason": "r"}, "cancelled already"),
        ("MY", Status.TO_SHIP, {"reason": "r", "unit_ids": ["1"]}, "US and the UK"),
        ("GB", Status.TO_SHIP, {"reason": "r", "unit_ids": ["1"]}, "no item 1"),
        ("GB", Status.PARTLY_SHIPPED, {"reason": "r"}, "choose the items"),
    ],
)
def test_who_may_cancel_when(region, status, details, words):
    order, _ = put_together(region, status=status)

    why_not = objection(Wish(order, Kind.CANCEL, details))

    assert words in why_not if words else why_not == ""


def test_a_buyers_wish_to_cancel_is_answered_once_and_first():
    order, _ = put_together()
    request = Cancellation.objects.create(
        shop=order.shop,
        order=order,
        order_remote_id=order.remote_id,
        remote_id="4035",
        status="pending",
        needs_answer=True,
        source="api",
    )
    agree = Wish(order, Kind.APPROVE_CANCELLATION, cancellation=request)
    refuse = Wish(
        order, Kind.REJECT_CANCELLATION, {"reason": "sent"}, cancellation=request
    )

    assert "answer that first" in objection(Wish(order, Kind.SHIP))
    assert "agree to that" in objection(Wish(order, Kind.CANCEL, {"reason": "r"}))
    assert objection(agree) == objection(refuse) == ""
    assert "Choose a reason" in objection(
        Wish(order, Kind.REJECT_CANCELLATION, cancellation=request)
    )
    ask(order.shop, [agree], ANY)
    assert "“Agree to cancel” is under way" in objection(refuse)

    OrderAction.objects.all().delete()
    request.status = "cancelled"
    request.save()
    assert objection(agree) == "The request is decided: withdrawn."
    other, _ = put_together()
    assert (
        objection(Wish(other, Kind.APPROVE_CANCELLATION, cancellation=request))
        == "There is no such request."
    )


def test_a_return_takes_the_answers_its_next_step_has():
    order, _ = put_together(status=Status.DELIVERED)
    request = Return.objects.create(
        shop=order.shop,
        order=order,
        order_remote_id=order.remote_id,
        remote_id="4036",
        kind="return_and_refund",
        status="pending",
        next_action="SELLER_RESPOND_RETURN",
        refund_amount=Decimal(30),
        source="api",
    )
    agree, refuse = decisions_for(request)
    assert "APPROVE_RETURN" in agree
    assert refuse == ["REJECT_RETURN"]

    def why_not(kind, **details):
        return objection(Wish(order, kind, details, order_return=request))

    assert why_not(Kind.APPROVE_RETURN, decision="APPROVE_RETURN") == ""
    assert "no answer to what" in why_not(
        Kind.APPROVE_RETURN, decision="APPROVE_REFUND"
    )
    offer = "OFFER_PARTIAL_REFUND"
    assert "how much" in why_not(Kind.APPROVE_RETURN, decision=offer)
    assert "more than the 30" in why_not(
        Kind.APPROVE_RETURN, decision=offer, amount="31"
    )
    assert "is no amount" in why_not(Kind.APPROVE_RETURN, decision=offer, amount="ten")
    assert why_not(Kind.APPROVE_RETURN, decision=offer, amount="12.50") == ""
    refused = {"decision": "REJECT_RETURN", "reason": "worn", "comment": "x" * 501}
    assert "500 characters" in why_not(Kind.REJECT_RETURN, **refused)
    request.next_action, request.status = "", "success"
    request.save()
    assert "no answer of yours: accepted" in why_not(
        Kind.APPROVE_RETURN, decision="APPROVE_RETURN"
    )


def test_unknown_and_wrong_details_are_refused():
    order, _ = put_together()

    assert "“colour”" in objection(Wish(order, Kind.SHIP, {"colour": "red"}))
    assert "“handover_method”" in objection(
        Wish(order, Kind.SHIP, {"handover_method": 3})
    )
    wrong = Wish(order, Kind.SHIP, {"handover_method": "PIGEON"})
    assert "picked up or dropped off" in objection(wrong)


def test_a_paused_shop_is_sent_nothing():
    order, _ = put_together()
    Shop.objects.update(state=Shop.State.PAUSED)

    asked = ask(order.shop, [Wish(order, Kind.PULL)], ANY)

    assert asked.actions == []
    assert "is paused" in asked.refused[0][1]


def test_one_wish_becomes_one_action_with_its_trail():
    order, package = put_together(shipping="seller")
    user = make_user()

    asked = ask(order.shop, [Wish(order, Kind.SHIP, own())], By(user, "10.0.0.1"))

    [action] = asked.actions
    assert asked.run is None
    assert (action.state, action.target) == (State.WAITING, package.remote_id)
    assert (action.package, action.user) == (package, user)
    assert action.details == own() | {"handover_method": "", "slot": None}
    event = order.events.get()
    assert (event.kind, event.user) == ("action", user)
    assert event.text == "Asked: Arrange shipping: J&T JX1"
    entry = AuditEntry.objects.get(verb="asked to ship")
    assert (entry.actor, entry.shop_key) == (user, order.shop_id)
    assert entry.details["tracking_number"] == "JX1"


def test_a_comment_to_the_buyer_stays_out_of_trail_and_timeline():
    order, _ = put_together()
    request = Cancellation.objects.create(
        shop=order.shop,
        order=order,
        order_remote_id=order.remote_id,
        remote_id="4035",
        status="pending",
        needs_answer=True,
        source="api",
    )
    details = {"reason": "sent", "comment": "Dear Siti"}
    wish = Wish(order, Kind.REJECT_CANCELLATION, details, cancellation=request)

    [action] = ask(order.shop, [wish], ANY).actions

    assert action.details["comment"] == "Dear Siti"
    assert "Siti" not in str(AuditEntry.objects.get().details)
    assert "Siti" not in order.events.get().text


def test_asking_again_gives_the_open_one_and_new_details_take_its_place():
    order, _ = put_together(shipping="seller")
    [first] = ask(order.shop, [Wish(order, Kind.SHIP, own())], ANY).actions

    [same] = ask(order.shop, [Wish(order, Kind.SHIP, own())], ANY).actions
    [newer] = ask(order.shop, [Wish(order, Kind.SHIP, own("JX2"))], ANY).actions

    assert first.pk == same.pk == newer.pk
    assert OrderAction.objects.get().details["tracking_number"] == "JX2"
    assert order.events.count() == 2

    OrderAction.objects.update(state=State.SENDING, sent_at=timezone.now())
    asked = ask(order.shop, [Wish(order, Kind.SHIP, own("JX3"))], ANY)
    assert asked.actions == []
    assert "being sent with other details" in asked.refused[0][1]
    asked = ask(order.shop, [Wish(order, Kind.SHIP, own("JX2"))], ANY)
    assert [action.pk for action in asked.actions] == [first.pk]
    assert OrderAction.objects.get().details["tracking_number"] == "JX2"


def test_what_does_not_go_together_waits_for_an_answer():
    order, _ = put_together()
    ask(order.shop, [Wish(order, Kind.SHIP)], ANY)
    cancel = Wish(order, Kind.CANCEL, {"reason": "r"})

    assert "“Arrange shipping” is under way" in objection(cancel)
    OrderAction.objects.update(state=State.HELD)
    assert "“Arrange shipping” is held back" in objection(cancel)
    OrderAction.objects.update(state=State.DONE)
    assert objection(cancel) == ""


def test_the_same_key_asks_once():
    order, _ = put_together()
    shop = order.shop
    first = ask(shop, [Wish(order, Kind.SHIP)], ANY, key="import-7")
    OrderAction.objects.update(state=State.DONE)

    again = ask(shop, [Wish(order, Kind.SHIP)], ANY, key="import-7")

    assert [a.pk for a in again.actions] == [a.pk for a in first.actions]
    others = [put_together(shop=shop)[0] for _ in range(2)]
    wishes = [Wish(each, Kind.SHIP) for each in others]
    run = run_of(ask(shop, wishes, ANY, key="import-8"))
    repeated = ask(shop, wishes, ANY, key="import-8")
    assert repeated.run == run
    assert len(repeated.actions) == 2
    assert ActionRun.objects.count() == 1


def test_several_wishes_are_a_run_that_tells_what_was_not_taken():
    shop = make_shop()
    good, held = put_together(shop=shop)[0], put_together(shop=shop)[0]
    paid = put_together(shop=shop, status=Status.UNPAID)[0]
    before = ask(shop, [Wish(held, Kind.SHIP)], ANY).actions[0]
    OrderAction.objects.update(sent_at=timezone.now(), state=State.SENDING)
    wishes = [
        Wish(good, Kind.SHIP, row=1),
        Wish(held, Kind.SHIP, row=2),
        Wish(paid, Kind.SHIP, row=3),
        Wish(good, Kind.SHIP, row=4),
    ]

    asked = ask(shop, wishes, ANY, title="Morning", group="g1")

    run = run_of(asked)
    assert (run.title, run.group, run.kind, run.total) == ("Morning", "g1", "ship", 4)
    assert [a.pk for a in asked.actions][1] == before.pk
    assert sorted(run.refused_rows) == [
        [2, held.remote_id, "It was asked for before."],
        [3, paid.remote_id, "It is not paid yet."],
        [4, good.remote_id, "It is named twice."],
    ]
    at = progress(run)
    assert (at.total, at.not_taken, at.waiting, at.percent) == (4, 3, 1, 75)
    assert run.state == ActionRun.State.WAITING
    assert [(row[0], row[4]) for row in result_rows(run)] == [
        (1, "Waiting"),
        (2, "Not asked for"),
        (3, "Not asked for"),
        (4, "Not asked for"),
    ]
    entry = AuditEntry.objects.get(target_type="orders.actionrun")
    assert (entry.details["asked"], entry.details["refused"]) == (1, 3)


def test_a_run_of_which_nothing_was_taken_is_over():
    shop = make_shop()
    orders = [put_together(shop=shop, status=Status.UNPAID)[0] for _ in range(2)]

    run = run_of(ask(shop, [Wish(each, Kind.SHIP) for each in orders], ANY))

    assert run.state == ActionRun.State.PARTLY
    assert run.ended_at is not None


def test_asking_of_many_costs_as_much_as_of_few():
    def count(number):
        shop = make_shop()
        wishes = [
            Wish(put_together(shop=shop, shipping="seller")[0], Kind.SHIP, own())
            for _ in range(number)
        ]
        with CaptureQueriesContext(connection) as queries:
            asked = ask(shop, wishes, ANY)
        assert len(asked.actions) == number
        return len(queries)

    assert count(5) == count(30) <= 25


def test_facts_spare_queries_where_many_are_judged(django_assert_num_queries):
    shop = make_shop()
    orders = [put_together(shop=shop)[0] for _ in range(12)]
    facts = facts_of(orders)

    with django_assert_num_queries(0):
        assert {objection(Wish(o, Kind.SHIP), facts[o.pk]) for o in orders} == {""}


def test_orders_of_another_shop_are_not_asked_for():
    order, _ = put_together()

    with pytest.raises(ActionRefused, match="no such order"):
        ask(make_shop(), [Wish(order, Kind.PULL)], ANY)
    with pytest.raises(ActionRefused, match="at least one"):
        ask(order.shop, [], ANY)
    assert not OrderAction.objects.exists()


def test_what_a_program_records_is_held_unless_the_shop_pushes_it():
    shop = make_shop()
    order, _ = put_together(shop=shop)
    cancel = Wish(order, Kind.CANCEL, {"reason": "r"})

    [action] = ask(shop, [cancel], ANY, source="api").actions
    assert action.state == State.HELD
    assert order.events.get().text.startswith("Held back: Cancel")

    [again] = ask(shop, [cancel], ANY).actions  # a person, by a button
    assert (again.pk, again.state) == (action.pk, State.WAITING)

    other, _ = put_together(shop=shop)
    ShopOrderSettings.objects.create(shop=shop, pushes_cancelled=True)
    wish = Wish(other, Kind.CANCEL, {"reason": "r"})
    assert ask(shop, [wish], ANY, source="file").actions[0].state == State.WAITING


def test_held_actions_are_released_or_withdrawn_by_a_person():
    user = make_user()
    order, _ = put_together()
    cancel = Wish(order, Kind.CANCEL, {"reason": "r"})
    [action] = ask(order.shop, [cancel], ANY, source="api").actions

    released = release(action, By(user))
    assert released.state == State.WAITING
    assert release(action, By(user)).state == State.WAITING
    withdrawn = withdraw(action, By(user))
    assert withdrawn.state == State.WITHDRAWN
    assert withdraw(action, By(user)).state == State.WITHDRAWN
    with pytest.raises(ActionRefused, match="It is over: withdrawn"):
        release(action, By(user))
    verbs = set(AuditEntry.objects.filter(actor=user).values_list("verb", flat=True))
    assert verbs == {"released an action", "withdrew an action"}
    assert order.events.filter(user=user).count() == 2


def test_what_cannot_be_done_any_more_is_not_released():
    order, _ = put_together()
    cancel = Wish(order, Kind.CANCEL, {"reason": "r"})
    [action] = ask(order.shop, [cancel], ANY, source="api").actions
    Order.objects.update(status=Status.IN_TRANSIT)

    with pytest.raises(ActionRefused, match="can no longer be cancelled"):
        release(action, ANY)

    action.refresh_from_db()
    assert action.state == State.HELD


def test_what_was_sent_is_not_withdrawn():
    order, _ = put_together()
    [action] = ask(order.shop, [Wish(order, Kind.SHIP)], ANY).actions
    OrderAction.objects.update(sent_at=timezone.now())  # no answer came

    with pytest.raises(ActionRefused, match="It was sent"):
        withdraw(action, ANY)


def test_a_refused_one_is_retried_or_dismissed():
    order, _ = put_together()
    [action] = ask(order.shop, [Wish(order, Kind.SHIP)], ANY).actions
    OrderAction.objects.update(
        state=State.REFUSED, attempts=3, code=21011005, message="No.", sent_at=None
    )
    assert OrderAction.objects.failed().count() == 1

    seen = dismiss(action, ANY)
    assert dismiss(action, ANY).dismissed_at == seen.dismissed_at
    assert OrderAction.objects.failed().count() == 0

    again = retry(action, ANY)
    assert (again.state, again.attempts, again.code) == (State.WAITING, 0, None)
    assert (again.message, again.dismissed_at) == ("", None)
    with pytest.raises(ActionRefused, match="It is not refused"):
        dismiss(action, ANY)


def test_a_refused_one_is_not_retried_beside_a_new_one():
    order, _ = put_together()
    [action] = ask(order.shop, [Wish(order, Kind.SHIP)], ANY).actions
    OrderAction.objects.update(state=State.REFUSED)
    ask(order.shop, [Wish(order, Kind.SHIP)], ANY)

    with pytest.raises(ActionRefused, match="asked for anew"):
        retry(action, ANY)


def test_a_run_is_stopped_and_only_its_failures_are_repeated():
    shop = make_shop()
    orders = [put_together(shop=shop)[0] for _ in range(4)]
    run = run_of(ask(shop, [Wish(each, Kind.SHIP) for each in orders], ANY))
    first, second, third, fourth = run.actions.order_by("pk")
    ended = {"ended_at": timezone.now(), "sent_at": timezone.now()}
    OrderAction.objects.filter(pk=first.pk).update(state=State.DONE, **ended)
    OrderAction.objects.filter(pk__in=[second.pk, third.pk]).update(
        state=State.REFUSED, message="No.", **ended
    )

    assert stop_run(run, ANY) == 1
    run.refresh_from_db()
    assert run.state == ActionRun.State.STOPPED
    fourth.refresh_from_db()
    assert fourth.state == State.WITHDRAWN
    with pytest.raises(ActionRefused, match="ended already"):
        stop_run(run, ANY)

    Order.objects.filter(pk=third.order_id).update(status=Status.CANCELLED)
    assert retry_failed(run, ANY) == 1
    run.refresh_from_db()
    assert (run.state, run.is_stop_asked) == (ActionRun.State.WAITING, False)
    states = list(run.actions.order_by("pk").values_list("state", flat=True))
    assert states == ["done", "waiting", "refused", "withdrawn"]
    third.refresh_from_db()
    assert third.message == "No."


def test_a_run_held_back_is_released_as_a_whole():
    shop = make_shop()
    orders = [put_together(shop=shop)[0] for _ in range(3)]
    wishes = [Wish(each, Kind.CANCEL, {"reason": "r"}) for each in orders]
    run = run_of(ask(shop, wishes, ANY, source="file"))
    assert progress(run).held == 3
    gone = run.actions.get(order=orders[0])
    Order.objects.filter(pk=orders[0].pk).update(status=Status.IN_TRANSIT)

    assert release_run(run, ANY) == 2

    at = progress(run)
    assert (at.held, at.waiting) == (1, 2)
    gone.refresh_from_db()
    assert "can no longer be cancelled" in gone.message


def test_asking_for_a_run_again_adopts_what_waits_for_nobody():
    shop = make_shop()
    orders = [put_together(shop=shop)[0] for _ in range(2)]
    [single] = ask(shop, [Wish(orders[0], Kind.SHIP)], ANY).actions

    run = run_of(ask(shop, [Wish(each, Kind.SHIP) for each in orders], ANY))

    single.refresh_from_db()
    assert single.run == run
    assert run.refused_rows == []
    assert progress(run).waiting == 2
