"""The packages of all shops."""

import pytest
from django.urls import reverse

from apps.orders.models import ActionRun, OrderAction, Package, ShopOrderSettings
from apps.sync import tasks
from tests.factories.orders import make_order, make_package
from tests.factories.platforms import make_shop
from tests.factories.users import make_client
from tests.orders.order_pages import page_of, signed_in, words
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

PACKAGES = "/admin/orders/package/"
BULK = "/admin/orders/package/bulk/"


@pytest.fixture
def shop():
    return make_shop(name="Main Store")


@pytest.fixture(autouse=True)
def woken(monkeypatch):
    found: list[int] = []
    monkeypatch.setattr(tasks.work_order_actions, "delay", found.append)
    return found


def packed(shop, number, **changes):
    order = make_order(shop, shipping_type="platform")
    values = {"remote_id": f"11620000{number:04}", "status": "to_fulfill"}
    return make_package(order, **values | changes)


def shown(page):
    return {row.remote_id for row in page.context["cl"].result_list}


def test_each_package_stands_in_its_tab_and_leads_to_its_orders(shop):
    waiting = packed(shop, 1)
    fetched = packed(shop, 2, status="processing", tracking_number="JX1", carrier="J&T")
    lost = packed(shop, 3, status="fulfilling", problem="Parcel lost", carrier="DHL")
    other = make_order(shop)
    other.packages.add(waiting)
    browser = signed_in(shop)

    page = browser.get(PACKAGES)
    assert shown(page) == {waiting.remote_id}
    body = page.content.decode()
    for order in waiting.orders.all():
        assert f'href="{page_of(order)}#package-{waiting.pk}"' in body
    said = words(page)
    for text in ("To ship 1", "Awaiting collection 1", "Problem 1", "All 3"):
        assert text in said, text
    assert shown(browser.get(f"{PACKAGES}?tab=problem")) == {lost.remote_id}
    assert shown(browser.get(f"{PACKAGES}?q=JX1")) == {fetched.remote_id}
    pasted = f"{PACKAGES}?q={other.remote_id},1162"
    assert shown(browser.get(pasted)) == {waiting.remote_id}
    assert shown(browser.get(f"{PACKAGES}?tab=all&carrier=dh")) == {lost.remote_id}
    assert "Parcel lost" in words(browser.get(f"{PACKAGES}?tab=problem"))


def test_all_that_wait_are_shipped_as_the_shop_does(shop):
    ShopOrderSettings.objects.create(shop=shop, handover_method="DROP_OFF")
    first, second = packed(shop, 1), packed(shop, 2)
    gone = packed(shop, 3, status="processing", tracking_number="JX9", carrier="J&T")
    browser = signed_in(shop)
    address = f"{BULK}?deed=ship&pk={first.pk}&pk={second.pk}&pk={gone.pk}"

    asked = browser.get(address)
    said = words(asked)
    assert "Ship: 2 packages" in said
    assert "Already shipped with J&T JX9." in said

    browser.post(address, {"mark": asked.context["mark"], "key": "k1"})

    run = ActionRun.objects.get()
    assert {a.package_id for a in run.actions.all()} == {first.pk, second.pk}
    assert {a.details["handover_method"] for a in run.actions.all()} == {"DROP_OFF"}


def test_labels_are_fetched_of_what_is_shipped(shop):
    shipped = [packed(shop, n, status="processing") for n in (1, 2)]
    packed(shop, 3)
    browser = signed_in(shop)
    address = f"{BULK}?deed=label&tab=all&all=1"

    asked = browser.get(address)
    assert "Arrange shipping first" in words(asked)
    browser.post(address, {"mark": asked.context["mark"], "key": "k1"})

    rows = OrderAction.objects.values_list("kind", "package")
    assert set(rows) == {("label", package.pk) for package in shipped}


def test_packages_of_others_are_not_there(shop):
    package = packed(shop, 1)
    stranger = signed_in(make_shop(make_client("Other")))

    assert shown(stranger.get(f"{PACKAGES}?tab=all")) == set()
    page = stranger.get(f"{BULK}?deed=ship&pk={package.pk}")
    assert "This can be done to none of those chosen" in words(page)
    assert signed_in(shop, "view_analytics").get(f"{BULK}?deed=ship").status_code == 403
    assert signed_in(shop, "view_products").get(PACKAGES).status_code == 403


def test_ten_rows_and_a_hundred_cost_the_same(shop):
    browser = signed_in(shop)

    def cost():
        with statements() as asked:
            browser.get(PACKAGES)
            browser.get(f"{BULK}?deed=ship&all=1")
        return len(asked)

    for number in range(2):
        packed(shop, number)
    cost()
    few = cost()
    for number in range(2, 40):
        packed(shop, number)

    assert cost() == few
    assert Package.objects.count() == 40
    assert reverse("admin:orders_package_bulk") == BULK
