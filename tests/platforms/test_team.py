"""Rules of a team: nobody gives or takes what they do not hold, a shop keeps its last
Admin, and what somebody offered ends when they may no longer offer it."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from apps.core.errors import DomainError
from apps.platforms.errors import LastAdmin, NotYours, ShopRefuses, TeamRefuses
from apps.platforms.models import ConnectLink, ShopRole
from apps.platforms.services import shops
from apps.platforms.services.team.accounts import set_active, set_superuser
from apps.platforms.services.team.clients import (
    add_client,
    rename_client,
    set_client_active,
)
from apps.platforms.services.team.members import (
    follow_client,
    remove,
    set_seat,
    set_seats,
)
from apps.platforms.services.team.seats import Seat, seat_of
from apps.users.access import Place
from apps.users.models import AuditEntry, Client, Membership, User
from apps.users.roles import MANAGE_TEAM, VIEW_SHOP, Role
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

ANALYST, ADMIN = Seat(Role.ANALYST), Seat(Role.ADMIN)


@pytest.fixture
def company():
    return make_client("Northwind")


@pytest.fixture
def boss(company):
    """An Admin of all the company's shops."""
    return as_user(make_member(company, Role.ADMIN))


def seats_of(member: Membership) -> dict[str, Seat]:
    """{"" or the shop's name: what is said there}."""
    member.refresh_from_db()
    return {"": seat_of(member)} | {
        row.shop.name: seat_of(row) for row in member.shop_roles.select_related("shop")
    }


def test_an_admin_changes_a_role_and_it_is_audited(company, boss):
    member = make_member(company, Role.ANALYST)

    assert set_seat(boss, member, Seat(Role.CREATOR_PARTNER), address="192.0.2.1")
    assert not set_seat(boss, member, Seat(Role.CREATOR_PARTNER))

    assert seats_of(member) == {"": Seat(Role.CREATOR_PARTNER)}
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor, entry.client) == ("changed role", boss, company)
    assert entry.details["role"] == ["Analyst", "Creator Partner"]
    assert (entry.address, entry.shop_key) == ("192.0.2.1", None)


def test_a_role_at_one_shop_takes_the_place_of_the_other_until_it_is_lifted(
    company, boss
):
    member = make_member(company, Role.ANALYST)
    shop = make_shop(company, name="Main")

    assert set_seat(boss, member, Seat(), shop=shop)
    assert not as_user(member).has_perm(VIEW_SHOP, shop)
    assert AuditEntry.objects.get().shop_key == shop.pk

    assert follow_client(boss, member, shop)
    assert not follow_client(boss, member, shop)
    assert as_user(member).has_perm(VIEW_SHOP, shop)
    assert AuditEntry.objects.count() == 2


@pytest.mark.parametrize("seat", [ADMIN, Seat("", ("manage_credentials",))])
def test_who_manages_a_team_gives_nothing_they_do_not_hold(company, seat):
    make_member(company, Role.ADMIN)
    manager = as_user(make_member(company, permissions=["manage_team"]))
    member = make_member(company)

    with pytest.raises(NotYours, match="may not do yourself"):
        set_seat(manager, member, seat)

    assert seats_of(member) == {"": Seat()}
    assert not AuditEntry.objects.exists()


def test_who_manages_a_team_takes_nothing_they_do_not_hold(company):
    make_member(company, Role.ADMIN)
    manager = as_user(make_member(company, permissions=["manage_team"]))
    member = make_member(company, Role.ADMIN)

    with pytest.raises(NotYours):
        set_seat(manager, member, Seat())
    with pytest.raises(NotYours):
        remove(manager, member)

    assert seats_of(member) == {"": ADMIN}


def test_nobody_gives_themselves_more(company):
    make_member(company, Role.ADMIN)
    manager = make_member(company, Role.ANALYST, permissions=["manage_team"])

    with pytest.raises(NotYours):
        set_seat(as_user(manager), manager, ADMIN)

    assert seats_of(manager)[""].role == Role.ANALYST


def test_pinning_a_role_at_a_shop_counts_as_giving_it(company, boss):
    """Else it would outlast the day on which it is taken for all shops."""
    shop = make_shop(company)
    manager = as_user(make_member(company, permissions=["manage_team"]))
    member = make_member(company, Role.ADMIN)

    with pytest.raises(NotYours):
        set_seat(manager, member, ADMIN, shop=shop)

    assert not ShopRole.objects.exists()


