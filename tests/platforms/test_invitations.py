"""Invitations: for one address, once, for a while; their mail, and the command."""

import json
from datetime import timedelta
from io import StringIO
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail as outbox
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.platforms import tasks
from apps.platforms.errors import InvitationClosed, NotYours, TeamRefuses
from apps.platforms.models import Invitation, ShopRole
from apps.platforms.services.team import mail
from apps.platforms.services.team.clients import set_client_active
from apps.platforms.services.team.invitations import (
    LIFE,
    accept,
    accept_with_account,
    invite,
    open_invitation,
    revoke,
    send_again,
)
from apps.platforms.services.team.members import set_seat
from apps.platforms.services.team.seats import Seat, seat_of
from apps.users.models import AuditEntry, Membership, User
from apps.users.roles import PROCESS_ORDERS, VIEW_SHOP, Role
from tests.factories.platforms import make_shop
from tests.factories.team import (
    as_user,
    give_role,
    make_invitation,
    make_member,
    make_shop_member,
)
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db

ANALYST, ADMIN = Seat(Role.ANALYST), Seat(Role.ADMIN)
PASSWORD = "a long and odd sentence"


@pytest.fixture
def company():
    return make_client("Northwind")


@pytest.fixture
def boss(company):
    """An Admin of all the company's shops."""
    return as_user(make_member(company, Role.ADMIN))


def person(email: str = "new@example.com") -> User:
    user = make_user()
    user.email = email
    user.save()
    return user


def refreshed(row: Invitation) -> Invitation:
    row.refresh_from_db()
    return row


def test_an_invitation_is_noted_and_audited(company, boss):
    shop = make_shop(company)

    row = invite(boss, company, " New@Example.com ", ANALYST, shops=[shop])

    assert (row.email, row.client, row.invited_by) == ("new@example.com", company, boss)
    assert seat_of(row) == ANALYST
    assert list(row.shops.all()) == [shop]
    assert timedelta(0) <= timezone.now() + LIFE - row.expires_at < timedelta(minutes=1)
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor, entry.shop_key) == ("invited", boss, shop.pk)
    assert row.token not in json.dumps(entry.details)


@pytest.mark.parametrize(
    ("email", "seat"),
    [
        ("no address", ANALYST),
        ("new@example.com\nBcc: all@example.com", ANALYST),
        (f"{'x' * 140}@example.com", ANALYST),
        ("new@example.com", Seat()),
        ("new@example.com", Seat("captain")),
        ("new@example.com", Seat(Role.UNDERWRITER, ("process_orders",))),
    ],
)
def test_what_cannot_be_is_not_invited(company, boss, email, seat):
    with pytest.raises(TeamRefuses):
        invite(boss, company, email, seat)

    assert not Invitation.objects.exists()
    assert not AuditEntry.objects.exists()


def test_nobody_invites_to_more_than_they_hold(company, boss):
    here, there = make_shop(company), make_shop(company)
    limited = as_user(make_shop_member(here, Role.ADMIN))
    manager = as_user(make_member(company, permissions=["manage_team"]))
    closed = make_member(company, Role.ADMIN)
    give_role(closed, there)

    for actor, seat, shops in (
        (limited, ANALYST, []),
        (limited, ANALYST, [here, there]),
        (manager, ADMIN, []),
        (as_user(closed), ANALYST, []),
        (make_user(), ANALYST, []),
    ):
        with pytest.raises(NotYours):
            invite(actor, company, "new@example.com", seat, shops=shops)

    assert not Invitation.objects.exists()
    assert invite(limited, company, "new@example.com", ADMIN, shops=[here])


def test_shops_of_another_client_and_inactive_clients_are_refused(company):
    superuser = make_user(is_superuser=True)
    with pytest.raises(TeamRefuses, match="Choose shops of Northwind"):
        invite(superuser, company, "new@example.com", ANALYST, shops=[make_shop()])
    set_client_active(superuser, company, is_active=False)
    company.refresh_from_db()
    with pytest.raises(TeamRefuses, match="inactive"):
        invite(superuser, company, "new@example.com", ANALYST)


