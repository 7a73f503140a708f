"""One-time links with which a shop owner without an account grants access."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone

from apps.integrations.tiktok.retries import RetryPolicy
from apps.platforms.models import Authorization, ConnectAttempt, ConnectLink, Shop
from apps.platforms.services.connecting import exchange
from apps.platforms.services.connecting.links import CLOSED
from apps.users.models import Client
from tests.platforms.connect_support import (
    CALLBACK_URL,
    ISARWERK,
    LOTUS_HOMEWARE,
    Desk,
    deeds,
    last_attempt,
    make_desk,
    path_of,
    said,
    text_of,
)
from tests.simulator_server import run_simulator

pytestmark = pytest.mark.django_db

LINKS = "/platforms/links/"


@pytest.fixture(scope="module")
def simulator():
    with run_simulator(orders=60, redirect_url=CALLBACK_URL) as server:
        yield server


@pytest.fixture
def desk(simulator, settings, client, db, monkeypatch) -> Desk:
    monkeypatch.setattr(exchange, "PATIENCE", RetryPolicy(tries=4, base_seconds=0.01))
    return make_desk(simulator, settings, client, monkeypatch)


@pytest.fixture
def owner() -> Browser:
    """The shop owner's browser, which nobody signs in with."""
    return Browser()


def make_link(desk: Desk, **fields) -> str:
    """As staff; the path of the one-time address."""
    form = {"client": desk.company.pk, "api_app": desk.app.pk, "market": "row"}
    page = desk.browser.post(LINKS, form | {"days": 7} | fields)
    found = re.search(
        r'value="http://testserver(/platforms/grant/[^"]+)"', text_of(page)
    )
    assert found, page.context["form"].errors
    return str(found[1])


def arrive(desk: Desk, owner: Browser, link: str, number: int = ISARWERK) -> str:
    """Open the link and consent; the way back."""
    away = owner.post(link)
    assert away.status_code == 302, text_of(away)
    return desk.consent(away.headers["Location"], number)


def test_a_link_is_shown_once_and_kept_as_a_hash(desk):
    link = make_link(desk)

    assert link not in text_of(desk.browser.get(LINKS))
    token = link.split("/")[-2]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM platforms_connectlink")
        stored = " ".join(str(v) for row in cursor.fetchall() for v in row)
    assert token not in stored
    (made,) = deeds("made a connect link")
    assert (made.actor, made.client) == (desk.staff, desk.company)
    assert token not in str(made.details)


def test_a_shop_owner_connects_shops_without_an_account(
    desk, owner, django_capture_on_commit_callbacks
):
    link = make_link(desk)
    first = text_of(owner.get(link))
    assert "Northwind" in first
    assert "sign in as the shop owner" in first
    assert "orders and their buyers" in first
    assert "/admin/" not in first

    finishing = owner.get(arrive(desk, owner, link, LOTUS_HOMEWARE))
    assert finishing.headers["Location"] == "/platforms/grant/finish/"
    page = owner.post("/platforms/grant/finish/", follow=True)
    assert "Pick the shops Northwind may work for." in text_of(page)
    malay, _, _ = desk.shop_ids(LOTUS_HOMEWARE)
    with django_capture_on_commit_callbacks(execute=True):
        page = owner.post(path_of(page), {"shop": [malay]}, follow=True)

    assert "Thank you" in text_of(page)
    assert "Lotus Homeware MY (MY)" in text_of(page)
    assert "/admin/" not in text_of(page)
    shop = Shop.objects.get()
    assert (shop.remote_id, shop.client, shop.is_default) == (
        malay,
        desk.company,
        True,
    )
    assert len(desk.queued) == 1
    (connected,) = deeds("connected")
    assert connected.actor is None
    assert connected.actor_text == f"connect link {ConnectLink.objects.get().pk}"
    assert "sessionid" not in owner.cookies
    assert "Used" in text_of(desk.browser.get(LINKS))


def test_a_link_for_the_us_leads_to_the_page_for_us_sellers(desk, owner, settings):
    settings.TIKTOK_CONSENT_URL_US = "https://us.example.com"

    away = owner.post(make_link(desk, market="us"))

    assert urlsplit(away.headers["Location"]).netloc == "us.example.com"


def test_a_used_link_leads_nowhere(desk, owner):
    link = make_link(desk)
    owner.get(arrive(desk, owner, link))

    for browser in (owner, Browser(), desk.browser):
        page = browser.get(link)
        assert CLOSED in text_of(page)
        assert "/admin/" not in text_of(page)
        assert CLOSED in text_of(browser.post(link))