def test_an_admin_of_one_shop_manages_that_shop_alone(company):
    here, there = make_shop(company, name="Here"), make_shop(company, name="There")
    admin = as_user(make_shop_member(here, Role.ADMIN))
    member = make_shop_member(there, Role.ADMIN)

    assert set_seat(admin, member, ANALYST, shop=here)
    for shop in (there, None):
        with pytest.raises(NotYours):
            set_seat(admin, member, Seat(), shop=shop)
    with pytest.raises(NotYours):
        remove(admin, member)

    assert seats_of(member) == {"": Seat(), "Here": ANALYST, "There": ADMIN}


def test_an_admin_of_one_shop_removes_who_works_at_that_shop_alone(company):
    here = make_shop(company)
    admin = as_user(make_shop_member(here, Role.ADMIN))
    member = make_shop_member(here, Role.ANALYST)

    remove(admin, member)

    assert not Membership.objects.filter(pk=member.pk).exists()
    assert AuditEntry.objects.get().details["shops"] == f"{here}: Analyst"


def test_an_admin_closed_out_of_a_shop_changes_nothing_that_reaches_it(company):
    closed = make_shop(company)
    admin = make_member(company, Role.ADMIN)
    make_member(company, Role.ADMIN)
    give_role(admin, closed)
    member = make_member(company, Role.ANALYST)

    with pytest.raises(NotYours):
        set_seat(as_user(admin), member, ADMIN)
    with pytest.raises(NotYours):
        set_seat(as_user(admin), admin, ADMIN, shop=closed)

    assert seats_of(member) == {"": ANALYST}


def test_an_admin_of_another_client_manages_nothing_here(company):
    stranger = as_user(make_member(make_client(), Role.ADMIN))
    member = make_member(company)

    with pytest.raises(NotYours):
        set_seat(stranger, member, ANALYST)

    assert seats_of(member) == {"": Seat()}


def test_a_role_is_not_given_at_another_clients_shop(company, boss):
    foreign = make_shop()
    member = make_member(company)

    for actor in (boss, make_user(is_superuser=True)):
        with pytest.raises(TeamRefuses, match="is not a shop of Northwind"):
            set_seat(actor, member, ANALYST, shop=foreign)

    assert not ShopRole.objects.exists()


@pytest.mark.parametrize("seat", [Seat("captain"), Seat("", ("fly",))])
def test_unknown_roles_and_permissions_are_refused(company, boss, seat):
    member = make_member(company)

    with pytest.raises(TeamRefuses, match="No such"):
        set_seat(boss, member, seat)

    assert seats_of(member) == {"": Seat()}


def test_an_underwriter_has_no_shop_and_nothing_beside_it(company, boss):
    shop = make_shop(company)
    member = make_member(company, Role.ANALYST)
    underwriter = Seat(Role.UNDERWRITER)

    for seat, place in (
        (underwriter, shop),
        (Seat(Role.UNDERWRITER, ("process_orders",)), None),
    ):
        with pytest.raises(TeamRefuses, match="shared credit reports alone"):
            set_seat(boss, member, seat, shop=place)
    set_seat(boss, member, ANALYST, shop=shop)
    set_seat(boss, member, underwriter)
    with pytest.raises(TeamRefuses, match="has no shop"):
        set_seat(boss, member, ANALYST, shop=shop)

    assert seats_of(member) == {"": underwriter}
    assert not as_user(member).has_perm(VIEW_SHOP)


def test_the_last_admin_of_a_shop_stays(company, boss):
    make_shop(company, name="Main", region="US")
    own = boss.memberships.get()

    for deed in (
        lambda: set_seat(boss, own, ANALYST),
        lambda: remove(boss, own),
        lambda: set_active(make_user(is_superuser=True), boss, is_active=False),
    ):
        with pytest.raises(LastAdmin, match=r"Main \(US\) would be left"):
            deed()

    assert seats_of(own) == {"": ADMIN}
    assert User.objects.get(pk=boss.pk).is_active


def test_the_last_admin_of_one_shop_among_several_stays(company, boss):
    one, other = make_shop(company, name="One"), make_shop(company, name="Other")
    second = make_member(company, Role.ADMIN)
    give_role(second, one, Role.ANALYST)

    with pytest.raises(LastAdmin, match="One"):
        remove(boss, boss.memberships.get())
    set_seat(boss, second, ADMIN, shop=one)
    remove(boss, boss.memberships.get())

    assert as_user(second).has_perm(MANAGE_TEAM, other)


def test_a_client_without_shops_keeps_an_admin_too(company, boss):
    with pytest.raises(LastAdmin, match="Northwind would be left"):
        remove(boss, boss.memberships.get())


