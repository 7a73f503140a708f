"""How far the first pull is: the page, its status, Resume."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from apps.orders.models import Order
from apps.platforms.models import Shop
from apps.platforms.views.access import shop_page
from apps.sync.models import Resource, SyncRun
from apps.sync.services.runs import process_name
from apps.sync.tasks import pull_orders
from apps.users.models import Client
from tests.factories.platforms import MANAGER
from tests.factories.users import make_user
from tests.platforms.connect_support import (
    CALLBACK_URL,
    LOTUS_HOMEWARE,
    Desk,
    last_attempt,
    make_desk,
    said,
    text_of,
)
from tests.simulator_server import run_simulator

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def simulator():
    with run_simulator(orders=60, redirect_url=CALLBACK_URL) as server:
        yield server


@pytest.fixture
def desk(simulator, settings, client, db, monkeypatch) -> Desk:
    return make_desk(simulator, settings, client, monkeypatch)


def make_run(shop: Shop, **fields: Any) -> SyncRun:
    values: dict[str, Any] = {
        "resource": Resource.ORDERS,
        "trigger": SyncRun.Trigger.CONNECT,
        "process": process_name(),
    }
    return SyncRun.objects.create(shop=shop, **(values | fields))


def status_of(desk: Desk, shop: Shop) -> dict[str, Any]:
    reply = desk.browser.get(f"/platforms/shops/{shop.pk}/first-pull/status/")
    assert reply.status_code == 200
    return dict(reply.json())


def page_of(desk: Desk, shop: Shop) -> str:
    return text_of(desk.browser.get(f"/platforms/shops/{shop.pk}/first-pull/"))


def test_before_a_worker_begins_it_waits(desk):
    page = text_of(desk.link())
    shop = Shop.objects.get()

    assert "Waiting for a worker." in page
    assert "Refresh" in page
    assert f'data-status="/platforms/shops/{shop.pk}/first-pull/status/"' in page
    status = status_of(desk, shop)
    assert status["is_over"] is False
    assert [step["state"] for step in status["steps"]] == ["done", "waiting"]


def test_under_way_it_counts(desk):
    desk.link()
    shop = Shop.objects.get()
    make_run(shop, read=1_240, expected=2_000)

    step = status_of(desk, shop)["steps"][1]

    assert (step["state"], step["done"], step["total"]) == ("running", 1240, 2000)
    assert step["words"] == "1,240 of 2,000 orders"
    assert 'value="1240" max="2000"' in page_of(desk, shop)


def test_a_real_pull_ends_with_a_summary_and_next_steps(desk):
    desk.link(LOTUS_HOMEWARE)
    for shop in Shop.objects.all():
        pull_orders(shop.pk, SyncRun.Trigger.CONNECT)

    page = text_of(desk.browser.get(f"/platforms/connect/{last_attempt().pk}/pull/"))

    assert "3 shops are connected." in page
    for shop in Shop.objects.all():
        assert f"{shop.orders.count()} orders here" in page
        assert f'href="{shop_page(shop)}?connected=1"' in page
    assert "not yet checked" in page
    assert "data-status" not in page
    assert Order.objects.exists()


def test_the_shop_page_opens_with_the_mark_of_a_new_connection(desk):
    desk.link()

    page = desk.browser.get(f"{shop_page(Shop.objects.get())}?connected=1")

    assert page.status_code == 200


def test_no_orders_are_accepted(desk):
    desk.link()
    shop = Shop.objects.get()
    make_run(shop, state=SyncRun.State.DONE)

    assert (
        "No orders in the last 90 days. The score will be low but the shop counts."
        in page_of(desk, shop)
    )


def test_a_stopped_pull_says_where_and_why_and_goes_on(
    desk, django_capture_on_commit_callbacks
):
    desk.link()
    shop = Shop.objects.get()
    make_run(shop, state=SyncRun.State.FAILED, first_error="TikTok took too long.")
    page = page_of(desk, shop)
    assert "First pull stopped at orders: TikTok took too long." in page
    assert ">Resume<" in page
    assert status_of(desk, shop)["is_over"] is True

    with django_capture_on_commit_callbacks(execute=True):
        desk.browser.post(f"/platforms/shops/{shop.pk}/first-pull/")

    assert desk.queued == [(shop.pk, SyncRun.Trigger.CONNECT)]
    shop.refresh_from_db()
    assert shop.state == Shop.State.CONNECTED


def test_a_pull_whose_process_died_is_stopped(desk):
    desk.link()
    shop = Shop.objects.get()
    make_run(shop, heartbeat_at=timezone.now() - timedelta(hours=1))

    assert "First pull stopped at orders: its process ended" in page_of(desk, shop)


def test_orders_that_could_not_be_taken_are_counted(desk):
    desk.link()
    shop = Shop.objects.get()
    make_run(shop, state=SyncRun.State.PARTLY, failed=2, first_error="577: no amount.")

    assert "2 not taken: 577: no amount." in page_of(desk, shop)


def test_without_consent_there_is_nothing_to_resume(desk):
    desk.link()
    shop = Shop.objects.get()
    make_run(shop, state=SyncRun.State.FAILED, first_error="Access was taken back.")
    Shop.objects.update(state=Shop.State.RECONNECT_NEEDED)

    page = page_of(desk, shop)
    reply = desk.browser.post(f"/platforms/shops/{shop.pk}/first-pull/")

    assert f"/platforms/connect/?shop={shop.pk}" in page
    assert ">Resume<" not in page
    assert said(reply) == ["Reconnect the shop first."]
    assert desk.queued == []


def test_a_run_from_before_the_reconnection_does_not_count(desk):
    desk.link()
    shop = Shop.objects.get()
    make_run(
        shop,
        state=SyncRun.State.FAILED,
        first_error="Old.",
        started_at=timezone.now() - timedelta(hours=1),
    )

    assert "Waiting for a worker." in page_of(desk, shop)


@pytest.mark.parametrize("suffix", ["", "status/"])
def test_progress_obeys_who_sees_the_shop(desk, suffix):
    desk.link()
    shop = Shop.objects.get()
    stranger = Browser()
    stranger.force_login(
        make_user(
            "s", clients=[Client.objects.create(name="Elsewhere")], permissions=MANAGER
        )
    )

    for pk in (shop.pk, 10**9):
        address = f"/platforms/shops/{pk}/first-pull/{suffix}"
        assert stranger.get(address).status_code == 404
        if not suffix:
            assert stranger.post(address).status_code == 404
    visitor = Browser()
    visitor.force_login(make_user("v", clients=[desk.company]))
    address = f"/platforms/shops/{shop.pk}/first-pull/{suffix}"
    assert visitor.get(address).status_code == 403
    assert Browser().get(address).headers["Location"].startswith("/admin/login/")


def test_a_broker_that_does_not_answer_stops_nobody(
    desk, monkeypatch, django_capture_on_commit_callbacks
):
    def refuse(*args: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(pull_orders, "delay", refuse)

    with django_capture_on_commit_callbacks(execute=True):
        page = desk.link()

    assert "Waiting for a worker." in text_of(page)
    assert Shop.objects.get().state == Shop.State.CONNECTED
