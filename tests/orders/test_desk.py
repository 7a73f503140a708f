"""The order list: tabs, filters, pasted numbers, and what it costs."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client as Browser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.integrations.contracts import Source
from apps.orders.admin.desk import DEFAULT_TAB, TABS
from apps.orders.models import Order, OrderPayload
from apps.platforms.models import Shop
from apps.products.models import ListingSku
from apps.sync.models import Resource, SyncRun
from tests.factories.orders import make_action, make_order, make_package
from tests.factories.platforms import make_shop
from tests.factories.products import make_listing_sku, make_variant
from tests.factories.users import make_client, make_user
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

LIST = "/admin/orders/order/"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
Status = Order.Status


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def shop():
    return make_shop(name="Main Store")


@pytest.fixture
def desk(shop):
    """Ask for the list as a member of the shop's client."""
    user = make_user(clients=[shop.client], permissions=["view_analytics"])
    browser = Browser()
    browser.force_login(user)

    def desk(query="", **parameters):
        return browser.get(f"{LIST}?{query or urlencode(parameters)}")

    return desk


def listed(page):
    """Order IDs in the order shown."""
    assert page.status_code == 200
    return [order.remote_id for order in page.context["cl"].result_list]


def notices(page):
    return [str(message) for message in page.context["messages"]]


def counts(page):
    """{tab's title: count} as printed."""
    found = re.findall(r'">([^<]+)<span class="count">(\d+)</span>', text(page))
    return {title: int(count) for title, count in found}


def text(page):
    return unescape(page.content.decode())


# Tabs -------------------------------------------------------------------------------


def test_open_are_the_unfinished_orders_of_90_days(desk, shop):
    for status in Status:
        make_order(shop, f"now-{status}", status=status)
    edge = NOW - timedelta(days=90)
    make_order(shop, "edge", placed_at=edge)
    make_order(shop, "before", placed_at=edge - SECOND)

    found = set(listed(desk(tab="open")))

    ended = {"now-completed", "now-cancelled"}
    assert found == {f"now-{status}" for status in Status} - ended | {"edge"}


def test_unmatched_are_open_orders_with_an_item_that_is_none_of_ours_yet(desk, shop):
    variant = make_variant(client=shop.client)
    matched = make_listing_sku(shop=shop, variant=variant)
    ignored = make_listing_sku(shop=shop, mapping=ListingSku.Mapping.IGNORED)
    waiting = make_listing_sku(shop=shop)

    def sold(remote_id, sku, **changes):
        order = make_order(shop, remote_id, **changes)
        order.lines.update(listing_sku=sku, variant=sku and sku.variant)
        return order

    sold("matched", matched)
    sold("ignored", ignored)
    sold("waiting", waiting)
    sold("unlinked", None)
    sold("over", waiting, status=Status.COMPLETED)
    sold("old", waiting, placed_at=NOW - timedelta(days=91))
    make_order(shop, "empty", sku="")
    partly = sold("partly", matched)
    line = partly.lines.get()
    line.pk, line.key, line.variant, line.listing_sku = None, "2", None, waiting
    line.save()

    page = desk(tab="unmatched")

    assert set(listed(page)) == {"waiting", "unlinked", "partly"}
    assert counts(page)["Unmatched items"] == 3


def test_all_are_all(desk, shop):
    for status in Status:
        make_order(shop, f"now-{status}", status=status)
    make_order(shop, "old", placed_at=NOW - timedelta(days=900))

    assert len(listed(desk(tab="all"))) == len(Status) + 1


EDGES = {
    "-1 s": NOW - SECOND,
    "now": NOW,
    "24 h - 1 s": NOW + DAY - SECOND,
    "24 h": NOW + DAY,
    "none": None,
}


@pytest.mark.parametrize(
    ("tab", "field", "expected"),
    [
        ("ship-24h", "ship_by_at", {"now", "24 h - 1 s"}),
        ("cancel-24h", "auto_cancel_at", {"now", "24 h - 1 s"}),
        ("overdue", "ship_by_at", {"-1 s"}),
    ],
)
def test_a_deadline_belongs_to_one_tab(desk, shop, tab, field, expected):
    def due(moment) -> dict[str, Any]:
        return {field: moment}

    for name, moment in EDGES.items():
        make_order(shop, name, **due(moment))
    for status in set(Status) - {Status.TO_SHIP, Status.PARTLY_SHIPPED}:
        make_order(shop, f"{status}", status=status, **due(NOW + HOUR))
        make_order(shop, f"{status} late", status=status, **due(NOW - HOUR))
    make_order(
        shop,
        "partly",
        status=Status.PARTLY_SHIPPED,
        **due(NOW - HOUR if tab == "overdue" else NOW + HOUR),
    )

    page = desk(tab=tab)

    assert set(listed(page)) == expected | {"partly"}
    assert counts(page)[TABS[tab][0]] == len(expected) + 1


