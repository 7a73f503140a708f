"""Forget who bought: what is blanked, in what order, and never comes back.

Orders, amounts and SKUs stay. `buyer_erased_at` is what ingest asks before it writes
anything about a buyer; both work under the shop's lock, so news under way when a
buyer is erased is either erased with the rest or leaves the buyer out.
"""

from collections.abc import Callable, Collection
from datetime import datetime

from django.db import transaction
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from apps.core import bulk
from apps.orders.models import (
    Buyer,
    Order,
    OrderAction,
    OrderNote,
    OrderPayload,
    OrderQuerySet,
    ShippingDocument,
    TrackingStep,
)
from apps.orders.services.merge import show
from apps.orders.services.order_fields import BUYER_FIELDS, WRITTEN_FIELDS
from apps.orders.services.preferences import locked_shop, preferred_witness
from apps.orders.services.testimony import Testimony

BATCH = 1_000
FINISHED = (Order.Status.DELIVERED, Order.Status.COMPLETED, Order.Status.CANCELLED)


def finished_before(moment: datetime) -> OrderQuerySet:
    """Orders placed before `moment` that are over and still tell who bought."""
    return Order.objects.filter(
        status__in=FINISHED, placed_at__lt=moment, buyer_erased_at=None
    )


def forget_finished(
    moment: datetime, on_batch: Callable[[int], None] = lambda count: None
) -> int:
    """Forget the buyers of those; how many orders. Batches, each a transaction of its
    own: interrupted, the next time goes on."""
    forgotten = 0
    due = finished_before(moment).order_by()
    for shop_id in due.values_list("shop", flat=True).distinct():
        rows = due.filter(shop=shop_id).order_by("pk").values_list("pk", flat=True)
        last = 0
        while keys := list(rows.filter(pk__gt=last)[:BATCH]):
            last = keys[-1]
            forgotten += forget_buyer_of(shop_id, keys)
            on_batch(forgotten)
    return forgotten


@transaction.atomic
def forget_buyer_of(shop_id: int, order_ids: Collection[int]) -> int:
    """Blank whatever tells who placed these orders of one shop; how many told.

    A buyer all of whose orders are forgotten becomes nobody. One who has others keeps
    their row, and the forgotten ones no longer point at it.
    """
    preferred = preferred_witness(locked_shop(shop_id))
    now = timezone.now()
    rows = Order.objects.filter(shop=shop_id, pk__in=order_ids, buyer_erased_at=None)
    orders = list(rows)
    for order in orders:
        testimony = Testimony.of(order)
        testimony.forget(BUYER_FIELDS)
        show(order, testimony, preferred)
        order.buyer_erased_at = order.modified_at = now
    bulk.update(orders, [*WRITTEN_FIELDS, "buyer_erased_at", "modified_at"])
    keys = [order.pk for order in orders]
    _empty(OrderPayload.objects.filter(order__in=keys), now)
    OrderNote.objects.filter(order__in=keys).delete()
    # Papers have their name and address on them; carriers write down who signed.
    ShippingDocument.objects.filter(package__orders__in=keys).delete()
    TrackingStep.objects.filter(order__in=keys).delete()
    _drop_comments(keys)
    _let_go({order.buyer_id for order in orders if order.buyer_id})
    return len(keys)


def forget_handles(buyers: QuerySet[Buyer]) -> int:
    """Make nobody of rows: the key alone remains, so their orders stay one person's."""
    name = Concat(Value("erased-"), Cast("pk", CharField()))
    return buyers.update(username="", remote_id=name, modified_at=timezone.now())


def payloads_before(moment: datetime) -> QuerySet[OrderPayload]:
    """What sources sent before `moment` and is still kept whole."""
    return OrderPayload.objects.filter(received_at__lt=moment, emptied_at=None)


def empty_payloads(
    moment: datetime, on_batch: Callable[[int], None] = lambda count: None
) -> int:
    """Drop the bodies of those, in batches; how many. Their hashes stay, so the same
    news is still known; later news brings a whole body again."""
    rows = payloads_before(moment).order_by("pk").values_list("pk", flat=True)
    emptied = last = 0
    while keys := list(rows.filter(pk__gt=last)[:BATCH]):
        last = keys[-1]
        # Asked again: one that came anew meanwhile keeps its body.
        emptied += _empty(payloads_before(moment).filter(pk__in=keys), timezone.now())
        on_batch(emptied)
    return emptied


def _empty(payloads: QuerySet[OrderPayload], now: datetime) -> int:
    return payloads.update(body={}, emptied_at=now, modified_at=now)


def _drop_comments(order_ids: Collection[int]) -> None:
    """What was written to the buyer with an answer."""
    said = OrderAction.objects.filter(order__in=order_ids, details__has_key="comment")
    actions = [each for each in said if each.details["comment"]]
    for action in actions:
        action.details = {**action.details, "comment": ""}
    OrderAction.objects.bulk_update(actions, ["details"], batch_size=500)


def _let_go(buyers: Collection[int]) -> None:
    remembered = set(
        Order.objects.filter(buyer__in=buyers, buyer_erased_at=None)
        .order_by()
        .values_list("buyer", flat=True)
    )
    Order.objects.filter(buyer__in=remembered, buyer_erased_at__isnull=False).update(
        buyer=None
    )
    forget_handles(Buyer.objects.filter(pk__in=set(buyers) - remembered))
