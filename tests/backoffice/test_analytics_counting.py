"""Days of sales follow from the orders, whatever happened to them and when."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.backoffice.models import (
    CountedOrder,
    SalesDay,
    SalesDue,
    SalesHour,
    SalesMark,
)
from apps.backoffice.services.analytics import counting, marking
from apps.backoffice.services.analytics.counting import count_due, count_sales
from apps.content.models import Creator
from apps.imports.models import ImportRun
from apps.orders.models import Order
from apps.platforms.models import Shop
from tests.factories.platforms import make_shop
from tests.factories.sales import (
    add_line,
    make_affiliate,
    make_refund,
    make_sale,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
Split = SalesDay.Split


@pytest.fixture(autouse=True)
def no_overlap(monkeypatch):
    """So that a change is found by being newer than the mark, and by nothing else."""
    monkeypatch.setattr(marking, "OVERLAP", timedelta(0))


def days_of(shop, split=Split.WHOLE):
    """{(day, key): (gmv, cancelled, refunds, orders, units)}"""
    rows = SalesDay.objects.filter(shop=shop, split=split)
    found: dict[Any, list[Any]] = defaultdict(lambda: [Decimal(0)] * 3 + [0, 0])
    for row in rows:
        sums = found[row.day, row.key]
        for place, name in enumerate(
            ("gmv", "cancelled", "refunds", "orders", "units")
        ):
            sums[place] += getattr(row, name)
    return {key: tuple(sums) for key, sums in found.items()}


def gmv_by_day(shop):
    return {str(day): sums[0] for (day, _), sums in days_of(shop).items()}


# What counts, and when ---------------------------------------------------------------


def test_a_sale_counts_on_its_shops_day_and_keeps_the_utc_date_for_the_rate():
    shop = make_shop(region="US", time_zone="America/Los_Angeles")
    make_sale(shop, datetime(2026, 3, 11, 5, 30, tzinfo=UTC), "25.50")

    count_sales(shop)

    [row] = SalesDay.objects.filter(shop=shop, split=Split.WHOLE)
    [hour] = SalesHour.objects.filter(shop=shop)
    assert (row.day, row.rate_on) == (date(2026, 3, 10), date(2026, 3, 11))
    assert (row.gmv, row.currency, row.orders, row.units) == (
        Decimal("25.50"),
        "USD",
        1,
        1,
    )
    assert (hour.day, hour.hour, hour.gmv) == (row.day, 22, row.gmv)


def test_what_is_no_sale_does_not_count():
    shop = make_shop()
    make_sale(shop, None, status=Order.Status.UNPAID)
    make_sale(shop, None, is_cod=True, status=Order.Status.IN_TRANSIT)
    make_sale(
        shop,
        None,
        status=Order.Status.CANCELLED,
        cancellation_stage=Order.Stage.BEFORE_PAYMENT,
    )
    make_sale(shop, NOON, is_sample=True)
    make_sale(shop, NOON, is_replacement=True)

    count_sales(shop)

    assert not SalesDay.objects.exists()
    assert not SalesHour.objects.exists()
    assert not CountedOrder.objects.exists()


def test_cash_on_delivery_counts_once_it_is_delivered_on_that_day():
    shop = make_shop(time_zone="UTC")
    order = make_sale(
        shop, None, is_cod=True, status=Order.Status.IN_TRANSIT, placed_at=NOON
    )
    count_sales(shop)
    before = gmv_by_day(shop)

    order.status, order.delivered_at = Order.Status.DELIVERED, NOON + timedelta(days=4)
    order.save()
    count_sales(shop)

    assert before == {}
    assert gmv_by_day(shop) == {"2026-03-14": 40}


def test_paid_orders_without_a_time_of_payment_count_when_they_were_placed():
    shop = make_shop(time_zone="UTC")
    make_sale(shop, None, placed_at=NOON, is_cod=False)

    count_sales(shop)

    assert gmv_by_day(shop) == {"2026-03-10": 40}


def test_the_hour_that_summer_time_repeats_holds_both_and_the_one_it_skips_none():
    shop = make_shop(region="GB", time_zone="Europe/London")
    for hour in (0, 1):  # 01:30 twice, as the clock goes back
        make_sale(shop, datetime(2026, 10, 25, hour, 30, tzinfo=UTC), "10")
    make_sale(shop, datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "7")  # 02:00, not 01:00

    count_sales(shop)

    hours = SalesHour.objects.filter(shop=shop).order_by("day", "hour")
    assert [(str(row.day), row.hour, int(row.gmv)) for row in hours] == [
        ("2026-03-29", 2, 7),
        ("2026-10-25", 1, 20),
    ]


def test_items_channels_and_creators_each_add_up_to_the_day():
    shop = make_shop(time_zone="UTC")
    make_sale(
        shop,
        NOON,
        ("30", {"remote_sku_id": "A", "quantity": 2}),
        ("10", {"remote_sku_id": "A"}),
        ("5", {"remote_sku_id": "", "seller_sku": "LAMP"}),
        sales_channel="Videos",
    )

    count_sales(shop)

    day = NOON.date()
    assert days_of(shop) == {(day, ""): (45, 0, 0, 1, 4)}
    assert days_of(shop, Split.ITEM) == {
        (day, "A"): (40, 0, 0, 1, 3),
        (day, "seller:LAMP"): (5, 0, 0, 1, 1),
    }
    assert days_of(shop, Split.CHANNEL) == {(day, "VIDEO"): (45, 0, 0, 1, 4)}
    assert days_of(shop, Split.CREATOR) == {(day, ""): (45, 0, 0, 1, 4)}


def test_affiliate_orders_say_what_sold_an_item_and_who():
    shop = make_shop(time_zone="UTC")
    creator = Creator.objects.create(client=shop.client, username="potter")
    order = make_sale(
        shop,
        NOON,
        ("30", {"remote_sku_id": "A"}),
        ("10", {"remote_sku_id": "B", "remote_product_id": "P"}),
        ("5", {"remote_sku_id": "C"}),
        sales_channel="LIVE",
    )
    count_sales(shop)
    before = days_of(shop, Split.CREATOR)

    make_affiliate(order, "A", creator=creator, content_type="video", content_id="V1")
    make_affiliate(order, "A", settlement="ineligible", quantity=9)
    make_affiliate(order, "", remote_product_id="P", content_type="shop")
    count_sales(shop)

    day = NOON.date()
    assert before == {(day, ""): (45, 0, 0, 1, 3)}
    assert days_of(shop, Split.CHANNEL) == {
        (day, "VIDEO"): (30, 0, 0, 1, 1),
        (day, "SHOWCASE"): (10, 0, 0, 1, 1),
        (day, "LIVE"): (5, 0, 0, 1, 1),
    }
    assert days_of(shop, Split.CREATOR) == {
        (day, str(creator.pk)): (30, 0, 0, 1, 1),
        (day, "?"): (10, 0, 0, 1, 1),
        (day, ""): (5, 0, 0, 1, 1),
    }


# What changes ------------------------------------------------------------------------


def test_an_order_that_moves_to_another_day_leaves_the_first():
    shop = make_shop(time_zone="UTC")
    order = make_sale(shop, NOON, "25")
    make_sale(shop, NOON, "10")
    count_sales(shop)

    order.paid_at = NOON + timedelta(days=1)
    order.save()
    count_sales(shop)

    assert gmv_by_day(shop) == {"2026-03-10": 10, "2026-03-11": 25}
    assert not SalesDue.objects.exists()


def test_a_late_cancellation_and_a_late_refund_reach_the_day_of_the_sale():
    shop = make_shop(time_zone="UTC")
    cancelled, returned = make_sale(shop, NOON, "25"), make_sale(shop, NOON, "30", "10")
    count_sales(shop)

    cancelled.status = Order.Status.CANCELLED
    cancelled.save()
    make_refund(returned, "12", line=returned.lines.get(position=1))
    count_sales(shop)

    assert days_of(shop) == {(NOON.date(), ""): (65, 25, 12, 2, 2)}


def test_orders_that_an_undone_import_takes_away_are_taken_off_their_days():
    shop = make_shop(time_zone="UTC")
    gone, stays = make_sale(shop, NOON, "25"), make_sale(shop, NOON, "10")
    count_sales(shop)

    Order.objects.filter(pk=gone.pk).delete()
    ImportRun.objects.create(
        shop=shop,
        file_name="orders.csv",
        state=ImportRun.State.UNDONE,
        undone_at=timezone.now(),
    )
    count_sales(shop)

    assert gmv_by_day(shop) == {"2026-03-10": 10}
    assert [row.order_id for row in CountedOrder.objects.all()] == [stays.pk]


def test_a_shop_that_gets_another_clock_is_counted_anew():
    shop = make_shop(time_zone="UTC")
    make_sale(shop, datetime(2026, 3, 10, 23, 30, tzinfo=UTC), "25")
    make_sale(shop, datetime(2026, 3, 10, 3, 30, tzinfo=UTC), "10")
    count_sales(shop)

    shop.time_zone = "Asia/Bangkok"
    shop.save()
    count_sales(shop)

    assert gmv_by_day(shop) == {"2026-03-10": 10, "2026-03-11": 25}
    hours = SalesHour.objects.order_by("day").values_list("hour", flat=True)
    assert [*hours] == [10, 6]


def test_nothing_new_writes_nothing(django_assert_max_num_queries):
    shop = make_shop()
    make_sale(shop, NOON)
    count_sales(shop)
    rows = set(SalesDay.objects.values_list("pk", flat=True))

    with django_assert_max_num_queries(12):
        assert count_sales(shop) == 0

    assert set(SalesDay.objects.values_list("pk", flat=True)) == rows


def test_many_days_take_as_few_queries_as_one(django_assert_max_num_queries):
    shop = make_shop()
    for day in range(40):
        make_sale(shop, NOON + timedelta(days=day))

    with django_assert_max_num_queries(50):
        assert count_sales(shop) == 40


# Crashes and others at work ----------------------------------------------------------


def test_what_dies_before_it_has_written_leaves_the_days_due(monkeypatch):
    shop = make_shop(time_zone="UTC")
    make_sale(shop, NOON, "25")

    def dies(*args):
        raise RuntimeError("the worker is gone")

    with monkeypatch.context() as patch:
        patch.setattr(counting, "_write", dies)
        with pytest.raises(RuntimeError):
            count_sales(shop)
    assert gmv_by_day(shop) == {}

    count_sales(shop)

    assert gmv_by_day(shop) == {"2026-03-10": 25}


def test_who_read_before_the_day_was_marked_again_writes_nothing(monkeypatch):
    shop = make_shop(time_zone="UTC")
    make_sale(shop, NOON, "25")
    marking.mark_changes(shop)
    reads = counting.sums_of

    def slow(shop, days):
        sums = reads(shop, days)
        if len(CountedOrder.objects.all()) == 1:
            make_sale(shop, NOON, "10")
            marking.mark_changes(shop)  # by somebody else, meanwhile
        return sums

    monkeypatch.setattr(counting, "sums_of", slow)
    assert count_due(shop) == 0
    assert gmv_by_day(shop) == {}
    assert SalesDue.objects.count() == 1

    assert count_due(shop) == 1
    assert gmv_by_day(shop) == {"2026-03-10": 35}


def test_a_mark_that_was_not_moved_has_all_looked_at_again(monkeypatch):
    shop = make_shop(time_zone="UTC")
    order = make_sale(shop, NOON, "25")
    count_sales(shop)
    order.paid_at = NOON + timedelta(days=1)
    order.save()

    def dies(*args):
        raise RuntimeError("the worker is gone")

    with monkeypatch.context() as patch, transaction.atomic():
        patch.setattr(marking, "_move", dies)
        with pytest.raises(RuntimeError):
            count_sales(shop)
    count_sales(shop)

    assert gmv_by_day(shop) == {"2026-03-11": 25}
    assert SalesMark.objects.get().changes_until is not None


# Whatever happens --------------------------------------------------------------------

CENTS = st.integers(0, 20_000).map(lambda n: Decimal(n) / 100)
HOURS = st.integers(0, 24 * 9)
ZONES = ("UTC", "America/Los_Angeles", "Asia/Jakarta", "Europe/London")
# Around the night in which summer time begins in the United States.
START = datetime(2026, 3, 6, 20, tzinfo=UTC)


@st.composite
def deeds(draw):
    kind = draw(
        st.sampled_from(("sell", "sell", "pay", "cancel", "refund", "line", "zone"))
    )
    return kind, draw(HOURS), draw(st.integers(0, 5)), draw(CENTS), draw(CENTS)


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.lists(deeds(), max_size=4), min_size=1, max_size=4))
def test_after_any_history_the_days_are_what_the_rows_come_to(rounds):
    with transaction.atomic():
        shops = [
            make_shop(time_zone=ZONES[n], currency=c)
            for n, c in enumerate(("USD", "MYR"))
        ]
        for some in rounds:
            for deed in some:
                happen(shops, *deed)
            for shop in shops:
                count_sales(Shop.objects.get(pk=shop.pk))

        for shop in shops:
            assert days_of(shop) == expected(Shop.objects.get(pk=shop.pk))
            for split in Split:
                assert totals(days_of(shop, split)) == totals(days_of(shop))
            hours = SalesHour.objects.filter(shop=shop)
            assert sum(row.gmv for row in hours) == totals(days_of(shop))[0]
        transaction.set_rollback(True)


def happen(shops, kind, hour, which, amount, other):
    shop = shops[which % 2]
    at = START + timedelta(hours=hour)
    orders = list(Order.objects.filter(shop=shop).order_by("pk"))
    if kind == "sell":
        added = {"platform_discount_amount": other, "quantity": which + 1}
        make_sale(
            shop, at, (str(amount), added), "3.33", currency="USD" if which else "GBP"
        )
    if kind == "zone":
        Shop.objects.filter(pk=shop.pk).update(time_zone=ZONES[which % 4])
    if not orders:
        return
    order = orders[which % len(orders)]
    if kind == "pay":
        order.paid_at = None if which == 5 else at
        order.status = Order.Status.UNPAID if which == 5 else order.status
        order.save()
    if kind == "cancel":
        order.status = Order.Status.CANCELLED
        order.save()
    if kind == "refund":
        make_refund(order, str(amount), line=order.lines.first())
    if kind == "line":
        add_line(order, order.lines.count() + 1, amount)
        order.save()


def expected(shop):
    """The same in another way, straight from the rows."""
    zone = ZoneInfo(shop.time_zone)
    found: dict[Any, list[Any]] = defaultdict(lambda: [Decimal(0)] * 3 + [0, 0])
    for order in Order.objects.filter(shop=shop, paid_at__isnull=False):
        sums = found[order.paid_at.astimezone(zone).date(), ""]
        sums[3] += 1
        for line in order.lines.all():
            value = line.amount + line.platform_discount_amount
            told = [
                each.refund_amount
                for one in order.returns.all()
                for each in one.lines.filter(order_line=line)
            ]
            sums[0] += value
            if order.status == Order.Status.CANCELLED:
                sums[1] += value
                continue
            sums[4] += line.quantity
            # What the platform paid alone goes back by the piece.
            back, of = (
                (sum(told), line.amount) if line.amount else (len(told), line.quantity)
            )
            share = min(Decimal(1), Decimal(back) / of)
            sums[2] += (value * share).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return {key: tuple(sums) for key, sums in found.items()}


def totals(days):
    sums = [sum(parts) for parts in zip(*days.values(), strict=True)] or [0] * 5
    return (*sums[:3], sums[4])  # an order counts with each of its items
