"""The pages as people see them: wide and narrow, light and dark, without a mouse,
without scripts."""

from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from apps.imports.models import ImportRun
from apps.orders.models import Buyer, Order
from apps.platforms.models import Shop
from apps.sync.models import Resource, SyncRun
from tests.browser.conftest import LOOKS_SECONDS, NARROW, WIDE
from tests.factories.orders import make_order, make_package
from tests.factories.platforms import make_authorization, make_shop
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.browser

LIST = "/admin/orders/order/"
LONG = "Rattan pendant lamp with three shades, natural, dimmable, E27, 30 cm by 45 cm"


@pytest.fixture
def shop(transactional_db):
    return make_shop(make_client("Harbour Trading"), name="Main Store")


@pytest.fixture
def orders(shop):
    """One order of every status and every badge, with long words and large sums."""
    now = timezone.now()
    for number, status in enumerate(Order.Status):
        order = make_order(
            shop,
            f"5800000000000001{number:02}",
            sku="LAMP-RATTAN-NATURAL-30CM-E27-DIMMABLE",
            status=status,
            total_amount=Decimal("1234567.5"),
            ship_by_at=now + timedelta(hours=number * 12 - 18),
            tracking_number=f"SPXMY0123456789{number}",
            carrier="Quick Parcel Express International",
        )
        order.lines.update(product_name=LONG, variation="Natural / 30 cm / E27")
    sandbox = make_shop(
        shop.client,
        name="A shop with quite a long name for a column",
        region="SG",
        environment=Shop.Environment.SANDBOX,
    )
    order = make_order(
        sandbox,
        "580000000000000199",
        is_cancel_requested=True,
        is_status_understood=False,
        status_text="TELEPORTED_TO_ANOTHER_WAREHOUSE",
        is_sample=True,
        recipient_name="Ahmad Lim",
        recipient_address="12 Jalan Melati, Taman Bunga Raya, 05000 Alor Setar, Kedah",
        buyer_message="Please ring twice 🙏",
        buyer=Buyer.objects.create(shop=sandbox, username="lamp_lover"),
        paid_at=now - timedelta(hours=20),
        shipped_at=now - timedelta(hours=2),
    )
    for number in range(3):
        make_package(order, tracking_number=f"SPXSG01234567890{number}")
    run = SyncRun.objects.create(
        shop=shop,
        resource=Resource.ORDERS,
        trigger=SyncRun.Trigger.SCHEDULE,
        state=SyncRun.State.PARTLY,
        started_at=now - timedelta(minutes=42),
        ended_at=now,
        read=1200,
        first_error="The order was refused: a line has the quantity 2147483648.",
    )
    assert run.pk
    ImportRun.objects.create(
        shop=shop,
        kind=ImportRun.Kind.ORDERS,
        state=ImportRun.State.DONE,
        file_name="All order-2026-11-20-10_12.csv",
        file_hash="",
        rows=1200,
    )
    make_authorization(shops=[shop])
    return order


@pytest.fixture
def signed_in(browser, orders):
    browser.sign_in(make_user("harbour", is_superuser=True))
    return browser


def arrived(browser, part):
    WebDriverWait(browser.driver, 10, LOOKS_SECONDS).until(
        lambda d: part in d.current_url
    )


def overflow(browser):
    """How many pixels the page is wider than the window."""
    return browser.run(
        "return document.documentElement.scrollWidth - window.innerWidth"
    )


def press(browser, *keys):
    ActionChains(browser.driver).send_keys(*keys).perform()


def focus_by_tab(browser, matches, limit=80):
    """Press Tab until the focused element matches, as a person without a mouse."""
    for _ in range(limit):
        press(browser, Keys.TAB)
        element = browser.driver.switch_to.active_element
        if matches(element):
            return element
    raise AssertionError("Tab does not get there.")


def order_ids(browser):
    return [e.text for e in browser.all("#result_list .mono") if e.text[:4] == "5800"]


def test_a_person_signs_in_and_lands_on_the_list(browser, orders):
    make_user("harbour", is_superuser=True)
    browser.open(LIST)
    assert "/admin/login/" in browser.driver.current_url

    browser.one("#id_username").send_keys("harbour")
    browser.one("#id_password").send_keys("a password" + Keys.ENTER)
    arrived(browser, LIST)

    assert "580000000000000199" in browser.text()
    assert browser.complaints() == []
    assert browser.hosts() == {urlsplit(browser.root).netloc}


PAGES = [
    LIST,
    f"{LIST}?tab=all&carrier=Quick",
    "{order}",
    "/admin/",
    "/admin/platforms/shop/",
    "/admin/platforms/apiapp/add/",
    "/admin/sync/syncrun/",
    "/admin/imports/importrun/",
    "/platforms/connect/",
    "/admin/backoffice/retentionrule/",
    "/admin/users/auditentry/",
    "/privacy/buyers/?q=nobody",
]


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_fits_the_window_and_keeps_to_itself(signed_in, orders, page, width):
    browser = signed_in
    browser.resize(width)

    browser.open(page.format(order=f"{LIST}{orders.pk}/change/"))
    for theme in ("light", "dark"):
        browser.wear(theme)
        assert overflow(browser) <= 0, theme

    assert browser.complaints() == []
    assert browser.hosts() == {urlsplit(browser.root).netloc}


