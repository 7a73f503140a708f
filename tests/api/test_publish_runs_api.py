"""Runs that change what shops list: started once, stopped, tried again."""

from decimal import Decimal
from typing import Any

import pytest

from apps.orders.tasks import accept_suggestions
from apps.platforms.models import Shop
from apps.products.models import ListingSku, PublishItem, PublishRun
from apps.products.services.publishing import work
from apps.products.tasks import work_publish_run
from apps.users.models import AuditEntry
from apps.users.roles import Role
from tests.api.catalogue import Catalogue, errors, make_catalogue
from tests.api.support import Caller, code
from tests.api.world import World, make_world
from tests.factories.platforms import make_shop
from tests.factories.products import make_listing
from tests.factories.users import make_user
from tests.products.publishing_support import listed, open_shop, take_in

pytestmark = pytest.mark.django_db
NO_ROW = "There is nothing with this id."


@pytest.fixture
def world() -> World:
    return make_world("Mangrove")


@pytest.fixture
def own(world) -> Catalogue:
    return make_catalogue(world)


@pytest.fixture
def foreign() -> Catalogue:
    return make_catalogue(make_world("Quokka"), "Quokka")


@pytest.fixture
def admin(world) -> Caller:
    return Caller(world.admin)


@pytest.fixture
def queue(monkeypatch) -> list[Any]:
    """What is woken once a test's requests have committed."""
    sent: list[Any] = []
    for task in (work_publish_run, accept_suggestions):
        monkeypatch.setattr(task, "delay", lambda key: sent.append(key))
    return sent


def test_a_run_is_started_once_and_woken_after_the_commit(
    world, own, admin, queue, django_capture_on_commit_callbacks
):
    other = make_listing(world.shop)
    body = {
        "shop": world.shop.pk,
        "kind": "deactivate",
        "listings": [other.pk, own.listing.pk, other.pk],
    }

    with django_capture_on_commit_callbacks(execute=True):
        first = admin.post("publish-runs/", body, Idempotency_Key="r1")
        again = admin.post("publish-runs/", body, Idempotency_Key="r1")
        assert queue == []

    assert first.status_code == 201, first.content
    assert again.json() == first.json()
    run = PublishRun.objects.get(kind="deactivate")
    assert queue == [run.pk]
    assert [row["listing"] for row in first.json()["items"]] == [
        other.pk,
        own.listing.pk,
    ]
    assert first.json()["counts"]["waiting"] == 2
    assert run.user == world.admin
    assert AuditEntry.objects.filter(verb="started publishing").count() == 1


def test_given_prices_are_checked_and_kept_exactly(world, own, admin, queue):
    sku_id = own.sku.remote_id

    def prices(amount: str, currency: str = "MYR", sku: str = sku_id) -> Any:
        price = {"amount": amount, "currency": currency}
        rows = [{"sku_id": sku, "price": price}]
        return [{"listing": own.listing.pk, "skus": rows}]

    body = {"shop": world.shop.pk, "kind": "price"}
    started = admin.post("publish-runs/", body | {"prices": prices("12.30", "myr")})
    foreign_money = admin.post("publish-runs/", body | {"prices": prices("9", "USD")})
    nothing = admin.post("publish-runs/", body | {"prices": prices("0")})
    unknown = admin.post("publish-runs/", body | {"prices": prices("9", sku="17")})
    twice = admin.post("publish-runs/", body | {"prices": prices("9") * 2})

    assert started.status_code == 201, started.content
    item = PublishItem.objects.get(run=started.json()["id"])
    assert item.request == {"amounts": {sku_id: "12.3"}}
    for refused in (foreign_money, nothing, unknown):
        assert code(refused) == (409, "publish_run_refuses")
    assert errors(twice) == {"prices": "A listing is named twice."}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "create"}, "listings"),
        ({"kind": "price", "drafts": [1]}, "drafts"),
        ({"kind": "activate", "prices": [{"listing": 1, "skus": []}]}, "prices"),
        ({"kind": "sell"}, "kind"),
        ({"listings": [0]}, "listings"),
        ({"listings": [2**63]}, "listings"),
        ({"listings": "all"}, "listings"),
        ({"listings": [987654321]}, "listings"),
        ({"shop": 987654321}, "shop"),
        ({"price": 3}, "price"),
    ],
)
def test_a_body_that_is_no_run_starts_none(world, own, admin, queue, change, field):
    body = {
        "shop": world.shop.pk,
        "kind": "activate",
        "listings": [own.listing.pk],
    }

    answer = admin.post("publish-runs/", body | change)

    assert any(name.startswith(field) for name in errors(answer))
    assert PublishRun.objects.filter(shop=world.shop).count() == 1


