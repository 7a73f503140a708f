"""Product lists (bulk edit templates), cell by cell."""

from decimal import Decimal

import pytest

from apps.integrations.contracts import ListingStatus
from apps.integrations.tiktok.exports import (
    FileRefused,
    inspect_orders_file,
    inspect_products_file,
    write_products_error_file,
)
from tests.imports.product_lists import COLUMNS, HEAD, LAMP, MUG, make_list, row
from tests.integrations.tiktok.exports.files import as_csv, make_row


@pytest.fixture
def read(tmp_path):
    def read(*rows, currency="MYR", region="MY", **options):
        path = make_list(tmp_path, *rows, **options)
        return inspect_products_file(path, currency=currency, region=region)

    return read


def errors(file):
    return [(p.line, p.column, p.message) for p in file.problems if p.is_error]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"shared": True},
        {"row_per_cell": True},
        {"name": "Sheet9"},
        {"kind": "csv"},
        {"kind": "csv", "separator": ";", "encoding": "utf-16"},
        {"kind": "csv", "head": ()},
    ],
)
def test_a_row_a_sku_becomes_a_listing_with_its_skus(read, options):
    file = read(row(1), row(2, price="41", quantity="0"), row(3, MUG), **options)

    lamp, mug = file.listings
    assert (lamp.remote_id, mug.remote_id) == (LAMP, MUG)
    assert lamp.title == "Rattan lamp, natural, 30 cm"
    assert (lamp.status, lamp.status_text) == (ListingStatus.LIVE, "Live(1)")
    assert (lamp.category_id, lamp.category_path) == ("600001", ("Table lamps",))
    assert (lamp.brand_id, lamp.brand_name) == ("7082427311584347905", "Rottan")
    assert lamp.description == "<p>Woven by hand,\nin Penang.</p>"
    assert len(lamp.image_urls) == 2
    assert (lamp.is_whole, lamp.updated_at) == (False, None)
    one, two = lamp.skus
    assert (one.remote_id, one.seller_sku) == ("1730000000000000001", "LAMP-1")
    assert (one.variation, one.price, one.currency) == (
        "Size 1",
        Decimal("40.50"),
        "MYR",
    )
    assert (one.quantity, two.quantity) == (7, 0)
    assert errors(file) == []
    report = file.report
    people = len(options.get("head", HEAD))
    assert (report.rows, report.accepted_rows) == (3 + people, 3)
    assert report.rows_for_people == people
    assert report.products == 2


def test_the_second_row_says_which_template_it_is(read):
    assert read(row()).report.head == ("V4", "All_Information", "metric")


def test_rows_for_people_may_hold_a_digit(read):
    labels = dict.fromkeys(COLUMNS, "") | {
        "product_name": "Product name",
        "price": "Price, 2 decimals",
        "quantity": "Quantity in warehouse 1",
    }
    head = (HEAD[0], [labels[column] for column in COLUMNS], *HEAD[2:])

    file = read(row(), head=head)

    assert errors(file) == []
    assert (file.report.rows_for_people, file.report.accepted_rows) == (4, 1)


def test_an_absent_quantity_and_blank_cells_are_unknown_not_zero(read):
    columns = [c for c in COLUMNS if c not in ("quantity", "brand")]

    file = read(row(price="", seller_sku=""), row(2, price="-"), columns=columns)

    (lamp,) = file.listings
    assert {sku.quantity for sku in lamp.skus} == {None}
    assert {(sku.price, sku.currency) for sku in lamp.skus} == {(None, "")}
    assert (lamp.skus[0].seller_sku, lamp.brand_name) == ("", "")
    assert file.report.rows_without_quantity == file.report.rows_without_price == 2


def test_a_column_nobody_knows_is_reported(read):
    columns = [*COLUMNS, "warranty_type"]

    file = read(row(warranty_type="none"), columns=columns)

    assert file.report.unknown_columns == ("warranty_type",)
    (note,) = file.problems
    assert (note.is_error, "warranty_type" in note.message) == (False, True)
    assert len(file.listings) == 1


def test_columns_are_found_by_name_in_any_order(read):
    assert read(row(), columns=COLUMNS[::-1]).listings == read(row()).listings


