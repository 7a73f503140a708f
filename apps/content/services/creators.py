"""Creators by name: found again, or made; and people who are one."""

from collections.abc import Iterable

from django.db import transaction

from apps.content.errors import CreatorRefuses
from apps.content.models import Creator, CreatorLogin
from apps.content.models.creator import handle_of
from apps.platforms.models import CreatorAccount
from apps.users.models import Client, Membership, User
from apps.users.services import audit
from apps.users.services.audit import By


def creators_named(client: Client, usernames: Iterable[str]) -> dict[str, Creator]:
    """{handle: creator} of a client, made where they are new. Three statements at
    most."""
    handles = {handle for name in usernames if (handle := handle_of(name))}
    found = _named(client, handles)
    if missing := handles - found.keys():
        Creator.objects.bulk_create(
            (Creator(client=client, username=handle) for handle in sorted(missing)),
            ignore_conflicts=True,
        )
        found |= _named(client, missing)
    return found


@transaction.atomic
def creator_of(account: CreatorAccount) -> Creator | None:
    """The creator whose account it is: known by the ID, also under a new name; None
    where the platform has not told who it is."""
    handle = handle_of(account.username)
    if not handle:
        return None
    rows = Creator.objects.select_for_update().filter(client=account.client)
    creator = rows.filter(open_id=account.open_id).first()
    namesake = rows.filter(username=handle).first()
    if creator is None:
        creator = namesake or Creator(client=account.client, username=handle)
        if creator.open_id not in ("", account.open_id):
            return creator  # somebody else had the name before
    elif namesake is None:
        creator.username = handle
    creator.open_id = account.open_id
    creator.nickname = account.nickname or creator.nickname
    creator.save()
    return creator


@transaction.atomic
def let_sign_in(creator: Creator, user: User, *, by: By) -> CreatorLogin:
    """Say that somebody who works for the client is this creator: they see what is
    theirs. Repeating it changes nothing. Raises CreatorRefuses."""
    if not Membership.objects.filter(user=user, client=creator.client).exists():
        raise CreatorRefuses(
            f"{user} does not belong to {creator.client}. Invite them first, under "
            "Team and roles, as a Creator Partner."
        )
    login, is_new = CreatorLogin.objects.get_or_create(creator=creator, user=user)
    if is_new:
        _record("let sign in as a creator", creator, user, by)
    return login


@transaction.atomic
def end_sign_in(login: CreatorLogin, *, by: By) -> None:
    creator, user = login.creator, login.user
    login.delete()
    _record("ended signing in as a creator", creator, user, by)


def _record(verb: str, creator: Creator, user: User, by: By) -> None:
    audit.record(
        verb,
        creator,
        actor=by.user,
        process=by.process,
        client=creator.client,
        address=by.address,
        person=user.username,
    )


def _named(client: Client, handles: Iterable[str]) -> dict[str, Creator]:
    rows = Creator.objects.filter(client=client, username__in=list(handles))
    return {row.username: row for row in rows}
