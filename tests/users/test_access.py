"""Who may do what where: roles at clients, other roles at single shops."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.db.models import Q

from apps.platforms.models import Invitation, Shop, ShopRole
from apps.users.access import (
    EVERYTHING,
    NOTHING,
    NOWHERE,
    Access,
    Place,
    Places,
)
from apps.users.models import Client, Membership, User
from apps.users.models.people import places_of
from apps.users.roles import (
    CHANGE_SHOP,
    MANAGE_TEAM,
    PERMISSIONS,
    PROCESS_ORDERS,
    VIEW_CLIENT,
    VIEW_ORDER,
    VIEW_SHOP,
    Role,
    grants_of,
    permissions_of,
)
from tests.factories.orders import make_order
from tests.factories.platforms import make_shop
from tests.factories.users import make_client, make_user

ALL = frozenset(PERMISSIONS)
ADMIN = permissions_of(Role.ADMIN)
PACKER = permissions_of(Role.ORDER_FULFILLMENT)

# As the team page promises it: permission, then who has it.
MATRIX = """
manage_credentials  Admin
manage_settings     Admin
manage_team         Admin
manage_products     Admin, Content Manager
manage_videos       Admin, Content Manager
schedule_live       Admin, Content Manager
process_orders      Admin, Order Fulfillment
manage_logistics    Admin, Order Fulfillment
view_analytics      Admin, Content Manager, Analyst
view_products       Admin, Content Manager, Order Fulfillment, Creator Partner, Analyst
create_content      Admin, Creator Partner
view_commission     Admin, Creator Partner
"""


def give_shop(user: User, shop: Shop, role: str = "", extra: list[str] | None = None):
    membership = Membership.objects.get(user=user, client=shop.client)
    return ShopRole.objects.create(
        membership=membership, shop=shop, role=role, extra_permissions=extra or []
    )


def fresh(user: User) -> User:
    """As the next request has them."""
    return User.objects.get(pk=user.pk)


def shops_of(user: User, permission: str = VIEW_SHOP) -> set[Shop]:
    return set(Shop.objects.visible_to(fresh(user), permission))


# The table of roles


def test_each_role_has_what_the_matrix_says():
    expected = {
        name: {role.strip() for role in roles.split(",")}
        for name, roles in (line.split(None, 1) for line in MATRIX.strip().split("\n"))
    }

    assert {
        name: {str(role.label) for role in line.roles}
        for name, line in PERMISSIONS.items()
    } == expected


@pytest.mark.django_db
def test_every_permission_that_is_granted_exists():
    known = {
        f"{app}.{codename}"
        for app, codename in Permission.objects.values_list(
            "content_type__app_label", "codename"
        )
    }

    assert grants_of(PERMISSIONS) <= known


def test_only_who_processes_orders_sees_buyers_and_all_who_see_orders_see_shops():
    for role in Role:
        opened = grants_of(permissions_of(role))
        sees_buyers = PROCESS_ORDERS in opened
        assert sees_buyers == (role in (Role.ADMIN, Role.ORDER_FULFILLMENT))
        assert VIEW_SHOP in opened or VIEW_ORDER not in opened


def test_permissions_beside_a_role_are_added_and_unknown_ones_are_not():
    given = permissions_of(Role.ANALYST, ["process_orders", "rule_the_world"])

    assert given == permissions_of(Role.ANALYST) | {"process_orders"}
    assert permissions_of("", ["view_products"]) == {"view_products"}
    assert permissions_of("emperor") == frozenset()


def test_an_underwriter_has_nothing_even_where_something_was_added():
    assert permissions_of(Role.UNDERWRITER, ["manage_team"]) == frozenset()


# Access, without tables


def test_what_is_said_of_a_shop_takes_the_place_of_what_is_said_of_its_client():
    access = Access(clients={1: ADMIN}, shops={7: (1, PACKER), 8: (1, frozenset())})

    assert access.at(Place(1)) == access.at(Place(1, 9)) == ADMIN
    assert access.at(Place(1, 7)) == PACKER
    assert access.at(Place(1, 8)) == frozenset()
    assert access.at(Place(2)) == frozenset()


def test_what_is_said_of_a_shop_does_not_hold_under_another_client():
    """The shop moved, or somebody names it with a client of theirs."""
    access = Access(clients={1: ADMIN, 2: ADMIN}, shops={7: (1, ADMIN)})

    assert access.at(Place(2, 7)) == frozenset()
    assert not access.may(VIEW_SHOP, Place(2, 7))


def test_places_name_clients_exceptions_and_single_shops():
    access = Access(
        clients={1: ADMIN, 2: frozenset()},
        shops={7: (1, frozenset()), 8: (2, PACKER), 9: (1, PACKER)},
    )

    places = access.places(VIEW_ORDER)
    assert places == Places(
        clients=frozenset({1}), but_shops=frozenset({7}), shops={8: 2, 9: 1}
    )
    assert access.places(MANAGE_TEAM) == Places(
        clients=frozenset({1}), but_shops=frozenset({7, 9})
    )
    assert access.may(VIEW_ORDER)
    assert not Access(clients={2: frozenset()}).may(VIEW_ORDER)


def test_nowhere_is_false_and_asks_for_no_row():
    assert not NOWHERE
    assert not NOTHING.places(VIEW_SHOP)
    assert Places(shops={7: 1})
    assert Places(everywhere=True).at_shops(client="client", shop="pk") == Q()


def test_everything_is_every_permission_everywhere():
    assert EVERYTHING.at(Place(1, 2)) == ALL
    assert EVERYTHING.may("made.up")
    assert EVERYTHING.covers(ALL, Place(5))


def test_seen_through_anothers_eyes_is_what_both_have():
    viewer = Access(clients={1: ADMIN, 2: ADMIN}, shops={7: (1, PACKER)})
    seen = Access(clients={1: PACKER, 3: ADMIN}, shops={8: (1, ADMIN)})

    both = viewer.within(seen)

    assert both == seen.within(viewer)
    assert both.at(Place(1)) == PACKER
    assert both.at(Place(1, 7)) == PACKER
    assert both.at(Place(1, 8)) == ADMIN
    assert both.at(Place(2)) == both.at(Place(3)) == frozenset()
    assert EVERYTHING.within(seen) == seen.within(EVERYTHING) == seen
    assert EVERYTHING.within(EVERYTHING) == EVERYTHING
    assert not seen.within(NOTHING).places(VIEW_SHOP)


def test_a_shop_closed_to_one_of_two_is_closed_through_their_eyes():
    closed = Access(clients={1: ADMIN}, shops={7: (1, frozenset())})

    assert Access(clients={1: ADMIN}).within(closed).at(Place(1, 7)) == frozenset()


def test_nobody_covers_more_than_they_hold_there():
    access = Access(clients={1: PACKER}, shops={7: (1, ADMIN)})

    assert access.covers(PACKER, Place(1))
    assert not access.covers(ADMIN, Place(1))
    assert access.covers(ADMIN, Place(1, 7))
    assert not access.covers(PACKER, Place(2))


# From the tables


@pytest.mark.django_db
def test_a_role_at_a_client_holds_at_all_its_shops_also_those_to_come():
    client = make_client()
    first = make_shop(client)
    member = make_user(clients=[client], role=Role.ORDER_FULFILLMENT)

    later = make_shop(client)
    make_shop()

    assert shops_of(member) == shops_of(member, PROCESS_ORDERS) == {first, later}
    assert shops_of(member, CHANGE_SHOP) == set()


@pytest.mark.django_db
def test_a_shops_own_role_gives_more_there():
    client = make_client()
    here, there = make_shop(client), make_shop(client)
    member = make_user(clients=[client], role=Role.ANALYST)

    give_shop(member, here, Role.ADMIN)

    assert shops_of(member) == {here, there}
    assert shops_of(member, CHANGE_SHOP) == {here}
    user = fresh(member)
    assert user.has_perm(CHANGE_SHOP)
    assert user.has_perm(CHANGE_SHOP, here)
    assert not user.has_perm(CHANGE_SHOP, there)


@pytest.mark.django_db
def test_a_shops_own_role_gives_less_there_and_nothing_closes_it():
    client = make_client()
    open_shop, lesser, closed = (make_shop(client) for _ in range(3))
    member = make_user(clients=[client], role=Role.ADMIN)

    give_shop(member, lesser, Role.ANALYST)
    give_shop(member, closed)

    assert shops_of(member) == {open_shop, lesser}
    assert shops_of(member, CHANGE_SHOP) == {open_shop}
    assert not fresh(member).has_perm(VIEW_SHOP, closed)
    assert Client.objects.permitting(fresh(member), CHANGE_SHOP).exists()


@pytest.mark.django_db
def test_somebody_with_one_shop_has_the_clients_name_but_not_the_client():
    client = make_client()
    shop = make_shop(client)
    make_shop(client)
    member = make_user(clients=[client])

    give_shop(member, shop, Role.ADMIN)

    user = fresh(member)
    assert shops_of(member) == {shop}
    assert set(Client.objects.visible_to(user)) == {client}
    assert not Client.objects.permitting(user, VIEW_CLIENT).exists()
    assert not user.has_perm(MANAGE_TEAM, client)


@pytest.mark.django_db
def test_permissions_beside_the_role_hold_at_a_client_and_at_a_shop():
    client = make_client()
    shop, other = make_shop(client), make_shop(client)
    member = make_user(clients=[client], role=Role.ANALYST, permissions=["manage_team"])

    give_shop(member, shop, Role.CREATOR_PARTNER, ["process_orders"])

    user = fresh(member)
    assert user.has_perm(MANAGE_TEAM, other)
    assert not user.has_perm(MANAGE_TEAM, shop)
    assert user.has_perm(PROCESS_ORDERS, shop)
    assert not user.has_perm(PROCESS_ORDERS, other)


@pytest.mark.django_db
def test_a_client_that_left_and_a_person_who_left_see_nothing():
    left, here = make_client(), make_client()
    make_shop(left)
    shop = make_shop(here)
    member = make_user(clients=[left, here], role=Role.ADMIN)
    Client.objects.filter(pk=left.pk).update(is_active=False)

    assert shops_of(member) == {shop}

    User.objects.filter(pk=member.pk).update(is_active=False)

    assert shops_of(member) == set()
    gone = fresh(member)
    assert not gone.has_perm(VIEW_SHOP)
    assert not gone.has_perm(VIEW_SHOP, shop)
    assert not gone.has_module_perms("platforms")


@pytest.mark.django_db
def test_a_superuser_may_do_everything_unless_shut_out():
    shop = make_shop()
    root = make_user(is_superuser=True)

    assert shops_of(root, CHANGE_SHOP) == {shop}
    assert root.has_perm("made.up", shop)

    User.objects.filter(pk=root.pk).update(is_active=False)

    assert shops_of(root) == set()
    assert not fresh(root).has_perm(VIEW_SHOP, shop)


@pytest.mark.django_db
def test_a_shop_that_moved_takes_no_role_with_it():
    old, new = make_client(), make_client()
    shop = make_shop(old)
    member = make_user(clients=[old], role=Role.ADMIN)
    give_shop(member, shop, Role.ADMIN)
    newcomer = make_user(clients=[new], role=Role.ADMIN)

    Shop.objects.filter(pk=shop.pk).update(client=new)

    assert shops_of(member) == set()
    assert shops_of(newcomer) == {shop}
    both = make_user(clients=[old, new], role=Role.ANALYST)
    give_shop_at_old_client(both, old, shop)
    assert shops_of(both, CHANGE_SHOP) == set()


def give_shop_at_old_client(user: User, client: Client, shop: Shop) -> None:
    membership = Membership.objects.get(user=user, client=client)
    ShopRole.objects.create(membership=membership, shop=shop, role=Role.ADMIN)


@pytest.mark.django_db
def test_groups_and_own_permissions_of_a_user_count_for_nothing():
    shop = make_shop()
    user = make_user(clients=[shop.client])
    group = Group.objects.create(name="Everything")
    group.permissions.set(Permission.objects.all())
    user.groups.add(group)
    user.user_permissions.set(Permission.objects.all())

    user = fresh(user)
    assert not user.has_perm(VIEW_SHOP)
    assert not user.has_module_perms("platforms")
    assert user.get_all_permissions() == set()
    assert shops_of(user) == set()


@pytest.mark.django_db
def test_a_permission_of_an_object_is_that_at_its_shop_or_client():
    client = make_client()
    here, there = make_shop(client), make_shop(client)
    member = make_user(clients=[client])
    give_shop(member, here, Role.ADMIN)
    invitation = Invitation(client=client)

    user = fresh(member)
    assert user.has_perm(VIEW_ORDER, make_order(here))
    assert not user.has_perm(VIEW_ORDER, make_order(there))
    assert not user.has_perm(MANAGE_TEAM, invitation)
    assert not user.has_perm("auth.view_group", Group(name="of no shop"))
    assert user.get_all_permissions() == grants_of(ADMIN)


@pytest.mark.django_db
def test_who_is_not_signed_in_has_no_place():
    make_shop()

    assert places_of(AnonymousUser(), VIEW_SHOP) == NOWHERE
    assert not Shop.objects.visible_to(AnonymousUser()).exists()
    assert not AnonymousUser().has_perm(VIEW_SHOP)


@pytest.mark.django_db
def test_access_is_read_once_for_a_request_in_two_queries(django_assert_num_queries):
    client = make_client()
    shop = make_shop(client)
    member = make_user(clients=[client, make_client()], role=Role.ADMIN)
    give_shop(member, shop, Role.ANALYST)
    user = fresh(member)

    with django_assert_num_queries(2):
        for permission in (VIEW_SHOP, CHANGE_SHOP, VIEW_ORDER):
            user.has_perm(permission)
            user.has_perm(permission, shop)
            places_of(user, permission)
            user.has_module_perms("orders")


@pytest.mark.django_db
def test_nobodys_access_and_a_superusers_take_less(django_assert_num_queries):
    stranger, root = make_user(), make_user(is_superuser=True)

    with django_assert_num_queries(1):
        assert not stranger.has_perm(VIEW_SHOP)
    with django_assert_num_queries(0):
        assert root.has_perm(VIEW_SHOP)


@pytest.mark.django_db
def test_a_change_holds_from_the_next_request_on():
    client = make_client()
    make_shop(client)
    member = make_user(clients=[client], role=Role.ADMIN)
    user = fresh(member)
    assert user.has_perm(VIEW_SHOP)

    Membership.objects.filter(user=member).delete()

    assert user.has_perm(VIEW_SHOP)
    user.refresh_from_db()
    assert not user.has_perm(VIEW_SHOP)


@pytest.mark.django_db
def test_a_list_of_orders_asks_the_same_of_the_tables_as_a_permission_does():
    """Rows found by places are those of which each permission is held."""
    client = make_client()
    shops = [make_shop(client) for _ in range(4)]
    orders = [make_order(shop) for shop in [*shops, make_shop()]]
    member = make_user(clients=[client], role=Role.ANALYST)
    give_shop(member, shops[0], Role.ADMIN)
    give_shop(member, shops[1])
    give_shop(member, shops[2], Role.CREATOR_PARTNER, ["process_orders"])

    user = fresh(member)
    for permission in (VIEW_ORDER, PROCESS_ORDERS, VIEW_SHOP, CHANGE_SHOP):
        places = places_of(user, permission)
        found = Shop.objects.filter(places.at_shops(client="client", shop="pk"))
        held = {o.shop for o in orders if user.has_perm(permission, o)}
        assert set(found) == held
