"""A client of the simulator's API for these tests only.

It signs by itself, straight from the platform's documentation, and shares no code
with the simulator or with our client.
"""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from typing import Any

import requests

from tests.simulator_server import SimulatorServer

SHOPS = "/authorization/202309/shops"
SEARCH = "/order/202309/orders/search"
DETAIL = "/order/202507/orders"
WEBHOOKS = "/event/202309/webhooks"


def sign(secret: str, path: str, query: dict[str, str], body: bytes) -> str:
    middle = path + "".join(
        name + query[name]
        for name in sorted(query)
        if name not in ("sign", "access_token")
    )
    key = secret.encode()
    message = key + middle.encode() + body + key
    return hmac.new(key, message, hashlib.sha256).hexdigest()


@dataclass
class Caller:
    """An app with a seller's token; `without` and `extra` spoil a request."""

    server: SimulatorServer
    app: dict[str, Any]
    seller: dict[str, Any]
    token: str

    def cipher(self, shop: int = 0) -> str:
        return str(self.seller["shops"][shop]["ciphers"][self.app["app_key"]])

    def send(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        body: object = None,
        *,
        without: tuple[str, ...] = (),
        extra: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        secret: str = "",
    ) -> requests.Response:
        """`extra` is added after signing; `body` may be bytes, sent as they are."""
        raw = body if isinstance(body, bytes) else b""
        if body is not None and not isinstance(body, bytes):
            raw = json.dumps(body).encode()
        full = {"app_key": self.app["app_key"], "timestamp": str(int(time.time()))}
        full |= query or {}
        full = {k: v for k, v in full.items() if k not in without}
        if "sign" not in without:
            full["sign"] = sign(secret or self.app["app_secret"], path, full, raw)
        sent = {
            "x-tts-access-token": self.token,
            "content-type": "application/json",
        } | (headers or {})
        return requests.request(
            method,
            self.server.url + path,
            params=full | (extra or {}),
            data=raw or None,
            headers={k: v for k, v in sent.items() if v},
            timeout=30,
        )

    def upload(
        self,
        path: str,
        files: dict[str, tuple[str, bytes]],
        fields: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """The reply to a multipart request, whose body is not signed."""
        full = {"app_key": self.app["app_key"], "timestamp": str(int(time.time()))}
        full |= query or {}
        full["sign"] = sign(self.app["app_secret"], path, full, b"")
        return dict(
            requests.post(
                self.server.url + path,
                fields,
                params=full,
                files=files,
                headers={"x-tts-access-token": self.token},
                timeout=30,
            ).json()
        )

    def code(self, *args: Any, **kwargs: Any) -> int:
        return int(self.send(*args, **kwargs).json()["code"])

    def data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        reply = self.send(*args, **kwargs).json()
        assert reply["code"] == 0, reply
        return dict(reply["data"])

    def search(
        self, body: dict[str, Any] | None = None, shop: int = 0, /, **query: str
    ) -> dict[str, Any]:
        query = {"page_size": "100", "shop_cipher": self.cipher(shop)} | query
        return self.data("POST", SEARCH, query, body or {})

    def search_all(
        self, body: dict[str, Any] | None = None, shop: int = 0, /, **query: str
    ) -> list[dict[str, Any]]:
        """Every page of a search."""
        orders: list[dict[str, Any]] = []
        while True:
            page = self.search(body, shop, **query)
            orders += page["orders"]
            if not page["next_page_token"]:
                return orders
            query["page_token"] = page["next_page_token"]


def connect(
    server: SimulatorServer,
    seller: int = 0,
    *,
    app: int = 0,
    scopes: list[str] | None = None,
) -> Caller:
    """Let a seller authorise an app; by number, as the control lists name them."""
    chosen, its_app = server.sellers()[seller], server.apps()[app]
    tokens = server.tokens(
        seller_id=chosen["id"], app_key=its_app["app_key"], scopes=scopes
    )
    return Caller(server, its_app, chosen, tokens["access_token"])
