"""The pages of the catalogue in Chromium: they fit, and work without scripts."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from apps.products.models import Listing, Product, Supplier, Variant
from apps.products.services.categories import save_category
from apps.products.services.images import add_image
from apps.products.services.price_rules import save_rule
from apps.products.services.suppliers import set_sources
from apps.users.roles import Role
from tests.browser.test_shops import (
    _CONTRAST,
    NO_SCRIPTS,
    WIDTHS,
    after_loading,
    resize,
    sign_in,
    started,
    text_of,
)
from tests.factories.platforms import make_shop
from tests.factories.products import (
    make_bundle,
    make_listing,
    make_listing_sku,
    make_product,
    make_variant,
)
from tests.factories.users import make_client, make_user
from tests.products.pictures import picture, upload

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = reverse("admin:products_product_changelist")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    driver = started({})
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def scriptless() -> Iterator[Any]:
    driver = started(NO_SCRIPTS)
    yield driver
    driver.quit()


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def product() -> Product:
    """A product with some of everything, among others."""
    client = make_client("Northwind")
    shops = [
        make_shop(client, name="Main Store with a rather long name"),
        make_shop(client, region="ID", name="Toko"),
        make_shop(client, region="GB", name="High Street"),
    ]
    home = save_category(client, "Home and living")
    lamps = save_category(client, "Lamps", parent=home)
    product = make_product(
        client,
        "Rattan lamp, natural fibre, 30 cm, for the dining room and the terrace",
        brand="Loom",
        category=lamps,
        description="Made by hand.",
    )
    first = make_variant(
        product,
        "LAMP-30-NATURAL-WITH-A-LONG-SKU",
        name="Natural / 30 cm",
        barcode="4006381333932",
        cost_amount=Decimal("4.25"),
        cost_currency="USD",
        weight_grams=900,
        length_cm=Decimal(30),
        width_cm=Decimal(30),
        height_cm=Decimal("31.5"),
        prices={"USD": "19.90", "IDR": "310000"},
    )
    second = make_variant(product, "LAMP-40", name="Natural / 40 cm", is_active=False)
    make_bundle({first: 2, second: 1}, "SET", product_name="Pair of lamps")
    save_rule(
        client,
        {
            "region": "MY",
            "base_currency": "USD",
            "rate": Decimal("4.70"),
            "rate_on": timezone.localdate(),
            "factor": Decimal("1.15"),
            "round_to": Decimal(1),
            "ending": Decimal("0.10"),
        },
    )
    listing = make_listing(shops[0], title="Lampu rotan", status=Listing.Status.LIVE)
    make_listing_sku(listing, variant=first, seller_sku="OTHER", quantity=7)
    make_listing_sku(make_listing(shops[1]), variant=second, quantity=None)
    supplier = Supplier.objects.create(client=client, name="Weavers", currency="CNY")
    offer = {"variant": first, "supplier": supplier, "is_preferred": True}
    set_sources(product, [offer], actor=make_user("ann", is_superuser=True))
    for colour in ("teal", "salmon"):
        add_image(product, upload(picture(colour=colour)))
    for number in range(12):
        make_variant(make_product(client, f"Chair {number}", category=home))
    return product


def addresses(product: Product) -> list[str]:
    rule = product.client.price_rules.get()
    lamps, home = product.category, product.category.parent  # type: ignore[union-attr]
    return [
        LIST,
        f"{LIST}?q=nothing-like-it",
        *(
            reverse(f"admin:products_product_{name}", args=[product.pk])
            for name in ("change", "edit", "sources")
        ),
        reverse("admin:products_product_add"),
        reverse("admin:products_product_files"),
        *(
            reverse(f"admin:products_{kind}_{name}")
            for kind in ("category", "supplier", "pricerule")
            for name in ("changelist", "add")
        ),
        reverse("admin:products_category_change", args=[lamps.pk]),  # type: ignore[union-attr]
        reverse("admin:products_category_change", args=[home.pk]),  # type: ignore[union-attr]
        reverse("admin:products_supplier_change", args=[Supplier.objects.get().pk]),
        reverse("admin:products_pricerule_change", args=[rule.pk]),
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), WIDTHS)
def test_pages_fit_and_nothing_is_refused(
    live_server, chromium, product, width, height, theme
):
    admin = make_user(clients=[product.client], role=Role.ADMIN)
    sign_in(chromium, live_server, admin)
    chromium.execute_script(
        "localStorage.setItem('adminTheme', arguments[0])", f'"{theme}"'
    )
    scheme = {"name": "prefers-color-scheme", "value": theme}
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    resize(chromium, width, height)
    chromium.get_log("browser")

    for address in addresses(product):
        chromium.get(live_server.url + address)
        chromium.execute_script(
            "document.querySelectorAll('main details, #content details')"
            ".forEach((each) => each.open = true)"
        )
        wide = chromium.execute_script("return document.documentElement.scrollWidth")
        assert wide <= width, address
        assert chromium.execute_script(_CONTRAST) == [], address
        hosts = chromium.execute_script(
            "return performance.getEntriesByType('resource').map((e) => e.name)"
        )
        assert all(name.startswith(live_server.url) for name in hosts), address
        complaints = [
            line for line in chromium.get_log("browser") if line["level"] == "SEVERE"
        ]
        assert complaints == [], address


def test_pictures_are_really_shown(live_server, chromium, product):
    sign_in(chromium, live_server, make_user(is_superuser=True))
    page = reverse("admin:products_product_change", args=[product.pk])
    for address in (LIST, page):
        chromium.get(live_server.url + address)
        broken = chromium.execute_script(
            "return [...document.querySelectorAll('#content img, main img')]"
            ".filter((each) => each.complete && !each.naturalWidth).length"
        )
        assert broken == 0
        assert chromium.find_elements(By.CSS_SELECTOR, "img[src^='/products/images/']")


def test_without_scripts_a_product_is_added_changed_and_shown(
    live_server, scriptless, product, tmp_path
):
    user = make_user(clients=[product.client], role=Role.CONTENT_MANAGER)
    sign_in(scriptless, live_server, user)
    scriptless.get(live_server.url + LIST)
    add = scriptless.find_element(By.LINK_TEXT, "Add product")
    after_loading(scriptless, add.click)

    def write(name: str, words: str) -> None:
        field = scriptless.find_element(By.NAME, name)
        field.clear()
        field.send_keys(words)

    def press(words: str) -> None:
        button = scriptless.find_element(
            By.XPATH,
            f"//main//button[normalize-space()='{words}' and not(@aria-hidden)]"
            f" | //div[@id='content']//button[normalize-space()='{words}'"
            " and not(@aria-hidden)]",
        )
        after_loading(scriptless, button.click)

    write("name", "Gift set")
    write("variants-0-sku", "GIFT SET")
    press("More rows")
    write("variants-5-sku", "GIFT-2")
    press("Add product")
    assert "A SKU has no spaces inside" in text_of(scriptless)

    write("variants-0-sku", "GIFT")
    write("variants-0-components", "LAMP-40*2 + LAMP-30-NATURAL-WITH-A-LONG-SKU")
    write("variants-0-price_MYR", "99.90")
    Select(scriptless.find_element(By.NAME, "category")).select_by_visible_text(
        "Home and living > Lamps"
    )
    press("Add product")

    assert "Gift set is added." in text_of(scriptless)
    gift = Variant.objects.get(sku="GIFT")
    assert gift.is_bundle
    assert {row.sku for row in gift.product.variants.all()} == {"GIFT", "GIFT-2"}

    file = Path(tmp_path) / "gift.jpg"
    file.write_bytes(picture(colour="gold"))
    scriptless.find_element(By.NAME, "pictures").send_keys(str(file))
    press("Upload")
    assert "1 picture added." in text_of(scriptless)
    press("Archive")
    assert "Gift set is archived." in text_of(scriptless)


def test_a_rule_is_tried_out_without_scripts(live_server, scriptless, product):
    sign_in(scriptless, live_server, make_user(is_superuser=True))
    rule = product.client.price_rules.get()
    address = reverse("admin:products_pricerule_change", args=[rule.pk])
    scriptless.get(live_server.url + address)
    assert "MYR 107.90" in text_of(scriptless)

    factor = scriptless.find_element(By.NAME, "factor")
    factor.clear()
    factor.send_keys("2")
    preview = scriptless.find_element(By.NAME, "preview")
    after_loading(scriptless, preview.click)

    assert "MYR 187.90" in text_of(scriptless)
    rule.refresh_from_db()
    assert rule.factor == Decimal("1.15")
