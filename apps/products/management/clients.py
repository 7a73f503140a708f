"""How commands about a catalogue are told whose it is."""

from django.core.management.base import CommandError

from apps.core.management.reporting import ExitCode
from apps.users.models import Client


def client_named(name: str) -> Client:
    """By our ID or by name. Raises CommandError (exit 2)."""
    clients = list(Client.objects.companies())
    for client in clients:
        if name == str(client.pk) or name.casefold() == client.name.casefold():
            return client
    known = ", ".join(f"{each.pk} {each}" for each in clients) or "there is none yet"
    raise CommandError(
        f"No client “{name}”. Known: {known}.", returncode=ExitCode.USAGE
    )
