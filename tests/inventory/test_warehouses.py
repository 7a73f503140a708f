"""Warehouses of ours, and those that a shop's platform knows."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.integrations.contracts import OrderStatus, RemoteWarehouse, Source
from apps.inventory.errors import WarehouseRefuses
from apps.inventory.models import ShopWarehouse, StockNews, Warehouse
from apps.inventory.services.documents import By
from apps.inventory.services.places import default_warehouse
from apps.inventory.services.shop_warehouses import learn
from apps.inventory.services.warehouses import (
    change_warehouse,
    close_warehouse,
    create_warehouse,
    open_warehouse,
    why_not_closed,
)
from apps.orders.models import Order
from apps.orders.services.ingest import ingest_orders
from apps.orders.services.warehouses import (
    Effect,
    effect,
    learn_warehouses,
    make_default,
    map_warehouse,
)
from apps.users.models import AuditEntry
from tests.factories.inventory import (
    NOBODY,
    make_shop_warehouse,
    make_warehouse,
    receive,
    stock_of,
)
from tests.factories.orders import make_remote_line, make_remote_order
from tests.factories.platforms import make_shop
from tests.factories.products import make_listing_sku, make_variant
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db

Kind = ShopWarehouse.Kind


@pytest.fixture
def shop():
    return make_shop()


def remote(number: int, name: str = "", **changes) -> RemoteWarehouse:
    values: dict[str, Any] = {"kind": "SALES_WAREHOUSE"}
    return RemoteWarehouse(f"W{number}", name or f"Hall {number}", **values | changes)


def known(shop) -> dict[str, tuple[str, bool, str]]:
    """{warehouse ID: name, active, which of ours}"""
    rows = ShopWarehouse.objects.filter(shop=shop).select_related("warehouse")
    return {
        row.remote_id: (row.name, row.is_active, str(row.warehouse or ""))
        for row in rows
    }


def matched(shop, remote_id: str = "S1"):
    """A variant of the client that the shop sells under that SKU ID."""
    variant = make_variant(client=shop.client)
    make_listing_sku(shop=shop, remote_id=remote_id, variant=variant)
    return variant


def order(shop, place: str, number: int = 1, units: int = 2, **changes) -> Order:
    remote_id = f"58{number:016}"
    line = make_remote_line("S1", quantity=units)
    values = {"lines": (line,), "warehouse": place}
    news = make_remote_order(remote_id, **values | changes)
    assert not ingest_orders(shop, [news], Source.API).refused
    return Order.objects.get(shop=shop, remote_id=remote_id)


# What the platform says of a shop's warehouses.


def test_a_shops_warehouses_are_learnt_once(shop):
    told = [remote(1, is_default=True), remote(2, kind="RETURN_WAREHOUSE")]

    learnt = learn(shop, told)

    assert [row.remote_id for row in learnt.new] == ["W1", "W2"]
    rows = ShopWarehouse.objects.filter(shop=shop).order_by("remote_id")
    assert [row.kind for row in rows] == [Kind.SALES, Kind.RETURNS]
    assert [row.is_default for row in rows] == [True, False]
    before = list(rows.values_list("modified_at", flat=True))
    assert not learn(shop, told)
    assert list(rows.values_list("modified_at", flat=True)) == before


def test_the_default_one_is_taken_for_the_clients_default(shop):
    learn(shop, [remote(1, is_default=True), remote(2)])

    ours = Warehouse.objects.get(client=shop.client)
    assert ours.is_default
    assert known(shop)["W1"][2] == str(ours)
    assert known(shop)["W2"][2] == ""
    entry = AuditEntry.objects.get(verb="matched a warehouse")
    assert entry.actor_text == "sync"


def test_the_only_one_is_the_default_one_whatever_its_flag_says(shop):
    learn(shop, [remote(1), remote(2, is_active=False)])

    assert known(shop)["W1"][2] == str(default_warehouse(shop.client_id))


def test_one_of_the_same_name_is_ours_in_any_case(shop):
    ours = make_warehouse(shop.client, "Shah Alam")
    back = make_warehouse(shop.client, "Returns desk")

    learn(
        shop,
        [
            remote(1, is_default=True),
            remote(2, "SHAH ALAM"),
            remote(3, "returns DESK", kind="RETURN_WAREHOUSE"),
            remote(4, "Shah alam", kind="RETURN_WAREHOUSE"),
        ],
    )

    assert [row[2] for _, row in sorted(known(shop).items())][1:] == [
        str(ours),
        str(back),
        str(ours),
    ]


def test_two_that_sell_are_never_the_same_of_ours(shop):
    main = default_warehouse(shop.client_id)
    make_warehouse(shop.client, "Shah Alam")

    learn(
        shop,
        [
            remote(1, main.name),
            remote(2, "Shah Alam"),
            remote(3, "Shah Alam"),
            remote(4, is_default=True),
        ],
    )

    ours = [row[2] for _, row in sorted(known(shop).items())]
    assert ours == [str(main), "Shah Alam", "", ""]


def test_a_name_of_another_client_matches_nothing(shop):
    make_warehouse(make_client(), "Hall 2")

    learn(shop, [remote(1, is_default=True), remote(2)])

    assert known(shop)["W2"][2] == ""


def test_what_is_gone_is_kept_and_comes_back(shop):
    learn(shop, [remote(1, is_default=True), remote(2)])

    learnt = learn(shop, [remote(2, "Other name", is_default=True)])

    assert [row.remote_id for row in learnt.gone] == ["W1"]
    assert known(shop)["W1"][1] is False
    assert known(shop)["W2"][0] == "Other name"
    assert learn(shop, [remote(1), remote(2, "Other name", is_default=True)]).changed
    assert known(shop)["W1"][1] is True


def test_no_answer_is_no_news(shop):
    learn(shop, [remote(1)])

    assert not learn(shop, [])

    assert known(shop)["W1"][1] is True


def test_what_a_person_set_free_stays_free(shop):
    learn(shop, [remote(1, is_default=True)])
    row = ShopWarehouse.objects.get(shop=shop)
    map_warehouse(row, None, NOBODY)

    learn(shop, [remote(1, "Another name", is_default=True), remote(2)])

    assert known(shop)["W1"][2] == ""


def test_one_that_begins_to_sell_does_not_sell_what_another_sells(shop):
    ours = default_warehouse(shop.client_id)
    make_shop_warehouse(shop, ours, "W1")
    make_shop_warehouse(shop, ours, "W2", kind=Kind.RETURNS)

    learn(shop, [remote(1, is_default=True), remote(2)])

    assert known(shop)["W1"][2] == str(ours)
    assert known(shop)["W2"][2] == ""


def test_what_changes_for_the_shop_is_looked_at_by_the_pushes(shop):
    variant = matched(shop)
    make_listing_sku(
        shop=make_shop(shop.client), variant=make_variant(client=shop.client)
    )
    StockNews.objects.all().delete()

    learn(shop, [remote(1)])

    assert [row.variant_id for row in StockNews.objects.all()] == [variant.pk]
    learn(shop, [remote(1)])
    assert StockNews.objects.count() == 1


def test_orders_follow_where_a_place_becomes_known(shop):
    variant = matched(shop)
    main = default_warehouse(shop.client_id)
    place = make_warehouse(shop.client, "Hall 7")
    moved = order(shop, "W7")
    order(shop, "", number=2)
    assert stock_of(variant, main) == (0, 4, 0, 0)

    learn_warehouses(shop, [remote(7, "hall 7"), remote(1, is_default=True)])

    assert list(Order.objects.filter(is_stock_due=True)) == [moved]
    Order.objects.update(is_stock_due=False)
    assert not learn_warehouses(shop, [remote(7, "hall 7"), remote(1, is_default=True)])
    assert not Order.objects.filter(is_stock_due=True).exists()
    assert place.shop_warehouses.get().remote_id == "W7"


# Which is which, said by a person.


def test_orders_move_with_the_warehouse_they_name(shop):
    variant = matched(shop)
    here = default_warehouse(shop.client_id)
    there = make_warehouse(shop.client)
    row = make_shop_warehouse(shop, here, "W1")
    order(shop, "W1", number=1)
    order(shop, row.name.upper(), number=2)
    order(shop, "W9", number=3)
    shipped = timezone.now() - timedelta(days=1)
    order(shop, "W1", 4, status=OrderStatus.IN_TRANSIT, shipped_at=shipped)

    said = effect(row, there)
    assert stock_of(variant, here) == (-2, 6, 0, 0)
    done = map_warehouse(row, there, NOBODY)

    assert said == done == Effect(waiting=2, left=1, skus=1)
    assert stock_of(variant, there) == (-2, 4, 0, 0)
    assert stock_of(variant, here) == (0, 2, 0, 0)
    assert map_warehouse(row, there, NOBODY) == effect(row, there) == Effect()


def test_mapping_is_audited_and_pushed(shop):
    variant = matched(shop)
    row = make_shop_warehouse(shop)
    there = make_warehouse(shop.client, "Shah Alam")
    user = make_user()
    StockNews.objects.all().delete()

    map_warehouse(row, there, By(user, address="10.0.0.9"))

    entry = AuditEntry.objects.get(verb="matched a warehouse")
    assert (entry.actor, entry.shop_key, entry.address) == (user, shop.pk, "10.0.0.9")
    assert entry.details == {"warehouse": "Shah Alam"}
    assert StockNews.objects.get().variant == variant


def test_a_place_that_cannot_be_that_one_is_refused(shop):
    ours = make_warehouse(shop.client, "Shah Alam")
    taken = make_shop_warehouse(shop, ours, name="Hall 1")
    free = make_shop_warehouse(shop)
    closed = make_warehouse(shop.client, is_active=False)
    refusals = {
        ours: "“Hall 1” of this shop is Shah Alam already",
        closed: "is closed",
        make_warehouse(): "There is no such warehouse",
    }

    for warehouse, words in refusals.items():
        for deed in (effect, lambda row, place: map_warehouse(row, place, NOBODY)):
            with pytest.raises(WarehouseRefuses, match=words):
                deed(free, warehouse)

    free.refresh_from_db()
    taken.refresh_from_db()
    assert (free.warehouse, taken.warehouse) == (None, ours)
    assert not AuditEntry.objects.exists()


def test_goods_come_back_where_others_are_sold_from(shop):
    ours = make_warehouse(shop.client)
    make_shop_warehouse(shop, ours)
    back = make_shop_warehouse(shop, kind=Kind.RETURNS)

    map_warehouse(back, ours, NOBODY)

    back.refresh_from_db()
    assert back.warehouse == ours


# Our own.


def test_the_first_is_the_default(shop):
    first = create_warehouse(
        shop.client, "  Shah   Alam ", NOBODY, note=" by the port "
    )
    second = create_warehouse(shop.client, "Klang", NOBODY)

    assert (first.name, first.note, first.is_default) == (
        "Shah Alam",
        "by the port",
        True,
    )
    assert not second.is_default
    assert AuditEntry.objects.filter(verb="added a warehouse").count() == 2


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "Give the warehouse a name"),
        (" \0 ", "Give the warehouse a name"),
        ("x" * 121, "at most 120"),
        ("KLANG", "There is a warehouse “KLANG” already"),
    ],
)
def test_a_name_that_does_not_do_is_refused(shop, name, words):
    create_warehouse(shop.client, "Klang", NOBODY)
    other = create_warehouse(shop.client, "Shah Alam", NOBODY)

    with pytest.raises(WarehouseRefuses, match=words):
        create_warehouse(shop.client, name, NOBODY)
    with pytest.raises(WarehouseRefuses, match=words):
        change_warehouse(other, NOBODY, name=name)

    names = Warehouse.objects.filter(client=shop.client).values_list("name", flat=True)
    assert set(names) == {"Klang", "Shah Alam"}


def test_two_clients_may_call_theirs_the_same():
    for client in (make_client(), make_client()):
        assert create_warehouse(client, "Klang", NOBODY).is_default


def test_a_change_is_noted_once(shop):
    warehouse = create_warehouse(shop.client, "Klang", NOBODY)

    assert change_warehouse(warehouse, NOBODY, name="Port Klang", note="Gate 3")
    assert not change_warehouse(warehouse, NOBODY, name="Port Klang", note="Gate 3")

    assert not change_warehouse(warehouse, NOBODY, note="Gate 3")
    assert not change_warehouse(warehouse, NOBODY)

    entry = AuditEntry.objects.get(verb="changed a warehouse")
    assert (entry.target_text, entry.details) == ("Port Klang", {"was": "Klang"})


def test_closing_says_what_has_to_be_done_before(shop):
    main = default_warehouse(shop.client_id)
    other = make_warehouse(shop.client)
    receive(make_variant(client=shop.client), 3, other)
    row = make_shop_warehouse(shop, other, name="Hall 1")

    assert "default" in why_not_closed(main)[0]
    reasons = why_not_closed(other)
    assert "1 SKU lies or is promised there" in reasons[0]
    assert f"“Hall 1” of {shop}" in reasons[1]
    with pytest.raises(WarehouseRefuses, match="1 SKU lies"):
        close_warehouse(other, NOBODY)
    stranger = make_user()
    assert "a shop you do not see" in why_not_closed(other, stranger)[1]
    with pytest.raises(WarehouseRefuses) as refused:
        close_warehouse(other, By(stranger))
    assert str(shop) not in str(refused.value)

    other.refresh_from_db()
    assert other.is_active
    assert row.warehouse == other


def test_an_empty_one_is_closed_and_opened_again(shop):
    default_warehouse(shop.client_id)
    warehouse = make_warehouse(shop.client)

    assert close_warehouse(warehouse, NOBODY)
    assert not close_warehouse(warehouse, NOBODY)
    with pytest.raises(WarehouseRefuses, match="closed"):
        make_default(warehouse, NOBODY)
    assert open_warehouse(warehouse, NOBODY)
    assert not open_warehouse(warehouse, NOBODY)

    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["closed a warehouse", "opened a warehouse again"]


def test_orders_without_a_place_follow_the_default_one(shop):
    variant = matched(shop)
    main = default_warehouse(shop.client_id)
    there = make_warehouse(shop.client)
    make_shop_warehouse(shop, main, "W1")
    order(shop, "", number=1)
    order(shop, "W1", number=2)
    assert stock_of(variant, main) == (0, 4, 0, 0)

    assert make_default(there, NOBODY)
    assert not make_default(there, NOBODY)

    due = Order.objects.filter(is_stock_due=True)
    assert [each.warehouse for each in due] == [""]
    main.refresh_from_db()
    assert not main.is_default
    entry = AuditEntry.objects.get(verb="made a warehouse the default")
    assert entry.details == {"was": str(main)}
