"""Change or look at an app's secret, so that the audit trail knows."""

from django.db import models, transaction

from apps.platforms.models import ApiApp
from apps.platforms.services.trail import Actor
from apps.users.models import Client
from apps.users.services import audit


@transaction.atomic
def change_app_secret(api_app: ApiApp, secret: str, *, by: Actor) -> None:
    """Replace the secret of a saved app. The trail says that, not what it is."""
    had_one = bool(api_app.app_secret)
    api_app.app_secret = secret
    api_app.save(update_fields=["app_secret", "modified_at"])
    note_changed(api_app, "app secret", by=by, was_set=had_one)


def note_changed(
    target: models.Model,
    what: str,
    *,
    by: Actor,
    client: Client | None = None,
    **details: object,
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
    details: dict[str, object],
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
