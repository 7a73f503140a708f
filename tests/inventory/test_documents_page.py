"""Stock documents on their pages: listed, looked at, made in two steps, taken back."""

from typing import Any

import pytest
from django.urls import reverse

from apps.inventory.models import StockDocument
from apps.platforms.models import Shop
from apps.products.models import Supplier
from apps.users.models import AuditEntry
from apps.users.roles import Role
from tests.factories.inventory import (
    count,
    make_document,
    make_warehouse,
    receive,
    stock_of,
)
from tests.factories.platforms import make_shop
from tests.factories.products import make_bundle, make_product, make_variant
from tests.factories.team import as_user, make_shop_member
from tests.factories.users import make_client, make_user
from tests.inventory.pages import (
    lines_of,
    sell,
    signed_in,
    words,
    working_for,
)
from tests.orders.queries import statements
from tests.products.forms import filled, forms_of

pytestmark = pytest.mark.django_db

LIST = reverse("admin:inventory_stockdocument_changelist")
NEW = reverse("admin:inventory_document_new")
LINES = reverse("admin:inventory_stockdocument_lines")
SHEET = reverse("admin:inventory_count_sheet")
Kind = StockDocument.Kind


@pytest.fixture
def company():
    return make_client("Northwind")


@pytest.fixture
def main(company):
    return make_warehouse(company, "Main", is_default=True)


@pytest.fixture
def annex(company, main):
    return make_warehouse(company, "Annex")


@pytest.fixture
def shop(company):
    return make_shop(company, name="Main Store", time_zone="Asia/Kuala_Lumpur")


@pytest.fixture
def lamp(company):
    return make_variant(make_product(company), "LAMP-30", barcode="4006381333931")


@pytest.fixture
def worker(company, shop):
    return working_for(company)


@pytest.fixture
def viewer(company, shop):
    """Sees the stock, changes none."""
    return working_for(company, Role.ANALYST)


def page_of(document: StockDocument) -> str:
    return reverse("admin:inventory_stockdocument_change", args=[document.pk])


def act_of(document: StockDocument, deed: str = "take-back") -> str:
    return reverse("admin:inventory_stockdocument_act", args=[document.pk, deed])


def check(browser: Any, kind: Kind, *rows: Any, **fields: Any) -> Any:
    """The answer to the first step; rows are (SKU, quantity)."""
    address = f"{NEW}?kind={kind.value}"
    form = filled(browser.get(address), "catalogue-form")
    data = {name: values[0] for name, values in form.items()} | fields
    data |= {f"sku-{n}": sku for n, (sku, _) in enumerate(rows)}
    data |= {f"quantity-{n}": units for n, (_, units) in enumerate(rows)}
    return browser.post(address, data | {"check": "1"})


def second(browser: Any, page: Any, button: str = "book") -> Any:
    form = next(each for each in forms_of(page) if "signed" in each["fields"])
    signed = form["fields"]["signed"][0]
    return browser.post(form["action"], {"signed": signed, button: "1"}, follow=True)


# The list -------------------------------------------------------------------------


def test_documents_are_listed_the_newest_first(worker, lamp, main):
    receive(lamp, 10, reference="DN-881")
    count(lamp, 9)

    text = words(worker.get(LIST))

    assert text.index("Stock take") < text.index("DN-881")
    assert "New document" in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "DN-881"}, ["receipt"]),
        ({"q": "lamp"}, ["count", "receipt"]),
        ({"q": "chair"}, []),
        ({"kind": "count"}, ["count"]),
        ({"state": "reversed"}, []),
        ({"until": "2026-08-01"}, ["receipt"]),
        ({"since": "2026-08-02"}, ["count"]),
        ({"since": "9999-12-31", "until": "9999-12-31"}, []),
    ],
)
def test_the_list_is_filtered(worker, lamp, main, query, found):
    receive(lamp, 10, reference="DN-881")
    count(lamp, 9)

    page = worker.get(LIST, query)

    assert [row.kind for row in page.context["cl"].result_list] == found


def test_an_empty_list_says_how_to_begin(worker):
    assert "Begin with a stock take" in words(worker.get(LIST))
    assert "Reset" in words(worker.get(LIST, {"q": "x"}))


def test_the_list_costs_the_same_however_long_it_is(worker, lamp, main):
    receive(lamp, 1)
    with statements() as one:
        worker.get(LIST)
    for _ in range(20):
        receive(lamp, 1)

    with statements() as many:
        worker.get(LIST)

    assert len(many) == len(one)


