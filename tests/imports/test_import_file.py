"""The command, from the words it is given to the words it prints."""

import json
import re

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from apps.imports.models import ImportRun
from apps.orders.models import Order
from tests.factories.platforms import make_shop
from tests.imports.exports import (
    MY_FILE,
    US_FILE,
    my_row,
    read_csv,
    write_csv,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(capsys):
    """Run the command; gives (exit code, stdout, stderr)."""

    def run(path, shop, *options):
        code: object = 0
        try:
            call_command("import_file", "orders", str(path), f"--shop={shop}", *options)
        except SystemExit as end:
            code = end.code
        except CommandError as error:
            code = error.returncode
        out, err = capsys.readouterr()
        return code, out, err

    return run


def row_counts():
    return {m._meta.label: m._default_manager.count() for m in apps.get_models()}


def figures(out):
    """The first table as a dictionary."""
    table, _, _ = out.partition("\n\n")
    rows = [line.split("|") for line in table.splitlines()[1:]]
    return {name.strip(): value.strip() for name, value in rows}


def numbers(out):
    """The row under the heading of what was done."""
    at = re.search(r"^Rows\b.*\n(.*)$", out, re.MULTILINE)
    assert at
    return [int(cell.replace(",", "")) for cell in at[1].split("|")]


@pytest.fixture
def my_file(tmp_path):
    return write_csv(tmp_path / "All order-2026-11-20.csv", MY_FILE)


@pytest.fixture
def us_file(tmp_path):
    return write_csv(tmp_path / "orders-us.csv", US_FILE, end="\n")


def test_a_malaysian_file_is_read_and_its_totals_printed(run, my_file):
    shop = make_shop(region="MY")

    code, out, _ = run(my_file, shop.pk)

    assert code == 0
    assert numbers(out) == [5, 4, 0, 0, 0]
    found = figures(out)
    assert found["orders"] == "4"
    assert found["units"] == "8"
    assert found["returned units"] == "1"
    assert found["before discount"] == "80.00"
    assert found["after discount"] == "66.00"
    assert found["after discount not cancelled"] == "47.00"
    # Once an order, although it stands on each of its rows.
    assert found["order amount"] == "82.00"
    assert found["refund column"] == "23.00"
    assert found["really refunded"] == "0.00"
    assert found["cancelled before payment"] == "1"
    assert Order.objects.filter(shop=shop).count() == 4


def test_an_american_file_is_read_on_pacific_time(run, us_file):
    shop = make_shop(region="US", name="Main Store")

    code, out, _ = run(us_file, "main store")

    assert code == 0
    assert figures(out)["order amount"] == "2,120.00"
    order = Order.objects.get(shop=shop, status=Order.Status.IN_TRANSIT)
    assert order.currency == "USD"
    assert order.placed_at.isoformat() == "2026-11-19T07:45:00+00:00"
    assert order.buyer_message == "Leave it\nat the door"
    assert (order.sales_channel, order.creator_handle) == ("LIVE", "mug_fan")


def test_the_same_file_again_says_that_nothing_has_changed(run, my_file):
    shop = make_shop()
    run(my_file, shop.pk)
    orders = list(Order.objects.order_by("pk").values())

    code, out, _ = run(my_file, shop.pk)

    assert code == 0
    assert numbers(out) == [5, 0, 0, 4, 0]
    assert "Nothing has changed." in out
    assert "This file was read before" in out
    assert list(Order.objects.order_by("pk").values()) == orders


def test_a_file_with_its_rows_in_another_order_changes_nothing(run, my_file, tmp_path):
    shop = make_shop()
    run(my_file, shop.pk)
    turned = write_csv(tmp_path / "turned.csv", [*MY_FILE[2:], *MY_FILE[:2]])

    _, out, _ = run(turned, shop.pk)

    assert numbers(out) == [5, 0, 0, 4, 0]
    assert "read before" not in out


def test_a_later_file_updates_what_went_on(run, my_file, tmp_path):
    shop = make_shop()
    run(my_file, shop.pk)
    later = [dict(row) for row in MY_FILE]
    later[2] |= {"Order Status": "Shipped", "Order Substatus": "In transit"}

    _, out, _ = run(write_csv(tmp_path / "later.csv", later), shop.pk)

    assert numbers(out) == [5, 0, 1, 3, 0]
    assert "Nothing has changed" not in out


def test_a_dry_run_tells_all_and_writes_nothing_at_all(run, my_file):
    shop = make_shop()
    before = row_counts()

    code, out, _ = run(my_file, shop.pk, "--dry-run")

    assert code == 0
    assert numbers(out) == [5, 4, 0, 0, 0]
    assert "Dry run: nothing was written." in out
    assert row_counts() == before


def test_a_dry_run_compares_with_what_is_stored(run, my_file):
    shop = make_shop()
    run(my_file, shop.pk)
    before = row_counts()

    _, out, _ = run(my_file, shop.pk, "--dry-run")

    assert numbers(out) == [5, 0, 0, 4, 0]
    assert row_counts() == before


BAD = [*MY_FILE, my_row(555, quantity="two"), my_row(666, order_amount="RM x")]


@pytest.fixture
def bad_file(tmp_path):
    return write_csv(tmp_path / "bad.csv", BAD)


def test_bad_rows_are_named_and_the_good_orders_stored(run, bad_file):
    shop = make_shop()

    code, out, err = run(bad_file, shop.pk)

    assert code == 3
    assert numbers(out) == [7, 4, 0, 0, 2]
    assert "line 7: Quantity: “two” is not a whole number." in err
    assert "line 8: Order Amount: “RM x” is not an amount." in err
    assert "(order 579100000000000555)" in err
    assert f"2 refused rows are in {bad_file}.errors.csv; correct and re-imp" in err
    assert Order.objects.count() == 4


def test_the_error_file_can_be_corrected_and_imported(run, bad_file):
    shop = make_shop()
    run(bad_file, shop.pk)
    errors = bad_file.with_name("bad.csv.errors.csv")
    rows = read_csv(errors)
    assert [row["Order ID"][-4:] for row in rows] == ["555\t", "666\t"]
    assert rows[0]["error"] == "Quantity: “two” is not a whole number."

    rows[0]["Quantity"] = "2"
    rows[1]["Order Amount"] = "RM 23"
    code, out, _ = run(write_csv(errors, rows), shop.pk)

    assert code == 0
    assert numbers(out) == [2, 2, 0, 0, 0]
    assert Order.objects.count() == 6


def test_only_one_bad_row_holds_back_its_whole_order(run, tmp_path):
    shop = make_shop()
    rows = [my_row(111), my_row(111, quantity="two"), my_row(222)]

    code, out, _ = run(write_csv(tmp_path / "o.csv", rows), shop.pk)

    assert code == 3
    assert numbers(out)[1:] == [1, 0, 0, 1]
    assert len(read_csv(tmp_path / "o.csv.errors.csv")) == 2


def test_strict_writes_nothing_if_any_row_is_bad(run, bad_file):
    shop = make_shop()
    before = row_counts()

    code, out, err = run(bad_file, shop.pk, "--strict")

    assert code == 3
    assert "Nothing was written, because rows are bad (--strict)." in out
    assert "two" in err
    assert row_counts() == before


def test_strict_stores_a_file_without_bad_rows(run, my_file):
    shop = make_shop()

    code, _, _ = run(my_file, shop.pk, "--strict")

    assert code == 0
    assert Order.objects.count() == 4


@pytest.mark.parametrize("options", [[], ["--dry-run"], ["--strict"]])
def test_json_is_all_there_is_on_stdout(run, bad_file, options):
    shop = make_shop()

    code, out, err = run(bad_file, shop.pk, "--json", *options)

    assert code == 3
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["type"] for line in lines if line["type"] != "note"] == [
        "error",
        "error",
        "summary",
    ]
    assert lines[-1]["failed"] == 2
    assert lines[-1]["order_amount"] == "82.00"
    assert lines[-1]["written"] is (not options)
    first = next(line for line in lines if line["type"] == "error")
    assert (first["line"], first["column"]) == (7, "Quantity")
    assert "█" not in err


