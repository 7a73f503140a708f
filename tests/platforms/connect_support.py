"""A desk in front of the simulator: what the tests of the connection share.

The module that uses it starts the simulator once:

    @pytest.fixture(scope="module")
    def simulator():
        with run_simulator(orders=60, redirect_url=CALLBACK_URL) as server:
            yield server

    @pytest.fixture
    def desk(simulator, settings, client, db, monkeypatch):
        return make_desk(simulator, settings, client, monkeypatch)
"""

import html
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import requests
from django.contrib.messages import get_messages
from django.test import Client as Browser

from apps.platforms.models import (
    ApiApp,
    Authorization,
    ConnectAttempt,
    Credential,
    Shop,
)
from apps.sync.tasks import pull_orders, pull_products
from apps.users.models import AuditEntry, Client, User
from tests.factories.platforms import MANAGER, make_api_app
from tests.factories.users import make_client, make_user
from tests.simulator_server import SimulatorServer

CALLBACK = "/platforms/tiktok/callback/"
CALLBACK_URL = f"http://testserver{CALLBACK}"
CONNECT = "/platforms/connect/"
PASSWORD = "a password"
NO_LONGER_VALID = "This connection link is no longer valid. Start again from Add Shop."

HARBOUR_LANE, KAIN_NUSANTARA, LOTUS_HOMEWARE, ISARWERK = range(4)


def app_of(simulator: SimulatorServer, number: int = 0, **fields: Any) -> ApiApp:
    listed = simulator.apps()[number]
    names = ("name", "app_key", "app_secret", "service_id")
    return make_api_app(**{name: listed[name] for name in names} | fields)


def point_settings_at(simulator: SimulatorServer, settings: Any) -> None:
    simulator.control("reset", {})
    for name in ("API", "TOKEN", "CONSENT"):
        setattr(settings, f"TIKTOK_{name}_URL", simulator.url)
    settings.TIKTOK_CONSENT_URL_US = simulator.url
    settings.SIMULATOR_URL = simulator.url


@dataclass
class Desk:
    """Somebody at a browser, signed in, and the platform."""

    simulator: SimulatorServer
    browser: Browser
    company: Client
    staff: User
    app: ApiApp
    queued: list[tuple[Any, ...]] = field(default_factory=list)
    queued_products: list[tuple[Any, ...]] = field(default_factory=list)

    def seller(self, number: int) -> dict[str, Any]:
        return self.simulator.sellers()[number]

    def shop_ids(self, number: int) -> list[str]:
        return [shop["id"] for shop in self.seller(number)["shops"]]

    def choose(self, query: str = "", **fields: Any) -> Any:
        """Send the first step off; the answer."""
        form = {
            "client": self.company.pk,
            "region": "DE",
            "api_app": self.app.pk,
            "environment": "production",
            "name": "",
        }
        return self.browser.post(CONNECT + query, form | fields)

    def leave(self, query: str = "", **fields: Any) -> str:
        """Steps 1 and 2; the address of the platform's consent page."""
        chosen = self.choose(query, **fields)
        assert chosen.status_code == 302, chosen.context["form"].errors
        left = self.browser.post(chosen.headers["Location"])
        assert left.status_code == 302, left.content
        return str(left.headers["Location"])

    def consent(self, address: str, number: int = ISARWERK, **fields: Any) -> str:
        """Answer on the platform's page; the path and query that lead back."""
        sent = dict(parse_qsl(urlsplit(address).query))
        sent |= {"seller": self.seller(number)["id"], "decision": "approve"}
        reply = requests.post(
            f"{self.simulator.url}/open/authorize",
            sent | fields,
            allow_redirects=False,
            timeout=30,
        )
        assert reply.status_code == 302, reply.text
        back = urlsplit(reply.headers["location"])
        assert back.path == CALLBACK
        return f"{back.path}?{back.query}"

    def arrive(self, number: int = ISARWERK, query: str = "", **fields: Any) -> str:
        """Steps 1 to 4; the address of the page that finishes the connection."""
        back = self.browser.get(self.consent(self.leave(query, **fields), number))
        assert back.status_code == 302
        return str(back.headers["Location"])

    def exchange(self, number: int = ISARWERK, query: str = "", **fields: Any) -> Any:
        """Steps 1 to 5; the page that follows."""
        return self.browser.post(self.arrive(number, query, **fields), follow=True)

    def link(self, number: int = ISARWERK, query: str = "", **fields: Any) -> Any:
        """All steps, for all shops of the seller that may be linked."""
        page = self.exchange(number, query, **fields)
        picked = [o for o in page.context["offers"] if o.is_chosen]
        return self.browser.post(
            path_of(page), {"shop": [o.remote.remote_id for o in picked]}, follow=True
        )


def make_desk(
    simulator: SimulatorServer, settings: Any, browser: Browser, monkeypatch: Any
) -> Desk:
    point_settings_at(simulator, settings)
    company = make_client("Northwind")
    staff = make_user("staff", clients=[company], permissions=MANAGER)
    desk = Desk(simulator, browser, company, staff, app_of(simulator))
    for task, queue in (
        (pull_orders, desk.queued),
        (pull_products, desk.queued_products),
    ):
        monkeypatch.setattr(task, "delay", lambda *args, to=queue: to.append(args))
    browser.force_login(staff)
    return desk


def code_in(address: str) -> str:
    return parse_qs(urlsplit(address).query)["code"][0]


def path_of(page: Any) -> str:
    return str(page.request["PATH_INFO"])


def said(page: Any) -> list[str]:
    return [str(message) for message in get_messages(page.wsgi_request)] or [
        str(message) for message in (page.context or {}).get("messages", [])
    ]


def text_of(page: Any) -> str:
    return html.unescape(page.content.decode())


def nothing_was_stored() -> bool:
    models = (Shop, Authorization, Credential)
    return not any(model._default_manager.exists() for model in models)


def deeds(verb: str) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(verb=verb))


def last_attempt() -> ConnectAttempt:
    return ConnectAttempt.objects.latest("pk")
