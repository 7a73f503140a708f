"""The pull against a platform we can make behave badly."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.utils import timezone

from apps.integrations.contracts import RemoteOrder
from apps.integrations.errors import (
    ConsentNeeded,
    MalformedReply,
    PlatformUnavailable,
)
from apps.orders.models import Order, OrderPayload
from apps.platforms.errors import ReconnectNeeded
from apps.platforms.models import Shop
from apps.sync.models import Resource, SyncCursor, SyncIssue, SyncRun
from apps.sync.services.orders import pull_orders
from apps.sync.services.runs import close_dead_runs
from tests.factories.platforms import make_authorization, make_shop
from tests.sync.fakes import FakePlatform, make_remote_order

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
def shop() -> Shop:
    return make_shop()


@pytest.fixture
def now() -> datetime:
    return timezone.now().replace(microsecond=0)


def pull(shop: Shop, platform: Any, **options) -> SyncRun:
    return pull_orders(
        shop, trigger=SyncRun.Trigger.COMMAND, client=platform, **options
    )


def orders_at(*moments: datetime) -> list[RemoteOrder]:
    return [make_remote_order(f"O{n}", at) for n, at in enumerate(moments)]


def stored_ids() -> set[str]:
    return set(Order.objects.values_list("remote_id", flat=True))


def cursor_of(shop: Shop) -> datetime | None:
    row = SyncCursor.objects.filter(shop=shop).first()
    return row.position if row else None


def fail_at(page: int) -> Callable[[int], None]:
    def before_page(number: int) -> None:
        if number == page:
            raise PlatformUnavailable("TikTok did not answer.")

    return before_page


def test_the_first_pull_asks_for_90_days_in_windows_without_gap_or_overlap(shop, now):
    platform = FakePlatform(orders_at(now - 89 * DAY, now - 30 * DAY, now - DAY))

    run = pull(shop, platform, until=now)

    assert platform.asked[0][0] == now - 90 * DAY
    assert platform.asked[-1][1] == now
    assert all(one[1] == two[0] for one, two in pairwise(platform.asked))
    assert all(until - since <= 7 * DAY for since, until in platform.asked)
    assert (run.since, run.until) == (now - 90 * DAY, now)
    assert stored_ids() == {"O0", "O1", "O2"}
    assert cursor_of(shop) == now


def test_the_second_pull_looks_back_a_little_and_changes_nothing(shop, now):
    platform = FakePlatform(orders_at(now - 2 * DAY, now - 5 * MINUTE))
    pull(shop, platform, until=now)
    before = list(Order.objects.values()) + list(OrderPayload.objects.values())
    platform.asked.clear()

    run = pull(shop, platform)

    assert platform.asked == [(now - 10 * MINUTE, run.until)]
    assert (run.read, run.new, run.updated, run.same, run.failed) == (1, 0, 0, 1, 0)
    assert list(Order.objects.values()) + list(OrderPayload.objects.values()) == before


def test_a_run_records_its_counts_and_how_long_it_took(shop, now):
    platform = FakePlatform(orders_at(*(now - n * MINUTE for n in range(1, 6))))
    pull(shop, platform, until=now)
    platform.move_on("O0", now - 30 * timedelta(seconds=1))

    run = pull(shop, platform)

    run.refresh_from_db()
    assert run.state == SyncRun.State.DONE
    assert (run.expected, run.read, run.pages) == (5, 5, 3)
    assert (run.new, run.updated, run.same, run.failed) == (0, 1, 4, 0)
    assert run.ended_at is not None
    assert 0 <= run.seconds < 30
    assert run.first_error == ""
    assert run.process


def test_an_empty_shop_is_a_run_like_any_other(shop, now):
    run = pull(shop, FakePlatform([]), until=now)

    assert (run.state, run.read, run.expected) == (SyncRun.State.DONE, 0, 0)
    assert cursor_of(shop) == now


def test_a_platform_that_does_not_count_is_believed(shop, now):
    platform = FakePlatform(orders_at(now - DAY, now - MINUTE), counts_pages=False)

    run = pull(shop, platform, until=now)

    assert (run.read, run.expected) == (2, None)


def test_a_failure_keeps_the_pages_before_it_and_the_next_pull_goes_on(shop, now):
    moments = [now - timedelta(hours=n) for n in range(12, 0, -1)]
    platform = FakePlatform(orders_at(*moments))
    since = now - DAY
    SyncCursor.objects.create(shop=shop, resource=Resource.ORDERS, position=since)
    platform.before_page = fail_at(4)

    with pytest.raises(PlatformUnavailable):
        pull(shop, platform, until=now)

    assert stored_ids() == {f"O{n}" for n in range(6)}
    assert cursor_of(shop) == moments[5]
    run = SyncRun.objects.get()
    assert (run.state, run.read, run.pages) == (SyncRun.State.FAILED, 6, 3)
    assert run.first_error == "TikTok did not answer."
    assert not run.needs_person

    platform.before_page = lambda number: None
    again = pull(shop, platform, until=now)

    assert again.since == moments[5] - 10 * MINUTE
    assert (again.new, again.same) == (6, 1)
    assert Order.objects.count() == 12


@pytest.mark.parametrize("seed", range(12))
def test_wherever_a_pull_fails_the_cursor_is_never_ahead_of_the_rows(shop, now, seed):
    rolls = random.Random(seed)
    span = 20 * 24 * 60
    moments = [now - rolls.randrange(1, span) * MINUTE for _ in range(25)]
    moments += [rolls.choice(moments) for _ in range(10)]
    platform = FakePlatform(orders_at(*moments), page_size=rolls.randrange(1, 6))
    fails_left = 4

    def before_page(number: int) -> None:
        nonlocal fails_left
        if fails_left and rolls.random() < 0.15:
            fails_left -= 1
            raise PlatformUnavailable("TikTok did not answer.")

    platform.before_page = before_page
    while True:
        try:
            pull(shop, platform, until=now)
        except PlatformUnavailable:
            position = cursor_of(shop)
            if position is not None:
                older = {
                    o.remote_id
                    for o in platform.orders
                    if o.updated_at and o.updated_at < position
                }
                assert older <= stored_ids()
        else:
            break

    assert stored_ids() == {o.remote_id for o in platform.orders}
    assert Order.objects.count() == len(platform.orders)


def test_equal_update_times_across_a_page_edge_lose_nothing(shop, now):
    same = now - timedelta(hours=3)
    platform = FakePlatform(orders_at(*[same] * 5, now - MINUTE))
    SyncCursor.objects.create(shop=shop, resource=Resource.ORDERS, position=now - DAY)
    platform.before_page = fail_at(2)
    with pytest.raises(PlatformUnavailable):
        pull(shop, platform, until=now)
    assert cursor_of(shop) == same
    platform.before_page = lambda number: None

    pull(shop, platform, until=now)

    assert Order.objects.count() == 6


def test_pages_that_shift_under_us_are_walked_again(shop, now):
    platform = FakePlatform(
        orders_at(*(now - timedelta(hours=n) for n in range(6, 0, -1)))
    )
    SyncCursor.objects.create(shop=shop, resource=Resource.ORDERS, position=now - DAY)

    def before_page(number: int) -> None:
        if number == 2:  # all later rows move up one place, over the page's edge
            platform.move_on("O0", now + MINUTE)

    platform.before_page = before_page
    run = pull(shop, platform, until=now)

    assert stored_ids() == {f"O{n}" for n in range(6)}
    assert run.pages == 6
    assert Order.objects.count() == 6


def test_a_pull_that_dies_after_pages_shifted_hides_nothing_behind_its_cursor(
    shop, now
):
    platform = FakePlatform(
        orders_at(*(now - timedelta(hours=n) for n in range(8, 0, -1)))
    )
    SyncCursor.objects.create(shop=shop, resource=Resource.ORDERS, position=now - DAY)

    def before_page(number: int) -> None:
        if number == 2:
            platform.move_on("O0", now + MINUTE)
        if number == 3:
            raise PlatformUnavailable("TikTok did not answer.")

    platform.before_page = before_page
    with pytest.raises(PlatformUnavailable):
        pull(shop, platform, until=now)
    assert "O2" not in stored_ids()
    platform.before_page = lambda number: None

    pull(shop, platform, until=now)

    assert stored_ids() == {f"O{n}" for n in range(8)}


def test_orders_the_platform_counts_but_never_shows_do_not_pass_in_silence(shop, now):
    platform = FakePlatform(orders_at(*(now - n * MINUTE for n in range(1, 6))))
    whole = platform.search_orders

    def search(since, until, *, page_token=""):
        page = whole(since, until, page_token=page_token)
        return replace(page, total_count=(page.total_count or 0) + 3)

    platform.search_orders = search  # type: ignore[method-assign]

    run = pull(shop, platform, until=now, since=now - DAY)

    assert run.state == SyncRun.State.PARTLY
    assert "counts 8" in SyncIssue.objects.get().message
    assert Order.objects.count() == 5


def test_rows_that_cannot_be_read_are_noted_once_and_do_not_stop_the_rest(shop, now):
    moments = [now - timedelta(hours=n) for n in range(6, 0, -1)]
    platform = FakePlatform(orders_at(*moments), unreadable=frozenset({"O0", "O3"}))
    SyncCursor.objects.create(shop=shop, resource=Resource.ORDERS, position=now - DAY)

    run = pull(shop, platform, until=now)

    assert run.state == SyncRun.State.PARTLY
    assert (run.read, run.new, run.failed, run.pages) == (6, 4, 2, 3)
    assert run.first_error == "O0: no total"
    issues = SyncIssue.objects.values_list("remote_id", "message")
    assert list(issues) == [("O0", "no total"), ("O3", "no total")]
    assert stored_ids() == {"O1", "O2", "O4", "O5"}
    assert cursor_of(shop) == now


def test_an_order_we_cannot_keep_is_noted_with_its_reason(shop, now):
    good, bad = orders_at(now - 2 * MINUTE, now - MINUTE)
    platform = FakePlatform([good, replace(bad, currency="")])

    run = pull(shop, platform, until=now)

    assert run.state == SyncRun.State.PARTLY
    assert (run.new, run.failed) == (1, 1)
    assert SyncIssue.objects.get().remote_id == "O1"
    assert stored_ids() == {"O0"}


def test_a_limit_stops_there_once_and_the_next_pull_goes_on(shop, now):
    platform = FakePlatform(
        orders_at(*(now - timedelta(hours=n) for n in range(10, 0, -1)))
    )
    SyncCursor.objects.create(shop=shop, resource=Resource.ORDERS, position=now - DAY)

    run = pull(shop, platform, until=now, limit=4)

    assert (run.read, run.pages, run.new) == (4, 2, 4)
    assert cursor_of(shop) == now - timedelta(hours=7)
    pull(shop, platform, until=now)
    assert Order.objects.count() == 10


def test_a_dry_run_counts_and_writes_nothing(shop, now):
    platform = FakePlatform(orders_at(now - DAY, now - MINUTE))

    run = pull(shop, platform, until=now, dry_run=True)

    assert (run.state, run.new, run.read) == (SyncRun.State.DONE, 2, 2)
    assert not Order.objects.exists()
    assert cursor_of(shop) is None


def test_an_asked_for_period_with_a_gap_behind_the_cursor_does_not_hide_it(shop, now):
    platform = FakePlatform(orders_at(now - 20 * DAY, now - 5 * DAY, now - MINUTE))
    old = now - 30 * DAY
    SyncCursor.objects.create(shop=shop, resource=Resource.ORDERS, position=old)

    pull(shop, platform, since=now - DAY, until=now)

    assert stored_ids() == {"O2"}
    assert cursor_of(shop) == old
    pull(shop, platform, until=now)
    assert stored_ids() == {"O0", "O1", "O2"}
    assert cursor_of(shop) == now


def test_a_first_pull_of_a_few_days_leaves_the_90_days_to_come(shop, now):
    platform = FakePlatform(orders_at(now - 80 * DAY, now - MINUTE))

    pull(shop, platform, since=now - 2 * DAY, until=now)
    assert stored_ids() == {"O1"}
    pull(shop, platform, until=now)

    assert stored_ids() == {"O0", "O1"}


def test_a_period_that_joins_the_cursor_moves_it(shop, now):
    SyncCursor.objects.create(shop=shop, resource=Resource.ORDERS, position=now - DAY)
    platform = FakePlatform(orders_at(now - MINUTE))

    pull(shop, platform, since=now - 2 * DAY, until=now)

    assert cursor_of(shop) == now


def test_an_old_period_never_moves_the_cursor_back(shop, now):
    SyncCursor.objects.create(shop=shop, resource=Resource.ORDERS, position=now)

    pull(shop, FakePlatform([]), since=now - 9 * DAY, until=now - 8 * DAY)

    assert cursor_of(shop) == now


def test_a_period_that_ends_in_the_future_does_not_hide_what_is_to_come(shop, now):
    SyncCursor.objects.create(shop=shop, resource=Resource.ORDERS, position=now - DAY)

    run = pull(
        shop, FakePlatform([]), since=now - 2 * DAY, until=now + timedelta(days=365)
    )

    position = cursor_of(shop)
    assert position is not None
    assert position <= timezone.now()
    assert run.until is not None
    assert run.until <= timezone.now()


def test_pages_out_of_order_move_the_cursor_only_at_the_end(shop, now):
    platform = FakePlatform(orders_at(now - 3 * MINUTE, now - 2 * MINUTE, now - MINUTE))
    whole = platform.search_orders

    def search(since, until, *, page_token=""):
        page = whole(since, until, page_token=page_token)
        return replace(page, orders=page.orders[::-1])

    platform.search_orders = search  # type: ignore[method-assign]
    SyncCursor.objects.create(shop=shop, resource=Resource.ORDERS, position=now - DAY)
    platform.before_page = fail_at(2)

    with pytest.raises(PlatformUnavailable):
        pull(shop, platform, until=now)

    assert cursor_of(shop) == now - DAY


def test_a_page_that_leads_back_to_itself_is_an_error_not_a_circle(shop, now):
    platform = FakePlatform(orders_at(*(now - n * MINUTE for n in range(1, 6))))
    whole = platform.search_orders

    def search(since, until, *, page_token=""):
        assert platform.pages < 50
        page = whole(since, until, page_token=page_token)
        return replace(page, next_page_token="2")

    platform.search_orders = search  # type: ignore[method-assign]

    with pytest.raises(MalformedReply, match="page"):
        pull(shop, platform, since=now - DAY, until=now)

    assert SyncRun.objects.get().state == SyncRun.State.FAILED


@pytest.mark.parametrize(
    "error",
    [
        ConsentNeeded("Your token has been deauthorized.", code=105001),
        ReconnectNeeded("Lamps and More: the authorization is over."),
    ],
)
def test_a_shop_whose_consent_is_gone_says_so_and_is_left_alone(shop, now, error):
    make_authorization(shops=[shop])
    platform = FakePlatform(orders_at(now - MINUTE))

    def before_page(number: int) -> None:
        raise error

    platform.before_page = before_page

    with pytest.raises(type(error)):
        pull(shop, platform, until=now)

    shop.refresh_from_db()
    assert shop.state == Shop.State.RECONNECT_NEEDED
    assert shop.state_reason == str(error)
    assert SyncRun.objects.get().needs_person
    assert not Order.objects.exists()


def test_a_run_declared_dead_too_early_goes_on_without_harm(shop, now):
    """A page may take longer than we wait for a sign of life."""
    platform = FakePlatform(orders_at(*(now - n * MINUTE for n in range(1, 5))))
    others: list[SyncRun] = []

    def before_page(number: int) -> None:
        if number == 2:
            SyncRun.objects.update(heartbeat_at=now - timedelta(hours=1))
            close_dead_runs(shop, Resource.ORDERS)
            others.append(
                SyncRun.objects.create(
                    shop=shop, resource=Resource.ORDERS, trigger=SyncRun.Trigger.USER
                )
            )

    platform.before_page = before_page

    run = pull(shop, platform, since=now - DAY, until=now)

    assert Order.objects.count() == 4
    assert run.state == SyncRun.State.DONE
    others[0].refresh_from_db()
    assert others[0].state == SyncRun.State.RUNNING
