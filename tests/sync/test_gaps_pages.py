"""The list of gaps, a day's page, and having a day counted again."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from apps.platforms.models import Shop
from apps.sync import tasks
from apps.sync.models import Resource, SyncGap, SyncRun
from apps.users.models import AuditEntry
from apps.users.roles import Role
from tests.factories.orders import make_order
from tests.factories.platforms import make_shop
from tests.factories.sync import make_gap, make_run
from tests.factories.users import make_client
from tests.inventory.pages import notices, words, working_for
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

LIST = reverse("admin:sync_syncgap_changelist")
COUNT = reverse("admin:sync_syncgap_count")


@pytest.fixture
def company() -> Any:
    return make_client("Northwind")


@pytest.fixture
def shop(company: Any) -> Shop:
    return make_shop(company, name="Main Store")


@pytest.fixture
def clerk(company: Any, shop: Shop) -> Browser:
    return working_for(company)


@pytest.fixture
def analyst(company: Any, shop: Shop) -> Browser:
    return working_for(company, Role.ANALYST)


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    sent: list[Any] = []
    monkeypatch.setattr(tasks.recount_orders, "delay", lambda *args: sent.append(args))
    return sent


def page_of(gap: SyncGap) -> str:
    return reverse("admin:sync_syncgap_change", args=[gap.pk])


def repair_of(gap: SyncGap) -> str:
    return reverse("admin:sync_syncgap_repair", args=[gap.pk])


def leave_of(gap: SyncGap) -> str:
    return reverse("admin:sync_syncgap_leave", args=[gap.pk])


def test_the_list_says_both_sides_of_each_day(shop, clerk):
    gap = make_gap(shop, "576460001", "576460002")
    make_gap(shop, state="closed", closed_at=timezone.now())

    text = words(clerk.get(LIST))

    assert f"{gap.day:%d %b %Y}" in text
    assert "3 / 1" in text
    assert f"{shop.currency} 120.00 {shop.currency} 40.00" in text
    assert "Open 1 Agrees again 1 Left 0 All 2" in text
    assert "Gaps 1" in text  # in the sidebar


def test_without_gaps_it_says_when_each_shop_was_counted(shop, clerk, queued):
    text = words(clerk.get(LIST))
    assert "No day has been counted yet" in text
    assert "agrees." not in text
    assert "never" in text

    run = make_run(
        shop, resource=Resource.GAPS, basis=SyncRun.Basis.PLACED, read=40, same=38,
        new=2,
    )  # fmt: skip
    page = clerk.get(LIST)
    assert "every day that was counted agrees" in words(page)

    assert "40 38 2 0 Done Count now" in words(page)
    assert reverse("admin:sync_syncrun_change", args=[run.pk]) in page.content.decode()


def test_filters_that_leave_nothing_offer_the_way_back(shop, clerk):
    make_gap(shop, "1")

    assert "No gaps match" in words(clerk.get(LIST, {"tab": "closed", "shop": shop.pk}))
    assert "No gaps here." in words(clerk.get(LIST, {"tab": "closed"}))
    assert "ignored" in notices(clerk.get(LIST, {"tab": "none"}))[0]


def test_a_days_page_says_what_differs_on_which_side(shop, clerk):
    order = make_order(shop, remote_id="576460001")
    gap = make_gap(shop, "576460001", "576460002")

    page = clerk.get(page_of(gap))

    text = words(page)
    assert f"Orders 3 1 -2 Units 3 1 -2 Totals, {shop.currency}" in text
    assert f"576460002 Not here 1 unit, 40 {shop.currency} —" in text
    assert "Pull these again" in text
    address = reverse("admin:orders_order_change", args=[order.pk])
    assert address in page.content.decode()
    assert page.content.decode().count("/orders/order/") >= 1


def test_a_closed_day_says_what_became_of_it(shop, clerk):
    gap = make_gap(
        shop, "1", state="closed", closed_at=timezone.now(), left=0, pulled=1
    )

    text = words(clerk.get(page_of(gap)))

    assert "1 order agreed after being pulled again" in text
    assert "Pull these again" not in text


def test_many_orders_are_shown_page_by_page(shop, clerk):
    gap = make_gap(shop, *(str(576460000 + n) for n in range(103)))

    assert "Next orders" in words(clerk.get(page_of(gap)))
    last = words(clerk.get(page_of(gap), {"page": 2}))
    assert "576460102" in last
    assert "Previous orders" in last


def test_repair_asks_once_and_has_that_day_counted(shop, clerk, queued):
    gap = make_gap(shop, "1", "2")

    assert "Pull again: 2 orders" in words(clerk.get(repair_of(gap)))
    assert queued == []
    answer = clerk.post(repair_of(gap))

    assert answer.headers["Location"] == page_of(gap)
    gap.refresh_from_db()
    period = (gap.since.isoformat(), gap.until.isoformat())
    assert queued == [(shop.pk, SyncRun.Trigger.USER, *period)]
    assert "being counted" in notices(answer)[0]
    entry = AuditEntry.objects.get(verb="started a sync")
    assert entry.details["resource"] == "gaps"


def test_a_running_recount_is_answered_with_itself(shop, clerk, queued):
    gap = make_gap(shop, "1")
    make_run(
        shop,
        resource=Resource.GAPS,
        basis=SyncRun.Basis.PLACED,
        state=SyncRun.State.RUNNING,
        read=7,
    )

    answer = clerk.post(repair_of(gap))

    assert queued == []
    assert "being counted since" in notices(answer)[0]
    assert "7 so far" in words(clerk.get(page_of(gap)))


def test_a_recount_is_tried_again_from_its_runs_page(shop, clerk, queued):
    until = timezone.now()
    since = until - timedelta(days=7)
    run = make_run(
        shop,
        resource=Resource.GAPS,
        basis=SyncRun.Basis.PLACED,
        state=SyncRun.State.FAILED,
        since=since,
        until=until,
    )

    clerk.post(reverse("admin:sync_syncrun_act", args=[run.pk, "retry"]))

    period = (since.isoformat(), until.isoformat())
    assert queued == [(shop.pk, SyncRun.Trigger.USER, *period)]


def test_any_shop_can_be_counted_at_once(shop, clerk, queued):
    answer = clerk.post(COUNT, {"shop": shop.pk})

    assert answer.headers["Location"] == LIST
    assert queued == [(shop.pk, SyncRun.Trigger.USER)]
    for wrong in ("", "x", str(make_shop().pk)):
        said = notices(clerk.post(COUNT, {"shop": wrong}))
        assert said[-1] == "Choose a shop to count."
    assert len(queued) == 1


def test_what_somebody_leaves_as_it_is_is_open_no_more(shop, clerk):
    gap = make_gap(shop, "1", "2")

    assert "though 2 orders differ" in words(clerk.get(leave_of(gap)))
    clerk.post(leave_of(gap))
    again = clerk.post(leave_of(gap))

    assert notices(again)[-1] == "It is not open any more."
    gap.refresh_from_db()
    assert (gap.state, gap.left) == (SyncGap.State.LEFT, 2)
    assert "Left as it is" in words(clerk.get(LIST, {"tab": "left"}))
    assert "Somebody left it as it is" in words(clerk.get(page_of(gap)))
    entry = AuditEntry.objects.get(verb="left a gap as it is")
    assert (entry.details["orders"], entry.shop_key) == (2, shop.pk)


def test_who_only_looks_starts_nothing(shop, analyst, queued):
    gap = make_gap(shop, "1")

    assert "Count now" not in words(analyst.get(LIST))
    assert "Pull these again" not in words(analyst.get(page_of(gap)))
    assert analyst.get(repair_of(gap)).status_code == 403
    assert analyst.post(repair_of(gap)).status_code == 403
    assert analyst.post(leave_of(gap)).status_code == 403
    assert SyncGap.objects.open().exists()
    analyst.post(COUNT, {"shop": shop.pk})
    assert queued == []


def test_another_clients_gap_is_none(shop, clerk, queued):
    other = make_gap(make_shop(name="Elsewhere"), "1")

    assert "Elsewhere" not in words(clerk.get(LIST, {"tab": "all"}))
    for address in (page_of(other), repair_of(other), leave_of(other)):
        there = clerk.get(address).status_code
        absent = clerk.get(address.replace(f"/{other.pk}/", "/987654/")).status_code
        assert there == absent == 302
    clerk.post(repair_of(other))
    assert queued == []


def test_the_list_costs_the_same_however_many_there_are(company, shop, clerk):
    def asked() -> int:
        with statements() as sent:
            clerk.get(LIST)
        return len(sent)

    make_gap(shop, "1")
    make_run(shop, resource=Resource.GAPS)
    clerk.get(LIST)
    before = asked()
    for number in range(4):
        other = make_shop(company, name=f"Shop {number}")
        make_gap(other, "1")
        make_run(other, resource=Resource.GAPS)

    assert asked() == before