def test_cancel_requested_are_those_not_ended_yet(desk, shop):
    for status in Status:
        make_order(shop, f"{status}", status=status, is_cancel_requested=True)
    make_order(shop, "not asked")

    found = set(listed(desk(tab="cancel-requested")))

    assert found == set(Status.values) - {"completed", "cancelled"}


def test_every_count_is_the_length_of_its_list(desk, shop):
    for number, status in enumerate(Status):
        make_order(shop, status=status, ship_by_at=NOW + HOUR)
        make_order(shop, status=status, ship_by_at=NOW - HOUR)
        make_order(shop, status=status, auto_cancel_at=NOW + HOUR)
        make_order(shop, status=status, is_cancel_requested=bool(number % 2))
        if number % 2:
            continue
        viral = make_order(shop, status=status, priority="viral", has_conflict=True)
        make_package(viral, remote_id=str(number), problem="LOST")
        back = make_order(shop, status=status, return_state="requested")
        make_action(back, state="refused")
    make_order()  # somebody else's

    for query in ({}, {"placed": "7d"}, {"amount_min": "1"}):
        shown = counts(desk(tab="all", **query))
        lengths = {
            title: len(listed(desk(tab=tab, **query)))
            for tab, (title, _) in TABS.items()
        }
        assert shown == lengths
        assert min(lengths.values()) > 0


def test_people_land_on_the_open_orders(desk):
    assert DEFAULT_TAB == "open"
    assert desk().context["desk"].tab == "open"


@pytest.mark.parametrize("query", [{"q": "58"}, {"status": "completed"}])
def test_a_search_or_a_status_looks_through_all_orders(desk, shop, query):
    make_order(shop, "58", status=Status.COMPLETED)

    assert listed(desk(**query)) == ["58"]


def test_a_tab_keeps_the_filters_and_starts_at_the_first_page(desk, shop):
    page = desk(
        tab="all", placed="7d", placed_from="2026-11-01", carrier="Q", p="1", o="1"
    )

    links = [unescape(tab["query"]) for tab in page.context["tabs"]]
    assert links[1] == "?carrier=Q&placed=7d&placed_from=2026-11-01&tab=open"


# Filters ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"status": "delivered"}, {"delivered"}),
        ({"region": "SG"}, {"other shop"}),
        ({"carrier": "quick"}, {"quick"}),
        ({"source": "file"}, {"file", "both"}),
        ({"priority": "high"}, {"high"}),
        ({"returned": "refunded"}, {"refunded"}),
        ({"sync": "conflict"}, {"high"}),
        ({"sync": "failed"}, {"refused"}),
        ({"sync": "waiting"}, {"asked"}),
        ({"sync": "unclear"}, {"refunded"}),
        ({"ship": "today"}, {"soon"}),
        ({"ship": "7d"}, {"soon", "ship 21st", "ship 22nd"}),
        ({"amount_min": "100"}, {"100"}),
        ({"amount_max": "5.50"}, {"5.50"}),
        ({"placed": "today"}, {"today", "a day ago"}),
        ({"placed": "7d"}, {"today", "a day ago"}),
        ({"placed_from": "2026-11-19"}, {"today", "a day ago"}),
        ({"placed_to": "2026-11-09"}, {"ages ago"}),
        ({"ship_from": "2026-11-21", "ship_to": "2026-11-21"}, {"ship 21st"}),
        ({"ship_from": "2026-11-22"}, {"ship 22nd"}),
        ({"status": "delivered", "carrier": "quick"}, set()),
    ],
)
def test_a_filter_leaves_what_it_says(desk, shop, query, expected):
    plain: dict[str, Any] = {"placed_at": NOW - timedelta(days=10)}
    second = make_shop(shop.client, name="Second", region="SG")
    make_order(shop, "plain", **plain)
    make_order(second, "other shop", **plain)
    make_order(shop, "delivered", status=Status.DELIVERED, **plain)
    make_order(shop, "quick", carrier="Quick Parcel", **plain)
    make_order(shop, "file", source=Source.FILE, **plain)
    both = make_order(shop, "both", **plain)
    OrderPayload.objects.create(
        order=both, source="file", body={}, content_hash="", received_at=NOW
    )
    make_order(shop, "100", total_amount=Decimal(100), **plain)
    make_order(shop, "5.50", total_amount=Decimal("5.5"), **plain)
    make_order(shop, "no total", total_amount=None, **plain)
    make_order(shop, "today", placed_at=NOW - HOUR)
    make_order(shop, "a day ago", placed_at=NOW - DAY)
    make_order(shop, "ages ago", placed_at=NOW - timedelta(days=11))
    make_order(shop, "ship 21st", ship_by_at=NOW + DAY, **plain)
    make_order(shop, "ship 22nd", ship_by_at=NOW + 2 * DAY, **plain)
    make_order(shop, "soon", ship_by_at=NOW + HOUR, **plain)
    make_order(shop, "high", priority="high", has_conflict=True, **plain)
    make_order(
        shop, "refunded", return_state="refunded", is_status_understood=False, **plain
    )
    make_action(make_order(shop, "refused", **plain), state="refused")
    make_action(make_order(shop, "asked", **plain))

    page = desk(tab="all", **query)

    assert set(listed(page)) == expected
    assert notices(page) == []
    assert counts(page)["All"] == len(expected)