def test_lines_are_taken_away_as_a_file_that_runs_nothing(worker, lamp, main):
    receive(lamp, 10, reference="=1+1")
    count(lamp, 9)

    header, line = lines_of(worker.get(LINES, {"kind": "receipt"}))

    assert header.startswith("document,kind,state")
    assert "LAMP-30" in line
    assert "'=1+1" in line


# A page ---------------------------------------------------------------------------


def test_a_page_tells_what_was_done_to_each_level(worker, lamp, main):
    document = receive(lamp, 10, reference="DN-881", note="Pallet 3")

    text = words(worker.get(page_of(document)))

    assert "+10 on hand in Main" in text
    assert "DN-881" in text
    assert "Pallet 3" in text
    assert "Take back" in text


def test_a_page_costs_the_same_however_many_lines_it_has(worker, company, main):
    few = [make_variant(client=company) for _ in range(2)]
    many = [make_variant(client=company) for _ in range(30)]
    short = make_document(Kind.RECEIPT, dict.fromkeys(few, 1), main)
    long = make_document(Kind.RECEIPT, dict.fromkeys(many, 1), main)
    worker.get(page_of(short))

    with statements() as one:
        worker.get(page_of(short))
    with statements() as other:
        worker.get(page_of(long))

    assert len(one) == len(other)


def test_taking_back_asks_with_what_it_will_do(worker, lamp, main, shop):
    document = receive(lamp, 10)
    sell(lamp, 4, shop=shop, remote_id="5801")

    text = words(worker.get(act_of(document)))

    assert "would be 4 short: 1 order would not get what was ordered" in text
    assert "10 → 0" in text
    assert stock_of(lamp) == (10, 4, 0, 0)


def test_taken_back_the_document_stays_and_says_so(worker, lamp, main):
    document = receive(lamp, 10)

    page = worker.post(act_of(document), follow=True)

    assert "Taken back" in words(page)
    assert "is taken back: the books are as if" in words(page)
    assert stock_of(lamp) == (0, 0, 0, 0)
    assert AuditEntry.objects.filter(verb="took back a receipt").exists()


def test_what_is_held_is_sent_out_after_a_question(worker, lamp, main):
    receive(lamp, 10)
    hold = make_document(Kind.HOLD, {lamp: 3}, main)
    assert "Send out" in words(worker.get(page_of(hold)))
    assert "leaves the warehouse" in words(worker.get(act_of(hold, "send-out")))

    worker.post(act_of(hold, "send-out"))

    assert stock_of(lamp) == (7, 0, 0, 0)


def test_what_cannot_be_taken_back_says_why(worker, lamp, main):
    """What went into quarantine has been taken out again."""
    receive(lamp, 10)
    into = make_document(Kind.QUARANTINE, {lamp: 3}, main)
    make_document(Kind.QUARANTINE, {lamp: -3}, main)

    page = worker.get(act_of(into), follow=True)

    assert "Fewer of LAMP-30 are in quarantine" in words(page)
    assert stock_of(lamp) == (10, 0, 0, 0)


# A new one ------------------------------------------------------------------------


def test_a_new_document_is_checked_and_then_booked(worker, lamp, main):
    page = check(worker, Kind.RECEIPT, ("lamp-30", "12"), reference="DN-881")
    assert "0 → 12" in words(page)
    assert not StockDocument.objects.exists()

    booked = second(worker, page)

    document = StockDocument.objects.get()
    assert f"Receipt {document.pk} is booked." in words(booked)
    assert document.reference == "DN-881"
    assert document.user is not None
    assert stock_of(lamp) == (12, 0, 0, 0)


def test_sent_twice_it_is_booked_once(worker, lamp, main):
    page = check(worker, Kind.RECEIPT, ("LAMP-30", "12"))

    second(worker, page)
    second(worker, page)

    assert StockDocument.objects.count() == 1
    assert stock_of(lamp) == (12, 0, 0, 0)


def test_checked_twice_it_is_two_documents(worker, lamp, main):
    for _ in range(2):
        second(worker, check(worker, Kind.RECEIPT, ("LAMP-30", "12")))

    assert stock_of(lamp) == (24, 0, 0, 0)