def test_an_inactive_admin_does_not_count(company, boss):
    make_shop(company)
    idle = make_member(company, Role.ADMIN)
    User.objects.filter(pk=idle.user_id).update(is_active=False)

    with pytest.raises(LastAdmin):
        remove(boss, boss.memberships.get())


def test_several_places_change_at_once_or_not_at_all(company, boss):
    one, other = make_shop(company, name="One"), make_shop(company, name="Other")
    own = boss.memberships.get()

    # On the way there is no Admin, at the end there is.
    assert set_seats(boss, own, {None: Seat(), one: ADMIN, other: ADMIN})
    assert seats_of(own) == {"": Seat(), "One": ADMIN, "Other": ADMIN}

    with pytest.raises(LastAdmin):
        set_seats(as_user(own), own, {one: None, other: ANALYST})
    assert seats_of(own) == {"": Seat(), "One": ADMIN, "Other": ADMIN}


def test_who_was_removed_meanwhile_cannot_be_changed(company, boss):
    member = make_member(company, Role.ANALYST)
    Membership.objects.filter(pk=member.pk).delete()

    with pytest.raises(TeamRefuses, match="no longer works for Northwind"):
        set_seat(boss, member, ADMIN)
    with pytest.raises(TeamRefuses):
        remove(boss, member)


def test_who_lost_the_right_meanwhile_changes_nothing(company, boss):
    member = make_member(company, Role.ANALYST)
    assert boss.access.may(MANAGE_TEAM)  # read before it is taken
    make_member(company, Role.ADMIN)
    Membership.objects.filter(user=boss).update(role=Role.ANALYST)

    with pytest.raises(NotYours):
        set_seat(boss, member, ADMIN)

    assert seats_of(member) == {"": ANALYST}


def test_what_somebody_offered_ends_when_they_go(company, boss):
    second = make_member(company, Role.ADMIN)
    gone = make_invitation(company, invited_by=second.user)
    kept = make_invitation(company, "other@example.com", invited_by=boss)

    remove(boss, second)

    gone.refresh_from_db()
    kept.refresh_from_db()
    assert gone.revoked_at is not None
    assert kept.revoked_at is None


def test_what_somebody_offered_ends_when_they_may_no_longer_give_it(company, boss):
    second = make_member(company, Role.ADMIN)
    too_much = make_invitation(company, role=Role.ADMIN, invited_by=second.user)

    set_seat(boss, second, Seat("", ("manage_team", "view_analytics")))
    too_much.refresh_from_db()
    assert too_much.revoked_at is not None

    fits = make_invitation(company, role="", invited_by=second.user)
    set_seat(boss, second, Seat("", ("manage_team",)))
    fits.refresh_from_db()
    assert fits.revoked_at is None


def test_somebody_is_shut_out_and_let_in_by_a_superuser_alone(company, boss):
    member = make_member(company, Role.ANALYST)
    superuser = make_user(is_superuser=True)
    invitation = make_invitation(invited_by=member.user)

    with pytest.raises(NotYours):
        set_active(boss, member.user, is_active=False)
    assert set_active(superuser, member.user, is_active=False)
    assert not set_active(superuser, member.user, is_active=False)
    assert not as_user(member).has_perm(VIEW_SHOP)
    invitation.refresh_from_db()
    assert invitation.revoked_at is not None
    assert set_active(superuser, member.user, is_active=True)

    entries = AuditEntry.objects.order_by("pk").values_list("verb", "details")
    assert list(entries) == [
        ("shut out", {"active": [True, False]}),
        ("let in", {"active": [False, True]}),
    ]


def test_a_superuser_is_made_and_unmade_but_never_the_last():
    first, second = make_user(is_superuser=True), make_user()

    with pytest.raises(NotYours):
        set_superuser(second, second, is_superuser=True)
    with pytest.raises(TeamRefuses, match="Ask another superuser"):
        set_superuser(first, first, is_superuser=False)
    with pytest.raises(TeamRefuses, match="shut yourself out"):
        set_active(first, first, is_active=False)
    assert set_superuser(first, second, is_superuser=True)
    second.refresh_from_db()
    assert set_superuser(second, first, is_superuser=False)

    first.refresh_from_db()
    assert not first.is_superuser
    with pytest.raises(NotYours):
        set_active(first, second, is_active=False)
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["made superuser", "made no longer superuser"]