def test_a_run_takes_no_listing_of_another_shop(world, own, foreign, admin, queue):
    beside = make_listing(make_shop(world.client))
    body = {"shop": world.shop.pk, "kind": "delete"}

    empty = admin.post("publish-runs/", body)
    for key in (beside.pk, foreign.listing.pk, 987654321):
        answer = admin.post("publish-runs/", body | {"listings": [key]})
        assert errors(answer) == {"listings": NO_ROW}
    shop = admin.post(
        "publish-runs/",
        {"shop": foreign.listing.shop_id, "kind": "delete", "listings": []},
    )

    assert code(empty) == (409, "publish_run_refuses")
    assert errors(shop) == {"shop": NO_ROW}
    assert queue == []


def test_a_shop_that_is_not_connected_runs_nothing(world, own, admin, queue):
    Shop.objects.filter(pk=world.shop.pk).update(state="paused")
    body = {"shop": world.shop.pk, "kind": "delete", "listings": [own.listing.pk]}

    assert code(admin.post("publish-runs/", body)) == (409, "publish_run_refuses")
    assert queue == []


def test_a_run_is_stopped_and_what_is_left_is_tried_again(
    world, own, admin, queue, django_capture_on_commit_callbacks
):
    waiting = admin.post(
        "publish-runs/",
        {"shop": world.shop.pk, "kind": "activate", "listings": [own.listing.pk]},
    ).json()
    early = admin.post(f"publish-runs/{waiting['id']}/retry/")
    stopped = admin.post(f"publish-runs/{waiting['id']}/stop/")
    late = admin.post(f"publish-runs/{waiting['id']}/stop/")
    with django_capture_on_commit_callbacks(execute=True):
        fresh = admin.post(f"publish-runs/{waiting['id']}/retry/")

    assert code(early) == code(late) == (409, "publish_run_refuses")
    assert stopped.json()["state"] == "stopped"
    assert stopped.json()["counts"]["stopped"] == 1
    assert fresh.status_code == 201
    assert fresh.json()["retry_of"] == waiting["id"]
    assert fresh.json()["items"][0]["state"] == "waiting"
    assert queue == [fresh.json()["id"]]


def test_an_item_tells_the_platforms_own_words(own, admin):
    item = admin.get(f"publish-items/{own.item.pk}/").json()
    in_list = admin.get(f"publish-items/?run={own.run.pk}&state=refused").json()

    assert (item["code"], item["failure"]) == (12052901, "Lamp refused")
    assert item["request"] == {"product_ids": [own.listing.remote_id]}
    assert "request" not in in_list["results"][0]


@pytest.mark.django_db(transaction=True)
def test_a_listing_is_put_off_sale_and_priced_at_the_platform(simulator):
    shop = open_shop(simulator, "GB")
    admin = Caller(make_user(clients=[shop.client], role=Role.ADMIN))
    listing = take_in(shop, listed(simulator, shop))
    sku = listing.skus.order_by("position")[0]
    price = {"amount": "31.50", "currency": shop.currency}
    body = {
        "shop": shop.pk,
        "kind": "price",
        "prices": [
            {"listing": listing.pk, "skus": [{"sku_id": sku.remote_id, "price": price}]}
        ],
    }

    priced = admin.post("publish-runs/", body).json()
    work(PublishRun.objects.get(pk=priced["id"]))
    off = {"shop": shop.pk, "kind": "deactivate", "listings": [listing.pk]}
    stopped = admin.post("publish-runs/", off).json()
    work(PublishRun.objects.get(pk=stopped["id"]))

    assert admin.get(f"publish-runs/{priced['id']}/").json()["state"] == "done"
    assert admin.get(f"listing-skus/{sku.pk}/").json()["price"] == price
    assert admin.get(f"publish-runs/{stopped['id']}/").json()["state"] == "done"
    assert admin.get(f"listings/{listing.pk}/").json()["status"] == "seller_deactivated"
    assert Decimal("31.5") == ListingSku.objects.get(pk=sku.pk).price_amount
