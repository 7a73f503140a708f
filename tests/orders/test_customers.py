"""Customers: told apart by TikTok's handles, at shops where one may see buyers."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client as Browser

from apps.orders.models import Buyer, Order
from apps.orders.services.privacy import Subject, erase_buyer
from apps.users.models import AuditEntry
from apps.users.roles import Role
from tests.factories.orders import make_order
from tests.factories.platforms import make_shop
from tests.factories.team import give_role, make_shop_member
from tests.factories.users import make_user
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

LIST = "/admin/orders/buyer/"
PLACED = datetime(2026, 9, 20, 10, 0, tzinfo=UTC)


@pytest.fixture
def shop():
    return make_shop(name="Main Store")


def browser_of(user):
    browser = Browser()
    browser.force_login(user)
    return browser


@pytest.fixture
def browser(shop):
    user = make_user("ann", clients=[shop.client], permissions=["process_orders"])
    return browser_of(user)


def buyer(shop, remote_id="", username=""):
    return Buyer.objects.create(shop=shop, remote_id=remote_id, username=username)


def bought(buyer, total="40.40", days=0, **changes):
    placed = PLACED + timedelta(days=days)
    return make_order(
        buyer.shop,
        buyer=buyer,
        placed_at=placed,
        total_amount=Decimal(total),
        **changes,
    )


def text_of(page):
    assert page.status_code == 200
    return " ".join(unescape(page.content.decode()).split())


def names(page):
    assert page.status_code == 200
    return [row["customer"].name for row in page.context["rows"]]


def test_one_handle_is_one_customer_over_all_shops(browser, shop):
    second = make_shop(shop.client, name="Second", currency="SGD", region="SG")
    here = buyer(shop, "7200", "lamp_lover")
    there = buyer(second, "7200")
    bought(here, "10", days=1)
    bought(here, "20", status="cancelled")
    bought(here, "5", return_state="refunded", refund_amount=Decimal(5))
    last = bought(there, "7", days=3)
    bought(buyer(shop, "", "pot_fan"), "99", days=2)
    buyer(shop, "7201")  # of whom no order is left

    page = browser.get(LIST)

    assert names(page) == ["lamp_lover", "pot_fan"]
    first = page.context["rows"][0]["customer"]
    assert (first.orders, first.cancelled, first.returned, first.units) == (4, 1, 1, 6)
    assert [str(total) for total in first.totals] == ["MYR 15.00", "SGD 7.00"]
    assert [str(back) for back in first.refunds] == ["MYR 5.00"]
    assert first.last_at == last.placed_at
    assert [str(s) for s in first.shops] == ["Main Store (MY)", "Second (SG)"]
    one = browser.get(f"{LIST}{there.pk}/")  # whichever of theirs one opens
    text = text_of(one)
    for words in ("lamp_lover", "Main Store (MY)", "Second (SG)", "MYR 15.00", "7200"):
        assert words in text, words
    assert len(one.context["orders"]) == 4


def test_customers_are_sorted_and_sought_by_handle_never_by_phone(browser, shop):
    many, new, old = buyer(shop, "1"), buyer(shop, "2", "new_one"), buyer(shop, "3")
    order = bought(many, days=1, recipient_phone="555", recipient_name="Ahmad")
    bought(many)
    bought(many)
    bought(new, days=5)
    bought(old, days=-5)

    assert names(browser.get(LIST)) == ["new_one", "1", "3"]
    assert names(browser.get(f"{LIST}?sort=orders")) == ["1", "new_one", "3"]
    assert names(browser.get(f"{LIST}?sort=first"))[0] == "new_one"
    for text, found in (
        ("@NEW_", ["new_one"]),
        ("2", ["new_one"]),
        (order.remote_id, ["1"]),
        ("555", []),
        ("Ahmad", []),
        ("ew_one", []),
    ):
        assert names(browser.get(LIST, {"q": text})) == found, text
    assert "Nobody goes by that." in text_of(browser.get(f"{LIST}?q=nobody"))
    odd = browser.get(f"{LIST}?shop=999&sort=x&p=999")
    assert len(names(odd)) == 3


def test_what_was_free_or_has_no_total_yet_sums_up_to_nothing(browser, shop):
    given = buyer(shop, "7200", "lamp_lover")
    bought(given, "0", is_sample=True)
    bare = buyer(shop, "7201", "pot_fan")
    order = bought(bare, days=1)
    Order.objects.filter(pk=order.pk).update(total_amount=None)

    page = browser.get(LIST)

    assert names(page) == ["pot_fan", "lamp_lover"]
    assert text_of(page).count("MYR 0.00") == 2


def test_who_was_erased_is_nobodys_customer(browser, shop):
    gone = buyer(shop, "7200", "lamp_lover")
    bought(gone)
    erase_buyer(Subject(shop, buyer=gone), "lamp_lover")

    assert names(browser.get(LIST)) == []
    absent = browser.get(f"{LIST}999999/")
    assert browser.get(f"{LIST}{gone.pk}/")["Location"] == absent["Location"]


def test_customers_are_those_of_shops_where_one_processes_orders(shop):
    second = make_shop(shop.client, name="Second")
    member = make_shop_member(shop, Role.ORDER_FULFILLMENT)
    give_role(member, second, Role.ANALYST)
    ours, theirs, foreign = (
        buyer(shop, "1"),
        buyer(second, "1"),
        buyer(make_shop(), "1"),
    )
    for each in (ours, theirs, foreign):
        bought(each)
    other = buyer(second, "2")
    bought(other)
    browser = browser_of(member.user)

    page = browser.get(f"{LIST}?shop={second.pk}")

    assert names(page) == ["1"]
    assert page.context["rows"][0]["customer"].orders == 1
    assert "Second" not in text_of(page)
    for hidden in (theirs, foreign, other):
        assert browser.get(f"{LIST}{hidden.pk}/").status_code == 302
    analyst = make_user(clients=[shop.client], role=Role.ANALYST)
    for address in (LIST, f"{LIST}{ours.pk}/"):
        assert browser_of(analyst).get(address).status_code == 403
    assert "Customers" not in text_of(browser_of(analyst).get("/admin/orders/order/"))


def test_each_look_is_noted_once_an_hour_without_saying_who_it_was(browser, shop):
    one, two = buyer(shop, "7200", "lamp_lover"), buyer(shop, "7201")
    bought(one)
    bought(two)

    browser.get(LIST)
    browser.get(f"{LIST}{one.pk}/")
    browser.get(LIST)

    entries = AuditEntry.objects.filter(verb="saw the buyer")
    assert {(e.target_type, e.target_id) for e in entries} == {
        ("orders.buyer", str(one.pk)),
        ("orders.buyer", str(two.pk)),
    }
    assert entries.count() == 2
    for entry in entries:
        assert entry.shop_key == shop.pk
        assert "lamp" not in entry.target_text
        assert entry.target_text.startswith("Buyer ")


@pytest.mark.parametrize("is_list", [True, False])
def test_pages_take_the_same_statements_however_much_there_is(browser, shop, is_list):
    first = buyer(shop, "0")
    bought(first)
    address = LIST if is_list else f"{LIST}{first.pk}/"

    def asked():
        with statements() as found:
            browser.get(address)
        return found

    asked()
    for number in range(3):
        bought(buyer(shop, f"1{number}") if is_list else first)
    few = asked()
    for number in range(30):
        bought(buyer(shop, f"2{number}") if is_list else first)
    many = asked()

    assert len(many) == len(few)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (LIST, "Customers"),
        ("/admin/orders/actionrun/", "Order runs"),
        ("/admin/orders/order/", "Orders"),
    ],
)
def test_a_list_goes_by_the_name_it_has_in_the_sidebar_also_where_it_is_empty(
    browser, address, name
):
    page = text_of(browser.get(address))

    head = page.split("<h1")[1].split("</h1>")[0]
    assert f">{name}<" in head
    assert "Create a new item" not in page
