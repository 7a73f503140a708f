"""Packages, cancellations and returns: pulled as orders are, with their orders."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.integrations.errors import (
    ConsentNeeded,
    MalformedReply,
    PlatformUnavailable,
    ScopeMissing,
)
from apps.orders.models import Cancellation, Order, Package, Return
from apps.platforms.errors import ReconnectNeeded
from apps.platforms.models import Shop
from apps.sync.models import Resource, SyncCursor, SyncRun
from apps.sync.services.aftersales import pull_cancellations, pull_returns
from apps.sync.services.orders import pull_orders
from apps.sync.services.packages import pull_packages
from tests.factories.aftersales import (
    make_remote_cancellation,
    make_remote_package,
    make_remote_return,
)
from tests.factories.platforms import make_authorization, make_shop
from tests.sync.fakes import FakePlatform, make_remote_order

pytestmark = pytest.mark.django_db

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SORTS: dict[Resource, Any] = {
    Resource.PACKAGES: (pull_packages, Package, "packages"),
    Resource.CANCELLATIONS: (pull_cancellations, Cancellation, "cancellations"),
    Resource.RETURNS: (pull_returns, Return, "returns"),
}
each_sort = pytest.mark.parametrize("resource", SORTS)


@pytest.fixture
def shop() -> Shop:
    return make_shop()


@pytest.fixture
def now() -> datetime:
    return timezone.now().replace(microsecond=0)


def item(resource: Resource, number: int, at: datetime, order_id: str = "O1") -> Any:
    remote_id = f"R{number:03}"
    if resource == Resource.PACKAGES:
        return make_remote_package(remote_id, order_ids=(order_id,), updated_at=at)
    if resource == Resource.CANCELLATIONS:
        return make_remote_cancellation(remote_id, order_id=order_id, updated_at=at)
    return make_remote_return(remote_id, order_id=order_id, updated_at=at)


def platform_with(resource: Resource, *items: Any, orders: Any = ()) -> Any:
    platform = FakePlatform(list(orders))
    setattr(platform, SORTS[resource][2], list(items))
    return platform


def pull(resource: Resource, shop: Shop, platform: Any, **options: Any) -> SyncRun:
    trigger = SyncRun.Trigger.COMMAND
    run: SyncRun = SORTS[resource][0](shop, trigger=trigger, client=platform, **options)
    return run


def stored(resource: Resource) -> set[str]:
    return set(SORTS[resource][1].objects.values_list("remote_id", flat=True))


def cursors() -> dict[str, datetime]:
    return dict(SyncCursor.objects.values_list("resource", "position"))


@each_sort
def test_the_first_pull_goes_90_days_back_and_the_next_looks_back_a_little(
    shop, now, resource
):
    items = [item(resource, n, now - n * DAY) for n in (89, 30, 2, 1)]
    platform = platform_with(resource, *items)

    run = pull(resource, shop, platform, until=now)

    assert platform.asked[0][0] == now - 90 * DAY
    assert (run.resource, run.read, run.new, run.expected) == (resource, 4, 4, 4)
    assert run.state == SyncRun.State.DONE
    assert stored(resource) == {"R089", "R030", "R002", "R001"}
    assert cursors() == {resource.value: now}

    platform.asked.clear()
    again = pull(resource, shop, platform)
    assert [since for since, _ in platform.asked] == [now - 10 * MINUTE]
    assert (again.read, again.new, again.updated) == (0, 0, 0)


@each_sort
def test_wherever_a_pull_breaks_off_the_next_goes_on_there(shop, now, resource):
    items = [item(resource, n, now - n * timedelta(hours=1)) for n in range(1, 8)]
    platform = platform_with(resource, *items)
    start = now - DAY
    SyncCursor.objects.create(shop=shop, resource=resource, position=start)

    def before_page(number: int) -> None:
        if number == 3:
            raise PlatformUnavailable("TikTok did not answer.")

    platform.before_page = before_page
    with pytest.raises(PlatformUnavailable):
        pull(resource, shop, platform, until=now)
    assert len(stored(resource)) == 4
    assert cursors()[resource.value] == items[3].updated_at

    platform.before_page = lambda number: None
    run = pull(resource, shop, platform, until=now)

    assert run.since == items[3].updated_at - 10 * MINUTE
    assert len(stored(resource)) == 7


@each_sort
def test_orders_that_are_not_here_yet_are_brought_along(shop, now, resource):
    orders = [make_remote_order(f"O{n}", now - 200 * DAY) for n in (1, 2, 3)]
    items = [item(resource, n, now - n * MINUTE, f"O{n}") for n in (1, 2, 3)]
    items.append(item(resource, 4, now - 4 * MINUTE, "nobody's"))
    platform = platform_with(resource, *items, orders=orders)
    pull_some = {"since": now - DAY, "until": now}

    run = pull(resource, shop, platform, **pull_some)

    assert set(Order.objects.values_list("remote_id", flat=True)) == {"O1", "O2", "O3"}
    assert platform.asked_ids == [("O3", "nobody's"), ("O1", "O2")]
    assert (run.read, run.new, run.failed) == (4, 4, 0)
    if resource == Resource.PACKAGES:
        waiting = Package.objects.filter(orders__isnull=True)
    else:
        waiting = SORTS[resource][1].objects.filter(order__isnull=True)
    assert [row.remote_id for row in waiting] == ["R004"]


@each_sort
def test_a_dry_run_writes_nothing_and_brings_nothing(shop, now, resource):
    platform = platform_with(
        resource, item(resource, 1, now - MINUTE), orders=[make_remote_order("O1", now)]
    )

    run = pull(resource, shop, platform, dry_run=True, until=now)

    assert (run.read, run.new) == (1, 1)
    assert not stored(resource)
    assert not Order.objects.exists()
    assert not cursors()


def test_an_order_that_cannot_be_read_is_named_and_its_return_waits(shop, now):
    platform = platform_with(Resource.RETURNS, item(Resource.RETURNS, 1, now - MINUTE))

    def get_orders(remote_ids: list[str]) -> list[Any]:
        raise MalformedReply("Order O1 cannot be read: no total.")

    platform.get_orders = get_orders

    run = pull(Resource.RETURNS, shop, platform, until=now)

    assert run.state == SyncRun.State.PARTLY
    assert run.first_error == "Order O1 cannot be read: no total."
    assert Return.objects.get().order is None


@each_sort
def test_a_permission_that_one_resource_lacks_stops_nothing_else(shop, now, resource):
    make_authorization(shops=[shop])
    platform = platform_with(resource, orders=[make_remote_order("O1", now - MINUTE)])
    fails = True

    def before_page(number: int) -> None:
        if fails:
            raise ScopeMissing("Access denied.", code=105005)

    platform.before_page = before_page
    with pytest.raises(ScopeMissing):
        pull(resource, shop, platform, until=now)

    run = SyncRun.objects.get()
    assert (run.state, run.needs_person) == (SyncRun.State.FAILED, True)
    shop.refresh_from_db()
    assert shop.state == Shop.State.CONNECTED
    fails = False
    pull_orders(shop, trigger=SyncRun.Trigger.COMMAND, client=platform, until=now)
    assert Order.objects.count() == 1


def test_a_consent_that_is_gone_stops_the_shop_whoever_finds_it(shop, now):
    make_authorization(shops=[shop])
    platform = platform_with(Resource.RETURNS)

    def before_page(number: int) -> None:
        raise ConsentNeeded("Your token has been deauthorized.", code=105001)

    platform.before_page = before_page

    with pytest.raises(ConsentNeeded):
        pull(Resource.RETURNS, shop, platform, until=now)

    shop.refresh_from_db()
    assert shop.state == Shop.State.RECONNECT_NEEDED


def test_where_no_app_may_read_packages_the_run_says_which_would(shop):
    make_authorization(shops=[shop], scopes=["seller.order.info"])

    with pytest.raises(ReconnectNeeded, match="packages and labels"):
        pull_packages(shop, trigger=SyncRun.Trigger.SCHEDULE)

    run = SyncRun.objects.get()
    assert run.needs_person
    assert "seller.fulfillment.basic" in run.first_error
    shop.refresh_from_db()
    assert shop.state == Shop.State.CONNECTED
