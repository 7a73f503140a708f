"""The team pages: who works where, roles changed, people invited and removed."""

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core import mail as outbox
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from kombu.exceptions import OperationalError

from apps.platforms.models import ApiApp, Invitation, ShopRole
from apps.platforms.services.team.seats import Seat, seat_of
from apps.platforms.tasks import mail_invitation, mail_waiting_invitations
from apps.users.models import AuditEntry, Membership
from apps.users.roles import PERMISSIONS, Role
from tests.factories.platforms import make_api_app, make_shop
from tests.factories.team import (
    as_user,
    give_role,
    make_invitation,
    make_member,
    make_shop_member,
)
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db

TEAM = reverse("admin:users_membership_changelist")
INVITE = reverse("admin:users_membership_invite")


@pytest.fixture
def company():
    return make_client("Northwind")


@pytest.fixture
def boss(company):
    """An Admin of all the company's shops."""
    return as_user(make_member(company, Role.ADMIN))


def signed_in(user: Any) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def page_of(member: Membership, name: str = "change") -> str:
    return reverse(f"admin:users_membership_{name}", args=[member.pk])


def deed(row: Invitation, name: str) -> str:
    return reverse("admin:users_membership_invitation", args=[row.pk, name])


def words(page: Any) -> str:
    """The page's text, without tags, spaces drawn together."""
    text = re.sub(r"<[^>]+>", " ", unescape(page.content.decode()))
    return re.sub(r"\s+", " ", text)


def posted(page: Any, **changes: Any) -> dict[str, Any]:
    """What the forms of a member's page would send, with some of it changed."""
    data: dict[str, Any] = {}
    for form in (page.context["whole_form"], *page.context["shop_forms"]):
        for name in ("role", "extra"):
            if not form.fields[name].disabled:
                data[form.add_prefix(name)] = form.initial[name]
                data[form.add_initial_prefix(name)] = form.initial[name]
    return data | changes


def test_the_matrix_says_yes_and_no_in_words(boss):
    page = signed_in(boss).get(TEAM)

    assert page.status_code == 200
    matrix = {name: cells for name, _, cells in page.context["matrix"]}
    assert matrix.keys() == PERMISSIONS.keys()
    assert matrix["process_orders"] == ["yes", "no", "yes", "no", "no"]
    text = words(page)
    assert "Work on orders and see the buyers process_orders yes no yes no no" in text
    assert "Underwriter stands outside the table" in text


def test_people_stand_against_shops_with_what_is_said_of_one_shop_apart(company, boss):
    main = make_shop(company, name="Main", region="US")
    other = make_shop(company, name="Other", region="GB")
    member = make_member(company, Role.ANALYST)
    give_role(member, other, Role.ORDER_FULFILLMENT)
    closed = make_member(company, Role.CONTENT_MANAGER)
    give_role(closed, main)

    text = words(signed_in(boss).get(TEAM))

    assert "Person All shops Main (US) Other (GB) Signed in" in text
    email = member.user.email
    row = f"{email} Analyst Analyst as client-wide Order Fulfillment this shop"
    assert row in text
    row = "Content Manager No access this shop Content Manager as client-wide"
    assert row in text


def test_many_shops_become_a_list_of_what_differs(company, boss):
    shops = [make_shop(company) for _ in range(5)]
    member = make_member(company, Role.ANALYST)
    give_role(member, shops[2], Role.ADMIN)

    text = words(signed_in(boss).get(TEAM))

    assert "Person All shops Otherwise at Signed in" in text
    assert f"{member.user.email} Analyst {shops[2]}: Admin" in text
    assert str(shops[3]) not in text


def test_the_page_is_narrowed_by_client_and_by_words(company, boss):
    root = signed_in(make_user(is_superuser=True))
    other = make_client("Southwind")
    member = make_member(other, Role.ANALYST)
    asked = make_invitation(other, "asked@example.com")

    everything = words(root.get(TEAM))
    assert boss.email in everything
    assert member.user.email in everything

    one = words(root.get(TEAM, {"client": other.pk}))
    assert member.user.email in one
    assert boss.email not in one

    for query in (member.user.email, "asked@"):
        found = root.get(TEAM, {"q": query})
        assert [team.client for team in found.context["teams"]] == [other]
    assert asked.email in words(found)
    nothing = words(root.get(TEAM, {"q": "nobody"}))
    assert "Nobody matches these filters." in nothing
    odd = root.get(TEAM, {"client": "x", "p": "x"})
    assert "Client: ignored, because it does not fit here." in words(odd)


