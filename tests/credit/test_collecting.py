"""From rows of shops to what a score is reckoned from."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from apps.credit.models import ShopStanding
from apps.credit.rules import snapshot
from apps.credit.services.collecting import collect, rates_for
from apps.finance.models import SettlementTransaction
from apps.orders.models import Order, Return
from apps.products.models import Listing
from tests.credit.selling import (
    AS_OF,
    earn,
    make_applicant,
    make_creator_account,
    make_rate,
    make_read_shop,
    make_us_shop,
    noon,
    pay,
    pulled,
    sell,
    spread,
)
from tests.factories.platforms import make_shop
from tests.factories.sync import make_gap

pytestmark = pytest.mark.django_db


def collected(*shops, creators=(), **fields):
    applicant = make_applicant(shops=shops, creators=creators, **fields)
    return collect(applicant, AS_OF, rates_for(AS_OF))


def income_of(*shops, **fields):
    return snapshot(collected(*shops, **fields).given)


def features_of(*shops, **fields):
    found = collected(*shops, **fields)
    return found.around.features(snapshot(found.given), found.regions)


def test_the_documents_first_example_gives_its_income():
    shop = make_read_shop()
    spread(shop, 150, 15_000)
    # Five in a hundred go back, as many of each month, bought by different people.
    back = Order.objects.order_by("pk")[0::20]
    for order in back[:7]:
        order.refund_amount = 100
        order.save()
    half = back[7]
    half.refund_amount = 50
    half.save()

    income = income_of(shop)

    assert income.net_seller_usd == pytest.approx(14_250)
    assert income.monthly_usd == pytest.approx(4_750)


def test_the_documents_second_example_gives_its_income():
    creator = make_creator_account()
    for number in range(100):  # 300 each, of which 15 % are the creator's
        earn(creator, 45, 90 - number * 90 // 100)

    income = income_of(creators=[creator])

    assert income.net_affiliate_usd == pytest.approx(4_500)
    assert income.monthly_usd == pytest.approx(1_500)
    features = features_of(creators=[creator])
    assert features.not_applicable == {"GRO_PRODUCTS"}
    assert [entity.kind for entity in features.entities] == ["creator"]


def test_the_documents_third_example_pools_both_incomes():
    shop, creator = make_read_shop(), make_creator_account()
    spread(shop, 100, 10_000)
    for number in range(100):
        earn(creator, 30, 90 - number * 90 // 100)

    income = income_of(shop, creators=[creator])

    assert income.monthly_usd == pytest.approx(4_333.33, abs=0.01)
    assert income.source_income == pytest.approx(
        {"seller:US": 10_000, "affiliate": 3_000}
    )


def test_commissions_for_ones_own_shop_are_income_once():
    shop, creator = make_read_shop(code="USLC1"), make_creator_account()
    sell(shop, 100, 10)
    earn(creator, 15, 10, shop_code="USLC1")
    earn(creator, 15, 10, shop_code="USLC2")

    income = income_of(shop, creators=[creator])

    assert income.net_affiliate_usd == pytest.approx(15)
    assert income.counts["own_shop_commission"] == 1


def test_what_is_settled_counts_as_it_was_and_what_never_will_be_as_nothing():
    creator = make_creator_account()
    earn(creator, 20, 50, settlement="settled", actual_amount=Decimal(12))
    earn(creator, 20, 50, settlement="ineligible")
    earn(creator, 20, 10, settlement="to_settle")

    found = collected(creators=[creator])

    assert [row.actual for row in found.given.commissions] == [12, 0, None]
    income = snapshot(found.given)
    clawback = 2 / 12 * 28 / 40
    assert income.net_affiliate_usd == pytest.approx(12 + 20 * (1 - clawback))
    assert found.around.settle_match == 0.5


def test_brands_are_a_creators_partners_and_creators_a_shops():
    shop, creator = make_read_shop(), make_creator_account()
    earn(creator, 10, 80, shop_name="Lamps")
    earn(creator, 10, 10, shop_name="lamps")
    earn(creator, 10, 10, shop_name="Chairs")
    sell(shop, 10, 12, creator_handle="Ana")
    pay(shop, "ana", 2, 12)
    pay(shop, "ben", 3, 13)

    found = collected(shop, creators=[creator])

    assert (found.around.partners_m1, found.around.partners_m3) == (1, 4)
    assert sum(one.amount or 0 for one in found.paid) == 5


def test_what_the_platform_pays_of_a_price_counts_and_goes_back_with_the_rest():
    shop = make_read_shop()
    cheap: dict[str, Any] = {
        "line__amount": Decimal(80),
        "line__platform_discount_amount": Decimal(20),
    }
    sell(shop, 100, 40, **cheap, line__seller_discount_amount=Decimal(10))
    sell(shop, 100, 41, **cheap, refund_amount=Decimal(80))
    sell(shop, 100, 42, **cheap, refund_amount=Decimal(40))

    rows = collected(shop).given.orders

    assert [row.value for row in rows] == [100, 100, 100]
    assert [row.refunded for row in rows] == [0, 100, 50]


def test_shipping_that_is_paid_back_is_no_refund_of_goods():
    shop = make_read_shop()
    order = sell(shop, 100, 40, refund_amount=Decimal(60))
    Return.objects.create(
        shop=shop,
        order=order,
        order_remote_id=order.remote_id,
        remote_id="40350001",
        kind=Return.Kind.RETURN_AND_REFUND,
        status=Return.Status.COMPLETE,
        currency="USD",
        refund_amount=60,
        refund_subtotal_amount=50,
        refunded_at=order.paid_at + timedelta(hours=30),
        source="api",
    )

    [row] = collected(shop).given.orders

    assert row.refunded == 50
    assert row.refund_at == order.paid_at + timedelta(hours=30)


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ({"status": Order.Status.CANCELLED}, False),
        ({"status": Order.Status.UNPAID, "paid_at": None}, False),
        ({"is_sample": True}, False),
        ({"is_replacement": True}, False),
        ({"status": Order.Status.ON_HOLD}, True),
        ({"is_cod": True, "paid_at": None, "status": Order.Status.IN_TRANSIT}, False),
    ],
)
def test_only_paid_sales_count(fields, counts):
    shop = make_read_shop()
    sell(shop, 70, 10, **fields)

    assert bool(income_of(shop).net_seller_usd) is counts


def test_days_are_the_shops_own_also_where_clocks_change():
    """1 November 2026 has 25 hours in Los Angeles. The window of 26 November begins on
    28 August and ends on 25 November, by the shop's clock."""
    shop = make_read_shop()
    zone = shop.zone
    inside = [
        datetime(2026, 8, 28, 0, 0, tzinfo=zone),
        datetime(2026, 11, 1, 23, 59, tzinfo=zone),
        datetime(2026, 11, 25, 23, 59, tzinfo=zone),
    ]
    for moment in [
        datetime(2026, 8, 27, 23, 59, tzinfo=zone),
        *inside,
        datetime(2026, 11, 26, 0, 0, tzinfo=zone),
    ]:
        sell(shop, 100, moment)

    found = collected(shop)

    assert [row.paid_at for row in found.given.orders] == inside
    assert snapshot(found.given).months_income == (100, 0, 200)
    ages = [known.paid_age for known in found.orders]
    assert ages == [90, 25, 1]


