"""The client and its bodies against the simulated platform, over HTTP."""

import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from apps.integrations.contracts import AuditStatus, ListingStatus, SkuPrice
from apps.integrations.errors import NotFound
from apps.integrations.tiktok.client import TikTokClient
from apps.integrations.tiktok.hosts import Hosts
from apps.integrations.tiktok.images import fetch_image
from apps.integrations.tiktok.products.bodies import (
    comparable,
    differences,
    overwrite_body,
    partial_body,
    write_shape,
)
from apps.integrations.tiktok.reading import identifier
from tests.simulator_server import SimulatorServer, run_simulator

LOCKED = (ListingStatus.FROZEN, ListingStatus.DELETED)
# What an edit does to a product by itself, and what it may not name.
BY_ITSELF = {
    "update_time",
    "status",
    "product_status",
    "audit",
    "audit_failed_reasons",
    "has_draft",
    "listing_quality_tier",
}
TITLE = "A lamp of rattan that nobody has heard of"


@pytest.fixture(scope="module")
def platform() -> Iterator[SimulatorServer]:
    with run_simulator(orders=20) as server:
        yield server


@pytest.fixture(scope="module")
def clients(platform: SimulatorServer) -> list[tuple[TikTokClient, bool]]:
    """One for each shop, and whether it is cross-border."""
    found = []
    app = platform.apps()[0]
    for seller in platform.sellers():
        token = platform.tokens(seller_id=seller["id"])["access_token"]

        def make(cipher: str = "", token: str = token) -> TikTokClient:
            return TikTokClient(
                app["app_key"],
                app["app_secret"],
                token,
                cipher,
                hosts=Hosts.all_at(platform.url),
            )

        found += [
            (make(shop.cipher), shop.seller_type == "CROSS_BORDER")
            for shop in make().authorized_shops()
        ]
    return found


@pytest.fixture
def client(clients: list[tuple[TikTokClient, bool]]) -> TikTokClient:
    return clients[0][0]


@pytest.fixture
def live(client: TikTokClient) -> dict[str, Any]:
    """A product on sale, as it is shown, that nobody is reviewing and is no bundle."""
    for short in client.search_listings(status="ACTIVATE").listings:
        listing = client.get_listing(short.remote_id)
        is_plain = not any("combined_skus" in sku for sku in listing.raw["skus"])
        if listing.audit is not AuditStatus.AUDITING and is_plain:
            return dict(listing.raw)
    raise AssertionError("nothing is on sale")


@pytest.fixture
def approve(platform: SimulatorServer) -> Callable[[dict[str, Any]], None]:
    def decide(product: dict[str, Any]) -> None:
        path = f"listings/{product['id']}/review"
        platform.control(path, {"verdict": "pass"})

    return decide


def shown(client: TikTokClient, product: dict[str, Any]) -> dict[str, Any]:
    return dict(client.get_listing(product["id"]).raw)


def kept(product: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in product.items() if name not in BY_ITSELF}


def picture() -> bytes:
    file = BytesIO()
    Image.new("RGB", (400, 400), "teal").save(file, "PNG")
    return file.getvalue()


@pytest.mark.slow
def test_no_product_of_any_shop_loses_anything_by_an_overwrite(platform, clients):
    for client, is_cross_border in clients:
        page = client.search_listings()
        assert page.malformed == ()
        for short in page.listings:
            if short.status in LOCKED:
                continue
            before = dict(client.get_listing(short.remote_id).raw)
            body = overwrite_body(before, {}, is_cross_border=is_cross_border)

            client.edit_listing(short.remote_id, body)
            listing = client.get_listing(short.remote_id)
            if listing.audit is AuditStatus.AUDITING:
                path = f"listings/{short.remote_id}/review"
                platform.control(path, {"verdict": "pass"})

            assert kept(shown(client, before)) == kept(before)


def test_fields_that_came_up_yesterday_survive(client, platform, live, approve):
    path = f"listings/{live['id']}/fields"
    platform.control(path, {"name": "warm_glow", "value": {"deep": [1, None, "x"]}})
    before = shown(client, live)

    client.edit_listing(live["id"], overwrite_body(before, {"title": TITLE}))
    approve(live)

    after = shown(client, live)
    assert after["warm_glow"] == {"deep": [1, None, "x"]}
    assert kept(after) == kept(before) | {"title": TITLE}


