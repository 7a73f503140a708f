"""A pull of products that somebody asks for: on the shop's page, or by a program."""

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from apps.platforms.errors import ShopRefuses
from apps.sync.models import Resource, SyncRun, SyncSchedule
from apps.sync.services.due import OF_ORDERS, is_due
from apps.sync.services.intervals import schedules_of
from apps.sync.start import pull_task, start_pull
from apps.sync.tasks import pull_products
from apps.users.models import AuditEntry
from apps.users.roles import Role
from tests.api.support import Caller
from tests.factories.platforms import make_shop
from tests.factories.sync import make_run
from tests.factories.team import give_role
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db

ASKS = ("manage_settings", "process_orders")


@pytest.fixture
def shop():
    return make_shop()


@pytest.fixture
def user(shop):
    return make_user(clients=[shop.client], permissions=ASKS)


@pytest.fixture
def browser(user):
    browser = Browser()
    browser.force_login(user)
    return browser


@pytest.fixture
def queued(monkeypatch):
    sent = []
    for resource in Resource:
        task = pull_task(resource)
        monkeypatch.setattr(
            task, "delay", lambda *args, name=task.name: sent.append((name, *args))
        )
    return sent


def deed(shop, name="sync-products"):
    return reverse("admin:platforms_shop_act", args=[shop.pk, name])


PULL = "apps.sync.tasks.pull_products"


def test_the_button_starts_a_pull_of_products_alone(shop, browser, queued):
    page = browser.post(deed(shop), follow=True).content.decode()

    assert queued == [(PULL, shop.pk, "user")]
    assert "products sync started" in page
    entry = AuditEntry.objects.get(verb="started a sync")
    assert entry.details["resource"] == "products"


def test_a_pull_of_orders_does_not_keep_products_waiting(shop, browser, queued):
    make_run(shop, state=SyncRun.State.RUNNING, ended_at=None)

    browser.post(deed(shop))
    assert len(queued) == 1

    make_run(
        shop, resource=Resource.PRODUCTS, state=SyncRun.State.RUNNING, ended_at=None
    )
    page = browser.post(deed(shop), follow=True).content.decode()
    assert len(queued) == 1
    assert "products sync running since" in page


def test_a_queue_that_is_away_names_the_command(shop, browser, monkeypatch):
    def away(*args):
        raise OperationalError

    monkeypatch.setattr(pull_products, "delay", away)

    assert "sync_products" in browser.post(deed(shop), follow=True).content.decode()
    assert not AuditEntry.objects.filter(verb="started a sync").exists()


def test_who_may_not_sync_may_not_sync_products(shop, queued):
    browser = Browser()
    browser.force_login(
        make_user(clients=[shop.client], permissions=["view_analytics"])
    )

    assert browser.post(deed(shop)).status_code == 403
    assert queued == []


def test_a_program_says_which_resource(shop, user, queued):
    caller = Caller(user)

    answers = [
        caller.post(f"shops/{shop.pk}/sync/", body)
        for body in ({}, {"resource": "orders"}, {"resource": "products"})
    ]

    assert [answer.status_code for answer in answers] == [202] * 3
    assert [name.rpartition("_")[2] for name, *_ in queued] == [
        "orders",
        "orders",
        "products",
    ]
    refused = caller.post(f"shops/{shop.pk}/sync/", {"resource": "weather"})
    assert refused.status_code == 400


