"""One deed for one Idempotency-Key, however often and at once it is asked for."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.users.models import IdempotencyRecord, User

KEPT = timedelta(hours=24)


def find(user: User, key: str) -> IdempotencyRecord | None:
    since = timezone.now() - KEPT
    rows = IdempotencyRecord.objects.filter(user=user, key=key, created_at__gt=since)
    return rows.first()


def begin(user: User, key: str, fingerprint: str) -> tuple[IdempotencyRecord, bool]:
    """The record of the key, and whether this request is the first with it.

    Call it in the transaction of the deed: a second request at the same time waits
    here until the first has committed, and then finds its answer.
    """
    mine = IdempotencyRecord.objects.filter(user=user, key=key)
    if record := find(user, key):
        return record, False
    # Not one that another request has committed since we looked.
    forget_idempotency_records(timezone.now() - KEPT, mine)
    try:
        with transaction.atomic():
            record = mine.create(user=user, key=key, fingerprint=fingerprint)
    except IntegrityError:
        return mine.get(), False
    return record, True


def finish(record: IdempotencyRecord, status: int, body: str) -> None:
    """Keep what is answered, for whoever asks again."""
    record.status, record.body = status, body
    record.save(update_fields=["status", "body"])


def forget_idempotency_records(
    before: datetime, rows: QuerySet[IdempotencyRecord] | None = None
) -> int:
    """Delete records (of `rows`, or all) up to then; how many. They hold for KEPT and
    no longer."""
    rows = IdempotencyRecord.objects.all() if rows is None else rows
    count, _ = rows.filter(created_at__lte=before).delete()
    return count
