"""One deed on many orders: asked about once, done to those agreed to, seen through."""

import json
import re
from html import unescape
from urllib.parse import urlencode

import pytest
from django.test import Client as Browser

from apps.integrations.contracts import RequestReason
from apps.orders.admin import bulk_actions, bulk_form, bulk_question
from apps.orders.models import (
    ActionRun,
    Order,
    OrderAction,
    OrderEvent,
    ShopOrderSettings,
)
from apps.orders.services import priority
from apps.orders.services.actions import Told
from apps.orders.tasks import sweep_priority_runs, work_priority_run
from apps.platforms.models import Shop
from apps.users.models import AuditEntry
from tests.factories.orders import make_order, make_package
from tests.factories.platforms import make_shop
from tests.factories.users import make_user
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

BULK = "/admin/orders/order/bulk/"
LIST = "/admin/orders/order/"
RUNS = "/admin/orders/actionrun/"
State = OrderAction.State


@pytest.fixture
def shop():
    return make_shop(name="Main Store")


@pytest.fixture
def browser(shop):
    return browser_of("ann", shop)


def browser_of(name, shop, *permissions):
    user = make_user(
        name, clients=[shop.client], permissions=permissions or ["process_orders"]
    )
    browser = Browser()
    browser.force_login(user)
    return browser


def ask(browser, deed, *orders, **query):
    keys = [("pk", order.pk) for order in orders]
    return browser.get(f"{BULK}?{urlencode([('deed', deed), *keys, *query.items()])}")


def agree(browser, page, **told):
    """Send the form of the page one was asked on."""
    context = page.context
    sent = {"keys": context["keys"], "token": context["token"], **told}
    return browser.post(context["here"], sent, follow=True)


def text_of(page):
    assert page.status_code == 200
    return " ".join(unescape(page.content.decode()).split())


def notices(page):
    return [str(message) for message in page.context["messages"]]


def three(shop, **changes):
    return [make_order(shop, f"58{n}", **changes) for n in range(3)]


def packed(shop, remote_id, package_id="", status="to_fulfill"):
    """An order for TikTok's carrier, with a package."""
    order = make_order(shop, remote_id, shipping_type="platform")
    make_package(order, remote_id=package_id or f"1{order.pk}", status=status)
    return order


# Asking ------------------------------------------------------------------------------


def test_the_list_offers_what_one_may_do(browser, shop):
    make_order(shop)

    offered = text_of(browser.get(LIST))
    looker = text_of(browser_of("bob", shop, "view_analytics").get(LIST))

    for name in (
        "Pull again…",
        "Ship…",
        "Upload tracking…",
        "Set priority…",
        "Cancel…",
    ):
        assert name in offered
        assert name not in looker
    for name in ("Pick list", "Export CSV", "all 1 that match"):
        assert name in looker


def test_the_page_names_the_orders_their_shops_and_what_tiktok_does(browser, shop):
    second = make_shop(shop.client, name="Second", region="SG")
    assert "Arrange shipping: 0 orders" in text_of(ask(browser, "ship", *three(shop)))
    orders = [packed(shop, f"59{n}") for n in range(3)] + [packed(second, "600")]

    text = text_of(ask(browser, "ship", *orders))

    assert "Arrange shipping: 4 orders" in text
    assert re.search(r"Main Store <span[^>]*>MY</span> 3 orders", text)
    assert "TikTok arranges shipping of every package" in text
    assert not ActionRun.objects.exists()


def test_what_cannot_be_done_is_left_out_with_the_reason(browser, shop):
    ready, unpaid = packed(shop, "ready"), make_order(shop, "unpaid", status="unpaid")
    paused = make_shop(shop.client, name="Paused", state=Shop.State.PAUSED)
    resting = make_order(paused, "resting")

    page = ask(browser, "ship", ready, unpaid, resting)

    assert [o.remote_id for o in page.context["selection"].fit] == ["ready"]
    reasons = {o.remote_id: why for o, why in page.context["selection"].left_out}
    assert reasons["resting"] == "The shop is paused."
    assert reasons["unpaid"]


def test_orders_of_others_are_as_if_not_there(browser, shop):
    foreign = make_order(make_shop(), "590")
    ours = make_order(shop, "580")

    page = ask(browser, "pull", foreign, ours)
    assert page.context["keys"] == str(ours.pk)
    answer = browser.post(
        f"{BULK}?deed=pull", {"keys": f"{foreign.pk},x,,-1", "token": "t"}
    )

    assert "This can be done to none of those chosen." in text_of(answer)
    assert not OrderAction.objects.exists()


def test_who_only_looks_at_a_shop_does_nothing_there(shop):
    second = make_shop(shop.client, name="Second")
    orders = [make_order(shop, "580"), make_order(second, "590")]
    browser = browser_of("bob", shop, "view_analytics")

    assert ask(browser, "pull", *orders).status_code == 403
    assert ask(browser, "slips", *orders).status_code == 403
    assert text_of(ask(browser, "pick-list", *orders))


