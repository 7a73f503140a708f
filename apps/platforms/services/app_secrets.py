"""Change or look at an app's secret, so that the audit trail knows."""

from typing import Any

from django.db import models

from apps.platforms.services.trail import Actor
from apps.users.models import Client
from apps.users.services import audit


def note_changed(
    target: models.Model,
    what: str,
    *,
    by: Actor,
    client: Client | None = None,
    **details: Any,
) -> None:
    """For screens that write a secret by themselves; `what` names the field."""
    _record("changed secret", target, what, by, client, details)


def note_viewed(
    target: models.Model, what: str, *, by: Actor, client: Client | None = None
) -> None:
    """For screens that show a secret or a part of one; `what` names the field."""
    _record("viewed secret", target, what, by, client, {})


def _record(
    verb: str,
    target: models.Model,
    what: str,
    by: Actor,
    client: Client | None,
    details: dict[str, Any],
) -> None:
    audit.record(
        verb,
        target,
        actor=by.user,
        process=by.process,
        client=client,
        address=by.address,
        field=what,
        **details,
    )
