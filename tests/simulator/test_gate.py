"""Every refusal of the gate, one by one and in its order."""

import time

import pytest

from tests.simulator.caller import DETAIL, SEARCH, SHOPS, Caller, connect
from tests.simulator_server import SimulatorServer

PAGE = {"page_size": "5"}


def test_a_correct_request_is_answered_in_the_envelope(caller: Caller):
    reply = caller.send("GET", SHOPS)

    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("application/json")
    body = reply.json()
    assert (body["code"], body["message"]) == (0, "Success")
    assert len(body["request_id"]) == 34
    assert body["request_id"][:8].isdigit()


def test_an_unknown_path_is_404_before_anything_else(caller: Caller):
    reply = caller.send("GET", "/order/202309/nothing", without=("app_key", "sign"))

    assert (reply.status_code, reply.json()["code"]) == (404, 36009009)


def test_a_wrong_method_is_refused_before_the_app_key(caller: Caller):
    reply = caller.send("GET", SEARCH, without=("app_key",))

    assert (reply.status_code, reply.json()["code"]) == (200, 36009010)


@pytest.mark.parametrize("version", ["202212", "202412", "v1"])
def test_a_retired_or_wrong_version_answers_null_data(caller: Caller, version: str):
    reply = caller.send("POST", f"/order/{version}/orders/search", PAGE, {}).json()

    assert reply["code"] == 36009014
    assert reply["data"] is None


def test_an_unknown_app_key_is_400_before_the_signature(caller: Caller):
    reply = caller.send("GET", SHOPS, {"app_key": "nobody"}, without=("sign",))

    assert reply.status_code == 400
    assert reply.json()["code"] == 36009004
    assert "Invalid app_key" in reply.json()["message"]


@pytest.mark.parametrize(
    ("timestamp", "says"),
    [
        ("", "missing"),
        ("yesterday", "Unix timestamp"),
        ("1757030400000", "Unix timestamp"),
        ("early", "within 5 minutes"),
        ("late", "within 5 minutes"),
    ],
)
def test_a_timestamp_outside_the_window_is_refused(
    caller: Caller, timestamp: str, says: str
):
    shifts = {"early": -302, "late": 33}
    if timestamp in shifts:
        timestamp = str(int(time.time()) + shifts[timestamp])

    reply = caller.send("GET", SHOPS, {"timestamp": timestamp}).json()

    assert reply["code"] == 36009004
    assert reply["message"].startswith("Invalid timestamp")
    assert says in reply["message"]


@pytest.mark.parametrize("shift", [-290, 25])
def test_a_timestamp_inside_the_window_passes(caller: Caller, shift: int):
    stamp = str(int(time.time()) + shift)

    assert caller.code("GET", SHOPS, {"timestamp": stamp}) == 0


def test_a_caller_in_real_time_is_heard_unless_told_otherwise(caller: Caller):
    caller.server.control("clock", {"advance": 3_600})
    assert caller.code("GET", SHOPS) == 0

    caller.server.control("switches", {"timestamps_in_real_time": False})
    assert caller.code("GET", SHOPS) == 36009004
    ours = str(int(time.time()) + 3_600)
    assert caller.code("GET", SHOPS, {"timestamp": ours}) == 0


def test_a_missing_signature_is_a_missing_credential(caller: Caller):
    reply = caller.send("GET", SHOPS, without=("sign",)).json()

    assert reply["code"] == 36009004
    assert reply["message"].startswith("Missing credentials")


def test_another_secret_does_not_sign(caller: Caller):
    assert caller.code("GET", SHOPS, secret="guessed") == 106001


def test_a_parameter_added_after_signing_breaks_the_signature(caller: Caller):
    assert caller.code("GET", SHOPS, extra={"page_size": "1"}) == 106001


def test_the_very_bytes_of_the_body_are_signed(caller: Caller):
    query = PAGE | {"shop_cipher": caller.cipher()}
    body = '{ "buyer_user_id":  "é" }'.encode()

    assert caller.code("POST", SEARCH, query, body) == 0
    spoilt = caller.send("POST", SEARCH, query, body, extra={"sign": "0" * 64}).json()
    assert spoilt["code"] == 106001


def test_sign_and_access_token_are_not_signed(caller: Caller):
    assert caller.code("GET", SHOPS, extra={"access_token": "old form"}) == 0


