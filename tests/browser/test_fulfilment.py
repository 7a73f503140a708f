"""Days of work on orders in Chromium: shipped, tracked, called off and sent back at the
simulated platform, with real pulls, and the tasks done where a worker would do them."""

import base64
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from pypdf import PdfReader
from selenium.webdriver.support.ui import Select

from apps.orders.models import Order, OrderAction, OrderLine
from apps.orders.services.logistics import carriers_for
from apps.platforms.models import Shop
from apps.products.models import Listing, Variant
from apps.sync import tasks
from apps.sync.models import SyncRun
from apps.users.models import Client, User
from apps.users.roles import Role
from tests.browser.acting import fill, press, wait
from tests.browser.conftest import NARROW, WIDE, Browser
from tests.factories.inventory import receive, stock_of
from tests.factories.platforms import connect_simulator_shops
from tests.factories.products import (
    make_listing,
    make_listing_sku,
    make_product,
    make_variant,
)
from tests.factories.team import as_user, make_member
from tests.factories.users import make_client
from tests.simulator_server import SimulatorServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = reverse("admin:orders_order_changelist")
# The simulator's sellers, by number.
HARBOUR, LOTUS = 0, 2
_FETCHED = """
const [form, done] = arguments;
fetch(form.action, {method: 'POST', body: new FormData(form)})
  .then((reply) => reply.blob())
  .then((blob) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.readAsDataURL(blob);
  })
  .catch((error) => done(String(error)));
"""


class Day:
    """One shop, whose buyers and carriers do what is said, and somebody at our desk."""

    def __init__(self, browser: Browser, simulator: SimulatorServer, shop: Shop):
        self.browser, self.simulator, self.shop = browser, simulator, shop

    # What happens on the platform

    def place(self, shipping: str = "TIKTOK", **fields: Any) -> str:
        """The number of a new order."""
        body = {
            "shop_id": self.shop.remote_id,
            "shipping_type": shipping,
            "fulfilled_by_platform": False,
            "force": True,
        }
        return str(self.simulator.control("orders", body | fields)["id"])

    def happens(self, number: str, event: str, **fields: Any) -> Any:
        return self.simulator.control(f"orders/{number}/{event}", fields)

    @contextmanager
    def hours_ago(self, hours: int) -> Iterator[None]:
        self.simulator.control("clock", {"offset": -3600 * hours})
        yield
        self.simulator.control("clock", {"offset": 0})

    # What a worker does

    def pull(self) -> None:
        """The news of orders and what hangs on them."""
        for task in (
            tasks.pull_orders,
            tasks.pull_packages,
            tasks.pull_cancellations,
            tasks.pull_returns,
        ):
            task(self.shop.pk, SyncRun.Trigger.COMMAND)
        runs = SyncRun.objects.filter(shop=self.shop).order_by("-pk")[:4]
        assert {run.state for run in runs} == {SyncRun.State.DONE}

    def work(self) -> None:
        """All that TikTok is asked for is sent; the page is looked at again."""
        tasks.work_order_actions(self.shop.pk)
        self.browser.driver.refresh()

    # What somebody does at the desk

    def open(self, number: str) -> None:
        """The order's page, by way of the list."""
        self.browser.open(f"{LIST}?q={number}")
        press(self.browser, number)

    def text(self) -> str:
        return self.browser.text()

    def head(self) -> str:
        return self.browser.one(".page-head").text

    def panel(self, name: str) -> str:
        return self.browser.one(f"#{name}").text

    def menu(self, words: str) -> None:
        """Something behind the three dots."""
        self.browser.one(".menu-right summary").click()
        press(self.browser, words)

    def tab(self, title: str) -> None:
        tabs = self.browser.all(".desk-tabs a")
        follow(
            self.browser,
            lambda: next(tab for tab in tabs if tab.text.startswith(title)).click(),
        )

    def ticked(self, deed: str, *numbers: str) -> None:
        """Tick these in the list and press a deed's button."""
        for number in numbers:
            self.browser.one(f".tick[aria-label='Select {number}']").click()
        button = self.browser.one(f"#bulk button[value='{deed}']")
        follow(self.browser, button.click)

    def choose(self, label: str, words: str = "") -> None:
        """In a list of choices: these words, or else the first that says anything."""
        field = Select(self._field(label))
        if words:
            field.select_by_visible_text(words)
        else:
            field.select_by_index(1)

    def write(self, label: str, words: str) -> None:
        field = self._field(label)
        field.clear()
        field.send_keys(words)

    def _field(self, label: str) -> Any:
        found = [
            each
            for each in self.browser.all("main label, #page label")
            if each.text.startswith(label)
        ]
        assert found, f"no field “{label}” on {self.browser.driver.current_url}"
        return self.browser.one(f"#{found[0].get_attribute('for')}")

    def printed(self) -> PdfReader:
        """What the button for the printer brings."""
        form = self.browser.one("form[action$='/print/']")
        got = str(self.browser.driver.execute_async_script(_FETCHED, form))
        assert got.startswith("data:application/pdf;base64,"), got[:80]
        return PdfReader(io.BytesIO(base64.b64decode(got.partition(",")[2])))

    def fits_a_phone(self) -> bool:
        """Whether nothing of this page scrolls sideways there."""
        self.browser.resize(NARROW)
        wide = self.browser.run("return document.documentElement.scrollWidth")
        self.browser.resize(WIDE)
        return bool(wide <= NARROW)

    def nothing_complained(self) -> None:
        assert self.browser.complaints() == []
        assert self.browser.hosts() == {self.browser.root.removeprefix("http://")}


