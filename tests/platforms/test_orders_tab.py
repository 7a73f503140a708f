"""The tab of a shop's orders: settings, and reading orders again."""

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.test import Client as Browser

from apps.orders import tasks as order_tasks
from apps.orders.models import ShopOrderSettings
from apps.platforms.admin import order_pages
from apps.platforms.models import Shop
from apps.sync import start
from apps.sync.models import Resource, SyncRun
from apps.users.models import AuditEntry
from tests.factories.orders import make_order
from tests.factories.platforms import make_shop
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SETTINGS = {
    "preferred_source": "api",
    "pushes_shipped": "on",
    "handover_method": "",
    "document_kind": "SHIPPING_LABEL",
    "document_size": "A6",
    "document_format": "PDF",
    "document_days": "7",
}


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def shop():
    return make_shop(name="Main Store")


@pytest.fixture
def page(shop):
    return f"/admin/platforms/shop/{shop.pk}/"


@pytest.fixture
def queue(monkeypatch):
    """What was handed to workers: (task, arguments)."""
    queued = []
    for name in ("pull_placed_orders", "pull_packages", "pull_returns"):
        task = getattr(start, name)
        monkeypatch.setattr(
            task, "delay", lambda *told, name=name: queued.append((name, *told))
        )
    monkeypatch.setattr(
        order_tasks.resolve_orders, "delay", lambda *told: queued.append(told)
    )
    monkeypatch.setattr(order_pages, "after_commit", lambda delay, *told: delay(*told))
    return queued


def browser_of(name, shop, *permissions):
    user = make_user(name, clients=[shop.client], permissions=permissions)
    browser = Browser()
    browser.force_login(user)
    return browser


@pytest.fixture
def browser(shop):
    return browser_of("ann", shop, "manage_settings", "process_orders")


def text_of(answer):
    assert answer.status_code == 200
    return " ".join(unescape(answer.content.decode()).split())


def test_settings_are_shown_saved_and_noted(browser, shop, page, queue):
    assert "As TikTok thinks best" in text_of(browser.get(f"{page}?tab=orders"))

    told = SETTINGS | {"handover_method": "DROP_OFF", "document_days": "3"}
    answer = browser.post(f"{page}orders/settings/", told, follow=True)
    again = browser.post(f"{page}orders/settings/", told, follow=True)

    assert "Order settings saved." in text_of(answer)
    assert "Nothing was changed." in text_of(again)
    row = ShopOrderSettings.objects.get(shop=shop)
    assert (row.handover_method, row.document_days) == ("DROP_OFF", 3)
    assert row.pushes_shipped
    entry = AuditEntry.objects.get(verb="changed order settings")
    assert entry.details["changed"]["handover_method"] == ["", "DROP_OFF"]
    assert queue == []


def test_whose_word_counts_shows_the_orders_anew_in_the_background(
    browser, shop, page, queue
):
    told = SETTINGS | {"preferred_source": "file"}

    answer = browser.post(f"{page}orders/settings/", told, follow=True)

    assert "The orders are shown anew within minutes." in text_of(answer)
    assert queue == [(shop.pk,)]
    order_tasks.resolve_orders(shop.pk)  # nothing to do is no trouble
    order_tasks.resolve_orders(10**6)


def test_settings_that_do_not_hold_are_shown_again(browser, shop, page, queue):
    answer = browser.post(f"{page}orders/settings/", SETTINGS | {"document_days": "0"})

    assert "Ensure this value is greater than or equal to 1." in text_of(answer)
    assert not ShopOrderSettings.objects.exists()


PERIOD = {"period-since": "2026-11-01", "period-until": "2026-11-10"}


def test_a_period_by_placing_is_asked_about_and_begun(browser, shop, page, queue):
    make_order(shop, placed_at=datetime(2026, 11, 5, tzinfo=UTC))
    make_order(shop, placed_at=datetime(2026, 10, 5, tzinfo=UTC))

    asked = text_of(browser.get(f"{page}orders/again/", PERIOD))
    assert "all orders placed from 01 Nov 2026 to 10 Nov 2026" in asked
    assert "1 of these are known here" in asked
    assert queue == []
    answer = browser.post(f"{page}orders/again/", PERIOD, follow=True)

    assert "It has begun." in text_of(answer)
    ((name, key, trigger, since, until),) = queue
    assert (name, key, trigger) == ("pull_placed_orders", shop.pk, "user")
    # The shop's own days, in UTC.
    assert since == "2026-10-31T16:00:00+00:00"
    assert until == "2026-11-10T16:00:00+00:00"
    entry = AuditEntry.objects.get(verb="started a sync")
    assert entry.details["basis"] == "placed"