def test_a_shop_is_chosen_by_its_number(desk, shop):
    second = make_shop(shop.client)
    make_order(shop, "first")
    make_order(second, "second")

    assert listed(desk(shop=second.pk)) == ["second"]


def test_only_own_shops_and_regions_can_be_chosen(desk, shop):
    foreign = make_shop(name="Foreign Store", region="SG")
    make_order(foreign, "foreign")
    make_order(shop, "ours")

    page = desk(shop=foreign.pk, region="SG")

    assert notices(page) == notices(desk(shop=10**6, region="SG"))
    assert listed(page) == ["ours"]
    assert "Foreign Store" not in text(page)
    assert "Singapore" not in text(page)
    assert [str(s) for s in page.context["desk"].form.fields["shop"].queryset] == [
        "Main Store (MY)"
    ]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("tab=nonsense", "Tab"),
        ("shop=x", "Shop"),
        ("shop=999999999999999999999999", "Shop"),
        ("region=XX", "Region"),
        ("status=eaten", "Status"),
        ("placed=1y", "Placed"),
        ("placed_from=yesterday", "Placed from"),
        ("ship_to=2026-02-30", "Ship by to"),
        ("amount_min=ten", "Total from"),
        ("amount_max=1e999999", "Total to"),
        ("amount_min=NaN", "Total from"),
        ("source=rumour", "Source"),
        ("priority=low", "Priority"),
        ("returned=eaten", "Return"),
        ("sync=perfect", "Sync"),
        ("ship=1y", "Ship by"),
        ("view=1", "View"),
        ("carrier=" + "x" * 121, "Carrier"),
        ("q=%00", "Order IDs, tracking numbers, SKUs or package IDs"),
        ("p=2", "Page"),
        ("p=0", "Page"),
        ("p=-1", "Page"),
        ("p=x", "Page"),
        ("colour=red", "colour"),
        ("recipient_name__startswith=S", "recipient_name__startswith"),
        ("buyer__username__startswith=S", "buyer__username__startswith"),
        ("shop__client__name=x", "shop__client__name"),
    ],
)
def test_a_bad_parameter_is_ignored_with_a_notice(desk, shop, query, name):
    make_order(shop, "ours", recipient_name="Ahmad")

    page = desk(query)

    assert listed(page) == ["ours"]
    assert any(words.startswith(f"{name}: ignored, because") for words in notices(page))


PARAMETERS = st.sampled_from(
    [
        "tab", "q", "shop", "region", "status", "placed", "placed_from", "placed_to",
        "ship_from", "ship_to", "amount_min", "amount_max", "carrier", "source",
        "priority", "returned", "sync", "ship", "view",
        "p", "o", "all", "e", "_facets", "_popup", "_changelist_filters",
        "shop__name", "total_amount__gt", "remote_id__regex", "status__in",
        "lines__quantity", "pk", "placed_at__year",
    ]
)  # fmt: skip
VALUES = st.one_of(
    st.text(max_size=20),
    st.integers().map(str),
    st.decimals(allow_nan=True, allow_infinity=True).map(str),
    st.dates().map(str),
    st.sampled_from(
        [*TABS, "to_ship", "7d", "1.-2.3", "9999-12-31", "0001-01-01", "1E18", "(", "²"]
    ),
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.tuples(PARAMETERS, VALUES), max_size=4))
def test_whatever_the_address_says_there_is_a_page(desk, parameters):
    query = urlencode(
        [(n, v.encode("utf-8", "replace")) for n, v in parameters], doseq=False
    )

    assert desk(query).status_code == 200


