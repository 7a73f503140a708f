"""Who acts on consents and secrets, and the audit trail of a consent."""

from dataclasses import dataclass
from typing import Any

from apps.platforms.models import Authorization
from apps.users.models import Client, User
from apps.users.services import audit


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it, for the audit trail: a person, or else a process by its name."""

    user: User | None = None
    process: str = "system"
    address: str | None = None


def record(
    verb: str,
    row: Authorization,
    by: Actor,
    client: Client | None = None,
    **details: Any,
) -> None:
    audit.record(
        verb,
        row,
        actor=by.user,
        process=by.process,
        client=client or client_of(row),
        address=by.address,
        **details,
    )


def client_of(row: Authorization) -> Client | None:
    """Whose audit trail it belongs in: the client of the shops it opens."""
    return Client.objects.filter(shops__credentials__authorization=row.pk).first()
