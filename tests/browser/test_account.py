"""The second factor as a person meets it: a phone, a code, no script."""

from urllib.parse import urlsplit

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser.conftest import LOOKS_SECONDS, NARROW
from tests.factories.users import make_client
from tests.users.signin_support import PASSWORD, code_of, make_person

pytestmark = pytest.mark.browser


@pytest.fixture
def person(transactional_db):
    return make_person(
        clients=[make_client("Harbour Trading")], permissions=["process_orders"]
    )


def waiting(browser):
    """A page on its way out may be gone between two looks at it."""
    return WebDriverWait(
        browser.driver,
        10,
        LOOKS_SECONDS,
        ignored_exceptions=[StaleElementReferenceException],
    )


def arrived(browser, path):
    waiting(browser).until(lambda d: urlsplit(d.current_url).path.endswith(path))


def shows(browser, words):
    return waiting(browser).until(lambda _: words in browser.text())


def fill(browser, **values):
    for name, value in values.items():
        browser.one(f"input[name={name}]").send_keys(value)


def wider_than_the_window(browser):
    return browser.run(
        """
        return [...document.querySelectorAll('main *, #main *, #page *')]
          .filter((e) => e.offsetParent && !e.closest('.scroll')
            && e.getBoundingClientRect().right > window.innerWidth + 1)
          .map((e) => e.outerHTML.slice(0, 80));
        """
    )


def test_two_factor_sign_in_is_set_up_and_used_without_scripts_on_a_phone(
    browser, person
):
    browser.resize(NARROW)
    browser.set_scripts(enabled=False)
    browser.open("/account/")
    fill(browser, username="kim", password=PASSWORD)
    browser.one("#login-form button").click()
    arrived(browser, "/account/")
    assert shows(browser, "Harbour Trading")

    browser.one("a[href='/account/two-factor/']").click()
    arrived(browser, "/two-factor/")
    assert browser.one(".qr svg").is_displayed()
    fill(browser, code=code_of(person))
    browser.one("form.form-page .button-primary").click()
    waiting(browser).until(lambda _: browser.all(".codes li"))
    codes = [item.text for item in browser.all(".codes li")]
    assert len(codes) == 10
    browser.one("a.button-primary").click()
    arrived(browser, "/account/")
    assert shows(browser, "10 backup codes left")

    browser.one(".panel form[action='/admin/logout/'] button").click()
    arrived(browser, "/admin/logout/")
    browser.open("/account/password/")
    fill(browser, username="kim", password=PASSWORD)
    browser.one("#login-form button").click()
    arrived(browser, "/two-factor/verify/")
    fill(browser, code=codes[3])
    browser.one("form.form-page .button-primary").click()
    arrived(browser, "/account/password/")


PAGES = ("", "password/", "two-factor/", "password/reset/sent/")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_fit_a_phone_and_complain_of_nothing(browser, person, theme):
    browser.sign_in(person)
    browser.resize(NARROW)
    for page in PAGES:
        browser.open(f"/account/{page}")
        browser.wear(theme)

        assert wider_than_the_window(browser) == [], page
        assert browser.complaints() == [], page
        assert browser.hosts() <= {browser.root.removeprefix("http://")}, page