def follow(browser: Browser, click: Callable[[], None]) -> None:
    """Wait for the page that follows."""
    page = browser.one("html").id
    click()
    wait(browser, lambda: browser.one("html").id != page)
    wait(browser, lambda: browser.run("return document.readyState") == "complete")


@pytest.fixture
def company() -> Client:
    return make_client("Northwind")


@pytest.fixture
def person(browser: Browser, company: Client) -> User:
    user = as_user(make_member(company, Role.ORDER_FULFILLMENT))
    browser.sign_in(user)
    return user


@pytest.fixture
def day(
    browser: Browser,
    simulator: SimulatorServer,
    company: Client,
    person: User,
    settings: Any,
    tmp_path: Any,
) -> Callable[[int, str], Day]:
    settings.MEDIA_ROOT = tmp_path
    settings.TIKTOK_IMAGE_HOSTS = [simulator.url]
    cache.clear()

    def begun(seller: int, region: str) -> Day:
        known = Shop.objects.filter(client=company, region=region).first()
        shops = (
            [known]
            if known
            else connect_simulator_shops(simulator, seller, client=company)
        )
        return Day(browser, simulator, next(s for s in shops if s.region == region))

    return begun


def order_of(number: str) -> Order:
    return Order.objects.get(remote_id=number)


def test_a_morning_ships_with_the_platforms_carrier(day, person):
    at = day(LOTUS, "MY")
    with at.hours_ago(30):
        numbers = [at.place() for _ in range(3)]
    fresh = at.place()
    at.pull()

    # What has to go today, from the shelves.
    at.browser.open(LIST)
    at.tab("Ship within 24 h")
    assert fresh not in at.text()
    at.ticked("pick-list", *numbers)
    assert "Pick list" in at.text()
    assert "3 orders" in at.text()
    for number in numbers:
        assert number in at.text()
    at.browser.driver.back()

    # Asked once, with what it is done to and what comes of it.
    at.browser.open(f"{LIST}?tab=ship-24h")
    at.ticked("ship", *numbers)
    assert "Arrange shipping: 3 orders" in at.head()
    assert f"{at.shop.name} MY 3 orders" in at.text()
    assert "TikTok arranges shipping of every package that waits" in at.text()
    at.choose("The carrier gets them", "Dropped off")
    press(at.browser, "Arrange shipping: 3")
    assert at.fits_a_phone()
    at.work()
    assert "Done 3" in at.text()

    # Found by pasting; one of them nobody knows.
    at.browser.open(LIST)
    fill(at.browser, "q", ", ".join([*numbers, "580000000000000000"]))
    press(at.browser, "Show")
    assert "1 of 4 not found: 580000000000000000" in at.text()
    at.browser.one(".views summary").click()
    fill(at.browser, "name", "This morning")
    press(at.browser, "Save")
    assert "View “This morning” is saved." in at.text()
    assert at.fits_a_phone()

    # One file for the printer.
    at.ticked("labels", *numbers)
    assert "Print labels: 3 orders" in at.head()
    press(at.browser, "Fetch labels: 3")
    at.work()
    assert "Done 3" in at.text()
    file = at.printed()
    assert len(file.pages) == 3
    at.browser.driver.refresh()

    # The courier comes.
    for number in numbers:
        at.happens(number, "collect")
    at.pull()
    at.browser.open(LIST)
    press(at.browser, "This morning")
    rows = [row.text for row in at.browser.all("#result_list tbody tr")]
    assert len(rows) == 3
    assert all("In transit" in row for row in rows)

    # Who did it, and what came of it.
    press(at.browser, numbers[0])
    order = order_of(numbers[0])
    package = order.packages.get()
    told = at.panel("timeline")
    assert "Arrange shipping" in told
    assert "Printed: shipping label" in told
    assert person.username in told
    assert package.tracking_number in at.panel("packages")
    assert "In transit" in at.panel("packages")
    assert at.fits_a_phone()
    press(at.browser, "Where is it now?")
    assert "new scan" in at.text()
    at.menu("Where values come from")
    assert "Why is this value here?" in at.text()
    assert "TikTok's API" in at.text()
    assert at.fits_a_phone()
    at.nothing_complained()