def test_rows_may_be_scanned_and_pasted(worker, company, lamp, main):
    make_variant(make_product(company, "Chair"), "CHAIR 1")
    paste = "CHAIR 1\t5\tpallet 3\r\n\r\nchair 1, 6\r\nCHAIR 1 7"

    page = check(worker, Kind.RECEIPT, ("4006381333931", "2"), paste=paste)
    second(worker, page)

    document = StockDocument.objects.get()
    assert [(line.variant.sku, line.quantity) for line in document.lines.all()] == [
        ("LAMP-30", 2),
        ("CHAIR 1", 5),
        ("CHAIR 1", 6),
        ("CHAIR 1", 7),
    ]


def test_what_is_wrong_stands_beside_each_row_and_nothing_is_booked(worker, lamp, main):
    make_bundle({lamp: 2}, "SET")

    page = check(
        worker,
        Kind.RECEIPT,
        ("X", "1"),
        ("LAMP-30", ""),
        ("LAMP-30", "1,200"),
        ("", "4"),
        ("LAMP-30", "0"),
        paste="SET 1\nY 2",
    )

    text = words(page)
    for told in (
        "There is no SKU “X”.",
        "How many of LAMP-30?",
        "may be 1200",
        "Which SKU?",
        "Line 2: There is no SKU “Y”.",
    ):
        assert told in text
    assert not StockDocument.objects.exists()
    page = check(worker, Kind.RECEIPT, ("LAMP-30", "0"), paste="SET 1")
    assert "from 1 to" in words(page)
    assert "Line 1: SET is a bundle" in words(page)


def test_more_rows_keep_what_was_typed(worker, lamp, main):
    form = filled(worker.get(f"{NEW}?kind=receipt"), "catalogue-form")
    data = {name: values[0] for name, values in form.items()} | {"sku-0": "LAMP-30"}

    page = worker.post(f"{NEW}?kind=receipt", data | {"more": "1"})

    fields = filled(page, "catalogue-form")
    assert fields["sku-0"] == ["LAMP-30"]
    assert fields["rows"] == ["15"]


def test_changing_after_the_check_brings_everything_back(worker, lamp, main):
    page = check(worker, Kind.RECEIPT, ("LAMP-30", "12"), note="Wet", paste="LAMP-30 1")

    fields = filled(second(worker, page, "change"), "catalogue-form")

    assert fields["sku-0"] == ["LAMP-30"]
    assert fields["note"] == ["Wet"]
    assert fields["paste"] == ["LAMP-30 1"]
    assert not StockDocument.objects.exists()


def test_a_stock_take_is_shown_beside_the_books_of_its_moment(worker, lamp, main):
    receive(lamp, 10)

    page = check(worker, Kind.COUNT, ("LAMP-30", "8"), moment="2026-08-02T18:30")

    assert "By the books" in words(page)
    assert "-2" in words(page)
    second(worker, page)
    taken = StockDocument.objects.get(kind="count")
    assert f"{taken.effective_at:%Y-%m-%d %H:%M}" == "2026-08-02 10:30"
    assert stock_of(lamp) == (8, 0, 0, 0)


def test_a_stock_take_of_now_is_of_the_moment_of_its_check(worker, lamp, main):
    page = check(worker, Kind.COUNT, ("LAMP-30", "8"))
    checked = page.context["deed"].effective_at

    second(worker, page)

    assert StockDocument.objects.get().effective_at == checked


def test_a_deed_that_would_oversell_says_how_many_orders_lose(worker, lamp, main, shop):
    receive(lamp, 10)
    for number in range(3):
        sell(lamp, 3, shop=shop, remote_id=f"580{number}")

    page = check(worker, Kind.ADJUSTMENT, ("LAMP-30", "-5"), reason="lost")

    assert "would be 4 short: 2 orders would not get what was ordered" in words(page)


def test_a_transfer_of_more_than_there_is_is_refused_at_the_check(
    worker, lamp, main, annex
):
    receive(lamp, 3)

    page = check(worker, Kind.TRANSFER, ("LAMP-30", "5"), to_warehouse=annex.pk)

    assert "3 available, 5 wanted" in words(page)
    assert stock_of(lamp) == (3, 0, 0, 0)


def test_quarantine_goes_both_ways(worker, lamp, main):
    receive(lamp, 10)

    second(worker, check(worker, Kind.QUARANTINE, ("LAMP-30", "4"), direction="in"))
    second(worker, check(worker, Kind.QUARANTINE, ("LAMP-30", "1"), direction="back"))

    assert stock_of(lamp) == (7, 0, 0, 3)


