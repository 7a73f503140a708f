"""From Add Shop to a connected shop, against a running simulator."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
import requests
import time_machine
from django.contrib.messages import get_messages
from django.db import transaction
from django.test import Client as Browser
from django.utils import timezone
from kombu.exceptions import OperationalError

from apps.platforms.errors import ConnectFailed
from apps.platforms.models import (
    ApiApp,
    Authorization,
    ConnectAttempt,
    Credential,
    Shop,
)
from apps.platforms.services import connect as service
from apps.platforms.services.clients import TikTokTokens
from apps.sync.models import SyncRun
from apps.sync.tasks import pull_orders
from apps.users.models import User
from tests.factories.platforms import make_api_app, make_shop, make_simulator_app
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db

CONNECT = "/platforms/connect/"
CALLBACK = "/platforms/tiktok/callback/"
NO_LONGER_VALID = "This connection link is no longer valid. Start again from Add Shop."


@pytest.fixture
def queued(monkeypatch) -> list[tuple[Any, ...]]:
    """What the callback asked the workers to do."""
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(pull_orders, "delay", lambda *args: calls.append(args))
    return calls


@pytest.fixture
def app(simulator) -> ApiApp:
    return make_simulator_app(simulator)


@pytest.fixture
def browser(client: Browser, staff: User) -> Browser:
    client.force_login(staff)
    return client


def consent_address(browser, client, app, market: str = "row") -> str:
    """Send the form off; where it leads."""
    form = {"client": client.pk, "api_app": app.pk, "market": market}
    reply = browser.post(CONNECT, form)
    assert reply.status_code == 302, reply.context["form"].errors
    return str(reply.headers["Location"])


def consent(address: str, *, seller_id: str, decision: str = "approve") -> str:
    """Answer on the platform's page; the path and query that lead back."""
    fields = dict(parse_qsl(urlsplit(address).query))
    reply = requests.post(
        address,
        fields | {"seller": seller_id, "decision": decision},
        allow_redirects=False,
        timeout=30,
    )
    assert reply.status_code == 302
    back = urlsplit(reply.headers["location"])
    assert back.path == CALLBACK
    return f"{back.path}?{back.query}"


def said(reply) -> list[str]:
    return [str(message) for message in get_messages(reply.wsgi_request)]


def nothing_was_stored() -> bool:
    models = (Shop, Authorization, Credential)
    return not any(model._default_manager.exists() for model in models)


def test_a_consent_connects_every_shop_of_the_seller_and_starts_their_pulls(
    browser, company, app, simulator, queued, django_capture_on_commit_callbacks
):
    seller = simulator.sellers()[2]
    way_back = consent(consent_address(browser, company, app), seller_id=seller["id"])
    assert queued == []

    with django_capture_on_commit_callbacks(execute=True):
        reply = browser.get(way_back)

    assert reply.status_code == 302
    assert reply.headers["Location"] == "/admin/platforms/shop/"
    shops = {shop.remote_id: shop for shop in Shop.objects.all()}
    assert set(shops) == {listed["id"] for listed in seller["shops"]}
    thai = next(shop for shop in shops.values() if shop.region == "TH")
    assert (thai.client, thai.currency) == (company, "THB")
    assert (thai.time_zone, thai.state) == ("Asia/Bangkok", Shop.State.CONNECTED)
    authorization = Authorization.objects.get()
    assert authorization.seller_name == seller["name"]
    assert authorization.generation == 1
    assert {c.authorization_id for c in Credential.objects.all()} == {authorization.pk}
    assert {str(c.shop_cipher) for c in Credential.objects.all()} == {
        listed["ciphers"][app.app_key] for listed in seller["shops"]
    }
    assert sorted(queued) == sorted(
        (shop.pk, SyncRun.Trigger.CONNECT) for shop in shops.values()
    )
    assert said(reply) == [
        "Connected: "
        + ", ".join(str(shops[listed["id"]]) for listed in seller["shops"])
        + ". The last 90 days are on their way."
    ]