def test_a_member_is_not_invited_again(company, boss):
    member = make_member(company, Role.ANALYST)

    with pytest.raises(TeamRefuses, match="works for Northwind already"):
        invite(boss, company, member.user.email.upper(), ADMIN)


def test_a_second_invitation_takes_the_place_of_the_first(company, boss):
    first = invite(boss, company, "new@example.com", ANALYST)
    second = invite(boss, company, "NEW@example.com", ADMIN)

    assert refreshed(first).revoked_at is not None
    assert open_invitation(second.token) == second
    with pytest.raises(InvitationClosed):
        open_invitation(first.token)


def test_inviting_does_not_undo_an_invitation_one_could_not_revoke(company, boss):
    here = make_shop(company)
    limited = as_user(make_shop_member(here, Role.ADMIN))
    first = invite(boss, company, "new@example.com", ANALYST)

    with pytest.raises(NotYours):
        revoke(limited, first)
    with pytest.raises(NotYours):
        send_again(limited, first)
    with pytest.raises(TeamRefuses, match="may give more"):
        invite(limited, company, "new@example.com", ANALYST, shops=[here])
    assert refreshed(first).revoked_at is None

    Invitation.objects.update(expires_at=timezone.now())
    assert invite(limited, company, "new@example.com", ANALYST, shops=[here])


def test_an_invitation_is_taken_back_once(company, boss):
    row = invite(boss, company, "new@example.com", ANALYST)

    assert revoke(boss, row)
    assert not revoke(boss, row)
    with pytest.raises(InvitationClosed):
        send_again(boss, row)
    with pytest.raises(InvitationClosed):
        accept(row, person())

    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["invited", "revoked an invitation"]


def test_sending_again_keeps_a_link_that_works_and_replaces_one_that_expired(
    company, boss
):
    row = make_invitation(company, expires_in=timedelta(hours=1))
    token = row.token

    assert send_again(boss, row).token == token
    assert row.invited_by == boss
    assert row.expires_at > timezone.now() + timedelta(days=6)

    Invitation.objects.update(expires_at=timezone.now())
    again = send_again(boss, refreshed(row))
    assert again.token != token
    with pytest.raises(InvitationClosed):
        open_invitation(token)
    assert open_invitation(again.token) == row


def test_somebody_new_gets_an_account_and_the_seat(company, boss):
    row = invite(boss, company, "new@example.com", Seat(Role.ORDER_FULFILLMENT))

    user = accept_with_account(
        row, first_name=" Ana ", last_name="Reyes", password=PASSWORD, address="::1"
    )

    assert (user.username, user.email) == ("new@example.com", "new@example.com")
    assert user.get_full_name() == "Ana Reyes"
    assert user.check_password(PASSWORD)
    assert user.is_staff
    assert user.has_perm(PROCESS_ORDERS, company)
    assert refreshed(row).accepted_by == user
    entry = AuditEntry.objects.get(verb="accepted an invitation")
    assert (entry.actor, entry.client) == (user, company)
    assert entry.target_id == str(user.memberships.get().pk)


def test_a_weak_password_makes_no_account(company):
    row = make_invitation(company)

    with pytest.raises(ValidationError):
        accept_with_account(row, first_name="A", last_name="B", password="12345")

    assert not User.objects.filter(email=row.email).exists()
    assert refreshed(row).accepted_at is None


def test_an_address_with_an_account_makes_no_second_one(company):
    person()
    row = make_invitation(company)

    with pytest.raises(InvitationClosed, match="sign in to accept"):
        accept_with_account(row, first_name="A", last_name="B", password=PASSWORD)

    assert User.objects.filter(email=row.email).count() == 1


def test_an_existing_account_takes_the_seat_at_the_named_shops_alone(company):
    one, other = make_shop(company), make_shop(company)
    row = make_invitation(company, shops=[one])
    user = person("NEW@example.com")

    accept(row, user)

    assert user.has_perm(VIEW_SHOP, one)
    assert not user.has_perm(VIEW_SHOP, other)
    assert seat_of(user.memberships.get()) == Seat()