def test_a_missing_token_header_is_refused(caller: Caller):
    reply = caller.send("GET", SHOPS, headers={"x-tts-access-token": ""}).json()

    assert reply["code"] == 36009004
    assert "x-tts-access-token header is invalid" in reply["message"]


def test_the_signature_is_looked_at_before_the_token(caller: Caller):
    headers = {"x-tts-access-token": "nonsense"}

    assert caller.code("GET", SHOPS, secret="guessed", headers=headers) == 106001
    assert caller.code("GET", SHOPS, headers=headers) == 105001


def test_a_token_of_another_app_is_invalid(server: SimulatorServer):
    mine, other = connect(server), connect(server, app=1)
    mine.token = other.token

    assert mine.code("GET", SHOPS) == 105001


def test_an_expired_token_is_401(caller: Caller):
    caller.server.control("tokens/expire", {"app_key": caller.app["app_key"]})

    reply = caller.send("GET", SHOPS)

    assert (reply.status_code, reply.json()["code"]) == (401, 105002)


def test_a_deauthorised_token_says_so(caller: Caller):
    caller.server.control("tokens/deauthorise", {"seller_id": caller.seller["id"]})

    reply = caller.send("GET", SHOPS).json()

    assert reply["code"] == 105001
    assert "detail: your token has been deauthorized" in reply["message"]


def test_a_scope_the_app_lacks_is_refused(server: SimulatorServer):
    reader = connect(server, app=1)

    query = PAGE | {"shop_cipher": reader.cipher()}
    assert reader.code("POST", SEARCH, query, {}) == 105005
    assert reader.code("GET", SHOPS) == 0


def test_a_scope_the_seller_withheld_is_refused(server: SimulatorServer):
    partly = connect(server, scopes=["seller.authorization.info"])

    query = PAGE | {"shop_cipher": partly.cipher()}
    assert partly.code("POST", SEARCH, query, {}) == 105005


def test_a_cipher_where_none_belongs_is_refused(caller: Caller):
    reply = caller.send("GET", SHOPS, {"shop_cipher": caller.cipher()}).json()

    assert reply["code"] == 36009004
    assert reply["message"].startswith("Unexpected identifier")


def test_a_missing_cipher_is_refused(caller: Caller):
    assert caller.code("POST", SEARCH, PAGE, {}) == 106013


def test_the_cipher_of_another_sellers_shop_is_refused(server: SimulatorServer):
    mine, other = connect(server), connect(server, 1)

    query = PAGE | {"shop_cipher": other.cipher()}
    assert mine.code("POST", SEARCH, query, {}) == 101000
    assert mine.code("POST", SEARCH, PAGE | {"shop_cipher": "made-up"}, {}) == 101000


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b"a=1"])
def test_a_body_that_is_no_json_object_is_refused(caller: Caller, body: bytes):
    query = PAGE | {"shop_cipher": caller.cipher()}

    assert caller.code("POST", SEARCH, query, body) == 36009022


def test_another_content_type_is_refused(caller: Caller):
    query = PAGE | {"shop_cipher": caller.cipher()}
    headers = {"content-type": "application/x-www-form-urlencoded"}

    assert caller.code("POST", SEARCH, query, b"{}", headers=headers) == 36009022


def test_no_body_at_all_counts_as_an_empty_one(caller: Caller):
    query = PAGE | {"shop_cipher": caller.cipher()}

    assert caller.code("POST", SEARCH, query) == 0


def test_too_many_requests_a_second_are_429(caller: Caller):
    caller.server.control("rate_limit", {"per_second": 3, "retry_after": 2})
    query = {"ids": "57", "shop_cipher": caller.cipher()}
    other_shop = query | {"shop_cipher": caller.cipher(1)}

    replies = [caller.send("GET", DETAIL, query) for _ in range(4)]

    assert [reply.status_code for reply in replies] == [200, 200, 200, 429]
    assert replies[-1].json()["code"] == 36009002
    assert replies[-1].headers["retry-after"] == "2"
    assert caller.code("GET", DETAIL, other_shop) == 0  # each shop has its own limit


def test_refusals_are_listed_with_their_codes(caller: Caller):
    caller.server.control("requests", method="DELETE")
    caller.send("GET", SHOPS, secret="guessed")

    (seen,) = caller.server.control("requests?refused=1")

    assert (seen["path"], seen["code"]) == (SHOPS, 106001)
    assert "sign" not in seen["query"]