def test_clients_come_ten_a_page(boss):
    for number in range(11):
        make_client(f"Zephyr {number:02d}")
    root = signed_in(make_user(is_superuser=True))

    first, second = root.get(TEAM), root.get(TEAM, {"p": 2})

    assert len(first.context["teams"]) == 10
    assert [str(team.client) for team in second.context["teams"]] == [
        "Zephyr 09",
        "Zephyr 10",
    ]
    assert "Page 1 of 2, by client" in words(first)
    assert first.context["others"] == {"Next": "?p=2"}


def test_the_number_of_queries_does_not_grow_with_the_team(company, boss):
    shops = [make_shop(company) for _ in range(3)]
    browser = signed_in(boss)

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert browser.get(TEAM).status_code == 200
        return len(queries)

    make_invitation(company, shops=shops[:2])
    few = count()
    for number in range(8):
        give_role(make_member(company, Role.ANALYST), shops[0], Role.ADMIN)
        make_invitation(company, f"n{number}@example.com", shops=shops[:2])
    assert count() == few
    assert few <= 23


def test_an_admin_of_one_shop_sees_that_shop_alone(company):
    here, there = make_shop(company, name="Here"), make_shop(company, name="There")
    admin = make_shop_member(here, Role.ADMIN)
    member = make_member(company, Role.ANALYST)
    give_role(member, there, Role.ORDER_FULFILLMENT)
    asked = make_invitation(company, "both@example.com", shops=[here, there])
    make_invitation(company, "all@example.com")
    browser = signed_in(as_user(admin))

    text = words(browser.get(TEAM))

    assert "Person All shops Here (MY) Signed in" in text
    assert "both@example.com Analyst Here (MY), 1 more" in text
    for hidden in ("There", "all@example.com", "Order Fulfillment this shop"):
        assert hidden not in text
    assert "There" not in words(browser.get(page_of(member)))
    assert "There" not in words(browser.get(f"{INVITE}?client={company.pk}"))
    assert browser.post(deed(asked, "revoke"), follow=True).status_code == 200
    asked.refresh_from_db()
    assert asked.revoked_at is None


@pytest.mark.parametrize("role", [r for r in Role if r != Role.ADMIN])
def test_who_may_not_see_the_team_is_turned_away(company, role):
    member = make_member(company, role)
    browser = signed_in(as_user(member))
    row = make_invitation(company)

    for address in (TEAM, INVITE, page_of(member), page_of(member, "remove")):
        assert browser.get(address).status_code == 403
        assert browser.post(address).status_code == 403
    assert browser.post(deed(row, "revoke")).status_code == 403
    assert Membership.objects.filter(pk=member.pk).exists()


def test_another_clients_member_is_like_one_that_does_not_exist(boss):
    member = make_member(make_client(), Role.ANALYST)
    asked = make_invitation(make_client())
    browser = signed_in(boss)

    def answer(method: str, address: str, key: int) -> tuple[Any, ...]:
        browser.cookies.pop("messages", None)
        with CaptureQueriesContext(connection) as queries:
            page = getattr(browser, method)(address)
        told = [str(m) for m in get_messages(page.wsgi_request)]
        text = " ".join(told).replace(str(key), "KEY")
        return page.status_code, page.headers.get("Location"), text, len(queries)

    missing = Membership(pk=member.pk + 100_000)
    for name in ("change", "remove"):
        for method in ("get", "post"):
            found = answer(method, page_of(member, name), member.pk)
            assert found == answer(method, page_of(missing, name), missing.pk)
            assert found[0] == 302
    gone = Invitation(pk=asked.pk + 100_000)
    for name in ("again", "revoke"):
        found = answer("post", deed(asked, name), asked.pk)
        assert found == answer("post", deed(gone, name), gone.pk)


