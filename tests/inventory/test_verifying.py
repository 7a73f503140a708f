"""The proof finds what does not add up, says it in words, and mends what it may."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from apps.inventory.models import (
    Booking,
    OversellIncident,
    StockCount,
    StockLevel,
    StockMovement,
    StockNews,
)
from apps.inventory.services.mending import mend
from apps.inventory.services.verifying import verify
from apps.orders.models import Order, OrderLine
from tests.factories.inventory import (
    COUNTED,
    count,
    level_of,
    receive,
    stock_of,
)
from tests.factories.orders import make_remote_line
from tests.factories.products import make_variant
from tests.orders.queries import statements
from tests.orders.shelves import SKU, make_shelf, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf():
    """Ten of LAMP-30, counted twice, twelve of it promised to one order."""
    shop, variant = make_shelf(10)
    variant.sku = "LAMP-30"
    variant.save()
    count(variant, 9, effective_at=COUNTED + timedelta(days=1))
    count(variant, 10, effective_at=COUNTED + timedelta(days=2))
    tell(shop, lines=(make_remote_line(SKU, quantity=12),))
    assert verify().differences == []
    return shop, variant


def change_movements(sql):
    """Behind the back of the model, which allows no change."""
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE inventory_stockmovement SET {sql}")  # noqa: S608


def said(found):
    return [str(each) for each in found.differences]


def run(*options):
    """What the command printed, and its exit code."""
    out = io.StringIO()
    try:
        call_command("verify_stock", *options, stdout=out)
    except SystemExit as end:
        return out.getvalue(), end.code
    return out.getvalue(), 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"on_hand": 11}, "on hand 11, adds up to 10"),
        ({"reserved": 13}, "reserved 13, adds up to 12"),
        ({"expected_back": 1}, "expected back 1, adds up to 0"),
        ({"quarantined": 2}, "quarantined 2, adds up to 0"),
        ({"movement_count": 9}, "movements counted 9, adds up to 4"),
    ],
)
def test_a_level_that_is_not_the_sum_of_its_movements_is_found_and_mended(
    shelf, change, words
):
    _, variant = shelf
    StockLevel.objects.update(**change)

    assert f"LAMP-30 in Main warehouse: {words}" in said(verify())

    StockNews.objects.all().delete()
    assert mend([level_of(variant).pk]) == 1
    assert stock_of(variant) == (10, 12, 0, 0)
    assert verify().differences == []
    assert StockNews.objects.get().variant == variant


def test_a_booking_that_is_not_the_sum_of_its_movements_is_found_and_mended(shelf):
    Booking.objects.filter(cause_kind="order").update(reserved=14)

    (first, *_) = said(verify())

    assert "reserved 14, adds up to 12" in first
    mend([level_of(shelf[1]).pk])
    assert verify().differences == []


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("number = number + 1 WHERE number = 4", "numbers 1 to 5, adds up to 1 to 4"),
        ("sequence = 3 WHERE number = 4", "sequences 3 to 3, adds up to 1 to 1"),
        (
            "on_hand_after = 77 WHERE number = 4",
            "movement 4: on hand / reserved after it 77 / 12, adds up to 10 / 12",
        ),
        (
            "reserved_after = 5 WHERE number = 4",
            "movement 4: on hand / reserved after it 10 / 5, adds up to 10 / 12",
        ),
    ],
)
def test_a_gap_or_a_broken_chain_of_movements_is_found(shelf, sql, words):
    change_movements(sql)

    assert any(words in line for line in said(verify()))


def test_a_movement_in_another_level_than_its_booking_is_found(shelf):
    other = make_variant(shelf[1].product, "SHADE")
    receive(other, 1)
    change_movements(f"level_id = {level_of(other).pk} WHERE number = 4")

    assert any(
        "level SHADE in Main warehouse, adds up to LAMP-30" in line
        for line in said(verify())
    )


def test_a_count_that_does_not_hold_is_found(shelf):
    StockCount.objects.filter(quantity=9).update(quantity=8)

    (line,) = said(verify())

    assert line == (
        "LAMP-30 in Main warehouse, stock take of 2026-08-02 08:00 UTC: counted 8, "
        "adds up to 9"
    )


def test_a_level_that_forgot_when_it_was_counted_is_found_and_mended(shelf):
    StockLevel.objects.update(counted_at=None)

    (line,) = said(verify())

    assert "last stock take None, adds up to 2026-08-03" in line
    mend([level_of(shelf[1]).pk])
    assert verify().differences == []


@pytest.mark.parametrize("short", [0, 1, 5])
def test_a_level_that_is_wrong_about_what_it_is_short_of_is_found(shelf, short):
    StockLevel.objects.update(short=short)

    assert f"LAMP-30 in Main warehouse: short of {short}, adds up to 2" in said(
        verify()
    )

    mend([level_of(shelf[1]).pk])
    assert verify().differences == []


def test_a_shortage_of_what_nobody_counted_is_found():
    _, variant = make_shelf(1)
    StockLevel.objects.update(is_counted=False, short=3)

    assert f"{variant} in Main warehouse: short of 3, adds up to 0" in said(verify())


@pytest.mark.parametrize("quantity", [None, 1, 7])
def test_an_incident_that_is_missing_or_says_another_number_is_found(shelf, quantity):
    if quantity is None:
        OversellIncident.objects.all().delete()
    else:
        OversellIncident.objects.update(quantity=quantity)

    (line,) = said(verify())

    assert line.endswith(f"incident about {quantity or 0}, adds up to 2")
    mend([level_of(shelf[1]).pk])
    assert verify().differences == []
    assert OversellIncident.objects.open().get().quantity == 2


def test_stock_of_a_bundle_is_told_and_no_difference(shelf):
    _, variant = shelf
    variant.is_bundle = True
    variant.save()

    found = verify()

    assert not found
    (note,) = found.notes
    assert note.startswith(
        "LAMP-30 in Main warehouse: a bundle has no stock of its own"
    )


def test_each_client_s_stock_is_looked_at_by_itself(shelf):
    shop, _ = shelf
    other_shop, other = make_shelf(4)
    StockLevel.objects.filter(variant=other).update(on_hand=5)

    assert said(verify(shop.client)) == []
    assert len(said(verify(other_shop.client))) == 1
    assert (verify(shop.client).levels, verify(shop.client).movements) == (1, 4)


def test_the_proof_takes_as_many_statements_for_many_levels_as_for_few(shelf):
    with statements() as few:
        verify()
    for _ in range(5):
        receive(make_variant(shelf[1].product), 3)
        make_shelf(2)

    with statements() as many:
        verify()

    assert many.kinds == few.kinds


def test_the_command_says_that_all_adds_up(shelf):
    out, code = run()

    assert code == 0
    assert "All of it adds up." in out
    assert "Levels | Movements | Differences | Orders that differ" in out


def test_the_command_names_what_differs_and_changes_nothing_unasked(shelf):
    StockLevel.objects.update(on_hand=11)
    before = list(StockLevel.objects.values())

    out, code = run()

    assert code == 3
    assert "LAMP-30 in Main warehouse: on hand 11, adds up to 10" in out
    assert list(StockLevel.objects.values()) == before


def test_the_command_repairs_levels_and_orders_and_proves_it_again(shelf):
    _, variant = shelf
    StockLevel.objects.update(on_hand=11)
    OrderLine.objects.update(quantity=4)  # nobody told the ledger

    out, code = run("--repair")

    assert code == 0
    assert "12 reserved is booked, should be 4 reserved" in out
    assert "Summed 1 levels anew and booked 1 orders." in out
    assert out.rstrip().endswith("All of it adds up.")
    assert stock_of(variant) == (10, 4, 0, 0)
    assert not OversellIncident.objects.open().exists()


def test_what_cannot_be_repaired_is_still_told(shelf):
    change_movements("on_hand_after = 77 WHERE number = 4")
    before = list(StockMovement.objects.values())

    _, code = run("--repair")

    assert code == 3
    assert list(StockMovement.objects.values()) == before


def test_orders_that_are_due_are_not_called_wrong(shelf):
    OrderLine.objects.update(quantity=4)
    Order.objects.update(is_stock_due=True)

    assert run()[1] == 0


def test_a_booking_of_an_order_that_is_not_there_is_told(shelf):
    Booking.objects.filter(cause_kind="order").update(cause_id=10**9)

    out, code = run()

    assert code == 3
    assert "is booked for order 1000000000 of" in out


def test_the_command_speaks_json_of_one_client_or_one_shop(shelf):
    shop, variant = shelf
    other, _ = make_shelf(1)
    StockLevel.objects.filter(variant=variant).update(on_hand=11)

    out, code = run("--json", f"--shop={shop.pk}")

    assert code == 3
    rows = [json.loads(line) for line in out.splitlines()]
    assert rows[0]["says"] == ("LAMP-30 in Main warehouse: on hand 11, adds up to 10")
    assert rows[-1]["type"] == "summary"
    assert (rows[-1]["levels"], rows[-1]["movements"]) == (1, 4)
    assert run("--json", f"--client={other.client.name}")[1] == 0
