"""The simulator's own signing against the answers the platform has published."""

import pytest

from apps.simulator.tiktok.signature import request_signature, webhook_signature

PATH = "/authorization/202309/shops"
QUERY = {"app_key": "29a39d", "timestamp": "1623812664"}
SECRET = "e59af819cc"
JSON = "application/json"


def test_the_published_request_has_the_published_signature():
    assert request_signature(SECRET, PATH, QUERY, JSON, b"") == (
        "b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8"
    )


def test_the_published_webhook_has_the_published_signature():
    body = (
        b'{"type":1,"tts_notification_id":"7380066284010030890",'
        b'"shop_id":"7495540735365777507","timestamp":1718305585,'
        b'"data":{"is_on_hold_order":true,"order_id":"576653688135258178",'
        b'"order_status":"UNPAID","update_time":1718305585}}'
    )

    assert webhook_signature("123", "abcdef", body) == (
        "5dec0f11ec2f6783b8deee53c9ffbf8d024302f7c7e7fa55a35d17629031ac05"
    )


@pytest.mark.parametrize("name", ["sign", "access_token"])
def test_sign_and_access_token_do_not_count(name: str):
    plain = request_signature(SECRET, PATH, QUERY, JSON, b"")

    assert request_signature(SECRET, PATH, QUERY | {name: "x"}, JSON, b"") == plain


def test_the_order_of_the_query_does_not_matter_but_every_value_does():
    backwards = dict(reversed(QUERY.items()))
    plain = request_signature(SECRET, PATH, QUERY, JSON, b"")

    assert request_signature(SECRET, PATH, backwards, JSON, b"") == plain
    assert request_signature(SECRET, PATH, QUERY | {"a": ""}, JSON, b"") != plain


def test_a_multipart_body_is_not_signed_and_any_other_is():
    form = "multipart/form-data; boundary=x"
    plain = request_signature(SECRET, PATH, QUERY, form, b"")

    assert request_signature(SECRET, PATH, QUERY, form, b"--x--") == plain
    assert request_signature(SECRET, PATH, QUERY, JSON, b"{}") != plain
    assert request_signature(SECRET, PATH, QUERY, JSON, b"{ }") != (
        request_signature(SECRET, PATH, QUERY, JSON, b"{}")
    )
