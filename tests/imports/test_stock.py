"""Stock files: what each row comes to, and that no file is booked twice unasked."""

import csv
import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from apps.imports.models import ImportRun
from apps.imports.services import stock
from apps.imports.services.stock import documents_of, import_stock, take_back_run
from apps.inventory.models import StockCount, StockDocument, Warehouse
from apps.inventory.services import stock_import
from apps.inventory.services.csv_rows import (
    instant,
    read_file,
    whole_number,
    write_errors,
)
from apps.inventory.services.stock_rows import Mode, Options, Result
from apps.inventory.services.verifying import verify
from apps.products.errors import FileUnusable
from apps.users.models import AuditEntry
from tests.factories.inventory import (
    NOBODY,
    level_of,
    make_warehouse,
    receive,
    stock_of,
)
from tests.factories.platforms import make_shop
from tests.factories.products import make_bundle, make_product, make_variant
from tests.factories.users import make_client
from tests.inventory.pages import sell

pytestmark = pytest.mark.django_db

COUNTED = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
RECEIVE = Options(mode=Mode.RECEIVE)
FULL = Options(moment=COUNTED)


@pytest.fixture
def client():
    return make_client("Northwind")


@pytest.fixture
def lamp(client):
    return make_variant(make_product(client), "LAMP-30")


@pytest.fixture
def chair(client):
    return make_variant(make_product(client, "Chair"), "CHAIR")


@pytest.fixture
def main(client):
    return make_warehouse(client, "Main", is_default=True)


def read(client, content, options=FULL, **more):
    data = content if isinstance(content, bytes) else content.encode()
    return import_stock(client, data, options, NOBODY, file_name="stock.csv", **more)


def results(found):
    return [each.result.value for each in found.examined.rows]


def said(found):
    return [each.said for each in found.examined.rows]


def kinds():
    rows = StockDocument.objects.order_by("pk")
    return [(row.kind, row.lines.count()) for row in rows]


# The cells ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        ("+4", 4),
        ("-3", -3),
        ("\u22125", -5),
        ("12.0", 12),
        ("12,00", 12),
        ("1 200", 1200),
        ("1,200,000", 1_200_000),
        ("1.200.000", 1_200_000),
        ("1,200.00", 1200),
        ("1.200,00", 1200),
        ("1234.000", 1234),
    ],
)
def test_a_number_is_read_where_it_can_mean_but_one(text, number):
    assert whole_number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "1,200",
        "1.200",
        "12 pcs",
        "12.5",
        "1.2E+11",
        "",
        "twelve",
        "9" * 13,
        "\uff11\uff12",
    ],
)
def test_a_number_that_may_be_two_or_none_is_refused(text):
    with pytest.raises(ValueError, match=r"may be|no whole number"):
        whole_number(text)


def test_a_moment_is_read_on_the_clock_that_was_named():
    zone = ZoneInfo("Asia/Kuala_Lumpur")

    assert instant("2026-11-20 18:00", zone) == COUNTED - timedelta(hours=8)
    assert instant("2026-11-20T18:00:00+00:00", zone) == COUNTED
    for text in ("2026-11-20", "20/11/2026 18:00", "yesterday"):
        with pytest.raises(ValueError, match="is no moment"):
            instant(text, zone)


@pytest.mark.parametrize(
    "content",
    [
        "SKU,Quantity\nLAMP-30,4\n",
        "\ufeffseller sku;on hand\nlamp-30;4\n",
        'Our SKU\tQty\n="LAMP-30"\t4\n',
        "sep=;\nS K U;Stock_On_Hand\n\n'LAMP-30;4\n".replace("'", ""),
    ],
)
def test_columns_are_known_by_many_names(client, lamp, main, content):
    found = read(client, content)

    assert results(found) == ["changed"]
    assert stock_of(lamp) == (4, 0, 0, 0)


