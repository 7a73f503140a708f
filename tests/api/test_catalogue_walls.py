"""What one client sells is nothing to another; who only looks changes nothing."""

from typing import Any

import pytest

from apps.orders.tasks import accept_suggestions
from apps.products.models import Category, MappingBatch
from apps.products.tasks import work_publish_run
from apps.users.roles import Role
from apps.users.scopes import SCOPES
from tests.api.catalogue import Catalogue, make_catalogue, member
from tests.api.support import Caller, code, keys
from tests.api.test_resources import told
from tests.api.world import World, make_world

pytestmark = pytest.mark.django_db


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


ROWS = {
    "categories": "category",
    "listing-drafts": "draft",
    "listing-skus": "sku",
    "listings": "listing",
    "mapping-batches": "batch",
    "price-rules": "rule",
    "products": "product",
    "publish-items": "item",
    "publish-runs": "run",
    "suppliers": "supplier",
    "variants": "variant",
}


@pytest.mark.parametrize(("address", "name"), ROWS.items())
def test_a_foreign_row_is_as_good_as_none(own, foreign, admin, address, name):
    mine, other = getattr(own, name), getattr(foreign, name)

    listed = admin.get(f"{address}/")
    shown = admin.get(f"{address}/{mine.pk}/")
    theirs = admin.get(f"{address}/{other.pk}/")
    missing = admin.get(f"{address}/987654321/")

    assert mine.pk in keys(listed)
    assert other.pk not in keys(listed)
    assert shown.status_code == 200
    assert shown["ETag"]
    assert told(theirs, other.pk) == told(missing, 987654321)
    for answer in (listed, shown, theirs):
        assert b"Quokka" not in answer.content


DEEDS = [
    ("PATCH", "products", "product", "", {"name": "Mine now"}),
    ("POST", "products", "product", "archive/", None),
    ("POST", "products", "product", "restore/", None),
    ("PATCH", "categories", "category", "", {"name": "Mine now"}),
    ("DELETE", "categories", "category", "", None),
    ("PATCH", "suppliers", "supplier", "", {"name": "Mine now"}),
    ("DELETE", "suppliers", "supplier", "", None),
    ("POST", "listing-skus", "open_sku", "accept/", {}),
    ("POST", "listing-skus", "sku", "ignore/", None),
    ("POST", "listing-skus", "sku", "unlink/", None),
    ("POST", "mapping-batches", "batch", "undo/", None),
    ("PATCH", "listing-drafts", "draft", "", {"content": {"title": "Mine"}}),
    ("POST", "listing-drafts", "draft", "preview/", {}),
    ("POST", "listing-drafts", "draft", "send/", None),
    ("POST", "listing-drafts", "draft", "discard/", None),
    ("POST", "listing-drafts", "draft", "take-present/", None),
    ("POST", "publish-runs", "run", "stop/", None),
    ("POST", "publish-runs", "run", "retry/", None),
]


@pytest.mark.parametrize(("method", "address", "name", "deed", "body"), DEEDS)
def test_nothing_is_done_to_a_foreign_row(
    own, foreign, admin, method, address, name, deed, body
):
    row = getattr(foreign, name)
    before = type(row).objects.values().get(pk=row.pk)

    theirs = admin._ask(method, f"{address}/{row.pk}/{deed}", body, {})
    missing = admin._ask(method, f"{address}/987654321/{deed}", body, {})

    assert told(theirs, row.pk) == told(missing, 987654321)
    assert theirs.status_code == 404
    assert type(row).objects.values().get(pk=row.pk) == before


@pytest.mark.parametrize("role", [Role.ANALYST, Role.ORDER_FULFILLMENT])
@pytest.mark.parametrize(("method", "address", "name", "deed", "body"), DEEDS)
def test_who_only_looks_does_nothing(
    world, own, role, method, address, name, deed, body
):
    row = getattr(own, name)
    before = type(row).objects.values().get(pk=row.pk)

    answer = member(world, role)._ask(method, f"{address}/{row.pk}/{deed}", body, {})

    refused = (404, "not_found"), (403, "permission_denied")
    assert code(answer) in refused
    if address != "suppliers":
        assert code(answer) == (403, "permission_denied")
    assert type(row).objects.values().get(pk=row.pk) == before


