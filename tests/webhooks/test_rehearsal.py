"""A delivery we post to ourselves: what of it is told."""

import socket
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from django.test import Client as Browser
from urllib3.exceptions import MaxRetryError, NameResolutionError

from apps.users.models import AuditEntry
from apps.users.services.audit import By
from apps.webhooks.models import WebhookEvent
from apps.webhooks.services.rehearsal import rehearse
from tests.factories.platforms import APP_SECRET, make_connected_shop, make_shop

pytestmark = pytest.mark.django_db
BY = By(process="tests")


@pytest.fixture(autouse=True)
def public_url(settings):
    settings.PUBLIC_URL = "https://desk.example.com"


@pytest.fixture
def shop():
    return make_connected_shop()[0]


def to_ourselves(address, body, headers):
    assert address == "https://desk.example.com/webhooks/tiktok/"
    return Browser().post(
        "/webhooks/tiktok/",
        body,
        content_type=headers["Content-Type"],
        headers={"Authorization": headers["Authorization"]},
    )


def answering(status):
    return lambda *told: SimpleNamespace(status_code=status, headers={})


def raising(error):
    def post(*told):
        raise error

    return post


def only(outcomes):
    (outcome,) = outcomes
    return outcome


def test_a_delivery_that_comes_back_is_stored_and_nothing_follows(shop):
    outcome = only(rehearse(shop, BY, post=to_ourselves))

    assert outcome.is_ok
    assert outcome.words.startswith("A signed delivery came back through https://desk")
    event = WebhookEvent.objects.get()
    assert event.type_number == 0
    assert event.state not in WebhookEvent.OPEN
    entry = AuditEntry.objects.get(verb="tested webhooks")
    assert (entry.details["arrived"], entry.details["of"]) == (1, 1)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (200, "is not here"),
        (301, "redirects"),
        (308, "redirects"),
        (400, "ALLOWED_HOSTS"),
        (401, "signature did not hold"),
        (403, "turns deliveries away"),
        (404, "leads to another site"),
        (413, "no bodies of that size"),
        (502, "answered 502"),
    ],
)
def test_another_answer_is_explained(shop, status, words):
    outcome = only(rehearse(shop, BY, post=answering(status)))

    assert not outcome.is_ok
    assert words in outcome.words


def nameless():
    pool: Any = SimpleNamespace(host="desk.example.com")
    reason = NameResolutionError("desk.example.com", pool, socket.gaierror(-2, "no"))
    return requests.exceptions.ConnectionError(MaxRetryError(pool, "/", reason))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (requests.exceptions.SSLError("self-signed"), "certificate"),
        (requests.exceptions.ConnectTimeout(), "did not answer within 5 seconds"),
        (requests.exceptions.ReadTimeout(), "did not answer within 5 seconds"),
        (nameless(), "The name desk.example.com is not known"),
        (requests.exceptions.ConnectionError("refused"), "cannot be reached"),
        (requests.exceptions.InvalidURL("odd"), "failed (InvalidURL)"),
    ],
)
def test_no_answer_is_explained_without_a_secret(shop, error, words):
    outcome = only(rehearse(shop, BY, post=raising(error)))

    assert not outcome.is_ok
    assert words in outcome.words
    assert APP_SECRET not in outcome.words


def test_an_address_that_cannot_be_is_not_asked(shop, settings):
    settings.PUBLIC_URL = "https://desk.example.com:8443"

    outcome = only(rehearse(shop, BY, post=raising(AssertionError("asked"))))

    assert "has a port (8443)" in outcome.words


def test_a_shop_without_an_app_has_nothing_to_test():
    assert rehearse(make_shop(), BY, post=to_ourselves) == []
