"""Orders by when they were placed: a period, or all there ever were."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.integrations.errors import PlatformUnavailable
from apps.orders.models import Order
from apps.platforms.models import Shop
from apps.sync.models import Resource, SyncCursor, SyncRun
from apps.sync.services.orders import pull_orders
from apps.sync.services.placed_orders import SHOP_START, pull_placed_orders
from tests.factories.platforms import make_shop
from tests.sync.fakes import FakePlatform, make_remote_order

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = datetime(2026, 9, 20, 10, tzinfo=UTC)


@pytest.fixture
def shop() -> Shop:
    return make_shop()


def placed(*moments: datetime) -> list[Any]:
    """Order O0, O1 … placed then, and changed an hour later."""
    return [make_remote_order(f"O{n}", at + HOUR) for n, at in enumerate(moments)]


def pull(shop: Shop, platform: Any, **options: Any) -> SyncRun:
    trigger = SyncRun.Trigger.COMMAND
    run = pull_placed_orders(shop, trigger=trigger, client=platform, **options)
    run.refresh_from_db()
    return run


def stored_ids() -> set[str]:
    return set(Order.objects.values_list("remote_id", flat=True))


def fail_at(page: int) -> Any:
    def before_page(number: int) -> None:
        if number == page:
            raise PlatformUnavailable("TikTok did not answer.")

    return before_page


def test_a_period_is_compared_by_placing_and_the_news_keep_their_place(shop):
    moments = (NOW - 40 * DAY, NOW - 30 * DAY, NOW - 29 * DAY, NOW - DAY)
    platform = FakePlatform(placed(*moments))

    run = pull(shop, platform, since=NOW - 31 * DAY, until=NOW - 2 * DAY)

    assert stored_ids() == {"O1", "O2"}
    assert (run.basis, run.state) == (SyncRun.Basis.PLACED, SyncRun.State.DONE)
    assert (run.expected, run.read, run.new) == (2, 2, 2)
    assert not SyncCursor.objects.exists()

    again = pull(shop, platform, since=NOW - 31 * DAY, until=NOW - 2 * DAY)
    assert (again.read, again.same, again.updated) == (2, 2, 0)


def test_all_there_ever_was_is_found_without_walking_through_empty_years(shop):
    moments = (NOW - 2_000 * DAY, NOW - 1_000 * DAY, NOW - 999 * DAY, NOW - 5 * DAY)
    platform = FakePlatform(placed(*moments))

    run = pull(shop, platform, until=NOW)

    assert stored_ids() == {"O0", "O1", "O2", "O3"}
    assert (run.since, run.expected, run.read) == (SHOP_START, 4, 4)
    assert platform.pages < 12


def test_what_broke_off_goes_on_where_it_was(shop):
    moments = [NOW - 20 * DAY + n * HOUR for n in range(20)]
    platform = FakePlatform(placed(*moments))
    platform.before_page = fail_at(6)
    since = NOW - 30 * DAY
    with pytest.raises(PlatformUnavailable):
        pull(shop, platform, since=since, until=NOW)
    broken = SyncRun.objects.get()
    assert (broken.state, broken.read) == (SyncRun.State.FAILED, 8)
    assert broken.reached_at == moments[7]
    platform.before_page = lambda number: None
    platform.asked.clear()

    run = pull(shop, platform, since=since, until=NOW)

    assert platform.asked[0] == (moments[7], NOW)
    assert (run.expected, run.read, run.new, run.same) == (13, 13, 12, 1)
    assert len(stored_ids()) == 20


def test_another_period_and_one_that_ended_begin_at_their_beginning(shop):
    platform = FakePlatform(placed(*[NOW - DAY + n * HOUR for n in range(6)]))
    platform.before_page = fail_at(4)
    with pytest.raises(PlatformUnavailable):
        pull(shop, platform, since=NOW - 3 * DAY, until=NOW)
    platform.before_page = lambda number: None

    assert pull(shop, platform, since=NOW - 2 * DAY, until=NOW).read == 6
    assert pull(shop, platform, since=NOW - 2 * DAY, until=NOW).read == 6


def test_how_far_it_has_come_is_never_ahead_of_the_rows(shop, monkeypatch):
    platform = FakePlatform(placed(*[NOW - DAY + n * HOUR for n in range(6)]))
    saves = iter(range(100))
    whole = SyncRun.save

    def save(self: SyncRun, *args: Any, **options: Any) -> None:
        if self.pages == 2 and next(saves) == 0:
            raise ZeroDivisionError("a bug, after the page was noted")
        whole(self, *args, **options)

    monkeypatch.setattr(SyncRun, "save", save)
    with pytest.raises(ZeroDivisionError):
        pull(shop, platform, since=NOW - 3 * DAY, until=NOW)

    run = SyncRun.objects.get()
    assert len(stored_ids()) == 2
    assert run.reached_at == NOW - DAY + HOUR


def test_it_runs_beside_the_pull_of_news(shop):
    platform = FakePlatform(placed(NOW - DAY))
    news: list[SyncRun] = []

    def before_page(number: int) -> None:
        if number == 2:
            command = SyncRun.Trigger.COMMAND
            other = FakePlatform(platform.orders)
            news.append(pull_orders(shop, trigger=command, client=other, until=NOW))

    platform.before_page = before_page

    run = pull(shop, platform, since=NOW - 3 * DAY, until=NOW)

    assert [each.state for each in (*news, run)] == [SyncRun.State.DONE] * 2
    assert SyncCursor.objects.get().resource == Resource.ORDERS


def test_a_limit_a_dry_run_and_an_empty_shop(shop):
    platform = FakePlatform(placed(*[NOW - DAY + n * HOUR for n in range(6)]))

    assert pull(shop, platform, until=NOW, dry_run=True).new == 6
    assert not stored_ids()
    assert pull(shop, platform, until=NOW, limit=2).read == 2
    empty = pull(make_shop(), FakePlatform([]), until=timezone.now())
    assert (empty.state, empty.read, empty.expected) == (SyncRun.State.DONE, 0, 0)
