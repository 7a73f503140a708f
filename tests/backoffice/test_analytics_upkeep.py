"""Figures are kept up by the schedule, built by a command, and checked by both."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.backoffice import tasks
from apps.backoffice.models import CountedOrder, SalesDay, SalesMark, SettledDay
from apps.backoffice.services.analytics import counting, marking
from apps.backoffice.services.analytics.counting import count_sales
from apps.backoffice.services.analytics.verifying import differences, verify_recent
from apps.finance.models import SettlementTransaction
from apps.orders.models import Order
from apps.platforms.models import Shop
from tests.factories.platforms import make_shop
from tests.factories.sales import make_sale

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = NOON.date()


@pytest.fixture(autouse=True)
def no_overlap(monkeypatch):
    """So that what was just made is not counted anew each time."""
    monkeypatch.setattr(marking, "OVERLAP", timedelta(0))


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Tasks that a task wakes are done where they are asked for."""
    for task in (tasks.count_sales_of, tasks.count_settled_of, tasks.verify_sales_of):
        monkeypatch.setattr(task, "delay", task)


def whole_days(shop):
    rows = SalesDay.objects.filter(shop=shop, split=SalesDay.Split.WHOLE)
    return {str(row.day): int(row.gmv) for row in rows}


def rebuild(*options):
    told, failed = StringIO(), StringIO()
    call_command("rebuild_sales", *options, stdout=told, stderr=failed)
    return told.getvalue(), failed.getvalue()


def test_the_schedule_counts_all_shops_also_those_that_are_disconnected():
    first = make_shop(time_zone="UTC")
    second = make_shop(time_zone="UTC", state=Shop.State.DISCONNECTED)
    for shop in (first, second):
        make_sale(shop, NOON, "25")

    assert tasks.count_all_sales() == 2

    assert whole_days(first) == whole_days(second) == {"2026-03-10": 25}


def test_the_schedule_sums_up_what_was_settled():
    shop = make_shop()
    SettlementTransaction.objects.create(
        shop=shop,
        key="order:1",
        subject_id="1",
        type="order",
        currency="MYR",
        settlement_amount=12,
        settled_at=NOON,
        source="api",
    )

    assert tasks.count_all_settled() == 1

    assert SettledDay.objects.get().amount == 12


def test_a_sum_that_somebody_spoilt_is_found_and_counted_anew(caplog):
    shop = make_shop(time_zone="UTC")
    make_sale(shop, timezone.now(), "25")
    count_sales(shop)
    SalesDay.objects.filter(split=SalesDay.Split.WHOLE).update(gmv=24)

    assert tasks.verify_sales_of(shop.pk) == 1
    assert tasks.verify_sales_of(shop.pk) == 0
    assert tasks.verify_sales() == 1

    assert [*whole_days(shop).values()] == [25]
    assert "sales differed" in caplog.text


def test_an_order_that_was_missed_is_found():
    shop = make_shop(time_zone="UTC")
    order = make_sale(shop, timezone.now(), "25")
    count_sales(shop)
    now = timezone.now() - timedelta(days=2)
    # Written past everything that would tell of it.
    Order.objects.filter(pk=order.pk).update(
        paid_at=now, modified_at=now - timedelta(days=30)
    )

    found = verify_recent(shop)

    assert {each.day for each in found} == {now.date(), timezone.now().date()}


def test_all_is_built_from_nothing_and_then_agrees():
    shop = make_shop(name="Kiln", time_zone="UTC")
    for day in range(3):
        make_sale(shop, NOON + timedelta(days=day), "25")

    told, _ = rebuild("--shop", "Kiln")
    checked, _ = rebuild("--shop", "Kiln", "--verify")

    assert "3 days counted, of 3 orders" in told
    assert "No sum differ" in checked
    assert len(whole_days(shop)) == 3
    assert list(differences(shop, DAY, DAY + timedelta(days=9))) == []


def test_a_period_alone_is_built_anew():
    shop = make_shop(name="Kiln", time_zone="UTC")
    for day in range(3):
        make_sale(shop, NOON + timedelta(days=day), "25")
    count_sales(shop)
    SalesDay.objects.update(gmv=1)

    rebuild("--shop", "Kiln", "--since", "2026-03-11", "--until", "2026-03-11")

    assert whole_days(shop) == {"2026-03-10": 1, "2026-03-11": 25, "2026-03-12": 1}


def test_rows_of_days_that_no_order_counts_on_go():
    shop = make_shop(name="Kiln", time_zone="UTC")
    make_sale(shop, NOON, "25")
    count_sales(shop)
    Order.objects.all().delete()

    rebuild("--shop", "Kiln")

    assert whole_days(shop) == {}
    assert not CountedOrder.objects.exists()


def test_differences_are_told_and_leave_with_three():
    shop = make_shop(name="Kiln", time_zone="UTC")
    make_sale(shop, NOON, "25")
    count_sales(shop)
    SalesDay.objects.filter(split=SalesDay.Split.WHOLE).update(refunds=3)
    told, failed = StringIO(), StringIO()

    with pytest.raises(SystemExit) as left:
        call_command(
            "rebuild_sales", "--shop", "Kiln", "--verify", stdout=told, stderr=failed
        )

    assert left.value.code == 3
    assert "2026-03-10 whole MYR at rates of 2026-03-10 refunds: 3.0000, not 0" in (
        failed.getvalue()
    )
    assert whole_days(shop) == {"2026-03-10": 25}


def test_a_period_that_ends_before_it_begins_is_refused():
    make_shop(name="Kiln")

    with pytest.raises(CommandError, match="must not lie after"):
        rebuild("--shop", "Kiln", "--since", "2026-03-11", "--until", "2026-03-10")


def test_a_build_that_was_broken_off_goes_on(monkeypatch):
    shop = make_shop(name="Kiln", time_zone="UTC")
    for day in range(4):
        make_sale(shop, NOON + timedelta(days=day), "25")
    monkeypatch.setattr(counting, "DAYS_AT_ONCE", 1)
    writes = counting._write

    def dies(shop, due, sums):
        if date(2026, 3, 12) in due:
            raise KeyboardInterrupt
        return writes(shop, due, sums)

    with monkeypatch.context() as patch:
        patch.setattr(counting, "_write", dies)
        with pytest.raises(KeyboardInterrupt):
            rebuild("--shop", "Kiln")
    assert len(whole_days(shop)) == 2

    assert tasks.count_sales_of(shop.pk) == 2

    assert len(whole_days(shop)) == 4
    assert SalesMark.objects.get().changes_until is not None