def test_currencies_are_worth_what_they_were_on_the_day_of_payment():
    shop = make_shop(region="MY")
    pulled(shop)
    for day, ringgit in ((10, "4.60"), (40, "4.80")):
        on = AS_OF - timedelta(days=day)
        make_rate("USD", "1.20", on)
        make_rate("MYR", ringgit, on)
    sell(shop, 460, 10)
    sell(shop, 480, 40)
    sell(shop, 500, 70)  # no rate within a week

    found = collected(shop)
    income = snapshot(found.given)

    assert income.net_seller_usd == pytest.approx(240)
    assert income.counts["fx_missing"] == 1
    assert income.fx_missing_share == pytest.approx(1 / 3)
    # Only what was used is kept.
    assert {day: sorted(row) for day, row in found.given.rates.rows.items()} == {
        AS_OF - timedelta(days=day): ["EUR", "MYR", "USD"] for day in (10, 40)
    }


def test_buyers_are_hashes_and_own_purchases_are_no_income():
    shop = make_read_shop()
    sell(
        shop, 100, 10, buyer="7001", recipient_address="12 Harbour Street, Springfield"
    )
    sell(
        shop, 100, 20, buyer="7002", recipient_address="12, harbour street springfield"
    )
    sell(shop, 100, 30, buyer=None)

    found = collected(shop, buyer_ids=["7001"])

    first, second, third = found.given.orders
    assert first.addr_hash
    assert first.addr_hash == second.addr_hash
    assert "7001" not in str(found.given.to_dict())
    assert "harbour" not in str(found.given.to_dict()).lower()
    assert third.buyer_id is None
    income = snapshot(found.given)
    assert income.counts["W1_self"] == 1
    assert income.net_seller_usd == pytest.approx(200)