def test_all_that_match_are_those_of_the_filters_on_every_page(browser, shop):
    for _ in range(60):
        make_order(shop, carrier="Quick Parcel")
    make_order(shop, carrier="Slow")

    page = browser.get(f"{BULK}?deed=pull&all=1&carrier=quick&tab=all")

    assert page.context["selection"].count == 60
    assert page.context["back"] == f"{LIST}?carrier=quick&tab=all"


def test_too_many_are_refused(browser, shop, monkeypatch):
    monkeypatch.setattr(bulk_question, "MOST_ORDERS", 2)
    three(shop)

    page = browser.get(f"{BULK}?deed=pull&all=1&tab=all", follow=True)

    assert notices(page) == [
        "At most 2 orders at once. Narrow the list by its filters."
    ]


@pytest.mark.parametrize("deed", ["", "eat"])
def test_a_deed_there_is_not_leads_back(browser, shop, deed):
    make_order(shop)

    page = browser.get(f"{BULK}?deed={deed}&all=1&tab=all", follow=True)

    assert page.redirect_chain == [(f"{LIST}?tab=all", 302)]


@pytest.mark.parametrize("deed", ["pull", "ship", "labels"])
def test_the_page_takes_the_same_statements_however_many_orders(browser, shop, deed):
    status = "processing" if deed == "labels" else "to_fulfill"
    few = [packed(shop, f"a{n}", status=status) for n in range(3)]
    many = [packed(shop, f"b{n}", status=status) for n in range(40)]
    ask(browser, deed, *few)

    with statements() as of_few:
        assert ask(browser, deed, *few).context["selection"].count == 3
    with statements() as of_many:
        assert ask(browser, deed, *many).context["selection"].count == 40

    assert len(of_many) == len(of_few)
    assert of_many.writing == []


# Doing -------------------------------------------------------------------------------


def test_pulling_is_a_run_and_pressing_twice_is_one(browser, shop):
    orders = three(shop)
    page = ask(browser, "pull", *orders)

    answer = agree(browser, page)
    again = agree(browser, page)

    run = ActionRun.objects.get()
    assert answer.redirect_chain == again.redirect_chain == [(f"{RUNS}{run.pk}/", 302)]
    assert (run.title, run.total, run.kind) == ("Pull again", 3, "pull")
    assert run.user is not None
    assert run.user.username == "ann"
    assert {a.order_id for a in run.actions.all()} == {o.pk for o in orders}


def test_shipping_asks_for_each_package_that_waits_a_shared_one_once(browser, shop):
    ShopOrderSettings.objects.create(shop=shop, handover_method="DROP_OFF")
    one = packed(shop, "one", "11")
    two = make_order(shop, "two", shipping_type="platform")
    make_package(one, remote_id="12", status="fulfilling")
    shared = make_package(one, remote_id="13", status="to_fulfill")
    two.order_packages.create(package=shared)

    page = ask(browser, "ship", one, two)
    agree(browser, page)

    asked = OrderAction.objects.order_by("target")
    assert [(a.target, a.kind) for a in asked] == [("11", "ship"), ("13", "ship")]
    assert {a.details["handover_method"] for a in asked} == {"DROP_OFF"}


def test_what_no_longer_fits_is_left_out_and_told(browser, shop):
    orders = [packed(shop, f"58{n}") for n in range(3)]
    page = ask(browser, "ship", *orders)
    Order.objects.filter(pk=orders[0].pk).update(status="cancelled")

    answer = agree(browser, page, handover="PICKUP")

    assert any(words.startswith("1 left out: ") for words in notices(answer))
    assert OrderAction.objects.count() == 2


def test_several_shops_are_a_run_each_with_a_group_in_common(browser, shop):
    second = make_shop(shop.client, name="Second")
    orders = [*three(shop), make_order(second, "590"), make_order(second, "591")]

    answer = agree(browser, ask(browser, "pull", *orders))

    first, other = ActionRun.objects.order_by("pk")
    assert first.group == other.group != ""
    assert answer.redirect_chain == [(f"{RUNS}?group={first.group}", 302)]
    assert set(answer.context["cl"].result_list) == {first, other}
    assert f"{RUNS}{other.pk}/" in text_of(browser.get(f"{RUNS}{first.pk}/"))


def test_one_order_is_done_while_one_waits(browser, shop, monkeypatch):
    order = make_order(shop, "580")
    done = []

    def work(action):
        done.append(action)
        action.state, action.message = State.REFUSED, "Order is on hold"
        return action

    monkeypatch.setattr(bulk_actions, "work_action", work)
    answer = agree(browser, ask(browser, "pull", order))

    assert [action.order_id for action in done] == [order.pk]
    assert notices(answer) == ["Pull again, order 580: Order is on hold"]
    assert not ActionRun.objects.exists()


REASONS = [
    RequestReason("out_of_stock", "Out of stock"),
    RequestReason("price", "Price"),
]


