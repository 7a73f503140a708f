"""Asking somebody to join, and what is done to an invitation that waits."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from apps.core.addresses import address_of
from apps.core.errors import DomainError
from apps.core.queueing import after_commit
from apps.platforms.models import Invitation
from apps.platforms.services.team.invitations import invite, revoke, send_again
from apps.platforms.tasks import mail_invitation
from apps.users.admin.team.forms import InviteForm
from apps.users.models import Client, User
from apps.users.roles import MANAGE_TEAM

LIST = "admin:users_membership_changelist"


def inviting(viewer: User) -> QuerySet[Client]:
    """Clients whose team somebody manages, be it at one shop."""
    return Client.objects.visible_to(viewer, MANAGE_TEAM).filter(is_active=True)


def chosen_client(request: HttpRequest, clients: QuerySet[Client]) -> Client | None:
    """The one the address names, or the only one there is."""
    key = request.GET.get("client", "")
    if not key:
        found = list(clients[:2])
        return found[0] if len(found) == 1 else None
    # A number no table holds finds nothing, like any other that does not exist.
    found_one = clients.filter(pk=int(key)).first() if _is_key(key) else None
    if found_one is None:
        messages.warning(request, "Client: ignored, because it does not fit here.")
    return found_one


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def send(request: HttpRequest, viewer: User, client: Client) -> HttpResponse | Any:
    """Invite and go to the team; the form again where something does not hold."""
    form = InviteForm(request.POST, actor=viewer, client=client)
    if not form.is_valid():
        return form
    try:
        with transaction.atomic():
            row = invite(
                viewer,
                client,
                form.cleaned_data["email"],
                form.seat,
                shops=form.chosen,
                address=address_of(request),
            )
            after_commit(mail_invitation.delay, row.pk)
    except DomainError as error:
        form.add_error(None, str(error))
        return form
    messages.success(
        request, f"Invitation sent to {row.email}. The link works once, for 7 days."
    )
    return redirect(team_of(row))


def again(request: HttpRequest, viewer: User, row: Invitation) -> str:
    with transaction.atomic():
        row = send_again(viewer, row, address=address_of(request))
        after_commit(mail_invitation.delay, row.pk)
    return f"Invitation sent to {row.email} again. The link works for 7 days from now."


def take_back(request: HttpRequest, viewer: User, row: Invitation) -> str:
    if revoke(viewer, row, address=address_of(request)):
        return f"The invitation of {row.email} no longer works."
    return "That invitation was closed already."


# Name in the address: deed.
DEEDS = {"again": again, "revoke": take_back}


def team_of(row: Invitation) -> str:
    return f"{reverse(LIST)}?client={row.client_id}"
