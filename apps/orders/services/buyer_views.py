"""Seeing who bought: every record that was unmasked for somebody is noted."""

from datetime import timedelta

from django.utils import timezone

from apps.orders.models import Order
from apps.users.models import AuditEntry, User
from apps.users.services import audit

VERB = "saw the buyer"
# Whoever packs an order opens it again and again: one line an hour says it.
ONCE_IN = timedelta(hours=1)


def holds_buyer_data(order: Order) -> bool:
    """Whether there is anything about a person to see."""
    return order.buyer_erased_at is None and bool(
        order.buyer_id
        or order.recipient_name
        or order.recipient_phone
        or order.recipient_address
        or order.buyer_message
    )


def note_buyer_seen(order: Order, user: User, *, address: str | None = None) -> None:
    """Write into the trail that the order's buyer was shown to `user`.

    An order without a buyer's data, and a second look within the hour, leave no line.
    """
    if not holds_buyer_data(order):
        return
    looker = user.seen_by or user
    seen = AuditEntry.objects.filter(
        target_type=Order._meta.label_lower,
        target_id=str(order.pk),
        at__gt=timezone.now() - ONCE_IN,
        verb=VERB,
        actor=looker,
    )
    if not seen.exists():
        audit.record(VERB, order, actor=user, client=order.shop.client, address=address)
