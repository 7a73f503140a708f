"""One person at one client: what they are where, their removal, their history."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from apps.core.addresses import address_of
from apps.core.errors import DomainError
from apps.platforms.models import Invitation, Shop
from apps.platforms.services.team.members import remove, set_seats
from apps.platforms.services.team.seats import Seat, seat_of
from apps.users.admin.audit_words import details_in_words
from apps.users.admin.team.forms import SeatForm
from apps.users.admin.team.rows import manages, person_of
from apps.users.models import AuditEntry, Membership, User
from apps.users.roles import VIEW_AUDIT, VIEW_TEAM

MOST_ENTRIES = 50
LIST = "admin:users_membership_changelist"


@dataclass(frozen=True, slots=True)
class Member:
    """A membership with what the viewer may see of it."""

    row: Membership
    shops: list[Shop]
    own: dict[int, Seat]
    viewer: User

    @property
    def whole(self) -> Seat:
        return seat_of(self.row)

    def forms(self, data: Any = None) -> list[SeatForm]:
        """The first is for all shops, then one for each shop."""
        return [
            self._form(data, None, self.whole),
            *(self._form(data, shop, self.own.get(shop.pk)) for shop in self.shops),
        ]

    def _form(self, data: Any, shop: Shop | None, own: Seat | None) -> SeatForm:
        return SeatForm(
            data,
            actor=self.viewer,
            client=self.row.client,
            shop=shop,
            own=own,
            whole=self.whole,
        )


def member_of(row: Membership, viewer: User) -> Member:
    shops = Shop.objects.visible_to(viewer, VIEW_TEAM).filter(client=row.client_id)
    own = {each.shop_id: seat_of(each) for each in row.shop_roles.all()}
    return Member(row, list(shops), own, viewer)


def save(request: HttpRequest, member: Member) -> HttpResponse | list[SeatForm]:
    """Write what was changed; the forms again where something does not hold."""
    forms = member.forms(request.POST)
    if not all(form.is_valid() for form in forms):
        return forms
    seats = {form.shop: form.wanted for form in forms if form.has_changed()}
    if not seats:
        messages.info(request, "Nothing was changed.")
        return redirect(page_of(member.row))
    try:
        changed = set_seats(
            member.viewer, member.row, seats, address=address_of(request)
        )
    except DomainError as error:
        forms[0].add_error(None, str(error))
        return forms
    words = "Roles saved." if changed else "Nothing was changed."
    messages.success(request, words)
    return redirect(_after(request, member))


def _after(request: HttpRequest, member: Member) -> str:
    """Back to the page, unless one gave up the right to see it."""
    fresh = User.objects.get(pk=member.viewer.pk)
    if Membership.objects.visible_to(fresh).filter(pk=member.row.pk).exists():
        return page_of(member.row)
    return reverse(LIST) if fresh.has_perm(VIEW_TEAM) else reverse("landing")


def take_away(request: HttpRequest, member: Member) -> HttpResponse:
    """End the membership, or say why not."""
    name, client = name_of(member.row), member.row.client
    try:
        remove(member.viewer, member.row, address=address_of(request))
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("admin:users_membership_remove", member.row.pk)
    messages.success(request, f"{name} no longer works for {client}.")
    if member.row.user_id == member.viewer.pk:
        fresh = User.objects.get(pk=member.viewer.pk)
        return redirect(LIST if fresh.has_perm(VIEW_TEAM) else "landing")
    return redirect(team_of(member.row))


def page_context(member: Member, forms: list[SeatForm]) -> dict[str, Any]:
    row, viewer = member.row, member.viewer
    return {
        "member": row,
        "person": person_of(row, member.shops, viewer),
        "name": name_of(row),
        "whole_form": forms[0],
        "shop_forms": forms[1:],
        "can_save": any(not form.is_locked for form in forms),
        "team": team_of(row),
        "may_see_history": viewer.has_perm(VIEW_AUDIT),
        "entries": history_of(row, viewer),
    }


def removal_context(member: Member) -> dict[str, Any]:
    """What is lost, by name."""
    row = member.row
    offered = Invitation.objects.open(timezone.now()).filter(
        invited_by=row.user, client=row.client
    )
    return {
        "member": row,
        "name": name_of(row),
        "everywhere": member.whole.in_words,
        "at_shops": [
            (shop, member.own[shop.pk].in_words)
            for shop in member.shops
            if shop.pk in member.own
        ],
        "offered": offered.count(),
        "is_oneself": row.user_id == member.viewer.pk,
        "others": row.user.memberships.visible_to(member.viewer)
        .exclude(pk=row.pk)
        .count(),
    }


def history_of(row: Membership, viewer: User) -> list[tuple[AuditEntry, str]]:
    entries = AuditEntry.objects.visible_to(viewer).filter(
        target_type=Membership._meta.label_lower, target_id=str(row.pk)
    )
    return [(entry, details_in_words(entry)) for entry in entries[:MOST_ENTRIES]]


def check_manages(viewer: User, row: Membership) -> None:
    if not manages(viewer, row.client_id):
        raise PermissionDenied


def name_of(row: Membership) -> str:
    return row.user.get_full_name() or row.user.username


def page_of(row: Membership) -> str:
    return reverse("admin:users_membership_change", args=[row.pk])


def team_of(row: Membership) -> str:
    return f"{reverse(LIST)}?client={row.client_id}"