def test_scattered_rows_of_a_product_come_together(read):
    file = read(row(1), row(2, MUG), row(3))

    assert [len(listing.skus) for listing in file.listings] == [2, 1]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([row(1), row(1)], "stands on line 7, too"),
        ([row(1), row(2, sku_id="")], "sku_id: the SKU ID is missing"),
        ([row(1), row(2, sku_id="blue")], "“blue” is no SKU ID"),
        ([row(1), row(2, price="two")], "price: “two” is not an amount"),
        ([row(1), row(2, price="-3")], "below zero"),
        ([row(1), row(2, quantity="1.5")], "quantity: “1.5” is not a whole number"),
        ([row(1), row(2, product_name="Other")], "product_name: says something else"),
        ([row(1), row(2, brand="")], "brand: says something else than line 6"),
        ([row(1), row(2, main_image="https://x/b.jpeg")], "main_image: says"),
        ([row(1), row(2, product_status="Draft(3)")], "product_status: says"),
    ],
)
def test_a_bad_row_refuses_its_product_and_no_other(read, rows, words):
    file = read(*rows, row(9, MUG))

    assert [listing.remote_id for listing in file.listings] == [MUG]
    assert any(words in message for _, _, message in errors(file))
    assert all(p.product_id == LAMP for p in file.problems)
    report = file.report
    assert (report.accepted_rows, report.refused_rows) == (1, 2)
    assert report.rows == 3 + 4
    assert (report.products, report.refused_products) == (1, 1)
    assert file.product_ids == {LAMP, MUG}


def test_a_sku_of_two_products_refuses_both(read):
    file = read(row(1), row(1, MUG), row(2, "1729000000000000333"))

    assert len(file.listings) == 1
    assert len(errors(file)) == 2


def test_a_row_without_a_product_is_refused_alone(read):
    file = read(row(1), row(2, ""), row(3, "lamp"))

    assert [listing.remote_id for listing in file.listings] == [LAMP]
    assert [line for line, *_ in errors(file)] == [7, 8]
    assert file.report.refused_rows == 2


def test_pictures_are_the_same_whatever_host_and_query(read):
    other = "https://p19.example.org/a/lamp.jpeg?from=1&sign=xyz"

    assert errors(read(row(1), row(2, main_image=other))) == []


def test_blank_rows_are_counted_and_nothing_else(read):
    file = read(row(1), dict.fromkeys(COLUMNS, " "), row(2))

    report = file.report
    assert report.accepted_rows == 2
    assert report.rows == report.accepted_rows + report.blank_rows + 4


@pytest.mark.parametrize(
    ("cell", "status"),
    [
        ("Deactivated(5)", ListingStatus.SELLER_DEACTIVATED),
        ("Draft", ListingStatus.DRAFT),
        ("Đang hoạt động(1)", ListingStatus.UNKNOWN),
        ("", ListingStatus.UNKNOWN),
    ],
)
def test_a_status_is_known_by_its_label_and_kept_as_written(read, cell, status):
    (listing,) = read(row(product_status=cell)).listings

    assert (listing.status, listing.status_text) == (status, cell)


@pytest.mark.parametrize(
    "rows",
    [
        [row(sku_id="1.73000E+18")],
        [row(1, product="1,729E+18")],
        [row(1, sku_id="1730000000000001000"), row(2, sku_id="1730000000000002000")],
    ],
)
def test_ids_ruined_by_a_spreadsheet_refuse_the_file(read, rows):
    with pytest.raises(FileRefused, match="last digits are lost"):
        read(*rows)


def test_another_currency_refuses_the_file(read):
    with pytest.raises(FileRefused, match="not in MYR") as refused:
        read(row(price="Rp38.824"))

    assert (refused.value.line, refused.value.column) == (6, "price")


def test_prices_are_read_as_the_region_writes_them(read):
    (lamp,) = read(row(price="Rp38.824"), currency="IDR", region="ID").listings

    assert lamp.skus[0].price == Decimal(38824)


@pytest.mark.parametrize("missing", ["sku_id", "product_id"])
def test_mandatory_columns_that_are_missing_are_named(read, missing):
    with pytest.raises(FileRefused, match=f"Columns are missing: {missing}"):
        read(row(), columns=[c for c in COLUMNS if c != missing])


def test_a_column_that_stands_there_twice_refuses_the_file(read):
    with pytest.raises(FileRefused, match="“price” occurs twice"):
        read(row(), columns=[*COLUMNS, "price"])


def test_a_header_alone_is_no_product_list(read):
    with pytest.raises(FileRefused, match="no products"):
        read()