def test_days_that_are_lost_to_gaps_or_not_pulled_yet_are_not_covered():
    shop = make_us_shop()
    pulled(shop, until=noon(shop, 3))
    make_gap(shop, "5791", day=AS_OF - timedelta(days=50))
    make_gap(shop, day=AS_OF - timedelta(days=60))  # agrees again

    found = collected(shop)

    assert set(range(1, 91)) - set(found.around.covered) == {1, 2, 3, 50}
    assert found.missing(str(shop.pk)) == [
        AS_OF - timedelta(days=age) for age in (50, 3, 2, 1)
    ]


def test_of_two_shops_a_day_counts_that_both_were_read_on():
    whole, half = make_read_shop(), make_us_shop()
    sell(half, 100, 45)  # from a file: it tells of these days alone
    sell(half, 100, 20)

    assert collected(whole, half).around.covered == tuple(range(20, 46))


def test_of_a_creator_days_that_no_pull_has_reached_are_not_covered():
    creator = make_creator_account(read_until=datetime(2026, 11, 24, 12, tzinfo=UTC))

    assert collected(creators=[creator]).around.covered == tuple(range(3, 91))


def test_what_one_shop_sold_on_days_that_another_was_not_read_on_is_left_out():
    whole, half = make_read_shop(), make_us_shop()
    spread(whole, 90, 9_000)
    sell(half, 10, 30)  # from a file: it tells of thirty days alone
    sell(half, 10, 1)

    features = features_of(whole, half)

    assert features.covered_days == 30
    # 100 a day, not what ninety days sold as if it were of thirty.
    assert features.total_usd == pytest.approx(3_020)
    assert features.months_income == (None, None, pytest.approx(3_020))


def test_a_shop_that_was_never_read_covers_nothing():
    shop = make_us_shop()

    found = collected(shop)

    assert found.around.covered == ()
    unread = found.coverage[str(shop.pk)].unread
    assert unread == ("orders", "cancellations", "returns")


def test_returns_that_were_never_read_are_unknown_and_not_none():
    shop = make_us_shop()
    pulled(shop, resources=["orders", "cancellations"])
    sell(shop, 100, 10)

    found = collected(shop)

    assert found.around.covered == ()
    assert found.coverage[str(shop.pk)].unread == ("returns",)
    [entity] = features_of(shop).entities
    assert (entity.orders, entity.returned_orders) == (None, None)
    assert entity.age_days == 10
    pulled(shop, resources=["returns"])
    assert len(collected(shop).around.covered) == 90


def test_days_that_returns_have_not_come_to_are_not_covered():
    shop = make_us_shop()
    pulled(shop, resources=["orders", "cancellations"])
    pulled(shop, until=noon(shop, 5), resources=["returns"])

    assert collected(shop).around.covered == tuple(range(6, 91))


def test_of_a_creator_that_was_never_read_nothing_is_known():
    creator = make_creator_account(read_until=None)

    found = collected(creators=[creator])

    assert found.around.covered == ()
    assert found.coverage[f"creator:{creator.pk}"].unread == ("sales",)


