"""Stock files on their page: looked at first, booked once, taken back as a whole."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.imports.models import ImportRun
from apps.imports.tasks import book_stock_file
from apps.inventory.models import StockDocument, Warehouse
from apps.users.roles import Role
from tests.factories.inventory import count, make_warehouse, receive, stock_of
from tests.factories.platforms import make_shop
from tests.factories.products import make_product, make_variant
from tests.factories.users import make_client, make_user
from tests.inventory.pages import sell, signed_in, words, working_for
from tests.products.forms import forms_of

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:inventory_stock_import")
BOOK = reverse("admin:inventory_stock_book")
ERRORS = reverse("admin:inventory_stock_errors")
CONTENT = "SKU,quantity\nLAMP-30,4\nLAMP 30,1\n,2\nCHAIR,\n"


@pytest.fixture
def company():
    return make_client("Northwind")


@pytest.fixture
def shop(company):
    return make_shop(company, time_zone="Asia/Kuala_Lumpur")


@pytest.fixture
def main(company):
    return make_warehouse(company, "Main", is_default=True)


@pytest.fixture
def lamp(company, main):
    make_variant(make_product(company, "Chair"), "CHAIR")
    return make_variant(make_product(company), "LAMP-30")


@pytest.fixture
def worker(company, shop):
    return working_for(company)


def upload(browser, content=CONTENT, mode="count", address=PAGE, **fields):
    file = SimpleUploadedFile("stock.csv", content.encode())
    told = {"mode": mode, "zone": "Asia/Kuala_Lumpur"} | fields
    return browser.post(address, {"file": file} | told)


def book(browser, page, **more):
    form = next(each for each in forms_of(page) if each["action"] == BOOK)
    fields = {name: values[0] for name, values in form["fields"].items()}
    return browser.post(BOOK, fields | more, follow=True)


def run_page(run):
    return reverse("admin:inventory_stock_run", args=[run.pk])


def test_a_file_is_shown_row_by_row_and_nothing_is_written(worker, lamp):
    page = upload(worker)

    text = words(page)
    assert "4 rows" in text
    assert "1 changed" in text
    assert "2 refused" in text
    assert "1 skipped" in text
    assert "Do you mean LAMP-30?" in text
    assert "Book 1 row, skip 2" in text
    assert not StockDocument.objects.exists()
    assert not ImportRun.objects.exists()


def test_what_was_looked_at_is_booked(worker, lamp):
    page = book(worker, upload(worker))

    text = words(page)
    assert "1 row booked." in text
    assert "2 rows were refused and are not booked." in text
    assert stock_of(lamp) == (4, 0, 0, 0)
    run = ImportRun.objects.get()
    assert run.user is not None
    assert StockDocument.objects.get().source == StockDocument.Source.FILE
    assert "stock.csv" in words(worker.get(PAGE))


def test_booked_twice_from_one_page_it_is_booked_once(worker, lamp):
    looked_at = upload(worker, "SKU,quantity\nLAMP-30,4\n", mode="receive")

    book(worker, looked_at)
    page = book(worker, looked_at)

    assert "This file was booked on" in words(page)
    assert stock_of(lamp) == (4, 0, 0, 0)


def test_a_file_that_was_booked_says_so_and_is_booked_again_if_ticked(worker, lamp):
    content = "SKU,quantity\nLAMP-30,4\n"
    book(worker, upload(worker, content, mode="receive"))

    second = upload(worker, content, mode="receive")

    assert "This file was booked on" in words(second)
    book(worker, second, again="1")
    assert stock_of(lamp) == (8, 0, 0, 0)


def test_the_moment_is_read_on_the_clock_that_was_chosen(worker, lamp):
    content = "SKU,quantity\nLAMP-30,4\n"

    book(worker, upload(worker, content, moment="2026-11-20T18:30"))

    taken = StockDocument.objects.get()
    assert f"{taken.effective_at:%Y-%m-%d %H:%M}" == "2026-11-20 10:30"


def test_a_count_of_now_is_of_the_moment_of_the_upload(worker, lamp):
    """What is sold between looking and booking is not counted away."""
    page = upload(worker, "SKU,quantity\nLAMP-30,4\n")
    shown = ImportRun.objects.count()

    book(worker, page)

    assert shown == 0
    taken = StockDocument.objects.get()
    assert taken.effective_at < ImportRun.objects.get().started_at


def test_a_file_that_oversells_says_so(worker, lamp, shop):
    receive(lamp, 10)
    sell(lamp, 5, shop=shop, remote_id="5801")

    text = words(upload(worker, "SKU,quantity\nLAMP-30,3\n"))

    assert "1 SKU would be promised more often than it is there." in text
    assert "2 more are promised to orders than would be there." in text


def test_refused_rows_are_taken_away_with_their_reasons(worker, lamp):
    page = upload(worker)
    form = next(each for each in forms_of(page) if each["action"] == ERRORS)

    answer = worker.post(ERRORS, {"signed": form["fields"]["signed"][0]})

    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == ["SKU", "quantity", "error"]
    assert [row[0] for row in rows[1:]] == ["LAMP 30", ""]
    assert 'filename="stock.csv.errors.csv"' in answer["Content-Disposition"]


def test_a_file_that_cannot_be_used_is_refused_beside_its_field(worker, lamp):
    text = words(upload(worker, "name,quantity\nx,1\n"))

    assert "No column is called “SKU”" in text


def test_a_file_too_large_for_a_page_is_sent_to_the_command(worker, lamp):
    rows = "".join(f"SKU-{number},1\n" for number in range(10_001))

    text = words(upload(worker, f"SKU,quantity\n{rows}"))

    assert "use the command import_file stock" in text
    assert not ImportRun.objects.exists()


def test_a_receipt_of_before_a_count_changes_nothing_and_says_so(worker, lamp):
    """Nor is it called an oversell."""
    count(lamp, 4)
    content = "SKU,quantity,received at\nLAMP-30,5,2026-11-01 10:00\n"

    page = upload(worker, content, mode="receive")

    assert "Counted since: what lies there now stays as it is." in words(page)
    assert not page.context["oversold"]
    [(row, _)] = page.context["rows"]
    assert (row.before, row.after) == (4, 4)
    book(worker, page)
    assert stock_of(lamp) == (4, 0, 0, 0)


def test_a_moment_there_is_none_of_is_refused(worker, lamp):
    page = upload(worker, moment="0001-01-01T00:00")

    assert "Enter a valid date" in words(page)
    assert not StockDocument.objects.exists()


@pytest.fixture
def broker(monkeypatch):
    """The messages that were sent."""
    sent: list[int] = []
    monkeypatch.setattr(book_stock_file, "delay", sent.append)
    return sent


LARGE = CONTENT + "\n" * 500


def test_a_large_file_is_booked_in_the_background(
    worker, lamp, broker, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    page = upload(worker, LARGE)
    assert "it goes on in the background" in words(page)

    with django_capture_on_commit_callbacks(execute=True):
        page = book(worker, page)

    run = ImportRun.objects.get()
    assert "It is being booked in the background." in words(page)
    assert broker == [run.pk]
    assert not StockDocument.objects.exists()
    book_stock_file(run.pk)
    text = words(worker.get(run_page(run)))
    assert "in the background" not in text
    assert "1 booked" in text
    assert stock_of(lamp) == (4, 0, 0, 0)


def test_what_is_being_booked_is_not_taken_back_meanwhile(
    worker, lamp, broker, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    book(worker, upload(worker, LARGE))
    run = ImportRun.objects.get()

    page = worker.post(run_page(run), follow=True)

    assert "Take it back afterwards" in words(page)
    book_stock_file(run.pk)
    assert stock_of(lamp) == (4, 0, 0, 0)


def test_a_run_is_taken_back_after_a_question(worker, lamp):
    book(worker, upload(worker))
    run = ImportRun.objects.get()
    assert "Take it back" in words(worker.get(run_page(run)))
    assert "Take back 1 document" in words(worker.get(f"{run_page(run)}?take-back=1"))

    page = worker.post(run_page(run), follow=True)

    assert "Taken back: 1 document." in words(page)
    assert stock_of(lamp) == (0, 0, 0, 0)


def test_a_preview_that_was_tampered_with_is_over(worker, lamp):
    page = worker.post(BOOK, {"signed": "x"}, follow=True)

    assert "This preview is over." in words(page)
    assert not StockDocument.objects.exists()


def test_another_persons_preview_is_over(worker, company, lamp):
    page = upload(worker)

    answer = book(working_for(company), page)

    assert "This preview is over." in words(answer)
    assert not StockDocument.objects.exists()


def test_who_works_for_several_clients_is_asked_for_which(company, lamp):
    other = make_client("Other")
    browser = signed_in(
        make_user(clients=[company, other], role=Role.ORDER_FULFILLMENT)
    )

    assert "For the client" in words(browser.get(PAGE))
    page = upload(browser, address=f"{PAGE}?client={company.pk}", zone="UTC")
    book(browser, page)

    assert stock_of(lamp) == (4, 0, 0, 0)


def test_another_clients_warehouse_cannot_be_chosen(worker, lamp):
    theirs = make_warehouse(name="Theirs")

    page = upload(worker, warehouse=theirs.pk)

    assert "Select a valid choice" in words(page)
    assert not StockDocument.objects.exists()
    assert Warehouse.objects.count() == 2


def test_who_only_looks_may_not_import_nor_take_back(company, worker, lamp):
    book(worker, upload(worker))
    run = ImportRun.objects.get()
    viewer = working_for(company, Role.ANALYST)

    assert "Look at it" not in words(viewer.get(PAGE))
    assert upload(viewer).status_code == 403
    assert "Take it back" not in words(viewer.get(run_page(run)))
    assert viewer.post(run_page(run)).status_code == 403
    assert stock_of(lamp) == (4, 0, 0, 0)


def test_another_clients_run_is_like_none(worker, lamp):
    other = make_client("Other")
    make_variant(make_product(other), "LAMP-30")
    theirs = working_for(other)
    book(theirs, upload(theirs, zone="UTC"))
    run = ImportRun.objects.get()

    absent = reverse("admin:inventory_stock_run", args=[999_999])
    answers = [worker.get(address) for address in (run_page(run), absent)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert worker.post(run_page(run)).status_code == 302
    assert not worker.get(PAGE).context["runs"]
    assert StockDocument.objects.get().state == StockDocument.State.BOOKED


def test_the_log_of_imports_names_the_client_a_run_went_into(worker, lamp, superuser):
    book(worker, upload(worker))
    log = reverse("admin:imports_importrun_changelist")

    for browser in (worker, signed_in(superuser)):
        text = words(browser.get(log))
        assert "stock.csv" in text
        assert "Northwind" in text