@pytest.mark.django_db(transaction=True)
def test_connecting_again_finds_the_shop_and_renews_what_opens_it(
    browser, company, app, simulator, queued
):
    seller = simulator.sellers()[3]
    for _ in range(2):
        address = consent_address(browser, company, app)
        browser.get(consent(address, seller_id=seller["id"]))
        shop = Shop.objects.get()
        Shop.objects.update(
            name="Renamed by us",
            state=Shop.State.RECONNECT_NEEDED,
            state_reason="It was over.",
        )
    row = Authorization.objects.get()
    token = row.access_token
    address = consent_address(browser, company, app)

    browser.get(consent(address, seller_id=seller["id"]))

    again = Shop.objects.get()
    assert again.pk == shop.pk
    assert again.name == "Renamed by us"
    assert (again.state, again.state_reason) == (Shop.State.CONNECTED, "")
    assert Credential.objects.count() == 1
    row.refresh_from_db()
    assert row.generation == 3
    assert row.access_token != token
    assert len(queued) == 3


def test_a_shop_of_a_sandbox_app_is_marked(browser, company, app, simulator, queued):
    ApiApp.objects.update(environment=Shop.Environment.SANDBOX)
    address = consent_address(browser, company, app)

    browser.get(consent(address, seller_id=simulator.sellers()[3]["id"]))

    assert Shop.objects.get().environment == Shop.Environment.SANDBOX


def test_us_sellers_are_sent_to_their_own_page(browser, company, app, settings):
    settings.TIKTOK_CONSENT_URL = "https://row.example"
    settings.TIKTOK_CONSENT_URL_US = "https://us.example"

    us = consent_address(browser, company, app, "us")
    row = consent_address(browser, company, app)

    assert us.startswith("https://us.example/open/authorize?")
    assert row.startswith("https://row.example/open/authorize?")
    assert parse_qs(urlsplit(us).query)["service_id"] == [app.service_id]


def test_a_refusal_is_accepted_and_nothing_is_stored(
    browser, company, app, simulator, queued
):
    address = consent_address(browser, company, app)
    seller_id = simulator.sellers()[0]["id"]
    way_back = consent(address, seller_id=seller_id, decision="refuse")
    assert "code=null" in way_back

    reply = browser.get(way_back)

    assert said(reply) == ["You did not grant access. Nothing was stored."]
    assert reply.headers["Location"] == CONNECT
    assert nothing_was_stored()
    assert queued == []


def test_coming_back_without_a_code_says_so(browser, company, app):
    reply = browser.get(CALLBACK, {"state": "whatever"})

    assert said(reply) == ["TikTok sent no authorisation code."]
    assert nothing_was_stored()


@pytest.mark.parametrize("state", ["", "guessed", "x" * 5_000, "\x00"])
def test_a_state_we_never_gave_is_refused_before_the_code_is_used(
    browser, app, simulator, state
):
    simulator.control("requests", method="DELETE")

    reply = browser.get(CALLBACK, {"code": "any", "state": state})

    assert said(reply) == [NO_LONGER_VALID]
    assert nothing_was_stored()
    assert simulator.control("requests?path=/api/v2/token") == []


@pytest.mark.django_db(transaction=True)
def test_a_state_works_once(browser, company, app, simulator, queued):
    address = consent_address(browser, company, app)
    way_back = consent(address, seller_id=simulator.sellers()[3]["id"])
    browser.get(way_back)
    before = Authorization.objects.values().get()

    reply = browser.get(way_back)

    assert NO_LONGER_VALID in said(reply)
    assert Authorization.objects.values().get() == before
    assert len(queued) == 1


def test_a_state_works_for_ten_minutes(browser, company, app, simulator):
    address = consent_address(browser, company, app)
    way_back = consent(address, seller_id=simulator.sellers()[3]["id"])

    with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1)):
        reply = browser.get(way_back)

    assert NO_LONGER_VALID in said(reply)
    assert nothing_was_stored()


