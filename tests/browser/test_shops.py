"""The shop screens in Chromium: no script needed, nothing sticks out, keys do."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Session
from django.urls import reverse
from django.utils import timezone
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from apps.platforms.models import Shop
from tests.browser.conftest import LOOKS_SECONDS
from tests.factories.orders import make_order
from tests.factories.platforms import MANAGER, make_authorization, make_call, make_shop
from tests.factories.sync import make_run
from tests.factories.users import make_client, make_user
from tests.platforms.screens_support import LIST, page_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DRIVER = shutil.which("chromedriver") or "/usr/bin/chromedriver"
NO_SCRIPTS = {"profile.managed_default_content_settings.javascript": 2}
WIDTHS = [(1440, 900), (390, 844)]
# What of our own coloured text has less than 4.5 to 1 against its own background.
_CONTRAST = """
const luminance = (text) => {
  const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map((v) => {
    const part = v / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
return [...document.querySelectorAll('.badge, .button-primary, .button-danger')]
  .filter((one) => one.offsetParent && getComputedStyle(one).backgroundColor
    !== 'rgba(0, 0, 0, 0)')
  .map((one) => {
    const style = getComputedStyle(one);
    const [a, b] = [luminance(style.color), luminance(style.backgroundColor)];
    return [one.textContent, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
  })
  .filter(([, contrast]) => contrast < 4.5);
"""


def started(preferences: dict[str, int]) -> Any:
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.add_experimental_option("prefs", preferences)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=Service(DRIVER))


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


@pytest.fixture
def main():
    """A client's shops in most states; the default one is returned."""
    client = make_client("Northwind")
    main = make_shop(client, name="Main Store", region="US", is_default=True)
    consent = make_authorization(shops=[main])
    make_run(main)
    make_order(main)
    make_call(main, code=36009003, http_status=500, message="Internal error")
    lost = make_shop(
        client,
        name="A store with a long and descriptive name",
        region="GB",
        state=Shop.State.RECONNECT_NEEDED,
        state_reason="The seller has taken the authorization back.",
    )
    make_authorization(consent.api_app, shops=[lost], access_expires_at=timezone.now())
    make_shop(client, name="Test store", environment="sandbox")
    make_shop(
        client,
        name="Tired store",
        rested_until=timezone.now() + timedelta(minutes=9),
        rest_reason="6 failures in a row.",
    )
    make_shop(client, name="Closed", state=Shop.State.DISCONNECTED)
    return main


def addresses(main):
    tabs = ("", "orders", "products", "connection", "settings", "team", "history")
    return [
        reverse(LIST),
        f"{reverse(LIST)}?view=list",
        *(page_of(main, tab) for tab in tabs),
        reverse("admin:platforms_apicall_changelist"),
        reverse("admin:platforms_apicall_change", args=[main.api_calls.get().pk]),
        reverse("admin:users_auditentry_changelist"),
        reverse("admin:orders_order_changelist"),
    ]


def sign_in(driver, server, user):
    session = Session()
    session.force_login(user)
    driver.get(f"{server.url}/health/")
    driver.delete_all_cookies()
    cookie = session.cookies["sessionid"]
    driver.add_cookie({"name": "sessionid", "value": cookie.value})


def resize(driver, width, height):
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
    )


def text_of(driver):
    return driver.find_element(By.TAG_NAME, "body").text


def after_loading(driver, act):
    """Do something that loads a page, and wait until it is there."""
    before = driver.find_element(By.TAG_NAME, "html")
    act()
    WebDriverWait(driver, 20, LOOKS_SECONDS).until(
        lambda d: d.find_element(By.TAG_NAME, "html") != before
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), WIDTHS)
def test_pages_fit_and_nothing_is_refused(
    live_server, chromium, main, width, height, theme
):
    sign_in(chromium, live_server, make_user(clients=[main.client], is_superuser=True))
    chromium.execute_script(
        "localStorage.setItem('adminTheme', arguments[0])", f'"{theme}"'
    )
    resize(chromium, width, height)
    chromium.get_log("browser")

    for address in addresses(main):
        chromium.get(live_server.url + address)
        wide = chromium.execute_script("return document.documentElement.scrollWidth")
        assert wide <= width, address
        assert chromium.execute_script(_CONTRAST) == [], address
        hosts = chromium.execute_script(
            "return performance.getEntriesByType('resource').map((e) => e.name)"
        )
        assert all(name.startswith(live_server.url) for name in hosts), address
        severe = [
            line for line in chromium.get_log("browser") if line["level"] == "SEVERE"
        ]
        assert severe == [], address


def test_cards_stand_three_across_and_one_on_a_phone(live_server, chromium, main):
    sign_in(
        chromium, live_server, make_user(clients=[main.client], permissions=MANAGER)
    )
    lefts = "return [...document.querySelectorAll('.card')].map((c) => c.offsetLeft)"

    for (width, height), across in zip(WIDTHS, (3, 1), strict=True):
        resize(chromium, width, height)
        chromium.get(live_server.url + reverse(LIST))
        assert len(set(chromium.execute_script(lefts))) == across


def test_without_scripts_a_shop_is_made_default_and_chosen(
    live_server, scriptless, main
):
    sign_in(
        scriptless, live_server, make_user(clients=[main.client], is_superuser=True)
    )
    other = Shop.objects.get(name="Test store")

    scriptless.get(live_server.url + reverse(LIST))
    card = scriptless.find_element(By.XPATH, "//li[contains(., 'Test store')]")
    button = card.find_element(By.XPATH, ".//button[contains(., 'Set Default')]")
    after_loading(scriptless, button.click)

    other.refresh_from_db()
    assert other.is_default
    assert "is now the default shop of Northwind" in text_of(scriptless)

    scriptless.get(live_server.url + reverse("admin:orders_order_changelist"))
    scriptless.find_element(By.CSS_SELECTOR, ".switcher summary").click()
    entry = scriptless.find_element(By.PARTIAL_LINK_TEXT, "Main Store (US)")
    after_loading(scriptless, entry.click)
    assert f"shop={main.pk}" in scriptless.current_url
    assert main.orders.get().remote_id in text_of(scriptless)


def test_a_shop_is_disconnected_by_typing_its_name(live_server, chromium, main):
    sign_in(
        chromium, live_server, make_user(clients=[main.client], permissions=MANAGER)
    )
    resize(chromium, 1440, 900)
    chromium.get(live_server.url + page_of(main))

    field = chromium.find_element(By.NAME, "typed_name")
    after_loading(chromium, lambda: field.send_keys("Main" + Keys.ENTER))
    assert "Type the shop's name" in text_of(chromium)

    field = chromium.find_element(By.NAME, "typed_name")
    after_loading(chromium, lambda: field.send_keys("Main Store" + Keys.ENTER))
    assert "This shop is disconnected" in text_of(chromium)
    main.refresh_from_db()
    assert main.state == Shop.State.DISCONNECTED


def test_tab_reaches_every_control_of_a_card_with_a_visible_ring(
    live_server, chromium, main
):
    sign_in(
        chromium, live_server, make_user(clients=[main.client], permissions=MANAGER)
    )
    resize(chromium, 1440, 900)
    chromium.get(live_server.url + reverse(LIST))
    wanted = chromium.execute_script(
        "return document.querySelectorAll('.card :is(a, button, summary)').length"
        " - document.querySelectorAll('.card .menu ul a').length"
    )

    reached, bare = set(), []
    for _ in range(wanted + 120):
        chromium.switch_to.active_element.send_keys(Keys.TAB)
        where = chromium.execute_script(
            "const a = document.activeElement; if (!a.closest('.card')) return null;"
            "const all = [...document.querySelectorAll('.card *')];"
            "return [all.indexOf(a), getComputedStyle(a).outlineStyle]"
        )
        if where is None:
            continue
        reached.add(where[0])
        if where[1] == "none":
            bare.append(where[0])
        if len(reached) == wanted:
            break

    assert len(reached) == wanted
    assert bare == []
