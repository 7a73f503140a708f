"""What comes back: the desk, one order's goods inspected, many put back at once."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.integrations.contracts import CancellationStage, OrderStatus
from apps.inventory.models import Booking, StockDocument
from apps.orders.models import Order
from apps.orders.services.stock import book_due_orders, mark_due
from apps.platforms.models import Shop
from apps.users.roles import Role
from tests.factories.inventory import make_warehouse, receive, stock_of
from tests.factories.platforms import make_shop
from tests.factories.products import make_bundle, make_product, make_variant
from tests.factories.team import as_user, give_role, make_member
from tests.factories.users import make_client
from tests.inventory.pages import sell, signed_in, words, working_for
from tests.orders.queries import statements
from tests.products.forms import filled, forms_of

pytestmark = pytest.mark.django_db

DESK = reverse("admin:inventory_coming_back")
FIND = reverse("admin:inventory_inspect_find")
ALL = reverse("admin:inventory_inspect_all")


@pytest.fixture
def company():
    return make_client("Northwind")


@pytest.fixture
def shop(company):
    return make_shop(company, name="Main Store")


@pytest.fixture
def lamp(company):
    """Ten of it were received."""
    lamp = make_variant(make_product(company), "LAMP-30")
    receive(lamp, 10)
    return lamp


@pytest.fixture
def worker(company, shop):
    return working_for(company)


def failed(days=3):
    """A delivery that failed so many days ago."""
    now = timezone.now()
    return {
        "status": OrderStatus.CANCELLED,
        "cancellation_stage": CancellationStage.FAILED_DELIVERY,
        "placed_at": now - timedelta(days=days + 5),
        "shipped_at": now - timedelta(days=days + 4),
        "cancelled_at": now - timedelta(days=days),
        "cancel_reason": "Package delivery failed",
    }


def booking_of(order):
    return Booking.objects.filter(cause_id=order.pk, cause_kind="order").first()


def page_of(order):
    return reverse("admin:inventory_inspect", args=[booking_of(order).pk])


def inspected(browser, order, **units):
    form = filled(browser.get(page_of(order)), "catalogue-form")
    data = {name: values[0] for name, values in form.items()} | units
    return browser.post(page_of(order), data, follow=True)


def test_the_desk_shows_what_comes_back_the_oldest_first(worker, shop, lamp):
    sell(lamp, 1, shop=shop, remote_id="58011", **failed(days=2))
    sell(lamp, 3, shop=shop, remote_id="58012", **failed(days=9))

    page = worker.get(DESK)

    assert [row["days"] for row in page.context["rows"]] == [9, 2]
    assert [row["units"] for row in page.context["rows"]] == [3, 1]
    text = words(page)
    assert "Order 58012" in text
    assert "Delivery failed" in text


def test_a_return_says_that_it_is_one(worker, shop, lamp):
    order = sell(
        lamp, 2, shop=shop, remote_id="58011",
        status=OrderStatus.COMPLETED, shipped_at=timezone.now(),
    )  # fmt: skip
    assert "Nothing is expected back" in words(worker.get(DESK))
    order.lines.update(returned_quantity=1)
    mark_due(Order.objects.filter(pk=order.pk))
    book_due_orders(shop)

    page = worker.get(DESK, {"why": "return"})

    assert "Returned" in words(page)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"q": "lamp"}, 1),
        ({"q": "chair"}, 0),
        ({"why": "failed_delivery"}, 1),
        ({"why": "return"}, 0),
    ],
)
def test_the_desk_is_filtered(worker, shop, lamp, query, count):
    sell(lamp, 1, shop=shop, remote_id="58011", **failed())

    page = worker.get(DESK, query)

    assert len(page.context["rows"]) == count


def test_a_bundle_stands_there_once(worker, company, shop, lamp):
    bulb = make_variant(make_product(company, "Bulb"), "BULB")
    pair = make_bundle({lamp: 2, bulb: 3}, "SET")
    sell(pair, 2, shop=shop, remote_id="58011", **failed())

    [row] = worker.get(DESK).context["rows"]

    assert row["units"] == 2
    assert row["booking"].sold == pair


def test_the_desk_costs_the_same_however_long_it_is(worker, shop, lamp):
    sell(lamp, 1, shop=shop, remote_id="58010", **failed())
    with statements() as one:
        worker.get(DESK)
    for number in range(8):
        sell(lamp, 1, shop=shop, remote_id=f"5801{number + 1}", **failed())

    with statements() as many:
        worker.get(DESK)

    assert len(many) == len(one)


def test_an_order_is_inspected_unit_by_unit(worker, shop, lamp):
    order = sell(lamp, 3, shop=shop, remote_id="58011", **failed())
    assert "3 sold · 3 expected back" in words(worker.get(page_of(order)))

    page = inspected(
        worker, order, **{"sellable-0": "1", "quarantined-0": "1", "note": "Box torn"}
    )

    document = StockDocument.objects.get(kind="inspection")
    assert f"Inspection {document.pk} is booked." in words(page)
    assert document.note == "Box torn"
    assert stock_of(lamp) == (8, 0, 1, 1)


def test_sent_twice_it_is_booked_once(worker, shop, lamp):
    order = sell(lamp, 3, shop=shop, remote_id="58011", **failed())
    form = filled(worker.get(page_of(order)), "catalogue-form")
    data = {name: values[0] for name, values in form.items()} | {"sellable-0": "1"}

    for _ in range(2):
        worker.post(page_of(order), data)

    assert stock_of(lamp) == (8, 0, 2, 0)


@pytest.mark.parametrize(
    ("units", "told"),
    [
        ({"sellable-0": "4"}, "4 are more than the 3 still out"),
        ({"sellable-0": "-1"}, "greater than or equal to 0"),
        ({}, "at least one unit"),
    ],
)
def test_what_cannot_be_is_refused_on_the_page(worker, shop, lamp, units, told):
    order = sell(lamp, 3, shop=shop, remote_id="58011", **failed())

    assert told in words(inspected(worker, order, **units))

    assert stock_of(lamp) == (7, 0, 3, 0)


def test_goods_may_be_put_elsewhere(worker, company, shop, lamp):
    annex = make_warehouse(company, "Annex")
    order = sell(lamp, 3, shop=shop, remote_id="58011", **failed())

    inspected(worker, order, **{"sellable-0": "3", "warehouse": str(annex.pk)})

    assert stock_of(lamp, annex) == (3, 0, 0, 0)


def test_what_came_unannounced_is_found_by_its_number(worker, shop, lamp):
    order = sell(
        lamp, 2, shop=shop, remote_id="58011",
        status=OrderStatus.DELIVERED, shipped_at=timezone.now(),
    )  # fmt: skip

    page = worker.get(FIND, {"order": " 58011 "}, follow=True)

    assert "2 sold · 0 expected back" in words(page)
    inspected(worker, order, **{"sellable-0": "2"})
    assert stock_of(lamp) == (10, 0, 0, 0)


def test_a_number_that_leads_nowhere_says_so(worker, shop, lamp):
    sell(lamp, 1, shop=shop, remote_id="58011")

    assert "No order “999”" in words(worker.get(FIND, {"order": "999"}, follow=True))
    waiting = worker.get(FIND, {"order": "58011"}, follow=True)
    assert "has left the warehouse" in words(waiting)


def test_all_that_is_ticked_is_put_back_after_a_question(worker, shop, lamp):
    orders = [
        sell(lamp, 2, shop=shop, remote_id=f"5801{n}", **failed()) for n in range(3)
    ]
    ticked = [booking_of(order).pk for order in orders[:2]]

    question = worker.post(ALL, {"row": ticked})
    assert "Put 4 units back into stock?" in words(question)
    assert stock_of(lamp) == (4, 0, 6, 0)
    form = next(f for f in forms_of(question) if "key" in f["fields"])
    for _ in range(2):
        page = worker.post(ALL, form["fields"], follow=True)

    assert stock_of(lamp) == (8, 0, 2, 0)
    assert "Nothing of that is expected any more." in words(page)
    assert StockDocument.objects.filter(kind="inspection").count() == 2


def test_nothing_ticked_is_nothing_done(worker, shop, lamp):
    page = worker.post(ALL, {}, follow=True)

    assert "Tick what came back first." in words(page)


def test_an_inspection_is_taken_back_from_its_page(worker, shop, lamp):
    order = sell(lamp, 3, shop=shop, remote_id="58011", **failed())
    inspected(worker, order, **{"sellable-0": "3"})
    document = StockDocument.objects.get(kind="inspection")

    worker.post(
        reverse("admin:inventory_stockdocument_act", args=[document.pk, "take-back"])
    )

    assert stock_of(lamp) == (7, 0, 3, 0)


def test_who_only_looks_sees_no_forms_and_is_refused(company, shop, lamp):
    order = sell(lamp, 3, shop=shop, remote_id="58011", **failed())
    viewer = working_for(company, Role.ANALYST)

    page = viewer.get(DESK)

    assert "Order 58011" in words(page)
    assert "All sellable" not in words(page)
    assert viewer.get(page_of(order)).status_code == 403
    assert viewer.post(page_of(order), {"sellable-0": "1"}).status_code == 403
    assert viewer.post(ALL, {"row": [booking_of(order).pk]}).status_code == 403
    assert viewer.get(FIND, {"order": "58011"}).status_code == 403
    assert stock_of(lamp) == (7, 0, 3, 0)


def test_another_clients_goods_are_like_none(worker):
    other = make_client("Other")
    chair = make_variant(client=other)
    receive(chair, 10)
    theirs = sell(chair, 1, shop=make_shop(other), remote_id="58019", **failed())

    absent = reverse("admin:inventory_inspect", args=[999_999])
    answers = [worker.get(address) for address in (page_of(theirs), absent)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert not worker.get(DESK).context["rows"]
    worker.post(ALL, {"row": [booking_of(theirs).pk]})
    assert "No order" in words(worker.get(FIND, {"order": "58019"}, follow=True))
    assert stock_of(chair) == (9, 0, 1, 0)


def test_an_order_one_does_not_see_is_inspected_without_being_named(company, lamp):
    """Looks after the stock of the whole client, and processes no orders."""
    hidden = make_shop(company, name="Hidden")
    order = sell(lamp, 3, shop=hidden, remote_id="58017777", **failed())
    member = make_member(company, permissions=["manage_logistics"])
    give_role(member, make_shop(company), Role.ORDER_FULFILLMENT)
    browser = signed_in(as_user(member))

    desk, page = browser.get(DESK), browser.get(page_of(order))

    for text in (words(desk), words(page)):
        assert "An order in a shop you do not see" in text
        assert "58017777" not in text
    inspected(browser, order, **{"sellable-0": "3"})
    assert stock_of(lamp) == (10, 0, 0, 0)


def test_an_order_of_a_shop_that_changed_hands_is_inspected_by_nobody_here(
    company, worker, shop, lamp
):
    """Until its goods are booked anew, they stand in the books of its old client."""
    order = sell(lamp, 3, shop=shop, remote_id="58018888", **failed())
    Shop.objects.filter(pk=shop.pk).update(client=make_client("Other"))

    page = worker.get(page_of(order), follow=True)
    worker.post(page_of(order), {"sellable-0": "3"})

    assert "58018888" not in words(page)
    assert stock_of(lamp) == (7, 0, 3, 0)
    assert not StockDocument.objects.filter(kind="inspection").exists()
