"""Pick lists and packing slips, as they come out of the printer."""

import re
from html import unescape

import pytest
from django.test import Client as Browser
from django.utils import timezone

from apps.inventory.models import ShopWarehouse, Warehouse
from apps.orders.admin import paper
from apps.users.models import AuditEntry
from apps.users.roles import Role
from tests.factories.orders import make_order, make_package
from tests.factories.platforms import make_shop
from tests.factories.products import make_bundle, make_listing_sku, make_variant
from tests.factories.team import give_role, make_shop_member
from tests.factories.users import make_user
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

BULK = "/admin/orders/order/bulk/"


@pytest.fixture
def shop():
    return make_shop(name="Main Store")


@pytest.fixture
def browser(shop):
    browser = Browser()
    user = make_user(clients=[shop.client], role=Role.ORDER_FULFILLMENT)
    browser.force_login(user)
    return browser


def printed(browser, deed, *orders):
    keys = "".join(f"&pk={order.pk}" for order in orders)
    return browser.get(f"{BULK}?deed={deed}{keys}")


def text_of(page):
    assert page.status_code == 200
    return " ".join(unescape(page.content.decode()).split())


def rows_of(page):
    """{warehouse: [(SKU, pieces, orders)]}"""
    return {
        shelf.name: [
            (p.sku, p.quantity, {o.remote_id: n for o, n in p.shares}) for p, _ in picks
        ]
        for shelf, picks in page.context["shelves"]
    }


def sold(shop, remote_id, variant=None, *, quantity=1, sku="LAMP-30", **changes):
    order = make_order(shop, remote_id, sku=sku, **changes)
    listed = make_listing_sku(shop=shop, variant=variant) if variant else None
    order.lines.update(quantity=quantity, variant=variant, listing_sku=listed)
    return order


def test_what_is_ours_is_picked_together_by_warehouse_and_bundles_as_their_parts(
    browser, shop
):
    lamp = make_variant(client=shop.client, sku="LAMP")
    bulb = make_variant(lamp.product, "BULB")
    kit = make_bundle({lamp: 1, bulb: 2}, "KIT")
    north = Warehouse.objects.create(client=shop.client, name="North hall")
    ShopWarehouse.objects.create(
        shop=shop, remote_id="7001", name="TikTok place", warehouse=north
    )
    second = make_shop(shop.client, name="Second")
    orders = [
        sold(shop, "580", lamp, quantity=2, warehouse="7001"),
        sold(shop, "581", kit, quantity=3, warehouse="tiktok place"),
        sold(second, "590", lamp, warehouse="Elsewhere"),
        sold(shop, "582", warehouse="7001", sku="POT"),
    ]

    page = printed(browser, "pick-list", *orders)

    assert rows_of(page) == {
        "Elsewhere": [("LAMP", 1, {"590": 1})],
        "North hall": [
            ("BULB", 6, {"581": 6}),
            ("LAMP", 5, {"580": 2, "581": 3}),
            ("POT", 1, {"582": 1}),
        ],
    }
    text = text_of(page)
    assert "4 orders" in text
    assert "part of a bundle" in text
    assert "not matched" in text
    assert "581 \N{MULTIPLICATION SIGN} 6" in text
    assert "packing.css" in text
    assert "<script" not in text


def test_only_what_is_still_here_is_picked(browser, shop):
    partly = sold(shop, "partly", quantity=5, status="partly_shipped")
    partly.lines.update(shipped_quantity=2, cancelled_quantity=1)
    packed = sold(shop, "arranged", status="awaiting_collection")
    left = {
        "gone": sold(shop, "gone", status="in_transit"),
        "unpaid": sold(shop, "unpaid", status="unpaid"),
        "asked": sold(shop, "asked", is_cancel_requested=True),
        "theirs": sold(shop, "theirs", fulfilment="platform"),
        "nothing": sold(shop, "nothing", quantity=1),
    }
    left["nothing"].lines.update(cancelled_quantity=1)

    page = printed(browser, "pick-list", partly, packed, *left.values())

    (picks,) = rows_of(page).values()
    assert picks == [("LAMP-30", 3, {"partly": 2, "arranged": 1})]
    reasons = {o.remote_id: why for o, why in page.context["found"].left_out}
    assert reasons == {
        "gone": "It is in transit.",
        "unpaid": "It is unpaid.",
        "asked": "The buyer asks to cancel it.",
        "theirs": "TikTok's own warehouse sends it.",
        "nothing": "Nothing of it is left.",
    }


def test_who_sees_neither_listings_nor_stock_reads_the_shops_words(shop):
    lamp = make_variant(client=shop.client, sku="OUR-SECRET")
    north = Warehouse.objects.create(client=shop.client, name="North hall")
    ShopWarehouse.objects.create(
        shop=shop, remote_id="7001", name="TikTok place", warehouse=north
    )
    order = sold(shop, "580", lamp, warehouse="7001", recipient_name="Ahmad")
    browser = Browser()
    browser.force_login(
        make_user(clients=[shop.client], permissions=["process_orders"])
    )

    text = text_of(printed(browser, "pick-list", order))

    assert "LAMP-30" in text
    assert "TikTok place" in text
    for hidden in ("OUR-SECRET", "North hall", "Ahmad"):
        assert hidden not in text