def test_a_state_works_only_for_the_person_it_was_given_to(
    browser, company, app, simulator
):
    colleague = make_user(
        clients=[company], permissions=["platforms.manage_credentials"]
    )
    address = consent_address(browser, company, app)
    way_back = consent(address, seller_id=simulator.sellers()[3]["id"])
    other = Browser()
    other.force_login(colleague)

    reply = other.get(way_back)

    assert said(reply) == [NO_LONGER_VALID]
    assert nothing_was_stored()
    # And the attempt of a stranger has not used it up.
    assert "Connected" in said(browser.get(way_back))[0]


def test_only_a_hash_of_the_state_is_kept(browser, company, app):
    address = consent_address(browser, company, app)
    state = parse_qs(urlsplit(address).query)["state"][0]

    attempt = ConnectAttempt.objects.get()

    assert state not in str(ConnectAttempt.objects.values().get())
    assert len(attempt.state_hash) == 64


def test_a_code_that_was_used_says_start_again(browser, company, app, simulator):
    address = consent_address(browser, company, app)
    way_back = consent(address, seller_id=simulator.sellers()[3]["id"])
    query = dict(parse_qsl(urlsplit(way_back).query))
    TikTokTokens(app).exchange_code(query["code"])

    reply = browser.get(way_back)

    (message,) = said(reply)
    assert message.startswith("TikTok no longer accepts this consent. Start again")
    assert "36004004" in message
    assert nothing_was_stored()


def test_a_missing_scope_names_the_permission_package(browser, company, app, simulator):
    simulator.control(f"apps/{app.app_key}", {"scopes": ["seller.order.info"]})
    address = consent_address(browser, company, app)

    reply = browser.get(consent(address, seller_id=simulator.sellers()[3]["id"]))

    (message,) = said(reply)
    assert message.startswith(
        "The app lacks a permission package. Apply for it in Partner Center, "
        "Manage API."
    )
    assert "105005" in message
    assert nothing_was_stored()


def test_a_seller_without_a_shop_is_told_to_set_one_up(
    browser, company, app, simulator, monkeypatch
):
    monkeypatch.setattr(service, "authorized_shops", lambda app, token: [])
    address = consent_address(browser, company, app)

    reply = browser.get(consent(address, seller_id=simulator.sellers()[3]["id"]))

    assert said(reply) == [
        "No active TikTok Shop found. Please set up your shop first."
    ]
    assert nothing_was_stored()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "status", "status": 502}, "TikTok did not finish the connection."),
        ({"kind": "drop"}, "TikTok did not finish the connection."),
        ({"kind": "error", "code": 36009003}, "TikTok did not finish the connection."),
    ],
)
def test_trouble_at_the_token_host_is_said_and_stores_nothing(
    browser, company, app, simulator, fault, words
):
    address = consent_address(browser, company, app)
    way_back = consent(address, seller_id=simulator.sellers()[3]["id"])
    simulator.control("faults", fault | {"path": "/api/v2/token"})

    reply = browser.get(way_back)

    (message,) = said(reply)
    assert message.startswith(words)
    assert reply.headers["Location"] == CONNECT
    assert nothing_was_stored()


def test_a_wrong_app_secret_is_said_without_showing_it(
    browser, company, app, simulator
):
    app.app_secret = "planted-wrong-secret"
    app.save()
    address = consent_address(browser, company, app)

    reply = browser.get(consent(address, seller_id=simulator.sellers()[3]["id"]))

    (message,) = said(reply)
    assert "planted-wrong-secret" not in message
    assert "secret" in message
    assert nothing_was_stored()


def test_a_shop_of_another_client_is_refused_and_nothing_is_stored(
    browser, company, app, simulator, queued
):
    seller = simulator.sellers()[0]
    taken = make_shop(make_client("Rival"), remote_id=seller["shops"][1]["id"])
    before = Shop.objects.values().get()
    address = consent_address(browser, company, app)

    reply = browser.get(consent(address, seller_id=seller["id"]))

    assert said(reply) == [f"The shop with the ID {taken.remote_id} is already linked."]
    assert "Rival" not in said(reply)[0]
    assert Shop.objects.values().get() == before
    assert not Authorization.objects.exists()
    assert not Credential.objects.exists()
    assert queued == []


