"""Orders that appear where a pull has been already."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from apps.orders.models import Order
from apps.platforms.models import Shop
from apps.sync.models import Resource, SyncCursor, SyncRun
from apps.sync.services.orders import pull_orders
from tests.factories.platforms import make_shop
from tests.sync.fakes import FakePlatform, make_remote_order

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def now() -> datetime:
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def shop(now) -> Shop:
    shop = make_shop()
    position = now - timedelta(days=1)
    SyncCursor.objects.create(shop=shop, resource=Resource.ORDERS, position=position)
    return shop


def pull(shop: Shop, platform: FakePlatform, until: datetime) -> SyncRun:
    command = SyncRun.Trigger.COMMAND
    return pull_orders(shop, trigger=command, client=platform, until=until)


def test_an_order_that_appears_late_behind_the_cursor_comes_with_the_next_pull(
    shop, now
):
    platform = FakePlatform([make_remote_order("early", now - MINUTE)])
    pull(shop, platform, now)
    assert SyncCursor.objects.get().position == now
    platform.orders.append(make_remote_order("late", now - 9 * MINUTE))

    pull(shop, platform, now + MINUTE)

    assert set(Order.objects.values_list("remote_id", flat=True)) == {"early", "late"}


def test_an_order_that_comes_on_two_pages_is_one_and_hides_none(shop, now):
    """Somebody's late order pushes all behind it on by one, so that the last of a page
    is the first of the next, and itself was on the page before."""
    moments = {f"O{n}": now - (6 - n) * HOUR for n in range(6)}
    platform = FakePlatform([make_remote_order(*each) for each in moments.items()])

    def before_page(number: int) -> None:
        if number == 2:
            late = make_remote_order("late", now - 10 * HOUR)
            platform.orders.append(late)

    platform.before_page = before_page

    run = pull(shop, platform, now)

    stored = Order.objects.values_list("remote_id", flat=True)
    assert sorted(stored) == sorted([*moments, "late"])
    assert (run.new, run.failed) == (7, 0)
