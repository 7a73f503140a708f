"""Write down who did what. The lowest place all actors can reach."""

from django.db.models import Model

from apps.users.models import AuditEntry, Client, User


def record(
    verb: str,
    target: Model,
    *,
    actor: User | None = None,
    process: str = "system",
    client: Client | None = None,
    address: str | None = None,
    **details: object,
) -> AuditEntry:
    """Add an entry; call it in the transaction of the deed, so both happen or none.

    `process` names who acted where no person did. `details` are plain JSON values and
    must hold no secret and no buyer's data.
    """
    return AuditEntry.objects.create(
        actor=actor,
        actor_text=str(actor) if actor else process,
        verb=verb,
        client=client,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        target_text=str(target)[:200],
        address=address or None,
        details=details,
    )