def test_all_orders_are_asked_about_and_begun(browser, shop, page, queue):
    asked = text_of(browser.get(f"{page}orders/again/?all=1"))
    assert "TikTok is asked for all orders there ever were." in asked

    browser.post(f"{page}orders/again/", {"all": "1"})

    assert queue == [("pull_placed_orders", shop.pk, "user")]


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ({}, "This field is required."),
        (
            {"period-since": "2026-11-10", "period-until": "2026-11-01"},
            "The period ends before it begins.",
        ),
        (
            {"period-since": "2026-12-10", "period-until": "2026-12-11"},
            "The period has not begun yet.",
        ),
    ],
)
def test_a_period_that_does_not_hold_is_asked_again(
    browser, page, queue, period, words
):
    for ask in (browser.get, browser.post):
        assert words in text_of(ask(f"{page}orders/again/", period))
    assert queue == []


def run(shop, resource, **changes):
    values = {
        "trigger": SyncRun.Trigger.USER,
        "state": SyncRun.State.DONE,
        "started_at": NOW - timedelta(minutes=5),
    }
    return SyncRun.objects.create(shop=shop, resource=resource, **values | changes)


def test_how_far_it_is_stands_on_the_tab_and_nothing_is_begun_twice(
    browser, shop, page, queue
):
    placed = run(
        shop,
        Resource.ORDERS,
        basis=SyncRun.Basis.PLACED,
        state=SyncRun.State.RUNNING,
        expected=2_000,
        read=740,
        since=NOW - timedelta(days=9),
        until=NOW,
        heartbeat_at=NOW,
    )

    text = text_of(browser.get(f"{page}?tab=orders"))

    assert "740 of 2,000 read" in text
    assert 'data-reload="5"' in text
    assert f"/admin/sync/syncrun/{placed.pk}/change/" in text
    again = browser.post(f"{page}orders/again/", {"all": "1"}, follow=True)
    assert "Orders are being read again since 11:55 UTC" in text_of(again)
    assert queue == []


def test_packages_and_requests_have_their_last_pulls_and_are_pulled_now(
    browser, shop, page, queue
):
    run(shop, Resource.PACKAGES, read=120, first_error="Busy")

    text = text_of(browser.get(f"{page}?tab=orders"))
    assert "120 / 0 / 0 / 0" in text
    assert "Busy" in text
    assert text.count("Sync now<") >= 3
    browser.post(f"{page}do/sync-packages/")
    browser.post(f"{page}do/sync-returns/")

    assert queue == [
        ("pull_packages", shop.pk, "user"),
        ("pull_returns", shop.pk, "user"),
    ]


def test_each_may_do_what_their_role_lets_them(shop, page, queue):
    looker = browser_of("bob", shop, "view_analytics")
    worker = browser_of("eve", shop, "process_orders")

    text = text_of(looker.get(f"{page}?tab=orders"))
    assert "Save order settings" not in text
    assert "Read these again" not in text
    assert looker.post(f"{page}orders/again/", {"all": "1"}).status_code == 403
    for each in (looker, worker):
        assert each.post(f"{page}orders/settings/", SETTINGS).status_code == 403
        assert each.get(f"{page}orders/settings/").status_code == 405
    assert "Read these again" in text_of(worker.get(f"{page}?tab=orders"))
    assert queue == []
    foreign = f"/admin/platforms/shop/{make_shop().pk}/"
    absent = worker.post("/admin/platforms/shop/999999/orders/again/")
    for name in ("again", "settings"):
        answer = worker.post(f"{foreign}orders/{name}/")
        assert (answer.status_code, answer["Location"]) == (302, absent["Location"])


def test_a_shop_that_cannot_be_asked_says_so(browser, shop, page, queue):
    Shop.objects.filter(pk=shop.pk).update(state=Shop.State.PAUSED)

    answer = browser.post(f"{page}orders/again/", {"all": "1"}, follow=True)

    assert "is paused and cannot be synced" in text_of(answer)
    assert "Read these again" not in text_of(answer)
