"""Creators of the simulator who let an app in, for these tests only."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from tests.simulator.caller import Caller
from tests.simulator_server import SimulatorServer

CONSENT = "/alliance/creator/auth"
ORDERS = "/affiliate_creator/202410/orders/search"
PROFILE = "/affiliate_creator/202508/profiles"
Json = dict[str, Any]


def creators_at(server: SimulatorServer, region: str) -> list[Json]:
    everybody = server.control("creators")
    return [one for one in everybody if one["selection_region"] == region]


def consent(server: SimulatorServer, creator: Json, **fields: Any) -> Json:
    """The query of the redirect after the creator's answer."""
    sent: Json = {
        "app_key": server.apps()[0]["app_key"],
        "creator": creator["id"],
        "decision": "approve",
        "state": "a-state",
    }
    reply = requests.post(
        server.url + CONSENT, sent | fields, allow_redirects=False, timeout=30
    )
    assert reply.status_code == 302, reply.text
    return dict(parse_qsl(urlsplit(reply.headers["location"]).query))


def tokens(
    server: SimulatorServer, credential: str, value: str, grant_type: str
) -> Json:
    app = server.apps()[0]
    which = "refresh" if credential == "refresh_token" else "get"
    query = {
        "app_key": app["app_key"],
        "app_secret": app["app_secret"],
        credential: value,
        "grant_type": grant_type,
    }
    url = f"{server.url}/api/v2/token/{which}"
    return dict(requests.get(url, query, timeout=30).json())


def let_in(server: SimulatorServer, creator: Json, **fields: Any) -> Json:
    """The tokens of a creator who says yes."""
    code = consent(server, creator, **fields)["code"]
    reply = tokens(server, "auth_code", code, "authorized_code")
    assert reply["code"] == 0, reply
    return dict(reply["data"])


def as_creator(server: SimulatorServer, creator: Json, **fields: Any) -> Caller:
    given = let_in(server, creator, **fields)
    return Caller(server, server.apps()[0], {}, given["access_token"])
