import logging
from datetime import UTC, datetime, timedelta

import pytest

from apps.integrations.contracts import PlatformClient, Subscription
from apps.integrations.errors import MalformedReply
from apps.integrations.tiktok.hosts import Hosts
from tests.integrations.tiktok.fakes import NOW, FakeSession, make_client, success
from tests.integrations.tiktok.payloads import make_order

SINCE = datetime.fromtimestamp(NOW - 3600, tz=UTC)
UNTIL = datetime.fromtimestamp(NOW, tz=UTC)


def page_of(*ids, token="", **more):
    orders = [make_order(id=remote_id) for remote_id in ids]
    return success({"orders": orders, "next_page_token": token, **more})


def test_a_search_pages_in_the_query_and_filters_in_the_body():
    session = FakeSession(page_of("1", token="p2", total_count=7))

    page = make_client(session).search_orders(
        SINCE, UNTIL, page_token="p1", page_size=50
    )

    [sent] = session.sent
    assert sent.method == "POST"
    assert (
        sent.params.items()
        >= {
            "page_size": "50",
            "page_token": "p1",
            "sort_field": "update_time",
            "sort_order": "ASC",
        }.items()
    )
    assert sent.json == {"update_time_ge": 1789996400, "update_time_lt": 1790000000}
    assert [order.remote_id for order in page.orders] == ["1"]
    assert (page.next_page_token, page.total_count) == ("p2", 7)


def test_a_window_stays_half_open_between_whole_seconds():
    session = FakeSession(page_of())
    half = timedelta(seconds=0.5)

    make_client(session).search_orders(SINCE + half, UNTIL + half)

    assert session.sent[0].json == {
        "update_time_ge": 1789996401,
        "update_time_lt": 1790000001,
    }


def test_orders_are_also_found_by_when_they_were_placed():
    session = FakeSession(page_of("1", token="p2"))

    page = make_client(session).search_placed_orders(SINCE, UNTIL, page_token="p1")

    [sent] = session.sent
    assert sent.url.endswith("/order/202309/orders/search")
    assert (
        sent.params.items()
        >= {
            "page_size": "100",
            "page_token": "p1",
            "sort_field": "create_time",
            "sort_order": "ASC",
        }.items()
    )
    assert sent.json == {"create_time_ge": 1789996400, "create_time_lt": 1790000000}
    assert [order.remote_id for order in page.orders] == ["1"]


def test_an_empty_window_is_not_asked_for():
    client = make_client(FakeSession())

    for page in (
        client.search_orders(UNTIL, SINCE),
        client.search_placed_orders(UNTIL, UNTIL),
    ):
        assert (page.orders, page.total_count) == ((), 0)


def test_paging_walks_every_page_once():
    session = FakeSession(
        page_of("1", "2", token="p2"), page_of(token="p3"), page_of("3")
    )

    orders = list(make_client(session).iter_orders(SINCE, UNTIL))

    assert [order.remote_id for order in orders] == ["1", "2", "3"]
    assert [sent.params.get("page_token") for sent in session.sent] == [
        None,
        "p2",
        "p3",
    ]
    assert len({sent.body for sent in session.sent}) == 1


def test_paging_asks_for_a_page_only_when_it_is_wanted():
    session = FakeSession(page_of("1", token="p2"))

    assert next(make_client(session).iter_orders(SINCE, UNTIL)).remote_id == "1"
    assert len(session.sent) == 1


def test_going_in_circles_is_noticed():
    session = FakeSession(page_of("1", token="p2"), page_of("2", token="p2"))

    with pytest.raises(MalformedReply, match="page we have been on"):
        list(make_client(session).iter_orders(SINCE, UNTIL))


def test_an_unreadable_row_is_logged_and_the_rest_goes_on(caplog):
    rows = [make_order(id="1", create_time=""), make_order(id="2")]
    session = FakeSession(success({"orders": rows}))

    with caplog.at_level(logging.WARNING):
        orders = list(make_client(session).iter_orders(SINCE, UNTIL))

    assert [order.remote_id for order in orders] == ["2"]
    assert "order=1 reason=the order has no create_time" in caplog.text


def test_counting_takes_one_small_page():
    session = FakeSession(page_of("1", total_count=412))

    assert make_client(session).count_orders(SINCE, UNTIL) == 412
    assert session.sent[0].params["page_size"] == "1"


def test_details_come_in_batches_of_fifty_and_each_order_once():
    ids = [str(number) for number in range(120)]
    session = FakeSession(
        page_of(*ids[:50]), page_of(*ids[50:100]), page_of(*ids[100:119])
    )

    orders = make_client(session).get_orders([*ids, "0", "1"])

    assert [sent.params["ids"].count(",") for sent in session.sent] == [49, 49, 19]
    assert session.sent[0].params["ids"].startswith("0,1,2,")
    assert {(sent.method, sent.body) for sent in session.sent} == {("GET", b"")}
    assert session.sent[0].url.endswith("/order/202507/orders")
    assert [order.remote_id for order in orders] == ids[:119]


def test_asking_for_nothing_asks_nobody():
    assert make_client(FakeSession()).get_orders([]) == []


def test_an_order_that_is_there_but_unreadable_is_not_called_missing():
    bad = make_order(id="1", create_time="")
    session = FakeSession(
        success({"orders": [bad]}), success({"orders": [bad, make_order(id="2")]})
    )
    client = make_client(session)

    with pytest.raises(MalformedReply, match="Order 1 cannot be read"):
        client.get_orders(["1"])
    assert [order.remote_id for order in client.get_orders(["1", "2"])] == ["2"]


def test_subscriptions_are_listed_set_and_deleted():
    session = FakeSession(
        success({"webhooks": [{"event_type": "NEW_MESSAGE", "address": "https://a"}]}),
        success({}),
        success(),
    )
    client = make_client(session)

    assert client.webhooks() == [Subscription("NEW_MESSAGE", "https://a")]
    client.set_webhook("PACKAGE_UPDATE", "https://b")
    client.delete_webhook("PACKAGE_UPDATE")

    _, put, delete = session.sent
    assert (put.method, put.json) == (
        "PUT",
        {"event_type": "PACKAGE_UPDATE", "address": "https://b"},
    )
    assert (delete.method, delete.json) == ("DELETE", {"event_type": "PACKAGE_UPDATE"})
    assert {sent.url for sent in session.sent} == {
        "https://open-api.tiktokglobalshop.com/event/202309/webhooks"
    }


def test_one_address_can_stand_in_for_the_whole_platform():
    session = FakeSession(success({"shops": []}))

    make_client(
        session, hosts=Hosts.all_at("http://127.0.0.1:9/sim/")
    ).authorized_shops()

    assert session.sent[0].url == "http://127.0.0.1:9/sim/authorization/202309/shops"


def test_it_is_what_the_project_expects_of_a_platform():
    client: PlatformClient = make_client(FakeSession())

    assert client.get_orders([]) == []
