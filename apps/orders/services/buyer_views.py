"""Seeing who bought: every record that was unmasked for somebody is noted."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from apps.core.storing import portions
from apps.orders.models import Buyer, Order
from apps.platforms.models import Shop
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
    note_buyers_seen([order], user, address=address)


def note_buyers_seen(
    rows: Sequence[Order | Buyer], user: User, *, address: str | None = None
) -> None:
    """As note_buyer_seen, of many orders, or of buyers as such; rows come with their
    shops. The same two statements however many."""
    shown = [row for row in rows if isinstance(row, Buyer) or holds_buyer_data(row)]
    looker = user.seen_by or user
    for kind in (Order, Buyer):
        of_kind = [row for row in shown if isinstance(row, kind)]
        for some in portions(of_kind, 1_000):
            seen = _seen_lately(kind, some, looker)
            _note([row for row in some if str(row.pk) not in seen], user, address)


def note_buyers_taken(
    counts: Sequence[tuple[Shop, int]],
    user: User | None = None,
    *,
    address: str | None = None,
    process: str = "system",
) -> None:
    """That a file with the buyers of so many orders of each shop was taken away: a line
    a shop. `process` names who, where no person did."""
    for shop, count in counts:
        audit.record(
            "exported orders with their buyers",
            shop,
            actor=user,
            process=process,
            client=shop.client,
            address=address,
            orders=count,
        )


def _seen_lately(
    kind: type[Order] | type[Buyer], rows: Sequence[Order | Buyer], looker: User
) -> set[str]:
    """Keys of those whose line the last hour has already."""
    entries = AuditEntry.objects.filter(
        target_type=kind._meta.label_lower,
        target_id__in=[str(row.pk) for row in rows],
        at__gt=timezone.now() - ONCE_IN,
        verb=VERB,
        actor=looker,
    )
    return set(entries.values_list("target_id", flat=True))


def _note(rows: Sequence[Order | Buyer], user: User, address: str | None) -> None:
    AuditEntry.objects.bulk_create(
        audit.entry_of(
            VERB,
            row,
            # The trail must not say who it was.
            target_text=f"Buyer {row.pk} of {row.shop}"
            if isinstance(row, Buyer)
            else "",
            actor=user,
            client=row.shop.client,
            address=address,
        )
        for row in rows
    )
