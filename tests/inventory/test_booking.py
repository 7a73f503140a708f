"""The only writer of the ledger."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.inventory.errors import OutOfStock, StockRefuses
from apps.inventory.models import Booking, StockLevel, StockMovement, StockNews
from apps.inventory.models.ledger import Position
from apps.inventory.services.booking import Claim, book
from apps.inventory.services.places import default_warehouse, places_of_shop
from apps.inventory.services.verifying import verify
from tests.factories.inventory import (
    COUNTED,
    count,
    level_of,
    make_shop_warehouse,
    make_warehouse,
    receive,
    stock_of,
)
from tests.factories.platforms import make_shop
from tests.factories.products import make_product, make_variant
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

Reason = StockMovement.Reason
LATER = COUNTED + timedelta(days=1)


def claim(variant, cause=1, *, at=LATER, part="", sold=None, per_unit=None, **units):
    place = variant.pk, default_warehouse(variant.client_id).pk
    return Claim(
        cause_id=cause,
        part=part,
        positions={place: Position(**units)} if units else {},
        reason=Reason.ORDER,
        occurred_at=at,
        claimed_at=at,
        sold_id=(sold or variant).pk,
        per_unit=per_unit or {},
    )


def say(*claims, causes=(1,), **options):
    return book(Booking.Kind.ORDER, causes, claims, **options)


def everything():
    return [
        list(model._default_manager.order_by("pk").values())
        for model in (StockLevel, Booking, StockMovement, StockNews)
    ]


def test_what_a_cause_claims_is_booked_once_however_often_it_is_said():
    variant = make_variant()
    receive(variant, 10)

    assert len(say(claim(variant, reserved=2))) == 1
    before = everything()
    assert say(claim(variant, reserved=2)) == []

    assert everything() == before
    assert stock_of(variant) == (10, 2, 0, 0)


def test_only_the_difference_is_a_movement_and_each_has_its_place():
    variant = make_variant()
    receive(variant, 10)

    say(claim(variant, reserved=2))
    say(claim(variant, reserved=5))
    say(claim(variant, on_hand=-5, expected_back=1))

    rows = StockMovement.objects.filter(booking__cause_kind="order").order_by(
        "sequence"
    )
    assert [(row.number, row.sequence, row.position) for row in rows] == [
        (2, 1, Position(reserved=2)),
        (3, 2, Position(reserved=3)),
        (4, 3, Position(on_hand=-5, reserved=-5, expected_back=1)),
    ]
    last = rows[2]
    assert (last.on_hand_after, last.reserved_after, last.available_after) == (5, 0, 5)
    assert not verify()


def test_what_a_cause_no_longer_names_is_taken_back():
    one = make_variant()
    two = make_variant(one.product)
    say(claim(one, part="a", reserved=2), claim(two, part="b", reserved=3))

    say(claim(one, part="a", reserved=2))
    assert (stock_of(one), stock_of(two)) == ((0, 2, 0, 0), (0, 0, 0, 0))

    say()
    assert stock_of(one) == (0, 0, 0, 0)
    assert StockMovement.objects.filter(reason=Reason.CORRECTION).count() == 2


def test_other_causes_are_not_touched():
    variant = make_variant()
    say(claim(variant, 1, reserved=2), claim(variant, 2, reserved=3), causes=(1, 2))

    say(causes=(1,))

    assert stock_of(variant) == (0, 3, 0, 0)


def test_goods_that_moved_at_another_time_leave_that_time_for_the_other():
    variant = make_variant()
    say(claim(variant, on_hand=-2, at=LATER))

    say(claim(variant, on_hand=-2, at=LATER + timedelta(hours=1)))

    rows = StockMovement.objects.order_by("number")
    assert list(rows.values_list("on_hand", "occurred_at")) == [
        (-2, LATER),
        (2, LATER),
        (-2, LATER + timedelta(hours=1)),
    ]
    assert stock_of(variant) == (-2, 0, 0, 0)


def test_what_a_booking_is_about_is_told_even_where_no_unit_moves():
    part = make_variant()
    bundle = make_variant(part.product, is_bundle=True)
    say(claim(part, reserved=2))

    assert say(claim(part, sold=bundle, per_unit={part.pk: 2}, reserved=2)) == []

    booking = Booking.objects.get()
    assert (booking.sold, booking.per_unit, booking.reserved) == (bundle, 2, 2)


def test_nothing_wanted_and_nothing_held_makes_no_row():
    variant = make_variant()

    assert say(claim(variant, reserved=0)) == []

    assert not StockLevel.objects.exists()
    assert not Booking.objects.exists()


def test_a_strict_booking_refuses_more_than_is_available_and_leaves_no_trace():
    variant = make_variant(sku="LAMP-30")
    receive(variant, 3)
    say(claim(variant, 1, reserved=1))
    before = everything()

    with pytest.raises(
        OutOfStock, match="LAMP-30 in Main warehouse: 2 available, 3 wa"
    ):
        say(claim(variant, 2, reserved=3), causes=(2,), is_strict=True)

    assert everything() == before
    say(claim(variant, 2, reserved=2), causes=(2,), is_strict=True)
    assert stock_of(variant) == (3, 3, 0, 0)


def test_a_strict_booking_that_takes_nothing_is_possible_below_zero():
    variant = make_variant()
    receive(variant, 1)
    say(claim(variant, 1, reserved=3))

    say(claim(variant, 1, reserved=2), is_strict=True)

    assert stock_of(variant) == (1, 2, 0, 0)


def test_quarantine_never_falls_below_zero():
    variant = make_variant()
    receive(variant, 3)
    before = everything()

    with pytest.raises(StockRefuses, match="Fewer"):
        say(claim(variant, quarantined=-1))

    assert everything() == before


def test_the_outbox_is_told_of_what_shops_may_have_to_hear():
    variant, unknown = make_variant(), make_variant()
    receive(variant, 3)
    StockNews.objects.all().delete()

    say(claim(variant, reserved=1))
    say(claim(variant, reserved=1))
    say(claim(variant, on_hand=-1))  # as many are available as before
    say(claim(unknown, 2, reserved=1), causes=(2,))  # nobody counted it

    assert list(StockNews.objects.values_list("variant", flat=True)) == [variant.pk]


def test_a_level_counts_as_counted_once_somebody_said_how_much_there_is():
    variant = make_variant()
    say(claim(variant, reserved=1))
    assert not level_of(variant).is_counted

    count(variant, 0)

    assert level_of(variant).is_counted
    assert StockNews.objects.filter(variant=variant).exists()


def test_many_causes_take_as_many_statements_as_few():
    product = make_product()
    variants = [make_variant(product) for _ in range(30)]
    for variant in variants:
        receive(variant, 1)

    def kinds(causes, quantity):
        claims = [
            claim(variant, cause, reserved=quantity)
            for variant in variants
            for cause in causes
        ]
        with statements() as asked:
            say(*claims, causes=causes)
        return asked.kinds

    assert kinds((1,), 2) == kinds((2, 3, 4), 2)
    assert kinds((1,), 3) == kinds((2, 3, 4), 3)
    assert not verify()


def test_the_database_keeps_one_booking_a_cause_and_one_movement_a_place():
    variant = make_variant()
    say(claim(variant, reserved=1))
    booking, movement = Booking.objects.get(), StockMovement.objects.get()
    before = everything()

    for change in ({}, {"number": 2}, {"sequence": 2}):
        copy = StockMovement.objects.get()
        copy.pk = None
        for name, value in change.items():
            setattr(copy, name, value)
        with pytest.raises(IntegrityError), transaction.atomic():
            copy.save(force_insert=True)
    booking.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        booking.save(force_insert=True)
    with pytest.raises(TypeError):
        StockMovement.objects.filter(pk=movement.pk).update(on_hand=5)
    with pytest.raises(TypeError):
        StockMovement.objects.all().delete()

    assert everything() == before


def test_an_order_leaves_the_place_the_platform_names_by_id_or_by_name():
    shop = make_shop()
    warehouse = make_warehouse(shop.client, is_default=True)
    other, closed = make_warehouse(shop.client), make_warehouse(shop.client)
    make_shop_warehouse(shop, other, "71", name="Klang ", is_active=True)
    make_shop_warehouse(shop, closed, "72", name="Klang", is_active=False)
    make_shop_warehouse(shop, None, "73", name="Ipoh")

    places = places_of_shop(shop)

    named = {"71": other, " klang": other, "72": closed, "73": warehouse, "": warehouse}
    assert {text: places.of(text) for text in named} == {
        text: place.pk for text, place in named.items()
    }


def test_the_shop_s_own_default_comes_before_the_client_s():
    shop = make_shop()
    make_warehouse(shop.client, is_default=True)
    other = make_warehouse(shop.client)
    make_shop_warehouse(shop, other, is_default=True)

    assert places_of_shop(shop).of("") == other.pk


def test_a_client_gets_a_default_warehouse_when_one_is_first_needed():
    variant = make_variant()
    made = default_warehouse(variant.client_id)
    assert (made.name, made.is_default) == ("Main warehouse", True)
    assert default_warehouse(variant.client_id) == made

    other = make_variant()
    make_warehouse(other.client, "main warehouse", is_active=False)
    assert default_warehouse(other.client_id).name == "Main warehouse 2"

    third = make_variant()
    own = make_warehouse(third.client, "Klang")
    assert default_warehouse(third.client_id) == own
