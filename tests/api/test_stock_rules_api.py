"""Rules, warehouses, what each shop is told, and who sees to what is missing."""

import pytest

from apps.inventory.models import ShopStockSettings, StockNews, StockRule
from apps.users.models import AuditEntry
from apps.users.roles import Role
from tests.api.catalogue import Catalogue, errors, make_catalogue, member
from tests.api.stock import Stock, book, make_stock, order_of
from tests.api.support import Caller, code, keys
from tests.api.world import World, make_world
from tests.factories.inventory import make_shop_warehouse, make_warehouse, receive
from tests.factories.platforms import make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world("Mangrove")


@pytest.fixture
def own(world) -> Catalogue:
    return make_catalogue(world)


@pytest.fixture
def stock(world, own) -> Stock:
    return make_stock(world, own)


@pytest.fixture
def foreign() -> Catalogue:
    return make_catalogue(make_world("Quokka"), "Quokka")


@pytest.fixture
def admin(world) -> Caller:
    return Caller(world.admin)


def test_rules_are_made_changed_and_deleted(world, own, stock, admin):
    StockNews.objects.all().delete()
    body = {"client": world.client.pk, "variant": own.variant.pk, "cap": 3}

    made = admin.post("stock-rules/", body)
    twice = admin.post("stock-rules/", body)
    address = f"stock-rules/{made.json()['id']}/"
    changed = admin.patch(address, {"cap": None, "share_percent": 50})
    empty = admin.patch(address, {"share_percent": None})

    assert made.status_code == 201
    assert (made.json()["cap"], made.json()["buffer"]) == (3, None)
    assert code(twice) == code(empty) == (409, "stock_refuses")
    assert (changed.json()["cap"], changed.json()["share_percent"]) == (None, 50)
    assert StockNews.objects.filter(variant=own.variant).exists()
    assert keys(admin.get("stock-rules/?sku=lamp-30")) == [made.json()["id"]]
    assert keys(admin.get(f"stock-rules/?shop={world.shop.pk}")) == [stock.rule.pk]
    assert admin.delete(address).status_code == 204
    assert not StockRule.objects.filter(variant=own.variant).exists()


def test_a_rule_is_tried_before_it_is_stored(world, own, stock, admin):
    receive(own.variant, 10)
    body = {"client": world.client.pk, "variant": own.variant.pk, "cap": 2}

    new = admin.post("stock-rules/preview/", body)
    other = admin.post("stock-rules/preview/", {"rule": stock.rule.pk, "buffer": 4})
    half = admin.post("stock-rules/preview/", body | {"last_pieces": 1})
    neither = admin.post("stock-rules/preview/", {"cap": 2})

    (change,) = new.json()["changes"]
    assert (change["listing_sku"], change["shop"]) == (own.sku.pk, world.shop.pk)
    assert change["seller_sku"] == own.sku.seller_sku
    (raised,) = other.json()["changes"]
    assert raised["listing_sku"] == own.sku.pk
    assert "for which shop" in errors(half)["last_pieces"]
    assert errors(neither) == {"": "Name either the rule or the client."}
    stock.rule.refresh_from_db()
    assert stock.rule.buffer == 1
    assert StockRule.objects.count() == 1


def test_a_rule_names_nothing_of_another_client(world, foreign, admin):
    for name, value in {
        "shop": foreign.listing.shop_id,
        "variant": foreign.variant.pk,
        "last_pieces_shop": foreign.listing.shop_id,
    }.items():
        body = {"client": world.client.pk, "cap": 3, name: value}
        theirs = admin.post("stock-rules/", body)
        assert errors(theirs) == {name: "There is nothing with this id."}
    assert not StockRule.objects.exists()


def test_a_rule_that_names_a_shop_is_for_who_sees_it(world, stock):
    other = make_shop(world.client, name="Tamarind")
    named = StockRule.objects.create(
        client=world.client, last_pieces=2, last_pieces_shop=other
    )
    limited = member(world, Role.ADMIN)
    row = limited.user.memberships.get()
    row.shop_roles.create(shop=other, role="")

    assert keys(limited.get("stock-rules/")) == [stock.rule.pk]
    assert code(limited.get(f"stock-rules/{named.pk}/")) == (404, "not_found")
    assert named.pk in keys(Caller(world.admin).get("stock-rules/"))


