"""What made stock move, as far as somebody may know it."""

import pytest
from django.urls import reverse

from apps.inventory.admin.causes import UNSEEN_ORDER, causes_of
from apps.inventory.models import Booking, StockDocument
from apps.users.roles import Role
from tests.factories.inventory import count, make_document, receive
from tests.factories.platforms import make_shop
from tests.factories.products import make_bundle, make_listing_sku, make_variant
from tests.factories.team import as_user, make_member, make_shop_member
from tests.factories.users import make_client
from tests.inventory.pages import sell
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return make_client("Northwind")


@pytest.fixture
def shop(company):
    return make_shop(company, name="Main Store")


@pytest.fixture
def lamp(company):
    return make_variant(client=company, sku="LAMP-30")


def test_an_order_is_named_and_linked_where_one_sees_orders(company, shop, lamp):
    order = sell(lamp, 2, shop=shop, remote_id="580000000000000001")
    user = as_user(make_member(company, Role.ORDER_FULFILLMENT))
    booking = Booking.objects.get(cause_kind=Booking.Kind.ORDER)

    cause = causes_of(user, [booking])[booking.pk]

    assert cause.words == "Order 580000000000000001 · Main Store (MY)"
    assert cause.url == reverse("admin:orders_order_change", args=[order.pk])
    assert cause.note == "Awaiting shipment"


def test_an_order_of_a_shop_one_does_not_see_tells_nothing(company, shop, lamp):
    """Neither its number nor its state, nor that it is there at all."""
    sell(lamp, 2, shop=shop, remote_id="580000000000000001")
    second = make_shop(company, name="Second Store")
    user = as_user(make_shop_member(second, Role.ORDER_FULFILLMENT))
    booking = Booking.objects.get(cause_kind=Booking.Kind.ORDER)

    cause = causes_of(user, [booking])[booking.pk]

    assert (cause.words, cause.url, cause.note) == (UNSEEN_ORDER, "", "")


def test_who_sees_stock_alone_sees_no_orders(company, shop, lamp):
    sell(lamp, 2, shop=shop, remote_id="580000000000000001")
    user = as_user(make_member(company, permissions=["manage_logistics"]))
    booking = Booking.objects.get(cause_kind=Booking.Kind.ORDER)

    assert causes_of(user, [booking])[booking.pk].words == UNSEEN_ORDER


def test_a_document_is_named_by_its_reference_and_reason(company, lamp):
    receipt = receive(lamp, 5, reference="DN-881")
    lost = make_document(StockDocument.Kind.ADJUSTMENT, {lamp: -1}, reason="lost")
    user = as_user(make_member(company, Role.ORDER_FULFILLMENT))
    bookings = {row.cause_id: row for row in Booking.objects.all()}

    causes = causes_of(user, bookings.values())

    told = causes[bookings[receipt.pk].pk]
    assert told.words == f"Receipt {receipt.pk} · DN-881"
    assert told.url == reverse(
        "admin:inventory_stockdocument_change", args=[receipt.pk]
    )
    assert causes[bookings[lost.pk].pk].note == "Lost"


def test_a_stock_take_leads_to_its_document(company, lamp):
    document = count(lamp, 5)
    user = as_user(make_member(company, Role.ORDER_FULFILLMENT))
    booking = Booking.objects.get(cause_kind=Booking.Kind.COUNT)

    assert causes_of(user, [booking])[booking.pk].words == f"Stock take {document.pk}"


def test_another_clients_document_is_not_named(company, lamp):
    receive(lamp, 5, reference="DN-881")
    user = as_user(make_member(make_client("Quokka"), Role.ADMIN))
    booking = Booking.objects.get()

    cause = causes_of(user, [booking])[booking.pk]

    assert "DN-881" not in cause.words
    assert cause.url == ""


def test_what_was_sold_in_a_bundle_says_so(company, shop, lamp):
    pair = make_bundle({lamp: 2}, "PAIR")
    make_listing_sku(shop=shop, variant=pair)
    sell(pair, 3, shop=shop, remote_id="580000000000000001")
    user = as_user(make_member(company, Role.ORDER_FULFILLMENT))
    booking = Booking.objects.get(level__variant=lamp)

    cause = causes_of(user, [booking])[booking.pk]

    assert cause.note == "Awaiting shipment · in PAIR, 2 each"


def test_many_causes_take_as_many_queries_as_few(company, shop, lamp):
    for number in range(1, 9):
        sell(lamp, 1, shop=shop, remote_id=f"58000000000000000{number}")
        receive(lamp, number)
    for units in (40, 50):
        count(lamp, units)
    user = as_user(make_member(company, Role.ORDER_FULFILLMENT))
    assert user.access
    bookings = list(Booking.objects.all())

    with statements() as asked:
        causes_of(user, bookings)

    assert len(bookings) == 18
    assert len(asked) <= 5
