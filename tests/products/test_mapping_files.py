"""Mapping files: what each row comes to, and that the way out leads back in."""

import csv
import io
import json
from contextlib import suppress
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.core.exports import csv_lines
from apps.imports.models import ImportRun
from apps.imports.services.mapping import MappingImport, import_mapping
from apps.orders.services import mapping
from apps.products.errors import FileUnusable
from apps.products.models import ListingSku, MappingBatch, Product
from apps.products.services.mapping_files import COLUMNS, export_rows, read_file
from apps.users.models import AuditEntry
from tests.factories.platforms import make_shop
from tests.factories.products import (
    make_bundle,
    make_listing,
    make_listing_sku,
    make_product,
    make_variant,
)
from tests.factories.users import make_client
from tests.orders.queries import statements
from tests.products.mapping_support import NOBODY, State, make_line, stand

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return make_client("Northwind")


@pytest.fixture
def shop(client):
    return make_shop(client, name="Main Store")


@pytest.fixture
def lamp(client):
    return make_variant(make_product(client), "LAMP-30")


def read(content: str, *shops: Any, **options: Any) -> MappingImport:
    return import_mapping(content.encode(), shops, NOBODY, file_name="m.csv", **options)


def results(found: MappingImport) -> list[str]:
    return [each.result.value for each in found.examined.rows]


def said(found: MappingImport) -> list[str]:
    return [each.said for each in found.examined.rows]


# Rows -------------------------------------------------------------------------------


def test_a_row_matches_by_sku_id_and_lines_follow(shop, lamp):
    sku = make_listing_sku(shop=shop, remote_id="100")
    line = make_line(sku)

    found = read("shop,SKU ID,our SKU\nMain Store,100,LAMP-30\n", shop)

    assert results(found) == ["new"]
    assert stand(sku) == (State.MATCHED, "LAMP-30")
    assert ListingSku.objects.get().mapped_reason == ListingSku.Reason.FILE
    line.refresh_from_db()
    assert line.variant == lamp
    batch = MappingBatch.objects.get()
    assert (batch.deed, batch.lines_relinked) == (MappingBatch.Deed.FILE, 1)
    assert AuditEntry.objects.get().verb == "imported mappings"


@pytest.mark.parametrize(
    "header", ["SKU ID,our SKU", "sku_id;OUR SKU", "Sku Id\tour_sku"]
)
def test_columns_are_known_however_they_are_written_and_parted(shop, lamp, header):
    sku = make_listing_sku(shop=shop, remote_id="100")
    separator = next(c for c in ",;\t" if c in header)

    read(f"note{separator}{header}\nx{separator}100{separator}LAMP-30\n", shop)

    assert stand(sku) == (State.MATCHED, "LAMP-30")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_is_read_in_the_encodings_spreadsheets_write(shop, client, encoding):
    sku = make_listing_sku(shop=shop, remote_id="100")
    make_variant(client=client, sku="ĐÈN-30")
    data = "SKU ID,our SKU\r\n100,ĐÈN-30\r\n".encode(encoding)

    import_mapping(data, [shop], NOBODY, file_name="m.csv")

    assert stand(sku) == (State.MATCHED, "ĐÈN-30")


def test_shops_are_named_by_id_name_or_name_with_region(client, lamp):
    shops = [make_shop(client, name=f"Shop of {n}") for n in range(4)]
    skus = [make_listing_sku(shop=shop, remote_id="100") for shop in shops]
    names = [shops[0].pk, shops[1].remote_id, "shop of 2", str(shops[3])]
    rows = "".join(f"{name},100,LAMP-30\n" for name in names)

    read(f"shop,SKU ID,our SKU\n{rows}", *shops)

    assert {stand(sku) for sku in skus} == {(State.MATCHED, "LAMP-30")}
    assert MappingBatch.objects.count() == 4


def test_a_name_of_several_shops_is_refused_with_their_ids(client, lamp):
    shops = [make_shop(client, name="Store", region=r) for r in ("MY", "SG")]

    found = read("shop,SKU ID,our SKU\nStore,100,LAMP-30\n", *shops)

    assert results(found) == ["refused"]
    assert str(shops[0].pk) in said(found)[0]