def test_roles_at_several_places_are_saved_at_once(company, boss):
    main, other = make_shop(company), make_shop(company)
    member = make_member(company, Role.ANALYST)
    browser = signed_in(boss)
    page = browser.get(page_of(member))

    data = posted(
        page,
        **{
            "all-role": Role.CREATOR_PARTNER,
            "all-extra": ["process_orders", "create_content"],
            f"shop{main.pk}-role": "none",
            f"shop{other.pk}-role": Role.ADMIN,
        },
    )
    saved = browser.post(page_of(member), data, follow=True)

    assert "Roles saved." in words(saved)
    member.refresh_from_db()
    # Creating content is the role's already.
    assert seat_of(member) == Seat(Role.CREATOR_PARTNER, ("process_orders",))
    own = {row.shop: seat_of(row) for row in member.shop_roles.all()}
    assert own == {main: Seat(), other: Seat(Role.ADMIN)}
    assert "Analyst → Creator Partner + Work on orders" in words(saved)

    data = posted(saved, **{f"shop{main.pk}-role": "follow"})
    browser.post(page_of(member), data)
    assert list(member.shop_roles.values_list("shop", flat=True)) == [other.pk]
    again = browser.post(
        page_of(member), posted(browser.get(page_of(member))), follow=True
    )
    assert "Nothing was changed." in words(again)


def test_only_what_was_changed_on_the_page_is_written(company, boss):
    """A colleague who changed another place meanwhile is not undone."""
    main = make_shop(company)
    member = make_member(company, Role.ANALYST)
    browser = signed_in(boss)
    page = browser.get(page_of(member))
    Membership.objects.filter(pk=member.pk).update(role=Role.CONTENT_MANAGER)

    browser.post(page_of(member), posted(page, **{f"shop{main.pk}-role": "none"}))

    member.refresh_from_db()
    assert member.role == Role.CONTENT_MANAGER
    assert seat_of(member.shop_roles.get()) == Seat()


def test_permissions_without_a_role_of_their_own_place_are_refused(company, boss):
    main = make_shop(company)
    member = make_member(company, Role.ANALYST)
    browser = signed_in(boss)

    data = {f"shop{main.pk}-role": "follow", f"shop{main.pk}-extra": ["process_orders"]}
    page = browser.post(page_of(member), posted(browser.get(page_of(member)), **data))

    assert page.status_code == 200
    assert "“As in all shops” has no permissions of its own." in words(page)
    assert not ShopRole.objects.exists()


def test_a_broken_rule_is_shown_as_it_is_put_and_nothing_is_written(company, boss):
    make_shop(company, name="Main", region="US")
    own = boss.memberships.get()
    browser = signed_in(boss)

    data = posted(browser.get(page_of(own)), **{"all-role": Role.ANALYST})
    page = browser.post(page_of(own), data)

    assert "Main (US) would be left without an Admin." in words(page)
    own.refresh_from_db()
    assert own.role == Role.ADMIN


def test_who_gives_up_their_own_role_is_led_to_where_they_may_go(company, boss):
    make_shop(company)
    make_member(company, Role.ADMIN)
    own = boss.memberships.get()
    browser = signed_in(boss)

    data = posted(browser.get(page_of(own)), **{"all-role": Role.ANALYST})
    answer = browser.post(page_of(own), data)

    assert answer.headers["Location"] == reverse("landing")
    own.refresh_from_db()
    assert own.role == Role.ANALYST


def test_the_page_offers_what_one_holds_oneself_and_locks_what_exceeds_it(company):
    make_shop(company)
    manager = make_member(
        company, permissions=["manage_team", "view_analytics", "view_products"]
    )
    browser = signed_in(as_user(manager))
    admin = make_member(company, Role.ADMIN)
    analyst = make_member(company, Role.ANALYST)

    form = browser.get(page_of(analyst)).context["whole_form"]
    roles = [value for value, _ in form.fields["role"].choices]
    assert roles == [Role.ANALYST, Role.UNDERWRITER, "none"]
    assert {name for name, _ in form.fields["extra"].choices} == {
        "manage_team",
        "view_analytics",
        "view_products",
    }

    page = browser.get(page_of(admin))
    assert page.context["whole_form"].is_locked
    assert not page.context["can_save"]
    assert "They may do more here than you" in words(page)
    browser.post(page_of(admin), {"all-role": "none"})
    forged = posted(browser.get(page_of(analyst)), **{"all-role": Role.ADMIN})
    refused = browser.post(page_of(analyst), forged)
    assert "Select a valid choice." in words(refused)
    roles_now = Membership.objects.filter(pk__in=[admin.pk, analyst.pk])
    assert set(roles_now.values_list("role", flat=True)) == {"admin", "analyst"}