def test_own_carriers_are_told_and_labels_bought(day):
    at = day(HARBOUR, "GB")
    first, second, theirs = at.place("SELLER"), at.place("SELLER"), at.place()
    at.pull()
    carrier, other = [row.name for row in carriers_for(order_of(first)).value[:2]]

    # A list with a wrong number, a carrier nobody knows, and a wrong order.
    at.browser.open(LIST)
    at.ticked("tracking", first, second)
    assert f"{first}, ," in at.browser.one("textarea").get_attribute("value")
    rows = (
        (first, carrier, "RM100000001GB"),
        ("580000000000000000", carrier, "RM100000002GB"),
        (second, "Nobodys Vans", "RM100000003GB"),
        (theirs, carrier, "RM100000004GB"),
    )
    fill(at.browser, "rows", "\n".join(", ".join(row) for row in rows))
    press(at.browser, "Look at it")
    assert "nothing is sent yet" in at.text()
    for words in (
        "3 refused",
        "1 new",
        "There is no such order.",
        "Nobodys Vans",
        "TikTok's carrier brings this order",
    ):
        assert words in at.text()
    assert at.fits_a_phone()
    press(at.browser, "Send 1 row, skip 3")
    assert "Tracking uploaded: 4 rows" in at.text()
    tasks.work_order_actions(at.shop.pk)
    press(at.browser, "Look again")
    assert "1 done" in at.text()
    assert at.fits_a_phone()

    # It was the wrong number.
    press(at.browser, "More rows")
    fill(at.browser, "rows", f"{first}, {other}, RM200000001GB")
    press(at.browser, "Look at it")
    assert "1 correction" in at.text()
    press(at.browser, "Send 1 row")
    tasks.work_order_actions(at.shop.pk)
    press(at.browser, "Look again")
    at.open(first)
    assert "RM200000001GB" in at.panel("packages")
    assert "Awaiting collection" in at.head()

    # Somebody else was faster, and we had not heard of it.
    at.open(second)
    press(at.browser, "Upload tracking…")
    at.choose("Carrier", carrier)
    at.write("Tracking number", "RM300000001GB")
    at.happens(second, "move", status="AWAITING_COLLECTION")
    press(at.browser, "Upload")
    assert "Already shipped with" in at.text()
    assert order_of(second).status == "awaiting_collection"

    # In America a package is made by buying its label.
    us = day(HARBOUR, "US")
    number = us.place()
    us.pull()
    us.open(number)
    assert "In the US a package is made by shipping." in us.panel("packages")
    press(us.browser, "Buy a label…")
    for name in ("Length", "Width", "Height", "Weight"):
        us.write(name, "4")
    press(us.browser, "Show the labels on sale")
    assert us.browser.one("input[name=service]:checked")
    assert "USD" in us.text()
    assert us.fits_a_phone()
    press(us.browser, "Buy")
    assert "Buy a label: done." in us.text()
    assert "1 package" in us.panel("packages")
    assert "Awaiting collection" in us.head()
    us.nothing_complained()


