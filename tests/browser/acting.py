"""What a person does with a page: press what says so, fill in, wait."""

from collections.abc import Callable
from typing import Any

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser.conftest import LOOKS_SECONDS, Browser

PATIENCE_SECONDS = 15
# In the page itself: to ask for each element's words from outside takes seconds.
_BY_WORDS = """
return [...document.querySelectorAll('main a, main button, #page a, #page button')]
  .find((one) => one.checkVisibility({visibilityProperty: true, opacityProperty: true})
    && one.getClientRects().length
    && !one.classList.contains('unseen')
    && one.innerText.trim() === arguments[0]);
"""


def press(browser: Browser, words: str) -> None:
    """The button or link of those words; waits for the page that follows."""
    shown = browser.run(_BY_WORDS, words)
    assert shown, f"no “{words}” on {browser.driver.current_url}"
    page = browser.one("html")
    browser.run("arguments[0].scrollIntoView({block: 'center'})", shown)
    shown.click()
    wait(browser, lambda: _is_gone(page))
    wait(browser, lambda: browser.run("return document.readyState") == "complete")


def wait(browser: Browser, true: Callable[[], bool]) -> None:
    WebDriverWait(browser.driver, PATIENCE_SECONDS, LOOKS_SECONDS).until(
        lambda _: true()
    )


def fill(browser: Browser, name: str, words: str) -> None:
    field = browser.driver.find_element(By.NAME, name)
    field.clear()
    field.send_keys(words)


def _is_gone(page: Any) -> bool:
    try:
        page.is_enabled()
    except WebDriverException:
        return True
    return False
