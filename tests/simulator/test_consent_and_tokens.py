from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.simulator.caller import SHOPS, Caller, connect
from tests.simulator_server import REDIRECT_URL, SimulatorServer, run_simulator

DAY = 86_400


def exchange(server: SimulatorServer, **query: str) -> dict[str, Any]:
    app = server.apps()[0]
    full = {
        "app_key": app["app_key"],
        "app_secret": app["app_secret"],
        "grant_type": "authorized_code",
    } | query
    path = "refresh" if "refresh_token" in full else "get"
    if path == "refresh":
        full["grant_type"] = query.get("grant_type", "refresh_token")
    reply = requests.get(f"{server.url}/api/v2/token/{path}", full, timeout=30)
    return dict(reply.json()) | {"http": reply.status_code}


def refresh(server: SimulatorServer, token: str) -> dict[str, Any]:
    return exchange(server, refresh_token=token)


def first_seller(server: SimulatorServer) -> str:
    return str(server.sellers()[0]["id"])


def test_the_consent_page_shows_sellers_and_scopes(server: SimulatorServer):
    app = server.apps()[0]

    for query in (
        f"open/authorize?service_id={app['service_id']}&state=x",
        f"oauth/authorize?app_key={app['app_key']}&state=x",
    ):
        page = requests.get(f"{server.url}/{query}", timeout=30)
        assert page.status_code == 200
        assert all(seller["name"] in page.text for seller in server.sellers())
        assert all(scope in page.text for scope in app["scopes"])


def test_an_unknown_service_id_gets_a_clear_page(server: SimulatorServer):
    page = requests.get(f"{server.url}/open/authorize?service_id=1", timeout=30)

    assert page.status_code == 400
    assert "No app has this service_id" in page.text


def test_approval_returns_to_the_registered_url(server: SimulatorServer):
    back = server.approve(seller_id=first_seller(server), state="s 1&2")

    assert back["state"] == "s 1&2"
    assert back["app_key"] == server.apps()[0]["app_key"]
    assert back["shop_region"] == "US"
    assert back["locale"] == "en"
    assert back["code"]


def test_a_start_from_the_app_store_returns_without_state(server: SimulatorServer):
    assert "state" not in server.approve(seller_id=first_seller(server), state=None)


def test_refusal_returns_the_literal_null(server: SimulatorServer):
    form = {
        "service_id": server.apps()[0]["service_id"],
        "state": "abc",
        "decision": "refuse",
    }

    reply = requests.post(
        f"{server.url}/open/authorize", form, allow_redirects=False, timeout=30
    )

    location = urlsplit(reply.headers["location"])
    assert reply.headers["location"].startswith(REDIRECT_URL)
    assert parse_qs(location.query) == {
        "code": ["null"],
        "error": ["auth_denied"],
        "state": ["abc"],
    }


def test_a_code_is_exchanged_once(server: SimulatorServer):
    code = server.approve(seller_id=first_seller(server))["code"]

    first = exchange(server, auth_code=code)
    second = exchange(server, auth_code=code)

    assert first["code"] == 0
    assert first["message"] == "success"
    assert second["code"] == 36004004


def test_a_code_lives_half_an_hour(server: SimulatorServer):
    late = server.approve(seller_id=first_seller(server))["code"]
    server.control("clock", {"advance": 30 * 60 + 1})
    in_time = server.approve(seller_id=first_seller(server))["code"]
    server.control("clock", {"advance": 29 * 60})

    assert exchange(server, auth_code=late)["code"] == 36004004
    assert exchange(server, auth_code=in_time)["code"] == 0


def test_a_code_of_another_app_is_invalid(server: SimulatorServer):
    other = server.apps()[1]["app_key"]
    code = server.approve(seller_id=first_seller(server), app_key=other)["code"]

    assert exchange(server, auth_code=code)["code"] == 36004004


def test_expiries_are_absolute_moments(server: SimulatorServer):
    now = server.control("clock")["now"]

    tokens = server.tokens(seller_id=first_seller(server))

    assert tokens["access_token_expire_in"] == pytest.approx(now + 7 * DAY, abs=10)
    assert tokens["refresh_token_expire_in"] == pytest.approx(now + 365 * DAY, abs=10)
    assert tokens["user_type"] == 0
    assert tokens["granted_scopes"] == server.apps()[0]["scopes"]
    assert 90 < len(tokens["access_token"]) < 130


def test_a_seller_may_grant_fewer_scopes(server: SimulatorServer):
    tokens = server.tokens(seller_id=first_seller(server), scopes=["seller.shop.info"])

    assert tokens["granted_scopes"] == ["seller.shop.info"]


