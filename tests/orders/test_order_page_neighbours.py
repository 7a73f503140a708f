"""From order to order, within the list one came from."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.utils import timezone

from apps.orders.models import Order
from tests.factories.orders import make_order
from tests.factories.platforms import make_shop
from tests.factories.users import make_client
from tests.orders.order_pages import page_of, signed_in
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

LIST = "/admin/orders/order/"


@pytest.fixture
def shop():
    return make_shop(name="Main Store")


def kept(query):
    return f"?_changelist_filters={quote(query)}"


def neighbours(browser, order, query):
    """The keys before and after it, as the page links them."""
    told = browser.get(page_of(order, kept(query))).context["neighbours"]
    found = []
    for address in (told.previous, told.next):
        assert not address or address.endswith(kept(query).replace("%20", "+"))
        found.append(int(address.split("/order/")[1].split("/")[0]) if address else 0)
    return tuple(found)


def walked(browser, query):
    """The list's order, by the list and by going from page to page, both ways."""
    rows = browser.get(f"{LIST}?{query}").context["cl"].result_list
    listed = [row.pk for row in rows]
    ahead, behind = listed[:1], listed[-1:]
    by_key = {row.pk: row for row in rows}
    while (key := neighbours(browser, by_key[ahead[-1]], query)[1]) and len(ahead) < 99:
        ahead.append(key)
    while (key := neighbours(browser, by_key[behind[-1]], query)[0]) and len(
        behind
    ) < 99:
        behind.append(key)
    return listed, ahead, behind[::-1]


@pytest.mark.parametrize(
    "query",
    [
        "tab=all",
        "tab=open",
        "tab=open&o=5",
        "tab=open&o=-5.1",
        "tab=open&o=6",
        "tab=open&o=-6",
        "tab=open&o=-2.3",
        "tab=open&o=1",
        "tab=all&o=-1",
    ],
)
def test_the_list_is_walked_in_its_own_order_both_ways(shop, query):
    now = timezone.now()
    other = make_shop(shop.client, name="Annex")
    for number in range(8):
        make_order(
            other if number % 3 == 0 else shop,
            status=[Order.Status.TO_SHIP, Order.Status.IN_TRANSIT][number % 2],
            ship_by_at=None if number % 4 == 1 else now + timedelta(hours=number % 5),
            total_amount=None if number == 3 else number % 3,
            priority=["auto", "viral", "high"][number % 3],
            placed_at=now - timedelta(hours=number // 2),
        )

    listed, ahead, behind = walked(signed_in(shop), query)

    assert len(listed) == 8
    assert ahead == listed
    assert behind == listed


def test_only_what_the_list_shows_is_walked(shop):
    first, second, third = (make_order(shop, placed_at=_ago(n)) for n in (3, 2, 1))
    make_order(shop, status=Order.Status.UNPAID, placed_at=_ago(2))
    make_order(make_shop(make_client("Other")), placed_at=_ago(2))
    browser = signed_in(shop)

    query = f"tab=all&status=to_ship&shop={shop.pk}"

    assert neighbours(browser, second, query) == (third.pk, first.pk)
    assert neighbours(browser, third, query) == (0, second.pk)


def test_what_has_left_the_list_keeps_its_place_in_it(shop):
    first, second, third = (make_order(shop, placed_at=_ago(n)) for n in (3, 2, 1))
    browser = signed_in(shop)
    Order.objects.filter(pk=second.pk).update(status=Order.Status.IN_TRANSIT)

    found = neighbours(browser, second, "tab=all&status=to_ship")

    assert found == (third.pk, first.pk)


def test_an_order_no_list_led_to_has_neighbours_in_the_first_list_alone(shop):
    make_order(shop, placed_at=_ago(1))
    open_one = make_order(shop, placed_at=_ago(2))
    ended = make_order(shop, status=Order.Status.COMPLETED, placed_at=_ago(3))
    browser = signed_in(shop)

    assert browser.get(page_of(open_one)).context["neighbours"].previous
    told = browser.get(page_of(ended)).context["neighbours"]
    assert (told.previous, told.next) == ("", "")


def test_odd_queries_are_read_as_the_list_reads_them(shop):
    order = make_order(shop)
    browser = signed_in(shop)

    for query in ("o=99", "o=x.-", "tab=no", "q=%00", "_changelist_filters=a"):
        assert browser.get(page_of(order, kept(query))).status_code == 200


def test_neighbours_cost_three_queries_in_a_long_list_too(shop):
    browser = signed_in(shop)

    def cost():
        order = make_order(shop)
        browser.get(page_of(order, kept("tab=open")))
        with statements() as asked:
            browser.get(page_of(order, kept("tab=open")))
        return len(asked)

    few = cost()
    for _ in range(30):
        make_order(shop)

    assert cost() == few


def _ago(hours):
    return timezone.now() - timedelta(hours=hours)
