import json

import pytest

from apps.integrations.errors import (
    ConsentNeeded,
    MalformedReply,
    OurFault,
    PlatformUnavailable,
    RateLimited,
    RequestRefused,
    ScopeMissing,
    TokenExpired,
)
from apps.integrations.http import Reply
from apps.integrations.tiktok.codes import FAULTS, fault_of
from apps.integrations.tiktok.faults import Action
from apps.integrations.tiktok.replies import data_of, error_for, open_envelope

HEADERS = {"Date": "Mon, 21 Sep 2026 12:53:20 GMT"}


def read(body, *, status=200, headers=HEADERS):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return data_of(open_envelope(Reply(status, headers, raw, 1)))


def make_error(code, message="", *, status=200, headers=HEADERS, secrets=()):
    return error_for(status, code, message, "REQ9", headers, secrets=secrets)


@pytest.mark.parametrize("status", [200, 400, 500])
def test_code_zero_is_success_whatever_the_status(status):
    assert read({"code": 0, "data": {"a": 1}}, status=status) == {"a": 1}


@pytest.mark.parametrize("body", [{"code": 0}, {"code": "0", "data": None}])
def test_nothing_to_say_is_success_too(body):
    assert read(body) == {}


@pytest.mark.parametrize(
    ("code", "kind", "advice"),
    [
        (36009002, RateLimited, "Wait a moment"),
        (36009003, PlatformUnavailable, "Try again later"),
        (36009007, PlatformUnavailable, "Try again later"),
        (36009009, OurFault, "Tell the developers"),
        (36009014, OurFault, "Tell the developers"),
        (36009021, RequestRefused, "Correct it"),
        (36009033, OurFault, "Partner Center"),
        (36009037, RateLimited, "quota"),
        (36009043, OurFault, "Partner Center"),
        (101000, ConsentNeeded, "connect the shop again"),
        (1010000, ConsentNeeded, "connect the shop again"),
        (105001, ConsentNeeded, "connect the shop again"),
        (105002, TokenExpired, "Refresh the token"),
        (105005, ScopeMissing, "Add the permission"),
        (106001, OurFault, "Tell the developers"),
        (106013, OurFault, "Tell the developers"),
        (36004001, ConsentNeeded, "connect the shop again"),
        (36004004, ConsentNeeded, "connect the shop again"),
        (10037003, PlatformUnavailable, "Try again later"),
        (10006402, RequestRefused, "Check that the order is of this shop"),
        (21008111, RequestRefused, "will not help"),
        (21011040, RequestRefused, "Nothing to do"),
        (25001003, RequestRefused, "Fetch it again"),
        (12052093, RateLimited, "quota"),
        (12052700, RequestRefused, "will not help"),
    ],
)
def test_each_kind_of_code_becomes_what_can_be_done_about_it(code, kind, advice):
    error = make_error(code, "their words")

    assert type(error) is kind
    assert advice in error.message
    assert (error.code, error.request_id, error.http_status) == (code, "REQ9", 200)
    assert f"code {code}, request REQ9" in str(error)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Missing credentials, the sign is required", OurFault),
        ("Invalid credentials. The access_token is invalid", TokenExpired),
        (
            "Invalid credentials. The x-tts-access-token header is invalid",
            TokenExpired,
        ),
        ("Invalid credentials. Invalid app_key", OurFault),
        ("Invalid credentials. Invalid app_secret", OurFault),
        ("Invalid timestamp, it is more than 5 minutes old", OurFault),
        ("Unexpected identifier shop_cipher", OurFault),
        ("Invalid identifier, check shop_id", OurFault),
        ("Invalid API version", OurFault),
        ("The date range is longer than allowed", RequestRefused),
        ("Something new", OurFault),
    ],
)
def test_the_overloaded_code_is_read_by_its_words(message, kind):
    assert type(make_error(36009004, message, status=400)) is kind


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, RequestRefused),
        (401, RequestRefused),
        (429, RateLimited),
        (500, PlatformUnavailable),
        (503, PlatformUnavailable),
    ],
)
def test_an_unknown_code_is_only_retried_for_its_status(status, kind):
    error = make_error(77777777, "a new rule", status=status)

    assert type(error) is kind
    assert ("a new rule" in str(error)) == (kind is RequestRefused)


def test_every_code_of_the_table_has_words_and_a_class():
    for code, fault in FAULTS.items():
        assert make_error(code).message.startswith(fault.meaning)
        assert fault_of(code, http_status=503) is fault


def test_codes_that_differ_in_what_to_do_are_told_apart():
    assert FAULTS[21011006].action is Action.DONE
    assert FAULTS[25001011].action is Action.REREAD
    assert FAULTS[45101004].action is Action.LATER


def test_the_platform_is_quoted_without_secrets_and_not_at_length():
    message = "bad cipher GCP_x " + "y" * 500

    error = make_error(21008111, message, secrets=["GCP_x", ""])

    assert "bad cipher … yyy" in str(error)
    assert "GCP_x" not in str(error)
    assert len(str(error)) < 400


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "Mon, 21 Sep 2026 12:53:50 GMT", **HEADERS}, 30),
        ({"Retry-After": "Mon, 21 Sep 2026 12:00:00 GMT", **HEADERS}, 0),
        ({"Retry-After": "99999999999"}, 3600),
        ({"Retry-After": "-3"}, 1),
        ({"Retry-After": "soon"}, 1),
        ({}, 1),
    ],
)
def test_the_pause_asked_for_is_understood(headers, seconds):
    error = make_error(36009002, status=429, headers=headers)

    assert error.retry_after_seconds == seconds


def test_a_quota_without_a_time_asks_for_a_long_pause():
    assert make_error(36009037, status=429).retry_after_seconds == 600
    assert make_error(36009003).retry_after_seconds == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"code": 0, "data": {"orders": [{"id": "58',
        b'{"code": 0, "data": {"orders": [{"id": "58"}',
        b'{"code": 0, "data": tru',
        '{"message": "Đ'.encode()[:-1],
        b'{"message": "a } b }',
    ],
)
def test_a_body_cut_short_may_be_asked_for_again(body):
    with pytest.raises(PlatformUnavailable, match="cut short") as caught:
        read(body)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "body",
    [
        b"<html>planted</html>",
        b'"planted"',
        b'["planted"]',
        b'{"planted": NaN}',
        b'{"planted": \xff}',
        b'{"message": "planted"}',
        b'{"code": "planted"}',
        b'{"code": 0, "data": ["planted"]}',
        b"[" * 100_000,
    ],
)
def test_anything_but_an_envelope_is_malformed(body):
    with pytest.raises(MalformedReply) as caught:
        read(body, status=404)
    assert "planted" not in str(caught.value)
    assert "HTTP 404" in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("body", [b"<html>", b"", b'{"message": "busy"}'])
def test_without_an_envelope_the_status_tells(body):
    with pytest.raises(PlatformUnavailable):
        read(body, status=502)
    with pytest.raises(RateLimited) as caught:
        read(body, status=429, headers={"Retry-After": "5"})
    assert caught.value.retry_after_seconds == 5


def test_what_no_database_takes_is_left_out():
    body = (
        rb'{"code": 0, "data": {"note": "a\u0000b", "half": "\ud83d", "ok": "\u0111"}}'
    )

    assert read(body) == {"note": "ab", "half": "?", "ok": "đ"}