def test_a_dry_run_foretells_what_an_overwrite_does(client, live, approve):
    sku_id = live["skus"][0]["id"]
    body = overwrite_body(
        live,
        {
            "title": f"{TITLE} {live['id']}",
            "skus": [{"id": sku_id, "seller_sku": f"NEW-{sku_id[-6:]}"}],
        },
    )
    foretold = {each.path: each.after for each in differences(write_shape(live), body)}

    client.edit_listing(live["id"], body)
    approve(live)

    found = differences(write_shape(live), write_shape(shown(client, live)))
    assert {each.path: each.after for each in found} == foretold
    assert len(foretold) == 2


def test_a_partial_edit_changes_its_field_alone(client, live, approve):
    picture_of_ours = client.upload_image(picture())
    pictures = [{"uri": picture_of_ours.uri}]

    client.edit_listing_partly(
        live["id"], partial_body(live, {"main_images": pictures})
    )

    assert comparable(shown(client, live)) == comparable(live)
    proposed = client.get_listing(live["id"], version="under_review").raw
    assert write_shape(proposed)["main_images"] == pictures
    approve(live)
    after = write_shape(shown(client, live))
    assert after == write_shape(live) | {"main_images": pictures}


def test_prices_change_without_review(client, live):
    sku = client.get_listing(live["id"]).skus[0]
    price = SkuPrice(sku.remote_id, (sku.price or Decimal(1)) + 1, sku.currency)

    client.update_prices(live["id"], [price])

    listing = client.get_listing(live["id"])
    assert listing.skus[0].price == price.amount
    assert listing.audit is not AuditStatus.AUDITING


def test_a_product_can_be_made_from_another_and_is_made_once(client, live):
    body = write_shape(live) | {"idempotency_key": str(uuid.uuid4()), "title": TITLE}
    body["external_product_id"] = str(uuid.uuid4())
    body.pop("video", None)  # belongs to the app that uploaded it
    for number, sku in enumerate(body["skus"]):
        del sku["id"]
        sku["seller_sku"] = f"COPY-{number}"
        # Values of the seller's own are known by their names alone.
        for attribute in sku.get("sales_attributes", ()):
            attribute.pop("value_id")
    for trait in body.get("product_attributes", ()):
        for value in trait["values"]:
            value.pop("id", None)

    check = client.check_listing(body)
    first, second = client.create_listing(body), client.create_listing(body)

    assert (check.is_passed, check.reasons) == (True, ())
    assert first == second
    assert len(first.sku_ids) == len(body["skus"])
    assert client.get_listing(first.remote_id).title == TITLE


def test_the_platforms_dry_run_says_what_is_wrong(client, live):
    check = client.check_listing(write_shape(live) | {"title": "", "main_images": []})

    assert not check.is_passed
    assert any("title" in reason for reason in check.reasons)


def test_batches_name_what_was_refused(clients, live):
    client, other = clients[0][0], clients[1][0]
    foreign = other.search_listings(status="ACTIVATE").listings[0].remote_id
    ids = [live["id"], foreign, "1729000000000000000"]

    failures = client.deactivate_listings(ids)

    assert {each.remote_id for each in failures} == set(ids[1:])
    off = client.get_listing(live["id"])
    assert off.status is ListingStatus.SELLER_DEACTIVATED
    assert client.delete_listings([live["id"]]) == []
    assert client.recover_listings([live["id"]]) == []
    client.activate_listings([live["id"]])
    assert other.get_listing(foreign).status is ListingStatus.LIVE


def test_another_shops_product_is_as_good_as_none(clients):
    foreign = clients[1][0].search_listings().listings[0].remote_id

    for remote_id in (foreign, "1729000000000000000"):
        with pytest.raises(NotFound):
            clients[0][0].get_listing(remote_id)


def test_every_shop_tells_what_its_categories_ask_for(clients):
    for client, _ in clients:
        categories = client.categories()
        leaf = next(each for each in categories if each.is_leaf)
        required = [
            each.is_required for each in client.category_attributes(leaf.remote_id)
        ]
        assert required == sorted(required, reverse=True)
        client.category_rules(leaf.remote_id)
        assert identifier({"id": client.recommend_category("Cotton T-shirt")}, "id")
        assert client.brands().brands
        assert any(each.kind == "SALES_WAREHOUSE" for each in client.warehouses())
        client.listing_prerequisites()


def test_an_uploaded_picture_can_be_fetched_again(client, platform):
    image = client.upload_image(picture())

    assert (image.width, image.height) == (400, 400)
    assert fetch_image(image.url, allowed_hosts=[platform.url]) == picture()


def test_a_brand_can_be_made(client):
    name = f"Glow {uuid.uuid4().hex[:4]}"
    try:
        brand_id = client.create_brand(name)
    finally:
        found = client.brands(name=name).brands

    assert [brand.remote_id for brand in found] == [brand_id]
