"""The mapping workspace in Chromium: with keys, without scripts, at every width."""

from collections.abc import Callable
from typing import Any

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from apps.orders.services import mapping
from apps.products.models import ListingSku, MappingBatch
from tests.browser.conftest import LOOKS_SECONDS, NARROW, WIDE, Browser
from tests.browser.test_shops import _CONTRAST
from tests.factories.platforms import make_shop
from tests.factories.products import (
    make_listing,
    make_listing_sku,
    make_product,
    make_variant,
)
from tests.factories.users import make_client, make_user
from tests.products.mapping_support import (
    NOBODY,
    State,
    batch_of,
    make_line,
    make_suggested,
    stand,
    suggest,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/admin/products/listingsku/"
LONG = "Rattan table lamp 30 cm natural boho light for bedroom and living room" * 3


@pytest.fixture
def shop():
    return make_shop(make_client("Northwind"), name="Main Store")


@pytest.fixture
def lamp(shop):
    return make_variant(make_product(shop.client, "Rattan lamp"), "LAMP-30")


@pytest.fixture
def skus(shop, lamp):
    """Two suggested, a conflict, one unmatched with a long title, one matched."""
    first, second = make_suggested(lamp, shop=shop), make_suggested(lamp, shop=shop)
    make_line(first)
    conflict = make_listing_sku(shop=shop)
    suggest(conflict, lamp, make_variant(lamp.product, "LAMP-40"))
    unmatched = make_listing_sku(make_listing(shop, title=LONG), seller_sku="")
    matched = make_listing_sku(shop=shop, variant=lamp)
    return {
        "first": first,
        "second": second,
        "conflict": conflict,
        "unmatched": unmatched,
        "matched": matched,
    }


@pytest.fixture
def desk(browser: Browser, shop: Any) -> Browser:
    permissions = ["manage_products", "view_analytics"]
    browser.sign_in(make_user(clients=[shop.client], permissions=permissions))
    return browser


def press(desk: Browser, *keys: str) -> None:
    for key in keys:
        desk.driver.switch_to.active_element.send_keys(key)


def until(desk: Browser, holds: Callable[[], object]) -> None:
    """Pages load after a key or a click, not at it."""
    WebDriverWait(
        desk.driver,
        10,
        LOOKS_SECONDS,
        ignored_exceptions=[StaleElementReferenceException],
    ).until(lambda driver: holds())


def addresses(skus: dict[str, ListingSku], shop: Any) -> list[str]:
    sku = skus["second"]
    batch = batch_of(mapping.accept(shop, {sku.pk: sku_variant(sku)}, NOBODY))
    return [
        LIST,
        *(f"{LIST}?tab={tab}" for tab in ("suggested", "matched", "conflicts")),
        f"{LIST}?q=nothing+like+it",
        f"{LIST}{skus['conflict'].pk}/?q=lamp",
        f"{LIST}{skus['unmatched'].pk}/create/",
        f"{LIST}accept-all/",
        f"{LIST}import/",
        "/admin/products/mappingbatch/",
        f"/admin/products/mappingbatch/{batch.pk}/",
    ]


def sku_variant(sku: ListingSku) -> int:
    return int(sku.suggestions.get().variant_id)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_nothing_sticks_out_or_complains(desk, skus, shop, width):
    desk.resize(width)
    for address in addresses(skus, shop):
        desk.open(address)
        sizes = desk.run(
            "return [document.documentElement.scrollWidth, window.innerWidth]"
        )
        assert sizes[0] <= sizes[1], address
        assert desk.complaints() == [], address


def test_all_is_done_without_scripts(desk, skus, lamp):
    desk.set_scripts(enabled=False)
    desk.open(f"{LIST}?tab=suggested")
    assert "1 past order line will be linked" in desk.text()

    desk.one("button[formaction$='do/accept/'][name=one]").click()
    until(desk, lambda: "1 waiting order item matched" in desk.text())
    assert stand(skus["first"]) == (State.MATCHED, "LAMP-30")
    desk.one("a[href*='mappingbatch/'].linked").click()
    desk.one("form[action$='undo/'] button").click()

    until(desk, lambda: "Undone: 1 SKU as before" in desk.text())
    assert stand(skus["first"]) == (State.SUGGESTED, None)


def test_ticked_skus_are_asked_about_without_scripts(desk, skus):
    desk.set_scripts(enabled=False)
    desk.open(f"{LIST}?tab=suggested")
    for box in desk.all("input[name=sku]"):
        box.click()

    desk.one("button[formaction$='do/ignore/']:not([name])").click()
    until(desk, lambda: "Ignore: 2 SKUs" in desk.text())
    desk.one(".form-page .button-primary").click()
    until(desk, lambda: "Ignored 2 SKUs" in desk.text())

    assert {stand(skus[name])[0] for name in ("first", "second")} == {State.IGNORED}


def test_a_variant_is_searched_and_chosen_without_scripts(desk, skus):
    desk.set_scripts(enabled=False)
    desk.open(f"{LIST}{skus['unmatched'].pk}/")
    desk.one("input[name=q]").send_keys("lamp-40", Keys.ENTER)
    until(desk, lambda: desk.all("button[name=variant]"))
    desk.one("button[name=variant]").click()
    until(desk, lambda: "Matched 1 SKU" in desk.text())

    assert stand(skus["unmatched"]) == (State.MATCHED, "LAMP-40")


def test_rows_are_worked_through_by_keys(desk, skus):
    desk.open(f"{LIST}?tab=suggested")

    press(desk, "j", "x")
    assert [box.is_selected() for box in desk.all("input[name=sku]")] == [True, False]
    press(desk, "j", "k", "a")
    until(desk, lambda: "Accepted 1 SKU" in desk.text())

    assert stand(skus["first"]) == (State.MATCHED, "LAMP-30")
    press(desk, "j", "i")
    until(desk, lambda: "Ignored 1 SKU" in desk.text())
    assert stand(skus["second"]) == (State.IGNORED, None)


def test_enter_and_c_open_the_row(desk, skus):
    for key in (Keys.ENTER, "c"):
        desk.open(f"{LIST}?tab=conflicts")
        press(desk, "j", key)
        until(desk, lambda: f"/{skus['conflict'].pk}/" in desk.driver.current_url)


def test_keys_lead_to_the_search_and_to_other_pages(desk, skus):
    desk.open(LIST)
    press(desk, "/", "j", "a")
    assert desk.one("input[name=q]").get_attribute("value") == "ja"
    assert not MappingBatch.objects.exists()

    desk.open(LIST)
    press(desk, "g", "o")
    until(desk, lambda: desk.driver.current_url.endswith("/admin/orders/order/"))
    desk.one("#nav-sidebar")
    press(desk, "g", "p")
    until(desk, lambda: desk.driver.current_url.endswith(LIST))


def test_the_list_of_keys_opens_closes_and_switches_them_off(desk, skus):
    desk.open(f"{LIST}?tab=suggested")
    press(desk, "?")
    assert "Next and previous row" in desk.one("dialog[open]").text
    press(desk, Keys.ESCAPE)
    assert desk.all("dialog[open]") == []

    press(desk, "?")
    desk.one("dialog[open] .button").click()
    desk.open(f"{LIST}?tab=suggested")
    press(desk, "j", "a")
    assert stand(skus["first"])[0] == State.SUGGESTED
    desk.one(".keys-button").click()
    assert "Switch keys on" in desk.one("dialog[open]").text


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_is_coloured_can_be_read(desk, skus, theme):
    desk.open(f"{LIST}?tab=suggested")
    desk.wear(theme)

    assert desk.run(_CONTRAST) == []
