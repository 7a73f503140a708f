"""What belongs into which tab of the order list, and how it is sorted."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client as Browser

from apps.orders.models import Order
from apps.orders.models.questions import waiting_to_ship
from apps.sync.models import Resource, SyncIssue, SyncRun
from tests.factories.orders import make_action, make_order, make_package
from tests.factories.platforms import make_shop
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db

LIST = "/admin/orders/order/"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
Status = Order.Status


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def shop():
    return make_shop(name="Main Store")


@pytest.fixture
def desk(shop):
    user = make_user(clients=[shop.client], permissions=["view_analytics"])
    browser = Browser()
    browser.force_login(user)
    return lambda **query: browser.get(f"{LIST}?{urlencode(query)}")


def listed(page):
    assert page.status_code == 200
    return [order.remote_id for order in page.context["cl"].result_list]


def partly(shop, remote_id, *lines):
    """A partly shipped, late order of (quantity, shipped, cancelled, unit statuses)."""
    order = make_order(
        shop,
        remote_id,
        sku="",
        status=Status.PARTLY_SHIPPED,
        ship_by_at=NOW - HOUR,
    )
    for number, (quantity, shipped, cancelled, statuses) in enumerate(lines):
        order.lines.create(
            key=str(number),
            position=number,
            quantity=quantity,
            shipped_quantity=shipped,
            cancelled_quantity=cancelled,
            units=[
                [f"{number}{place}", status, ""]
                for place, status in enumerate(statuses)
            ],
            unit_price=1,
            original_amount=1,
            platform_discount_amount=0,
            seller_discount_amount=0,
            amount=1,
        )
    return order


def test_what_has_nothing_left_to_ship_waits_for_nobody(desk, shop):
    gone = ["in_transit", "in_transit"]
    partly(shop, "some left", (2, 1, None, ["in_transit", "to_ship"]))
    partly(shop, "second line left", (2, 2, None, gone), (1, 0, 0, ["to_ship"]))
    partly(shop, "untold, some left", (3, 1, 1, []))
    partly(shop, "not understood", (1, 0, None, ["not_understood"]))
    partly(shop, "no lines yet")
    partly(shop, "all shipped", (2, 2, None, gone))
    partly(
        shop, "the rest is packed", (2, 1, None, ["in_transit", "awaiting_collection"])
    )
    partly(shop, "the rest is cancelled", (2, 1, 1, ["in_transit", "cancelled"]))
    partly(shop, "untold, none left", (3, 2, 1, []))

    late = {
        "some left",
        "second line left",
        "untold, some left",
        "not understood",
        "no lines yet",
    }
    page = desk(tab="overdue")
    assert set(listed(page)) == late
    assert (
        set(Order.objects.filter(waiting_to_ship()).values_list("remote_id", flat=True))
        == late
    )
    text = unescape(desk(tab="all").content.decode())
    assert text.count("1 h late") == len(late)


def test_returns_are_those_that_are_not_over(desk, shop):
    for state in ["", *Order.ReturnState.values]:
        make_order(shop, state or "none", return_state=state)

    found = set(listed(desk(tab="returns")))

    assert found == {"reported", "requested", "returning", "accepted"}


def test_a_package_problem_shows_until_its_order_is_over(desk, shop):
    make_package(make_order(shop, "lost"), remote_id="1", problem="PACKAGE_LOST")
    make_package(make_order(shop, "fine"), remote_id="2")
    over = make_order(shop, "over", status=Status.COMPLETED)
    make_package(over, remote_id="3", problem="PACKAGE_LOST")

    page = desk(tab="package-problem")

    assert listed(page) == ["lost"]
    assert "Package problem</span>" in page.content.decode()


def test_viral_and_conflicts_are_what_was_said_of_the_order(desk, shop):
    make_order(shop, "viral", priority="viral")
    make_order(shop, "viral, over", priority="viral", status=Status.COMPLETED)
    make_order(shop, "high", priority="high")
    make_order(shop, "told twice", has_conflict=True, status=Status.COMPLETED)

    assert listed(desk(tab="viral")) == ["viral"]
    assert listed(desk(tab="conflicts")) == ["told twice"]


def complaint(shop, remote_id, ago, resource=Resource.ORDERS):
    run = SyncRun.objects.create(
        shop=shop,
        resource=resource,
        trigger=SyncRun.Trigger.SCHEDULE,
        state=SyncRun.State.PARTLY,
        started_at=NOW - ago,
    )
    SyncIssue.objects.create(run=run, remote_id=remote_id, message="no currency")


def test_sync_failed_are_refusals_not_seen_to_and_what_pulls_could_not_take(desk, shop):
    make_action(make_order(shop, "refused"), state="refused")
    seen = make_order(shop, "seen to")
    make_action(seen, state="refused", dismissed_at=NOW)
    make_action(make_order(shop, "done"), state="done")
    make_action(make_order(shop, "waiting"))
    for name in ("not taken", "stored since", "long ago", "of a package"):
        order = make_order(shop, name)
        stored = NOW - (HOUR if name == "stored since" else 10 * timedelta(days=1))
        Order.objects.filter(pk=order.pk).update(modified_at=stored)
    complaint(shop, "not taken", 2 * HOUR)
    complaint(shop, "stored since", 2 * HOUR)
    complaint(shop, "long ago", timedelta(days=8))
    complaint(shop, "of a package", HOUR, Resource.PACKAGES)
    twin = make_order(make_shop(shop.client), "of another shop")
    Order.objects.filter(pk=twin.pk).update(modified_at=NOW - timedelta(days=1))
    complaint(shop, "of another shop", HOUR)

    assert set(listed(desk(tab="sync-failed"))) == {"refused", "not taken"}
    assert set(listed(desk(tab="all", sync="failed"))) == {"refused", "not taken"}
    assert listed(desk(tab="all", sync="waiting")) == ["waiting"]


def test_among_equal_deadlines_the_most_urgent_goes_first(desk, shop):
    for priority in ("auto", "viral", "medium", "high"):
        make_order(shop, priority, priority=priority, ship_by_at=NOW + 2 * HOUR)
    make_order(shop, "sooner", ship_by_at=NOW + HOUR)
    make_order(shop, "later", priority="viral", ship_by_at=NOW + 3 * HOUR)

    assert listed(desk()) == ["sooner", "viral", "high", "medium", "auto", "later"]
    by_priority = listed(desk(tab="all", o="1"))
    assert set(by_priority[:2]) == {"viral", "later"}
    assert by_priority[2:4] == ["high", "medium"]


def test_a_row_says_what_is_the_matter(desk, shop):
    order = make_order(
        shop, "580001", priority="viral", has_conflict=True, ship_by_at=NOW + HOUR
    )
    make_action(order, state="refused")
    make_action(order, "label")

    row = unescape(desk(tab="all", carrier="").content.decode()).split("<tbody")[1]

    for words in ("🔥 Viral", "Refused", "Waiting for TikTok", "Sources differ"):
        assert words in row, words
    assert re.search(r"in 1 h</time>", row)
    assert "09:00 +08 in the shop" in row or "in the shop" in row
    # The way back to the list as it is travels in the row's link.
    assert (
        f"/admin/orders/order/{order.pk}/change/?_changelist_filters=tab%3Dall" in row
    )
