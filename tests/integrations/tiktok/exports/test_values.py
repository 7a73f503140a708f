"""Cells: amounts, pieces and times as each region writes them."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from apps.integrations.tiktok.exports.amounts import Money, WrongCurrency, read_pieces
from apps.integrations.tiktok.exports.problems import BadValue, FileRefused
from apps.integrations.tiktok.exports.times import Clock, DateOrder, Evidence


@pytest.mark.parametrize(
    ("currency", "cell", "amount"),
    [
        ("MYR", "160", "160"),
        ("MYR", "2.7", "2.7"),
        ("MYR", "RM 1,022.25", "1022.25"),
        ("MYR", "MYR 12.30", "12.30"),
        ("MYR", "39,9", "39.9"),
        ("MYR", "1.022,25", "1022.25"),
        ("IDR", "38824", "38824"),
        ("IDR", "Rp38.824", "38824"),
        ("IDR", "IDR 1.038.824", "1038824"),
        ("IDR", "38.824,00", "38824"),
        ("THB", "฿1,290.00", "1290.00"),
        ("VND", "199000", "199000"),
        ("VND", "199.000₫", "199000"),
        ("SGD", "S$12.50", "12.50"),
        ("SGD", "$12.50", "12.50"),
        ("PHP", "₱1,290.00", "1290.00"),
        ("USD", "$1,022.25", "1022.25"),
        ("USD", "1,022", "1022"),
        ("JPY", "2,281,428円", "2281428"),
        ("USD", "1\u202f022.25", "1022.25"),
        ("USD", "1'022.25", "1022.25"),
        ("USD", "0\t", "0"),
        ("USD", "(0.00)", "0.00"),
    ],
)
def test_amounts_are_read_as_their_region_writes_them(currency, cell, amount):
    assert Money(currency).read(cell) == Decimal(amount)


@pytest.mark.parametrize("cell", ["", "\t", "-", "/", " "])
def test_some_cells_say_nothing(cell):
    assert Money("MYR").read(cell) is None


@pytest.mark.parametrize(
    ("currency", "cell"),
    [
        ("MYR", "two"),
        ("MYR", "1e3"),
        ("MYR", "NaN"),
        ("MYR", "-5.00"),
        ("MYR", "(5,000)"),
        ("MYR", "12.345"),  # a decimal point, or thousands of a re-saved file?
        ("MYR", "1,02,25"),
        ("MYR", "1..2"),
        ("MYR", "١٢"),
        ("MYR", "9" * 40),
        ("IDR", "38824.5"),
        ("MYR", "5 apples"),
    ],
)
def test_what_is_no_amount_is_refused(currency, cell):
    with pytest.raises(BadValue):
        Money(currency).read(cell)


@pytest.mark.parametrize(
    ("currency", "cell"),
    [
        ("MYR", "Rp38.824"),
        ("USD", "RM 5"),
        ("THB", "$5"),
        ("IDR", "38.82"),  # what a spreadsheet makes of 38.820
    ],
)
def test_another_currency_is_no_matter_of_one_cell(currency, cell):
    with pytest.raises(WrongCurrency):
        Money(currency).read(cell)


def test_pieces_are_whole():
    assert read_pieces("2") == read_pieces("2.0") == 2
    assert read_pieces("1,200") == 1200
    assert read_pieces("") is None
    for cell in ("two", "1.5", "-1", "99999999", "²"):
        with pytest.raises(BadValue):
            read_pieces(cell)


KUALA_LUMPUR = ZoneInfo("Asia/Kuala_Lumpur")
PACIFIC = ZoneInfo("America/Los_Angeles")


@pytest.mark.parametrize(
    ("order", "zone", "cell", "instant"),
    [
        ("day-first", KUALA_LUMPUR, "04/11/2026 23:59:58", "2026-11-04 15:59:58Z"),
        ("day-first", KUALA_LUMPUR, "4/11/2026 0:05:01", "2026-11-03 16:05:01Z"),
        ("day-first", KUALA_LUMPUR, "2026/11/04 08:00:00", "2026-11-04 00:00:00Z"),
        ("month-first", PACIFIC, "11/15/2026 9:14:02 PM", "2026-11-16 05:14:02Z"),
        ("month-first", PACIFIC, "07/04/2026 12:00:00 AM", "2026-07-04 07:00:00Z"),
        ("month-first", PACIFIC, "07/04/2026 12:00:00 PM", "2026-07-04 19:00:00Z"),
    ],
)
def test_times_are_the_shops_clock(order, zone, cell, instant):
    found, note = Clock(zone, DateOrder(order)).read(cell)

    assert (found, note) == (datetime.fromisoformat(instant), "")


def test_missing_seconds_are_accepted_with_a_note():
    found, note = Clock(KUALA_LUMPUR, DateOrder.DAY_FIRST).read("4/11/2026 8:00")

    assert found == datetime(2026, 11, 4, tzinfo=UTC)
    assert note == "Times have no seconds."


@pytest.mark.parametrize(
    ("cell", "instant", "word"),
    [
        ("03/08/2026 02:30:00", "2026-03-08 10:30:00Z", "skipped"),
        ("11/01/2026 01:30:00", "2026-11-01 08:30:00Z", "twice"),
    ],
)
def test_a_changed_clock_is_read_as_before_the_change(cell, instant, word):
    found, note = Clock(PACIFIC, DateOrder.MONTH_FIRST).read(cell)

    assert found == datetime.fromisoformat(instant)
    assert word in note


@pytest.mark.parametrize(
    "cell",
    ["31/02/2026 10:00:00", "46342.4", "16/11/2026", "16/11/26 10:00:00", "soon",
     "16/11/2026 13:00:00 PM", "16/11/2026 10:61:00", "16/11/0026 10:00:00"],
)  # fmt: skip
def test_what_is_no_time_is_refused(cell):
    with pytest.raises(BadValue):
        Clock(KUALA_LUMPUR, DateOrder.DAY_FIRST).read(cell)


def evidence(*cells):
    found = Evidence()
    for line, cell in enumerate(cells, start=2):
        found.see(line, cell)
    return found


@pytest.mark.parametrize(
    ("cells", "region", "order"),
    [
        (["04/11/2026 10:00:00"], "MY", "day-first"),
        (["04/11/2026 10:00:00"], "US", "month-first"),
        (["04/11/2026 10:00:00", "16/11/2026 10:00:00"], "US", "day-first"),
        (["04/11/2026 10:00:00", "11/16/2026 10:00:00"], "MY", "month-first"),
        (["04/11/2026 10:00:00 PM"], "MY", "month-first"),
    ],
)
def test_one_date_decides_for_the_file(cells, region, order):
    assert evidence(*cells).decide(wanted="auto", region=region) == order


def test_contradicting_dates_refuse_the_file():
    found = evidence("16/11/2026 10:00:00", "04/11/2026 1:00:00 AM")

    with pytest.raises(FileRefused, match="line 2 has the day first, line 3"):
        found.decide(wanted="auto", region="MY")


def test_a_choice_against_the_dates_refuses_the_file():
    with pytest.raises(FileRefused, match="but month-first was chosen"):
        evidence("16/11/2026 10:00:00").decide(wanted="month-first", region="US")
