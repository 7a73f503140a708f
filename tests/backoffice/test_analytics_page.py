"""The page of figures: for whom, of what, and the files it gives away."""

import csv
import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.test import Client as Browser

from apps.backoffice.services.analytics.counting import count_sales
from apps.content.models import Creator
from apps.platforms.models import Shop
from tests.factories.platforms import make_shop
from tests.factories.products import make_listing_sku, make_variant
from tests.factories.sales import (
    SKU,
    make_affiliate,
    make_rates,
    make_refund,
    make_sale,
)
from tests.factories.team import give_role, make_member
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db

PAGE = "/admin/backoffice/analytics/"
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
MARCH = "?since=2026-03-01&until=2026-03-20"


def browser_of(user):
    browser = Browser()
    browser.force_login(user)
    return browser


def analyst_of(*clients):
    return browser_of(make_user(clients=clients, permissions=["view_analytics"]))


def words(answer):
    assert answer.status_code == 200
    text = re.sub(r"<(style|script).*?</\1>", "", answer.content.decode(), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def file_of(browser, table, query=MARCH):
    answer = browser.get(f"{PAGE}export/{table}/{query}")
    assert answer["Content-Type"].startswith("text/csv")
    text = b"".join(answer.streaming_content).decode()
    return list(csv.DictReader(text.splitlines()))


@pytest.fixture
def desk():
    """Two shops of a client that sold, with what that is worth."""
    client = make_client("Kiln and Co")
    make_rates(NOW.date(), USD="1.20", MYR="4.80", GBP="0.80")
    first = make_shop(client, name="Kiln", currency="MYR", follower_count=1_200)
    second = make_shop(
        client, region="GB", name="Oven", currency="GBP", time_zone="Europe/London"
    )
    make_sale(first, NOW, "400")
    order = make_sale(second, NOW, "80", "20")
    make_refund(order, "20", line=order.lines.last())
    for shop in (first, second):
        count_sales(shop)
    return client


def test_sums_stand_in_one_currency_beside_what_they_mean(desk):
    page = words(analyst_of(desk).get(PAGE + MARCH))

    assert "1 Mar to 20 Mar 2026" in page
    assert "GMV USD 250.00" in page  # 100 and 150
    assert "Net USD 220.00" in page
    assert "Settled USD 0.00" in page
    assert "Orders 2" in page
    assert "Units 3" in page
    assert "Followers 1,200 not unique" in page
    assert "cancelled or refunded later are in it" in page
    assert (
        "Kiln (MY) MYR 400.00 0.25, newest 10 Mar 2026 100.00 1 100.00 0.0 % 40.0 %"
        in page
    )
    assert (
        "Oven (GB) GBP 100.00 1.5, newest 10 Mar 2026 150.00 1 150.00 20.0 % 60.0 %"
        in page
    )


def test_each_shop_can_be_read_in_its_own_currency(desk):
    page = words(analyst_of(desk).get(PAGE + MARCH + "&money=local"))

    assert "Oven (GB) GBP 100.00 GBP 0.00 GBP 20.00 GBP 80.00 1 GBP 100.00" in page
    assert "never added up" in page


def test_another_base_is_a_choice_of_the_address(desk):
    page = words(analyst_of(desk).get(PAGE + MARCH + "&base=GBP"))

    assert "GMV GBP 166.67" in page


def test_the_period_before_is_compared(desk):
    shop = Shop.objects.get(name="Kiln")
    make_rates(NOW.date() - timedelta(days=20), USD="1.20", MYR="4.80")
    make_sale(shop, NOW - timedelta(days=20), "800")
    count_sales(shop)

    page = words(analyst_of(desk).get(PAGE + MARCH))

    assert "GMV USD 250.00 +25.0 %" in page
    assert "against 9 Feb to 28 Feb 2026" in page


def test_what_has_no_rate_is_said_with_the_way_to_the_rates(desk):
    hanoi = make_shop(desk, name="Wok", region="VN", currency="VND")
    make_sale(hanoi, NOW, "500000")
    count_sales(hanoi)

    page = analyst_of(desk).get(PAGE + MARCH)

    assert "1 shop left out: no VND rate for 10 Mar 2026. 1 order of VND 500,000" in (
        words(page)
    )
    assert "/admin/finance/exchangerate/" in page.content.decode()
    assert "1 orders without a rate" in words(page)


def test_filters_narrow_to_a_client_a_region_and_a_shop(desk):
    other = make_client("Loom Ltd")
    loom = make_shop(other, name="Loom", currency="USD")
    make_sale(loom, NOW, "7")
    count_sales(loom)
    browser = analyst_of(desk, other)

    both = words(browser.get(PAGE + MARCH))
    one = words(browser.get(f"{PAGE}{MARCH}&client={other.pk}"))
    region = words(browser.get(PAGE + MARCH + "&region=GB"))

    assert "GMV USD 257.00" in both
    assert "Clients CSV Client GMV, USD" in both
    assert "GMV USD 7.00" in one
    assert "GMV USD 150.00" in region
    assert "Kiln (MY) MYR" not in region


def test_what_does_not_fit_falls_back_with_a_notice(desk):
    browser = analyst_of(desk)

    for query, label in (
        ("?period=own&since=2026-03-20&until=2026-03-01", "Period"),
        ("?since=2026-03-20", "Period"),
        ("?period=eternity", "Period"),
        ("?base=XYZ", "In"),
        ("?client=999999", "Client"),
        ("?shop=abc", "Shop"),
        ("?compare=abc", "Compare"),
    ):
        page = words(browser.get(PAGE + query))
        assert f"{label}: ignored, because it does not fit here." in page, query


def test_what_sold_it_who_and_what(desk):
    shop = Shop.objects.get(name="Oven")
    variant = make_variant(client=desk)
    make_listing_sku(shop=shop, remote_id=SKU, variant=variant)
    creator = Creator.objects.create(client=desk, username="potter")
    order = shop.orders.get()
    make_affiliate(order, SKU, creator=creator, content_type="live", content_id="L1")
    count_sales(shop)

    page = words(analyst_of(desk).get(PAGE + MARCH))

    assert "LIVE 150.00 120.00 1 2 150.00 20.0 % 60.0 %" in page
    assert "@potter 150.00 120.00 1 2" in page
    assert "(none) 100.00" in page
    assert f"{variant.product.name} 120.00 2 54.5 %" in page


def test_shops_can_be_compared_line_by_line(desk):
    keys = Shop.objects.values_list("pk", flat=True)
    query = "".join(f"&compare={key}" for key in keys)
    browser = analyst_of(desk)

    page = browser.get(PAGE + MARCH + query)
    alone = browser.get(f"{PAGE}{MARCH}&compare={keys[0]}")

    assert "Net of 2 shops, day by day." in words(page)
    assert page.content.decode().count('class="line line-1"') == 2
    assert "Choose another shop to compare with." in words(alone)


def test_test_shops_stay_out_unless_asked_for(desk):
    sandbox = make_shop(
        desk, name="Trial", currency="USD", environment=Shop.Environment.SANDBOX
    )
    make_sale(sandbox, NOW, "1000")
    count_sales(sandbox)
    browser = analyst_of(desk)

    assert "GMV USD 250.00" in words(browser.get(PAGE + MARCH))
    assert "GMV USD 1,250.00" in words(browser.get(PAGE + MARCH + "&tests=1"))


def test_only_shops_at_which_one_may_see_figures_are_in_any_of_them(desk):
    foreign = make_shop(name="Secret", currency="USD")
    make_sale(foreign, NOW, "9999")
    count_sales(foreign)
    closed = make_shop(desk, name="Closed", currency="USD")
    make_sale(closed, NOW, "5555")
    count_sales(closed)
    member = make_member(desk, permissions=["view_analytics"])
    give_role(member, closed)
    browser = browser_of(member.user)

    for query in (
        "",
        f"&shop={foreign.pk}",
        f"&compare={foreign.pk}&compare={closed.pk}",
    ):
        page = words(browser.get(PAGE + MARCH + query))
        assert "GMV USD 250.00" in page
        assert "Secret" not in page
        assert "Closed" not in page
    rows = file_of(browser, "shops", f"{MARCH}&shop={closed.pk}")
    assert [row["shop"] for row in rows] == ["Oven (GB)", "Kiln (MY)"]


def test_who_may_not_see_figures_gets_neither_page_nor_file(desk):
    browser = browser_of(make_user(clients=[desk], permissions=["process_orders"]))

    assert browser.get(PAGE).status_code == 403
    assert browser.get(PAGE + "export/shops/").status_code == 403
    assert "Analytics" not in words(browser.get("/admin/"))
    assert "Analytics" in words(analyst_of(desk).get("/admin/"))


def test_files_have_the_rows_of_the_page_and_plain_numbers(desk):
    browser = analyst_of(desk)

    shops = file_of(browser, "shops")
    days = file_of(browser, "days")
    season = file_of(browser, "season")

    assert shops[0]["shop"] == "Oven (GB)"
    assert (shops[0]["currency"], shops[0]["net"]) == ("GBP", "80.00")
    assert (shops[0]["rate"], shops[0]["rate_on"]) == ("1.5", "2026-03-10")
    assert (shops[0]["gmv_usd"], shops[0]["share"]) == ("150.00", "0.6")
    assert len(days) == 20
    assert sum(float(row["net_usd"]) for row in days) == 220
    assert len(season) == 168
    assert sum(int(row["orders"]) for row in season) == 2
    assert browser.get(PAGE + "export/passwords/").status_code == 404


def test_names_that_look_like_formulas_are_harmless(desk):
    evil = make_shop(desk, name="=HYPERLINK(1)", currency="USD")
    make_sale(evil, NOW, "5")
    count_sales(evil)

    names = [row["shop"] for row in file_of(analyst_of(desk), "shops")]

    assert "'=HYPERLINK(1) (MY)" in names


def test_nobody_with_nothing_is_told_what_to_do():
    nothing = words(analyst_of(make_client()).get(PAGE))
    quiet = make_shop()
    idle = words(analyst_of(quiet.client).get(PAGE))

    assert "No shop to show figures of yet." in nothing
    assert "Nothing was sold in this time." in idle
    assert "A shop is being counted for the first time" in idle


def test_filters_that_match_no_shop_can_be_reset(desk):
    kiln = Shop.objects.get(name="Kiln")

    page = words(analyst_of(desk).get(f"{PAGE}?region=GB&shop={kiln.pk}"))

    assert "No shop matches these filters. Reset" in page


def test_the_page_takes_as_many_queries_however_much_there_is(
    desk, django_assert_max_num_queries
):
    for number in range(6):
        shop = make_shop(desk, name=f"More {number}", currency="MYR")
        for day in range(5):
            make_sale(shop, NOW - timedelta(days=day), "10")
        count_sales(shop)
    browser = browser_of(make_user(is_superuser=True))

    with django_assert_max_num_queries(34):
        assert browser.get(PAGE + MARCH).status_code == 200
