"""Deliveries taken in: one row each, whoever sends what."""

import io
import json
import logging
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.platforms.models import ApiApp
from apps.webhooks.models import WebhookEvent
from apps.webhooks.services import intake, signers, unwelcome
from apps.webhooks.services.signers import forget_signers
from tests.factories.platforms import (
    make_api_app,
    make_authorization,
    make_shop,
)
from tests.factories.webhooks import (
    ADDRESS,
    make_delivery,
    order_news,
    post,
    signed,
)

pytestmark = pytest.mark.django_db
State = WebhookEvent.State


@pytest.fixture
def shop():
    return make_shop()


@pytest.fixture
def app(shop) -> ApiApp:
    return make_authorization(shops=[shop]).api_app


def only_event() -> WebhookEvent:
    return WebhookEvent.objects.get()


def test_a_genuine_delivery_is_one_row_of_its_shop(client, shop, app):
    body = order_news(shop, "580001")

    answer = post(client, app, body)

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == "0"
    assert not answer.cookies
    event = only_event()
    assert event.shop == shop
    assert event.api_app == app
    assert event.body == body.decode()
    assert (event.topic, event.type_number) == ("order_status_change", 1)
    assert event.object_id == "580001"
    assert event.state == State.WAITING
    assert event.next_try_at is not None
    assert event.next_try_at <= timezone.now()
    assert event.headers["Authorization"] == f"…{signed(app, body)[-4:]}"
    assert signed(app, body) not in str(event.headers)


def test_taking_one_in_is_one_statement_and_no_session(client, shop, app):
    post(client, app, order_news(shop, "1"))
    client.cookies["sessionid"] = "somebody's"

    with CaptureQueriesContext(
        connection,
    ) as queries:
        post(client, app, order_news(shop, "2"))

    assert len(queries) == 1, [each["sql"] for each in queries]
    assert queries[0]["sql"].startswith("INSERT")


def test_the_same_delivery_counts_once_and_its_repeats_are_linked(client, shop, app):
    body = order_news(shop, "580001")

    statuses = [post(client, app, body).status_code for _ in range(9)]

    assert statuses == [200] * 9
    first = WebhookEvent.objects.get(state=State.WAITING)
    repeats = WebhookEvent.objects.filter(state=State.DUPLICATE)
    assert repeats.count() == intake.MOST_REPEATS
    assert {each.first_id for each in repeats} == {first.pk}
    assert {each.shop_id for each in repeats} == {shop.pk}


def test_without_a_notification_id_the_body_tells_what_came_again(client, shop, app):
    body = make_delivery(
        3, shop.remote_id, data={"order_id": "9"}, tts_notification_id=None
    )
    other = make_delivery(
        3, shop.remote_id, data={"order_id": "8"}, tts_notification_id=None
    )
    for each in (body, body, other):
        post(client, app, each)

    assert WebhookEvent.objects.filter(state=State.WAITING).count() == 2
    assert WebhookEvent.objects.filter(state=State.DUPLICATE).count() == 1


@pytest.mark.parametrize("given", ["", "x", "0" * 64, "é", "Bearer abc"])
def test_what_is_not_signed_by_us_is_refused_and_is_no_shops(client, shop, app, given):
    body = order_news(shop, "580001")

    answer = client.post(
        ADDRESS, body, content_type="application/json", headers={"authorization": given}
    )

    assert (answer.status_code, answer.content) == (401, b"")
    event = only_event()
    assert event.state == State.BAD_SIGNATURE
    assert event.shop is None
    assert event.next_try_at is None
    assert given not in event.headers.get("Authorization", "?") or given == ""


def test_one_changed_byte_is_refused(client, shop, app):
    body = order_news(shop, "580001")
    headers = {"authorization": signed(app, body)}

    answer = client.post(
        ADDRESS, body + b" ", content_type="application/json", headers=headers
    )

    assert answer.status_code == 401


def test_the_secret_of_one_app_does_not_speak_of_another_apps_shop(client, shop, app):
    stranger = make_api_app("Somebody else's")

    assert post(client, stranger, order_news(shop, "580001")).status_code == 200

    event = only_event()
    assert event.shop is None
    assert event.state == State.WAITING


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff\xfe", b'"x"', b"1" * 5000])
def test_what_is_signed_and_cannot_be_read_is_kept_and_refused(client, app, body):
    answer = post(client, app, body)

    assert answer.status_code == 400
    event = only_event()
    assert event.state == State.MALFORMED
    assert len(event.body) <= unwelcome.LONGEST_BODY


def test_an_oversize_delivery_is_refused_unread(client, app):
    class Body:
        def read(self, *args: object) -> bytes:
            raise AssertionError("it was read")

        readline = read

    unread: dict[str, Any] = {"wsgi.input": Body()}
    answer = Client().generic(
        "POST", ADDRESS, b"", "application/json", CONTENT_LENGTH=str(2**20), **unread
    )

    assert answer.status_code == 413
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize(("extra", "status"), [(0, 200), (2**20, 413)])
def test_a_body_whose_length_nobody_states_is_read_so_far(shop, app, extra, status):
    body = order_news(shop, "580001") + b" " * extra
    unstated: dict[str, Any] = {
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "HTTP_TRANSFER_ENCODING": "chunked",
        "HTTP_AUTHORIZATION": signed(app, body),
        "CONTENT_LENGTH": "",
    }

    answer = Client().generic("POST", ADDRESS, b"", "application/json", **unstated)

    assert answer.status_code == status
    assert WebhookEvent.objects.filter(state=State.WAITING).count() == (not extra)


