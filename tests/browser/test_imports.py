"""A file in Chromium: from the upload to the last row, and back again."""

from pathlib import Path

import pytest
from django.urls import reverse
from selenium.webdriver.support.ui import Select

from apps.imports.models import ImportRun
from apps.imports.services.checking import check
from apps.imports.services.running import read_in
from apps.orders.models import Order
from tests.browser.acting import press
from tests.browser.conftest import NARROW, WIDE, Browser
from tests.factories.platforms import make_shop
from tests.imports.exports import MY_FILE, my_row
from tests.integrations.tiktok.exports.files import as_csv

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ROWS = [row | {"Loyalty tier": "gold"} for row in [*MY_FILE, my_row(999, quantity="x")]]


@pytest.fixture
def export(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    path = tmp_path / "All order-2026-11-20.csv"
    path.write_bytes(as_csv([list(row.values()) for row in ROWS], header=list(ROWS[0])))
    return path


@pytest.fixture
def clerk(company, staff, browser):
    make_shop(company, name="Main Store")
    browser.sign_in(staff)
    return browser


def upload(browser: Browser, path: Path) -> ImportRun:
    browser.open("/admin/imports/importrun/")
    press(browser, "Import a file")
    Select(browser.one("select[name=shop]")).select_by_index(1)
    browser.one("input[type=file]").send_keys(str(path))
    press(browser, "Look at it")
    return ImportRun.objects.get()


def test_a_file_by_clicks_and_undone(clerk, export):
    run = upload(clerk, export)
    assert "loyalty tier" in clerk.text().lower()
    assert "pembeli_1" not in clerk.text()

    press(clerk, "Dry run")
    assert "Looking through the file" in clerk.text()
    check(run)
    clerk.driver.refresh()
    assert "“x” is not a whole number" in clerk.text()
    assert not Order.objects.exists()

    press(clerk, "Import 4 orders, skip 1")
    assert "It begins as soon as a worker is free" in clerk.text()
    read_in(ImportRun.objects.get())
    clerk.driver.refresh()
    assert "4 of 4 orders" in clerk.text()
    assert Order.objects.count() == 4

    press(clerk, "Undo…")
    press(clerk, "Undo")
    assert "Undone: 4 orders gone" in clerk.text()
    assert not Order.objects.exists()
    assert clerk.complaints() == []
    assert clerk.hosts() == {clerk.root.removeprefix("http://")}


def test_it_needs_no_scripts(clerk, export):
    clerk.set_scripts(enabled=False)
    clerk.open("/admin/imports/importrun/upload/")
    Select(clerk.one("select[name=shop]")).select_by_index(1)
    clerk.one("input[type=file]").send_keys(str(export))
    clerk.one("form[enctype] .button-primary").click()
    clerk.arrive("/match/")
    clerk.one(".button-primary").click()
    clerk.arrive("/preview/")
    run = ImportRun.objects.get()
    check(run)
    clerk.driver.refresh()

    clerk.one("form[action$='/act/start/'] button").click()

    assert "worker is free" in clerk.text()


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_nothing_sticks_out(clerk, export, width):
    run = upload(clerk, export)
    clerk.resize(width)
    names = ["match", "preview"]
    for name in names:
        if name == "preview":
            press(clerk, "Dry run")
            check(run)
        clerk.open(reverse(f"admin:imports_importrun_{name}", args=[run.pk]))
        for theme in ("light", "dark"):
            clerk.wear(theme)
            room = clerk.run(
                "return document.documentElement.scrollWidth - window.innerWidth"
            )
            assert room <= 0, (name, theme)
