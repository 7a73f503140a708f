"""What people do about an oversell: see to it, and say what they found. Closed it is by
itself alone, see incidents.py."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.core.storing import clean
from apps.inventory.errors import StockRefuses
from apps.inventory.models import OversellIncident
from apps.inventory.services.documents import By
from apps.users.services import audit

LONGEST_NOTE = 2_000


@transaction.atomic
def take(incident: OversellIncident, by: By) -> bool:
    """It is this person's to see to. Whether that is news."""
    incident = _locked(incident)
    if incident.closed_at is not None:
        raise StockRefuses("It is closed already: nothing is missing any more.")
    if incident.taken_by == by.user:
        return False
    before = str(incident.taken_by or "")
    incident.taken_by, incident.taken_at = by.user, timezone.now()
    incident.save(update_fields=["taken_by", "taken_at", "modified_at"])
    _record("took an oversell", incident, by, taken_by=[before, str(by.user or "")])
    return True


@transaction.atomic
def let_go(incident: OversellIncident, by: By) -> bool:
    """It is nobody's any more. Whether that is news."""
    incident = _locked(incident)
    if incident.taken_by is None:
        return False
    before = str(incident.taken_by)
    incident.taken_by = incident.taken_at = None
    incident.save(update_fields=["taken_by", "taken_at", "modified_at"])
    _record("let an oversell go", incident, by, taken_by=[before, ""])
    return True


@transaction.atomic
def set_note(incident: OversellIncident, note: str, by: By) -> bool:
    """Whether that differs from what stood there."""
    note = clean(note).strip()
    if len(note) > LONGEST_NOTE:
        raise StockRefuses(f"A note has at most {LONGEST_NOTE:,} characters.")
    incident = _locked(incident)
    if incident.note == note:
        return False
    incident.note = note
    incident.save(update_fields=["note", "modified_at"])
    _record("noted at an oversell", incident, by)
    return True


def _locked(incident: OversellIncident) -> OversellIncident:
    rows = OversellIncident.objects.select_for_update(of=["self"])
    return rows.select_related("level__warehouse__client", "taken_by").get(
        pk=incident.pk
    )


def _record(verb: str, incident: OversellIncident, by: By, **details: Any) -> None:
    audit.record(
        verb,
        incident,
        client=incident.level.warehouse.client,
        actor=by.user,
        address=by.address,
        process=by.process,
        **details,
    )
