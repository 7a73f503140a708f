"""A file from the upload to the last row: the pages, the worker, what breaks."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from apps.imports import tasks
from apps.imports.admin import deeds, upload
from apps.imports.errors import ImportRefused
from apps.imports.models import ColumnAlias, ImportProblem, ImportRun, SeenColumn
from apps.imports.services import readers, running
from apps.imports.services.checking import check
from apps.imports.services.kept import drop_files, forget_runs, has_file
from apps.imports.services.running import read_in
from apps.imports.services.stages import (
    LONGEST_SILENCE,
    ask_check,
    ask_start,
    due_runs,
)
from apps.imports.services.templates import TEMPLATES
from apps.integrations.contracts import Source
from apps.integrations.tiktok.exports import FileRefused
from apps.integrations.tiktok.exports.recognise import FileKind, recognise
from apps.orders.models import Order, OrderLine, OrderNote, Return
from apps.orders.services.forgetting import forget_buyer_of
from apps.orders.services.ingest import ingest_orders
from apps.orders.services.results import IngestResult
from apps.users.models import AuditEntry
from apps.users.roles import Role
from tests.factories.orders import make_remote_order
from tests.factories.platforms import make_shop
from tests.factories.users import make_client, make_user
from tests.imports.exports import MY_FILE, my_row
from tests.imports.product_lists import make_list, row
from tests.integrations.tiktok.exports.files import as_csv
from tests.integrations.tiktok.exports.test_returns import HEADER as RETURN_HEADER
from tests.integrations.tiktok.exports.test_returns import make_row as return_row

pytestmark = pytest.mark.django_db
State = ImportRun.State
UPLOAD = "/admin/imports/importrun/upload/"


@pytest.fixture(autouse=True)
def kept_here(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def shop(company):
    return make_shop(company, name="Main Store")


@pytest.fixture
def browser(staff):
    browser = Browser()
    browser.force_login(staff)
    return browser


def content(rows=MY_FILE, **renamed):
    """The bytes of an orders file; `renamed` are {heading with _: as it is there}."""
    names = {name.replace("_", " "): new for name, new in renamed.items()}
    header = [names.get(name, name) for name in rows[0]]
    return as_csv([list(row.values()) for row in rows], header=header)


def sent(browser, shop, data, name="All order.csv"):
    return browser.post(
        UPLOAD, {"shop": shop.pk, "file": SimpleUploadedFile(name, data)}
    )


def uploaded(browser, shop, data=None):
    answer = sent(browser, shop, data or content())
    run = ImportRun.objects.get()
    assert answer["Location"] == reverse("admin:imports_importrun_match", args=[run.pk])
    return run


def checked(browser, shop, data=None):
    run = uploaded(browser, shop, data)
    browser.post(reverse("admin:imports_importrun_match", args=[run.pk]), {})
    check(run)
    return run


def act(browser, run, deed, **data):
    address = reverse("admin:imports_importrun_act", args=[run.pk, deed])
    return browser.post(address, data, follow=True)


def words(page):
    return " ".join(unescape(page.content.decode()).split())


def page_of(browser, run):
    return browser.get(reverse("admin:imports_importrun_run", args=[run.pk]))


# The four steps.


def test_a_file_goes_through_four_steps(browser, shop, staff):
    assert "Look at it" in words(browser.get(UPLOAD))
    run = uploaded(browser, shop)
    match = browser.get(reverse("admin:imports_importrun_match", args=[run.pk]))
    assert "CSV, utf-8-sig, separated by commas" in words(match)
    assert "hidden: it is about buyers" in words(match)
    assert "pembeli_1" not in words(match)

    browser.post(reverse("admin:imports_importrun_match", args=[run.pk]), {})
    assert ImportRun.objects.get().state == State.CHECKING
    assert not Order.objects.exists()
    check(run)
    preview = words(page_of(browser, run))
    assert not Order.objects.exists()
    assert "4 new orders" in preview
    assert "Import 4 orders" in preview

    act(browser, run, "start")
    assert ImportRun.objects.get().state == State.WAITING
    read_in(ImportRun.objects.get())

    run.refresh_from_db()
    assert run.state == State.DONE
    assert (run.rows, run.new, run.updated, run.same, run.failed) == (5, 4, 0, 0, 0)
    assert (run.done, run.total) == (4, 4)
    assert Order.objects.filter(shop=shop).count() == 4
    amounts = OrderLine.objects.filter(order__remote_id="579100000000000111")
    assert sum(line.amount for line in amounts) == Decimal(19)
    entry = AuditEntry.objects.get(verb="imported orders")
    assert (entry.actor, entry.details["new"]) == (staff, 4)


def test_the_same_file_again_has_nothing_to_import(browser, shop):
    run = checked(browser, shop)
    ask_start(run)
    read_in(run)
    sent(browser, shop, content())
    again = ImportRun.objects.exclude(pk=run.pk).get()
    ask_check(again, {})
    check(again)

    page = words(page_of(browser, again))

    assert "This very file was read before" in page
    assert "There is nothing to import" in page
    assert "Import 3" not in page


def test_refused_rows_come_back_as_a_file_that_can_be_imported(browser, shop):
    bad = my_row(111, quantity="two")
    run = checked(browser, shop, content([bad, my_row(222)]))
    page = words(page_of(browser, run))
    assert "1 refused order" in page
    assert "“two”" in page
    assert "Import 1 order, skip 1" in page

    answer = browser.get(reverse("admin:imports_importrun_errors", args=[run.pk]))

    text = answer.content.decode("utf-8-sig")
    assert answer["Content-Disposition"].endswith('"Allorder.csv.errors.csv"')
    assert text.splitlines()[0].endswith(",error")
    assert "579100000000000111" in text
    assert "579100000000000222" not in text
    taken = AuditEntry.objects.get(verb="exported orders with their buyers")
    assert taken.details["orders"] == 1
    corrected = text.replace(",two,", ",2,").encode("utf-8-sig")
    sent(browser, shop, corrected)
    second = ImportRun.objects.exclude(pk=run.pk).get()
    ask_check(second, {})
    check(second)
    assert ImportRun.objects.get(pk=second.pk).report["new"] == 1


def test_a_heading_is_matched_once_and_remembered_for_the_shop(browser, shop):
    data = content(Order_Amount="Grand total")
    run = uploaded(browser, shop, data)
    address = reverse("admin:imports_importrun_match", args=[run.pk])
    page = words(browser.get(address))
    assert "No column is known as Order Amount" in page
    number = list(MY_FILE[0]).index("Order Amount")

    browser.post(address, {f"column-{number}": "order amount"})
    check(run)

    assert ImportRun.objects.get().report["new"] == 4
    alias = ColumnAlias.objects.get()
    assert (alias.shop, alias.heading) == (shop, "grand total")
    assert "No column is known" not in words(browser.get(address))
    browser.post(address, {f"column-{number}": ""})
    assert not ColumnAlias.objects.exists()


def test_a_file_without_a_needed_column_says_so_and_can_be_matched(browser, shop):
    run = checked(browser, shop, content(Order_Amount="Grand total"))

    page = words(page_of(browser, run))

    assert ImportRun.objects.get().state == State.FAILED
    assert "Columns are missing: Order Amount" in page
    assert "Match columns" in page


def test_an_ambiguous_date_is_asked_about_before_anything_is_read(browser, shop):
    early = {"created_time": "05/11/2026 10:00:00", "paid_time": ""}
    run = checked(browser, shop, content([my_row(111, **early)]))
    page = words(page_of(browser, run))
    assert "05/11 is 5 November" in page
    assert "Import 1 order" not in page

    act(browser, run, "dates", dates="month-first")
    check(ImportRun.objects.get())
    assert "Import 1 order" in words(page_of(browser, run))
    act(browser, run, "start")
    read_in(ImportRun.objects.get())

    assert Order.objects.get().placed_at.month == 5


def test_columns_never_seen_before_are_counted_file_by_file(browser, shop):
    rows = [row | {"Loyalty tier": "gold"} for row in MY_FILE]
    for number in range(2):
        rows[0] = rows[0] | {"Seller Note": f"again {number}"}
        sent(browser, shop, content(rows))
        run = ImportRun.objects.latest("pk")
        ask_check(run, {})
        check(run)
        ask_start(run)
        read_in(run)

    seen = SeenColumn.objects.get()
    assert (seen.heading, seen.files) == ("loyalty tier", 2)
    assert "loyalty tier" in words(browser.get("/admin/imports/seencolumn/"))


# Files that belong elsewhere.


def test_a_live_file_is_recognised_and_kept_once(browser, shop):
    header = ["Creator", "Launched time", "Duration", "LIVE Gross Merchandise Value"]
    data = as_csv([["lamp_lady", "2026-09-20 10:00", "1h", "12.30"]], header=header)

    for _ in range(2):
        page = browser.post(
            UPLOAD,
            {"shop": shop.pk, "file": SimpleUploadedFile("income.csv", data)},
            follow=True,
        )

    run = ImportRun.objects.get()
    assert (run.kind, run.state) == (ImportRun.Kind.LIVE, State.KEPT)
    assert has_file(run)
    assert "LIVE analysis files are not read yet. This one is kept." in words(page)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "file is empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "picture"),
        (as_csv([["LAMP", "4"]], header=["SKU", "quantity"]), "stock"),
        (as_csv([["a", "b"]], header=["Colour", "Taste"]), "none of the files"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(browser, shop, data, told):
    answer = sent(browser, shop, data)

    assert told in words(answer)
    assert not ImportRun.objects.exists()


# Who may.


def test_whoever_may_not_process_orders_reads_none_in(shop, company):
    analyst = make_user("looker", clients=[company], role=Role.ANALYST)
    browser = Browser()
    browser.force_login(analyst)

    assert browser.get(UPLOAD).status_code == 403


def test_a_shop_of_somebody_else_is_no_choice(browser, shop):
    theirs = make_shop(make_client("Southwind"), name="Theirs")

    answer = sent(browser, theirs, content())

    assert "Select a valid choice" in words(answer)
    assert not ImportRun.objects.exists()


# The worker.


def many(count=6):
    return content([my_row(100 + number) for number in range(count)])


@pytest.fixture
def small_batches(monkeypatch):
    reader = readers.READERS["orders"]
    monkeypatch.setitem(readers.READERS, "orders", replace(reader, batch=2))


def test_a_stopped_run_keeps_what_it_read_and_goes_on_from_there(
    browser, shop, small_batches, monkeypatch
):
    run = checked(browser, shop, many())
    ask_start(run)
    monkeypatch.setattr(running, "_is_stop_asked", lambda run: run.done >= 2)
    read_in(run)
    run.refresh_from_db()
    assert (run.state, run.done, run.new) == (State.STOPPED, 2, 2)
    assert Order.objects.count() == 2
    assert "Go on where it stopped" in words(page_of(browser, run))
    monkeypatch.undo()

    act(browser, run, "start")
    read_in(ImportRun.objects.get())

    run.refresh_from_db()
    assert (run.state, run.done, run.new, run.same) == (State.DONE, 6, 6, 0)
    assert Order.objects.count() == 6


def test_a_stop_is_asked_for_on_the_page(browser, shop):
    run = checked(browser, shop, many())
    ask_start(run)

    page = act(browser, run, "stop")

    assert "What was read in stays" in words(page)
    read_in(run)
    run.refresh_from_db()
    assert (run.state, run.done) == (State.STOPPED, 0)


class Dies(BaseException):
    """As a process that is killed: nothing of ours runs afterwards."""


@pytest.mark.parametrize("moment", ["before its note", "after its batch"])
def test_a_worker_that_dies_anywhere_is_followed_by_one_that_goes_on(
    browser, shop, small_batches, monkeypatch, moment
):
    run = checked(browser, shop, many())
    ask_start(run)
    note = running._note

    def dying(run, count, outcome):
        if run.done == 2:
            if moment == "after its batch":
                note(run, count, outcome)
            raise Dies
        note(run, count, outcome)

    monkeypatch.setattr(running, "_note", dying)
    with pytest.raises(Dies):
        read_in(run)
    monkeypatch.undo()
    run.refresh_from_db()
    assert (run.state, run.done) == (State.RUNNING, 2)
    assert Order.objects.count() == 2
    read_in(run)  # the message again: its worker may still be alive
    assert Order.objects.count() == 2

    ImportRun.objects.update(heard_at=timezone.now() - 2 * LONGEST_SILENCE)
    assert "gone on with shortly" in words(page_of(browser, run))
    assert [row.pk for row in due_runs(timezone.now())] == [run.pk]
    read_in(run)

    run.refresh_from_db()
    assert (run.state, run.done, run.new, run.same) == (State.DONE, 6, 6, 0)


def test_a_slow_worker_that_was_replaced_changes_nothing(
    browser, shop, small_batches, monkeypatch
):
    run = checked(browser, shop, many())
    ask_start(run)

    def overtaken(run):
        if run.done == 2:
            ImportRun.objects.update(done=6, state=State.DONE)

    monkeypatch.setattr(running, "_is_stop_asked", overtaken)
    read_in(run)

    assert Order.objects.count() == 2
    run.refresh_from_db()
    assert (run.state, run.done) == (State.DONE, 6)


def test_two_people_cannot_start_the_same_file(browser, shop):
    run = checked(browser, shop)
    ask_start(ImportRun.objects.get())

    with pytest.raises(ImportRefused, match="the file is waiting to start"):
        ask_start(run)
    with pytest.raises(ImportRefused):
        ask_check(run, {})


def test_a_fault_of_ours_ends_the_run_without_the_row_that_broke_it(
    browser, shop, monkeypatch
):
    run = checked(browser, shop)
    ask_start(run)

    def breaks(*_):
        raise ValueError("Ahmad, 12 Jalan")

    monkeypatch.setattr(running, "_note", breaks)
    with pytest.raises(ValueError, match="Jalan"):
        read_in(run)

    run.refresh_from_db()
    assert (run.state, run.first_error) == (State.FAILED, "It broke off (ValueError).")
    assert not Order.objects.exists()


def test_the_sweep_wakes_what_waits_without_a_worker(browser, shop, monkeypatch):
    woken: list[tuple[str, int]] = []
    for name in ("check_file", "read_file"):
        task = getattr(tasks, name)
        monkeypatch.setattr(task, "delay", lambda key, n=name: woken.append((n, key)))
    run = uploaded(browser, shop)
    ask_check(run, {})
    assert tasks.sweep_files() == 1
    check(run)
    assert tasks.sweep_files() == 0
    ask_start(run)
    assert tasks.sweep_files() == 1

    assert woken == [("check_file", run.pk), ("read_file", run.pk)]


def test_a_file_that_is_gone_is_said_to_be(browser, shop):
    run = checked(browser, shop)
    act(browser, run, "discard")
    assert not has_file(ImportRun.objects.get())

    with pytest.raises(ImportRefused):
        ask_start(run)
    errors = reverse("admin:imports_importrun_errors", args=[run.pk])
    page = words(browser.get(errors, follow=True))
    assert "no longer kept" in page


def test_old_files_go_and_old_runs_go_with_theirs(browser, shop):
    run = uploaded(browser, shop)
    at_work = uploaded_again(browser, shop)
    ask_check(at_work, {})
    later = timezone.now() + timedelta(days=1)
    seen: list[int] = []

    assert drop_files(later, seen.append) == 1
    assert not has_file(ImportRun.objects.get(pk=run.pk))
    assert has_file(ImportRun.objects.get(pk=at_work.pk))
    assert forget_runs(later, seen.append) == 1

    assert [row.pk for row in ImportRun.objects.all()] == [at_work.pk]


def uploaded_again(browser, shop, data=None):
    sent(browser, shop, data or many())
    return ImportRun.objects.latest("pk")


def test_a_large_file_is_refused_before_it_is_kept(browser, shop, monkeypatch):
    monkeypatch.setattr(upload, "LARGEST_FILE", 10)

    answer = sent(browser, shop, content())

    assert "larger than 50 MB" in words(answer)
    assert not ImportRun.objects.exists()


def test_problems_are_kept_page_by_page(browser, shop):
    rows = [my_row(100 + number, quantity="two") for number in range(60)]
    run = checked(browser, shop, content(rows))
    assert ImportProblem.objects.filter(run=run, is_error=True).count() >= 60

    first, second = (
        page_of(browser, run),
        browser.get(reverse("admin:imports_importrun_run", args=[run.pk]), {"p": 2}),
    )

    assert "page 1 of 2" in words(first)
    assert "page 2 of 2" in words(second)


def test_a_file_is_undone_on_its_page_and_can_be_imported_again(browser, shop):
    run = checked(browser, shop)
    ask_start(run)
    read_in(run)
    address = reverse("admin:imports_importrun_run", args=[run.pk])
    question = words(browser.get(address, {"undo": 1}))
    assert "4 orders that it brought would go" in question

    page = act(browser, run, "undo")

    assert "Undone: 4 orders gone, 0 as they were." in words(page)
    assert not Order.objects.exists()
    run.refresh_from_db()
    assert run.state == State.UNDONE
    again = uploaded_again(browser, shop, content())
    ask_check(again, {})
    check(again)
    assert "Import 4 orders" in words(page_of(browser, again))


def test_what_something_depends_on_is_named_and_nothing_is_undone(browser, shop, staff):
    run = checked(browser, shop)
    ask_start(run)
    read_in(run)
    order = Order.objects.get(remote_id="579100000000000222")
    OrderNote.objects.create(order=order, user=staff, text="Called.")
    address = reverse("admin:imports_importrun_run", args=[run.pk])

    question = words(browser.get(address, {"undo": 1}))
    page = words(act(browser, run, "undo"))

    assert "1 order cannot be taken back" in question
    assert "579100000000000222" in question
    assert "nothing was undone" in page
    assert Order.objects.count() == 4


def test_a_large_file_is_undone_by_a_worker(browser, shop, monkeypatch):
    monkeypatch.setattr(deeds, "AT_ONCE", 2)
    run = checked(browser, shop)
    ask_start(run)
    read_in(run)

    assert "It is being undone" in words(act(browser, run, "undo"))
    assert Order.objects.count() == 4
    tasks.undo_file(run.pk, None)

    assert not Order.objects.exists()


RETURNS = {
    "Return Order ID": "4035000000000000001\t",
    "Order ID": "579100000000000111\t",
    "SKU ID": "1731000000000000011\t",
    "Seller SKU": "CUP-RED",
    "Return Type": "Return and refund",
    "Return Reason": "Damaged",
    "Return unit price": "9.5",
    "Return Quantity": "1",
    "Return Status": "Completed",
    "Time Requested": "20/11/2026 10:00:00",
}


def test_a_returns_file_goes_the_same_way(browser, shop):
    data = as_csv([list(RETURNS.values())], header=list(RETURNS))
    run = checked(browser, shop, data)
    assert "Import 1 return" in words(page_of(browser, run))

    ask_start(run)
    read_in(run)

    run.refresh_from_db()
    assert (run.kind, run.state, run.new) == (ImportRun.Kind.RETURNS, State.DONE, 1)
    assert Return.objects.get().remote_id == "4035000000000000001"


def test_a_run_of_orders_opens_from_the_list(browser, shop):
    run = checked(browser, shop)

    page = browser.get(f"/admin/imports/importrun/{run.pk}/change/")

    assert "Import 4 orders" in words(page)
    assert "Import a file" in words(browser.get("/admin/imports/importrun/"))


def test_an_erased_buyer_goes_from_what_is_kept_to_undo(browser, shop):
    first = checked(browser, shop, content([my_row(222)]))
    ask_start(first)
    read_in(first)
    second = uploaded_again(browser, shop, content([my_row(222, seller_note="Call")]))
    ask_check(second, {})
    check(second)
    ask_start(second)
    read_in(second)
    change = second.changes.get()
    assert "pembeli_1" in str(change.before)

    forget_buyer_of(shop.pk, [change.order_id])
    assert tasks.forget_erased_buyers() == 1

    assert "pembeli_1" not in str(second.changes.get().before)
    assert tasks.forget_erased_buyers() == 0


def test_an_undoing_whose_worker_died_is_gone_on_with(browser, shop, monkeypatch):
    run = checked(browser, shop)
    ask_start(run)
    read_in(run)
    dead = timezone.now() - 2 * LONGEST_SILENCE
    ImportRun.objects.update(state=State.UNDOING, heard_at=dead)
    woken: list[tuple[int, None]] = []
    monkeypatch.setattr(tasks.undo_file, "delay", lambda *told: woken.append(told))

    assert tasks.sweep_files() == 1
    tasks.undo_file(*woken[0])

    run.refresh_from_db()
    assert run.state == State.UNDONE
    assert not Order.objects.exists()


def test_what_the_dry_run_refused_is_not_told_twice(browser, shop, monkeypatch):
    refused = IngestResult(refused=[("579100000000000111", "its shop is closed")])
    refusing = replace(
        readers.READERS["orders"],
        preview=lambda *_: refused,
        store=lambda *_: refused,
    )
    monkeypatch.setitem(readers.READERS, "orders", refusing)
    run = checked(browser, shop, content([my_row(111)]))
    ask_start(run)

    read_in(run)

    problem = run.problems.get(is_error=True)
    assert problem.message == "The order was refused: its shop is closed."
    run.refresh_from_db()
    assert (run.state, run.failed) == (State.PARTLY, 1)


def test_a_checked_file_is_read_in_without_checking_it_once_more(
    browser, shop, monkeypatch
):
    bad = my_row(111, quantity="two")
    run = checked(browser, shop, content([*MY_FILE, bad]))
    told = list(run.problems.values_list("line", "message"))
    monkeypatch.setattr(readers, "inspect_orders_file", None)

    ask_start(run)
    read_in(run)

    assert run.state == State.PARTLY
    assert (run.failed, run.new) == (1, Order.objects.count())
    assert list(run.problems.values_list("line", "message")) == told != []


def test_a_file_that_is_read_otherwise_since_its_check_is_checked_again(browser, shop):
    run = checked(browser, shop, content([my_row(222, order_amount="RM 23")]))
    assert run.report["failed"] == 0
    shop.currency = "SGD"
    shop.save()

    ask_start(run)
    read_in(run)

    run.refresh_from_db()
    assert run.state == State.FAILED
    assert "is not in SGD" in run.first_error
    assert not Order.objects.exists()


def test_a_replaced_worker_that_breaks_leaves_the_run_to_the_other(
    browser, shop, small_batches, monkeypatch
):
    run = checked(browser, shop, many())
    ask_start(run)

    def overtaken(run):
        ImportRun.objects.update(done=4, new=4)
        raise FileRefused("The file is no longer kept.")

    monkeypatch.setattr(running, "_is_stop_asked", overtaken)
    read_in(run)

    run.refresh_from_db()
    assert (run.state, run.done, run.new) == (State.RUNNING, 4, 4)
    assert run.first_error == ""


def test_a_replaced_check_says_nothing(browser, shop, small_batches, monkeypatch):
    run = uploaded(browser, shop, many())
    ask_check(run, {})
    reader = readers.READERS["orders"]

    def overtaken(*given):
        ImportRun.objects.update(state=State.WAITING, done=0)
        return reader.preview(*given)

    monkeypatch.setitem(readers.READERS, "orders", replace(reader, preview=overtaken))
    check(run)

    assert ImportRun.objects.get().state == State.WAITING


def test_whoever_may_not_see_imports_is_offered_none(shop, company):
    """They edit listings, and would not see what became of a product file."""
    writer = make_user("writer", clients=[company], role=Role.CONTENT_MANAGER)
    browser = Browser()
    browser.force_login(writer)

    assert browser.get(UPLOAD).status_code == 403


def test_a_file_one_may_not_read_is_not_kept(shop, company, settings, tmp_path):
    clerk = make_user("clerk", clients=[company], role=Role.ORDER_FULFILLMENT)
    browser = Browser()
    browser.force_login(clerk)

    answer = sent(browser, shop, make_list(tmp_path, row()).read_bytes())

    assert "“Products”, which you may not read" in words(answer)
    assert not ImportRun.objects.exists()
    assert not list(settings.MEDIA_ROOT.glob("imports/*"))


# Templates, and what waits.


@pytest.mark.parametrize("kind", TEMPLATES)
def test_a_template_has_the_headings_of_its_kind(browser, shop, kind, tmp_path):
    address = reverse("admin:imports_importrun_template", args=[kind])
    assert address in words(browser.get(UPLOAD))
    path = tmp_path / "template.csv"
    answer = browser.get(address)

    path.write_bytes(b"".join(answer.streaming_content))

    found = recognise(path)
    assert (found.kind, found.lacks) == (FileKind(kind), ())
    assert browser.get(address.replace(kind, "poems")).status_code == 404


def test_returns_whose_order_is_not_known_wait_for_it(browser, shop):
    run = checked(browser, shop, as_csv([return_row()], header=RETURN_HEADER))
    assert "1 return of this file waits for its order" in words(page_of(browser, run))
    act(browser, run, "start")
    run.refresh_from_db()
    read_in(run)
    assert "1 return of this file waits for its order" in words(page_of(browser, run))

    ingest_orders(shop, [make_remote_order("579100000000000111")], Source.API)

    assert "of this file wait" not in words(page_of(browser, run))
    assert "1 return that it brought would go" in words(
        browser.get(page_of(browser, run).request["PATH_INFO"] + "?undo=1")
    )
    act(browser, run, "undo")
    assert not Return.objects.exists()
