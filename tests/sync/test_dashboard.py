"""Is data flowing, and what is stuck: the page, its script's answer, its buttons."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from redis.exceptions import RedisError

from apps.core.processes import process_name
from apps.platforms.models import Shop
from apps.sync import tasks
from apps.sync.models import Resource, SyncCursor, SyncRun, SyncSchedule
from apps.sync.services.standing import State, late_after, standings_of
from apps.sync.services.success import Day, success_by_day
from apps.users.models import AuditEntry
from tests.factories.platforms import make_authorization, make_call, make_shop
from tests.factories.sync import make_run
from tests.factories.users import make_client, make_user
from tests.orders.queries import statements
from tests.platforms.screens_support import notices, signed_in
from tests.sync.queued import noted

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:sync_syncdashboard_changelist")
STATUS = reverse("admin:sync_syncdashboard_status")
START = reverse("admin:sync_syncdashboard_start")


@pytest.fixture(autouse=True)
def no_memory():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def shop(company):
    return make_shop(company, name="Main Store")


@pytest.fixture
def browser(company):
    """Processes orders, and sees no calls."""
    person = make_user("clerk", clients=[company], permissions=["process_orders"])
    return signed_in(person)


@pytest.fixture
def sent(monkeypatch):
    calls: list[Any] = []
    for task in (tasks.pull_orders, tasks.pull_products, tasks.recount_orders):
        for name, send in noted(calls, task.name.rpartition(".")[2]).items():
            monkeypatch.setattr(task, name, send)
    return calls


def ago(**delta):
    return timezone.now() - timedelta(**delta)


def running(shop, **fields):
    values = {
        "state": SyncRun.State.RUNNING,
        "ended_at": None,
        "process": process_name(),
        "heartbeat_at": timezone.now(),
    }
    return make_run(shop, **values | fields)


def asked_by(browser, address):
    """The number of statements of a page."""
    with statements() as found:
        assert browser.get(address).status_code == 200
    return len(found)


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def cells(browser, query=""):
    answer = browser.get(f"{STATUS}{query}").json()
    return {cell["key"]: cell for cell in answer["cells"]}


def states(shop):
    found = standings_of([shop], timezone.now())
    return {resource: found[shop.pk, resource].state for resource in Resource}


# How a cell stands.


def test_a_resource_that_went_well_lately_is_synced(shop):
    make_run(shop, started_at=ago(minutes=20))

    standing = standings_of([shop], timezone.now())[shop.pk, Resource.ORDERS]

    assert standing.state is State.SYNCED
    assert standing.next_at is not None
    assert standing.last_success > ago(minutes=21)


def test_orders_are_late_after_half_an_hour_and_others_after_twice_their_time(shop):
    make_run(shop, started_at=ago(minutes=31))
    make_run(shop, resource=Resource.PRODUCTS, started_at=ago(minutes=119))
    assert states(shop)[Resource.ORDERS] is State.LATE
    assert states(shop)[Resource.PRODUCTS] is State.SYNCED

    SyncRun.objects.filter(resource="products").update(ended_at=ago(minutes=121))

    assert states(shop)[Resource.PRODUCTS] is State.LATE
    assert late_after(1) == timedelta(minutes=30)


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"state": SyncRun.State.FAILED}, State.FAILED),
        ({"state": SyncRun.State.INTERRUPTED}, State.FAILED),
        ({"state": SyncRun.State.PARTLY}, State.SYNCED),
    ],
)
def test_the_last_run_decides(shop, fields, state):
    make_run(shop, started_at=ago(minutes=10))
    make_run(shop, started_at=ago(minutes=5), first_error="Away.", **fields)

    assert states(shop)[Resource.ORDERS] is state


def test_a_stopped_run_is_no_failure(shop):
    make_run(shop, started_at=ago(minutes=10))
    make_run(shop, state=SyncRun.State.INTERRUPTED, stop_asked_at=ago(minutes=1))

    assert states(shop)[Resource.ORDERS] is State.SYNCED


def test_what_waits_or_is_off_says_so(shop):
    SyncSchedule.objects.create(shop=shop, resource=Resource.PRODUCTS, is_on=False)

    found = states(shop)

    assert found[Resource.ORDERS] is State.WAITING
    assert found[Resource.PRODUCTS] is State.OFF
    assert found[Resource.PACKAGES] is State.NOTHING  # no orders are here yet


def test_a_run_whose_process_is_gone_is_not_running(shop):
    running(shop, heartbeat_at=ago(hours=1))

    assert states(shop)[Resource.ORDERS] is not State.RUNNING


# The page.


def test_the_page_shows_cells_runs_and_figures(shop, browser):
    make_authorization(shops=[shop])
    make_run(shop, started_at=ago(minutes=40))
    SyncCursor.objects.create(shop=shop, resource="orders", position=ago(minutes=40))
    running(
        shop,
        resource=Resource.PRODUCTS,
        started_at=ago(seconds=20),
        expected=200,
        read=50,
        new=40,
        pages=5,
    )

    page = text(browser.get(PAGE))

    assert "Products of Main Store (MY) Running" in page
    assert "50 of 200 products · new 40 · page 5 · 1:00 left" in page
    assert "Late" in page
    assert re.search(r"Running since \d\d:\d\d", page)
    assert "100.0 % of 1 runs went well" in page
    assert "Tokens renewed" in page
    # They are not theirs to see.
    assert "Failed calls" not in page


def test_calls_are_shown_to_who_may_see_them(company, shop):
    manager = make_user(
        "manager",
        clients=[company],
        permissions=["manage_credentials", "process_orders"],
    )
    strangers = make_shop(make_client())
    make_call(shop)
    for _ in range(3):
        make_call(shop, code=36009004, message="Busy.", path="/order/search")
    make_call(strangers, code=36009009, message="Not yours.", path="/secret")

    page = text(signed_in(manager).get(PAGE))

    assert "36009004 /order/search Busy. 3" in page
    assert "4 of 50 a second" in page
    assert "Not yours" not in page


def test_nothing_of_others_is_told(shop, browser):
    other = make_shop(make_client(), name="Elsewhere")
    make_run(other)
    run = running(other)

    page = browser.get(PAGE).content.decode()
    status = browser.get(STATUS).json()

    assert "Elsewhere" not in page
    assert status["running"] == []
    assert {cell["key"].partition("-")[0] for cell in status["cells"]} == {str(shop.pk)}
    asked = browser.get(STATUS, {"shop": other.pk}).json()
    assert "Elsewhere" not in str(asked)
    assert browser.post(START, {"cell": f"{other.pk}-orders"}).status_code == 302
    assert SyncRun.objects.count() == 2
    stop = reverse("admin:sync_syncrun_act", args=[run.pk, "stop"])
    browser.post(stop)
    run.refresh_from_db()
    assert run.stop_asked_at is None


def test_who_sees_no_runs_sees_no_page(shop, visitor):
    browser = signed_in(visitor)

    assert browser.get(PAGE).status_code == 403
    assert browser.get(STATUS).status_code == 403
    assert browser.post(START, {"cell": f"{shop.pk}-orders"}).status_code == 403


def test_the_page_and_its_status_ask_as_much_for_many_shops(company, browser):
    def fill(count):
        for _ in range(count):
            shop = make_shop(company)
            make_authorization(shops=[shop])
            make_run(shop)
            running(shop, resource=Resource.PRODUCTS)

    fill(1)
    for address in (PAGE, STATUS):
        browser.get(address)  # the cache of past days is filled
    few = [asked_by(browser, address) for address in (PAGE, STATUS)]
    fill(6)

    assert [asked_by(browser, address) for address in (PAGE, STATUS)] == few


def test_the_status_follows_a_run(shop, browser):
    run = running(shop, started_at=ago(seconds=30), read=10)

    before = browser.get(STATUS).json()
    SyncRun.objects.filter(pk=run.pk).update(read=20, failed=2)
    after = browser.get(STATUS).json()

    assert before["running"][0]["words"] == "10 orders"
    assert after["running"][0]["words"] == "20 orders · failed 2"
    assert after["running"][0]["stop"].endswith(f"/{run.pk}/do/stop/")
    cell = next(c for c in after["cells"] if c["key"] == f"{shop.pk}-orders")
    assert cell["badge"] == "Syncing"
    assert not cell["may_start"]


def test_filters_narrow_the_page_and_survive_a_start(company, shop, browser, sent):
    other = make_shop(company, name="Outlet")

    page = browser.get(PAGE, {"shop": shop.pk}).content.decode()
    assert f'data-cell="{shop.pk}-orders"' in page
    assert f'data-cell="{other.pk}-orders"' not in page

    answer = browser.post(START, {"all": "orders", "shop": shop.pk})

    assert answer.headers["Location"] == f"{PAGE}?shop={shop.pk}"
    assert sent == [("pull_orders", shop.pk, "user")]


def test_an_empty_page_helps(company, browser):
    assert "No shop to sync yet" in text(browser.get(PAGE))

    make_shop(company)

    assert "No sync has run. Start one below." in text(browser.get(PAGE))


# The buttons.


def test_a_cell_is_started_once(shop, browser, sent):
    key = f"{shop.pk}-orders"
    assert cells(browser)[key]["may_start"]

    answer = browser.post(START, {"cell": key}, follow=True)

    assert "Sync of orders of Main Store (MY) started" in notices(answer)
    assert sent == [("pull_orders", shop.pk, "user")]
    assert AuditEntry.objects.get(verb="started a sync").actor_text == "clerk"
    running(shop, started_at=ago(minutes=3))

    answer = browser.post(START, {"cell": key}, follow=True)

    assert "Main Store (MY): orders running since" in notices(answer)
    assert len(sent) == 1


def test_all_shops_are_started_but_those_that_cannot(company, shop, browser, sent):
    second = make_shop(company)
    make_shop(company, state=Shop.State.PAUSED)
    make_shop(make_client())

    answer = browser.post(START, {"all": "products"}, follow=True)

    assert "Sync of products of 2 shops started" in notices(answer)
    assert sent == [
        ("pull_products", shop.pk, "user"),
        ("pull_products", second.pk, "user"),
    ]


def test_who_may_only_look_starts_nothing(company, shop, sent):
    analyst = make_user("analyst", clients=[company], permissions=["view_analytics"])
    browser = signed_in(analyst)

    page = browser.get(PAGE).content.decode()
    browser.post(START, {"cell": f"{shop.pk}-orders"})
    browser.post(START, {"all": "orders"})

    assert 'name="cell"' not in page
    assert 'name="all"' not in page
    assert sent == []


@pytest.mark.parametrize("cell", ["", "x-orders", "1", "-orders", "99999999-orders"])
def test_odd_cells_start_nothing(shop, browser, sent, cell):
    assert browser.post(START, {"cell": cell}).status_code == 302
    assert sent == []


# Success by day.


def test_days_are_counted_by_their_ends_and_remembered(shop):
    now = datetime(2026, 9, 10, 12, tzinfo=UTC)
    other = make_shop()
    for day, state in ((1, "done"), (1, "failed"), (9, "done"), (10, "partly")):
        at = datetime(2026, 9, day, 8, tzinfo=UTC)
        make_run(shop, started_at=at, state=state)
        make_run(other, started_at=at)
    stopped = datetime(2026, 9, 9, 9, tzinfo=UTC)
    make_run(shop, started_at=stopped, state="interrupted", stop_asked_at=stopped)

    days = {day.on.day: day for day in success_by_day([shop.pk], now, days=10)}

    assert (days[1].good, days[1].ended) == (1, 2)
    assert days[5] == Day(days[5].on, 0, 0)
    assert days[5].percent is None
    assert days[9].percent == 100
    assert days[10].percent == 0

    SyncRun.objects.filter(started_at__day=1).delete()
    SyncRun.objects.filter(started_at__day=9).delete()
    again = {day.on.day: day for day in success_by_day([shop.pk], now, days=10)}

    assert again[1] == days[1]
    assert again[9].ended == 0


def test_days_are_counted_where_nothing_can_be_remembered(shop, monkeypatch):
    def away(*told):
        raise RedisError

    monkeypatch.setattr(cache, "get_many", away)
    monkeypatch.setattr(cache, "set_many", away)
    make_run(shop)

    days = success_by_day([shop.pk], timezone.now())
    assert sum(day.ended for day in days) == 1
