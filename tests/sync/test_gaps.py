"""Recounts against a platform we can make forget, change and hide orders."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from apps.integrations.contracts import OrderStatus, RemoteOrder, Source
from apps.integrations.errors import PlatformUnavailable
from apps.orders.models import Order, ShopOrderSettings
from apps.orders.services.ingest import ingest_orders
from apps.platforms.models import Shop
from apps.sync.errors import AlreadyRunning
from apps.sync.models import Resource, SyncCursor, SyncGap, SyncGapOrder, SyncRun
from apps.sync.services.due import is_due, next_pull
from apps.sync.services.gaps.day_count import days_of, last_days
from apps.sync.services.gaps.leaving import leave
from apps.sync.services.gaps.recount import recount
from apps.users.services.audit import By
from tests.factories.platforms import make_shop
from tests.factories.sync import make_run
from tests.sync.fakes import FakePlatform, changed, make_remote_order

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
# In Kuala Lumpur it is four in the morning of the tenth.
NOW = datetime(2026, 3, 9, 20, 0, tzinfo=UTC)
NINTH = datetime(2026, 3, 8, 16, 0, tzinfo=UTC)  # begins there
Kind = SyncGapOrder.Kind


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def shop() -> Shop:
    return make_shop(time_zone="Asia/Kuala_Lumpur")


def order_of(name: str, placed_at: datetime, **values: Any) -> RemoteOrder:
    order = make_remote_order(name, placed_at + HOUR)
    return replace(order, **{"total_amount": Decimal(40)} | values)


def three_orders() -> list[RemoteOrder]:
    return [order_of(f"O{n}", NINTH + n * HOUR) for n in range(3)]


def store(shop: Shop, *orders: RemoteOrder, source: Source = Source.API) -> None:
    """Before the recount begins."""
    with time_machine.travel(NOW - HOUR, tick=False):
        ingest_orders(shop, orders, source)


def count(shop: Shop, platform: Any, **options: Any) -> SyncRun:
    return recount(shop, trigger=SyncRun.Trigger.SCHEDULE, client=platform, **options)


def listed(gap: SyncGap) -> list[tuple[str, str]]:
    return [(row.remote_id, row.kind) for row in gap.orders.all()]


def stored_ids() -> set[str]:
    return set(Order.objects.values_list("remote_id", flat=True))


def test_days_follow_the_shops_clock():
    berlin = make_shop(time_zone="Europe/Berlin")
    since, until = last_days(berlin, 2, datetime(2026, 3, 30, 5, tzinfo=UTC))

    days = list(days_of(berlin, since, until))

    assert [each.day for each in days] == [date(2026, 3, 28), date(2026, 3, 29)]
    # The clocks went forward on the 29th.
    assert [each.until - each.since for each in days] == [24 * HOUR, 23 * HOUR]
    one = list(days_of(berlin, days[0].since + HOUR, days[0].since + 2 * HOUR))
    assert one == days[:1]


def test_what_agrees_opens_no_gap_and_asks_for_nothing(shop):
    orders = three_orders()
    store(shop, *orders)
    platform = FakePlatform(orders)

    run = count(shop, platform)

    assert not SyncGap.objects.exists()
    assert (run.state, run.resource) == (SyncRun.State.DONE, Resource.GAPS)
    assert (run.read, run.same, run.expected) == (3, 3, 3)
    assert platform.asked_ids == []
    assert len({since for since, _ in platform.asked}) == 7


def test_what_is_missing_is_pulled_and_the_gap_closes_by_itself(shop):
    orders = three_orders()
    store(shop, orders[0])

    run = count(shop, FakePlatform(orders))

    assert stored_ids() == {"O0", "O1", "O2"}
    assert (run.state, run.new, run.same, run.failed) == (SyncRun.State.DONE, 2, 1, 0)
    gap = SyncGap.objects.get()
    assert (gap.day, gap.state) == (date(2026, 3, 9), SyncGap.State.CLOSED)
    assert (gap.found, gap.pulled, gap.left) == (2, 2, 0)
    assert (gap.their_orders, gap.our_orders) == (3, 3)
    assert gap.their_money == gap.our_money == {"MYR": "120"}
    assert gap.run == run
    # As it was found, for whoever asks what happened.
    assert listed(gap) == [("O1", Kind.MISSING), ("O2", Kind.MISSING)]
    assert {row.theirs for row in gap.orders.all()} == {"1 unit, 40 MYR"}


def test_a_change_nobody_heard_of_is_a_gap_as_well(shop):
    orders = three_orders()
    store(shop, *orders)
    later = replace(changed(orders[1], NOW - 2 * HOUR), placed_at=orders[1].placed_at)

    run = count(shop, FakePlatform([orders[0], later, orders[2]]))

    assert Order.objects.get(remote_id="O1").status == OrderStatus.IN_TRANSIT
    gap = SyncGap.objects.get()
    assert gap.state == SyncGap.State.CLOSED
    assert ("O1", Kind.VERSION) in listed(gap)
    assert ("O1", Kind.STATUS) in listed(gap)
    assert (run.updated, run.failed) == (1, 0)


def test_what_the_platform_does_not_have_is_kept_and_named(shop):
    orders = three_orders()
    store(shop, *orders)
    platform = FakePlatform(orders[:2])

    run = count(shop, platform)

    assert stored_ids() == {"O0", "O1", "O2"}
    gap = SyncGap.objects.get()
    assert (gap.state, gap.left) == (SyncGap.State.OPEN, 1)
    assert listed(gap) == [("O2", Kind.NOT_THERE)]
    assert (gap.their_orders, gap.our_orders) == (2, 3)
    assert (gap.their_units, gap.our_units) == (2, 3)
    assert run.state == SyncRun.State.PARTLY
    assert "Not at TikTok" in run.issues.get().message

    platform.orders = orders
    count(shop, platform)

    gap.refresh_from_db()
    assert (gap.state, gap.left) == (SyncGap.State.CLOSED, 0)
    assert (gap.their_orders, gap.our_orders) == (3, 3)


def test_what_somebody_left_comes_back_only_with_another_order(shop):
    orders = three_orders()
    store(shop, *orders)
    platform = FakePlatform(orders[:2])
    count(shop, platform)
    leave(SyncGap.objects.get(), By(process="test"))

    run = count(shop, platform)
    assert run.state == SyncRun.State.DONE
    assert not SyncGap.objects.open().exists()

    platform.orders = orders[:1]
    count(shop, platform)
    assert listed(SyncGap.objects.open().get()) == [
        ("O1", Kind.NOT_THERE),
        ("O2", Kind.NOT_THERE),
    ]


def test_a_second_recount_changes_nothing(shop):
    orders = three_orders()
    store(shop, *orders)
    platform = FakePlatform(orders[:2])
    count(shop, platform)
    before = list(SyncGap.objects.values("pk", "found", "left", "their_orders"))

    count(shop, platform)

    assert list(SyncGap.objects.values(*before[0])) == before
    assert listed(SyncGap.objects.get()) == [("O2", Kind.NOT_THERE)]


def test_what_is_no_news_and_stored_otherwise_is_read_anew(shop):
    """The same payload came before, so that pulling alone changes nothing."""
    orders = three_orders()
    store(shop, *orders)
    odd = replace(orders[1], total_amount=Decimal("55.50"))
    Order.objects.get(remote_id="O2").lines.update(quantity=4)

    run = count(shop, FakePlatform([orders[0], odd, orders[2]]))

    gap = SyncGap.objects.get()
    assert (gap.state, gap.pulled, run.failed) == (SyncGap.State.CLOSED, 2, 0)
    rows = [(row.kind, row.theirs, row.ours) for row in gap.orders.all()]
    assert rows == [(Kind.MONEY, "55.5 MYR", "40 MYR"), (Kind.UNITS, "1", "4")]
    assert Order.objects.get(remote_id="O1").total_amount == Decimal("55.50")
    assert Order.objects.get(remote_id="O2").lines.get().quantity == 1


def test_what_pulling_does_not_cure_says_what_differs_on_which_side(shop):
    orders = three_orders()
    store(shop, *orders)
    unusable = order_of("O9", NINTH, currency="RINGGIT")

    run = count(shop, FakePlatform([*orders, unusable]))

    gap = SyncGap.objects.get()
    row = gap.orders.get()
    assert (row.remote_id, row.kind, row.ours) == ("O9", Kind.MISSING, "")
    assert row.theirs == "1 unit, 40 RINGGIT"
    assert (gap.state, gap.left, run.failed) == (SyncGap.State.OPEN, 1, 1)
    assert (gap.their_orders, gap.our_orders) == (4, 3)


def test_an_amount_nobody_tells_is_unknown_and_no_gap(shop):
    orders = three_orders()
    store(shop, *orders)
    silent = replace(orders[1], total_amount=None)

    count(shop, FakePlatform([orders[0], silent, orders[2]]))

    assert not SyncGap.objects.exists()


def test_what_is_shown_otherwise_on_purpose_is_no_gap(shop):
    """The platform's word is known; a file's is preferred, and it is further."""
    orders = three_orders()
    preferred = ShopOrderSettings.Preferred.FILE
    ShopOrderSettings.objects.create(shop=shop, preferred_source=preferred)
    store(shop, *orders)
    told = replace(
        orders[1],
        total_amount=Decimal(41),
        status=OrderStatus.COMPLETED,
        raw={"id": "O1", "file": "yes"},
    )
    store(shop, told, source=Source.FILE)
    assert Order.objects.get(remote_id="O1").total_amount == 41

    count(shop, FakePlatform(orders))

    assert not SyncGap.objects.exists()


def test_an_order_known_from_a_file_alone_is_read_from_the_platform(shop):
    orders = three_orders()
    store(shop, *orders[:2])
    store(shop, orders[2], source=Source.FILE)

    count(shop, FakePlatform(orders))

    assert Order.objects.get(remote_id="O2").remote_updated_at is not None
    gap = SyncGap.objects.get()
    assert gap.state == SyncGap.State.CLOSED
    assert gap.orders.get().ours == "known from a file only"


def test_what_changes_during_the_recount_is_no_gap(shop):
    orders = three_orders()
    store(shop, *orders)
    later = replace(changed(orders[1], NOW + HOUR), placed_at=orders[1].placed_at)

    count(shop, FakePlatform([orders[0], later, orders[2]]))
    assert not SyncGap.objects.exists()

    # Heard of here before the page came that still shows it as it was.
    ingest_orders(shop, [later], Source.API)
    count(shop, FakePlatform(orders))
    assert not SyncGap.objects.exists()


def test_what_the_pull_of_news_has_not_reached_yet_is_no_gap(shop):
    orders = three_orders()
    store(shop, *orders[:2])
    reached = NOW - 5 * HOUR
    SyncCursor.objects.create(shop=shop, resource=Resource.ORDERS, position=reached)
    later = replace(changed(orders[1], NOW - 2 * HOUR), placed_at=orders[1].placed_at)
    missing = replace(orders[2], updated_at=NOW - 2 * HOUR)

    count(shop, FakePlatform([orders[0], later, missing]))

    # One that is not here at all was placed before that.
    assert listed(SyncGap.objects.get()) == [("O2", Kind.MISSING)]


def test_an_order_stored_during_the_recount_is_no_gap(shop):
    orders = three_orders()
    store(shop, *orders[:2])
    platform = FakePlatform(orders[:2])
    ingest_orders(shop, [orders[2]], Source.WEBHOOK)

    count(shop, platform)

    assert not SyncGap.objects.exists()


def test_what_cannot_be_read_is_listed_and_not_pulled(shop):
    orders = three_orders()
    store(shop, *orders)
    platform = FakePlatform(orders, unreadable=frozenset({"O1"}))

    run = count(shop, platform)

    gap = SyncGap.objects.get()
    assert listed(gap) == [("O1", Kind.UNREADABLE)]
    assert (gap.their_orders, gap.our_orders, gap.left) == (3, 3, 1)
    assert platform.asked_ids == []
    assert run.failed == 1


def test_orders_that_moved_to_another_day_count_on_theirs(shop):
    """A file told another instant of placing than the platform does."""
    orders = three_orders()
    moved = order_of("O9", NINTH - DAY + HOUR)
    store(shop, *orders)
    store(shop, replace(moved, placed_at=NINTH + HOUR), source=Source.FILE)

    count(shop, FakePlatform([*orders, moved]))

    assert not SyncGap.objects.open().exists()


def test_a_failure_leaves_what_was_found_for_the_next(shop):
    orders = three_orders()
    platform: Any = FakePlatform(orders)

    class Broken(FakePlatform):
        def get_orders(self, remote_ids: list[str]) -> list[RemoteOrder]:
            raise PlatformUnavailable("away")

    with pytest.raises(PlatformUnavailable):
        count(shop, Broken(orders))
    gap = SyncGap.objects.get()
    assert (gap.state, gap.left) == (SyncGap.State.OPEN, 3)
    assert SyncRun.objects.get().state == SyncRun.State.FAILED

    count(shop, platform)

    gap.refresh_from_db()
    assert (gap.state, gap.pulled) == (SyncGap.State.CLOSED, 3)


def test_a_dry_run_writes_nothing_and_says_what_it_would_do(shop):
    run = count(shop, FakePlatform(three_orders()), dry_run=True)

    assert (run.failed, run.new) == (3, 0)
    assert not Order.objects.exists()
    assert not SyncGap.objects.exists()


def test_one_day_can_be_counted_alone(shop):
    old = order_of("O9", NINTH - 30 * DAY)

    count(shop, FakePlatform([old]), since=old.placed_at, until=old.placed_at + HOUR)

    gap = SyncGap.objects.get()
    assert gap.day == date(2026, 2, 7)
    assert gap.state == SyncGap.State.CLOSED


def test_older_open_gaps_are_looked_at_again_at_night(shop):
    old = order_of("O9", NINTH - 30 * DAY)
    store(shop, old)
    platform = FakePlatform([])
    count(shop, platform, since=old.placed_at, until=old.placed_at + HOUR)
    assert SyncGap.objects.open().count() == 1

    platform.orders = [old]
    count(shop, platform)

    assert not SyncGap.objects.open().exists()


def test_one_recount_a_shop_at_a_time(shop):
    make_run(
        shop,
        resource=Resource.GAPS,
        basis=SyncRun.Basis.PLACED,
        state=SyncRun.State.RUNNING,
        started_at=NOW,
        heartbeat_at=NOW,
        process="elsewhere:1:abc",
    )

    with pytest.raises(AlreadyRunning, match="already being counted"):
        count(shop, FakePlatform([]))
    count(make_shop(), FakePlatform([]))


def test_each_shop_is_due_in_its_own_night(shop):
    assert not is_due(shop, Resource.GAPS, NOW)  # its orders are not here yet
    SyncCursor.objects.create(shop=shop, resource=Resource.ORDERS, position=NOW)
    assert is_due(shop, Resource.GAPS, NOW)

    count(shop, FakePlatform([]))

    # Three o'clock of the eleventh there.
    assert next_pull(shop, Resource.GAPS, NOW) == datetime(2026, 3, 10, 19, tzinfo=UTC)
    recount(
        shop,
        trigger=SyncRun.Trigger.USER,
        since=NINTH,
        until=NINTH + HOUR,
        client=FakePlatform([]),  # type: ignore[arg-type]
    )
    assert next_pull(shop, Resource.GAPS, NOW) == datetime(2026, 3, 10, 19, tzinfo=UTC)
    late = NOW + DAY + 5 * HOUR
    with time_machine.travel(late, tick=False):
        assert is_due(shop, Resource.GAPS, late)
        count(shop, FakePlatform([]))
    # One that began late does not move the next night's on.
    assert next_pull(shop, Resource.GAPS, late) == datetime(2026, 3, 11, 19, tzinfo=UTC)