# Search -----------------------------------------------------------------------------


def test_many_pasted_numbers_are_found_whatever_parts_them(desk, shop):
    make_order(shop, "580001")
    make_order(shop, "580002", tracking_number="TN-2")
    third = make_order(shop, "580003")
    make_package(third, tracking_number="TN-3")
    make_order(shop, "580004", sku="POT", remote_sku_id="1730004")
    make_order(shop, "580005", sku="TEA", remote_sku_id="1730005")
    make_order(shop, "580006", sku="CUP")
    make_package(make_order(shop, "580007"), remote_id="1167")

    page = desk(
        q="580001,TN-2\r\nTN-3;\tPOT  1730005 , 580001\nmissing 1167", tab="all"
    )

    assert sorted(listed(page)) == [f"58000{n}" for n in (1, 2, 3, 4, 5, 7)]
    assert notices(page) == ["1 of 7 not found: missing"]


def test_numbers_not_found_are_reported(desk, shop):
    make_order(shop, "580001")

    page = desk(q="580009 580008")

    assert listed(page) == []
    assert notices(page) == ["2 of 2 not found: 580009, 580008"]


def test_the_last_digits_are_enough_for_one_order(desk, shop):
    make_order(shop, "580000000000012345")
    make_order(shop, "580000000000099999")

    page = desk(q="2345")

    assert listed(page) == ["580000000000012345"]
    assert notices(page) == []
    assert listed(desk(q="345")) == []


def test_one_hundred_numbers_are_looked_for_and_no_more(desk, shop):
    numbers = [f"58{number:04}" for number in range(101)]
    make_order(shop, numbers[99])
    make_order(shop, numbers[100])

    page = desk(q=",".join(numbers))

    assert listed(page) == [numbers[99]]
    cut, missing = notices(page)
    assert "first 100" in cut
    assert missing.startswith("99 of 100 not found: 580000, 580001")


def test_a_search_finds_nothing_of_others(desk, shop):
    foreign = make_order(
        None, "590001", tracking_number="TN-9", sku="FOREIGN", remote_sku_id="1799"
    )
    make_package(foreign, tracking_number="TN-8")

    for term in ("590001", "0001", "TN-9", "TN-8", "FOREIGN", "1799"):
        page = desk(q=term)
        assert listed(page) == []
        assert sum(counts(page).values()) == 0


# Order, pages, states ----------------------------------------------------------------


def test_what_must_go_first_comes_first(desk, shop):
    make_order(shop, "in 3 h", ship_by_at=NOW + 3 * HOUR)
    make_order(shop, "late", ship_by_at=NOW - HOUR)
    make_order(shop, "gone", status=Status.IN_TRANSIT, ship_by_at=NOW - 9 * HOUR)
    make_order(shop, "no deadline", placed_at=NOW - HOUR)
    make_order(shop, "in 1 h", ship_by_at=NOW + HOUR)

    assert listed(desk())[:3] == ["late", "in 1 h", "in 3 h"]
    assert listed(desk())[3:] == ["no deadline", "gone"]


def test_the_whole_history_is_newest_first(desk, shop):
    make_order(shop, "old", placed_at=NOW - 2 * DAY, ship_by_at=NOW)
    make_order(shop, "new", placed_at=NOW - HOUR)

    assert listed(desk(tab="all")) == ["new", "old"]


def test_columns_can_be_sorted_from_the_address(desk, shop):
    make_order(shop, "a", total_amount=Decimal(2))
    make_order(shop, "b", total_amount=Decimal(1))

    assert listed(desk(o="4")) == ["b", "a"]
    assert listed(desk(o="-4")) == ["a", "b"]
    assert listed(desk(o="1.-4")) == ["a", "b"]


def test_pages_hold_fifty_orders_and_keep_the_filters(desk, shop):
    for _ in range(60):
        make_order(shop)

    first, second = desk(placed="7d"), desk(placed="7d", p=2)

    assert (len(listed(first)), len(listed(second))) == (50, 10)
    assert not set(listed(first)) & set(listed(second))
    assert "placed=7d&p=2" in text(first) or "p=2&placed=7d" in text(first)
    assert counts(second)["Open"] == 60


def test_no_list_needs_more_than_eight_columns(desk, shop):
    make_order(shop)

    head = text(desk()).split("<thead")[1].split("</thead>")[0]

    assert 0 < head.count("<th ") + head.count("<th>") <= 8