def test_other_methods_are_refused(client):
    answer = client.get(ADDRESS)

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"


def test_a_flood_of_forgeries_writes_little(client, app, caplog, monkeypatch):
    monkeypatch.setattr(unwelcome.quota, "most", 3)
    clock = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    with caplog.at_level(logging.INFO):
        for number in range(10):
            client.post(ADDRESS, b"{}%d" % number, content_type="application/json")
        assert WebhookEvent.objects.count() == 3
        assert not caplog.records
        clock[0] += 61
        client.post(ADDRESS, b"{}", content_type="application/json")

    assert [each.getMessage() for each in caplog.records] == [
        "deliveries not kept count=7"
    ]
    assert WebhookEvent.objects.count() == 4


def test_genuine_deliveries_are_never_limited(client, shop, app, monkeypatch):
    monkeypatch.setattr(unwelcome.quota, "most", 0)

    for number in range(5):
        post(client, app, order_news(shop, str(number)))

    assert WebhookEvent.objects.count() == 5


def test_trouble_with_the_database_is_never_a_success(client, shop, app, monkeypatch):
    def away(*args: object) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(intake, "insert", away)
    assert post(client, app, order_news(shop, "1")).status_code == 503

    forget_signers()
    monkeypatch.setattr(signers, "_read", away)
    assert post(client, app, order_news(shop, "1")).status_code == 503


def test_a_secret_that_cannot_be_read_is_our_trouble_alone(client, shop, app):
    broken = make_api_app("Encrypted with another key")
    with connection.cursor() as cursor:
        table = ApiApp._meta.db_table
        cursor.execute(
            f"UPDATE {table} SET app_secret = %s WHERE id = %s",  # noqa: S608
            [b"not encrypted by us", broken.pk],
        )

    assert post(client, app, order_news(shop, "1")).status_code == 200
    assert post(client, broken, order_news(shop, "2")).status_code == 503


def test_an_app_added_a_moment_ago_is_known_within_a_second(
    client, shop, app, monkeypatch
):
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    post(client, app, order_news(shop, "1"))
    new = make_api_app("New")
    assert post(client, new, order_news(shop, "2")).status_code == 401

    clock[0] += 1.1

    assert post(client, new, order_news(shop, "3")).status_code == 200


@pytest.mark.parametrize(
    ("type_number", "state"),
    [
        (1, State.WAITING),
        (39, State.KEPT),
        (999, State.UNKNOWN_TYPE),
        (0, State.UNKNOWN_TYPE),
        (-5, State.UNKNOWN_TYPE),
        (10**30, State.UNKNOWN_TYPE),
    ],
)
def test_what_is_not_ours_to_act_on_is_kept(client, shop, app, type_number, state):
    body = make_delivery(type_number, shop.remote_id)

    assert post(client, app, body).status_code == 200

    event = only_event()
    assert event.state == state
    assert (event.next_try_at is None) == (state != State.WAITING)
    assert event.shop == shop


@pytest.mark.parametrize(
    ("hours", "state"), [(23, State.WAITING), (25, State.STALE), (-2, State.WAITING)]
)
def test_yesterdays_recording_is_not_acted_on(client, shop, app, hours, state):
    body = order_news(shop, "1", timestamp=int(time.time()) - hours * 3600)

    assert post(client, app, body).status_code == 200
    assert only_event().state == state


def test_what_people_write_to_each_other_is_not_kept(client, shop, app):
    data = {"conversation_id": "c1", "content": '{"content":"my phone is 0123"}'}
    body = make_delivery(14, shop.remote_id, data=data)

    post(client, app, body)
    post(client, app, body)

    first = WebhookEvent.objects.get(state=State.KEPT)
    assert json.loads(first.body)["data"] == {"conversation_id": "c1", "content": None}
    assert not WebhookEvent.objects.filter(body__contains="0123").exists()
    assert WebhookEvent.objects.filter(state=State.DUPLICATE).exists()


def test_what_no_database_stores_is_stored_all_the_same(client, shop, app):
    body = order_news(shop, "58", tts_notification_id="n" * 500)
    raw = body.replace(b'"58"', rb'"5\u00008\ud83d"')

    assert post(client, app, raw).status_code == 200
    event = only_event()
    assert len(event.notification_id) == intake.LONGEST_ID
    assert event.object_id.startswith("58")


def test_stock_news_wait_a_little_for_each_other(client, shop, app):
    post(client, app, make_delivery(71, shop.remote_id, data={"sku_id": 5}))

    event = only_event()
    assert event.next_try_at is not None
    assert event.next_try_at - event.received_at > timedelta(seconds=5)