def test_warehouses_are_made_renamed_and_closed(world, own, stock, admin):
    made = admin.post("warehouses/", {"client": world.client.pk, "name": "Harbour"})
    address = f"warehouses/{made.json()['id']}/"
    twice = admin.post("warehouses/", {"client": world.client.pk, "name": "HARBOUR"})
    changed = admin.patch(address, {"note": "By the sea"})
    closed = admin.post(f"{address}close/")
    reopened = admin.post(f"{address}reopen/")
    first = admin.post(f"{address}make-default/")
    kept = admin.post(f"warehouses/{stock.warehouse.pk}/close/")

    assert made.status_code == 201
    assert made.json()["is_default"] is False
    assert code(twice) == (409, "warehouse_refuses")
    assert (changed.json()["name"], changed.json()["note"]) == ("Harbour", "By the sea")
    assert (closed.json()["is_active"], reopened.json()["is_active"]) == (False, True)
    assert first.json()["is_default"] is True
    assert code(kept) == (409, "warehouse_refuses")
    assert "SKU" in kept.json()["detail"]
    assert keys(admin.get("warehouses/?is_default=false")) == [stock.warehouse.pk]


def test_why_a_warehouse_stays_open_names_no_shop_one_does_not_see(world, stock):
    other = make_shop(world.client, name="Tamarind")
    spare = make_warehouse(world.client)
    make_shop_warehouse(other, spare)
    limited = member(world, Role.ADMIN)
    limited.user.memberships.get().shop_roles.create(shop=other, role="")

    refused = limited.post(f"warehouses/{spare.pk}/close/")

    assert code(refused) == (409, "warehouse_refuses")
    assert "a shop you do not see" in refused.json()["detail"]
    assert "Tamarind" not in refused.content.decode()
    spare.refresh_from_db()
    assert spare.is_active


def test_a_shops_warehouse_is_matched_and_its_orders_follow(world, own, stock, admin):
    there = make_warehouse(world.client)
    address = f"shop-warehouses/{stock.shop_warehouse.pk}/"
    body = {"warehouse": there.pk}

    tried = admin.post(f"{address}preview/", body)
    before = admin.get(address).json()["warehouse"]
    mapped = admin.patch(address, body)

    assert before == stock.warehouse.pk
    assert (tried.json()["waiting"], tried.json()["left"]) == (1, 1)
    assert mapped.json()["warehouse"] == there.pk
    assert mapped.json()["warehouse_id"] == stock.shop_warehouse.remote_id
    assert keys(admin.get(f"shop-warehouses/?warehouse={there.pk}"))
    assert keys(admin.get("shop-warehouses/?is_mapped=false")) == []
    level = admin.get(f"stock-levels/?warehouse={there.pk}&sku=lamp-30").json()
    assert level["results"][0]["reserved"] == 2


def test_a_shop_is_told_stock_once_it_says_so(world, own, stock, admin):
    address = f"shops/{world.shop.pk}/stock-settings/"

    before = admin.get(address)
    changed = admin.patch(address, {"is_pushed": True}, If_Match=before["ETag"])
    stale = admin.patch(address, {"drift": "repair"}, If_Match=before["ETag"])
    wrong = admin.patch(address, {"zero": "nothing"})

    assert before.json() == {
        "shop": world.shop.pk,
        "is_pushed": False,
        "drift": "ask",
        "zero": "off_sale",
        "refused_zero_at": None,
    }
    assert changed.json()["is_pushed"] is True
    assert code(stale) == (412, "stale")
    assert errors(wrong).keys() == {"zero"}
    row = ShopStockSettings.objects.get(shop=world.shop)
    assert (row.is_pushed, row.drift) == (True, "ask")
    assert AuditEntry.objects.filter(verb="changed the stock settings").count() == 1
    assert admin.get(address, If_None_Match=changed["ETag"]).status_code == 304


def test_who_only_looks_sets_nothing(world, stock):
    answer = member(world, Role.ANALYST).patch(
        f"shops/{world.shop.pk}/stock-settings/", {"is_pushed": True}
    )

    assert code(answer) == (403, "permission_denied")
    assert not ShopStockSettings.objects.filter(is_pushed=True).exists()


def test_somebody_sees_to_what_is_missing(world, own, stock, admin):
    address = f"oversell-incidents/{stock.incident.pk}/"

    shown = admin.get(address).json()
    taken = admin.post(f"{address}take/")
    noted = admin.patch(address, {"note": "Asked the supplier"})
    free = admin.post(f"{address}let-go/")

    assert (shown["quantity"], shown["cause"]["order"]) == (1, stock.order.pk)
    assert shown["outcome"] == ""
    assert taken.json()["taken_by"] == world.admin.pk
    assert noted.json()["note"] == "Asked the supplier"
    assert free.json()["taken_by"] is None
    assert keys(admin.get("oversell-incidents/?is_open=true&is_taken=false"))
    receive(own.variant, 5)
    closed = admin.get(address).json()
    assert closed["outcome"] == "covered"
    assert code(admin.post(f"{address}take/")) == (409, "stock_refuses")
    assert keys(admin.get("oversell-incidents/?is_open=true")) == []


def test_the_order_that_lost_is_found(world, own, stock, admin):
    late = order_of(world.shop, own.variant)
    book(world.shop, late)

    found = admin.get(f"oversell-incidents/?order={late.pk}").json()["results"]

    assert [row["quantity"] for row in found] == [2]
