"""Carriers and numbers of many orders: looked at, sent, and what became of them."""

import csv
import io
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from apps.orders.models import ActionRun, OrderAction, ShippingProvider
from tests.factories.orders import make_order, make_package
from tests.factories.platforms import make_shop
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db

PAGE = "/admin/orders/order/tracking/"
State = OrderAction.State


@pytest.fixture
def shop():
    shop = make_shop(name="Main Store")
    carrier(shop)
    return shop


def carrier(shop):
    ShippingProvider.objects.create(
        shop=shop,
        delivery_option_id="",
        remote_id="6617",
        name="Quick Parcel",
        read_at="2026-11-20T00:00:00Z",
    )


def browser_of(name, shop, permission="process_orders"):
    browser = Browser()
    user = make_user(name, clients=[shop.client], permissions=[permission])
    browser.force_login(user)
    return browser


@pytest.fixture
def browser(shop):
    return browser_of("ann", shop)


def ready(shop, remote_id):
    order = make_order(shop, remote_id, shipping_type="seller")
    make_package(order, remote_id=f"1{remote_id}", status="to_fulfill")
    return order


def text_of(page):
    assert page.status_code == 200
    return " ".join(unescape(page.content.decode()).split())


def look(browser, rows):
    return browser.post(PAGE, {"rows": rows})


def send(browser, page):
    told = {name: page.context[name] for name in ("signed", "key")}
    return browser.post(f"{PAGE}upload/", told)


def test_each_row_is_looked_at_before_anything_is_sent(browser, shop):
    ready(shop, "580000001")
    ready(make_shop(), "590000001")

    page = look(
        browser,
        "order,carrier,number\n"
        "580000001,quick parcel,TN1\n"
        "590000001,Quick Parcel,TN2\n"
        "580000009,Quick Parcel,\n",
    )

    text = text_of(page)
    assert "3 rows" in text
    assert "Send 1 row, skip 2" in text
    assert text.count("There is no such order.") == 1  # another's is as none
    assert "There is no tracking number." in text
    assert not OrderAction.objects.exists()


def test_rows_are_sent_once_and_the_answer_says_what_became_of_each(browser, shop):
    orders = [ready(shop, f"58000000{n}") for n in range(3)]
    rows = "\n".join(f"{o.remote_id}\tQuick Parcel\tTN{o.pk}" for o in orders)
    page = look(browser, f"{rows}\n580000009\tQuick Parcel\tTN9")

    answer = send(browser, page)
    again = send(browser, page)

    run = ActionRun.objects.get()
    assert run.total == OrderAction.objects.count() == 3
    assert f"/admin/orders/actionrun/{run.pk}/" in text_of(answer)
    assert "There is no such order." in text_of(answer)
    assert again["Location"] == f"/admin/orders/actionrun/{run.pk}/"
    # TikTok answers meanwhile.
    first = OrderAction.objects.order_by("pk")[0]
    OrderAction.objects.filter(pk=first.pk).update(
        state=State.REFUSED, message="Number is used"
    )
    signed = {"signed": answer.context["signed"]}
    later = text_of(browser.post(f"{PAGE}result/", signed))
    assert "Number is used" in later
    file = browser.post(f"{PAGE}result/", signed | {"csv": "1"})
    found = list(csv.DictReader(io.StringIO(b"".join(file.streaming_content).decode())))
    assert [row["result"] for row in found] == [
        "refused",
        "waiting",
        "waiting",
        "refused",
    ]
    assert found[0]["reason"] == "Number is used"


def test_a_file_does_as_well(browser, shop):
    ready(shop, "580000001")
    file = SimpleUploadedFile(
        "numbers.csv", b"Order ID;Carrier;Tracking ID\n580000001;6617;TN1"
    )

    page = browser.post(PAGE, {"file": file, "rows": ""})

    assert "Send 1 row" in text_of(page)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"rows": ""}, "Paste rows or choose a file: one of the two."),
        ({"rows": "order,carrier\n1,2"}, "The headings must name the order"),
        ({"rows": "\0"}, "Null characters are not allowed."),
    ],
)
def test_what_is_no_list_is_told_and_nothing_is_lost(browser, told, words):
    page = browser.post(PAGE, told)

    assert words in text_of(page)


def test_the_orders_one_comes_from_are_written_down(browser, shop):
    order = ready(shop, "580000001")
    ready(shop, "580000002")

    page = browser.get(f"/admin/orders/order/bulk/?deed=tracking&pk={order.pk}")

    assert "order, carrier, number\n580000001, , " in unescape(page.content.decode())
    assert "580000002" not in text_of(page)


def test_pages_are_for_who_works_on_orders_and_of_ones_own(browser, shop):
    ready(shop, "580000001")
    looker = browser_of("bob", shop, "view_analytics")
    other = browser_of("eve", shop)
    page = look(browser, "580000001,Quick Parcel,TN1")

    for address in (PAGE, f"{PAGE}upload/", f"{PAGE}result/"):
        assert looker.post(address).status_code == 403
    for address in (f"{PAGE}upload/", f"{PAGE}result/"):
        assert browser.get(address).status_code == 405
    assert send(other, page)["Location"] == PAGE  # signed for another
    forged = browser.post(f"{PAGE}upload/", {"signed": "x"}, follow=True)
    assert "This page is over. Give the rows once more." in text_of(forged)
    assert not OrderAction.objects.exists()
