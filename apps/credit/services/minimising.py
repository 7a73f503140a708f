"""Who bought in an applicant's shop is nobody's business: it goes once it is hashed.

Only shops that are here for lenders alone; nobody ships from them here.
"""

from collections.abc import Iterator

from django.db import transaction
from django.db.models import QuerySet

from apps.credit.models import BuyerMark
from apps.credit.services.marks import mark_of
from apps.orders.models import Order
from apps.orders.services.forgetting import forget_buyer_of
from apps.platforms.models import Shop

BATCH = 500


def minimise() -> int:
    """Forget the buyers of all orders of such shops; how many orders told of one.
    Batches, each a transaction: interrupted, the next time goes on."""
    return sum(_forget(shop, keys) for shop in _shops() for keys in _batches(shop))


def _shops() -> QuerySet[Shop]:
    return Shop.objects.filter(client__is_applicant=True).order_by("pk")


def _batches(shop: Shop) -> Iterator[list[int]]:
    rows = Order.objects.filter(shop=shop, buyer_erased_at=None).order_by("pk")
    last = 0
    while keys := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        last = keys[-1]
        yield keys


@transaction.atomic
def _forget(shop: Shop, keys: list[int]) -> int:
    # First the shop, as everything does that writes its orders.
    Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
    orders = Order.objects.filter(pk__in=keys, buyer_erased_at=None)
    marks = [mark_of(order) for order in orders.select_related("buyer", "shop")]
    BuyerMark.objects.bulk_create(marks, ignore_conflicts=True)
    return forget_buyer_of(shop.pk, [mark.order_id for mark in marks])