def test_removal_names_what_is_lost_and_happens_once_confirmed(company, boss):
    main = make_shop(company, name="Main", region="US")
    member = make_member(company, Role.ADMIN)
    give_role(member, main, Role.ANALYST)
    make_invitation(company, invited_by=member.user)
    browser = signed_in(boss)

    asked = words(browser.get(page_of(member, "remove")))
    for lost in (
        "at all shops of Northwind: Admin",
        "at Main (US): Analyst",
        "1 invitation they sent, which no longer works",
        "Their account stays",
    ):
        assert lost in asked
    assert Membership.objects.filter(pk=member.pk).exists()

    done = browser.post(page_of(member, "remove"), follow=True)
    assert f"{member.user.username} no longer works for Northwind." in words(done)
    assert not Membership.objects.filter(pk=member.pk).exists()
    assert AuditEntry.objects.get(verb="removed from the team").actor == boss


def test_the_last_admin_is_not_removed_from_the_page(company, boss):
    own = boss.memberships.get()

    page = signed_in(boss).post(page_of(own, "remove"), follow=True)

    assert "would be left without an Admin" in words(page)
    assert Membership.objects.filter(pk=own.pk).exists()


@pytest.fixture
def queued(monkeypatch):
    numbers: list[int] = []
    monkeypatch.setattr(mail_invitation, "delay", numbers.append)
    return numbers


def test_an_invitation_is_made_and_mailed_and_its_link_shown_nowhere(
    company, boss, queued, django_capture_on_commit_callbacks
):
    main = make_shop(company)
    browser = signed_in(boss)
    data = {
        "email": "new@example.com",
        "role": Role.ANALYST,
        "extra": ["process_orders"],
        "where": "some",
        "shops": [main.pk],
    }

    with django_capture_on_commit_callbacks(execute=True):
        page = browser.post(INVITE, data, follow=True)

    row = Invitation.objects.get()
    assert "Invitation sent to new@example.com." in words(page)
    assert seat_of(row) == Seat(Role.ANALYST, ("process_orders",))
    assert list(row.shops.all()) == [main]
    assert queued == [row.pk]
    assert "new@example.com Analyst + Work on orders" in words(page)
    assert row.token not in page.content.decode()
    assert row.nonce not in page.content.decode()


def test_an_invitation_stands_while_the_queue_is_away_and_the_sweep_mails_it(
    company, boss, monkeypatch, django_capture_on_commit_callbacks, time_machine
):
    def away(*args: Any) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(mail_invitation, "delay", away)
    data = {"email": "new@example.com", "role": Role.ANALYST}

    with django_capture_on_commit_callbacks(execute=True):
        page = signed_in(boss).post(INVITE, data, follow=True)

    assert "Invitation sent to new@example.com." in words(page)
    row = Invitation.objects.get()
    time_machine.move_to(row.created_at.timestamp() + 600)
    assert mail_waiting_invitations() == 1
    assert row.token in outbox.outbox[0].body


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"email": "x", "role": "analyst", "where": "all"}, "valid email address"),
        ({"email": "a@example.com", "role": "", "where": "all"}, "is required"),
        ({"email": "a@example.com", "role": "none", "where": "all"}, "Choose a role"),
        (
            {"email": "a@example.com", "role": "analyst", "where": "some"},
            "Tick the shops.",
        ),
        (
            {"email": "a@example.com", "role": "analyst", "where": "all", "tick": True},
            "Shops are ticked",
        ),
        (
            {"email": "a@example.com", "role": "underwriter", "where": "some",
             "tick": True},
            "shared credit reports alone",
        ),
    ],
)  # fmt: skip
def test_an_invitation_that_does_not_hold_says_why(company, boss, data, told):
    shop = make_shop(company)
    data = {name: value for name, value in data.items() if name != "tick"} | (
        {"shops": [shop.pk]} if "tick" in data else {}
    )

    page = signed_in(boss).post(INVITE, data)

    assert page.status_code == 200
    assert told in words(page)
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("odd", ["x", "9" * 30, "-1", "\x00"])
def test_a_shop_that_is_none_of_those_offered_is_no_choice(company, boss, odd):
    make_shop(company)
    foreign = make_shop()
    data = {"email": "a@example.com", "role": "analyst", "where": "some"}

    for shop in (odd, str(foreign.pk)):
        page = signed_in(boss).post(INVITE, data | {"shops": [shop]})
        assert "is not one of the available choices." in words(page)
    assert not Invitation.objects.exists()


