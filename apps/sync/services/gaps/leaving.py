"""Let a day differ: somebody knows why, and it is no longer to be looked at."""

from django.db import transaction
from django.utils import timezone

from apps.sync.models import SyncGap
from apps.users.services import audit
from apps.users.services.audit import By


@transaction.atomic
def leave(gap: SyncGap, by: By) -> bool:
    """Whether it was open. It comes back only if an order differs that is not listed
    there."""
    left = SyncGap.objects.open().filter(pk=gap.pk)
    if not left.update(state=SyncGap.State.LEFT, closed_at=timezone.now()):
        return False
    audit.record(
        "left a gap as it is",
        gap.shop,
        client=gap.shop.client,
        actor=by.user,
        process=by.process,
        address=by.address,
        day=gap.day.isoformat(),
        orders=gap.left,
    )
    return True