def test_of_two_browsers_with_one_link_the_first_consent_wins(desk, owner):
    link = make_link(desk)
    other = Browser()
    late = arrive(desk, other, link)
    owner.get(arrive(desk, owner, link))

    page = other.get(late)

    assert "no longer valid" in text_of(page)
    assert ConnectAttempt.objects.count() == 1


def test_an_expired_link_leads_nowhere(desk, owner):
    link = make_link(desk, days=1)

    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1)):
        assert CLOSED in text_of(owner.get(link))


def test_a_revoked_link_leads_nowhere_even_for_who_has_begun(desk, owner):
    link = make_link(desk)
    way_back = arrive(desk, owner, link)
    pk = ConnectLink.objects.get().pk

    desk.browser.post(f"{LINKS}{pk}/revoke/")

    assert CLOSED in text_of(owner.get(link))
    assert "no longer valid" in text_of(owner.get(way_back))
    assert not Authorization.objects.exists()
    assert len(deeds("revoked a connect link")) == 1
    assert "Revoked" in text_of(desk.browser.get(LINKS))


def test_a_made_up_link_is_like_a_closed_one(desk, owner):
    page = owner.get("/platforms/grant/made-up/")

    assert CLOSED in text_of(page)


def test_a_refusal_leaves_the_link_as_it_was(desk, owner):
    link = make_link(desk)
    away = owner.post(link).headers["Location"]

    page = owner.get(desk.consent(away, decision="refuse"))

    assert "You did not grant access. Nothing was stored." in text_of(page)
    assert ConnectLink.objects.get().used_at is None
    again = owner.post("/platforms/grant/again/").headers["Location"]
    assert owner.get(desk.consent(again)).headers["Location"].endswith("/finish/")


def test_a_consent_is_bound_to_the_browser_that_left_for_it(desk, owner):
    way_back = arrive(desk, owner, make_link(desk))

    for browser in (Browser(), desk.browser):
        page = browser.get(way_back)
        words = text_of(page) if page.content else " ".join(said(page))
        assert "no longer valid" in words
    assert last_attempt().code == ""


def test_a_forged_cookie_opens_nothing(desk, owner):
    owner.get(arrive(desk, owner, make_link(desk)))
    forger = Browser()
    forger.cookies["connect"] = f"{last_attempt().pk}:made:up"

    for step in ("finish", "shops", "thanks"):
        assert CLOSED in text_of(forger.get(f"/platforms/grant/{step}/"))


def test_an_outage_keeps_the_consent_and_a_failure_gives_the_link_back(desk, owner):
    link = make_link(desk)
    desk.simulator.control("faults", {"kind": "status", "path": "/api/v2/token/get"})
    owner.get(arrive(desk, owner, link))
    page = owner.post("/platforms/grant/finish/", follow=True)
    assert "TikTok did not answer." in text_of(page)
    assert ">Retry<" in text_of(page)
    desk.simulator.control("faults", method="DELETE")
    desk.simulator.control(
        "faults", {"kind": "cut", "path": "/api/v2/token/get", "count": 1}
    )

    page = owner.post("/platforms/grant/finish/", follow=True)

    assert "no longer accepts this consent" in text_of(page)
    assert ConnectLink.objects.get().used_at is None
    assert "Continue to TikTok" in text_of(owner.get(link))


def test_the_owner_learns_of_other_links_only_that_they_exist(desk, owner):
    desk.link()
    Shop.objects.update(client=Client.objects.create(name="Rival"), name="Theirs")
    owner.get(arrive(desk, owner, make_link(desk)))

    page = text_of(owner.post("/platforms/grant/finish/", follow=True))

    assert "Already linked" in page
    assert "Rival" not in page
    assert "Theirs" not in page


def test_links_of_other_clients_are_as_good_as_none(desk):
    make_link(desk)
    ConnectLink.objects.update(client=Client.objects.create(name="Foreign"))
    pk = ConnectLink.objects.get().pk

    assert "Foreign" not in text_of(desk.browser.get(LINKS))
    assert desk.browser.post(f"{LINKS}{pk}/revoke/").status_code == 404
    assert desk.browser.post(f"{LINKS}{10**9}/revoke/").status_code == 404
    assert ConnectLink.objects.get().revoked_at is None


def test_a_link_for_a_foreign_client_is_not_made(desk):
    foreign = Client.objects.create(name="Foreign")

    desk.browser.post(
        LINKS,
        {"client": foreign.pk, "api_app": desk.app.pk, "market": "row", "days": 7},
    )

    assert not ConnectLink.objects.exists()


def test_the_list_asks_as_often_for_many_links_as_for_few(
    desk, django_assert_max_num_queries
):
    for _ in range(6):
        make_link(desk)

    with django_assert_max_num_queries(14):
        desk.browser.get(LINKS)
