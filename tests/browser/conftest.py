"""Chromium without a window, one for all tests."""

import json
import shutil
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client as HttpClient
from selenium import webdriver
from selenium.common.exceptions import (
    NoSuchElementException,
    StaleElementReferenceException,
    WebDriverException,
)
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from apps.users.models import User

WIDE, NARROW = 1440, 390
# Between two looks at a page that is waited for.
LOOKS_SECONDS = 0.05


class Browser:
    """A page to look at the way a person does, and what it did behind the scenes."""

    def __init__(self, driver: Any, root: str) -> None:
        self.driver = driver
        self.root = root

    def resize(self, width: int) -> None:
        metrics = {
            "width": width,
            "height": 900,
            "deviceScaleFactor": 1,
            "mobile": width < 600,
        }
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def sign_in(self, user: User) -> None:
        client = HttpClient()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.driver.execute_cdp_cmd(
            "Network.setCookie",
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": session,
                "url": self.root,
                "httpOnly": True,
            },
        )

    def open(self, path: str) -> None:
        self.driver.get(self.root + path)

    def arrive(self, part: str) -> None:
        """Wait until the address has this: a click does not wait for the next page."""
        deadline = time.monotonic() + 10
        while part not in self.driver.current_url:
            assert time.monotonic() < deadline, self.driver.current_url
            time.sleep(0.02)

    def all(self, selector: str) -> list[WebElement]:
        found: list[WebElement] = self.driver.find_elements(By.CSS_SELECTOR, selector)
        return found

    def one(self, selector: str) -> WebElement:
        found: WebElement = self.driver.find_element(By.CSS_SELECTOR, selector)
        return found

    def text(self) -> str:
        """What is to be read; while one page gives way to the next, that of either."""
        for _ in range(20):
            try:
                return self.one("body").text
            except WebDriverException as error:
                if not _is_between_pages(error):
                    raise
                time.sleep(0.05)
        return self.one("body").text

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def wear(self, theme: str) -> None:
        self.run("document.documentElement.classList.toggle('dark', arguments[0])",
                 theme == "dark")  # fmt: skip

    def set_scripts(self, *, enabled: bool) -> None:
        self.driver.execute_cdp_cmd(
            "Emulation.setScriptExecutionDisabled", {"value": not enabled}
        )

    def complaints(self) -> list[str]:
        """Errors and refusals in the console since the last call."""
        return [
            entry["message"]
            for entry in self.driver.get_log("browser")
            if entry["level"] in ("SEVERE", "WARNING")
        ]

    def hosts(self) -> set[str]:
        """Where requests went since the last call."""
        found = set()
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                found.add(urlsplit(message["params"]["request"]["url"]).netloc)
        return found - {""}  # data: addresses have none


def _is_between_pages(error: WebDriverException) -> bool:
    is_gone = isinstance(error, NoSuchElementException | StaleElementReferenceException)
    return is_gone or "does not belong to the document" in str(error.msg)


@pytest.fixture(scope="session")
def driver(live_server: Any) -> Iterator[Any]:
    """Ends before the server does, which then has no open connections left."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or "/usr/bin/chromium"
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
    ):
        options.add_argument(argument)
    options.set_capability(
        "goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"}
    )
    service = Service(shutil.which("chromedriver") or "/usr/bin/chromedriver")
    driver = webdriver.Chrome(options=options, service=service)
    driver.set_page_load_timeout(30)
    yield driver
    driver.quit()
    time.sleep(0.5)


@pytest.fixture
def browser(driver: Any, live_server: Any) -> Iterator[Browser]:
    browser = Browser(driver, live_server.url)
    browser.resize(WIDE)
    yield browser
    browser.set_scripts(enabled=True)
    driver.get("about:blank")
    driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
    driver.execute_cdp_cmd(
        "Storage.clearDataForOrigin", {"origin": browser.root, "storageTypes": "all"}
    )
    browser.complaints()
    browser.hosts()
