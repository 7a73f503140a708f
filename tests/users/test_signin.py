"""Signing in: what is counted, what is written down, and how a lost password ends."""

import re
from datetime import timedelta
from html import unescape

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone

from apps.users.models import AuditEntry, User
from apps.users.services import passwords
from apps.users.tasks import mail_password_reset
from tests.users.signin_support import LOGIN, PASSWORD, make_person, sign_in

pytestmark = pytest.mark.django_db

RESET = "/account/password/reset/"
LOCKED = "Too many failed attempts"


def verbs():
    rows = AuditEntry.objects.order_by("pk")
    return list(rows.values_list("verb", flat=True))


def fail(browser, times, username="kim", **extra):
    for _ in range(times):
        answer = sign_in(browser, username, "not the password", **extra)
    return answer


def test_signing_in_and_out_is_written_down_with_the_address(client):
    person = make_person()

    assert sign_in(client)["Location"] == "/account/"
    client.post("/admin/logout/")

    rows = AuditEntry.objects.order_by("pk").values_list("verb", "actor", "address")
    assert list(rows) == [
        ("signed in", person.pk, "127.0.0.1"),
        ("signed out", person.pk, "127.0.0.1"),
    ]


def test_a_failure_is_written_down_without_saying_that_it_was_they(client):
    person = make_person()

    fail(client, 1)

    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor, entry.target_id) == (
        "failed to sign in",
        None,
        str(person.pk),
    )
    assert entry.details == {}


def test_a_name_nobody_has_is_stored_nowhere(client):
    mistyped = "My-Secret-Pass-Phrase"

    fail(client, 6, username=mistyped)

    assert not AuditEntry.objects.exists()
    assert AccessAttempt.objects.count() == 1
    (row,) = AccessAttempt.objects.values()
    assert mistyped not in str(row)
    assert "not the password" not in str(row)


def test_passwords_and_names_are_not_in_the_rows_that_count_failures(client):
    make_person()

    fail(client, 2)

    (row,) = AccessAttempt.objects.values()
    assert row["failures_since_start"] == 2
    assert "not the password" not in str(row)
    assert "kim" not in str(row)


@pytest.mark.parametrize("username", ["kim", "nobody-of-that-name"])
def test_after_five_failures_even_the_right_password_waits(client, username):
    make_person()

    assert fail(client, 4, username).status_code == 200
    fifth = fail(client, 1, username)
    right = sign_in(client, username)

    for answer in (fifth, right):
        assert answer.status_code == 429
        assert LOCKED in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_the_locked_page_says_the_same_of_names_there_are_and_are_not(client):
    make_person()
    pages = []
    for username in ("kim", "kit"):
        fail(client, 5, username)
        page = sign_in(client, username).content.decode()
        page = re.sub(r'csrfmiddlewaretoken" value="\w+"', "", page)
        pages.append(page.replace(username, "…"))

    assert pages[0] == pages[1]


def test_the_lock_is_of_one_name_from_one_address(client, settings):
    make_person()
    make_person("lee")
    fail(client, 5)

    assert sign_in(client, "lee").status_code == 302
    client.logout()
    assert sign_in(client, REMOTE_ADDR="203.0.113.9").status_code == 302
    assert sign_in(Browser()).status_code == 429
    assert sign_in(Browser(), HTTP_X_FORWARDED_FOR="203.0.113.9").status_code == 429

    settings.TRUSTED_PROXIES = 1
    assert sign_in(Browser(), HTTP_X_FORWARDED_FOR="203.0.113.9").status_code == 302


def test_the_lock_is_written_down_once_and_lasts_a_quarter_of_an_hour(client):
    make_person()
    fail(client, 8)
    assert verbs() == ["failed to sign in"] * 5
    assert AuditEntry.objects.latest("pk").details == {"locked_out": True}

    then = timezone.now() - timedelta(minutes=14)
    AccessAttempt.objects.update(attempt_time=then)
    assert sign_in(client).status_code == 429
    AccessAttempt.objects.update(attempt_time=then - timedelta(minutes=2))

    assert sign_in(client).status_code == 302


def test_a_right_password_begins_the_count_anew(client):
    make_person()
    fail(client, 4)

    assert sign_in(client).status_code == 302

    assert not AccessAttempt.objects.exists()