def test_an_invitation_is_used_once(company):
    row = make_invitation(company)
    user = person()
    accept(row, user)

    with pytest.raises(InvitationClosed):
        accept(row, user)

    assert user.memberships.count() == 1
    assert AuditEntry.objects.filter(verb="accepted an invitation").count() == 1


def test_an_invitation_is_for_one_address(company):
    row = make_invitation(company)
    stranger = person("else@example.com")

    with pytest.raises(InvitationClosed, match=r"for new@example\.com"):
        accept(row, stranger)

    assert not stranger.memberships.exists()
    assert refreshed(row).accepted_at is None


def test_who_joined_otherwise_keeps_the_role_they_have(company):
    row = make_invitation(company, role=Role.ADMIN)
    user = person()
    Membership.objects.create(user=user, client=company, role=Role.ANALYST)

    with pytest.raises(InvitationClosed, match="work for Northwind already"):
        accept(row, user)

    assert user.memberships.get().role == Role.ANALYST
    assert refreshed(row).accepted_at is None


def expire(row: Invitation, boss: User) -> None:
    Invitation.objects.update(expires_at=timezone.now())


def take_back(row: Invitation, boss: User) -> None:
    Invitation.objects.update(revoked_at=timezone.now())


def demote_the_inviter(row: Invitation, boss: User) -> None:
    Membership.objects.filter(user=boss).update(role=Role.ANALYST)


def shut_the_inviter_out(row: Invitation, boss: User) -> None:
    User.objects.filter(pk=boss.pk).update(is_active=False)


def let_the_client_go(row: Invitation, boss: User) -> None:
    row.client.is_active = False
    row.client.save()


def move_the_shop(row: Invitation, boss: User) -> None:
    for shop in row.shops.all():
        shop.client = make_client()
        shop.save()


@pytest.mark.parametrize(
    "close",
    [
        expire,
        take_back,
        demote_the_inviter,
        shut_the_inviter_out,
        let_the_client_go,
        move_the_shop,
    ],
)
def test_a_closed_invitation_gives_nothing(company, boss, close):
    row = invite(boss, company, "new@example.com", ADMIN, shops=[make_shop(company)])
    user = person()

    close(row, boss)
    with pytest.raises(InvitationClosed, match="has been used, has expired or was"):
        accept(row, user)

    assert not user.memberships.exists()
    assert not ShopRole.objects.exists()
    assert refreshed(row).accepted_at is None


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "\x00", "Ü" * 500])
def test_what_we_did_not_sign_leads_nowhere(token):
    with pytest.raises(InvitationClosed):
        open_invitation(token)


def test_a_changed_link_leads_nowhere(company):
    row = make_invitation(company)
    other = make_invitation(company, "other@example.com")

    for token in (row.token[:-1], row.token.swapcase(), other.token[:20] + row.token):
        with pytest.raises(InvitationClosed):
            open_invitation(token)
    assert open_invitation(row.token) == row


def test_the_mail_says_who_asks_and_carries_the_link(company, boss):
    boss.first_name, boss.last_name = "Bo", "Lund"
    boss.save()
    row = invite(boss, company, "new@example.com", ANALYST, shops=[make_shop(company)])

    tasks.mail_invitation(row.pk)
    tasks.mail_invitation(row.pk)

    (sent,) = outbox.outbox
    assert sent.to == ["new@example.com"]
    assert sent.subject == "Northwind invites you to Shopdesk"
    for words in ("Bo Lund", "Analyst", str(row.shops.get()), row.token):
        assert words in sent.body
    assert refreshed(row).mail_state == Invitation.Mail.SENT


def test_no_mail_goes_out_for_a_closed_invitation(company, boss):
    row = invite(boss, company, "new@example.com", ANALYST)
    revoke(boss, row)

    tasks.mail_invitation(row.pk)
    tasks.mail_invitation(row.pk + 1)

    assert outbox.outbox == []