def test_cancelling_asks_for_a_reason_of_each_shop(browser, shop, monkeypatch):
    second = make_shop(shop.client, name="Second")
    orders = [*three(shop), make_order(second, "590"), make_order(second, "591")]
    monkeypatch.setattr(bulk_form, "reasons_for_cancel", lambda order: Told(REASONS))
    page = ask(browser, "cancel", *orders)
    assert "pays the buyers back" in text_of(page)
    assert 'class="button button-danger"' in page.content.decode()

    without = agree(browser, page, **{f"reason-{shop.pk}": "price"})
    assert "This field is required." in text_of(without)
    assert not OrderAction.objects.exists()
    agree(
        browser,
        page,
        **{f"reason-{shop.pk}": "price", f"reason-{second.pk}": "out_of_stock"},
    )

    told = OrderAction.objects.values_list("shop", "details__reason")
    assert set(told) == {(shop.pk, "price"), (second.pk, "out_of_stock")}


def test_without_reasons_nothing_is_cancelled(browser, shop, monkeypatch):
    orders = three(shop)
    monkeypatch.setattr(
        bulk_form, "reasons_for_cancel", lambda order: Told([], "TikTok is busy.")
    )

    page = ask(browser, "cancel", *orders)
    answer = browser.post(
        page.context["here"], {"keys": page.context["keys"], "token": "t"}
    )

    for shown in (page, answer):
        assert "Main Store (MY): TikTok is busy." in text_of(shown)
    assert not OrderAction.objects.exists()


# Priority ----------------------------------------------------------------------------


def test_a_priority_is_set_with_its_reason_in_the_timeline(browser, shop):
    orders = three(shop)
    orders[0].priority = "high"
    orders[0].save()

    page = ask(browser, "priority", *orders)
    empty = agree(browser, page, priority="high", reason=" ")
    assert "This field is required." in text_of(empty)
    answer = agree(browser, page, priority="high", reason="VIP week")
    again = agree(browser, page, priority="high", reason="VIP week")

    assert notices(answer) == ["2 orders now High."]
    assert notices(again) == ["Nothing was changed: they were all like that."]
    assert set(Order.objects.values_list("priority", flat=True)) == {"high"}
    event = OrderEvent.objects.filter(order=orders[1]).get()
    assert (event.kind, event.text) == ("priority", "High, before that Auto: VIP week")
    assert event.user is not None
    assert OrderEvent.objects.count() == 2
    entry = AuditEntry.objects.get(verb="set the priority of orders")
    assert (entry.shop_key, entry.details["orders"]) == (shop.pk, 2)


def test_priority_needs_no_connected_shop(browser, shop):
    Shop.objects.filter(pk=shop.pk).update(state=Shop.State.DISCONNECTED)
    order = make_order(shop)

    page = ask(browser, "priority", order)

    assert page.context["selection"].count == 1


def test_many_priorities_are_a_run_in_the_background(browser, shop, monkeypatch):
    monkeypatch.setattr(priority, "AT_ONCE", 2)
    orders = [make_order(shop) for _ in range(5)]

    page = ask(browser, "priority", *orders)
    answer = agree(browser, page, priority="viral", reason="Video")
    agree(browser, page, priority="viral", reason="Video")

    run = ActionRun.objects.get()
    assert answer.redirect_chain == [(f"{RUNS}{run.pk}/", 302)]
    assert "0 of 5" in text_of(answer)
    assert priority.work_some(run.pk) is True
    assert json.loads(browser.get(f"{RUNS}{run.pk}/status/").content)["done"] == 2
    work_priority_run(run.pk)
    work_priority_run(run.pk)
    assert Order.objects.filter(priority="viral").count() == 5
    assert OrderEvent.objects.count() == 5
    run.refresh_from_db()
    assert (run.state, run.details["changed"]) == ("done", 5)
    assert "5 of 5" in text_of(browser.get(f"{RUNS}{run.pk}/"))


def test_a_run_of_priorities_is_stopped_or_gone_on_with(browser, shop, monkeypatch):
    monkeypatch.setattr(priority, "AT_ONCE", 2)
    orders = [make_order(shop) for _ in range(5)]
    agree(browser, ask(browser, "priority", *orders), priority="high", reason="x")
    run = ActionRun.objects.get()
    priority.work_some(run.pk)

    woken: list[int] = []
    monkeypatch.setattr(work_priority_run, "delay", woken.append)
    assert sweep_priority_runs() == 0  # it was worked on just now
    ActionRun.objects.update(modified_at="2026-01-01T00:00:00Z")
    assert sweep_priority_runs() == 1
    assert woken == [run.pk]
    answer = browser.post(f"{RUNS}{run.pk}/do/stop/", follow=True)

    assert notices(answer) == ["It is stopped. What was set stays so."]
    assert priority.work_some(run.pk) is False
    assert Order.objects.filter(priority="high").count() == 2
    run.refresh_from_db()
    assert run.state == "stopped"