def test_without_a_shop_the_list_says_how_orders_come():
    user = make_user(clients=[make_client()], permissions=["view_analytics"])
    browser = Browser()
    browser.force_login(user)

    page = text(browser.get(LIST))

    assert "No orders yet. Orders arrive when a shop is connected." in page
    assert "/orders/order/add/" not in page


def test_a_shop_without_orders_says_so_and_a_filter_can_be_reset(desk, shop):
    assert "No orders here." in text(desk())
    assert "No orders match these filters." in text(desk(carrier="x"))
    assert 'href="?tab=open">Reset' in text(desk(carrier="x"))


def sync_run(shop, ago, state=SyncRun.State.DONE):
    return SyncRun.objects.create(
        shop=shop,
        resource=Resource.ORDERS,
        trigger=SyncRun.Trigger.SCHEDULE,
        state=state,
        started_at=NOW - ago,
        ended_at=NOW - ago,
    )


def test_orders_pulled_more_than_30_minutes_ago_are_called_late(desk, shop):
    sync_run(shop, timedelta(minutes=42))
    sync_run(shop, timedelta(minutes=1), SyncRun.State.FAILED)

    page = text(desk())

    assert "Main Store (MY): data from 11:18 UTC, sync is 42 min old." in page


@pytest.mark.parametrize("state", [SyncRun.State.DONE, SyncRun.State.PARTLY])
def test_a_fresh_pull_raises_no_banner(desk, shop, state):
    sync_run(shop, timedelta(minutes=90))
    sync_run(shop, timedelta(minutes=30), state)

    assert desk().context["late_shops"] == []


def test_shops_of_one_name_do_not_hide_each_other(desk, shop):
    twin = make_shop(shop.client, name=shop.name, region="SG")
    sync_run(shop, timedelta(minutes=1))
    sync_run(twin, timedelta(minutes=42))

    assert [late["name"] for late in desk().context["late_shops"]] == [
        "Main Store (SG)"
    ]


def test_shops_that_cannot_be_pulled_are_not_called_late(desk, shop):
    sync_run(shop, timedelta(days=1))
    foreign = make_shop(name="Foreign")
    sync_run(foreign, timedelta(days=1))
    Shop.objects.filter(pk=shop.pk).update(state=Shop.State.PAUSED)

    assert desk().context["late_shops"] == []


def test_many_late_shops_are_counted(desk, shop):
    for number in range(5):
        sync_run(make_shop(shop.client, name=f"S{number}"), timedelta(hours=1))

    assert "… and 2 more shops." in text(desk())


# What a row shows, what the page costs ------------------------------------------------


def test_a_row_says_what_is_needed(desk, shop):
    order = make_order(
        shop,
        "580001",
        is_cancel_requested=True,
        is_status_understood=False,
        status_text="TELEPORTED",
        ship_by_at=NOW - HOUR,
        tracking_number="TN-1",
        carrier="Quick Parcel",
        total_amount=Decimal("1234.5"),
    )
    sandbox = Shop.Environment.SANDBOX
    make_order(make_shop(shop.client, environment=sandbox), "580002", is_sample=True)

    page = text(desk())

    for words in (
        "580001",
        "2 items",
        "Awaiting shipment",
        "Cancel requested",
        "Not understood: TELEPORTED",
        "1 h late",
        "MYR 1,234.50",
        "TN-1",
        "Quick Parcel",
        "Sandbox",
        "Sample",
        f"/admin/orders/order/{order.pk}/change/",
    ):
        assert words in page, words


@pytest.mark.parametrize("count", [10, 60])
@pytest.mark.parametrize("query", ["", "tab=all&placed=7d&source=api"])
def test_the_list_takes_the_same_statements_however_many_orders(
    desk, shop, count, query
):
    for number in range(count):
        make_order(
            make_shop(shop.client, name=f"S{number % 5}") if number < 5 else shop,
            ship_by_at=NOW + HOUR,
            tracking_number=f"TN{number}",
        )

    with statements() as asked:
        page = desk(query)

    assert len(listed(page)) == min(count, 50)
    assert asked.writing == []
    assert len(asked) == LIST_STATEMENTS


@pytest.mark.parametrize("count", [10, 60])
def test_a_search_takes_the_same_statements_however_many_orders(desk, shop, count):
    numbers = [make_order(shop).remote_id for _ in range(count)]

    with statements() as asked:
        page = desk(q=" ".join(numbers))

    assert len(listed(page)) == min(count, 50)
    # Where the numbers stand, in all places at once, and which orders that makes.
    assert len(asked) == LIST_STATEMENTS + 2


LIST_STATEMENTS = 28
