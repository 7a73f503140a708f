"""Listings and publishing in Chromium: a whole life by clicks, scripts or none; nothing
sticks out, nothing is asked of another host."""

from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from apps.platforms.models import Shop
from apps.products.models import Listing, ListingDraft, PublishRun
from apps.products.services.publishing import start_edit, start_new, work
from apps.users.roles import Role
from tests.browser.acting import fill, press, wait
from tests.browser.conftest import NARROW, WIDE, Browser
from tests.factories.team import as_user, make_member
from tests.products.publishing_support import (
    add_picture,
    listed,
    make_sellable_product,
    open_shop,
    take_in,
    with_stock,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LISTINGS = "/admin/products/listing/"
# What of our own text on colour has less than 4.5 to 1 against its background.
_PALE = """
const light = (text) => {
  const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map((v) => {
    const part = v / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
return [...document.querySelectorAll('.badge, .button-primary, .button-danger, .note')]
  .filter((one) => one.offsetParent && !one.disabled
    && getComputedStyle(one).backgroundColor !== 'rgba(0, 0, 0, 0)')
  .map((one) => {
    const style = getComputedStyle(one);
    const [a, b] = [light(style.color), light(style.backgroundColor)];
    return [one.textContent, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
  })
  .filter(([, contrast]) => contrast < 4.5);
"""


@pytest.fixture
def shop(simulator, settings, tmp_path) -> Shop:
    settings.MEDIA_ROOT = tmp_path
    settings.TIKTOK_IMAGE_HOSTS = [simulator.url]
    cache.clear()
    simulator.control("reviews", {"automatic": False})
    return open_shop(simulator, "GB")


@pytest.fixture
def person(shop, browser):
    user = as_user(make_member(shop.client, Role.CONTENT_MANAGER))
    browser.sign_in(user)
    return user


def test_a_whole_life_by_clicks(browser, simulator, shop, person):
    product = make_sellable_product(shop)
    browser.open(f"{reverse('admin:products_listingdraft_new')}?product={product.pk}")
    row = next(each for each in browser.all(".offers li") if shop.name in each.text)
    row.find_element(By.TAG_NAME, "button").click()
    wait(browser, lambda: "/basics/" in browser.driver.current_url)
    press(browser, "Save and go on")
    assert "/category/" in browser.driver.current_url
    press(browser, "Go on")
    press(browser, "Save and go on")
    assert "/pictures/" in browser.driver.current_url
    press(browser, "Save and go on")
    fill(browser, "fill_quantity", "12")
    press(browser, "Save with this quantity")
    press(browser, "Dry run")
    assert "/product/202309/products" in browser.text()
    press(browser, "Send to TikTok")
    assert "0 of 2" not in browser.text()
    assert "0 of 1" in browser.text()
    _work(browser)

    listing = Listing.objects.get()
    simulator.control(f"listings/{listing.remote_id}/review", {"verdict": "pass"})
    browser.open(reverse("admin:products_listing_change", args=[listing.pk]))
    press(browser, "Pull again")
    assert "Live" in browser.one(".page-head").text
    press(browser, "Change prices…")
    fill(browser, f"p-{listing.skus.all()[0].pk}", "47.50")
    press(browser, "Dry run")
    assert '"amount": "47.5"' in browser.text()
    press(browser, "Send the prices that differ")
    _work(browser)
    for button, confirm, words in (
        ("Deactivate…", "Deactivate 1 listing", "Deactivated by seller"),
        ("Delete", "Delete 1 listing", "Deleted"),
    ):
        browser.open(reverse("admin:products_listing_change", args=[listing.pk]))
        press(browser, button)
        assert "Nothing is sent yet." in browser.text()
        press(browser, confirm)
        _work(browser)
        browser.open(reverse("admin:products_listing_change", args=[listing.pk]))
        assert words in browser.one(".page-head").text
    assert "GBP 47.50" in browser.text()
    assert browser.complaints() == []
    assert browser.hosts() == {browser.root.removeprefix("http://")}


def _work(browser: Browser) -> None:
    """A worker does the newest run; the page is asked again."""
    run = PublishRun.objects.order_by("-pk")[0]
    assert str(run.pk) in browser.driver.current_url
    work(run)
    browser.driver.refresh()
    run.refresh_from_db()
    assert run.state == PublishRun.State.DONE, run.items.get().failure
    assert "Done" in browser.one(".page-head").text


def test_listing_and_deleting_need_no_scripts(browser, simulator, shop, person):
    browser.set_scripts(enabled=False)
    draft = with_stock(start_new(shop, make_sellable_product(shop), None))
    browser.open(
        reverse("admin:products_listingdraft_section", args=[draft.pk, "basics"])
    )
    fill(browser, "title", "Rattan table lamp, written without any script")
    browser.one(".draft-form .button-primary").click()
    wait(browser, lambda: "/category/" in browser.driver.current_url)
    browser.open(
        reverse("admin:products_listingdraft_section", args=[draft.pk, "preview"])
    )
    browser.one("form[action$='/do/send/'] button").click()
    wait(browser, lambda: "/publishrun/" in browser.driver.current_url)
    work(PublishRun.objects.get())
    browser.driver.refresh()
    assert "1 of 1" in browser.text()
    listing = Listing.objects.get()
    assert listing.title == "Rattan table lamp, written without any script"

    browser.open(LISTINGS)
    browser.one(".tick").click()
    browser.one("#bulk button[value='delete']").click()
    wait(browser, lambda: "/bulk/" in browser.driver.current_url)
    browser.one(".button-danger").click()
    wait(browser, lambda: "/publishrun/" in browser.driver.current_url)
    assert PublishRun.objects.filter(kind="delete").exists()


def test_a_run_is_followed_to_its_end(browser, simulator, shop, person):
    listing = take_in(shop, listed(simulator, shop))
    address = reverse("admin:products_listing_bulk")
    browser.open(f"{address}?deed=deactivate&pk={listing.pk}")
    press(browser, "Deactivate 1 listing")
    assert "You may leave this page" in browser.text()

    work(PublishRun.objects.get())

    wait(browser, lambda: "You may leave this page" not in browser.text())
    assert "1 of 1" in browser.text()


def test_the_title_is_counted_while_it_is_typed(browser, shop, person):
    draft = start_new(shop, make_sellable_product(shop), None)
    browser.open(
        reverse("admin:products_listingdraft_section", args=[draft.pk, "basics"])
    )

    fill(browser, "title", "Twelve chars")

    wait(browser, lambda: browser.one("#title-count").text == "12")


def test_pictures_come_through_us(browser, simulator, shop, person):
    listing = take_in(shop, listed(simulator, shop))
    browser.open(LISTINGS)
    wait(browser, lambda: _is_shown(browser, ".thumb"))

    browser.open(reverse("admin:products_listing_change", args=[listing.pk]))
    wait(browser, lambda: _is_shown(browser, ".thumb-large"))
    assert browser.hosts() == {browser.root.removeprefix("http://")}


def _is_shown(browser: Browser, selector: str) -> bool:
    shown = "return document.querySelector(arguments[0]).naturalWidth > 1"
    return bool(browser.run(shown, selector))


def test_a_category_is_chosen_from_the_tree(browser, shop, person):
    draft = start_new(shop, make_sellable_product(shop), None)
    browser.open(
        reverse("admin:products_listingdraft_section", args=[draft.pk, "category"])
    )
    fill(browser, "q", "desk lamps")
    press(browser, "Search")
    browser.one(".offers button[name='choose']").click()
    wait(browser, lambda: "The category is now" in browser.text())

    draft.refresh_from_db()
    chosen = shop.channel_categories.get(remote_id=draft.content["category_id"])
    assert chosen.name == "Desk Lamps"


def test_keys_alone_will_do(browser, simulator, shop, person):
    take_in(shop, listed(simulator, shop))
    browser.open(LISTINGS)

    reached = browser.run(
        "return [...document.querySelectorAll('#bulk button, #bulk input, .tick, "
        "#result_list a')].filter((one) => one.tabIndex < 0).length"
    )

    assert reached == 0


def test_nothing_sticks_out_and_all_is_readable(browser, simulator, shop, person):
    listing = take_in(shop, listed(simulator, shop))
    product = make_sellable_product(shop)
    add_picture(product, "red")
    new, edit = start_new(shop, product, None), start_edit(listing, None)
    run = PublishRun.objects.create(shop=shop, kind="delete", user=person)
    run.items.create(
        position=0, listing=listing, state="refused", failure="No. " * 60, code=12052901
    )
    bulk = reverse("admin:products_listing_bulk")
    pages = [
        LISTINGS,
        f"{LISTINGS}?q=nothing",
        f"{LISTINGS}{listing.pk}/",
        f"{LISTINGS}{listing.pk}/prices/",
        f"{LISTINGS}{listing.pk}/attributes/",
        *(f"{bulk}?deed={deed}&all=1" for deed in ("delete", "price", "copy")),
        reverse("admin:products_listingdraft_changelist"),
        f"{reverse('admin:products_listingdraft_new')}?product={product.pk}",
        reverse("admin:products_publishrun_changelist"),
        reverse("admin:products_publishrun_change", args=[run.pk]),
    ]
    for draft in (new, edit):
        for name in ("basics", "category", "pictures", "variants", "more", "preview"):
            pages.append(
                reverse("admin:products_listingdraft_section", args=[draft.pk, name])
            )
    trouble: list[tuple[Any, ...]] = []
    for page in pages:
        browser.open(page)
        for width in (WIDE, NARROW):
            browser.resize(width)
            for theme in ("light", "dark"):
                browser.wear(theme)
                wide = browser.run("return document.documentElement.scrollWidth")
                if wide > width:
                    trouble.append((page, width, wide))
                if pale := browser.run(_PALE):
                    trouble.append((page, theme, pale))
        browser.resize(WIDE)

    assert trouble == []
    assert browser.complaints() == []


def test_a_picture_is_chosen_for_a_variant(browser, shop, person):
    product = make_sellable_product(shop)
    image = add_picture(product, "red")
    draft = start_new(shop, product, None)
    browser.open(
        reverse("admin:products_listingdraft_section", args=[draft.pk, "variants"])
    )

    for name in ("i-new0", "i-new1"):
        select = Select(browser.driver.find_element(By.NAME, name))
        select.select_by_value(str(image.pk))
    press(browser, "Save")

    draft = ListingDraft.objects.get()
    assert [sku["sales_attributes"][0]["sku_img"] for sku in draft.content["skus"]] == [
        {"image": image.pk},
        {"image": image.pk},
    ]