def test_the_address_fills_in_what_it_names(worker, lamp, main, annex):
    query = {
        "kind": "transfer",
        "sku": "LAMP-30",
        "quantity": "4",
        "warehouse": annex.pk,
        "to_warehouse": main.pk,
    }

    fields = filled(worker.get(NEW, query), "catalogue-form")

    assert fields["sku-0"] == ["LAMP-30"]
    assert fields["quantity-0"] == ["4"]
    assert fields["warehouse"] == [str(annex.pk)]
    assert fields["to_warehouse"] == [str(main.pk)]


def test_who_works_for_several_clients_is_asked_for_which(company, lamp, main):
    other = make_client("Other")
    user = make_user(clients=[company, other], role=Role.ORDER_FULFILLMENT)
    browser = signed_in(user)

    page = browser.get(NEW, {"kind": "count", "sku": "LAMP-30"})

    assert "For the client" in words(page)
    chosen = browser.get(NEW, {"kind": "count", "client": company.pk})
    assert "As counted at" in words(chosen)
    by_place = browser.get(NEW, {"kind": "count", "warehouse": main.pk})
    assert "As counted at" in words(by_place)


def test_a_check_of_another_client_is_not_booked_here(company, lamp, main):
    other = make_client("Other")
    make_warehouse(other, "Theirs", is_default=True)
    user = make_user(clients=[company, other], role=Role.ORDER_FULFILLMENT)
    browser = signed_in(user)
    address = f"{NEW}?kind=receipt&client={company.pk}"
    form = filled(browser.get(address), "catalogue-form")
    data = {name: values[0] for name, values in form.items()}
    page = browser.post(
        address, data | {"sku-0": "LAMP-30", "quantity-0": "1", "check": "1"}
    )
    signed = page.context["signed"]

    browser.post(
        f"{NEW}?kind=receipt&client={other.pk}", {"signed": signed, "book": "1"}
    )

    assert not StockDocument.objects.exists()


def test_what_another_checked_is_not_booked(company, worker, lamp, main):
    page = check(worker, Kind.RECEIPT, ("LAMP-30", "12"))

    second(working_for(company), page)

    assert not StockDocument.objects.exists()


# Paper ----------------------------------------------------------------------------


def test_a_count_sheet_names_what_is_booked_there_and_leaves_a_box(
    worker, company, lamp, main
):
    make_variant(make_product(company, "Chair"), "CHAIR")
    receive(lamp, 10)

    here = words(worker.get(SHEET, {"warehouse": main.pk}))
    every = words(worker.get(SHEET, {"warehouse": main.pk, "skus": "all"}))

    assert "LAMP-30" in here
    assert "4006381333931" in here
    assert "CHAIR" not in here
    assert "CHAIR" in every
    assert "10" not in here.split("Counted", 2)[2]


# Who may --------------------------------------------------------------------------


def test_who_only_looks_sees_no_forms_and_is_refused(viewer, lamp, main):
    document = receive(lamp, 10)

    assert "New document" not in words(viewer.get(LIST))
    page = viewer.get(page_of(document))
    assert "Take back" not in words(page)
    assert viewer.get(NEW).status_code == 403
    assert viewer.post(NEW, {"check": "1"}).status_code == 403
    assert viewer.get(act_of(document)).status_code == 403
    assert viewer.post(act_of(document)).status_code == 403
    assert stock_of(lamp) == (10, 0, 0, 0)


def test_who_works_at_one_shop_alone_changes_no_stock(shop, lamp, main):
    """The stock is the whole client's."""
    member = make_shop_member(shop, Role.ORDER_FULFILLMENT)
    browser = signed_in(as_user(member))
    document = receive(lamp, 10)

    assert "Take back" not in words(browser.get(page_of(document)))
    assert browser.post(act_of(document)).status_code == 403
    assert browser.get(NEW).status_code == 403
    assert stock_of(lamp) == (10, 0, 0, 0)


