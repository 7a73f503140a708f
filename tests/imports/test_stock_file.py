"""The command for stock, from the words it is given to the words it prints."""

import json

import pytest
from django.core.management import CommandError, call_command

from apps.inventory.models import StockCount, StockDocument
from tests.factories.inventory import make_warehouse, stock_of
from tests.factories.platforms import make_shop
from tests.factories.products import make_product, make_variant
from tests.factories.users import make_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return make_client("Northwind")


@pytest.fixture
def lamp(client):
    return make_variant(make_product(client), "LAMP-30")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "stock.csv"
    path.write_text("SKU,quantity\nLAMP-30,4\nX,1\n")
    return path


@pytest.fixture
def run(capsys):
    """Run the command; gives (exit code, stdout, stderr)."""

    def run(path, *options):
        code: object = 0
        try:
            call_command("import_file", "stock", str(path), *options)
        except SystemExit as end:
            code = end.code
        except CommandError as error:
            return error.returncode, "", str(error)
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_good_rows_are_booked_and_bad_ones_named(run, file, lamp):
    code, out, err = run(file, "--client=Northwind")

    assert code == 3
    assert "line 3: There is no SKU “X”." in err
    assert "Booked into Northwind: Stock take" in out
    errors = file.with_name("stock.csv.errors.csv").read_text("utf-8-sig")
    assert errors.splitlines() == ["SKU,quantity,error", "X,1,There is no SKU “X”."]
    assert stock_of(lamp) == (4, 0, 0, 0)


def test_the_shop_tells_the_client_and_the_clock(run, file, lamp, client):
    make_shop(client, name="Main Store", time_zone="Asia/Kuala_Lumpur")

    run(file, "--shop=Main Store", "--counted-at=2026-11-20 18:30")

    [counted] = StockCount.objects.all()
    assert f"{counted.counted_at:%Y-%m-%d %H:%M}" == "2026-11-20 10:30"


def test_a_dry_run_says_so_and_writes_nothing(run, file, lamp):
    code, out, _ = run(file, "--client=Northwind", "--dry-run")

    assert code == 3
    assert "Dry run: nothing was written." in out
    assert not StockDocument.objects.exists()


def test_strict_writes_nothing(run, file, lamp):
    code, out, _ = run(file, "--client=Northwind", "--strict")

    assert code == 3
    assert "Nothing was written, because rows are bad" in out
    assert not StockDocument.objects.exists()


def test_a_receipt_is_booked_again_only_with_again(run, tmp_path, lamp):
    path = tmp_path / "receipt.csv"
    path.write_text("SKU,quantity\nLAMP-30,4\n")
    options = ("--client=Northwind", "--mode=receive")
    run(path, *options)

    code, out, _ = run(path, *options)
    again, _, _ = run(path, *options, "--again")

    assert (code, again) == (0, 0)
    assert "Book it again? Then say --again." in out
    assert "Nothing was written." in out
    assert stock_of(lamp) == (8, 0, 0, 0)


def test_programs_get_an_object_a_line(run, file, lamp):
    _, out, _ = run(file, "--client=Northwind", "--json")

    error, summary = map(json.loads, out.splitlines())
    assert (error["type"], error["line"], error["sku"]) == ("error", 3, "X")
    assert summary["type"] == "summary"
    assert (summary["rows"], summary["changed"], summary["refused"]) == (2, 1, 1)
    assert summary["documents"] == [StockDocument.objects.get().pk]
    assert summary["written"] is True


def test_the_warehouse_and_the_reason_may_be_said_for_all_rows(
    run, tmp_path, client, lamp
):
    annex = make_warehouse(client, "Annex")
    path = tmp_path / "lost.csv"
    path.write_text("SKU,quantity\nLAMP-30,-4\n")

    code, _, _ = run(
        path,
        "--client=Northwind",
        "--mode=adjust",
        "--reason=lost",
        "--warehouse=annex",
    )

    assert code == 0
    assert stock_of(lamp, annex) == (-4, 0, 0, 0)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ([], "Say whose stock it is"),
        (["--client=Nobody"], "No client “Nobody”"),
        (["--client=Northwind", "--shop=1"], "not both"),
        (["--client=Northwind", "--warehouse=Moon"], "No warehouse “Moon”"),
        (["--client=Northwind", "--counted-at=noon"], "is no moment"),
        (["--client=Northwind", "--time-zone=Mars"], "Mars"),
    ],
)
def test_what_does_not_fit_is_wrong_usage(run, file, lamp, options, why):
    code, _, err = run(file, *options)

    assert code == 2
    assert why in err
    assert not StockDocument.objects.exists()


def test_a_file_that_cannot_be_used_ends_with_wrong_usage(run, tmp_path, lamp):
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")

    code, _, err = run(path, "--client=Northwind")

    assert code == 2
    assert "No column is called “SKU”" in err


@pytest.mark.parametrize(
    ("header", "says"),
    [
        # With the same SKU and quantity, and none of them is stock.
        (
            "Order ID,Order Status,Seller SKU,SKU ID,Quantity,"
            "SKU Subtotal After Discount,Order Amount,Created Time",
            "an order export: import it as orders",
        ),
        ("product_id,sku_id,seller_sku,quantity,price", "import it as products"),
        ("amazon-order-id,order-status,sku,quantity", "“amazon-order-id” tells"),
        ("Order Number,SKU,Quantity", "what was sold is not what lies there"),
    ],
)
def test_what_was_sold_is_not_counted_as_stock(run, tmp_path, lamp, header, says):
    cells = [
        {"sku": "LAMP-30", "seller_sku": "LAMP-30", "seller sku": "LAMP-30"}.get(
            name.lower(), "4"
        )
        for name in header.split(",")
    ]
    path = tmp_path / "stock.csv"
    path.write_text(f"{header}\n{','.join(cells)}\n")

    code, _, err = run(path, "--client=Northwind")

    assert (code, says in err) == (2, True)
    assert not StockDocument.objects.exists()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"%PDF-1.7 and so on", "This is a PDF document"),
        (b"<!DOCTYPE html><title>Log in</title>", "This is a web page"),
        (b"\xd0\xcf\x11\xe0 and so on", "This is a workbook"),
        (b"PK\x05\x06" + bytes(18), "This is an archive"),
    ],
)
def test_what_is_no_table_is_named(run, tmp_path, client, data, says):
    path = tmp_path / "stock.csv"
    path.write_bytes(data)

    code, _, err = run(path, "--client=Northwind")

    assert (code, says in err) == (2, True)