def test_stock_is_compared_as_it_is_now(shop, user, queued):
    caller = Caller(user)
    period = {"since": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"}

    refused = caller.post(f"shops/{shop.pk}/sync/", {"resource": "stock"} | period)
    taken = caller.post(f"shops/{shop.pk}/sync/", {"resource": "stock"})

    assert (refused.status_code, taken.status_code) == (400, 202)
    assert "it has no period" in refused.content.decode()
    assert queued == [("apps.sync.tasks.compare_stock", shop.pk, "user")]
    with pytest.raises(ShopRefuses, match="has no period"):
        start_pull(shop, Resource.STOCK, actor=user, since=timezone.now())
    assert len(queued) == 1


def test_the_page_starts_a_comparison_of_stock(shop, browser, queued):
    page = browser.post(deed(shop, "sync-stock"), follow=True).content.decode()

    assert queued == [("apps.sync.tasks.compare_stock", shop.pk, "user")]
    assert "stock sync started" in page


def test_products_are_due_hourly_and_orders_each_quarter_unless_said(shop):
    defaults = {row.resource: row.minutes for row in schedules_of(shop)}
    assert defaults.pop("products") == defaults.pop("stock") == 60
    assert defaults.pop("gaps") == defaults.pop("affiliate") == 24 * 60
    assert defaults.pop("finance") == 12 * 60
    assert set(defaults.values()) == {15}

    for resource in Resource:
        make_run(
            shop, resource=resource, started_at=timezone.now() - timedelta(minutes=20)
        )
    now = timezone.now()
    assert is_due(shop, Resource.ORDERS, now)
    assert not is_due(shop, Resource.PRODUCTS, now)

    SyncSchedule.objects.create(shop=shop, resource=Resource.PRODUCTS, minutes=10)
    assert is_due(shop, Resource.PRODUCTS, now)


def test_the_schedule_of_each_resource_is_set_alone(shop, browser):
    here = reverse("admin:platforms_shop_act", args=[shop.pk, "intervals"])
    page = browser.get(
        reverse("admin:platforms_shop_change", args=[shop.pk]) + "?tab=settings"
    ).content.decode()
    assert 'name="products-minutes" value="60"' in page

    browser.post(
        here,
        {
            "orders-is_on": "on",
            "orders-minutes": "15",
            "products-is_on": "on",
            "products-minutes": "120",
        },
    )

    row = SyncSchedule.objects.get(resource=Resource.PRODUCTS)
    assert (row.is_on, row.minutes) == (True, 120)
    assert not SyncSchedule.objects.filter(resource=Resource.ORDERS).exists()


def test_an_error_of_products_is_not_over_because_orders_came(shop, browser):
    user = make_user(clients=[shop.client], permissions=["manage_settings"])
    browser.force_login(user)
    make_run(
        shop,
        resource=Resource.PRODUCTS,
        state=SyncRun.State.FAILED,
        first_error="No app may show products.",
        started_at=timezone.now() - timedelta(hours=1),
    )
    make_run(shop)

    page = browser.get(reverse("admin:platforms_shop_change", args=[shop.pk]))

    assert "No app may show products." in page.content.decode()
    assert "later runs went on" not in page.content.decode()


# Whoever works on the listings may have them pulled: products, and nothing else.


ROLES = [
    (Role.ADMIN, {"orders", "products", "stock"}),
    (Role.CONTENT_MANAGER, {"products"}),
    (Role.ORDER_FULFILLMENT, {"orders", "products", "stock"}),
    (Role.CREATOR_PARTNER, set()),
    (Role.ANALYST, set()),
    (Role.UNDERWRITER, set()),
]
BUTTONS = {"orders": "sync", "products": "sync-products"}
DEEDS = BUTTONS | {"stock": "sync-stock"}


@pytest.mark.parametrize(("role", "may"), ROLES)
def test_each_role_starts_what_it_works_on_from_the_page(shop, queued, role, may):
    browser = Browser()
    browser.force_login(make_user(clients=[shop.client], role=role))

    for resource, name in DEEDS.items():
        queued.clear()
        reply = browser.post(deed(shop, name))
        assert (reply.status_code == 302) is (resource in may), resource
        assert reply.status_code in (302, 403, 404)
        assert bool(queued) is (resource in may)


@pytest.mark.parametrize(("role", "may"), ROLES)
def test_each_role_starts_what_it_works_on_by_program(shop, queued, role, may):
    caller = Caller(make_user(clients=[shop.client], role=role))

    for resource in Resource:
        queued.clear()
        reply = caller.post(f"shops/{shop.pk}/sync/", {"resource": resource.value})
        is_of_orders = resource in (*OF_ORDERS, Resource.GAPS)
        is_allowed = ("orders" if is_of_orders else resource.value) in may
        assert (reply.status_code == 202) is is_allowed, resource
        assert reply.status_code in (202, 403, 404)
        assert bool(queued) is is_allowed


@pytest.mark.parametrize(("role", "may"), ROLES)
def test_the_page_offers_what_may_be_started(shop, role, may):
    browser = Browser()
    browser.force_login(make_user(clients=[shop.client], role=role))
    page = browser.get(reverse("admin:platforms_shop_change", args=[shop.pk]))

    for resource, name in BUTTONS.items():
        assert (f'"{deed(shop, name)}"' in page.content.decode()) is (resource in may)


def test_the_role_counts_at_the_shop(shop, queued):
    user = make_user(clients=[shop.client], role=Role.ANALYST)
    here = make_shop(shop.client)
    give_role(user.memberships.get(), here, Role.CONTENT_MANAGER)
    caller = Caller(user)

    answers = [
        caller.post(f"shops/{pk}/sync/", {"resource": "products"}).status_code
        for pk in (shop.pk, here.pk, make_shop().pk)
    ]

    assert answers == [403, 202, 404]
    assert queued == [(PULL, here.pk, "user")]


def test_who_keeps_listings_may_have_a_period_of_products_but_none_of_orders(
    shop, queued
):
    caller = Caller(make_user(clients=[shop.client], role=Role.CONTENT_MANAGER))
    period = {"since": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"}

    refused = caller.post(f"shops/{shop.pk}/sync/", period)
    taken = caller.post(f"shops/{shop.pk}/sync/", {"resource": "products"} | period)

    assert (refused.status_code, taken.status_code) == (403, 202)
    assert len(queued) == 1
