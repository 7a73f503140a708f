"""Who is let in at all, and who looks after everything: superusers decide."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone

from apps.platforms.errors import NotYours, TeamRefuses
from apps.platforms.models import Invitation
from apps.platforms.services.team.seats import administered, check_keeps_admin
from apps.users.models import Client, Membership, User
from apps.users.services import audit


@transaction.atomic
def set_active(
    actor: User, user: User, *, is_active: bool, address: str | None = None
) -> bool:
    """Let a person in or keep them out, at every client. False where it was so.

    Raises LastAdmin where a shop would be left without an Admin, NotYours for who is
    no superuser, TeamRefuses for oneself or the last superuser.
    """
    if user.pk == actor.pk and not is_active:
        raise TeamRefuses("You cannot shut yourself out.")
    with _changing(actor, user):
        rows = User.objects.exclude(is_active=is_active).filter(pk=user.pk)
        changed = bool(rows.update(is_active=is_active))
    if not changed:
        return False
    if not is_active:
        _end_what_they_offered(user)
    audit.record(
        "let in" if is_active else "shut out",
        user,
        actor=actor,
        address=address,
        active=[not is_active, is_active],
    )
    user.refresh_from_db()
    return True


@transaction.atomic
def set_superuser(
    actor: User, user: User, *, is_superuser: bool, address: str | None = None
) -> bool:
    """Make somebody a superuser, or no longer; False where it was so.

    Raises NotYours for who is none, TeamRefuses for oneself, for somebody shut out,
    and where none would be left.
    """
    if user.pk == actor.pk and not is_superuser:
        raise TeamRefuses("You cannot take this from yourself. Ask another superuser.")
    with _changing(actor, user):
        current = User.objects.get(pk=user.pk)
        if is_superuser and not current.is_active:
            raise TeamRefuses(f"{user} is shut out. Let them in first.")
        rows = User.objects.exclude(is_superuser=is_superuser).filter(pk=user.pk)
        # Without it a superuser would not reach the back office.
        changed = bool(rows.update(is_superuser=is_superuser, is_staff=True))
    if not changed:
        return False
    if not is_superuser:
        _end_what_they_offered(user)
    audit.record(
        "made superuser" if is_superuser else "made no longer superuser",
        user,
        actor=actor,
        address=address,
        superuser=[not is_superuser, is_superuser],
    )
    user.refresh_from_db()
    return True


@contextmanager
def _changing(actor: User, user: User) -> Iterator[None]:
    """Locks the clients the person works for, then all superusers, so that two who
    change each other at once do so one after the other; refuses afterwards what leaves
    a shop or the whole without somebody to look after it."""
    joined = Membership.objects.filter(user=user).values("client")
    clients = list(
        Client.objects.select_for_update().filter(pk__in=joined).order_by("pk")
    )
    superusers = User.objects.filter(is_superuser=True)
    # Not against those whose entries in the trail name them meanwhile.
    list(superusers.select_for_update(no_key=True).order_by("pk"))
    if not superusers.filter(pk=actor.pk, is_active=True).exists():
        raise NotYours("Only superusers do this.")
    before = {client: administered(client) for client in clients}
    yield
    for client in clients:
        check_keeps_admin(client, before[client])
    if not superusers.filter(is_active=True).exists():
        raise TeamRefuses("Somebody must look after everything: this is the last one.")


def _end_what_they_offered(user: User) -> None:
    """Who is kept out, or may do less, has nothing more on offer."""
    waiting = Invitation.objects.filter(
        invited_by=user, accepted_at=None, revoked_at=None
    )
    waiting.update(revoked_at=timezone.now())