def test_pictures_come_through_us(browser, shop):
    order = sold(shop, "580")
    order.lines.update(image_url="https://p16.example/lamp.jpeg")

    text = text_of(printed(browser, "pick-list", order))

    line = order.lines.get()
    assert f'src="/admin/orders/order/{order.pk}/' in text
    assert f"/{line.pk}/" in text
    assert "p16.example" not in text


def units(*told):
    return [[str(n), status, package] for n, (status, package) in enumerate(told)]


def test_a_slip_for_each_parcel_says_what_is_in_it_and_to_whom(browser, shop):
    order = sold(
        shop,
        "580",
        quantity=4,
        recipient_name="Ahmad Yusof",
        recipient_address="12 Jalan Besar",
        buyer_message="Ring twice",
        is_cod=True,
    )
    order.lines.update(
        units=units(
            ("to_ship", "11"), ("to_ship", "12"), ("to_ship", "12"), ("cancelled", "12")
        )
    )
    make_package(order, remote_id="11", carrier="Quick Parcel", tracking_number="TN1")
    make_package(order, remote_id="12")
    make_package(order, remote_id="13", status="cancelled")
    whole = sold(shop, "581", quantity=3)
    whole.lines.update(cancelled_quantity=1)

    page = printed(browser, "slips", order, whole)

    slips = [
        (s.order.remote_id, s.package and s.package.remote_id, [n for _, n in s.items])
        for s in page.context["slips"]
    ]
    assert sorted(slips, key=str) == [
        ("580", "11", [1]),
        ("580", "12", [2]),
        ("581", None, [2]),
    ]
    text = text_of(page)
    for words in (
        "parcel 1 of 2",
        "Ahmad Yusof",
        "12 Jalan Besar",
        "Ring twice",
        "TN1",
    ):
        assert words in text, words
    assert text.count('class="slip"') == 3


def test_items_in_no_package_yet_have_a_slip_of_their_own(browser, shop):
    order = sold(shop, "580", quantity=2)
    order.lines.update(units=units(("to_ship", "11"), ("to_ship", "")))
    make_package(order, remote_id="11")

    page = printed(browser, "slips", order)

    assert [
        (s.package and s.package.remote_id, s.number, s.of)
        for s in page.context["slips"]
    ] == [("11", 1, 2), (None, 2, 2)]


def test_slips_show_buyers_only_to_who_may_see_them_and_that_is_noted_once(shop):
    second = make_shop(shop.client, name="Second")
    member = make_shop_member(shop, Role.ORDER_FULFILLMENT)
    give_role(member, second, Role.ANALYST)
    browser = Browser()
    browser.force_login(member.user)
    ours = sold(shop, "580", recipient_name="Ahmad")
    erased = sold(shop, "581", recipient_name="Siti", buyer_erased_at=timezone.now())
    theirs = sold(second, "590", recipient_name="Bala")
    unpaid = sold(shop, "582", status="unpaid", recipient_name="Chong")

    page = printed(browser, "slips", ours, erased, theirs, unpaid)
    printed(browser, "slips", ours, erased)

    text = text_of(page)
    assert "Ahmad" in text
    assert not re.search("Siti|Bala|Chong", text)
    assert "data was erased." in text
    assert "2 orders left out" in text
    entry = AuditEntry.objects.get(verb="saw the buyer")
    assert (entry.target_id, entry.shop_key) == (str(ours.pk), shop.pk)


def test_what_does_not_fit_on_paper_is_told(browser, shop, monkeypatch):
    monkeypatch.setattr(paper, "MOST_SLIPS", 1)
    monkeypatch.setattr(paper, "MOST_PICKED", 1)
    sold(shop, "580")
    sold(shop, "581")

    for deed in ("slips", "pick-list"):
        page = browser.get(f"{BULK}?deed={deed}&all=1&tab=all", follow=True)
        assert page.redirect_chain == [("/admin/orders/order/?tab=all", 302)]
        assert "At most 1 orders fit on one print." in text_of(page)
    assert "Nothing of these orders is to be picked." in text_of(
        printed(browser, "pick-list")
    )
    assert "There is nothing to pack." in text_of(printed(browser, "slips"))


@pytest.mark.parametrize("deed", ["pick-list", "slips"])
def test_paper_takes_the_same_statements_however_many_orders(browser, shop, deed):
    lamp = make_variant(client=shop.client, sku="LAMP")
    sku = make_listing_sku(shop=shop, variant=lamp)

    def some(count, name):
        made = [sold(shop, f"{name}{n}", recipient_name="A") for n in range(count)]
        for order in made:
            order.lines.update(variant=lamp, listing_sku=sku)
            make_package(order, remote_id=f"1{order.pk}")
        return made

    printed(browser, deed, *some(2, "a"))
    few, many = some(3, "b"), some(40, "c")
    with statements() as of_few:
        printed(browser, deed, *few)
    with statements() as of_many:
        printed(browser, deed, *many)

    assert len(of_many) == len(of_few)