def test_who_is_shut_out_is_not_made_superuser():
    superuser, user = make_user(is_superuser=True), make_user()
    set_active(superuser, user, is_active=False)

    with pytest.raises(TeamRefuses, match="Let them in first"):
        set_superuser(superuser, user, is_superuser=True)


def test_a_client_is_added_renamed_and_let_go_by_a_superuser(boss):
    superuser = make_user(is_superuser=True)
    with pytest.raises(NotYours):
        add_client(boss, "Southwind")

    client = add_client(superuser, "  South \n wind ")
    assert client.name == "South wind"
    for name in ("south WIND", "", "x" * 121):
        with pytest.raises(TeamRefuses):
            add_client(superuser, name)
    assert rename_client(superuser, client, "Eastwind")
    assert not rename_client(superuser, client, "Eastwind")

    invitation = make_invitation(client)
    link = ConnectLink.objects.create(
        token_hash="x",
        client=client,
        api_app=make_api_app(),
        created_by=superuser,
        expires_at=invitation.expires_at,
    )
    assert set_client_active(superuser, client, is_active=False)
    assert not set_client_active(superuser, client, is_active=False)
    for row in (invitation, link):
        row.refresh_from_db()
        assert row.revoked_at is not None
    assert set_client_active(superuser, client, is_active=True)

    details = [entry.details for entry in AuditEntry.objects.order_by("pk")]
    assert details == [
        {},
        {"name": ["South wind", "Eastwind"]},
        {"active": [True, False], "closed": {"invitations": 1, "connect_links": 1}},
        {"active": [False, True], "closed": {}},
    ]


def test_people_of_an_inactive_client_see_nothing(company, boss):
    shop = make_shop(company)

    set_client_active(make_user(is_superuser=True), company, is_active=False)

    boss.refresh_from_db()
    assert not boss.has_perm(VIEW_SHOP, shop)


def test_a_shop_that_changes_hands_leaves_the_team_behind(company, boss):
    other = make_client("Southwind")
    Membership.objects.create(user=boss, client=other, role=Role.ADMIN)
    boss.refresh_from_db()
    shop = make_shop(company)
    limited = make_shop_member(shop, Role.ADMIN)
    invitation = make_invitation(company, shops=[shop, make_shop(company)])
    whole = make_invitation(company, "all@example.com")

    shops.save_settings(shop, {"client": other}, actor=boss)

    assert not ShopRole.objects.exists()
    shop.refresh_from_db()
    assert not as_user(limited).access.at(Place(other.pk, shop.pk))
    invitation.refresh_from_db()
    whole.refresh_from_db()
    assert invitation.revoked_at is not None
    assert whole.revoked_at is None
    ended = AuditEntry.objects.get(verb="changed settings").details["ended"]
    assert ended == {"shop_roles": 1, "invitations": 1}


def test_a_shop_is_not_moved_to_a_client_one_does_not_run(company, boss):
    shop = make_shop(company)
    other = make_client()
    limited = as_user(make_shop_member(shop, Role.ADMIN))
    Membership.objects.create(user=limited, client=other, role=Role.ANALYST)

    for actor in (boss, limited):
        with pytest.raises(ShopRefuses, match="whose shops you run"):
            shops.save_settings(shop, {"client": other}, actor=actor)

    shop.refresh_from_db()
    assert shop.client == company
    assert ShopRole.objects.filter(shop=shop).exists()


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call returned, or the broken rule it raised."""
    barrier = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(number: int) -> None:
        try:
            barrier.wait()
            results[number] = calls[number]()
        except DomainError as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[n]) for n in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("admins", [2, 3])
def test_two_admins_who_remove_each_other_at_once_leave_one(admins):
    company = make_client()
    make_shop(company)
    first, second, *_ = [make_member(company, Role.ADMIN) for _ in range(admins)]
    one, two = as_user(first), as_user(second)
    assert one.access, two.access  # both read what they may do before either acts

    results = at_once(lambda: remove(one, second), lambda: remove(two, first))

    assert sum(isinstance(each, DomainError) for each in results) == 1
    left = Membership.objects.filter(client=company, role=Role.ADMIN)
    assert left.count() == admins - 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_superusers_who_shut_each_other_out_at_once_leave_one():
    one, two = make_user(is_superuser=True), make_user(is_superuser=True)

    results = at_once(
        lambda: set_active(one, two, is_active=False),
        lambda: set_superuser(two, one, is_superuser=False),
    )

    assert sum(isinstance(each, DomainError) for each in results) == 1
    assert User.objects.filter(is_superuser=True, is_active=True).count() == 1
    assert Client.objects.count() == 0
