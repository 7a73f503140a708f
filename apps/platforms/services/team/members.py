"""What is done to a member of a client's team."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from apps.platforms.errors import NotYours, TeamRefuses
from apps.platforms.models import Invitation, Shop, ShopRole
from apps.platforms.services.team.seats import (
    Seat,
    changing,
    check_may_offer,
    check_seat,
    seat_of,
)
from apps.users.access import Place
from apps.users.models import Client, Membership, User
from apps.users.roles import MANAGE_TEAM, Role
from apps.users.services import audit

# A seat for all shops stands under None; None for a shop: as in all shops.
Seats = Mapping[Shop | None, Seat | None]


def set_seat(
    actor: User,
    membership: Membership,
    seat: Seat,
    *,
    shop: Shop | None = None,
    address: str | None = None,
) -> bool:
    """Give a member a role at all shops of the client, or at one of them.

    False where it was so already. Raises NotYours, LastAdmin or TeamRefuses.
    """
    return set_seats(actor, membership, {shop: seat}, address=address)


def follow_client(
    actor: User, membership: Membership, shop: Shop, *, address: str | None = None
) -> bool:
    """Let the client-wide role hold at the shop again; False where it did."""
    return set_seats(actor, membership, {shop: None}, address=address)


@transaction.atomic
def set_seats(
    actor: User,
    membership: Membership,
    seats: Seats,
    *,
    address: str | None = None,
) -> bool:
    """Write several at once: all of them hold, or none is written.

    An underwriter keeps no role at a shop. False where all was so already. Raises
    NotYours, LastAdmin or TeamRefuses.
    """
    for shop, seat in seats.items():
        _check_manages(actor, membership, shop)
        if seat is not None:
            check_seat(seat, at_shop=shop is not None)
    changed: list[tuple[Shop | None, str, str]] = []
    with changing(actor, membership):
        member = Membership.objects.select_for_update().get(pk=membership.pk)
        # First the client-wide one: what a shop may be given hangs on it.
        for shop in sorted(seats, key=lambda each: each.pk if each else 0):
            change = _write(member, shop, seats[shop])
            if change is not None:
                changed.append((shop, *change))
        changed += _close_shops_of_underwriter(member)
    for shop, before, after in changed:
        audit.record(
            "changed role",
            membership,
            actor=actor,
            client=membership.client,
            address=address,
            shop_key=shop.pk if shop else None,
            shop=str(shop) if shop else "all",
            role=[before, after],
        )
    if changed:
        _revoke_what_they_may_not_offer(membership.user, membership.client)
    membership.refresh_from_db()
    return bool(changed)


@transaction.atomic
def remove(actor: User, membership: Membership, *, address: str | None = None) -> None:
    """End somebody's work for a client; invitations they made there end with it.

    Raises NotYours, LastAdmin, or TeamRefuses if they are gone already. The person's
    account stays.
    """
    _check_manages(actor, membership, None)
    shops = [
        f"{row.shop}: {seat_of(row).in_words}"
        for row in _own_roles(membership).select_related("shop")
    ]
    with changing(actor, membership):
        Membership.objects.filter(pk=membership.pk).delete()
    client = membership.client
    _revoke(Invitation.objects.filter(invited_by=membership.user, client=client))
    audit.record(
        "removed from the team",
        membership,
        actor=actor,
        client=client,
        address=address,
        was=seat_of(membership).in_words,
        shops="; ".join(shops),
    )


def _write(
    member: Membership, shop: Shop | None, seat: Seat | None
) -> tuple[str, str] | None:
    """One place; what it was and is in words, or None where it was so already."""
    own = None
    if shop is not None:
        if shop.client_id != member.client_id:
            raise TeamRefuses(f"{shop} is not a shop of {member.client}.")
        own = ShopRole.objects.filter(membership=member, shop=shop).first()
    if shop is not None and seat is None:
        if own is None:
            return None
        own.delete()
        return seat_of(own).in_words, f"as in all shops: {seat_of(member).in_words}"
    if seat is None:
        raise TeamRefuses("Choose a role for all shops, or none.")
    if shop is not None and member.role == Role.UNDERWRITER:
        raise TeamRefuses("An underwriter has no shop: choose another role first.")
    row: Membership | ShopRole = member
    if shop is not None:
        row = own or ShopRole(membership=member, shop=shop)
    before = seat_of(own or member)
    if row.pk and before == seat:
        return None
    row.role = seat.role
    row.extra_permissions = list(seat.extra_permissions)
    row.save()
    return before.in_words, seat.in_words


def _close_shops_of_underwriter(
    member: Membership,
) -> list[tuple[Shop | None, str, str]]:
    if member.role != Role.UNDERWRITER:
        return []
    rows = list(_own_roles(member).select_related("shop"))
    _own_roles(member).delete()
    return [(row.shop, seat_of(row).in_words, "No access") for row in rows]


def _own_roles(membership: Membership) -> QuerySet[ShopRole]:
    """What is said of single shops; a shop that changed hands no longer counts."""
    return ShopRole.objects.filter(
        membership=membership, shop__client=F("membership__client")
    )


def _check_manages(actor: User, membership: Membership, shop: Shop | None) -> None:
    """Of a member without any permission, too, only who manages the team decides."""
    place = Place(membership.client_id, shop.pk if shop else None)
    if actor.access.may(MANAGE_TEAM, place):
        return
    # Somebody with roles at shops alone belongs to those who manage these shops.
    if shop is None and not membership.role and not membership.extra_permissions:
        own = _own_roles(membership).values_list("shop", flat=True)
        places = [Place(membership.client_id, key) for key in own]
        if places and all(actor.access.may(MANAGE_TEAM, each) for each in places):
            return
    raise NotYours("You do not manage the team there.")


def _revoke_what_they_may_not_offer(user: User, client: Client) -> None:
    """Who may do less than before has also less on offer."""
    user = User.objects.get(pk=user.pk)
    rows = Invitation.objects.open(timezone.now()).filter(
        invited_by=user, client=client
    )
    for row in rows.prefetch_related("shops"):
        try:
            check_may_offer(user, client, seat_of(row), row.shops.all())
        except NotYours:
            _revoke(Invitation.objects.filter(pk=row.pk))


def _revoke(invitations: QuerySet[Invitation]) -> None:
    """What somebody offered who is gone is no longer on offer."""
    invitations.filter(accepted_at=None, revoked_at=None).update(
        revoked_at=timezone.now()
    )
