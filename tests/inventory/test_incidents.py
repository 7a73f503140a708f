"""More promised than is there: who loses, and how it ends."""

import itertools
from datetime import timedelta

import pytest

from apps.inventory.models import (
    Booking,
    OversellIncident,
    StockDocument,
    StockMovement,
)
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
)
from tests.factories.products import make_product, make_variant
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

Outcome = OversellIncident.Outcome
ORDERED = StockMovement.Reason.ORDER


def say(variant, cause, placed=None, **units):
    """The order `cause`, placed in the hour of that number unless told otherwise."""
    at = COUNTED + timedelta(hours=cause if placed is None else placed)
    place = variant.pk, default_warehouse(variant.client_id).pk
    claim = Claim(cause, "", {place: Position(**units)}, ORDERED, at, at)
    book(Booking.Kind.ORDER, [cause], [claim])


def losing():
    """{order: units} of open incidents"""
    rows = OversellIncident.objects.open()
    return dict(rows.values_list("booking__cause_id", "quantity"))


def outcomes():
    rows = OversellIncident.objects.filter(closed_at__isnull=False).order_by("pk")
    return list(rows.values_list("booking__cause_id", "outcome"))


@pytest.fixture
def variant():
    """Three of it were received."""
    variant = make_variant()
    receive(variant, 3)
    return variant


@pytest.mark.parametrize("arrival", list(itertools.permutations((1, 2, 3))))
def test_who_was_placed_last_loses_in_whatever_order_they_came(variant, arrival):
    for cause in arrival:
        say(variant, cause, reserved=2)

    assert losing() == {2: 1, 3: 2}
    assert level_of(variant).short == 3
    assert not verify()


def test_nothing_is_short_while_enough_is_there(variant):
    say(variant, 1, reserved=3)

    assert not OversellIncident.objects.exists()


def test_a_level_nobody_counted_has_no_incident_until_somebody_does():
    variant = make_variant()
    say(variant, 1, reserved=2)
    assert not OversellIncident.objects.exists()
    assert not verify()

    count(variant, 1)

    assert losing() == {1: 1}
    assert not verify()


def test_an_incident_ends_when_stock_comes_in(variant):
    say(variant, 1, reserved=5)
    incident = OversellIncident.objects.get()

    receive(variant, 1)
    assert losing() == {1: 1}
    receive(variant, 1)

    incident.refresh_from_db()
    assert (incident.worst, incident.outcome) == (2, Outcome.COVERED)
    assert incident.closed_at is not None
    assert level_of(variant).short == 0
    assert not verify()


def test_an_incident_ends_when_the_order_is_withdrawn(variant):
    say(variant, 1, reserved=3)
    say(variant, 2, reserved=1)

    say(variant, 2, reserved=0)

    assert losing() == {}
    assert outcomes() == [(2, Outcome.WITHDRAWN)]


def test_an_incident_ends_when_another_order_is_withdrawn(variant):
    say(variant, 1, reserved=3)
    say(variant, 2, reserved=1)

    say(variant, 1, reserved=2)

    assert outcomes() == [(2, Outcome.COVERED)]


def test_an_incident_passes_to_who_came_later(variant):
    say(variant, 2, reserved=4)
    assert losing() == {2: 1}

    say(variant, 3, reserved=1)

    assert losing() == {2: 1, 3: 1}
    say(variant, 4, reserved=2)
    say(variant, 1, on_hand=-1)
    receive(variant, 2)
    assert losing() == {3: 1, 4: 2}
    assert outcomes() == [(2, Outcome.PASSED_ON)]
    assert not verify()


def test_who_lost_and_ships_after_all_leaves_another_without(variant):
    say(variant, 1, reserved=3)
    say(variant, 2, reserved=1)

    say(variant, 2, on_hand=-1)

    assert losing() == {1: 1}
    assert outcomes() == [(2, Outcome.SHIPPED)]
    assert not verify()


def test_what_left_without_being_there_is_put_down_to_what_left_last(variant):
    say(variant, 1, on_hand=-2)
    say(variant, 2, on_hand=-2)

    assert losing() == {2: 1}
    assert level_of(variant).on_hand == -1
    assert not verify()
    say(variant, 3, reserved=1)
    assert losing() == {2: 1, 3: 1}
    assert not verify()

    receive(variant, 2)

    assert losing() == {}
    assert {outcome for _, outcome in outcomes()} == {Outcome.COVERED}
    assert not verify()


def test_a_hold_loses_like_an_order(variant):
    kind = StockDocument.Kind.HOLD
    hold = make_document(kind, {variant: 3}, effective_at=COUNTED + timedelta(hours=5))
    say(variant, 1, reserved=1)

    incident = OversellIncident.objects.open().get()

    assert incident.booking.cause_kind == Booking.Kind.DOCUMENT
    take_back(hold, NOBODY)
    assert outcomes() == [(hold.pk, Outcome.WITHDRAWN)]


def test_an_incident_opens_anew_after_it_ended(variant):
    say(variant, 1, reserved=4)
    late = receive(variant, 1)
    take_back(late, NOBODY)

    assert losing() == {1: 1}
    assert OversellIncident.objects.count() == 2
    assert not verify()


def test_many_levels_short_at_once_take_as_many_statements_as_few():
    product = make_product()
    variants = [make_variant(product) for _ in range(40)]
    for each in variants:
        receive(each, 1)
    place = default_warehouse(product.client_id).pk

    def kinds(some, cause, units):
        at = COUNTED + timedelta(hours=cause)
        positions = {(each.pk, place): Position(reserved=units) for each in some}
        with statements() as asked:
            book(
                Booking.Kind.ORDER,
                [cause],
                [Claim(cause, "", positions, ORDERED, at, at)],
            )
        return asked.kinds

    assert kinds(variants[:2], 1, 3) == kinds(variants[2:], 2, 3)
    assert kinds(variants[:2], 1, 2) == kinds(variants[2:], 2, 2)
    assert kinds(variants[:2], 1, 1) == kinds(variants[2:], 2, 1)
    assert not verify()


def test_a_level_that_nobody_has_counted_any_more_is_short_of_nothing():
    variant = make_variant()
    receipt = receive(variant, 3)
    say(variant, 1, reserved=5)
    assert losing() == {1: 2}

    take_back(receipt, NOBODY)

    assert losing() == {}
    assert outcomes() == [(1, Outcome.UNCOUNTED)]
