"""How far the first pull is: the page, its status, Resume."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from apps.core.processes import process_name
from apps.orders.models import Order
from apps.platforms.models import Authorization, Shop
from apps.platforms.views.access import shop_page
from apps.products.models import Listing
from apps.sync.models import Resource, SyncRun
from apps.sync.tasks import pull_orders, pull_products
from apps.users.models import Client, Membership
from tests.factories.platforms import MANAGER
from tests.factories.products import (
    LISTED,
    make_listing,
    make_listing_sku,
    make_variant,
)
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
    assert [step["state"] for step in status["steps"]] == ["done", "waiting", "waiting"]


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
        pull_products(shop.pk, SyncRun.Trigger.CONNECT)

    page = text_of(desk.browser.get(f"/platforms/connect/{last_attempt().pk}/pull/"))

    assert "3 shops are connected." in page
    for shop in Shop.objects.all():
        assert f"{shop.orders.count()} orders here" in page
        assert f"{shop.listings.present().count()} products here" in page
        assert f'href="{shop_page(shop)}?connected=1"' in page
    assert "We cannot receive events yet. PUBLIC_URL does not begin with" in page
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
    make_run(shop, resource=Resource.PRODUCTS, state=SyncRun.State.DONE)
    page = page_of(desk, shop)
    assert "First pull stopped at orders: TikTok took too long." in page
    assert ">Resume<" in page
    assert status_of(desk, shop)["is_over"] is True

    with django_capture_on_commit_callbacks(execute=True):
        desk.browser.post(f"/platforms/shops/{shop.pk}/first-pull/")

    assert desk.queued == [(shop.pk, SyncRun.Trigger.CONNECT)]
    assert desk.queued_products == []
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


# Products beside orders.


def make_products_run(shop: Shop, **fields: Any) -> SyncRun:
    return make_run(shop, resource=Resource.PRODUCTS, **fields)


def products_step(desk: Desk, shop: Shop) -> dict[str, Any]:
    step = status_of(desk, shop)["steps"][2]
    assert step["name"] == "Products"
    return dict(step)


def test_connecting_starts_both_pulls_once(desk, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        desk.link()
    shop = Shop.objects.get()

    assert desk.queued == desk.queued_products == [(shop.pk, SyncRun.Trigger.CONNECT)]


@pytest.mark.parametrize(
    "pull", [pull_orders, pull_products], ids=["orders", "products"]
)
def test_a_message_that_comes_after_the_sweeps_pull_does_nothing(desk, pull):
    desk.link()
    shop = Shop.objects.get()
    pull(shop.pk, SyncRun.Trigger.SCHEDULE)
    assert SyncRun.objects.get().state == SyncRun.State.DONE

    pull(shop.pk, SyncRun.Trigger.CONNECT)

    assert SyncRun.objects.count() == 1


def test_a_shop_connected_again_is_pulled_again(desk):
    desk.link()
    shop = Shop.objects.get()
    pull_products(shop.pk, SyncRun.Trigger.CONNECT)

    desk.link(query=f"?shop={shop.pk}")
    pull_products(shop.pk, SyncRun.Trigger.CONNECT)

    assert SyncRun.objects.filter(state=SyncRun.State.DONE).count() == 2


def test_a_pull_that_failed_is_begun_anew_by_the_next_message(desk):
    desk.link()
    shop = Shop.objects.get()
    make_products_run(shop, state=SyncRun.State.FAILED, first_error="TikTok is away.")

    pull_products(shop.pk, SyncRun.Trigger.CONNECT)

    assert products_step(desk, shop)["state"] == "done"


def test_products_are_first_found_and_then_asked_for_one_by_one(desk):
    desk.link()
    shop = Shop.objects.get()
    run = make_products_run(shop)
    assert products_step(desk, shop)["words"] == "0 products found"
    assert products_step(desk, shop)["total"] is None

    run.read, run.expected = 100, 180
    run.save()
    step = products_step(desk, shop)
    assert step["words"] == "100 of 180 products found"
    assert (step["done"], step["total"]) == (100, 180)

    for number in range(3):
        make_listing(shop, details_of=LISTED if number else None)
    make_listing(shop, status=Listing.Status.DELETED)
    make_listing(shop, "sku:17300001")
    run.read = 180
    run.save()
    step = products_step(desk, shop)
    assert (step["state"], step["words"]) == ("running", "2 of 3 details")
    assert (step["done"], step["total"]) == (2, 3)
    page = page_of(desk, shop)
    assert "2 of 3 details" in page
    assert 'value="2" max="3" aria-label="Products"' in page
    assert "Refresh" in page


def test_products_that_could_not_be_taken_are_counted(desk):
    desk.link()
    shop = Shop.objects.get()
    make_listing(shop, details_of=LISTED)
    make_products_run(
        shop, state=SyncRun.State.PARTLY, failed=2, first_error="17290: no title."
    )

    step = products_step(desk, shop)

    assert step["state"] == "done"
    assert step["words"] == "1 product here; 2 not taken: 17290: no title."


def test_a_shop_without_products_is_accepted(desk):
    desk.link()
    shop = Shop.objects.get()
    make_products_run(shop, state=SyncRun.State.DONE)

    assert products_step(desk, shop)["words"] == "No products in the shop yet."


def test_stopped_products_go_on_alone(desk, django_capture_on_commit_callbacks):
    desk.link()
    shop = Shop.objects.get()
    make_run(shop, state=SyncRun.State.DONE)
    make_products_run(shop, state=SyncRun.State.FAILED, first_error="TikTok is away.")

    page = page_of(desk, shop)
    with django_capture_on_commit_callbacks(execute=True):
        desk.browser.post(f"/platforms/shops/{shop.pk}/first-pull/")

    assert "First pull stopped at products: TikTok is away." in page
    assert ">Resume<" in page
    assert "Next steps" not in page
    assert desk.queued == []
    assert desk.queued_products == [(shop.pk, SyncRun.Trigger.CONNECT)]


def test_while_one_pull_goes_on_the_other_can_be_resumed(desk):
    desk.link()
    shop = Shop.objects.get()
    make_run(shop, state=SyncRun.State.FAILED, first_error="TikTok took too long.")
    make_products_run(shop, read=1, expected=2)

    page = page_of(desk, shop)

    assert ">Resume<" in page
    assert "Refresh" in page
    assert status_of(desk, shop)["is_over"] is False


def test_products_nobody_granted_keep_nothing_else(desk):
    desk.link()
    shop = Shop.objects.get()
    make_run(shop, state=SyncRun.State.DONE)
    Authorization.objects.update(scopes=["seller.order.info"])

    pull_products(shop.pk, SyncRun.Trigger.CONNECT)

    step = products_step(desk, shop)
    assert (step["state"], step["badge"]) == ("barred", "Not permitted")
    assert "seller.product.basic" in step["words"]
    page = page_of(desk, shop)
    assert f"{shop} is connected." in page
    assert "Next steps" in page
    assert f"/platforms/connect/?shop={shop.pk}" in page
    assert ">Resume<" not in page


MAPS = ("manage_products", *MANAGER)


def done_page(desk: Desk, *, permissions: Any = MAPS) -> str:
    """Of the connection, once all is pulled."""
    Membership.objects.update(extra_permissions=list(permissions))
    for shop in Shop.objects.all():
        make_run(shop, state=SyncRun.State.DONE)
        make_products_run(shop, state=SyncRun.State.DONE)
    return text_of(desk.browser.get(f"/platforms/connect/{last_attempt().pk}/pull/"))


def test_the_next_step_is_to_map_the_products(desk):
    desk.link()
    shop = Shop.objects.get()
    variant = make_variant(client=shop.client)
    both, one = make_listing(shop), make_listing(shop)
    for listing in (both, both, one):
        make_listing_sku(listing)
    make_listing_sku(make_listing(shop), variant=variant)
    make_listing_sku(
        make_listing(shop, status=Listing.Status.DELETED), seller_sku="GONE"
    )

    page = done_page(desk)

    assert f'href="/admin/products/listingsku/?shop={shop.pk}">Map 2 products<' in page
    assert (
        desk.browser.get(f"/admin/products/listingsku/?shop={shop.pk}").status_code
        == 200
    )


def test_with_nothing_to_map_no_number_is_named(desk):
    desk.link()
    shop = Shop.objects.get()
    make_listing_sku(shop=shop, variant=make_variant(client=shop.client))

    assert not re.search(r"Map \d+ product", done_page(desk))


def test_each_shop_names_its_own_number(desk):
    desk.link(LOTUS_HOMEWARE)
    first, second, _ = Shop.objects.order_by("pk")
    make_listing_sku(shop=first)
    for _ in range(2):
        make_listing_sku(shop=second)

    page = done_page(desk)

    assert f"Map 1 product</a> of {first}" in page
    assert f"Map 2 products</a> of {second}" in page
    assert page.count("say which of our SKUs") == 2


def test_who_sees_no_listings_is_told_no_number(desk):
    desk.link()
    make_listing_sku(shop=Shop.objects.get())

    assert not re.search(r"Map \d+ product", done_page(desk, permissions=MANAGER))
