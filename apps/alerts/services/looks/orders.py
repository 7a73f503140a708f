"""Orders that somebody has to decide about."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db.models import Count

from apps.alerts.models import Code
from apps.alerts.rules.words import Severity
from apps.alerts.services.looks.finding import Finding, counted, so_many
from apps.orders.models import Order, questions
from apps.platforms.models import Shop


def conflicts(shops: Sequence[Shop], now: datetime) -> Iterator[Finding]:
    """Two sources say different things, and neither preference nor person decided."""
    orders = Order.objects.filter(
        questions.conflicting(), shop__in=[shop.pk for shop in shops]
    ).order_by()
    found = dict(orders.values("shop").annotate(n=Count("pk")).values_list("shop", "n"))
    for shop in shops:
        count = found.get(shop.pk, 0)
        yield Finding(
            shop.pk,
            Code.ORDER_CONFLICTS,
            counted(count, 0, Severity.WARNING),
            f"{so_many(count, 'order')} with contradicting sources",
            "API, file or person say different things of them, and nobody has decided.",
        )
