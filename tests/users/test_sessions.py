"""Sessions end: by the clock, by a new password, by being put out."""

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client as Browser

from apps.users.models import AuditEntry, User
from tests.users.signin_support import PASSWORD, make_person, sign_in

pytestmark = pytest.mark.django_db

ACCOUNT = "/account/"
START = 1_900_000_000


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def browser(client, clock):
    make_person()
    sign_in(client)
    return client


def is_in(browser):
    return browser.get(ACCOUNT).status_code == 200


def test_somebody_idle_is_asked_to_sign_in_and_comes_back(browser, clock, settings):
    settings.SESSION_IDLE_MINUTES = 120
    clock.shift(119 * 60)
    assert is_in(browser)
    clock.shift(120 * 60)

    answer = browser.get("/account/password/?a=1")
    assert not Session.objects.exists()
    page = browser.get(answer["Location"]).content.decode()

    assert answer["Location"] == "/admin/login/?next=/account/password/%3Fa%3D1"
    assert "nothing happened for 120 minutes" in page
    entry = AuditEntry.objects.latest("pk")
    assert (entry.verb, entry.actor) == ("was signed out", None)
    again = sign_in(browser)
    assert again["Location"] == ACCOUNT


def test_a_busy_session_ends_too(browser, clock, settings):
    settings.SESSION_HOURS = 12
    for _ in range(23):
        clock.shift(30 * 60)
        assert is_in(browser)
    clock.shift(30 * 60)

    page = browser.get(ACCOUNT, follow=True).content.decode()

    assert "12 hours have passed" in page
    assert not is_in(browser)


def test_signing_in_again_begins_the_hours_anew(browser, clock, settings):
    settings.SESSION_HOURS = 1
    clock.shift(50 * 60)
    sign_in(browser)
    clock.shift(50 * 60)

    assert is_in(browser)


def test_the_session_is_written_once_a_minute_at_most(browser, clock):
    def touched():
        clock.shift(20)
        assert is_in(browser)
        return browser.session["seen_at"]

    moments = [touched() for _ in range(7)]

    assert moments == [START] * 2 + [START + 60] * 3 + [START + 120] * 2


def test_a_session_from_before_the_clock_begins_when_it_is_seen(browser, clock):
    session = browser.session
    del session["signed_in_at"], session["seen_at"]
    session.save()

    assert is_in(browser)
    assert browser.session["signed_in_at"] == START


def test_a_session_ended_elsewhere_in_the_same_moment_stays_ended(
    browser, clock, monkeypatch
):
    clock.shift(61)
    save = type(browser.session).save

    def ended_first(self, *args, **kwargs):
        Session.objects.all().delete()
        return save(self, *args, **kwargs)

    monkeypatch.setattr(type(browser.session), "save", ended_first)
    answer = browser.get(ACCOUNT)
    monkeypatch.undo()

    assert answer.status_code == 302
    assert not is_in(browser)


def test_a_stale_session_does_not_stand_in_the_way_of_signing_in(browser, clock):
    clock.shift(13 * 3600)

    assert sign_in(browser)["Location"] == ACCOUNT
    assert is_in(browser)


def test_what_was_being_sent_is_lost_and_one_begins_at_the_start(browser, clock):
    clock.shift(13 * 3600)

    answer = browser.post("/account/password/", {"password": PASSWORD})

    assert answer["Location"] == "/admin/login/?next=/"


def test_a_new_password_ends_all_other_sessions(browser):
    elsewhere = Browser()
    sign_in(elsewhere)
    assert is_in(elsewhere)
    new = "another long pass phrase"

    browser.post(
        "/account/password/",
        {"password": PASSWORD, "new_password1": new, "new_password2": new},
    )

    assert is_in(browser)
    assert not is_in(elsewhere)


def test_somebody_made_inactive_is_out_with_the_next_request(browser):
    assert is_in(browser)
    User.objects.update(is_active=False)

    assert not is_in(browser)
    assert sign_in(browser).status_code == 200  # the form again
    assert not is_in(browser)
