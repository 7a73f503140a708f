"""The pages around the API: its description, and people's tokens."""

import pytest
from selenium.webdriver.support.ui import WebDriverWait

from apps.users.models import ApiToken
from apps.users.services.tokens import make_token
from tests.browser.conftest import LOOKS_SECONDS, NARROW, WIDE, Browser
from tests.factories.users import make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_description_is_drawn_without_a_complaint(browser: Browser):
    browser.sign_in(make_user())
    browser.open("/api/v1/docs/")

    def is_drawn_down_to_the_orders(_: object) -> bool:
        """So many operations are drawn as one comes to them."""
        browser.run("window.scrollBy(0, 2000)")
        return "/api/v1/orders/" in browser.text()

    WebDriverWait(browser.driver, 20, LOOKS_SECONDS).until(is_drawn_down_to_the_orders)
    assert browser.complaints() == []
    assert browser.hosts() == {browser.root.removeprefix("http://")}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_the_token_page_fits_and_makes_a_token(
    browser: Browser, width: int, theme: str
):
    user = make_user()
    make_token(user, "The till in the warehouse", ["me:read", "orders:read"], days=3)
    browser.resize(width)
    browser.sign_in(user)
    browser.open("/account/tokens/")
    browser.wear(theme)
    browser.one("input[name=name]").send_keys("Stock report")
    browser.one("input[value='orders:read']").click()
    browser.one("input[value='orders:read']").submit()

    assert str(browser.one("#token").get_property("value")).startswith("sd_")
    assert ApiToken.objects.filter(name="Stock report").count() == 1
    browser.wear(theme)
    sideways = "return document.documentElement.scrollWidth - window.innerWidth"
    assert browser.run(sideways) <= 0
    assert browser.complaints() == []
