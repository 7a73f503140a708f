"""Papers of a listing in Chromium: by clicks, with scripts or none, on a phone too."""

from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from selenium.webdriver.support.ui import Select

from apps.platforms.models import Shop
from apps.products.models import ListingDraft
from apps.products.services.publishing import save, start_new
from apps.users.roles import Role
from tests.browser.acting import press
from tests.browser.conftest import NARROW, WIDE, Browser
from tests.factories.team import as_user, make_member
from tests.products.publishing_support import make_sellable_product, open_shop

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Leaves of the simulator's German tree: one asks for a certificate, one for a chart.
SHAMPOO, SHIRTS = "6069487", "6067975"
_UNNAMED = """
return [...document.querySelectorAll('main input, main select, main textarea')]
  .filter((one) => one.type !== 'hidden' && !one.labels.length)
  .map((one) => one.name);
"""


@pytest.fixture
def shop(simulator, settings, tmp_path) -> Shop:
    settings.MEDIA_ROOT = tmp_path
    settings.TIKTOK_IMAGE_HOSTS = [simulator.url]
    cache.clear()
    return open_shop(simulator, "DE")


@pytest.fixture
def draft(shop, browser) -> ListingDraft:
    browser.sign_in(as_user(make_member(shop.client, Role.CONTENT_MANAGER)))
    return start_new(shop, make_sellable_product(shop), None)


def open_more(browser: Browser, draft: ListingDraft, category_id: str) -> None:
    save(draft, {"category_id": category_id})
    browser.open(
        reverse("admin:products_listingdraft_section", args=[draft.pk, "more"])
    )


@pytest.mark.parametrize("scripts", [True, False])
def test_papers_are_chosen_by_clicks(browser, shop, draft, tmp_path, scripts):
    pdf = tmp_path / "Notifizierung.pdf"
    pdf.write_bytes(b"%PDF-1.7\n%%EOF\n")
    browser.set_scripts(enabled=scripts)
    try:
        open_more(browser, draft, SHAMPOO)
        browser.one("input[name=manufacturer_ids]").click()
        browser.one("input[name=responsible_person_ids]").click()
        browser.one("input[type=file]").send_keys(str(pdf))
        press(browser, "Save")
        assert "“Notifizierung.pdf” was added" in browser.text()
        assert "Keep Notifizierung.pdf" in browser.text()
        open_more(browser, draft_of(draft), SHIRTS)
        Select(browser.one("#id_chart")).select_by_visible_text("Shoes, EU sizes")
        press(browser, "Save")
    finally:
        browser.set_scripts(enabled=True)

    content = draft_of(draft).content
    assert len(content["manufacturer_ids"]) == 1
    assert len(content["responsible_person_ids"]) == 1
    assert content["certifications"][0]["files"][0]["name"] == "Notifizierung.pdf"
    assert content["size_chart"].keys() == {"template"}


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("category_id", [SHAMPOO, SHIRTS])
def test_the_page_fits_and_names_what_it_asks(browser, shop, draft, width, category_id):
    files: list[dict[str, Any]] = [
        {"id": "f-1", "name": "Ein-sehr-langer-Name-ohne-Ende" * 6, "format": "PDF"}
    ]
    save(
        draft,
        {
            "certifications": [{"id": "604696", "files": files}],
            "manufacturer_ids": ["nobody-knows-this-one"],
        },
    )
    browser.resize(width)
    open_more(browser, draft, category_id)

    for theme in ("light", "dark"):
        browser.wear(theme)
        assert browser.run("return document.documentElement.scrollWidth") <= width
    assert browser.run(_UNNAMED) == []
    assert browser.complaints() == []


def draft_of(draft: ListingDraft) -> ListingDraft:
    draft.refresh_from_db()
    return draft