def test_shops_of_one_name_are_exported_so_that_reading_tells_them_apart(client, lamp):
    shops = [make_shop(client, name="Store", region="MY") for _ in range(2)]
    for shop in shops:
        make_listing_sku(shop=shop, remote_id="100", variant=lamp)
    one = ListingSku.objects.filter(shop=shops[0])

    for rows, count in ((ListingSku.objects.all(), 2), (one, 1)):
        content = "".join(csv_lines(COLUMNS, export_rows(rows)))
        assert results(read(content, *shops)) == ["same"] * count


def test_what_a_spreadsheet_was_kept_from_changing_is_read(shop, client):
    make_variant(client=client, sku="0012")
    sku = make_listing_sku(shop=shop, remote_id="1730000000000000101")

    read('SKU ID,our SKU\n="1730000000000000101","=""0012"""\n', shop)

    assert stand(sku) == (State.MATCHED, "0012")


def test_a_seller_sku_does_where_it_names_one_sku(shop, lamp):
    one = make_listing_sku(shop=shop, seller_sku="ONE")
    make_listing_sku(shop=shop, seller_sku="TWO")
    make_listing_sku(shop=shop, seller_sku="TWO")
    make_listing_sku(shop=shop, seller_sku="ONE", removed_at=timezone.now())

    found = read(
        "seller SKU,our SKU\nONE,LAMP-30\nTWO,LAMP-30\nTHREE,LAMP-30\n,LAMP-30\n", shop
    )

    assert results(found) == ["new", "refused", "refused", "refused"]
    assert stand(one) == (State.MATCHED, "LAMP-30")
    assert "2 SKUs of Main Store (MY) have the seller SKU TWO" in said(found)[1]
    assert "neither a SKU ID nor a seller SKU" in said(found)[3]


def test_our_sku_is_found_whatever_its_capitals_and_may_be_a_bundle(shop, client, lamp):
    make_bundle({lamp: 2}, "Lamp-Set")
    sku = make_listing_sku(shop=shop, remote_id="100")

    read("SKU ID,our SKU\n100,LAMP-SET\n", shop)

    assert stand(sku) == (State.MATCHED, "Lamp-Set")


def test_what_another_client_has_is_as_unknown_as_what_nobody_has(shop):
    make_variant(client=make_client(), sku="THEIRS")
    make_listing_sku(make_listing(make_shop()), "999")
    make_listing_sku(shop=shop, remote_id="100")

    found = read("SKU ID,our SKU\n100,THEIRS\n100,NOBODYS\n999,X\n998,X\n", shop)

    assert results(found) == ["refused"] * 4
    first, second, third, fourth = said(found)
    assert first.replace("THEIRS", "…") == "There is no SKU “…” in the catalogue."
    assert "Line 2 says something else" in second
    assert third.replace("999", "…") == fourth.replace("998", "…")


def test_an_archived_variant_is_refused_but_kept_where_it_stands(shop, lamp):
    kept = make_listing_sku(shop=shop, remote_id="1", variant=lamp)
    make_listing_sku(shop=shop, remote_id="2")
    Product.objects.update(is_active=False)

    found = read("SKU ID,our SKU\n1,LAMP-30\n2,LAMP-30\n", shop)

    assert results(found) == ["same", "refused"]
    assert said(found)[1] == "LAMP-30 is no longer sold."
    assert stand(kept) == (State.MATCHED, "LAMP-30")


def test_a_blank_keeps_a_match_unless_told_to_end_it(shop, lamp):
    sku = make_listing_sku(shop=shop, remote_id="100", variant=lamp)
    file = "SKU ID,our SKU\n100,\n"

    assert results(read(file, shop)) == ["same"]
    assert stand(sku) == (State.MATCHED, "LAMP-30")
    found = read(file, shop, unlink_blank=True)

    assert results(found) == ["changed"]
    assert said(found) == ["unlinked, was LAMP-30"]
    assert stand(sku) == (State.UNMATCHED, None)


@pytest.mark.parametrize("row", ["100,,ignore", "100,,Ignored", "100,ignore,"])
def test_ignore_marks_a_sku(shop, row):
    sku = make_listing_sku(shop=shop, remote_id="100")

    found = read(f"SKU ID,our SKU,state\n{row}\n", shop)

    assert results(found) == ["changed"]
    assert stand(sku) == (State.IGNORED, None)
    assert results(read(f"SKU ID,our SKU,state\n{row}\n", shop)) == ["same"]