FILTERS = [
    ("products", "client", "client_id"),
    ("products", "category", "category"),
    ("variants", "client", "client_id"),
    ("variants", "product", "product"),
    ("categories", "parent", "category"),
    ("suppliers", "client", "client_id"),
    ("price-rules", "client", "client_id"),
    ("listings", "shop", "shop_id"),
    ("listings", "client", "client_id"),
    ("listing-skus", "shop", "shop_id"),
    ("listing-skus", "listing", "listing"),
    ("listing-skus", "variant", "variant"),
    ("mapping-batches", "listing_sku", "sku"),
    ("listing-drafts", "product", "product"),
    ("publish-runs", "shop", "shop_id"),
    ("publish-items", "run", "run"),
    ("publish-items", "listing", "listing"),
]


@pytest.mark.parametrize(("address", "parameter", "name"), FILTERS)
def test_filters_offer_no_foreign_row(own, foreign, admin, address, parameter, name):
    def key(rows: Catalogue) -> int:
        if name == "client_id":
            return rows.product.client_id
        return rows.listing.shop_id if name == "shop_id" else getattr(rows, name).pk

    if parameter == "parent":
        Category.objects.create(
            client=own.category.client, parent=own.category, name="Within"
        )
    theirs = admin.get(f"{address}/?{parameter}={key(foreign)}")
    missing = admin.get(f"{address}/?{parameter}=987654321")

    assert keys(admin.get(f"{address}/?{parameter}={key(own)}"))
    assert code(theirs) == (400, "invalid")
    assert told(theirs, key(foreign)) == told(missing, 987654321)


@pytest.mark.parametrize(
    "address",
    ["categories", "price-rules", "products", "suppliers", "variants"],
)
def test_a_token_needs_the_scope_of_products(world, own, address):
    others = [name for name in SCOPES if not name.startswith("products:")]

    refused = Caller(world.admin, others).get(f"{address}/")

    assert code(refused) == (403, "scope_missing")
    assert "products:read" in refused.json()["detail"]
    assert Caller(world.admin, ["products:read"]).get(f"{address}/").status_code == 200


def test_reading_products_does_not_include_writing(world, own):
    reader = Caller(world.admin, ["products:read", "listings:write"])

    for answer in (
        reader.post("products/", {"client": world.client.pk}),
        reader.patch(f"products/{own.product.pk}/", {"name": "x"}),
        reader.post(f"products/{own.product.pk}/archive/"),
        reader.delete(f"categories/{own.category.pk}/"),
        reader.post("price-rules/preview/", {}),
    ):
        assert code(answer) == (403, "scope_missing")


@pytest.mark.parametrize("role", [Role.ANALYST, Role.CREATOR_PARTNER])
def test_who_only_looks_starts_nothing(world, own, queue, role):
    caller = member(world, role)
    shop = world.shop.pk

    for answer in (
        caller.post(
            "publish-runs/",
            {"shop": shop, "kind": "delete", "listings": [own.listing.pk]},
        ),
        caller.post("listing-drafts/", {"shop": shop, "product": own.product.pk}),
        caller.post("listing-drafts/", {"edit_of": own.listing.pk}),
        caller.post(
            "listing-skus/accept-suggestions/", {"shop": shop, "min_confidence": 1}
        ),
        caller.post(f"listing-skus/{own.sku.pk}/choose/", {"variant": own.bundle.pk}),
    ):
        assert code(answer) == (403, "permission_denied")
    assert queue == []


@pytest.mark.parametrize(
    "address",
    [
        "listings",
        "listing-skus",
        "mapping-batches",
        "listing-drafts",
        "publish-runs",
        "publish-items",
    ],
)
def test_a_token_needs_the_scope_of_listings(world, own, address):
    others = [name for name in SCOPES if not name.startswith("listings:")]

    refused = Caller(world.admin, others).get(f"{address}/")

    assert code(refused) == (403, "scope_missing")
    assert "listings:read" in refused.json()["detail"]
    assert Caller(world.admin, ["listings:read"]).get(f"{address}/").status_code == 200


def test_reading_listings_does_not_include_changing_shops(world, own, queue):
    reader = Caller(world.admin, ["listings:read", "products:write"])

    for answer in (
        reader.post("publish-runs/", {"shop": world.shop.pk}),
        reader.post(f"listing-skus/{own.sku.pk}/unlink/"),
        reader.post(f"mapping-batches/{own.batch.pk}/undo/"),
        reader.post(f"listing-drafts/{own.draft.pk}/send/"),
    ):
        assert code(answer) == (403, "scope_missing")
    assert MappingBatch.objects.get(pk=own.batch.pk).undone_at is None
