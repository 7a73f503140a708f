"""Product lists into a shop, from the command's words to the rows."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.urls import reverse

from apps.imports.models import ImportRun
from apps.imports.services.products import import_products
from apps.integrations.contracts import Source
from apps.products.models import Listing, ListingPayload, ListingSku
from apps.products.services.ingest import ingest_listings
from apps.users.models import AuditEntry
from tests.factories.platforms import make_shop
from tests.factories.products import (
    make_listing,
    make_listing_sku,
    make_remote_listing,
    make_remote_sku,
    make_variant,
)
from tests.factories.users import make_user
from tests.imports.exports import MY_FILE, write_csv
from tests.imports.product_lists import COLUMNS, LAMP, MUG, make_list, row

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make_shop(region="MY")


@pytest.fixture
def run(shop, capsys):
    """Run the command; gives (exit code, stdout, stderr)."""

    def run(path, *options, kind="products"):
        code: object = 0
        try:
            call_command("import_file", kind, str(path), f"--shop={shop.pk}", *options)
        except SystemExit as end:
            code = end.code
        except CommandError as error:
            code = error.returncode
        out, err = capsys.readouterr()
        return code, out, err

    return run


def numbers(out):
    lines = out.splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("Rows |"))
    return [int(cell) for cell in lines[at + 1].split("|")]


def test_a_product_list_is_stored_and_again_changes_nothing(shop, run, tmp_path):
    path = make_list(tmp_path, row(1), row(2), row(3, MUG))

    code, out, _ = run(path)

    assert code == 0
    assert numbers(out) == [7, 2, 0, 0, 0]
    listing = Listing.objects.get(remote_id=LAMP)
    assert (listing.shop, listing.source, listing.status) == (shop, "file", "live")
    assert listing.skus.count() == 2
    assert not ListingPayload.objects.exists()
    record = ImportRun.objects.get()
    assert (record.kind, record.state, record.new) == ("products", "done", 2)
    assert AuditEntry.objects.filter(verb="imported products").count() == 1
    before = list(Listing.objects.values("pk", "modified_at"))

    code, out, _ = run(path)

    assert numbers(out) == [7, 0, 0, 2, 0]
    assert "Nothing has changed." in out
    assert "This file was read before" in out
    assert list(Listing.objects.values("pk", "modified_at")) == before


def test_a_file_without_quantities_keeps_the_stock_and_its_date(shop, run, tmp_path):
    ingest_listings(
        shop,
        [make_remote_listing(LAMP, skus=(make_remote_sku("1730000000000000001"),))],
        Source.API,
    )
    before = ListingSku.objects.values("quantity", "quantity_learnt_at", "price_amount")
    known = before.get()

    code, _, _ = run(
        make_list(tmp_path, row(1), columns=[c for c in COLUMNS if c != "quantity"])
    )

    assert code == 0
    assert before.get() == known


def test_products_missing_in_the_file_are_reported_and_stay(shop, run, tmp_path):
    variant = make_variant(client=shop.client)
    for number in range(7):
        make_listing_sku(make_listing(shop, f"17290{number}"), variant=variant)
    make_listing(make_shop(), "99")

    code, _, err = run(make_list(tmp_path, row(1)))

    assert code == 0
    assert "7 products of this shop are not in the file and stay as they are" in err
    assert "172900, 172901, 172902, 172903, 172904 and 2 more" in err
    assert Listing.objects.filter(shop=shop, status="live").count() == 8


def test_bad_rows_are_named_and_written_and_good_products_stored(shop, run, tmp_path):
    path = make_list(tmp_path, row(1), row(1), row(3, MUG))

    code, out, err = run(path)

    assert code == 3
    assert numbers(out) == [7, 1, 0, 0, 1]
    assert "stands on line 7, too" in err
    assert f"(product {LAMP})" in err
    written = path.with_name(f"{path.name}.errors.csv").read_text(encoding="utf-8-sig")
    assert written.count(LAMP) == 2
    assert MUG not in written
    assert set(Listing.objects.values_list("remote_id", flat=True)) == {MUG}


def test_a_dry_run_and_a_strict_one_write_nothing(run, tmp_path):
    path = make_list(tmp_path, row(1), row(2, price="two"), row(3, MUG))

    code, out, _ = run(path, "--dry-run")
    assert (code, numbers(out)) == (3, [7, 1, 0, 0, 1])
    code, out, _ = run(path, "--strict")
    assert (code, numbers(out)) == (3, [7, 0, 0, 0, 1])

    assert not Listing.objects.exists()
    assert not ImportRun.objects.exists()


def test_programs_get_one_object_a_line(run, tmp_path):
    code, out, _ = run(make_list(tmp_path, row(1), row(2, "")), "--json")

    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 3
    assert [line["type"] for line in lines] == ["note", "error", "summary"]
    assert lines[-1]["new"] == lines[-1]["accepted_rows"] == 1
    summed = ("accepted_rows", "refused_rows", "blank_rows", "rows_for_people")
    assert sum(lines[-1][name] for name in summed) == lines[-1]["rows"]


def test_a_file_of_the_wrong_kind_is_sent_to_the_right_one(run, tmp_path):
    orders = write_csv(tmp_path / "orders.csv", MY_FILE)

    code, _, err = run(orders)
    assert code == 2
    assert "import it as orders" in err

    code, _, err = run(make_list(tmp_path, row(1)), kind="orders")
    assert code == 2
    assert "import it as products" in err
    assert not Listing.objects.exists()
    assert set(ImportRun.objects.values_list("state", flat=True)) == {"failed"}


def test_products_known_from_another_shop_raise_the_question(shop, run, tmp_path):
    other = make_shop(shop.client, region="MY", name="Second Store")
    make_listing(other, LAMP)
    make_listing(make_shop(name="Somebody else's"), LAMP)

    _, _, err = run(make_list(tmp_path, row(1)))

    assert "1 of these products are known from Second Store" in err
    assert "Somebody else" not in err


def test_a_crash_in_the_middle_is_on_record(shop, tmp_path, monkeypatch):
    monkeypatch.setattr("apps.imports.services.products.BATCH", 1)
    path = make_list(tmp_path, row(1), row(2, MUG))

    def fail(done, total, so_far):
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        import_products(shop, path, on_progress=fail)

    record = ImportRun.objects.get()
    assert (record.state, record.new) == ("failed", 1)
    assert import_products(shop, path).outcome.new == 1


def test_the_log_tells_kinds_and_shops_apart_and_refuses_odd_ones(shop, run, tmp_path):
    run(make_list(tmp_path, row(1)))
    foreign = make_shop()
    browser = Browser()
    browser.force_login(
        make_user(clients=[shop.client], permissions=["manage_settings"])
    )
    page = reverse("admin:imports_importrun_changelist")

    shown = browser.get(page, {"kind__exact": "products", "shop": shop.pk})
    others = browser.get(page, {"kind__exact": "orders"})

    assert list(shown.context["cl"].result_list) == list(ImportRun.objects.all())
    assert list(others.context["cl"].result_list) == []
    assert foreign.name not in shown.content.decode()
    for odd in (str(foreign.pk), "9" * 30, "²"):
        odd_one = browser.get(page, {"shop": odd})
        assert list(odd_one.context["cl"].result_list) == []
