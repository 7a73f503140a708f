"""The connection as a person sees it: Chromium, the pages, the simulator's consent."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client as Session
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from apps.integrations.tiktok.retries import RetryPolicy
from apps.platforms.models import ApiApp, Shop
from apps.platforms.services.connecting import exchange
from apps.platforms.services.connecting.links import make_link
from apps.sync.models import SyncRun
from apps.sync.tasks import pull_orders, pull_products
from apps.users.models import Client, User
from tests.browser.conftest import LOOKS_SECONDS
from tests.factories.platforms import MANAGER
from tests.factories.users import make_user
from tests.platforms.connect_support import (
    CALLBACK,
    app_of,
    point_settings_at,
)
from tests.simulator_server import SimulatorServer, run_simulator

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DRIVER = shutil.which("chromedriver") or "/usr/bin/chromedriver"
PATIENCE_SECONDS = 20
TOKEN_PATH = "/api/v2/token/get"


@pytest.fixture(scope="module")
def simulator() -> Iterator[SimulatorServer]:
    with run_simulator(orders=60) as server:
        yield server


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


@dataclass
class Window:
    """What a person does in the browser."""

    driver: Any
    url: str
    simulator: SimulatorServer
    company: Client
    staff: User

    def open(self, path: str) -> None:
        self.driver.get(self.url + path)

    def sign_in(self) -> None:
        session = Session()
        session.force_login(self.staff)
        self.open("/health/")
        cookie = session.cookies["sessionid"]
        self.driver.add_cookie({"name": "sessionid", "value": cookie.value})

    @property
    def text(self) -> str:
        return str(self.driver.find_element(By.TAG_NAME, "body").text)

    @property
    def path(self) -> str:
        return urlsplit(str(self.driver.current_url)).path

    def sees(self, words: str) -> None:
        # Pages that move on by themselves are replaced while they are read.
        wait = WebDriverWait(
            self.driver,
            PATIENCE_SECONDS,
            LOOKS_SECONDS,
            ignored_exceptions=[WebDriverException],
        )
        wait.until(lambda _: words in self.text, f"“{words}” is not on {self.path}")

    def press(self, words: str) -> None:
        self.driver.find_element(
            By.XPATH,
            f"//*[self::button or self::a][starts-with(normalize-space(), '{words}')]",
        ).click()

    def choose(self, region: str = "DE") -> None:
        """Step 1."""
        self.open("/platforms/connect/")
        self.sees("Continue")
        Select(self.driver.find_element(By.NAME, "region")).select_by_value(region)
        self.press("Continue")

    def leave(self) -> None:
        """Steps 1 and 2."""
        self.choose()
        self.sees("sign in as the shop owner")
        self.press("Continue to TikTok")
        self.sees("asks for access")

    def answer(self, decision: str = "approve", seller: str = "Isarwerk") -> None:
        """Step 3, on the platform's page."""
        self.driver.find_element(
            By.XPATH, f"//label[contains(., '{seller}')]/input"
        ).click()
        self.driver.find_element(By.XPATH, f"//button[@value='{decision}']").click()

    def set_width(self, width: int) -> None:
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
        )

    @property
    def scrolls_sideways(self) -> bool:
        script = "const e = document.documentElement; return e.scrollWidth > innerWidth"
        return bool(self.driver.execute_script(script))


@pytest.fixture
def window(chromium, live_server, simulator, settings, monkeypatch) -> Iterator[Window]:
    point_settings_at(simulator, settings)
    settings.PUBLIC_URL = live_server.url
    monkeypatch.setattr(exchange, "PATIENCE", RetryPolicy(tries=4, base_seconds=0.01))
    for task in (pull_orders, pull_products):
        monkeypatch.setattr(task, "delay", lambda *args: None)
    app = app_of(simulator)
    simulator.control(
        f"apps/{app.app_key}", {"redirect_url": live_server.url + CALLBACK}
    )
    company = Client.objects.create(name="Northwind")
    staff = make_user("staff", clients=[company], permissions=MANAGER)
    window = Window(chromium, live_server.url, simulator, company, staff)
    window.sign_in()
    window.set_width(1440)
    chromium.get_log("browser")
    yield window
    complaints = [
        entry["message"]
        for entry in chromium.get_log("browser")
        if entry["level"] == "SEVERE" and "/platforms/" in entry["message"]
    ]
    chromium.get("about:blank")
    chromium.delete_all_cookies()
    assert complaints == []


def test_from_add_shop_to_a_connected_shop(window):
    window.leave()
    window.answer()
    window.sees("Isarwerk lets us work for 1 shop")
    window.press("Link the picked shops")
    window.sees("Waiting for a worker.")

    pull_orders(Shop.objects.get().pk, SyncRun.Trigger.CONNECT)
    window.sees("orders here")
    pull_products(Shop.objects.get().pk, SyncRun.Trigger.CONNECT)

    window.sees("Isarwerk Shop (DE) is connected.")
    window.sees("Next steps")
    window.press("Open the shop")
    WebDriverWait(window.driver, PATIENCE_SECONDS, LOOKS_SECONDS).until(
        lambda driver: "connected=1" in driver.current_url
    )