def test_a_mail_host_that_is_away_is_noted_and_tried_again(
    company, boss, monkeypatch, time_machine
):
    row = invite(boss, company, "new@example.com", ANALYST)

    def away(*args: Any, **kwargs: Any) -> None:
        raise SMTPServerDisconnected("host quotes the mail")

    with monkeypatch.context() as patch:
        patch.setattr(mail, "send_mail", away)
        tasks.mail_invitation(row.pk)
        assert refreshed(row).mail_state == Invitation.Mail.FAILED
        assert row.mail_error == (
            "The mail host did not take it (SMTPServerDisconnected)."
        )
        begun = timezone.now()
        tried = 0
        for minute in range(0, 25 * 60, 5):
            time_machine.move_to(begun + timedelta(minutes=minute), tick=False)
            tried += len(mail.waiting(timezone.now()))
            tasks.mail_waiting_invitations()
    assert 5 <= tried <= 12

    assert mail.waiting(timezone.now()) == []  # given up after a day
    send_again(boss, row)
    time_machine.shift(timedelta(minutes=6))
    assert tasks.mail_waiting_invitations() == 1
    assert refreshed(row).mail_state == Invitation.Mail.SENT
    assert row.mail_error == ""


def test_one_mail_that_cannot_be_sent_stops_no_other(company, boss, time_machine):
    company.name = "North\nwind"
    company.save()
    bad = make_invitation(company, "bad\n@example.com")
    good = make_invitation(company, "good@example.com")
    time_machine.move_to(timezone.now() + timedelta(minutes=6))

    assert tasks.mail_waiting_invitations() == 1

    assert refreshed(bad).mail_state == Invitation.Mail.FAILED
    assert refreshed(good).mail_state == Invitation.Mail.SENT
    assert outbox.outbox[0].subject == "North wind invites you to Shopdesk"


def run(*arguments: str) -> list[dict[str, Any]]:
    out = StringIO()
    call_command("invite", *arguments, "--json", stdout=out, stderr=StringIO())
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.fixture
def queued(monkeypatch):
    numbers: list[int] = []
    monkeypatch.setattr(tasks.mail_invitation, "delay", numbers.append)
    return numbers


def test_the_command_invites_as_the_first_superuser(
    company, queued, django_capture_on_commit_callbacks
):
    make_user("somebody")
    root = make_user("root", is_superuser=True)
    make_user("later", is_superuser=True)
    shop = make_shop(company, name="Main")
    arguments = ["new@example.com", "--client", "northwind", "--role", "analyst"]
    arguments += ["--shop", "Main", "--extra", "process_orders"]

    with django_capture_on_commit_callbacks(execute=True):
        (dry,) = run(*arguments, "--dry-run")
    assert not Invitation.objects.exists()
    assert queued == []
    with django_capture_on_commit_callbacks(execute=True):
        (told,) = run(*arguments)

    row = Invitation.objects.get()
    assert row.invited_by == root
    assert list(row.shops.all()) == [shop]
    assert seat_of(row) == Seat(Role.ANALYST, ("process_orders",))
    assert queued == [row.pk]
    assert told["type"] == dry["type"] == "summary"
    assert (told["invitation"], told["email"]) == (row.pk, "new@example.com")
    assert dry["dry_run"] is True
    assert row.token not in json.dumps(told)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["new@example.com", "--client", "Nobody"], "No client"),
        (["nowhere", "--client", "Northwind"], "no e-mail address"),
        (["new@example.com", "--client", "Northwind", "--shop", "x"], "No shop"),
        (["new@example.com", "--client", "Northwind", "--by", "who"], "No superuser"),
    ],
)
def test_the_command_says_what_was_wrong_with_exit_code_2(company, arguments, words):
    make_user("root", is_superuser=True)

    with pytest.raises(CommandError, match=words) as caught:
        run(*arguments, "--role", "analyst")

    assert caught.value.returncode == 2
    assert not Invitation.objects.exists()


def test_a_demoted_admin_no_longer_hands_out_what_they_had(company, boss):
    second = make_member(company, Role.ADMIN)
    row = make_invitation(company, role=Role.ADMIN, invited_by=second.user)

    set_seat(boss, second, ANALYST)

    with pytest.raises(InvitationClosed):
        open_invitation(row.token)