def test_a_file_of_the_wrong_kind_is_named_and_sent_to_the_right_one(tmp_path):
    orders = tmp_path / "orders.csv"
    orders.write_bytes(as_csv([make_row()]))
    with pytest.raises(FileRefused, match=r"an order export.*import it as orders"):
        inspect_products_file(orders, currency="MYR", region="MY")

    for kind in ("csv", "xlsx"):
        products = make_list(tmp_path, row(), kind=kind)
        with pytest.raises(FileRefused, match=r"a product list.*import it as products"):
            inspect_orders_file(
                products, currency="MYR", timezone="Asia/Kuala_Lumpur", region="MY"
            )


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"PK\x03\x04junk"])
def test_what_is_no_product_list_is_refused_in_words(tmp_path, content):
    path = tmp_path / "file.csv"
    path.write_bytes(content)

    with pytest.raises(FileRefused):
        inspect_products_file(path, currency="MYR", region="MY")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_refused_rows_can_be_corrected_and_read_again(tmp_path, kind):
    rows = [row(1), row(2, price="two"), row(3, MUG), row(4, "")]
    path = make_list(tmp_path, *rows, kind=kind)
    file = inspect_products_file(path, currency="MYR", region="MY")
    out = tmp_path / "errors.csv"

    assert write_products_error_file(path, out, file.problems) == 3

    text = out.read_text(encoding="utf-8-sig")
    assert text.splitlines()[0] == ",".join([*COLUMNS, "error"])
    out.write_text(text.replace(",two,", ",42,"), encoding="utf-8")
    again = inspect_products_file(out, currency="MYR", region="MY")
    (lamp,) = again.listings
    assert [sku.price for sku in lamp.skus] == [Decimal("40.50"), Decimal(42)]
    assert lamp.description == "<p>Woven by hand,\nin Penang.</p>"
    assert len(errors(again)) == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"parcel_weight": "LAMP-1"}, "parcel_weight: “LAMP-1” is no number."),
        ({"cod": "https://p16.example.com/a.jpeg"}, "cod: this is the address of a"),
        ({"main_image": "Yes"}, "main_image: “Yes” is no address of a picture."),
        ({"main_image": ""}, "main_image: is blank, but image_2 is not."),
    ],
)
def test_a_row_whose_cells_have_moved_is_refused(read, changes, says):
    file = read(row(**changes), row(2, MUG))

    ((line, _, message),) = errors(file)
    assert line == 6
    assert message.startswith(says)
    assert "Upload the original download." in message
    assert [listing.remote_id for listing in file.listings] == [MUG]


def test_a_row_without_its_product_is_told_beside_it(read):
    file = read(row(1), row(2, ""), row(3, MUG))

    notes = [(p.product_id, p.message[-20:]) for p in file.problems if not p.is_error]
    assert notes == [(LAMP, ": is it of this one?"), (MUG, ": is it of this one?")]
    assert [line for line, _, _ in errors(file)] == [7]


NARROW = (
    "product_id",
    "product_name",
    "sku_id",
    "variation_value",
    "price",
    "quantity",
    "seller_sku",
)


def narrow(number, **changes):
    own = {name: cell for name, cell in row(number).items() if name in NARROW}
    return own | {"seller_sku": f"1001{number}"} | changes


def test_a_seller_sku_that_slid_into_a_narrow_list_s_quantity_is_asked_about(read):
    moved = narrow(3, price="7", quantity="10013", seller_sku="")

    file = read(*map(narrow, (1, 2)), moved, narrow(4), columns=NARROW, head=())

    (note,) = file.problems
    assert (note.line, note.column, note.is_error) == (4, "quantity", False)
    assert "did the row's cells move by one?" in note.message


def test_seller_skus_that_many_rows_lack_are_nothing_odd(read):
    none = [narrow(number, seller_sku="") for number in (1, 2)]

    assert read(*none, narrow(3), narrow(4), columns=NARROW, head=()).problems == []
    assert read(row(1, seller_sku=""), *map(row, (2, 3, 4))).problems == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"variation_value": "<p>Woven by hand.</p>"}, "variation_value: “<p>Woven"),
        ({"seller_sku": "https://p16.example.com/a.jpeg"}, "seller_sku: “https://"),
        ({"brand": "40.50", "price": "7"}, "brand: “40.50” is an amount."),
        ({"product_status": "<b>New</b>"}, "product_status: “<b>New</b>” is a desc"),
    ],
)
def test_a_cell_of_another_kind_than_its_column_s_refuses_the_product(
    read, changes, says
):
    file = read(row(1, **changes), row(2, MUG))

    (error,) = [problem for problem in file.problems if problem.is_error]
    assert error.message.startswith(says)
    assert "wrong columns" in error.message
    assert [listing.remote_id for listing in file.listings] == [MUG]