def test_a_closed_market(window):
    window.choose("CA")

    window.sees("TikTok Shop is not available in your region yet.")


def test_an_app_without_a_secret(window):
    ApiApp.objects.update(app_secret="")

    window.choose()

    window.sees("This app has no secret yet. Ask an admin to add it.")


def test_a_refusal(window):
    window.leave()
    window.answer("refuse")

    window.sees("You did not grant access. Nothing was stored.")
    window.press("Continue to TikTok")
    window.sees("asks for access")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?code=made-up&state=made-up", "This connection link is no longer valid."),
        ("?state=made-up", "This connection link is no longer valid."),
        ("", "TikTok sent no authorisation code."),
    ],
)
def test_a_return_that_cannot_be_right(window, query, words):
    window.open(CALLBACK + query)

    window.sees(words)


def test_signed_out_meanwhile(window):
    window.leave()
    window.driver.get(window.url + "/health/")
    window.driver.delete_cookie("sessionid")
    window.driver.back()
    window.sees("asks for access")
    window.answer()
    window.sees("Username")
    window.driver.find_element(By.NAME, "username").send_keys("staff")
    window.driver.find_element(By.NAME, "password").send_keys("a password", Keys.ENTER)

    window.sees("Which shops?")


def test_an_outage_and_its_retry(window):
    window.simulator.control("faults", {"kind": "status", "path": TOKEN_PATH})
    window.leave()
    window.answer()
    window.sees("TikTok did not answer. Your consent is kept for 10 minutes.")
    window.simulator.control("faults", method="DELETE")

    window.press("Retry")

    window.sees("Which shops?")


def test_a_wrong_secret(window):
    ApiApp.objects.update(app_secret="another")
    window.leave()
    window.answer()

    window.sees("Check the app secret and this server's clock (off by")


def test_a_missing_permission_package(window):
    app = ApiApp.objects.get()
    window.simulator.control(f"apps/{app.app_key}", {"scopes": ["seller.order.info"]})
    window.leave()
    window.answer()

    window.sees("The app lacks a permission package.")
    window.sees("seller.authorization.info")


def test_a_stopped_pull_and_another_shop_when_reconnecting(window):
    window.leave()
    window.answer()
    window.sees("Which shops?")
    window.press("Link the picked shops")
    window.sees("Waiting for a worker.")
    shop = Shop.objects.get()
    SyncRun.objects.create(
        shop=shop,
        resource="orders",
        trigger="connect",
        state=SyncRun.State.FAILED,
        first_error="TikTok took too long.",
    )
    window.sees("First pull stopped at orders: TikTok took too long.")
    window.press("Resume")
    window.sees("The pull goes on where it stopped.")

    window.open(f"/platforms/connect/?shop={shop.pk}")
    window.press("Continue")
    window.sees("sign in as the shop owner")
    window.press("Continue to TikTok")
    window.sees("asks for access")
    window.answer(seller="Kain Nusantara")
    window.sees("This is not the shop you connected before")


def test_a_shop_owner_with_a_link(window):
    window.open("/platforms/links/")
    for name, words in (("client", "Northwind"), ("api_app", "Shopdesk development")):
        Select(window.driver.find_element(By.NAME, name)).select_by_visible_text(words)
    window.press("Make link")
    window.sees("The new link")
    link = window.driver.find_element(By.ID, "address").get_attribute("value")
    window.driver.delete_all_cookies()

    window.driver.get(link)
    window.sees("Northwind asks for access")
    window.press("Continue to TikTok")
    window.sees("asks for access")
    window.answer(seller="Lotus Homeware")
    window.sees("Pick the shops Northwind may work for.")
    window.press("Connect the picked shops")

    window.sees("Thank you")
    assert Shop.objects.count() == 3
    window.driver.get(link)
    window.sees("This link has been used")


def test_the_pages_by_keyboard_and_on_a_phone(window):
    window.set_width(390)
    window.open("/platforms/connect/")
    region = window.driver.find_element(By.NAME, "region")
    region.send_keys("Germany", Keys.TAB)
    assert window.driver.switch_to.active_element.get_attribute("name") == "api_app"
    assert not window.scrolls_sideways
    window.driver.find_element(By.NAME, "name").send_keys(Keys.ENTER)
    window.sees("sign in as the shop owner")
    assert not window.scrolls_sideways
    make_link(window.staff, window.company, ApiApp.objects.get(), is_us=False, days=7)
    window.open("/platforms/links/")
    window.sees("Revoke")
    assert not window.scrolls_sideways
