"""One deed for one Idempotency-Key, however often and at once it is asked for."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
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
    mine.delete()
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


def forget_idempotency_records(before: datetime) -> int:
    """Delete records older than that; how many. They hold for KEPT and no longer."""
    count, _ = IdempotencyRecord.objects.filter(created_at__lt=before).delete()
    return count