def test_a_foreign_client_in_the_form_does_not_exist(browser, app):
    foreign = make_client("Rival")

    replies = [
        browser.post(CONNECT, {"client": pk, "api_app": app.pk, "market": "row"})
        for pk in (foreign.pk, 999_999)
    ]

    errors = [reply.context["form"].errors.as_json() for reply in replies]
    assert errors[0] == errors[1]
    assert "Select a valid choice" in errors[0]
    pages = [re.sub(r'value="[^"]+"', "", r.content.decode()) for r in replies]
    assert pages[0] == pages[1]
    assert "Rival" not in pages[0]
    assert not ConnectAttempt.objects.exists()


def test_an_app_without_a_secret_is_not_sent_anywhere(browser, company):
    app = make_api_app(app_secret="")

    reply = browser.post(
        CONNECT, {"client": company.pk, "api_app": app.pk, "market": "row"}
    )

    assert reply.status_code == 200
    assert (
        "This app has no secret yet. Ask an admin to add it." in reply.content.decode()
    )
    assert not ConnectAttempt.objects.exists()


def test_who_is_not_signed_in_signs_in_and_comes_back(
    client, staff, company, app, simulator, queued
):
    first = Browser()
    first.force_login(staff)
    address = consent_address(first, company, app)
    way_back = consent(address, seller_id=simulator.sellers()[3]["id"])

    reply = client.get(way_back)

    assert reply.status_code == 302
    login = reply.headers["Location"]
    assert login == "/admin/login/?" + urlencode({"next": way_back}, safe="/")
    assert nothing_was_stored()
    reply = client.post(login, {"username": "staff", "password": "a password"})
    assert reply.headers["Location"] == way_back
    reply = client.get(way_back)
    assert "Connected" in said(reply)[0]
    assert Shop.objects.get().client == company


@pytest.mark.parametrize("address", [CONNECT, CALLBACK + "?code=x&state=y"])
def test_who_may_not_connect_shops_gets_403(client, visitor, address):
    client.force_login(visitor)

    assert client.get(address).status_code == 403
    assert client.post(CONNECT, {}).status_code == 403
    assert not ConnectAttempt.objects.exists()


def test_the_way_back_is_only_read(browser):
    assert browser.post(CALLBACK).status_code == 405


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_does_not_undo_the_connection(
    browser, company, app, simulator, monkeypatch
):
    def refuse(*args: object) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(pull_orders, "delay", refuse)
    address = consent_address(browser, company, app)
    way_back = consent(address, seller_id=simulator.sellers()[3]["id"])

    reply = browser.get(way_back)

    assert "Connected" in said(reply)[0]
    assert Shop.objects.get().state == Shop.State.CONNECTED


def test_no_message_or_page_of_a_connection_shows_a_secret(
    browser, company, app, simulator, queued, caplog
):
    caplog.set_level("DEBUG")
    address = consent_address(browser, company, app)
    way_back = consent(address, seller_id=simulator.sellers()[3]["id"])

    reply = browser.get(way_back)
    page = browser.get("/admin/platforms/shop/").content.decode()

    row = Authorization.objects.get()
    code = parse_qs(urlsplit(way_back).query)["code"][0]
    for secret in (app.app_secret, row.access_token, row.refresh_token, code):
        assert str(secret) not in page
        assert str(secret) not in " ".join(said(reply))
        assert str(secret) not in caplog.text


def test_finish_is_all_or_nothing(company, staff, app, simulator):
    """Called as a service: the transaction is its own."""
    seller = simulator.sellers()[2]
    make_shop(make_client("Rival"), remote_id=seller["shops"][2]["id"])
    address = service.start(staff, company, app, is_us=False)
    way_back = consent(address, seller_id=seller["id"])
    query = dict(parse_qsl(urlsplit(way_back).query))
    ticket = service.redeem(staff, query["state"])

    with transaction.atomic(), pytest.raises(ConnectFailed, match="already linked"):
        service.finish(ticket, query["code"])

    assert Shop.objects.count() == 1
    assert not Credential.objects.exists()
