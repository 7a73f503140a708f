"""The companies whose shops we run: added, renamed, let go. Superusers do it."""

from django.db import transaction
from django.utils import timezone

from apps.platforms.errors import NotYours, TeamRefuses
from apps.platforms.models import ConnectLink, Invitation
from apps.users.models import Client, User
from apps.users.services import audit


@transaction.atomic
def add_client(actor: User, name: str, *, address: str | None = None) -> Client:
    """Raises NotYours, or TeamRefuses for a name that is taken or none."""
    _check_superuser(actor)
    client = Client.objects.create(name=_free_name(name))
    audit.record("added a client", client, actor=actor, client=client, address=address)
    return client


@transaction.atomic
def rename_client(
    actor: User, client: Client, name: str, *, address: str | None = None
) -> bool:
    """False where it is called so already. Raises as add_client."""
    _check_superuser(actor)
    client = Client.objects.select_for_update().get(pk=client.pk)
    before, name = client.name, _free_name(name, client)
    if before == name:
        return False
    client.name = name
    client.save(update_fields=["name", "modified_at"])
    audit.record(
        "renamed a client",
        client,
        actor=actor,
        client=client,
        address=address,
        name=[before, name],
    )
    return True


@transaction.atomic
def set_client_active(
    actor: User, client: Client, *, is_active: bool, address: str | None = None
) -> bool:
    """Let a client's people see its shops, or nothing any more; False where it was so.

    What is open for it, invitations and connect links, closes with it. Records stay,
    and its shops stay connected until somebody disconnects them. Raises NotYours.
    """
    _check_superuser(actor)
    client = Client.objects.select_for_update().get(pk=client.pk)
    if client.is_active == is_active:
        return False
    client.is_active = is_active
    client.save(update_fields=["is_active", "modified_at"])
    closed = {} if is_active else _close_what_is_open(client)
    audit.record(
        "made a client active" if is_active else "made a client inactive",
        client,
        actor=actor,
        client=client,
        address=address,
        active=[not is_active, is_active],
        closed=closed,
    )
    return True


def _close_what_is_open(client: Client) -> dict[str, int]:
    now = timezone.now()
    invitations = Invitation.objects.open(now).filter(client=client)
    links = ConnectLink.objects.open(now).filter(client=client)
    return {
        "invitations": invitations.update(revoked_at=now),
        "connect_links": links.update(revoked_at=now),
    }


def _free_name(name: str, client: Client | None = None) -> str:
    name = " ".join(name.split())
    longest = Client._meta.get_field("name").max_length or 0
    if not name or len(name) > longest:
        raise TeamRefuses(f"A name has 1 to {longest} characters.")
    others = Client.objects.exclude(pk=client.pk) if client else Client.objects.all()
    if others.filter(name__iexact=name).exists():
        raise TeamRefuses(f"There is a client “{name}” already.")
    return name


def _check_superuser(actor: User) -> None:
    if not (actor.is_superuser and actor.access.everything):
        raise NotYours("Only superusers do this.")
