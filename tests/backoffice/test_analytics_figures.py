"""What is shown of sales: sums over shops, clocks and currencies."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

import pytest

from apps.backoffice.models import SettledDay
from apps.backoffice.services.analytics.counting import count_sales
from apps.backoffice.services.analytics.figures import Ask, Report
from apps.backoffice.services.analytics.settled import count_settled, differing
from apps.finance.models import SettlementTransaction
from apps.finance.rules.revenue import Line, Period, Settlement, revenue
from apps.finance.services.rates import rate_table
from apps.orders.models import Order
from tests.factories.platforms import make_shop
from tests.factories.sales import make_rates, make_refund, make_sale
from tests.factories.users import make_client

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 10)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
CENT = Decimal("0.01")


def report(*shops, since=DAY, until=DAY, base="USD"):
    return Report(Ask(shops, since, until, base))


def make_settlement(shop, amount, at, number=1, **changes):
    values = {
        "key": f"order:{number}:{at:%Y%m%d}",
        "subject_id": str(number),
        "type": SettlementTransaction.Type.ORDER,
        "currency": shop.currency,
        "settlement_amount": Decimal(amount),
        "settled_at": at,
        "source": "api",
    }
    return SettlementTransaction.objects.create(shop=shop, **values | changes)


def test_shops_of_several_currencies_add_up_in_the_base():
    make_rates(DAY, USD="1.17", IDR="19400")
    jakarta = make_shop(region="ID", currency="IDR", time_zone="Asia/Jakarta")
    york = make_shop(region="US", currency="USD", time_zone="America/New_York")
    make_sale(jakarta, NOON, "97000")
    make_sale(york, NOON, "10", "4.15")
    for shop in (jakarta, york):
        count_sales(shop)

    found = report(jakarta, york)

    assert found.total.gmv.quantize(CENT) == Decimal("20.00")  # 5.85 and 14.15
    assert (found.total.orders, found.total.units) == (2, 3)
    [first, second] = found.by_shop
    assert (first.shop, first.currency, first.own.gmv) == (
        york,
        "USD",
        Decimal("14.15"),
    )
    assert first.rate is None
    assert (second.own.gmv, second.figures.gmv.quantize(CENT)) == (
        97000,
        Decimal("5.85"),
    )
    assert second.rate.on == DAY
    assert second.effective_rate == pytest.approx(Decimal("1.17") / 19400)


def test_a_full_refund_weeks_later_nets_to_nothing_although_the_rate_has_changed():
    make_rates(DAY, USD="1.17", GBP="0.83")
    make_rates(DAY + timedelta(days=30), USD="1.30", GBP="0.70")
    shop = make_shop(region="GB", currency="GBP", time_zone="Europe/London")
    order = make_sale(shop, NOON, "19.99")
    make_refund(order, "19.99", line=order.lines.get())
    count_sales(shop)

    total = report(shop, until=DAY + timedelta(days=40)).total

    assert total.net == 0
    assert total.gmv.quantize(CENT) == Decimal("28.18")
    assert total.refund_rate == 1


def test_what_no_rate_is_known_for_is_left_out_and_listed():
    make_rates(DAY - timedelta(days=1), USD="1.17")
    hanoi = make_shop(region="VN", currency="VND", time_zone="Asia/Ho_Chi_Minh")
    berlin = make_shop(region="DE", currency="EUR", time_zone="Europe/Berlin")
    make_sale(hanoi, NOON, "500000")
    make_sale(hanoi, NOON, "250000")
    make_sale(berlin, NOON, "10")
    for shop in (hanoi, berlin):
        count_sales(shop)

    found = report(hanoi, berlin)

    assert (found.total.gmv, found.total.orders) == (Decimal("11.70"), 1)
    [left] = found.left_out
    assert (left.shop, left.currency, left.days) == (hanoi, "VND", [DAY])
    assert (left.orders, left.gmv) == (2, 750_000)
    by_shop = {each.shop: each for each in found.by_shop}
    assert by_shop[hanoi].own.gmv == 750_000
    assert by_shop[hanoi].left_out == 2
    assert by_shop[hanoi].effective_rate is None
    assert found.is_provisional


def test_the_period_before_is_as_long_and_ends_the_day_before():
    before = Ask([], date(2026, 3, 1), date(2026, 3, 28), "USD").before()

    assert (before.since, before.until) == (date(2026, 2, 1), date(2026, 2, 28))


def test_days_without_sales_and_shops_without_sales_are_there():
    make_rates(DAY, USD="1.17")
    seller, idle = make_shop(currency="USD"), make_shop(currency="USD")
    make_sale(seller, NOON, "10")
    count_sales(seller)

    found = report(seller, idle, since=DAY - timedelta(days=2), until=DAY)

    assert [float(each.gmv) for each in found.by_day.values()] == [0, 0, 10]
    assert [each.own_orders for each in found.by_shop] == [1, 0]
    assert found.by_day_of([seller])[seller.pk].keys() == {DAY}


def test_the_season_is_by_each_shops_own_clock():
    make_rates(DAY, USD="1.17", THB="38")
    bangkok = make_shop(currency="THB", time_zone="Asia/Bangkok")
    angeles = make_shop(currency="USD", time_zone="America/Los_Angeles")
    make_sale(bangkok, datetime(2026, 3, 10, 13, 15, tzinfo=UTC), "380")  # Tue 20
    make_sale(angeles, datetime(2026, 3, 11, 3, 15, tzinfo=UTC), "10")  # Tue 20
    make_sale(angeles, datetime(2026, 3, 15, 12, 0, tzinfo=UTC), "7")  # Sun 5
    for shop in (bangkok, angeles):
        count_sales(shop)

    season = report(bangkok, angeles, until=DAY + timedelta(days=6)).season

    assert {key: round(float(each.gmv), 2) for key, each in season.items()} == {
        (1, 20): 21.7,
        (6, 5): 7,
    }


def test_settled_money_has_a_clock_of_its_own():
    make_rates(DAY, USD="1.20", MYR="5")
    shop = make_shop(currency="MYR", time_zone="Asia/Kuala_Lumpur")
    make_settlement(shop, "50", NOON, 1)
    make_settlement(shop, "-7.50", datetime(2026, 3, 10, 23, tzinfo=UTC), 2)
    make_settlement(shop, "99", NOON + timedelta(days=1), 3)

    assert count_settled(shop) == 2
    assert count_settled(shop) == 0

    found = report(shop)
    assert found.settled.amount.quantize(CENT) == Decimal("10.20")
    assert found.settled.transactions == 2
    assert found.settled_by_shop[shop.pk] == found.settled.amount
    assert found.total.gmv == 0


def test_settled_days_follow_what_changes_and_goes():
    shop = make_shop(currency="MYR")
    kept, gone = (
        make_settlement(shop, "50", NOON, 1),
        make_settlement(shop, "9", NOON + timedelta(days=3), 2),
    )
    count_settled(shop)

    kept.settlement_amount = Decimal("40")
    kept.save()
    gone.delete()

    assert differing(shop) == [(DAY, "MYR"), (DAY + timedelta(days=3), "MYR")]
    assert count_settled(shop) == 2
    [row] = SettledDay.objects.all()
    assert (row.day, row.amount) == (DAY, 40)


def test_all_figures_are_those_of_the_rule_applied_to_the_rows():
    """Some two hundred orders of four shops, compared with the plain rule."""
    chance = Random(20260310)
    for day in range(-10, 40):
        make_rates(
            DAY + timedelta(days=day),
            USD=f"1.{chance.randrange(10, 30)}",
            MYR=f"4.{chance.randrange(600, 900)}",
            IDR=f"{chance.randrange(17_000, 20_000)}",
        )
    client = make_client()
    shops = [
        make_shop(client, currency=currency, time_zone=zone)
        for currency, zone in (
            ("USD", "America/Los_Angeles"),
            ("MYR", "Asia/Kuala_Lumpur"),
            ("IDR", "Asia/Jakarta"),
            ("EUR", "Europe/Berlin"),
        )
    ]
    for _ in range(200):
        _any_order(shops, chance)
    for shop in shops:
        count_sales(shop)
    since, until = DAY, DAY + timedelta(days=20)

    found = report(*shops, since=since, until=until)
    zones = {str(shop.pk): ZoneInfo(shop.time_zone) for shop in shops}
    expected = revenue(
        _lines(shops),
        [],
        period=Period(since, until, zones),
        rates=rate_table(since - timedelta(days=2), until + timedelta(days=2)),
        base="USD",
    )

    def cents(sums):
        money = (sums.gmv, sums.cancelled, sums.refunds)
        return (*(each.quantize(CENT) for each in money), sums.orders, sums.units)

    def found_cents(figures):
        money = (figures.money.gmv, figures.money.cancelled, figures.money.refunds)
        return (*(m.quantize(CENT) for m in money), figures.orders, figures.units)

    assert expected.total.orders > 90
    assert found_cents(found.total) == cents(expected.total)
    for on, sums in expected.by_day.items():
        assert found_cents(found.by_day[on]) == cents(sums)
    for each in found.by_shop:
        assert found_cents(each.figures) == cents(expected.by_shop[str(each.shop.pk)])
    for split in (found.by_channel, found.by_creator, found.by_item, found.season):
        whole = sum((each.net for each in split.values()), Decimal(0))
        assert whole.quantize(CENT) == expected.total.net.quantize(CENT)
    clients = found.by_shops(lambda shop: shop.client_id)
    assert found_cents(clients[client.pk]) == cents(expected.total)


def _any_order(shops, chance):
    shop = chance.choice(shops)
    at = NOON + timedelta(hours=chance.randrange(-100, 700))
    prices = [f"{chance.randrange(1, 90_000) / 100:.2f}" for _ in range(3)]
    lines = [
        (price, {"remote_sku_id": f"SKU{chance.randrange(9)}", "quantity": 2})
        for price in prices[: chance.randrange(1, 4)]
    ]
    order = make_sale(shop, at, *lines, sales_channel=chance.choice(["LIVE", ""]))
    fate = chance.random()
    if fate < 0.15:
        Order.objects.filter(pk=order.pk).update(status=Order.Status.CANCELLED)
    elif fate < 0.4:
        line = order.lines.first()
        assert line
        back = (line.amount * chance.randrange(1, 5) / 4).quantize(CENT)
        make_refund(order, str(back), line=line)


def _lines(shops):
    for order in Order.objects.filter(shop__in=shops).order_by("pk"):
        for line in order.lines.all():
            told = [
                each.refund_amount
                for one in order.returns.all()
                for each in one.lines.filter(order_line=line)
            ]
            yield Line(
                str(order.shop_id),
                str(order.pk),
                str(line.pk),
                order.paid_at,
                line.amount,
                order.currency,
                "CANCELLED" if order.status == "cancelled" else "COMPLETED",
                sum(told, Decimal(0)),
                line.quantity,
            )


def test_settlements_are_converted_by_their_utc_day():
    make_rates(DAY, USD="1.20", MYR="5")
    make_rates(DAY + timedelta(days=1), USD="1.20", MYR="4")
    shop = make_shop(currency="MYR", time_zone="UTC")
    make_settlement(shop, "50", NOON, 1)
    make_settlement(shop, "40", NOON + timedelta(days=1), 2)
    count_settled(shop)
    until = DAY + timedelta(days=1)

    expected = revenue(
        [],
        [
            Settlement("1", NOON, Decimal(50), "MYR", "1"),
            Settlement("1", NOON + timedelta(days=1), Decimal(40), "MYR", "2"),
        ],
        period=Period(DAY, until, {"1": ZoneInfo("UTC")}),
        rates=rate_table(DAY, until),
        base="USD",
    )

    assert report(shop, until=until).settled.amount == expected.total.settled == 24
