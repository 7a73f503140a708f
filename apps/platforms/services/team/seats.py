"""What a member may do at each place, and what somebody may change about it.

Nobody gives or takes what they do not hold there themselves, so managing a team is no
way up; and a shop that has an Admin keeps one.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from apps.platforms.errors import LastAdmin, NotYours, TeamRefuses
from apps.platforms.models import Shop, ShopRole
from apps.users.access import Place
from apps.users.models import Client, Membership, User
from apps.users.roles import MANAGE_TEAM, PERMISSIONS, Role, permissions_of

Names = frozenset[str]


@dataclass(frozen=True, slots=True)
class Seat:
    """A role and what was given beside it."""

    role: str = ""
    extra_permissions: tuple[str, ...] = ()

    @property
    def names(self) -> Names:
        """Lines of the matrix it comes to."""
        return permissions_of(self.role, self.extra_permissions)

    @property
    def in_words(self) -> str:
        """As “Analyst + Connect and disconnect shops …”."""
        words = [str(Role(self.role).label)] if self.role else []
        words += [PERMISSIONS[name].words for name in self.extra_permissions]
        return " + ".join(words) or "No access"


def seat_of(row: Any) -> Seat:
    """Of a Membership, a ShopRole or an Invitation."""
    return Seat(row.role, tuple(row.extra_permissions))


def check_seat(seat: Seat, *, at_shop: bool = False) -> None:
    """Raises TeamRefuses for a role or permission that cannot be given."""
    if unknown := set(seat.extra_permissions) - PERMISSIONS.keys():
        raise TeamRefuses(f"No such permission: {', '.join(sorted(unknown))}.")
    if seat.role and seat.role not in Role.values:
        raise TeamRefuses(f"No such role: {seat.role}.")
    if seat.role == Role.UNDERWRITER and (at_shop or seat.extra_permissions):
        raise TeamRefuses(
            "An underwriter sees shared credit reports alone: no shop, no permission "
            "beside it."
        )


def as_of_now(actor: User) -> User:
    """The actor as the tables have them, asked under a lock: what they held when the
    page began may be gone. A preview's narrower view stays as narrow."""
    known, fresh = actor.access, User.objects.get(pk=actor.pk)
    fresh.limit_access(fresh.access.within(known))
    fresh.seen_by = actor.seen_by
    return fresh


@contextmanager
def changing(actor: User | None, membership: Membership) -> Iterator[None]:
    """Around a change of one member's seats, in a transaction: locks the client, and
    refuses afterwards what the actor may not do or what leaves a shop without Admin.

    `actor` is None for what a person was allowed to do beforehand (an invitation).
    Raises TeamRefuses where the member has gone meanwhile.
    """
    client = Client.objects.select_for_update().get(pk=membership.client_id)
    if not Membership.objects.filter(pk=membership.pk).exists():
        raise TeamRefuses(f"{membership.user} no longer works for {client}.")
    # Before the change: who gives up a role of their own still held it.
    actor = as_of_now(actor) if actor else None
    admins = administered(client)
    before = _seats(membership)
    yield
    after = _seats(membership)
    if actor is not None:
        check_may_change(actor, client, before, after)
    check_keeps_admin(client, admins)


def check_may_change(
    actor: User,
    client: Client,
    before: Mapping[int | None, Names],
    after: Mapping[int | None, Names],
) -> None:
    """`before` and `after` are {shop key, or None for the client as a whole: names}.

    What is said of a shop by itself outlasts a change for all shops, so saying it
    counts as giving, also where it comes to the same today. Raises NotYours where
    anything changes that is not the actor's to give or take.
    """
    own = {key for key, (cid, _) in actor.access.shops.items() if cid == client.pk}
    for key in {*before, *after, *own}:
        was = before.get(key, before.get(None, frozenset()))
        will = after.get(key, after.get(None, frozenset()))
        if was != will or (key in before) != (key in after):
            check_may_give(actor, was | will, Place(client.pk, key))


def check_may_give(actor: User, names: Iterable[str], place: Place) -> None:
    if not actor.access.may(MANAGE_TEAM, place):
        raise NotYours("You do not manage the team there.")
    if missing := set(names) - actor.access.at(place):
        words = ", ".join(sorted(PERMISSIONS[name].words for name in missing))
        raise NotYours(
            f"You cannot give or take what you may not do yourself: {words}."
        )


def check_manages_all(actor: User, client: Client, names: Iterable[str]) -> None:
    """Raises NotYours unless the actor may give these at all the client's shops."""
    names = set(names)
    check_may_give(actor, names, Place(client.pk))
    for key, (client_id, _) in actor.access.shops.items():
        if client_id == client.pk:
            check_may_give(actor, names, Place(client.pk, key))


def check_may_offer(
    actor: User, client: Client, seat: Seat, shops: Iterable[Shop]
) -> None:
    """Raises NotYours unless the actor may give the seat at these shops, or without
    any at all of the client's."""
    shops = list(shops)
    for shop in shops:
        if shop.client_id != client.pk:
            raise NotYours("You do not manage the team there.")
        check_may_give(actor, seat.names, Place(client.pk, shop.pk))
    if not shops:
        check_manages_all(actor, client, seat.names)


def check_keeps_admin(client: Client, before: Mapping[int | None, str]) -> None:
    """Raises LastAdmin if a place that was administered no longer is."""
    lost = before.keys() - administered(client).keys()
    if lost:
        names = ", ".join(sorted(before[key] for key in lost))
        raise LastAdmin(
            f"{names} would be left without an Admin. Make somebody else Admin first."
        )


def administered(client: Client) -> dict[int | None, str]:
    """{shop key: its name} of the client's shops that have an Admin; a client without
    shops is a place of its own, under None."""
    members = list(
        Membership.objects.filter(client=client, user__is_active=True).prefetch_related(
            "shop_roles"
        )
    )
    roles: list[tuple[str, dict[int | None, str]]] = [
        (row.role, {own.shop_id: own.role for own in row.shop_roles.all()})
        for row in members
    ]
    shops: dict[int | None, str] = {
        shop.pk: str(shop) for shop in Shop.objects.filter(client=client)
    }
    return {
        key: name
        for key, name in (shops or {None: str(client)}).items()
        if any(own.get(key, role) == Role.ADMIN for role, own in roles)
    }


def _seats(membership: Membership) -> dict[int | None, Names]:
    """As the tables have it now: {None: everywhere, shop key: there}."""
    row = Membership.objects.filter(pk=membership.pk).first()
    if row is None:
        return {None: frozenset()}
    own = ShopRole.objects.filter(membership=row, shop__client=F("membership__client"))
    return {None: row.permissions, **{role.shop_id: role.permissions for role in own}}