def test_a_file_in_wide_letters_is_read(client, lamp, main):
    found = read(client, "SKU,quantity\nLAMP-30,4\n".encode("utf-16"))

    assert results(found) == ["changed"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "empty"),
        ("SKU,quantity\n", "no rows"),
        ("name,quantity\nx,1\n", "No column is called “SKU”"),
        ("SKU,name\nx,1\n", "No column is called “quantity”"),
        ("SKU,qty,stock\nx,1,1\n", "both mean the quantity"),
        ("SKU,quantity\nx,1,2\n", "more cells than there are columns"),
        ('SKU,quantity\n"x,1\n', "quotation mark"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(client, main, content, why):
    with pytest.raises(FileUnusable, match=why):
        read(client, content)

    assert not ImportRun.objects.exists()


def test_refused_rows_are_written_as_they_stood_with_the_reason():
    file = read_file(b"SKU,error,quantity,mine\nX,old,1,a\n")
    out = io.StringIO()

    count = write_errors(out, file, [(file.rows[0], "There is no SKU.")])

    assert count == 1
    assert list(csv.reader(io.StringIO(out.getvalue()))) == [
        ["SKU", "quantity", "mine", "error"],
        ["X", "1", "a", "There is no SKU."],
    ]


# What rows come to ----------------------------------------------------------------


def test_a_count_books_the_difference_to_the_books_of_its_moment(client, lamp, main):
    receive(lamp, 10)
    shop = make_shop(client)
    sell(lamp, 2, shop=shop, remote_id="5801", placed_at=timezone.now())

    found = read(client, "SKU,quantity\nLAMP-30,7\n")

    [row] = found.examined.rows
    assert (row.before, row.after) == (10, 7)
    assert stock_of(lamp) == (7, 2, 0, 0)
    assert StockCount.objects.get().counted_at == COUNTED
    assert not verify()


def test_receiving_adds_and_adjusting_says_why(client, lamp, chair, main):
    receive(lamp, 10)
    receive(chair, 10)
    content = (
        "SKU,mode,quantity,reason,note\n"
        "LAMP-30,receive,5,,pallet 3\n"
        "CHAIR,adjust,-2,Damaged,wet\n"
    )

    found = read(client, content)

    assert results(found) == ["changed", "changed"]
    assert stock_of(lamp) == (15, 0, 0, 0)
    assert stock_of(chair) == (8, 0, 0, 0)
    adjusted = StockDocument.objects.get(kind="adjustment")
    assert adjusted.reason == "damaged"
    assert adjusted.reference == "stock.csv"
    assert adjusted.lines.get().note == "wet"


def test_rows_name_their_warehouse_and_the_others_are_in_the_default_one(
    client, lamp, chair, main
):
    annex = make_warehouse(client, "Annex  West")
    content = "SKU,quantity,warehouse\nLAMP-30,4,annex west\nCHAIR,5,\n"

    read(client, content)

    assert stock_of(lamp, annex) == (4, 0, 0, 0)
    assert stock_of(chair, main) == (5, 0, 0, 0)


def test_bad_rows_are_refused_each_in_a_sentence_and_good_ones_are_booked(
    client, lamp, chair, main
):
    make_warehouse(client, "Old", is_active=False)
    make_bundle({lamp: 2}, "SET")
    content = (
        "SKU,quantity,warehouse,mode,reason,counted at\n"
        ",1,,,,\n"
        "LAMP 30,1,,,,\n"
        "1.2E+11,1,,,,\n"
        "SET,1,,,,\n"
        'LAMP-30,"1,200",,,,\n'
        "LAMP-30,-1,,,,\n"
        "LAMP-30,1,Nowhere,,,\n"
        "LAMP-30,1,Old,,,\n"
        "LAMP-30,1,,guess,,\n"
        "LAMP-30,1,,adjust,,\n"
        "LAMP-30,1,,adjust,bored,\n"
        "LAMP-30,1,,,,20/11/2026\n"
        "LAMP-30,,,,,\n"
        "LAMP-30,0,,receive,,\n"
        "CHAIR,3,,,,\n"
    )

    found = read(client, content)

    assert results(found) == [*["refused"] * 12, "skipped", "skipped", "changed"]
    told = said(found)
    assert told[1] == "There is no SKU “LAMP 30”. Do you mean LAMP-30?"
    assert "spreadsheet" in told[2]
    assert "bundle" in told[3]
    assert "may be 1200" in told[4]
    assert told[6] == "There is no warehouse “Nowhere”. There are: Main."
    assert told[7] == "Old is closed."
    assert "left out" in told[12]
    assert stock_of(chair) == (3, 0, 0, 0)
    assert kinds() == [("count", 1)]
    run = ImportRun.objects.get()
    assert (run.state, run.rows, run.updated, run.same, run.failed) == (
        ImportRun.State.PARTLY,
        15,
        1,
        2,
        12,
    )
    assert run.first_error == "Line 2: The row names no SKU."


def test_a_sku_that_looks_ruined_but_exists_is_taken(client, main):
    odd = make_variant(make_product(client), "1E5")

    read(client, "SKU,quantity\n1e5,4\n")

    assert stock_of(odd) == (4, 0, 0, 0)


def test_a_sku_that_stands_twice_is_refused_in_both_rows(client, lamp, chair, main):
    content = "SKU,quantity\nLAMP-30,4\nCHAIR,1\nlamp-30,5\n"

    found = read(client, content)

    assert results(found) == ["refused", "changed", "refused"]
    assert "line 4, too" in said(found)[0]
    assert "line 2, too" in said(found)[2]
    assert not lamp.stock_levels.exists()


def test_another_clients_sku_is_unknown(client, main):
    make_variant(make_product(make_client("Other")), "THEIRS")

    found = read(client, "SKU,quantity\nTHEIRS,4\n")

    assert said(found) == ["There is no SKU “THEIRS”."]


def test_a_count_below_what_is_promised_says_so(client, lamp, main):
    receive(lamp, 10)
    sell(lamp, 5, shop=make_shop(client), remote_id="5801")

    found = read(client, "SKU,quantity\nLAMP-30,3\n", dry_run=True)

    assert said(found) == ["2 more are promised to orders than would be there."]
    assert level_of(lamp).on_hand == 10


# Once -----------------------------------------------------------------------------


def test_a_dry_run_writes_nothing_at_all(client, lamp):
    found = read(client, "SKU,quantity\nLAMP-30,4\n", dry_run=True)

    assert results(found) == ["changed"]
    assert not Warehouse.objects.exists()
    assert not StockDocument.objects.exists()
    assert not ImportRun.objects.exists()


def test_strict_writes_nothing_if_a_row_is_bad(client, lamp, main):
    found = read(client, "SKU,quantity\nLAMP-30,4\nX,1\n", strict=True)

    assert not found.is_written
    assert not StockDocument.objects.exists()
    assert not ImportRun.objects.exists()


def test_the_same_count_of_the_same_moment_changes_nothing(client, lamp, main):
    content = "SKU,quantity\nLAMP-30,4\n"
    read(client, content)

    second = read(client, content)

    assert results(second) == ["same"]
    assert kinds() == [("count", 1)]
    assert second.run is not None
    assert second.run.same == 1


def test_another_number_of_the_same_moment_is_refused(client, lamp, main):
    read(client, "SKU,quantity\nLAMP-30,4\n")

    second = read(client, "SKU,quantity\nLAMP-30,5\n")

    assert results(second) == ["refused"]
    assert stock_of(lamp) == (4, 0, 0, 0)


@pytest.mark.parametrize("options", [RECEIVE, Options()])
def test_a_file_is_booked_again_only_if_asked(client, lamp, main, options):
    content = "SKU,quantity\nLAMP-30,4\n"
    first = read(client, content, options)

    second = read(client, content, options)
    third = read(client, content, options, again=True)

    assert second.earlier == first.documents[0]
    assert not second.is_written
    assert third.is_written
    assert StockDocument.objects.count() == 2
    expected = 8 if options.mode == Mode.RECEIVE else 4
    assert stock_of(lamp) == (expected, 0, 0, 0)


def test_what_was_taken_back_may_be_read_anew(client, lamp, main):
    content = "SKU,quantity\nLAMP-30,4\n"
    first = read(client, content, RECEIVE)
    assert first.run is not None
    assert take_back_run(first.run, NOBODY) == 1
    assert stock_of(lamp) == (0, 0, 0, 0)

    second = read(client, content, RECEIVE)

    assert second.earlier is None
    assert stock_of(lamp) == (4, 0, 0, 0)
    assert take_back_run(first.run, NOBODY) == 0
    assert stock_of(lamp) == (4, 0, 0, 0)


class Killed(BaseException):
    """As if the process had died there."""


def test_a_run_that_broke_off_is_gone_on_with_and_books_nothing_twice(
    client, main, monkeypatch
):
    monkeypatch.setattr(stock_import, "MOST_LINES", 2)
    variants = [make_variant(client=client, sku=f"SKU-{n}") for n in range(5)]
    content = "SKU,quantity\n" + "".join(f"SKU-{n},4\n" for n in range(5))
    calls = []

    def die_at_the_second(done, total):
        calls.append(done)
        if len(calls) == 2:
            raise Killed

    with pytest.raises(Killed):
        read(client, content, RECEIVE, on_progress=die_at_the_second)
    assert kinds() == [("receipt", 2), ("receipt", 2)]
    assert ImportRun.objects.get().state == ImportRun.State.FAILED
    second = read(client, content, RECEIVE)

    assert second.run == ImportRun.objects.get()
    assert second.run.state == ImportRun.State.DONE
    assert kinds() == [("receipt", 2), ("receipt", 2), ("receipt", 1)]
    assert [stock_of(variant)[0] for variant in variants] == [4] * 5
    assert documents_of(second.run).count() == 3


def test_a_row_that_became_good_meanwhile_is_not_silently_left(client, lamp, main):
    """What stands of a broken run has not the row; it is told, not lost."""
    content = "SKU,quantity\nLAMP-30,4\nNEW,5\n"

    def die(done, total):
        raise Killed

    with pytest.raises(Killed):
        read(client, content, RECEIVE, on_progress=die)
    make_variant(client=client, sku="NEW")

    second = read(client, content, RECEIVE)

    assert results(second) == ["changed", "refused"]
    assert "booked before without NEW" in said(second)[1]
    assert stock_of(lamp) == (4, 0, 0, 0)


def test_what_is_counted_by_another_meanwhile_is_refused_and_the_rest_booked(
    client, lamp, chair, main, monkeypatch
):
    content = "SKU,quantity\nLAMP-30,4\nCHAIR,5\n"
    real = stock_import.examine

    def examined_then_counted(*args):
        found = real(*args)
        read_other = b"SKU,quantity\nLAMP-30,9\n"
        monkeypatch.setattr(stock, "examine", real)
        import_stock(client, read_other, FULL, NOBODY, file_name="other.csv")
        return found

    monkeypatch.setattr(stock, "examine", examined_then_counted)
    found = read(client, content)

    assert results(found) == ["refused", "changed"]
    assert stock_of(lamp) == (9, 0, 0, 0)
    assert stock_of(chair) == (5, 0, 0, 0)


def test_the_deed_is_in_the_trail_and_the_run_in_the_log(client, lamp, main):
    found = read(client, "SKU,quantity\nLAMP-30,4\n")

    assert found.run is not None
    assert str(found.run) == "stock.csv into Northwind"
    entry = AuditEntry.objects.get(verb="imported stock")
    assert entry.client == client
    assert entry.details["updated"] == 1
    assert found.examined.count(Result.CHANGED) == 1