def test_who_manages_several_clients_says_first_which(company, boss):
    other = make_client("Southwind")
    Membership.objects.create(user=boss, client=other, role=Role.ADMIN)
    make_client("Eastwind")
    browser = signed_in(boss)

    page = browser.get(INVITE)
    assert [str(client) for client in page.context["clients"]] == [
        "Northwind",
        "Southwind",
    ]
    assert "Invite to Southwind" in words(browser.get(f"{INVITE}?client={other.pk}"))
    for odd in ("x", "9" * 30, "²", Membership.objects.count() + 100_000):
        page = browser.get(f"{INVITE}?client={odd}")
        assert "Client: ignored" in words(page)


def test_an_invitation_is_sent_again_and_taken_back(
    company, boss, queued, django_capture_on_commit_callbacks
):
    row = make_invitation(company, mail_state="failed", mail_error="Host away.")
    browser = signed_in(boss)
    before = words(browser.get(TEAM))
    assert "Mail failed Host away." in before
    assert "Send again to new@example.com" in before

    with django_capture_on_commit_callbacks(execute=True):
        page = browser.post(deed(row, "again"), follow=True)
    assert "Invitation sent to new@example.com again." in words(page)
    assert queued == [row.pk]
    assert "Open Waiting to be sent" in words(page)

    after = words(browser.post(deed(row, "revoke"), follow=True))
    assert "The invitation of new@example.com no longer works." in after
    assert "Revoked" in after
    assert "Send again to" not in after
    closed = words(browser.post(deed(row, "again"), follow=True))
    assert "This invitation is closed. Invite the person anew." in closed


def test_reading_the_addresses_of_deeds_does_nothing(company, boss):
    row = make_invitation(company)
    browser = signed_in(boss)

    assert browser.get(deed(row, "revoke")).status_code == 405
    assert browser.post(deed(row, "explode")).status_code == 404
    assert browser.post(TEAM, {"action": "delete_selected"}).status_code == 405
    row.refresh_from_db()
    assert row.revoked_at is None


def test_see_as_is_offered_for_others_who_are_active(company, boss):
    member = make_member(company, Role.ANALYST)
    idle = make_member(company, Role.ANALYST)
    idle.user.is_active = False
    idle.user.save()

    people = signed_in(boss).get(TEAM).context["teams"][0].people

    assert [each.member for each in people if each.may_preview] == [member]


def test_the_shop_page_and_the_sidebar_lead_to_the_team(company, boss):
    shop = make_shop(company)
    address = reverse("admin:platforms_shop_change", args=[shop.pk])

    page = signed_in(boss).get(f"{address}?tab=team").content.decode()

    assert f"{TEAM}?client={company.pk}" in page
    assert f"{INVITE}?client={company.pk}" in page
    assert "Team and roles" in page


def test_a_superuser_sees_every_invitation_and_every_app(company):
    root = make_user(is_superuser=True)
    rows = {
        make_invitation(company),
        make_invitation(company, "b@example.com", shops=[make_shop(company)]),
    }
    apps = {make_api_app(), make_api_app(client=company)}

    assert set(Invitation.objects.visible_to(root)) == rows
    assert set(ApiApp.objects.visible_to(root)) == apps