def test_an_afternoon_of_requests(day):
    at = day(LOTUS, "MY")
    at.pull()
    lamp, sku_id = kept(at)
    buys = {"sku_id": sku_id}
    refused, agreed, ours, late = [at.place(**buys) for _ in range(4)]
    for number in (refused, agreed):
        at.happens(number, "request_cancel")
    back, kept_by_buyer = [at.place(status="DELIVERED", **buys) for _ in range(2)]
    at.pull()
    assert stock_of(lamp) == (8, 4, 0, 0)

    # Two want out. One is told no, with a reason of TikTok's.
    at.browser.open(LIST)
    at.tab("Cancel requested")
    assert agreed in at.text()
    press(at.browser, refused)
    press(at.browser, "Refuse…")
    at.choose("Reason")
    press(at.browser, "Refuse")
    assert "Refuse to cancel: done." in at.text()
    assert "Awaiting shipment" in at.head()
    assert at.fits_a_phone()
    at.open(agreed)
    press(at.browser, "Agree…")
    press(at.browser, "Agree")
    assert "Agree to cancel: done." in at.text()
    assert "Cancelled" in at.head()

    # One we cannot send: what goes back is shown before.
    at.open(ours)
    total = str(order_of(ours).total)
    at.menu("Cancel…")
    at.choose("Reason")
    press(at.browser, "Show what goes back")
    assert total in at.browser.one(".preview-of").text
    press(at.browser, "Cancel it")
    assert "Cancel: done." in at.text()
    assert "Cancelled" in at.head()
    assert stock_of(lamp) == (8, 2, 0, 0)

    # Another was shipped meanwhile: what we know of is shown first, what we had not
    # heard of TikTok refuses in its own words.
    at.open(late)
    at.menu("Cancel…")
    at.choose("Reason")
    press(at.browser, "Show what goes back")
    at.happens(late, "move", status="AWAITING_COLLECTION")
    press(at.browser, "Cancel it")
    action = OrderAction.objects.get(order=order_of(late), kind="cancel")
    assert (action.state, action.message != "") == ("refused", True)
    assert action.message in at.text()
    assert f"code {action.code}" in at.text()
    changed_meanwhile(at, buys)

    # Goods come back, are looked at, and can be sold again.
    at.happens(back, "request_return", kind="RETURN_AND_REFUND")
    at.pull()
    at.browser.open(reverse("admin:orders_return_changelist"))
    assert back in at.text()
    assert at.fits_a_phone()
    press(at.browser, back)
    press(at.browser, "Agree to the return…")
    press(at.browser, "Agree to the return")
    assert "Agree to the return: done." in at.text()
    assert stock_of(lamp)[2] == 1
    request = order_of(back).returns.get()
    at.simulator.control(f"aftersales/{request.remote_id}/ship", {})
    press(at.browser, "Pull again")
    assert "On its way back" in at.panel("requests")
    press(at.browser, "Goods received…")
    press(at.browser, "Goods received")
    assert "Goods received: done." in at.text()
    fill(at.browser, "sellable-0", "1")
    press(at.browser, "Book")
    at.browser.open(f"{reverse('admin:inventory_stocklevel_changelist')}?q={lamp.sku}")
    row = at.browser.one("#result_list tbody tr").text.split()
    assert [each for each in row if each.isdigit()] == ["9", "3", "6", "0", "0"]
    at.open(back)
    assert "Refunded" in at.panel("money")
    assert "Goods inspected" in at.panel("timeline")

    # A part will do.
    at.happens(kept_by_buyer, "request_return", kind="REFUND")
    at.pull()
    at.open(kept_by_buyer)
    press(at.browser, "Offer a part…")
    at.write("What is offered", "5")
    press(at.browser, "Offer a part")
    assert "Offer a part: done." in at.text()
    assert "MYR 5.00" in at.panel("requests")
    request = order_of(kept_by_buyer).returns.get()
    at.simulator.control(f"aftersales/{request.remote_id}/answer_offer", {})
    press(at.browser, "Pull again")
    assert "MYR -5.00" in at.panel("money")
    at.nothing_complained()


def kept(at: Day) -> tuple[Variant, str]:
    """Something the shop has not sold yet, of which ten lie with us, and its ID."""
    sold = set(OrderLine.objects.values_list("remote_sku_id", flat=True))
    rows = at.simulator.control(f"shops/{at.shop.remote_id}/skus")
    sku = next(row for row in rows if row["id"] not in sold and not row["parts"])
    variant = make_variant(make_product(at.shop.client, sku["title"]), "OURS-1")
    known = Listing.objects.filter(shop=at.shop, remote_id=sku["product_id"]).first()
    listing = known or make_listing(at.shop, sku["product_id"])
    make_listing_sku(listing, sku["id"], variant=variant)
    receive(variant, 10)
    return variant, sku["id"]


def changed_meanwhile(at: Day, buys: dict[str, str]) -> None:
    """A form that was open while the order moved on: both values, and nothing done."""
    number = at.place(**buys)
    at.pull()
    at.open(number)
    at.menu("Cancel…")
    at.choose("Reason")
    press(at.browser, "Show what goes back")
    at.happens(number, "move", status="AWAITING_COLLECTION")
    at.pull()
    press(at.browser, "Cancel it")
    told = at.browser.one(".changes").text
    assert "Awaiting shipment" in told
    assert "Awaiting collection" in told
    assert "Nothing was done." in at.text()
    assert not OrderAction.objects.filter(order=order_of(number)).exists()
