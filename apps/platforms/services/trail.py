"""Who acts on consents and secrets, and the audit trail of a consent."""

from typing import Any

from apps.platforms.models import Authorization
from apps.users.models import Client
from apps.users.services import audit
from apps.users.services.audit import By as Actor

__all__ = ["Actor", "client_of", "record"]


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
    """Whose audit trail it belongs in: the client of the shops it opens, or of the
    creator."""
    of_shops = Client.objects.filter(shops__credentials__authorization=row.pk)
    of_creators = Client.objects.filter(creator_accounts__authorization=row.pk)
    return of_shops.first() or of_creators.first()