def test_json_of_a_refused_file_is_one_object(run, tmp_path):
    shop = make_shop()
    (tmp_path / "o.csv").write_text("Name,Colour\nCup,Red\n")

    code, out, _ = run(tmp_path / "o.csv", shop.pk, "--json")

    assert code == 2
    assert json.loads(out)["type"] == "refused"


RUINED = [row | {"Order ID": "5.791E+17"} for row in MY_FILE]


@pytest.mark.parametrize(
    ("content", "region", "reason"),
    [
        (b"", "MY", "empty"),
        (b"Name,Colour\r\nCup,Red\r\n", "MY", "No order columns"),
        (RUINED, "MY", "spreadsheet"),
        (US_FILE, "US", "month-first"),
        (US_FILE, "MY", "a shop in US"),
        ([my_row(1, order_amount="$12")], "MY", "currency of this shop"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_and_nothing_written(
    run, tmp_path, content, region, reason
):
    shop = make_shop(region=region)
    path = tmp_path / "o.csv"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        write_csv(path, content)
    before = row_counts()

    code, out, err = run(path, shop.pk, "--dates=day-first")

    assert code == 2, err
    assert reason in err
    assert "Nothing was written." in err
    assert out == ""
    assert not path.with_name("o.csv.errors.csv").exists()
    assert row_counts() == before | {"imports.ImportRun": 1}
    assert ImportRun.objects.get().state == ImportRun.State.FAILED


def test_a_refused_file_in_a_dry_run_leaves_no_trace(run, tmp_path):
    shop = make_shop()
    (tmp_path / "o.csv").write_bytes(b"")
    before = row_counts()

    code, _, _ = run(tmp_path / "o.csv", shop.pk, "--dry-run")

    assert code == 2
    assert row_counts() == before


@pytest.mark.parametrize("options", [[], ["--dry-run"], ["--json"]])
def test_an_unknown_shop_is_wrong_usage(run, my_file, options):
    make_shop(name="Main Store")
    before = row_counts()

    code, out, _ = run(my_file, "Other Store", *options)

    assert code == 2
    assert out == ""
    assert row_counts() == before


def test_a_name_of_two_shops_is_wrong_usage(run, my_file):
    make_shop(name="Main Store", region="MY")
    make_shop(name="Main Store", region="SG")

    code, _, _ = run(my_file, "Main Store")

    assert code == 2
    assert Order.objects.count() == 0
    assert run(my_file, "Main Store (MY)")[0] == 0


def test_a_missing_file_is_wrong_usage(run, tmp_path):
    code, out, _ = run(tmp_path / "nowhere.csv", make_shop().pk)

    assert code == 2
    assert out == ""
    assert ImportRun.objects.count() == 0


def test_the_command_line_gives_the_exit_codes_to_the_shell(tmp_path):
    with pytest.raises(CommandError) as caught:
        call_command("import_file", "orders", str(tmp_path / "x.csv"), "--shop=1")

    assert caught.value.returncode == 2


def test_progress_goes_to_stderr_in_plain_lines(run, my_file):
    shop = make_shop()

    _, out, err = run(my_file, shop.pk)
    assert f"import_file shop={shop.pk} state=done done=4 total=4 new=4" in err
    assert "state=" not in out
    assert "\r" not in err

    assert run(my_file, shop.pk, "--no-progress")[2] == ""


def test_runs_are_on_record(run, my_file, bad_file):
    shop = make_shop()
    run(my_file, shop.pk)
    run(my_file, shop.pk)
    run(bad_file, shop.pk)

    partly, again, first = ImportRun.objects.all()

    assert (first.state, first.rows, first.new, first.same) == ("done", 5, 4, 0)
    assert (again.state, again.new, again.same) == ("done", 0, 4)
    assert first.file_hash == again.file_hash != partly.file_hash
    assert first.file_name == my_file.name
    assert (partly.state, partly.rows, partly.failed) == ("partly", 7, 2)
    assert "two" in partly.first_error
    assert all(run.ended_at for run in (first, again, partly))
