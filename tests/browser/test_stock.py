"""The pages of stock in Chromium: nothing sticks out, nothing complains, and a count is
booked without scripts."""

import pytest
from django.urls import reverse

from apps.inventory.models import OversellIncident, StockDocument, StockLevel
from tests.browser.conftest import NARROW, WIDE
from tests.factories.inventory import (
    level_of,
    make_document,
    make_shop_warehouse,
    make_warehouse,
    receive,
)
from tests.factories.platforms import make_shop
from tests.factories.products import make_product, make_variant
from tests.factories.sync import make_drift, make_push
from tests.factories.users import make_client, make_user
from tests.inventory.pages import sell

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG = "Rattan pendant lamp with three shades, natural, dimmable, E27, 30 cm by 45 cm"


@pytest.fixture
def lamp():
    """Oversold, told to a shop, and shown there as another number."""
    shop = make_shop(make_client("Harbour Trading"), name="Main Store")
    product = make_product(shop.client, LONG)
    lamp = make_variant(product, "LAMP-RATTAN-NATURAL-30CM-E27-DIMMABLE")
    receive(lamp, 20, reference="A delivery note with quite a long number 8810022")
    receive(lamp, 5, make_warehouse(shop.client, "A hall with quite a long name"))
    make_document(StockDocument.Kind.QUARANTINE, {lamp: 1})
    place = make_shop_warehouse(shop, level_of(lamp).warehouse, is_default=True)
    sell(lamp, 30, shop=shop, remote_id="580000000000000001")
    listed = lamp.listing_skus.get()
    make_push(listed, place, found={place.remote_id: 9}, found_total=9)
    make_drift(listed, place)
    return lamp


def pages(lamp):
    """(address, title) of each."""
    for name, title in (
        ("inventory_stocklevel", "Stock"),
        ("inventory_stockmovement", "Stock movements"),
        ("inventory_stockdocument", "Stock documents"),
        ("inventory_oversellincident", "Oversells"),
        ("inventory_warehouse", "Warehouses"),
        ("inventory_stockrule", "Stock rules"),
        ("sync_stockpush", "Shop stock"),
        ("sync_stockdrift", "Differences"),
    ):
        yield reverse(f"admin:{name}_changelist"), title
    yield (
        reverse("admin:inventory_stocklevel_sku", args=[lamp.pk]),
        f"Stock of {lamp.sku}",
    )
    yield reverse("admin:inventory_stockmovement_flow"), "Stock flow"
    incident = OversellIncident.objects.get()
    yield (
        reverse("admin:inventory_oversellincident_change", args=[incident.pk]),
        f"Oversell: {lamp.sku}",
    )
    push = lamp.listing_skus.get().stock_push
    yield (
        reverse("admin:sync_stockpush_change", args=[push.pk]),
        "Stock of LAMP-30 in Main Store (MY)",
    )


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_no_page_of_stock_sticks_out_or_complains(browser, lamp, width):
    browser.resize(width)
    browser.sign_in(make_user("root", is_superuser=True))
    beyond = {}

    for address, title in pages(lamp):
        browser.open(address)
        assert browser.driver.title == f"{title} | Shopdesk", address
        beyond[address] = browser.run(
            "return document.documentElement.scrollWidth - window.innerWidth"
        )

    assert max(beyond.values()) <= 0, beyond
    assert not browser.complaints()


def test_goods_are_counted_without_scripts(browser, lamp):
    browser.sign_in(make_user("root", is_superuser=True))
    browser.set_scripts(enabled=False)
    browser.open(reverse("admin:inventory_stocklevel_sku", args=[lamp.pk]))

    browser.one("a[href*='kind=count']").click()
    browser.one("[name=quantity-0]").send_keys("40")
    browser.one("[name=check]:not(.unseen)").click()
    assert "19 → 40" in browser.text()
    browser.one("[name=book]").click()

    level = StockLevel.objects.get(variant=lamp, warehouse__is_default=True)
    assert (level.on_hand, level.short) == (40, 0)
    assert OversellIncident.objects.open().count() == 0
