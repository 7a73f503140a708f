"""What an order holds in our stock, as its page shows it."""

import pytest
from django.urls import reverse

from apps.integrations.contracts import OrderStatus, Source
from apps.inventory.models import OversellIncident
from apps.orders.models import Order
from apps.orders.services.ingest import ingest_orders
from apps.users.roles import Role
from tests.factories.inventory import receive
from tests.factories.orders import PLACED, make_remote_line, make_remote_order
from tests.factories.platforms import make_shop
from tests.factories.products import make_bundle, make_listing_sku, make_variant
from tests.factories.users import make_client, make_user
from tests.inventory.pages import sell, signed_in, words, working_for
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

NUMBER = "580000000000000001"


@pytest.fixture
def company():
    return make_client("Northwind")


@pytest.fixture
def shop(company):
    return make_shop(company, name="Main Store")


@pytest.fixture
def clerk(company, shop):
    return working_for(company)


@pytest.fixture
def lamp(company):
    variant = make_variant(client=company, sku="LAMP-30")
    receive(variant, 5)
    return variant


def page_of(order: Order) -> str:
    return reverse("admin:orders_order_change", args=[order.pk])


def test_what_is_reserved_is_told_with_its_warehouse(clerk, shop, lamp):
    order = sell(lamp, 2, shop=shop, remote_id=NUMBER)

    said = words(clerk.get(page_of(order)))

    assert "LAMP-30 2 reserved Main warehouse" in said
    assert "Ordered +2 reserved" in said


def test_what_has_left_and_comes_back_is_told(clerk, shop, lamp):
    order = sell(
        lamp,
        3,
        shop=shop,
        remote_id=NUMBER,
        status=OrderStatus.DELIVERED,
        shipped_at=PLACED,
        version=2,
    )
    order.lines.update(returned_quantity=1)

    said = words(clerk.get(page_of(order)))

    assert "LAMP-30 3 left Main warehouse" in said


def test_parts_of_a_bundle_are_named(clerk, company, shop, lamp):
    shade = make_variant(client=company, sku="SHADE-1")
    receive(shade, 9)
    bundle = make_bundle({lamp: 1, shade: 2}, "SET-1")

    said = words(clerk.get(page_of(sell(bundle, 1, shop=shop, remote_id=NUMBER))))

    assert "SHADE-1 2 in each SET-1 2 reserved" in said
    assert "LAMP-30 1 in each SET-1 1 reserved" in said


def test_an_unmatched_line_waits_and_an_ignored_one_holds_nothing(clerk, shop):
    waiting = make_listing_sku(shop=shop)
    ignored = make_listing_sku(shop=shop, mapping="ignored")
    lines = (make_remote_line(waiting.remote_id), make_remote_line(ignored.remote_id))
    ingest_orders(shop, [make_remote_order(NUMBER, lines=lines)], Source.API)

    said = words(clerk.get(page_of(Order.objects.get())))

    assert said.count("Not matched: waits") == 1
    assert "Ignored: nothing" in said


def test_pieces_that_are_not_there_are_named(clerk, shop, lamp):
    order = sell(lamp, 7, shop=shop, remote_id=NUMBER)

    page = clerk.get(page_of(order))

    assert "7 reserved 2 not there" in words(page)
    incident = OversellIncident.objects.get()
    address = reverse("admin:inventory_oversellincident_change", args=[incident.pk])
    assert f'href="{address}"' in page.content.decode()


def test_tiktoks_own_warehouse_holds_nothing_of_ours(clerk, shop, lamp):
    order = sell(lamp, 1, shop=shop, remote_id=NUMBER, fulfilment="platform")

    said = words(clerk.get(page_of(order)))

    assert "TikTok's own warehouse sends it" in said
    assert "reserved" not in said.split("TikTok's own warehouse sends it")[1][:80]


def test_what_is_being_booked_anew_says_so(clerk, shop, lamp):
    order = sell(lamp, 1, shop=shop, remote_id=NUMBER)
    Order.objects.update(is_stock_due=True)

    assert "What it holds is being booked anew" in words(clerk.get(page_of(order)))


def test_who_sees_no_stock_sees_no_such_section(company, shop, lamp):
    order = sell(lamp, 2, shop=shop, remote_id=NUMBER)
    user = make_user(clients=[company], permissions=["process_orders"])

    page = signed_in(user).get(page_of(order))

    assert "2 reserved" not in words(page)
    assert 'id="stock"' not in page.content.decode()


def test_the_section_costs_the_same_with_many_lines(clerk, company, shop):
    def order_of(count: int, remote_id: str) -> Order:
        skus = [
            make_listing_sku(shop=shop, variant=make_variant(client=company))
            for _ in range(count)
        ]
        for sku in skus:
            assert sku.variant is not None
            receive(sku.variant, 1)
        lines = tuple(make_remote_line(sku.remote_id, quantity=2) for sku in skus)
        ingest_orders(shop, [make_remote_order(remote_id, lines=lines)], Source.API)
        return Order.objects.get(remote_id=remote_id)

    one, many_lines = order_of(1, NUMBER), order_of(8, "580000000000000002")
    for order in (one, many_lines):  # the first look at a buyer is noted
        clerk.get(page_of(order))
    with statements() as few:
        clerk.get(page_of(one))

    with statements() as many:
        clerk.get(page_of(many_lines))

    assert len(many) == len(few)


def test_an_analyst_sees_what_it_holds(company, shop, lamp):
    order = sell(lamp, 2, shop=shop, remote_id=NUMBER)

    said = words(working_for(company, Role.ANALYST).get(page_of(order)))

    assert "LAMP-30 2 reserved" in said