@pytest.mark.parametrize(
    ("theme", "kind", "background", "colour"),
    [
        ("light", "good", (220, 252, 231), (22, 101, 52)),
        ("light", "attention", (254, 243, 199), (146, 64, 14)),
        ("light", "bad", (254, 226, 226), (153, 27, 27)),
        ("light", "progress", (224, 242, 254), (7, 89, 133)),
        ("light", "neutral", (243, 244, 246), (55, 65, 81)),
        ("dark", "good", (5, 46, 22), (187, 247, 208)),
        ("dark", "attention", (69, 26, 3), (253, 230, 138)),
        ("dark", "bad", (69, 10, 10), (254, 202, 202)),
        ("dark", "progress", (8, 47, 73), (186, 230, 253)),
        ("dark", "neutral", (31, 41, 55), (209, 213, 219)),
    ],
)
def test_badges_have_the_colours_of_their_meaning(
    signed_in, theme, kind, background, colour
):
    browser = signed_in
    browser.open(f"{LIST}?tab=all")
    browser.wear(theme)

    badges = browser.all(f"#result_list .badge-{kind}")

    assert badges
    for badge in badges:
        style = browser.run(
            "const s = getComputedStyle(arguments[0]);"
            "return [s.backgroundColor, s.color, s.textTransform]",
            badge,
        )
        assert style == [
            "rgb({}, {}, {})".format(*background),
            "rgb({}, {}, {})".format(*colour),
            "none",
        ]
        assert badge.text


def test_tabs_and_filters_work_by_keyboard_alone(signed_in, orders):
    browser = signed_in
    browser.open(LIST)

    tab = focus_by_tab(browser, lambda e: e.text.startswith("Overdue"))
    outline = browser.run("return getComputedStyle(arguments[0]).outlineStyle", tab)
    assert outline == "solid"
    press(browser, Keys.ENTER)
    arrived(browser, "tab=overdue")
    assert len(order_ids(browser)) == int(browser.one("[aria-current] .count").text)

    focus_by_tab(browser, lambda e: e.get_attribute("name") == "status")
    press(browser, "Delivered")
    focus_by_tab(browser, lambda e: e.text == "Show")
    press(browser, Keys.ENTER)
    arrived(browser, "status=delivered")
    assert "No orders match these filters." in browser.text()

    focus_by_tab(browser, lambda e: e.text == "Reset")
    press(browser, Keys.ENTER)
    arrived(browser, "?tab=overdue")

    focus_by_tab(browser, lambda e: e.text == "More filters")
    press(browser, Keys.ENTER)
    carrier = focus_by_tab(browser, lambda e: e.get_attribute("name") == "carrier")
    assert carrier.is_displayed()
    press(browser, "nobody", Keys.ENTER)
    arrived(browser, "carrier=nobody")
    assert order_ids(browser) == []


def test_an_order_opens_by_keyboard(signed_in, orders):
    browser = signed_in
    browser.open(f"{LIST}?q=580000000000000199")

    number = "580000000000000199"
    skip = focus_by_tab(browser, lambda e: e.text == "Skip to content", limit=1)
    assert skip.location["y"] >= 0
    press(browser, Keys.ENTER)
    focus_by_tab(browser, lambda e: e.tag_name == "a" and number in e.text, limit=50)
    press(browser, Keys.ENTER)
    arrived(browser, f"{orders.pk}/change/")

    text = browser.text()
    for words in (f"Order {number}", "Ahmad Lim", "Timeline", "Please ring twice 🙏"):
        assert words in text


def test_without_scripts_the_list_its_filters_and_the_page_work(signed_in, orders):
    browser = signed_in
    browser.set_scripts(enabled=False)
    browser.open(LIST)
    assert len(order_ids(browser)) == 9

    tab = next(a for a in browser.all(".tabs a") if a.text.startswith("All"))
    tab.click()
    arrived(browser, "tab=all")
    assert len(order_ids(browser)) == 11

    Select(browser.one("select[name=status]")).select_by_visible_text("Delivered")
    browser.one(".filters button").click()
    arrived(browser, "status=delivered")
    assert order_ids(browser) == ["580000000000000106"]

    browser.one("textarea[name=q]").clear()
    browser.open(f"{LIST}?q=580000000000000199,580000000000000107")
    assert len(order_ids(browser)) == 2
    browser.all("#result_list a.mono")[0].click()
    arrived(browser, "/change/")
    assert "Timeline" in browser.text()


@pytest.mark.parametrize("page", [LIST, "{order}"])
def test_a_phone_scrolls_a_table_inside_its_own_box(signed_in, orders, page):
    browser = signed_in
    browser.resize(NARROW)
    browser.open(page.format(order=f"{LIST}{orders.pk}/change/"))

    wider = browser.run(
        """
        const inside = (e) => e && (getComputedStyle(e).overflowX !== 'visible'
          || inside(e.parentElement));
        return [...document.querySelectorAll('main *, #main *, .panel *, .filters *')]
          .filter((e) => e.getBoundingClientRect().right > window.innerWidth + 1
            && e.offsetParent && !inside(e.parentElement))
          .map((e) => e.outerHTML.slice(0, 80));
        """
    )

    assert wider == []
