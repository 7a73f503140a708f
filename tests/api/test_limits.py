"""How often one may ask, who is counted together, and what is said about it."""

import time

import pytest
from django.core.cache import cache
from django.test import Client as Browser
from redis.exceptions import ConnectionError as Away

from tests.api.support import Caller, code
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def minute(settings, monkeypatch):
    """One that does not end during a test, and limits one can reach."""
    cache.clear()
    monkeypatch.setattr(time, "time", lambda: 1_800_000_015.0)
    settings.API_USER_RATE = 5
    settings.API_TOKEN_RATE = 3
    settings.API_ANONYMOUS_RATE = 2
    yield
    cache.clear()


def test_every_answer_says_what_is_left():
    caller = Caller(make_user())

    good, bad = caller.get("me/"), caller.get("shops/999/")

    assert good["RateLimit-Limit"] == bad["RateLimit-Limit"] == "3"
    assert good["RateLimit-Remaining"] == "2"
    assert bad["RateLimit-Remaining"] == "1"
    assert good["RateLimit-Reset"] == "45"


def test_a_token_that_asks_too_often_waits_for_the_next_minute(monkeypatch):
    caller = Caller(make_user())
    for _ in range(3):
        assert caller.get("me/").status_code == 200

    answer = caller.get("me/")

    assert code(answer) == (429, "throttled")
    assert answer["Retry-After"] == answer["RateLimit-Reset"] == "45"
    assert answer["RateLimit-Remaining"] == "0"
    monkeypatch.setattr(time, "time", lambda: 1_800_000_061.0)
    assert caller.get("me/").status_code == 200


def test_the_tokens_of_a_person_share_the_persons_limit():
    user = make_user()
    first, second = Caller(user), Caller(user)

    statuses = [who.get("me/").status_code for who in [first, second] * 3]

    assert statuses == [200, 200, 200, 200, 200, 429]


def test_who_guesses_tokens_is_stopped_by_address_and_others_go_on():
    caller = Caller(make_user())
    wrong = {"Authorization": "Bearer wrong"}
    guesses = [Browser().get("/api/v1/me/", headers=wrong) for _ in range(3)]

    assert [answer.status_code for answer in guesses] == [401, 401, 429]
    assert guesses[2]["Retry-After"] == "45"
    assert Browser().get("/api/v1/me/").status_code == 429
    assert Browser().get("/api/v1/me/", REMOTE_ADDR="10.0.0.9").status_code == 401
    assert caller.get("me/").status_code == 200


def test_without_the_cache_everybody_passes(monkeypatch, caplog):
    def away(*args, **kwargs):
        raise Away("no server")

    monkeypatch.setattr(cache, "add", away)
    caller = Caller(make_user())

    answers = [caller.get("me/") for _ in range(6)]

    assert {answer.status_code for answer in answers} == {200}
    assert "requests not counted reason=ConnectionError" in caplog.text


def test_a_counter_that_goes_between_two_steps_begins_anew(monkeypatch):
    caller = Caller(make_user())
    monkeypatch.setattr(cache, "add", lambda *args: False)

    assert caller.get("me/").status_code == 200
