"""What there is, how it came about, and of what cause one is told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.platforms.models import ShopRole
from apps.users.models import Membership
from apps.users.roles import Role
from tests.api.catalogue import Catalogue, make_catalogue
from tests.api.stock import Stock, book, make_stock, order_of
from tests.api.support import Caller, code, keys
from tests.api.world import World, make_world
from tests.factories.inventory import count, make_warehouse, receive
from tests.factories.platforms import make_shop
from tests.factories.products import make_variant
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
def admin(world) -> Caller:
    return Caller(world.admin)


def of_another_shop(world, variant):
    """An order of a shop of the same client, and who sees the first shop alone."""
    other = make_shop(world.client, name="Tamarind")
    order = order_of(other, variant)
    book(other, order)
    user = make_user(clients=[world.client])
    membership = Membership.objects.get(user=user)
    ShopRole.objects.create(
        membership=membership, shop=world.shop, role=Role.ORDER_FULFILLMENT
    )
    return order, Caller(user)


def test_a_level_tells_what_there_is_and_what_is_missing(own, stock, admin):
    level = admin.get(f"stock-levels/{stock.level.pk}/").json()

    assert level["sku"] == own.variant.sku
    assert level["warehouse_name"] == "Lamp hall"
    figures = "on_hand", "reserved", "available", "expected_back", "short"
    assert [level[name] for name in figures] == [1, 2, -1, 1, 1]
    assert level["is_counted"] is True
    assert level["counted_at"] is None


def test_levels_are_filtered(world, own, stock, admin):
    elsewhere = make_warehouse(world.client)
    receive(own.variant, 4, elsewhere)
    before = timezone.now() + timedelta(seconds=1)
    moment = before.strftime("%Y-%m-%dT%H:%M:%SZ")

    def found(query: str) -> int:
        return len(keys(admin.get(f"stock-levels/?{query}")))

    assert found("") == 3
    assert found(f"client={world.client.pk}") == 3
    assert keys(admin.get("stock-levels/?is_short=true")) == [stock.level.pk]
    assert found("is_short=false") == 2
    assert found(f"warehouse={elsewhere.pk}") == 1
    assert found(f"variant={own.variant.pk}") == 2
    assert found("sku=lamp-40") == 1
    assert found("sku=nothing") == 0
    assert found("is_counted=false") == 0
    assert found("has_available=true") == 2
    assert found(f"changed_since={moment}") == 0
    assert found("changed_since=2026-01-01T00:00:00Z") == 3


def test_movements_name_their_causes(stock, own, admin):
    count(own.variant, 4)
    rows = admin.get(f"stock-movements/?variant={own.variant.pk}").json()["results"]

    assert [row["number"] for row in rows] == [4, 3, 2, 1]
    taken, *ordered, received = rows
    assert taken["reason"] == "count"
    assert taken["cause"]["kind"] == "count"
    assert received["cause"] == {
        "kind": "document",
        "order": None,
        "document": stock.receipt.pk,
    }
    assert {row["cause"]["order"] for row in ordered} == {
        stock.order.pk,
        stock.returned.pk,
    }
    stocktake = taken["cause"]["document"]
    assert keys(admin.get(f"stock-movements/?document={stocktake}")) == [taken["id"]]
    assert admin.get(f"stock-documents/{stocktake}/").json()["kind"] == "count"
    assert (received["on_hand"], received["on_hand_after"]) == (3, 3)


def test_movements_are_filtered(stock, own, admin):
    def found(query: str) -> list[int]:
        return keys(admin.get(f"stock-movements/?{query}"))

    assert found(f"order={stock.order.pk}") == [stock.movement.pk]
    assert found("reason=order&sku=lamp-30") == [stock.movement.pk]
    assert len(found(f"document={stock.receipt.pk}")) == 1
    assert len(found(f"level={stock.level.pk}")) == 3
    assert len(found(f"warehouse={stock.warehouse.pk}")) == 5
    assert len(found("moved_to=2026-08-02T00:00:00Z")) == 2
    assert found("since=2999-01-01T00:00:00Z") == []
    assert len(found("until=2999-01-01T00:00:00Z&moved_from=2026-08-02T00:00:00Z")) == 3


def test_an_order_in_a_shop_one_does_not_see_is_not_named(world, own, stock):
    order, caller = of_another_shop(world, own.variant)
    hidden = Caller(world.admin).get(f"stock-movements/?order={order.pk}").json()
    (movement,) = hidden["results"]
    assert movement["cause"]["order"] == order.pk

    shown = caller.get(f"stock-movements/{movement['id']}/").json()

    assert shown["cause"] == {"kind": "order", "order": None, "document": None}
    assert shown["reserved"] == 2
    seen = caller.get(f"stock-movements/{stock.movement.pk}/").json()
    assert seen["cause"]["order"] == stock.order.pk
    asked = caller.get(f"stock-movements/?order={order.pk}")
    assert code(asked) == (400, "invalid")
    incidents = caller.get("oversell-incidents/?is_open=true").json()["results"]
    assert {row["cause"]["order"] for row in incidents} == {None, stock.order.pk}


def test_who_sees_stock_without_orders_is_told_of_none(world, stock):
    partner = make_user(
        clients=[world.client],
        role=Role.CREATOR_PARTNER,
        permissions=["manage_logistics"],
    )
    caller = Caller(partner)

    rows = caller.get("stock-movements/?reason=order").json()["results"]

    assert [row["cause"]["order"] for row in rows] == [None]
    assert keys(caller.get("inspections/")) == []
    theirs = caller.get(f"inspections/{stock.coming_back.pk}/")
    assert code(theirs) == (404, "not_found")


def test_no_stock_is_told_with_a_buyer(world, stock, admin):
    for order in (stock.order, stock.returned):
        order.buyer = world.order.buyer
        order.recipient_name = "Mangrove Noor"
        order.buyer_message = "Mangrove please hurry"
        order.save()

    told = [
        admin.get(address).content.decode()
        for address in (
            "stock-movements/",
            "oversell-incidents/",
            "inspections/",
            f"stock-movements/{stock.movement.pk}/",
            f"oversell-incidents/{stock.incident.pk}/",
            f"inspections/{stock.coming_back.pk}/",
        )
    ]

    for words in told:
        assert f'"order":{stock.order.pk},' in words or "left_at" in words
        assert "Mangrove" not in words


@pytest.mark.parametrize(
    ("address", "queries"),
    [
        ("stock-levels", 5),
        ("stock-movements", 6),
        ("stock-documents", 5),
        ("stock-reservations", 5),
        ("oversell-incidents", 6),
        ("inspections", 6),
        ("stock-rules", 5),
        ("warehouses", 5),
        ("shop-warehouses", 6),
        ("stock-pushes", 7),
        ("stock-drifts", 7),
    ],
)
def test_a_list_costs_the_same_however_long(
    world, own, stock, admin, address, queries, django_assert_num_queries
):
    for number in range(3):
        receive(make_variant(own.product, f"Lamp-5{number}"), 1)
        order = order_of(world.shop, own.variant)
        book(world.shop, order)

    with django_assert_num_queries(queries):
        assert keys(admin.get(f"{address}/"))
