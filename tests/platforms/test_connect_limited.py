"""Who connects single shops of a client adds none to it and learns of no other."""

import json
import re
from dataclasses import asdict
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from apps.integrations.contracts import RemoteShop
from apps.platforms.errors import ConnectFailed
from apps.platforms.models import ConnectAttempt, Credential, Shop
from apps.platforms.services.connecting import tickets
from apps.platforms.services.connecting.linking import link_shops
from apps.platforms.services.connecting.offers import offers_of
from apps.sync.tasks import pull_orders, pull_products
from apps.users.models import User
from tests.factories.platforms import MANAGER, make_authorization, make_shop
from tests.factories.team import as_user, make_member, make_shop_member
from tests.factories.users import make_client

pytestmark = pytest.mark.django_db

OWN, SECRET, FOREIGN, NEW = "7491", "7492", "7493", "7494"


@pytest.fixture
def shops():
    company = make_client("Northwind")
    return {
        OWN: make_shop(company, name="Own account", remote_id=OWN),
        SECRET: make_shop(company, name="Hidden account", remote_id=SECRET),
        FOREIGN: make_shop(name="Foreign account", remote_id=FOREIGN),
    }


@pytest.fixture
def limited(shops):
    """They connect and reconnect one of the client's shops."""
    member = make_shop_member(shops[OWN], "", permissions=MANAGER)
    return as_user(member)


def make_attempt(shops: dict[str, Shop], user: User, **fields: Any) -> ConnectAttempt:
    """The consent opens four shops: what they are here, the shops' keys say."""
    now = timezone.now()
    consent = make_authorization()
    remotes = [
        RemoteShop(key, f"On TikTok {key}", "MY", f"cipher-{key}")
        for key in (OWN, SECRET, FOREIGN, NEW)
    ]
    values: dict[str, Any] = {
        "state_hash": tickets.digest(f"state {ConnectAttempt.objects.count()}"),
        "user": user,
        "client": shops[OWN].client,
        "api_app": consent.api_app,
        "reconnects": shops[OWN],
        "authorization": consent,
        "offered": json.dumps([asdict(remote) for remote in remotes]),
        "used_at": now,
        "expires_at": now + timedelta(hours=1),
    }
    return ConnectAttempt.objects.create(**values | fields)


def browser_of(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def words(page: Any) -> str:
    return re.sub(r"\s+", " ", unescape(page.content.decode()))


@pytest.fixture
def queued(monkeypatch):
    calls: list[Any] = []
    monkeypatch.setattr(pull_orders, "delay", lambda *args: calls.append(args))
    monkeypatch.setattr(pull_products, "delay", lambda *args: None)
    return calls


def test_only_the_shop_they_look_after_is_open_to_them(shops, limited):
    attempt = make_attempt(shops, limited)

    offers = {offer.remote.remote_id: offer for offer in offers_of(attempt, limited)}

    assert [key for key, each in offers.items() if each.can_be_linked] == [OWN]
    assert offers[SECRET].badge == offers[FOREIGN].badge == "Already linked"
    assert offers[NEW].badge == "Not yours to add"
    page = words(browser_of(limited).get(reverse("platforms:pick", args=[attempt.pk])))
    assert "Own account" in page
    assert "Hidden account" not in page
    assert "Foreign account" not in page


@pytest.mark.parametrize("picked", [SECRET, FOREIGN, NEW])
def test_another_shop_is_not_linked_even_if_it_is_sent(shops, limited, picked):
    attempt = make_attempt(shops, limited)

    with pytest.raises(ConnectFailed) as caught:
        link_shops(attempt, [OWN, picked], actor=limited)

    known = picked in shops
    assert ("is already linked" in str(caught.value)) == known
    assert "account" not in str(caught.value)
    assert not Credential.objects.exists()
    assert Shop.objects.count() == 3
    attempt.refresh_from_db()
    assert attempt.finished_at is None


def test_a_hidden_shop_and_a_foreign_one_are_refused_in_the_same_words(shops, limited):
    told = set()
    for picked in (SECRET, FOREIGN):
        with pytest.raises(ConnectFailed) as caught:
            link_shops(make_attempt(shops, limited), [picked], actor=limited)
        told.add(str(caught.value).replace(picked, "ID"))

    assert len(told) == 1


def test_their_own_shop_is_reconnected(shops, limited, queued):
    attempt = make_attempt(shops, limited)
    address = reverse("platforms:pick", args=[attempt.pk])

    answer = browser_of(limited).post(address, {"shop": [OWN]})

    assert answer.headers["Location"] == reverse("platforms:pull", args=[attempt.pk])
    assert Credential.objects.get().shop == shops[OWN]


def test_the_shops_of_a_mistaken_consent_are_not_added_as_new(shops, limited):
    remote = RemoteShop(NEW, "Another", "MY", "cipher")
    attempt = make_attempt(shops, limited, offered=json.dumps([asdict(remote)]))
    address = reverse("platforms:pick", args=[attempt.pk])
    browser = browser_of(limited)

    page = words(browser.get(address))
    assert "This is not the shop you connected before" in page
    assert "Add as new" not in page
    browser.post(address, {"answer": "as_new", "shop": [NEW]})

    attempt.refresh_from_db()
    assert attempt.reconnects == shops[OWN]
    assert not Credential.objects.exists()
    assert Shop.objects.count() == 3


def test_who_connects_all_shops_adds_new_ones_but_no_shop_closed_to_them(shops):
    company = shops[OWN].client
    whole = make_member(company, permissions=MANAGER)
    attempt = make_attempt(shops, as_user(whole), reconnects=None)

    linked = link_shops(attempt, [OWN, SECRET, NEW], actor=as_user(whole))
    assert {shop.remote_id for shop in linked} == {OWN, SECRET, NEW}

    closed = make_member(company, permissions=MANAGER)
    closed.shop_roles.create(shop=shops[SECRET])
    attempt = make_attempt(shops, as_user(closed), reconnects=None)
    with pytest.raises(ConnectFailed, match="already linked"):
        link_shops(attempt, [SECRET], actor=as_user(closed))
