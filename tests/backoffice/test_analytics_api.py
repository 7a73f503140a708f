"""Figures for programs: the same sums, asked for in the address."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.backoffice.services.analytics.counting import count_sales
from apps.content.models import Creator
from tests.api.support import Caller, code
from tests.factories.platforms import make_shop
from tests.factories.products import make_listing_sku, make_variant
from tests.factories.sales import (
    SKU,
    make_affiliate,
    make_rates,
    make_refund,
    make_sale,
)
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
MARCH = "since=2026-03-09&until=2026-03-11"


def caller_of(*clients, permissions=("view_analytics",), **fields):
    return Caller(
        make_user(clients=clients, permissions=permissions, **fields),
        ["analytics:read"],
    )


def told(answer):
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.fixture
def kiln():
    """A shop in Malaysia; four ringgit are a dollar."""
    make_rates(NOW.date(), USD="1.20", MYR="4.80")
    make_rates(NOW.date() - timedelta(days=3), USD="1.20", MYR="4.80")
    shop = make_shop(make_client("Kiln and Co"), name="Kiln", time_zone="UTC")
    order = make_sale(shop, NOW, "400", "40")
    make_refund(order, "40", line=order.lines.last())
    make_sale(shop, NOW - timedelta(days=3), "80")
    count_sales(shop)
    return shop


def test_revenue_tells_three_clocks_the_days_and_the_time_before(kiln):
    found = told(caller_of(kiln.client).get(f"analytics/revenue/?{MARCH}"))

    assert found["total"] == {
        "gmv": "110.00",
        "cancelled": "0.00",
        "refunds": "10.00",
        "net": "100.00",
        "orders": 1,
        "units": 2,
        "order_value": "110.00",
        "refund_rate": "0.090909",
    }
    assert found["settled"] == {"amount": "0.00", "transactions": 0, "left_out": 0}
    assert [day["net"] for day in found["days"]] == ["0.00", "100.00", "0.00"]
    assert found["before"]["since"] == "2026-03-06"
    assert found["before"]["total"]["gmv"] == "20.00"
    assert (found["base"], found["shops"], found["left_out"]) == ("USD", 1, [])


def test_another_base_and_what_has_no_rate_in_it(kiln):
    found = told(caller_of(kiln.client).get(f"analytics/revenue/?{MARCH}&base=JPY"))

    assert found["total"]["gmv"] == "0"
    [left] = found["left_out"]
    assert left == {
        "shop": kiln.pk,
        "currency": "MYR",
        "days": ["2026-03-10"],
        "orders": 1,
        "gmv": "440.00",
    }


def test_each_dimension_adds_up_to_the_whole(kiln):
    variant = make_variant(client=kiln.client)
    make_listing_sku(shop=kiln, remote_id=SKU, variant=variant)
    creator = Creator.objects.create(client=kiln.client, username="potter")
    order = kiln.orders.order_by("-paid_at").first()
    make_affiliate(order, SKU, creator=creator, content_type="shop")
    count_sales(kiln)
    caller = caller_of(kiln.client)

    def rows(name):
        return told(caller.get(f"analytics/{name}/?{MARCH}"))["results"]

    for name, key, title in (
        ("by/shops", str(kiln.pk), "Kiln (MY)"),
        ("by/clients", str(kiln.client_id), "Kiln and Co"),
        ("by/regions", "MY", "MY"),
        ("by/channels", "SHOWCASE", "SHOWCASE"),
        ("by/creators", str(creator.pk), "@potter"),
    ):
        [row] = rows(name)
        assert (row["key"], row["name"]) == (key, title)
        assert (row["gmv"], row["net"], row["orders"]) == ("110.00", "100.00", 1)
        assert row["share"] == "1.000000"
    [shop] = rows("by/shops")
    assert shop["own"]["gmv"] == "440.00"
    assert (shop["rate"], shop["rate_on"]) == ("0.25", "2026-03-10")
    assert rows("by/products") == [
        {
            "product": variant.product_id,
            "name": variant.product.name,
            "net": "100.00",
            "units": 2,
            "share": "1.000000",
        }
    ]
    season = rows("season")
    assert len(season) == 168
    [hour] = [row for row in season if row["orders"]]
    assert (hour["weekday"], hour["hour"], hour["net"]) == (1, 12, "100.00")


def test_only_shops_at_which_one_may_see_figures_are_in_the_sums(kiln):
    other = make_shop(name="Other", currency="USD", time_zone="UTC")
    make_sale(other, NOW, "5000")
    count_sales(other)
    caller = caller_of(kiln.client)
    packer = caller_of(kiln.client, permissions=("process_orders",))

    assert told(caller.get(f"analytics/revenue/?{MARCH}"))["shops"] == 1
    assert told(packer.get(f"analytics/revenue/?{MARCH}"))["total"]["gmv"] == "0.00"
    foreign = caller.get(f"analytics/revenue/?shop={other.pk}")
    missing = caller.get("analytics/revenue/?shop=99999999")
    assert foreign.status_code == missing.status_code == 400
    assert foreign.json()["errors"] == missing.json()["errors"]


def test_what_is_asked_badly_is_refused_by_name(kiln):
    caller = caller_of(kiln.client)

    for query, field in (
        ("since=2026-03-09", "until"),
        ("since=2026-03-09&until=2026-03-01", "until"),
        ("since=2020-03-09&until=2026-03-01", "since"),
        ("base=XYZ", "base"),
        ("colour=red", "colour"),
        ("shop=abc", "shop"),
    ):
        answer = caller.get(f"analytics/by/shops/?{query}")
        assert answer.status_code == 400, query
        assert answer.json()["errors"][0]["field"] == field


def test_a_token_without_the_scope_is_refused(kiln):
    user = make_user(clients=[kiln.client], permissions=["view_analytics"])

    answer = Caller(user, ["orders:read"]).get("analytics/season/")

    assert code(answer) == (403, "scope_missing")


def test_figures_take_as_many_queries_however_many_shops(
    kiln, django_assert_max_num_queries
):
    for number in range(5):
        shop = make_shop(kiln.client, name=f"More {number}", currency="MYR")
        make_sale(shop, NOW, "10")
        count_sales(shop)
    caller = caller_of(kiln.client)

    with django_assert_max_num_queries(22):
        told(caller.get(f"analytics/revenue/?{MARCH}"))
    with django_assert_max_num_queries(15):
        told(caller.get(f"analytics/by/products/?{MARCH}"))
