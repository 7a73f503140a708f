"""Orders that come later than their settlement: found by looking at the rows."""

from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from apps.finance.models import SettlementTransaction, UnsettledTransaction
from apps.orders.models import Order

MOST = 2_000


def link_orders() -> int:
    """Link so many lines with orders that are here by now; how many. With nothing to
    link it is a look at two indexes."""
    return _link(SettlementTransaction) + _link(UnsettledTransaction)


def _link(model: type[SettlementTransaction] | type[UnsettledTransaction]) -> int:
    orders = Order.objects.filter(
        shop=OuterRef("shop"), remote_id=OuterRef("remote_order_id")
    ).order_by()
    waiting = model.objects.filter(order=None).exclude(remote_order_id="")
    found = waiting.filter(Exists(orders)).order_by().values_list("pk", flat=True)
    return model.objects.filter(pk__in=list(found[:MOST]), order=None).update(
        order=Subquery(orders.values("pk")[:1]), modified_at=timezone.now()
    )
