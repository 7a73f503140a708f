"""The page of one order."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone

from apps.integrations.contracts import Source
from apps.orders.models import Buyer, Order, OrderLine, OrderPayload
from apps.platforms.models import ShopRole
from apps.products.models import ListingSku
from apps.users.models import AuditEntry
from apps.users.roles import Role
from tests.factories.orders import make_order, make_package
from tests.factories.platforms import make_shop
from tests.factories.products import make_listing_sku, make_product, make_variant
from tests.factories.users import make_client, make_user
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db


def address(pk):
    return f"/admin/orders/order/{pk}/change/"


def signed_in(shop, *permissions):
    browser = Browser()
    browser.force_login(make_user(clients=[shop.client], permissions=permissions))
    return browser


def text(page):
    return unescape(page.content.decode())


@pytest.fixture
def order():
    shop = make_shop(name="Main Store")
    order = make_order(
        shop,
        "580000000000000123",
        status=Order.Status.CANCELLED,
        status_text="CANCELLED",
        placed_at=datetime(2026, 9, 20, 10, 0, tzinfo=UTC),
        cancelled_at=datetime(2026, 9, 21, 10, 0, tzinfo=UTC),
        cancel_reason="Out of stock",
        cancelled_by="seller",
        cancellation_stage=Order.Stage.BEFORE_SHIPPING,
        original_amount=Decimal(80),
        seller_discount_amount=Decimal(8),
        total_amount=Decimal("1072.5"),
        recipient_name="Ahmad Lim",
        recipient_phone="(+60)12****34",
        recipient_address="12 Jalan Melati",
        recipient_postal_code="05000",
        buyer_message="Ring twice",
        seller_note="Fragile",
        buyer=Buyer.objects.create(shop=shop, username="lamp_lover"),
    )
    make_package(order, remote_id="1161", tracking_number="TN-1")
    make_package(order, remote_id="1162", tracking_number="TN-2")
    return order


PRIVATE = (
    "Ahmad Lim",
    "(+60)12****34",
    "12 Jalan Melati",
    "05000",
    "Ring twice",
    "lamp_lover",
)


def test_the_page_tells_all_about_an_order(order):
    browser = signed_in(order.shop, "process_orders")

    page = browser.get(address(order.pk))

    assert page.status_code == 200
    for words in (
        "Order 580000000000000123",
        "Main Store (MY)",
        "MYR 1,072.50",
        "LAMP-30",
        "Rattan lamp",
        "MYR -8.00",
        "Before shipping, by seller",
        "Out of stock",
        "20 Sep 2026 10:00 UTC · 20 Sep 18:00 +08 in the shop",
        "TN-2",
        "Fragile",
        *PRIVATE,
    ):
        assert words in text(page), words


def test_buyers_are_hidden_from_those_who_do_not_process_orders(order):
    browser = signed_in(order.shop, "view_analytics")

    page = text(browser.get(address(order.pk)))

    assert "Hidden: your role does not process orders." in page
    assert [words for words in PRIVATE if words in page] == []
    assert "LAMP-30" in page


def test_buyers_cannot_be_guessed_through_the_address(order):
    browser = signed_in(order.shop, "view_analytics")

    def found(query):
        page = browser.get(f"/admin/orders/order/?tab=all&{query}")
        return len(page.context["cl"].result_list)

    for name in ("recipient_name__startswith", "recipient_phone__contains", "buyer"):
        assert found(f"{name}=zzz") == found(f"{name}=Ahmad") == 1


def test_a_page_without_permission_is_refused(order):
    stranger = signed_in(order.shop)

    assert stranger.get(address(order.pk)).status_code == 403
    assert stranger.get("/admin/orders/order/").status_code == 403


def test_a_foreign_order_is_like_one_that_does_not_exist(order):
    browser = Browser()
    browser.force_login(
        make_user(clients=[make_client()], permissions=["view_analytics"])
    )

    def answer(pk):
        page = browser.get(address(pk), follow=True)
        said = [str(m).replace(str(pk), "…") for m in page.context["messages"]]
        return page.redirect_chain, said

    missing = answer(order.pk + 1000)
    assert answer(order.pk) == missing
    assert missing[0] == [("/admin/", 302)]
    (message,) = missing[1]
    assert message.startswith("order with ID “…” doesn")


@pytest.mark.parametrize("pk", ["0", "x", "99999999999999999999", "1_2F2", "-1"])
def test_an_odd_number_is_a_missing_order(order, pk):
    browser = signed_in(order.shop, "view_analytics")

    assert browser.get(address(pk)).status_code == 302


def test_an_order_of_which_little_is_known_has_a_page():
    order = make_order(sku="", source=None, total_amount=None)
    browser = signed_in(order.shop, "process_orders")

    page = text(browser.get(address(order.pk)))

    assert "No source has told us the items yet." in page
    assert "not said" in page


def test_what_the_platform_sends_is_shown_as_text_not_as_markup():
    evil = '<script>alert("x")</script>'
    order = make_order(
        sku=evil,
        status_text=evil,
        is_status_understood=False,
        carrier=evil,
        tracking_number=evil,
        seller_note=evil,
        buyer_message=evil,
        recipient_name=evil,
    )
    browser = signed_in(order.shop, "process_orders")

    for page in (address(order.pk), f"/admin/orders/order/?q={evil}&carrier={evil}"):
        assert evil not in browser.get(page).content.decode()


@pytest.mark.parametrize("count", [10, 60])
def test_the_page_takes_the_same_statements_however_many_lines(count):
    order = make_order(sku="")
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            key=f"{number}",
            position=number,
            quantity=1,
            seller_sku=f"S{number}",
            **dict.fromkeys(
                (
                    "unit_price",
                    "original_amount",
                    "platform_discount_amount",
                    "seller_discount_amount",
                    "amount",
                ),
                Decimal(1),
            ),
        )
        for number in range(count)
    )
    for number in range(count):
        make_package(order, tracking_number=f"TN{number}")
        make_order(order.shop)
    OrderPayload.objects.create(
        order=order,
        source=Source.FILE.value,
        body={},
        content_hash="",
        received_at=order.placed_at,
    )
    browser = signed_in(order.shop, "process_orders")

    with statements() as asked:
        page = browser.get(address(order.pk))

    assert f"S{count - 1}" in text(page)
    assert asked.writing == []
    assert len(asked) == 29


def test_the_payload_itself_is_not_read_for_the_page(order):
    OrderPayload.objects.update(body={"secret": "planted-in-the-payload"})
    browser = signed_in(order.shop, "process_orders")

    with statements() as asked:
        page = browser.get(address(order.pk))

    assert "planted-in-the-payload" not in text(page)
    assert not [sql for sql in asked if '"body"' in sql]


def looks():
    return AuditEntry.objects.filter(verb="saw the buyer")


def test_whoever_sees_a_buyer_is_in_the_trail_once_an_hour(order):
    browser = signed_in(order.shop, "process_orders")
    with time_machine.travel(timezone.now() - timedelta(hours=2)):
        browser.get(address(order.pk))
        browser.get(address(order.pk))
    assert looks().count() == 1

    browser.get(address(order.pk), REMOTE_ADDR="198.51.100.7")

    entry = looks().first()
    assert looks().count() == 2
    assert (entry.address, entry.shop_key) == ("198.51.100.7", order.shop_id)
    assert "Ahmad" not in f"{entry.target_text} {entry.details}"


def test_what_is_hidden_or_empty_leaves_no_trace(order):
    empty = make_order(order.shop)

    signed_in(order.shop, "view_analytics").get(address(order.pk))
    signed_in(order.shop, "process_orders").get(address(empty.pk))

    assert not looks().exists()


def test_the_role_at_the_orders_shop_decides(order):
    """An analyst of all shops who packs in one sees the buyers of that one."""
    other = make_order(make_shop(order.shop.client), recipient_name="Ahmad Lim")
    person = make_user(clients=[order.shop.client], role=Role.ANALYST)
    ShopRole.objects.create(
        membership=person.memberships.get(),
        shop=order.shop,
        role=Role.ORDER_FULFILLMENT,
    )
    browser = Browser()
    browser.force_login(person)

    assert "Ahmad Lim" in text(browser.get(address(order.pk)))
    assert "Ahmad Lim" not in text(browser.get(address(other.pk)))


def link(order, **changes):
    sku = make_listing_sku(shop=order.shop, remote_id="1730000000000000101", **changes)
    order.lines.update(listing_sku=sku, variant=sku.variant)


MATCHERS = ("view_analytics", "manage_products", "view_products")


def test_a_line_says_what_of_ours_it_is(order):
    product = make_product(order.shop.client, "Lamp of ours")
    link(order, variant=make_variant(product, "LAMP-OURS"))

    page = text(signed_in(order.shop, *MATCHERS).get(address(order.pk)))

    assert "LAMP-OURS · Lamp of ours" in page
    assert f"/admin/products/product/{product.pk}/change/" in page
    assert "Match now" not in page


@pytest.mark.parametrize("is_linked", [True, False])
def test_a_line_that_is_not_matched_leads_to_where_it_is(order, is_linked):
    if is_linked:
        link(order)
    here = "/admin/products/listingsku/?q=1730000000000000101"

    page = text(signed_in(order.shop, *MATCHERS).get(address(order.pk)))
    assert "Not matched" in page
    assert here in page

    reader = signed_in(order.shop, "view_analytics", "view_products")
    page = text(reader.get(address(order.pk)))
    assert "Not matched" in page
    assert "Match now" not in page


def test_an_ignored_line_asks_for_nothing(order):
    link(order, mapping=ListingSku.Mapping.IGNORED)

    page = text(signed_in(order.shop, *MATCHERS).get(address(order.pk)))

    assert "Ignored" in page
    assert "Match now" not in page


def test_who_sees_no_listings_sees_no_match(order):
    link(order, variant=make_variant(client=order.shop.client, sku="LAMP-OURS"))

    page = text(signed_in(order.shop, "view_analytics").get(address(order.pk)))

    assert "LAMP-OURS" not in page
    assert "atched" not in page


def test_what_came_at_one_instant_stands_newest_first_too(client, superuser):
    now = timezone.now()
    order = make_order(make_shop(), placed_at=now, paid_at=now, shipped_at=now)
    client.force_login(superuser)

    page = client.get(address(order.pk))

    names = [each["step"].name for each in page.context["timeline"]]
    found = [name for name in names if name in ("Placed", "Paid", "Shipped")]
    assert found == ["Shipped", "Paid", "Placed"]
