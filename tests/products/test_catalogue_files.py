"""The catalogue as a file: it comes back as it went, and bad rows say why."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.core.exports import csv_lines
from apps.products.errors import FileUnusable
from apps.products.models import BundleComponent, Category, Product, Variant
from apps.products.services.catalogue_files import (
    COLUMNS,
    currencies_in,
    export_rows,
    header_of,
)
from apps.products.services.catalogue_import import import_catalogue, write_error_file
from apps.products.services.catalogue_rows import Comparison, Kind
from apps.products.services.categories import save_category
from apps.users.models import AuditEntry
from tests.factories.products import make_bundle, make_product, make_variant
from tests.factories.users import make_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return make_client("Northwind")


@pytest.fixture
def read(client, tmp_path):
    """Import a text, or rows below a header."""

    def read(
        text: str | list[dict[str, str]], *, to=client, **options: Any
    ) -> Comparison:
        path = tmp_path / "catalogue.csv"
        if isinstance(text, list):
            path.write_text(csv_of(text), encoding="utf-8-sig")
        else:
            path.write_text(text)
        return import_catalogue(to, path, **options)

    return read


def csv_of(rows: list[dict[str, str]]) -> str:
    out = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def exported(client, **options: Any) -> str:
    variants = Variant.objects.filter(client=client)
    currencies = currencies_in(variants)
    options = {"with_costs": True} | options
    header = header_of(currencies, **options)
    return "".join(csv_lines(header, export_rows(variants, currencies, **options)))


def kinds(comparison: Comparison) -> list[str]:
    return [each.kind.value for each in comparison.results]


def errors(comparison: Comparison) -> dict[str, str]:
    return {each.row.sku: each.error for each in comparison.refused}


@pytest.fixture
def full(client):
    """Some of everything, and what spreadsheets and parsers stumble over."""
    lamps = save_category(client, "Lamps, small", parent=save_category(client, "Home"))
    lamp = make_product(client, 'Lamp "Rattan"; 30 cm', brand="=Loom", category=lamps)
    a = make_variant(
        lamp,
        "-LAMP-30",
        name="'+Red / M",
        barcode="4006381333931",
        cost_amount=Decimal("4.1234"),
        cost_currency="USD",
        weight_grams=1000,
        length_cm=Decimal("30.50"),
        prices={"MYR": "39.90", "IDR": "150000"},
    )
    b = make_variant(lamp, "B*2", is_active=False)
    make_bundle({a: 3, b: 1}, "SET", product_name="@Set")
    make_variant(make_product(client, "Old", is_active=False), "OLD")
    # Twins: only their SKUs tell them apart.
    make_variant(make_product(client, "Twin"), "T1")
    make_variant(make_product(client, "Twin"), "T2")
    return client


def picture_of(client) -> list[Any]:
    names = ("sku", "name", "barcode", "cost_amount", "cost_currency", "weight_grams")
    sizes = ("length_cm", "width_cm", "height_cm", "is_active", "is_bundle")
    product = ("product__name", "product__brand", "product__category__name")
    rows = Variant.objects.filter(client=client).order_by("sku")
    return [
        *rows.values_list(*names, *sizes, *product),
        *rows.order_by("sku", "prices__currency").values_list(
            "sku", "prices__currency", "prices__amount"
        ),
        *BundleComponent.objects.filter(bundle__client=client)
        .order_by("bundle__sku", "component__sku")
        .values_list("bundle__sku", "component__sku", "quantity"),
    ]


def test_what_was_written_is_read_as_the_same(full, read):
    before = picture_of(full)

    comparison = read(exported(full))

    assert set(kinds(comparison)) == {"same"}
    assert picture_of(full) == before
    assert not AuditEntry.objects.filter(verb="imported products").exists()


def test_formulas_are_made_harmless(full):
    cells = [cell for row in csv.reader(io.StringIO(exported(full))) for cell in row]

    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert "'-LAMP-30" in cells
    assert "''+Red / M" in cells


def test_another_client_gets_the_same_catalogue_from_the_file(full, read):
    other = make_client()
    # Products of one name cannot be told apart where their SKUs are not known.
    Product.objects.filter(variants__sku="T2").update(name="Twin two")

    first = read(exported(full), to=other)
    again = read(exported(full), to=other)

    assert set(kinds(first)) == {"new"}
    assert set(kinds(again)) == {"same"}
    made = [row for row in picture_of(other) if row[0] != "OLD"]
    assert made == [row for row in picture_of(full) if row[0] != "OLD"]
    assert {str(each) for each in Category.objects.filter(client=other)} == {
        "Home",
        "Lamps, small",
    }
    assert first.new_categories == ["Home > Lamps, small"]


def test_costs_are_left_out_for_those_who_do_not_see_them(full):
    header, *_ = exported(full, with_costs=False).splitlines()

    assert header.split(",")[0] == "sku"
    assert "cost" not in header
    assert "4.1234" not in exported(full, with_costs=False)
    assert set(exported(full).splitlines()[0].split(",")) == {
        *COLUMNS,
        "price_MYR",
        "price_IDR",
    }


def test_a_dry_run_tells_the_same_and_writes_nothing(client, read):
    make_variant(make_product(client, "Lamp"), "A", prices={"MYR": "10"})
    rows = [
        {"sku": "A", "product": "Lamp", "price_MYR": "12.50"},
        {"sku": "B", "product": "Lamp", "price_MYR": ""},
        {"sku": "C", "product": "Chair", "price_MYR": "x"},
    ]

    dry = read(rows, dry_run=True)

    assert kinds(dry) == ["changed", "new", "refused"]
    assert dry.results[0].changes == ["price MYR: 10 → 12.5"]
    assert Variant.objects.count() == 1
    assert not AuditEntry.objects.exists()
    wet = read(rows)
    assert kinds(wet) == kinds(dry)
    assert {row.sku for row in Variant.objects.all()} == {"A", "B"}
    assert Product.objects.count() == 1
    entry = AuditEntry.objects.get(verb="imported products")
    assert entry.details["file"] == "catalogue.csv"
    assert (entry.details["new"], entry.details["refused"]) == (1, 1)


def test_a_missing_column_and_a_blank_cell_keep_but_for_words(client, read):
    category = save_category(client, "Home")
    product = make_product(client, "Lamp", brand="Loom", category=category)
    row = make_variant(
        product,
        "A",
        name="Red",
        barcode="4006381333931",
        cost_amount=Decimal(2),
        cost_currency="USD",
        weight_grams=5,
        prices={"MYR": "10"},
    )

    read("sku\nA\n")
    assert kinds(read("sku,cost,cost_currency,weight_grams,price_MYR,active\nA\n")) == [
        "same"
    ]
    row.refresh_from_db()
    assert (row.name, row.barcode, row.weight_grams) == ("Red", "4006381333931", 5)
    read("sku,variant,barcode,brand,category,product\nA,,,,,\n")

    row.refresh_from_db()
    product.refresh_from_db()
    assert (row.name, row.barcode, product.brand, product.category) == (
        "",
        "",
        "",
        None,
    )
    assert (product.name, row.cost_amount, row.weight_grams) == ("Lamp", 2, 5)
    assert str(row.prices.get()) == "MYR 10.00"


def test_bundles_may_be_made_of_what_comes_later_in_the_file(client, read):
    comparison = read(
        [
            {"sku": "SET", "product": "Set", "components": "a*2 + NEW"},
            {"sku": "NEW", "product": "Chair", "components": ""},
            {"sku": "A", "product": "Lamp", "components": ""},
        ]
    )

    assert kinds(comparison) == ["new", "new", "new"]
    bundle = Variant.objects.get(sku="SET")
    made_of = bundle.components.values_list("component__sku", "quantity")
    assert dict(made_of) == {"A": 2, "NEW": 1}


def test_what_bundles_cannot_be_made_of_is_told_in_the_preview_too(client, read):
    part, held = (make_variant(client=client, sku=sku) for sku in ("PART", "HELD"))
    make_bundle({part: 1, held: 1}, "OLD-SET")
    rows = [
        {"sku": "S1", "product": "S1", "components": "NONE"},
        {"sku": "S2", "product": "S2", "components": "OLD-SET"},
        {"sku": "S3", "product": "S3", "components": "S4"},
        {"sku": "S4", "product": "S4", "components": "PART*2"},
        {"sku": "S5", "product": "S5", "components": "s5"},
        {"sku": "S6", "product": "S6", "components": "PART*0"},
        {"sku": "HELD", "product": "", "components": "PART"},
    ]

    said = errors(read(rows, dry_run=True))

    assert "There is no SKU “NONE”" in said["S1"]
    assert "OLD-SET is a bundle" in said["S2"]
    assert "S4 is a bundle" in said["S3"]
    assert "not made of itself" in said["S5"]
    assert "1 to 10,000" in said["S6"]
    assert "part of the bundle OLD-SET" in said["HELD"]
    wrong = read(rows)
    assert errors(wrong).keys() == said.keys()
    assert not Variant.objects.filter(sku__in=["S1", "S2", "S3", "S5", "S6"]).exists()


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("price_MYR", "12,50", "is no number; write it as 1234.50"),
        ("price_MYR", "-1", "is no number"),
        ("price_MYR", "1e3", "is no number"),
        ("price_MYR", "NaN", "is no number"),
        ("price_MYR", "1.005", "MYR has 2 decimals"),
        ("price_IDR", "10.50", "IDR has no decimals"),
        ("weight_grams", "1.5", "at most 0 decimals"),
        ("weight_grams", "99999999999", "less than"),
        ("length_cm", "1234567", "less than"),
        ("barcode", "4.00638E+12", "what a spreadsheet made of the barcode"),
        ("active", "perhaps", "neither yes nor no"),
        ("cost_currency", "XYQ", "no currency"),
        ("cost", "5", "in which currency"),
        ("variant", "x" * 201, "at most 200 characters"),
        ("category", " > ".join("abcdefghi"), "at most 8 deep"),
    ],
)
def test_a_cell_that_does_not_hold_says_which_and_why(
    client, read, column, cell, words
):
    comparison = read([{"sku": "A", "product": "Lamp", column: cell}])

    assert kinds(comparison) == ["refused"]
    assert words in comparison.results[0].error
    assert comparison.results[0].problems[0][0] in (column, "cost_currency")
    assert not Product.objects.exists()
    assert not Category.objects.exists()


def test_thousands_may_be_parted_by_commas(client, read):
    read([{"sku": "A", "product": "Lamp", "price_IDR": "1,234,500"}])

    assert str(Variant.objects.get().prices.get()) == "IDR 1,234,500"


def test_a_product_is_taken_whole_or_not_at_all(client, read):
    make_variant(make_product(client, "Chair"), "C", prices={"MYR": "1"})
    comparison = read(
        [
            {"sku": "A", "product": "Lamp", "price_MYR": "5"},
            {"sku": "B B", "product": "Lamp", "price_MYR": "5"},
            {"sku": "C", "product": "Chair", "price_MYR": "2"},
        ]
    )

    assert kinds(comparison) == ["refused", "refused", "changed"]
    assert errors(comparison) == {
        "A": "Another row of the same product is refused.",
        "B B": "sku: A SKU has no spaces inside: TikTok refuses them.",
    }
    assert {row.sku for row in Variant.objects.all()} == {"C"}


def test_rows_that_contradict_each_other_are_refused(client, read):
    comparison = read(
        [
            {"sku": "A", "product": "Lamp", "brand": "Loom"},
            {"sku": "B", "product": "Lamp", "brand": "Other"},
            {"sku": "C", "product": "Chair", "brand": ""},
            {"sku": "c", "product": "Chair", "brand": ""},
            {"sku": "", "product": "Chair", "brand": ""},
            {"sku": "D", "product": "", "brand": ""},
        ]
    )

    assert set(kinds(comparison)) == {"refused"}
    said = errors(comparison)
    assert "“Other” here and “Loom” in line 2" in said["B"]
    assert said["c"] == "sku: The SKU stands in the lines 4, 5."
    assert said[""] == "sku: A row needs a SKU."
    assert said["D"] == "product: A new SKU needs the name of its product."


def test_products_of_one_name_are_told_apart_by_their_skus(client, read):
    one, two = (make_product(client, "Lamp") for _ in range(2))
    make_variant(one, "A")
    make_variant(two, "B")

    comparison = read(
        [
            {"sku": "A", "product": "Lamp one"},
            {"sku": "B", "product": "Lamp"},
            {"sku": "C", "product": "Lamp one"},
            {"sku": "D", "product": "LAMP"},
        ]
    )

    assert kinds(comparison) == ["changed", "refused", "new", "refused"]
    assert {row.sku for row in one.variants.all()} == {"A", "C"}
    one.refresh_from_db()
    assert one.name == "Lamp one"


def test_active_speaks_of_the_variant_and_wakes_its_product(client, read):
    product = make_product(client, "Lamp", is_active=False)
    row = make_variant(product, "A")

    assert kinds(read("sku,active\nA,no\n")) == ["same"]
    assert kinds(read("sku,active\nA,yes\n")) == ["changed"]
    product.refresh_from_db()
    assert product.is_active
    assert kinds(read("sku,active\nA,yes\n")) == ["same"]
    assert kinds(read("sku,active\nA,No\n")) == ["changed"]
    row.refresh_from_db()
    assert not row.is_active


def test_another_clients_skus_are_not_known(client, read):
    theirs = make_variant(client=make_client(), sku="A", prices={"MYR": "1"})

    assert kinds(read("sku,price_MYR\nA,9\n")) == ["refused"]
    assert kinds(read("sku,product,components\nS,Set,A\n")) == ["refused"]

    assert str(theirs.prices.get()) == "MYR 1.00"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"sku,product\n", "a header but no rows"),
        (b"name,price\nA,1\n", "No column is called"),
        (b"sku,SKU\nA,A\n", "Two columns are called"),
        (b"sku,price_XXQ\nA,1\n", "names no currency"),
        (b"PK\x03\x04", "workbook"),
        (b"sku\n\xff\xff\n", "letters cannot be read"),
        (b"sku\nA\x00\n", "no CSV file"),
        (b'sku,product\nA,"Lamp\nB,C\n', "quotation mark"),
        (b"sku,product\nA,Lamp,30 cm\n", "more cells than there are columns"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_as_a_whole(
    client, tmp_path, data, words
):
    path = tmp_path / "x.csv"
    path.write_bytes(data)

    with pytest.raises(FileUnusable, match=words):
        import_catalogue(client, path)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("sku;product\nA;Lampe für Öl\n", "utf-8"),
        ("sku\tproduct\nA\tLampe für Öl\n", "utf-16"),
        ("sep=;\nSKU ;Product;note\nA;Lampe für Öl;x\n", "utf-8-sig"),
    ],
)
def test_what_spreadsheets_save_is_read(client, tmp_path, text, encoding):
    path = tmp_path / "x.csv"
    path.write_text(text, encoding=encoding)

    comparison = import_catalogue(client, path)

    assert kinds(comparison) == ["new"]
    assert Product.objects.get().name == "Lampe für Öl"
    assert list(comparison.file.ignored) == (["note"] if "note" in text else [])


def test_refused_rows_come_back_with_the_reason_and_can_be_imported(client, read):
    comparison = read(
        [
            {"sku": "A", "note": "keep", "product": "Lamp", "price_MYR": "x"},
            {"sku": "B", "note": "=1", "product": "Chair", "price_MYR": "1"},
        ]
    )
    out = io.StringIO()

    assert write_error_file(comparison, out) == 1

    header, row = csv.reader(io.StringIO(out.getvalue()))
    assert header == ["sku", "note", "product", "price_MYR", "error"]
    assert row[:4] == ["A", "keep", "Lamp", "x"]
    assert row[4].startswith("price_MYR: “x” is no number")
    corrected = read(out.getvalue().replace(",x,", ",2,"))
    assert kinds(corrected) == ["new"]
    again = io.StringIO()
    write_error_file(read(out.getvalue()), again)
    assert next(csv.reader(io.StringIO(again.getvalue()))).count("error") == 1


def test_reading_costs_the_same_for_many_rows(client, read, django_assert_num_queries):
    rows = []
    for number in range(30):
        make_variant(make_product(client, f"P{number}"), f"S{number}")
        rows.append({"sku": f"S{number}", "product": f"P{number}"})

    with django_assert_num_queries(4):
        assert set(kinds(read(rows))) == {"same"}


def test_the_commands_write_and_read(full, tmp_path, capsys):
    path = tmp_path / "out.csv"
    call_command("export_products", str(path), client="northwind")
    call_command("import_catalogue", str(path), client=str(full.pk), no_progress=True)
    assert "6 | " in capsys.readouterr().out

    call_command("export_products", client="Northwind", no_costs=True)
    assert "4.1234" not in capsys.readouterr().out
    for options in ({"client": "Nobody"}, {"client": "Northwind", "file": "none.csv"}):
        file = options.pop("file", str(path))
        with pytest.raises(CommandError):
            call_command("import_catalogue", file, **options)


def test_the_command_leaves_a_file_of_what_it_refused(client, tmp_path, capsys):
    path = tmp_path / "in.csv"
    path.write_text("sku,product,price_MYR\nA,Lamp,1\nB,Chair,x\n")

    with pytest.raises(SystemExit) as ended:
        call_command("import_catalogue", str(path), client="Northwind", json=True)

    assert ended.value.code == 3
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["type"] for each in told] == ["new", "refused", "summary"]
    assert told[-1] | {"written": True, "new": 1, "refused": 1} == told[-1]
    assert "is no number" in Path(f"{path}.errors.csv").read_text("utf-8-sig")
    assert Kind.REFUSED.value == "refused"