def test_passwords_have_twelve_characters_and_more_than_digits():
    person = make_person()

    for bad in ("elevenchars", "123456789012345", "password1234", "kim@example.com"):
        with pytest.raises(ValidationError):
            validate_password(bad, person)
    validate_password(PASSWORD, person)


def test_the_sign_in_page_leads_to_a_new_password(client):
    assert f'href="{RESET}"' in client.get(LOGIN).content.decode()


def queued(monkeypatch):
    """What the queue is given."""
    found = []
    monkeypatch.setattr(mail_password_reset, "delay", lambda *args: found.append(args))
    return found


def test_the_answer_and_the_work_are_the_same_for_an_address_nobody_has(
    client, monkeypatch, django_capture_on_commit_callbacks, django_assert_num_queries
):
    person = make_person()
    sent = queued(monkeypatch)
    answers = []
    for email in (person.email.upper(), "nobody@example.com"):
        with (
            django_capture_on_commit_callbacks(execute=True),
            django_assert_num_queries(1),
        ):
            answers.append(client.post(RESET, {"email": email}))

    assert [(a.status_code, a["Location"]) for a in answers] == [
        (302, "/account/password/reset/sent/")
    ] * 2
    assert sent == [(person.pk,), (0,)]  # a number, no secret
    assert (
        "If there is an account" in client.get(answers[0]["Location"]).content.decode()
    )


def test_who_may_not_sign_in_is_mailed_nothing():
    gone = make_person("gone", is_staff=True)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    invited = make_person("invited")
    invited.set_unusable_password()
    invited.save()

    assert passwords.person_to_mail(gone.email) is None
    assert passwords.person_to_mail(invited.email) is None
    mail_password_reset(gone.pk)
    mail_password_reset(0)
    assert mail.outbox == []


def link_in_the_mail():
    (message,) = mail.outbox
    (link,) = re.findall(r"http://testserver(/account/\S+)", str(message.body))
    return link


def test_the_mailed_link_sets_a_password_once_and_ends_other_sessions(client):
    person = make_person()
    elsewhere = Browser()
    sign_in(elsewhere)
    fail(client, 5)
    mail_password_reset(person.pk)
    link = link_in_the_mail()

    form = client.get(link, follow=True)
    address = form.redirect_chain[-1][0]
    assert link.split("/")[-2] not in address  # the token does not stay in the bar
    new = "another long pass phrase"
    answer = client.post(address, {"new_password1": new, "new_password2": new})

    assert answer["Location"] == LOGIN
    assert "Your new password is set" in client.get(LOGIN).content.decode()
    assert elsewhere.get("/account/").status_code == 302
    assert sign_in(client, password=new)["Location"] == "/account/"  # no longer locked
    assert "set a new password by mail" in verbs()
    again = Browser().get(link, follow=True).content.decode()
    assert "used already" in again


def test_a_short_password_is_refused_and_nothing_changes(client):
    person = make_person()
    mail_password_reset(person.pk)
    address = client.get(link_in_the_mail(), follow=True).redirect_chain[-1][0]

    answer = client.post(address, {"new_password1": "short", "new_password2": "short"})

    assert "at least 12 characters" in unescape(answer.content.decode())
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_asking_again_and_again_mails_once_in_a_while():
    person = make_person()
    for _ in range(3):
        mail_password_reset(person.pk)
    assert len(mail.outbox) == 1
    assert AuditEntry.objects.get().details == {}

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE users_auditentry SET at = %s",
            [timezone.now() - timedelta(minutes=6)],
        )
    mail_password_reset(person.pk)
    assert len(mail.outbox) == 2


def test_a_mail_host_that_is_away_is_asked_again(monkeypatch):
    person = make_person()

    def away(*args):
        raise ConnectionRefusedError

    monkeypatch.setattr(passwords, "send_mail", away)
    with pytest.raises(ConnectionRefusedError):
        passwords.mail_reset_link(person.pk)

    assert not AuditEntry.objects.exists()  # so the next try is not held back
    monkeypatch.undo()
    mail_password_reset(person.pk)
    assert len(mail.outbox) == 1