def test_shops_are_as_old_as_the_first_that_is_known_of_them():
    shop = make_read_shop()
    sell(shop, 50, 80)
    listed = noon(shop, 400)
    Listing.objects.create(shop=shop, remote_id="1", remote_created_at=listed)

    features = features_of(shop)

    assert features.oldest_age_days == 400
    assert features.m1_open_fraction == 1
    assert features_of(make_read_shop()).oldest_age_days is None


def test_new_products_are_those_listed_and_sold_in_the_window():
    shop = make_read_shop()
    for remote_id, age in (("17200001", 60), ("17200002", 60), ("17200003", 200)):
        Listing.objects.create(
            shop=shop, remote_id=remote_id, remote_created_at=noon(shop, age)
        )
    sell(shop, 50, 30)
    sell(shop, 50, 29, line__remote_product_id="17200003")
    sell(shop, 50, 28, line__remote_product_id="17200002", status="cancelled")

    assert features_of(shop).new_products_sold == 1
    assert features_of(make_read_shop()).new_products_sold is None


def test_settlements_confirm_the_value_of_older_orders():
    shop = make_read_shop()
    confirmed = sell(shop, 300, 60)
    sell(shop, 100, 60)
    sell(shop, 900, 10)  # too young to be settled
    assert collected(shop).around.settle_match is None

    SettlementTransaction.objects.create(
        shop=shop,
        order=confirmed,
        key="one",
        subject_id=confirmed.remote_id,
        type=SettlementTransaction.Type.ORDER,
        currency="USD",
        settlement_amount=250,
        settled_at=noon(shop, 40),
        source="api",
    )

    assert collected(shop).around.settle_match == 0.75


def test_how_a_shop_serves_is_counted_from_its_orders():
    shop = make_read_shop(rating=Decimal("4.6"))
    due = noon(shop, 20)
    shipped: dict[str, Any] = {"ship_by_at": due}
    sell(shop, 10, 25, shipped_at=due - timedelta(hours=1), **shipped)
    sell(shop, 10, 25, shipped_at=due + timedelta(hours=1), **shipped)
    sell(shop, 10, 25, refund_amount=10, shipped_at=due)
    gone = {"status": Order.Status.CANCELLED, "paid_at": None}
    sell(shop, 10, 25, cancelled_by="seller", **gone)
    sell(shop, 10, 25, cancelled_by="buyer", **gone)
    ShopStanding.objects.create(shop=shop, seller_type="business", reviews=80)

    [entity] = features_of(shop).entities

    assert (entity.orders, entity.returned_orders) == (3, 1)
    assert (entity.shipped, entity.late_shipped) == (2, 1)
    assert (entity.placed_orders, entity.seller_cancels) == (5, 1)
    assert (entity.rating, entity.reviews, entity.sps) == (4.6, 80, None)
    assert entity.seller_type == "business"
    assert entity.violation_points is None


def test_creators_that_orders_name_are_partners():
    shop = make_read_shop()
    sell(shop, 10, 80, creator_handle="Ana")
    sell(shop, 10, 20, creator_handle="ana")
    sell(shop, 10, 10, creator_handle="ben")

    features = features_of(shop)

    assert (features.partners_m1, features.partners_m3) == (1, 2)
    assert "GRO_NETWORK" not in features.not_applicable
    assert "GRO_NETWORK" in features_of(make_read_shop()).not_applicable


def test_markets_are_counted_where_something_was_earned():
    shops = [make_read_shop(), make_read_shop(), make_shop(region="GB")]
    pulled(shops[2])
    sell(shops[0], 10, 10)
    sell(shops[1], 10, 10)

    assert features_of(*shops).regions_active == 1


def test_an_applicant_costs_as_many_queries_however_many_orders(
    django_assert_max_num_queries,
):
    shop = make_read_shop()
    spread(shop, 60, 6_000)
    applicant = make_applicant(shops=[shop, make_read_shop()])
    rates = rates_for(AS_OF)

    with django_assert_max_num_queries(20):
        collect(applicant, AS_OF, rates)
