"""People and invitations, put into words, the same on every page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apps.core.admin import ago
from apps.platforms.errors import NotYours
from apps.platforms.models import Invitation, Shop
from apps.platforms.services.team.invitations import check_may_handle
from apps.platforms.services.team.seats import Seat, seat_of
from apps.users.access import Place
from apps.users.models import Membership, User
from apps.users.roles import MANAGE_TEAM, Role

# More shops than these would make more than eight columns.
MOST_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class Cell:
    """What somebody is at a shop, and whether that is said of this shop alone."""

    words: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class Person:
    """A member as one row."""

    member: Membership
    name: str
    everywhere: str
    cells: list[Cell]
    elsewhere: list[tuple[Shop, str]]
    signed_in: Any
    may_change: bool
    may_remove: bool
    may_preview: bool

    @property
    def in_short(self) -> str:
        """What they are everywhere, where it is told in full beside it."""
        seat = seat_of(self.member)
        role = str(Role(seat.role).label) if seat.role else ""
        more = len(seat.extra_permissions)
        if not more:
            return role or "No access"
        beside = f"{more} permission{'s' if more > 1 else ''}"
        return f"{role} + {beside}" if role else beside

    @property
    def is_underwriter(self) -> bool:
        return bool(self.member.role == Role.UNDERWRITER)


def person_of(member: Membership, shops: Sequence[Shop], viewer: User) -> Person:
    """`shops` are those of the client whose team the viewer sees; the member comes
    with `shop_roles` and `user`."""
    own = {row.shop_id: seat_of(row) for row in member.shop_roles.all()}
    whole = seat_of(member)
    cells = [
        Cell((own.get(shop.pk) or whole).in_words, shop.pk in own) for shop in shops
    ]
    managed = manages(viewer, member.client_id)
    user = member.user
    is_other = user.pk != viewer.pk and user.is_active and not user.is_superuser
    return Person(
        member=member,
        name=user.get_full_name() or user.username,
        everywhere=whole.in_words if whole != Seat() else "No role",
        cells=cells,
        elsewhere=[(shop, own[shop.pk].in_words) for shop in shops if shop.pk in own],
        signed_in=ago(user.last_login) if user.last_login else "never",
        may_change=managed,
        may_remove=managed and _may_remove(viewer, member, whole, own),
        may_preview=managed and is_other,
    )


def manages(viewer: User, client_id: int) -> bool:
    """Whether the viewer manages the client's team, be it at one shop."""
    places = viewer.access.places(MANAGE_TEAM)
    return (
        places.everywhere
        or client_id in places.clients
        or client_id in places.shops.values()
    )


def _may_remove(
    viewer: User, member: Membership, whole: Seat, own: dict[int, Seat]
) -> bool:
    """Whether it is worth asking: the service has the last word."""
    access = viewer.access
    at_shops = all(
        access.may(MANAGE_TEAM, Place(member.client_id, key))
        and access.covers(seat.names, Place(member.client_id, key))
        for key, seat in own.items()
    )
    place = Place(member.client_id)
    if access.may(MANAGE_TEAM, place):
        return at_shops and access.covers(whole.names, place)
    return at_shops and bool(own) and whole == Seat()


@dataclass(frozen=True, slots=True)
class Offer:
    """An invitation as one row."""

    row: Invitation
    role: str
    where: str
    state: str
    kind: str
    mail: str
    mailed: Any
    may_handle: bool
    can_send: bool = field(default=False)
    can_revoke: bool = field(default=False)


def offer_of(
    row: Invitation, shops: Iterable[Shop], viewer: User, now: datetime
) -> Offer:
    """`shops` are those whose names the viewer may read; the row comes with `client`,
    `invited_by` and `shops`."""
    state, kind = _state_of(row, now)
    may_handle = _may_handle(viewer, row)
    is_failed = row.mail_state == Invitation.Mail.FAILED
    return Offer(
        row=row,
        role=seat_of(row).in_words,
        where=_where(row, {shop.pk for shop in shops}),
        state=state,
        kind=kind,
        mail=row.mail_error if is_failed else row.get_mail_state_display(),
        mailed=ago(row.mailed_at) if row.mailed_at and not is_failed else "",
        may_handle=may_handle,
        can_send=may_handle and row.revoked_at is None,
        can_revoke=may_handle and state in ("Open", "Mail failed"),
    )


def _state_of(row: Invitation, now: datetime) -> tuple[str, str]:
    if row.revoked_at:
        return "Revoked", "neutral"
    if row.expires_at <= now:
        return "Expired", "attention"
    if row.mail_state == Invitation.Mail.FAILED:
        return "Mail failed", "bad"
    return "Open", "progress"


def _where(row: Invitation, seen: set[int]) -> str:
    if row.role == Role.UNDERWRITER:
        return "No shop"
    named = list(row.shops.all())
    if not named:
        return "All shops"
    words = [str(shop) for shop in named if shop.pk in seen]
    if more := len(named) - len(words):
        words.append(f"{more} more" if words else f"{more} shops")
    return ", ".join(words)


def _may_handle(viewer: User, row: Invitation) -> bool:
    try:
        check_may_handle(viewer, row)
    except NotYours:
        return False
    return True