def test_a_row_that_says_two_things_is_refused(shop, lamp):
    make_listing_sku(shop=shop, remote_id="100")

    assert results(read("SKU ID,our SKU,state\n100,LAMP-30,ignore\n", shop)) == [
        "refused"
    ]


def test_our_sku_wins_over_a_state_that_was_exported(shop, lamp):
    sku = make_listing_sku(shop=shop, remote_id="100", mapping=State.IGNORED)

    read("SKU ID,our SKU,state\n100,LAMP-30,ignored\n", shop)

    assert stand(sku) == (State.MATCHED, "LAMP-30")


def test_the_same_row_twice_is_the_same_and_another_is_refused(shop, lamp, client):
    make_variant(client=client, sku="VASE-1")
    sku = make_listing_sku(shop=shop, remote_id="100")

    found = read("SKU ID,our SKU\n100,LAMP-30\n100,lamp-30\n100,VASE-1\n", shop)

    assert results(found) == ["new", "same", "refused"]
    assert "Line 2 says something else" in said(found)[2]
    assert stand(sku) == (State.MATCHED, "LAMP-30")


def test_ids_that_a_spreadsheet_ruined_are_refused_with_the_reason(shop, lamp):
    found = read("SKU ID,our SKU\n1.73E+18,LAMP-30\n", shop)

    assert "its last digits are lost" in said(found)[0]


def test_rows_without_a_shop_are_refused_where_there_are_several(client, lamp):
    found = read("SKU ID,our SKU\n1,LAMP-30\n", make_shop(client), make_shop(client))

    assert said(found) == ["The row names no shop."]


# Whole files ------------------------------------------------------------------------


def test_the_same_file_again_changes_nothing(shop, lamp):
    make_listing_sku(shop=shop, remote_id="100")
    file = "SKU ID,our SKU\n100,LAMP-30\n"
    read(file, shop)

    found = read(file, shop)

    assert results(found) == ["same"]
    assert MappingBatch.objects.count() == 1
    assert [run.same for run in ImportRun.objects.order_by("pk")] == [0, 1]


def test_a_dry_run_and_a_strict_one_with_refused_rows_write_nothing(shop, lamp):
    sku = make_listing_sku(shop=shop, remote_id="100")
    file = "SKU ID,our SKU\n100,LAMP-30\n101,LAMP-30\n"

    assert results(read(file, shop, dry_run=True)) == ["new", "refused"]
    assert results(read(file, shop, strict=True)) == ["new", "refused"]

    assert stand(sku)[0] == State.UNMATCHED
    assert not ImportRun.objects.exists()
    assert not MappingBatch.objects.exists()


def test_a_file_is_one_decision_a_shop_and_undone_by_shop(client, lamp):
    shops = [make_shop(client), make_shop(client)]
    skus = [make_listing_sku(shop=shop, remote_id="100") for shop in shops]
    rows = "".join(f"{shop.pk},100,LAMP-30\n" for shop in shops)
    found = read(f"shop,SKU ID,our SKU\n{rows}", *shops)
    batch = found.outcomes[shops[0]].batch
    assert batch is not None

    mapping.undo(batch, NOBODY)

    assert [stand(sku)[0] for sku in skus] == [State.UNMATCHED, State.MATCHED]


def test_the_log_of_imports_has_a_record_for_each_shop(shop, client, lamp):
    vase = make_variant(client=client, sku="VASE-1")
    make_listing_sku(shop=shop, remote_id="1")
    make_listing_sku(shop=shop, remote_id="2", variant=vase)
    make_listing_sku(shop=shop, remote_id="3", variant=lamp)

    read("SKU ID,our SKU\n1,LAMP-30\n2,LAMP-30\n3,LAMP-30\n4,LAMP-30\n", shop)

    run = ImportRun.objects.get()
    counts = (run.rows, run.new, run.updated, run.same, run.failed)
    assert counts == (4, 1, 1, 1, 1)
    assert run.state == ImportRun.State.PARTLY
    assert run.first_error.startswith("Line 5: ")


def test_a_large_file_costs_as_many_statements_as_a_small_one(shop, lamp):
    def cost(count: int) -> list[str]:
        ListingSku.objects.all().delete()
        for number in range(count):
            make_listing_sku(shop=shop, remote_id=str(number))
        rows = "".join(f"{number},LAMP-30\n" for number in range(count))
        with statements() as asked:
            read(f"SKU ID,our SKU\n{rows}", shop)
        return asked.kinds

    cost(1)
    assert cost(3) == cost(60)


text = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=20
).map(str.strip)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(skus=st.lists(text, min_size=1, max_size=5), titles=text, store=text)
def test_whatever_is_exported_reads_back_as_the_same(db, skus, titles, store):
    client = make_client()
    shop = make_shop(client, name=store or "Store")
    lamp = make_variant(client=client, sku="=LAMP")
    for number, seller_sku in enumerate(skus):
        listing = make_listing(shop, title=titles)
        make_listing_sku(
            listing,
            seller_sku=seller_sku,
            variation=titles,
            **(
                {"variant": lamp}
                if number % 3 == 0
                else {"mapping": (State.IGNORED, State.UNMATCHED)[number % 2]}
            ),
        )
    content = "".join(
        csv_lines(COLUMNS, export_rows(ListingSku.objects.filter(shop=shop)))
    )
    for cells in csv.reader(io.StringIO(content, newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in cells)

    found = read(content, shop)

    assert set(results(found)) == {"same"}


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_file_breaks_the_reader(data):
    with suppress(FileUnusable):
        read_file(data)


# Commands ----------------------------------------------------------------------------


def test_the_command_imports_tells_and_keeps_what_was_refused(
    shop, lamp, tmp_path, capsys
):
    sku = make_listing_sku(shop=shop, remote_id="100")
    path = tmp_path / "m.csv"
    path.write_text("note,SKU ID,our SKU\nx,100,LAMP-30\ny,101,LAMP-30\n")

    with pytest.raises(SystemExit) as ended:
        call_command("import_file", "mapping", path, shop=str(shop.pk))

    assert ended.value.code == 3
    assert stand(sku) == (State.MATCHED, "LAMP-30")
    told = capsys.readouterr()
    assert "line 3: Main Store (MY) has no SKU ID 101." in told.err
    assert "It can be undone" in told.out
    errors = (tmp_path / "m.csv.errors.csv").read_text(encoding="utf-8-sig")
    assert errors.splitlines() == [
        "note,SKU ID,our SKU,error",
        "y,101,LAMP-30,Main Store (MY) has no SKU ID 101.",
    ]


def test_the_command_speaks_json(shop, lamp, tmp_path, capsys):
    make_listing_sku(shop=shop, remote_id="100")
    path = tmp_path / "m.csv"
    path.write_text("SKU ID,our SKU\n100,LAMP-30\n")

    call_command("import_file", "mapping", path, shop=shop.name, json=True)

    [summary] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert summary["type"] == "summary"
    assert (summary["new"], summary["written"]) == (1, True)


def test_the_command_says_what_is_wrong_with_a_file_that_is_none(
    shop, tmp_path, capsys
):
    path = tmp_path / "m.csv"
    path.write_text("a,b\n1,2\n")

    with pytest.raises(SystemExit) as ended:
        call_command("import_file", "mapping", path, shop=str(shop.pk))

    assert ended.value.code == 2
    assert "Nothing was written" in capsys.readouterr().err


def test_a_row_of_another_shop_than_the_one_named_is_refused(shop, client, lamp):
    make_shop(client, name="Beside")

    assert results(read("shop,SKU ID,our SKU\nBeside,1,LAMP-30\n", shop)) == ["refused"]


def test_the_export_command_writes_what_the_import_reads(shop, lamp, tmp_path, capsys):
    make_listing_sku(shop=shop, remote_id="100", variant=lamp)
    make_listing_sku(shop=shop, remote_id="200")
    path = tmp_path / "out.csv"

    call_command("export_mapping", path, shop=[shop.name], state=["matched"])
    call_command("import_file", "mapping", path, shop=shop.name, json=True)

    told = json.loads(capsys.readouterr().out)
    assert (told["rows"], told["same"]) == (1, 1)
    with pytest.raises(CommandError):
        call_command("export_mapping", path)


def test_an_order_export_is_told_where_it_belongs():
    # It has SKUs, and a column “State” that speaks of addresses.
    header = (
        "Order ID,Order Status,SKU ID,Seller SKU,Quantity,SKU Subtotal After Discount,"
        "Order Amount,Created Time,State"
    )
    row = "579300000000000101,Completed,1730000000000000001,L-1,1,5,5,x,Selangor"

    with pytest.raises(FileUnusable, match="import it as orders"):
        read_file(f"{header}\n{row}\n".encode())
