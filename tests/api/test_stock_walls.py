"""The stock of one client is nothing to another; who only looks changes nothing."""

from typing import Any

import pytest

from apps.inventory.models import StockMovement
from apps.platforms.models import ShopRole
from apps.users.models import Membership
from apps.users.roles import Role
from apps.users.scopes import SCOPES
from tests.api.catalogue import Catalogue, make_catalogue, member
from tests.api.stock import Stock, make_stock
from tests.api.support import Caller, code, keys
from tests.api.test_resources import told
from tests.api.world import World, make_world
from tests.factories.users import make_user

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
def foreign() -> Stock:
    other = make_world("Quokka")
    return make_stock(other, make_catalogue(other, "Quokka"), "Quokka")


@pytest.fixture
def admin(world) -> Caller:
    return Caller(world.admin)


ROWS = {
    "inspections": "coming_back",
    "oversell-incidents": "incident",
    "shop-warehouses": "shop_warehouse",
    "stock-documents": "receipt",
    "stock-drifts": "drift",
    "stock-levels": "level",
    "stock-movements": "movement",
    "stock-pushes": "push",
    "stock-reservations": "hold",
    "stock-rules": "rule",
    "warehouses": "warehouse",
}


@pytest.mark.parametrize(("address", "name"), ROWS.items())
def test_a_foreign_row_is_as_good_as_none(stock, foreign, admin, address, name):
    mine, other = getattr(stock, name), getattr(foreign, name)

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
    ("POST", "stock-documents", "receipt", "take-back/", None),
    ("POST", "stock-documents", "hold", "send-out/", None),
    ("POST", "stock-reservations", "hold", "ship/", None),
    ("DELETE", "stock-reservations", "hold", "", None),
    ("PATCH", "warehouses", "warehouse", "", {"name": "Mine now"}),
    ("POST", "warehouses", "warehouse", "close/", None),
    ("POST", "warehouses", "warehouse", "reopen/", None),
    ("POST", "warehouses", "warehouse", "make-default/", None),
    ("PATCH", "shop-warehouses", "shop_warehouse", "", {"warehouse": None}),
    ("POST", "shop-warehouses", "shop_warehouse", "preview/", {"warehouse": None}),
    ("PATCH", "stock-rules", "rule", "", {"buffer": 9}),
    ("DELETE", "stock-rules", "rule", "", None),
    ("PATCH", "oversell-incidents", "incident", "", {"note": "Mine now"}),
    ("POST", "oversell-incidents", "incident", "take/", None),
    ("POST", "oversell-incidents", "incident", "let-go/", None),
    ("POST", "stock-pushes", "push", "push-now/", None),
    ("POST", "stock-drifts", "drift", "tell-ours/", {}),
    ("POST", "stock-drifts", "drift", "take-over/", {}),
    ("POST", "stock-drifts", "drift", "leave/", {}),
]


@pytest.mark.parametrize(("method", "address", "name", "deed", "body"), DEEDS)
def test_nothing_is_done_to_a_foreign_row(
    stock, foreign, admin, method, address, name, deed, body
):
    row = getattr(foreign, name)
    before = type(row).objects.values().get(pk=row.pk)

    theirs = admin._ask(method, f"{address}/{row.pk}/{deed}", body, {})
    missing = admin._ask(method, f"{address}/987654321/{deed}", body, {})

    assert told(theirs, row.pk) == told(missing, 987654321)
    assert theirs.status_code == 404
    assert type(row).objects.values().get(pk=row.pk) == before


@pytest.mark.parametrize(("method", "address", "name", "deed", "body"), DEEDS)
def test_who_only_looks_does_nothing(world, stock, method, address, name, deed, body):
    row = getattr(stock, name)
    before = type(row).objects.values().get(pk=row.pk)
    booked = StockMovement.objects.count()

    for role in (Role.ANALYST, Role.CONTENT_MANAGER):
        caller = member(world, role)
        answer = caller._ask(method, f"{address}/{row.pk}/{deed}", body, {})
        assert code(answer) == (403, "permission_denied")

    assert type(row).objects.values().get(pk=row.pk) == before
    assert StockMovement.objects.count() == booked


def test_who_only_looks_books_nothing(world, own, stock):
    booked = StockMovement.objects.count()
    line = {"sku": "LAMP-40", "quantity": 1}
    bodies: list[tuple[str, dict[str, Any]]] = [
        ("stock-documents/", {"kind": "receipt", "lines": [line]}),
        ("stock-documents/preview/", {"kind": "receipt", "lines": [line]}),
        ("stock-reservations/", {"lines": [line]}),
        ("stock-rules/", {"cap": 1}),
        ("stock-rules/preview/", {"cap": 1}),
        ("warehouses/", {"name": "Mine"}),
    ]
    inspected = {
        "order": stock.returned.pk,
        "lines": [{"line": stock.coming_back.cause_part, "sellable": 1}],
    }

    for role in (Role.ANALYST, Role.CONTENT_MANAGER):
        caller = member(world, role)
        for address, body in bodies:
            answer = caller.post(address, {"client": world.client.pk} | body)
            assert code(answer) == (403, "permission_denied"), address
        answer = caller.post("inspections/", inspected)
        assert code(answer) == (403, "permission_denied")
        shop = {"shop": world.shop.pk}
        answer = caller.post("stock-pushes/push-all-now/", shop)
        assert code(answer) == (403, "permission_denied")
    assert StockMovement.objects.count() == booked