def test_another_clients_document_is_like_none(worker):
    theirs = receive(make_variant(client=make_client("Other")), 10)

    absent = reverse("admin:inventory_stockdocument_change", args=[999_999])
    answers = [worker.get(address) for address in (page_of(theirs), absent)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert worker.post(act_of(theirs)).status_code == 302
    theirs.refresh_from_db()
    assert theirs.state == StockDocument.State.BOOKED
    assert not worker.get(LIST).context["cl"].result_count
    assert len(lines_of(worker.get(LINES))) == 1


def test_an_order_of_a_shop_one_does_not_see_is_not_named(company, lamp, main, shop):
    hidden = make_shop(company, name="Hidden")
    order = sell(lamp, 1, shop=hidden, remote_id="58017777")
    document = make_document(Kind.INSPECTION, {lamp: 1}, main, outcome="sellable")
    document.lines.update(order_id=order.pk, order_line_key=order.lines.get().key)
    member = make_shop_member(shop, Role.ORDER_FULFILLMENT)
    browser = signed_in(as_user(member))

    text = words(browser.get(page_of(document)))

    assert "An order in a shop you do not see" in text
    assert "58017777" not in text
    assert not browser.get(LIST, {"q": "58017777"}).context["cl"].result_count
    assert "58017777" not in "".join(lines_of(browser.get(LINES)))
    assert Shop.objects.filter(pk=hidden.pk).exists()


def test_whom_goods_come_from_is_for_who_sees_costs(
    company, worker, viewer, lamp, main
):
    supplier = Supplier.objects.create(client=company, name="Bright Lights Sdn Bhd")
    document = receive(lamp, 5, main, supplier=supplier)
    boss = working_for(company, Role.ADMIN)
    receipt = f"{NEW}?kind=receipt"

    def told(browser):
        pages = [words(browser.get(page)) for page in (LIST, page_of(document))]
        return [*pages, *lines_of(browser.get(LINES))]

    for browser in (boss, viewer):
        assert sum("Bright Lights" in text for text in told(browser)) == 3
    assert not any("Bright Lights" in text for text in told(worker))
    assert "Bright Lights" in words(boss.get(receipt))
    assert "Supplier" not in words(worker.get(receipt))


def test_who_sees_no_costs_cannot_name_a_supplier_either(company, worker, lamp, main):
    supplier = Supplier.objects.create(client=company, name="Bright Lights Sdn Bhd")

    second(worker, check(worker, Kind.RECEIPT, ("LAMP-30", "5"), supplier=supplier.pk))

    assert StockDocument.objects.get().supplier is None


def test_a_receipt_of_before_a_count_says_that_the_count_holds(worker, lamp, main):
    count(lamp, 4, main)

    page = check(worker, Kind.RECEIPT, ("LAMP-30", "5"), moment="2026-11-01T10:00")

    text = words(page)
    assert "LAMP-30 in Main was counted at that moment or later" in text
    assert "what lies there now stays as it is" in text
    second(worker, page)
    assert stock_of(lamp, main) == (4, 0, 0, 0)


def test_with_one_warehouse_there_is_nowhere_to_transfer_to(worker, lamp, main):
    page = worker.get(reverse("admin:inventory_document_new"), {"kind": "transfer"})

    assert "has one warehouse: there is nowhere to transfer to" in words(page)
    assert "Add a warehouse" in words(page)


def test_a_receipt_of_now_says_nothing_of_counts(worker, lamp, main):
    count(lamp, 4, main)

    text = words(check(worker, Kind.RECEIPT, ("LAMP-30", "5")))

    assert "was counted at that moment" not in text


@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "soon"])
def test_a_moment_there_is_none_of_is_refused(worker, lamp, main, moment):
    page = check(worker, Kind.RECEIPT, ("LAMP-30", "5"), moment=moment)

    assert "Enter a valid date" in words(page)
    assert not StockDocument.objects.exists()


def test_what_no_database_can_hold_is_left_out(worker, lamp, main):
    page = check(worker, Kind.RECEIPT, ("LAMP\0-30", "5"), paste="CHAIR\0 2")

    assert "There is no SKU “CHAIR”" in words(page)
    assert "There is no SKU “LAMP" not in words(page)


def test_a_line_as_long_as_a_book_is_refused_at_once(worker, lamp, main):
    page = check(worker, Kind.RECEIPT, paste="a" + " " * 50_000 + "b c")

    assert "Line 1" in words(page)
    assert not StockDocument.objects.exists()


def test_what_is_taken_back_is_not_asked_about_again(worker, lamp, main):
    document = receive(lamp, 5, main)
    worker.post(act_of(document))

    page = worker.get(act_of(document), follow=True)

    assert "is taken back already" in words(page)
    assert "The books become" not in words(page)
