"""Stock takes hold: so many lay there at that moment."""

from datetime import timedelta

import pytest

from apps.inventory.errors import DocumentRefused
from apps.inventory.models import Booking, StockCount, StockMovement
from apps.inventory.models.ledger import Position
from apps.inventory.services.booking import Claim, book
from apps.inventory.services.documents import take_back
from apps.inventory.services.places import default_warehouse
from apps.inventory.services.verifying import verify
from tests.factories.inventory import (
    COUNTED,
    NOBODY,
    count,
    level_of,
    make_document,
    receive,
    stock_of,
)
from tests.factories.products import make_variant
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

# Goods were received before DAY 1.
DAYS = [COUNTED + timedelta(days=number) for number in range(10)]


def ship(variant, units, day, cause=1):
    place = variant.pk, default_warehouse(variant.client_id).pk
    shipped = Claim(
        cause_id=cause,
        part="",
        positions={place: Position(on_hand=-units)},
        reason=StockMovement.Reason.SHIPMENT,
        occurred_at=DAYS[day],
        claimed_at=DAYS[day],
    )
    book(Booking.Kind.ORDER, [cause], [shipped])


def on_hand(variant):
    return stock_of(variant)[0]


@pytest.fixture
def variant():
    """Ten of it were received on day 0."""
    variant = make_variant()
    receive(variant, 10, effective_at=DAYS[0])
    return variant


def test_a_stock_take_books_the_difference(variant):
    document = count(variant, 7, effective_at=DAYS[2])

    assert on_hand(variant) == 7
    movement = StockMovement.objects.get(reason="count")
    assert (movement.on_hand, movement.occurred_at) == (-3, DAYS[2])
    level = level_of(variant)
    assert (level.is_counted, level.counted_at) == (True, DAYS[2])
    assert document.lines.get().count.quantity == 7


def test_a_count_that_is_right_books_nothing_and_holds(variant):
    count(variant, 10, effective_at=DAYS[2])
    assert not StockMovement.objects.filter(reason="count").exists()

    ship(variant, 4, day=1)

    assert on_hand(variant) == 10
    assert not verify()


@pytest.mark.parametrize(("day", "left"), [(1, 7), (2, 7), (3, 5)])
def test_late_news_of_goods_that_moved_before_the_count_is_set_off(variant, day, left):
    """What was counted is there, whichever way it came about."""
    count(variant, 7, effective_at=DAYS[2])

    ship(variant, 2, day)

    assert on_hand(variant) == left
    assert not verify()


def test_promises_are_not_set_off(variant):
    place = variant.pk, default_warehouse(variant.client_id).pk
    count(variant, 7, effective_at=DAYS[2])

    promised = Claim(
        1,
        "",
        {place: Position(reserved=2)},
        StockMovement.Reason.ORDER,
        DAYS[1],
        DAYS[1],
    )
    book(Booking.Kind.ORDER, [1], [promised])

    assert stock_of(variant) == (7, 2, 0, 0)


def test_a_backdated_count_changes_nothing_that_was_counted_later(variant):
    count(variant, 8, effective_at=DAYS[5])
    ship(variant, 1, day=6)

    count(variant, 3, effective_at=DAYS[2])

    assert on_hand(variant) == 7
    assert level_of(variant).counted_at == DAYS[5]
    assert not verify()
    ship(variant, 1, day=3, cause=2)
    assert on_hand(variant) == 7
    assert not verify()


def test_a_backdated_count_is_about_that_moment(variant):
    ship(variant, 4, day=4)

    count(variant, 9, effective_at=DAYS[2])

    assert on_hand(variant) == 5
    assert not verify()


def test_of_two_counts_the_first_after_the_goods_moved_takes_it_up(variant):
    count(variant, 8, effective_at=DAYS[3])
    count(variant, 8, effective_at=DAYS[6])

    ship(variant, 2, day=2)
    ship(variant, 3, day=5, cause=2)

    booked = Booking.objects.filter(cause_kind=Booking.Kind.COUNT)
    earlier, later = booked.order_by("occurred_at")
    assert (earlier.on_hand, later.on_hand) == (0, 3)
    assert on_hand(variant) == 8
    assert not verify()


def test_goods_that_moved_after_the_count_after_all_are_gone(variant):
    """First they seem to have left before it, then it turns out to be after."""
    ship(variant, 2, day=1)
    count(variant, 7, effective_at=DAYS[2])
    assert on_hand(variant) == 7

    ship(variant, 2, day=4)
    assert on_hand(variant) == 5

    ship(variant, 2, day=1)
    assert on_hand(variant) == 7
    assert not verify()


def test_a_count_taken_back_is_as_if_nobody_had_counted(variant):
    document = count(variant, 7, effective_at=DAYS[2])
    ship(variant, 2, day=1)

    movements = take_back(document, NOBODY)

    assert len(movements) == 1
    assert on_hand(variant) == 8
    level = level_of(variant)
    assert (level.counted_at, level.is_counted) == (None, True)
    assert take_back(document, NOBODY) == []
    assert not StockCount.objects.live().exists()
    assert not verify()


def test_a_count_taken_back_leaves_the_later_one_to_hold(variant):
    first = count(variant, 3, effective_at=DAYS[2])
    count(variant, 8, effective_at=DAYS[5])
    ship(variant, 2, day=1)

    take_back(first, NOBODY)

    assert on_hand(variant) == 8
    assert level_of(variant).counted_at == DAYS[5]
    assert not verify()


def test_a_sku_is_counted_once_at_a_moment(variant):
    document = count(variant, 7, effective_at=DAYS[2])
    before = list(StockMovement.objects.values())

    with pytest.raises(DocumentRefused, match="counted at that very moment already"):
        count(variant, 5, effective_at=DAYS[2])

    assert list(StockMovement.objects.values()) == before
    assert StockCount.objects.count() == 1
    take_back(document, NOBODY)
    count(variant, 5, effective_at=DAYS[2])
    assert on_hand(variant) == 5
    assert not verify()


def test_documents_before_a_count_are_set_off_too(variant):
    count(variant, 7, effective_at=DAYS[2])

    receipt = receive(variant, 5, effective_at=DAYS[1])
    make_document(
        receipt.Kind.ADJUSTMENT, {variant: -1}, effective_at=DAYS[1], reason="damaged"
    )
    assert on_hand(variant) == 7

    take_back(receipt, NOBODY)
    assert on_hand(variant) == 7
    assert not verify()


def test_counting_many_skus_takes_as_many_statements_as_few(variant):
    others = [make_variant(variant.product) for _ in range(40)]
    for other in others:
        receive(other, 4, effective_at=DAYS[0])
    kind = receive(variant, 1).Kind.COUNT

    with statements() as few:
        make_document(kind, dict.fromkeys(others[:2], 3), effective_at=DAYS[1])
    with statements() as many:
        make_document(kind, dict.fromkeys(others, 2), effective_at=DAYS[2])

    assert few.kinds == many.kinds
    assert not verify()