def test_at_one_shop_one_does_not_change_the_stock_of_all(world, own, stock):
    user = make_user(clients=[world.client])
    ShopRole.objects.create(
        membership=Membership.objects.get(user=user), shop=world.shop, role=Role.ADMIN
    )
    caller = Caller(user)
    booked = StockMovement.objects.count()
    body = {
        "client": world.client.pk,
        "kind": "receipt",
        "lines": [{"sku": "LAMP-40", "quantity": 1}],
    }

    assert keys(caller.get("stock-levels/"))
    assert code(caller.post("stock-documents/", body)) == (403, "permission_denied")
    hold = caller.delete(f"stock-reservations/{stock.hold.pk}/")
    assert code(hold) == (403, "permission_denied")
    assert StockMovement.objects.count() == booked


def test_settings_of_a_foreign_shop_are_as_good_as_none(stock, foreign, admin):
    def asked(key: int) -> str:
        return f"shops/{key}/stock-settings/"

    key = foreign.push.shop_id
    read = admin.get(asked(key)), admin.get(asked(987654321))
    body = {"is_pushed": True}
    written = admin.patch(asked(key), body), admin.patch(asked(987654321), body)

    for theirs, missing in (read, written):
        assert told(theirs, key) == told(missing, 987654321)
        assert theirs.status_code == 404


FILTERS = [
    ("stock-levels", "client", "client"),
    ("stock-levels", "warehouse", "warehouse"),
    ("stock-levels", "variant", "variant"),
    ("stock-movements", "client", "client"),
    ("stock-movements", "warehouse", "warehouse"),
    ("stock-movements", "variant", "variant"),
    ("stock-movements", "level", "level"),
    ("stock-movements", "order", "order"),
    ("stock-movements", "document", "receipt"),
    ("stock-documents", "client", "client"),
    ("stock-documents", "warehouse", "warehouse"),
    ("stock-reservations", "client", "client"),
    ("oversell-incidents", "client", "client"),
    ("oversell-incidents", "order", "order"),
    ("inspections", "client", "client"),
    ("inspections", "shop", "shop"),
    ("inspections", "order", "returned"),
    ("warehouses", "client", "client"),
    ("shop-warehouses", "shop", "shop"),
    ("shop-warehouses", "warehouse", "warehouse"),
    ("stock-rules", "client", "client"),
    ("stock-rules", "shop", "shop"),
    ("stock-pushes", "shop", "shop"),
    ("stock-pushes", "variant", "variant"),
    ("stock-pushes", "listing_sku", "listing_sku"),
    ("stock-drifts", "shop", "shop"),
    ("stock-drifts", "listing_sku", "listing_sku"),
]


@pytest.mark.parametrize(("address", "parameter", "name"), FILTERS)
def test_filters_offer_no_foreign_row(stock, foreign, admin, address, parameter, name):
    def key(rows: Stock) -> int:
        keys = {
            "client": rows.warehouse.client_id,
            "shop": rows.push.shop_id,
            "variant": rows.level.variant_id,
            "listing_sku": rows.push.listing_sku_id,
        }
        return keys[name] if name in keys else getattr(rows, name).pk

    theirs = admin.get(f"{address}/?{parameter}={key(foreign)}")
    missing = admin.get(f"{address}/?{parameter}=987654321")

    assert keys(admin.get(f"{address}/?{parameter}={key(stock)}"))
    assert code(theirs) == (400, "invalid")
    assert told(theirs, key(foreign)) == told(missing, 987654321)


@pytest.mark.parametrize("address", ROWS)
def test_a_token_needs_the_scope_of_stock(world, stock, address):
    others = [name for name in SCOPES if not name.startswith("stock:")]

    refused = Caller(world.admin, others).get(f"{address}/")

    assert code(refused) == (403, "scope_missing")
    assert "stock:read" in refused.json()["detail"]
    assert Caller(world.admin, ["stock:read"]).get(f"{address}/").status_code == 200


def test_reading_stock_does_not_include_writing(world, own, stock):
    caller = Caller(world.admin, ["stock:read"])
    booked = StockMovement.objects.count()

    answer = caller.delete(f"stock-reservations/{stock.hold.pk}/")

    assert code(answer) == (403, "scope_missing")
    assert StockMovement.objects.count() == booked
