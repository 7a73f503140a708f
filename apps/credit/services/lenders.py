"""What a lender has set: where applicants come back to, and who is told."""

import secrets
from typing import Any

from django.db import transaction

from apps.credit.models import Lender
from apps.users.models import Client
from apps.users.services import audit
from apps.users.services.audit import By


@transaction.atomic
def make(client: Client, by: By, **values: Any) -> tuple[Lender, str]:
    """A lender, and the secret its webhook is signed with, which is told once."""
    secret = secrets.token_urlsafe(32)
    lender = Lender.objects.create(client=client, hook_secret=secret, **values)
    _record("set a client up as a lender", lender, by)
    return lender, secret


@transaction.atomic
def change(lender: Lender, by: By, **values: Any) -> None:
    lender = _locked(lender)
    changed = [name for name, value in values.items() if getattr(lender, name) != value]
    for name in changed:
        setattr(lender, name, values[name])
    lender.save()
    if changed:
        _record("changed a lender's settings", lender, by, changed=sorted(changed))


@transaction.atomic
def renew_secret(lender: Lender, by: By) -> str:
    """A new one, told once; the old one signs nothing any more."""
    lender = _locked(lender)
    lender.hook_secret = secrets.token_urlsafe(32)
    lender.save(update_fields=["hook_secret", "modified_at"])
    _record("renewed the secret of a lender's webhook", lender, by)
    return lender.hook_secret


def _locked(lender: Lender) -> Lender:
    rows = Lender.objects.select_for_update(of=["self"]).select_related("client")
    return rows.get(pk=lender.pk)


def _record(verb: str, lender: Lender, by: By, **details: Any) -> None:
    audit.record(
        verb,
        lender,
        actor=by.user,
        process=by.process,
        address=by.address,
        client=lender.client,
        **details,
    )