@pytest.mark.parametrize(
    ("change", "http", "says"),
    [
        ({"app_key": "nobody"}, 400, "Invalid app_key"),
        ({"app_secret": "guessed"}, 200, "Invalid app_secret"),
        ({"grant_type": "authorization_code"}, 200, "grant_type"),
        ({"auth_code": ""}, 200, "auth_code"),
    ],
)
def test_a_wrong_token_request_is_refused(
    server: SimulatorServer, change: dict[str, str], http: int, says: str
):
    code = server.approve(seller_id=first_seller(server))["code"]

    reply = exchange(server, **({"auth_code": code} | change))

    assert (reply["http"], reply["code"]) == (http, 36009004)
    assert says in reply["message"]
    assert exchange(server, auth_code=code)["code"] == 0  # the code was not spent


def test_a_refresh_replaces_both_tokens_and_kills_the_old_ones(caller: Caller):
    server = caller.server
    tokens = server.tokens(seller_id=caller.seller["id"])

    renewed = refresh(server, tokens["refresh_token"])["data"]

    assert renewed["access_token"] != tokens["access_token"]
    assert renewed["refresh_token"] != tokens["refresh_token"]
    assert refresh(server, tokens["refresh_token"])["code"] == 36004001
    caller.token = tokens["access_token"]
    assert caller.code("GET", SHOPS) == 105001
    caller.token = renewed["access_token"]
    assert caller.code("GET", SHOPS) == 0


def test_a_switch_keeps_the_old_access_token_alive(caller: Caller):
    server = caller.server
    server.control("switches", {"old_access_token_dies": False})
    tokens = server.tokens(seller_id=caller.seller["id"])

    refresh(server, tokens["refresh_token"])

    caller.token = tokens["access_token"]
    assert caller.code("GET", SHOPS) == 0


def test_a_refresh_does_not_lengthen_the_authorization(server: SimulatorServer):
    tokens = server.tokens(seller_id=first_seller(server))
    server.control("clock", {"advance": 5 * DAY})

    renewed = refresh(server, tokens["refresh_token"])["data"]

    assert renewed["refresh_token_expire_in"] == tokens["refresh_token_expire_in"]
    assert renewed["access_token_expire_in"] > tokens["access_token_expire_in"]


def test_the_end_of_the_authorization_ends_everything(caller: Caller):
    server = caller.server
    tokens = server.tokens(seller_id=caller.seller["id"])
    server.control("tokens/ends", {"in_seconds": -1})

    caller.token = tokens["access_token"]
    assert caller.code("GET", SHOPS) == 105002
    assert refresh(server, tokens["refresh_token"])["code"] == 36004001


def test_a_revoked_refresh_token_needs_new_consent(server: SimulatorServer):
    tokens = server.tokens(seller_id=first_seller(server))
    server.control("tokens/revoke", {})

    assert refresh(server, tokens["refresh_token"])["code"] == 36004001


def test_a_deauthorised_seller_has_no_record(server: SimulatorServer):
    tokens = server.tokens(seller_id=first_seller(server))
    server.control("tokens/deauthorise", {})

    assert refresh(server, tokens["refresh_token"])["code"] == 36004005


def test_tokens_work_until_their_expiry(caller: Caller):
    tokens = caller.server.tokens(seller_id=caller.seller["id"])
    caller.token = tokens["access_token"]
    end = tokens["access_token_expire_in"]

    caller.server.control("clock", {"set": end - 20, "freeze": True})
    assert caller.code("GET", SHOPS, {"timestamp": str(end - 20)}) == 0
    caller.server.control("clock", {"set": end})
    reply = caller.send("GET", SHOPS, {"timestamp": str(end)})
    assert (reply.status_code, reply.json()["code"]) == (401, 105002)


def test_one_token_opens_all_shops_of_the_seller_and_no_other(
    server: SimulatorServer,
):
    for number, seller in enumerate(server.sellers()):
        shops = connect(server, number).data("GET", SHOPS)["shops"]
        assert [shop["id"] for shop in shops] == [s["id"] for s in seller["shops"]]
        assert len({shop["cipher"] for shop in shops}) == len(shops)


def test_a_restart_keeps_tokens_settings_and_orders(tmp_path: Path):
    state = tmp_path / "state.jsonl"
    with run_simulator(state_path=state) as server:
        before = connect(server)
        server.control(f"apps/{before.app['app_key']}", {"redirect_url": "https://a.b"})
        unused = server.approve(seller_id=before.seller["id"])["code"]
        placed = server.control("orders", {"shop_id": before.seller["shops"][0]["id"]})
        server.control(f"orders/{placed['id']}/move", {"status": "AWAITING_COLLECTION"})
        ids = [order["id"] for order in before.search_all(sort_order="ASC")]
    with state.open("ab") as file:
        file.write(b'{"event":"granted","app_k')  # a crash tore the last line

    with run_simulator(state_path=state) as server:
        before.server = server
        assert server.apps()[0]["redirect_url"] == "https://a.b"
        after = before.search_all(sort_order="ASC")
        assert [order["id"] for order in after][: len(ids)] == ids
        kept = next(order for order in after if order["id"] == placed["id"])
        assert kept["status"] == "AWAITING_COLLECTION"
        assert kept["update_time"] >= placed["update_time"]
        assert exchange(server, auth_code=unused)["code"] == 0
