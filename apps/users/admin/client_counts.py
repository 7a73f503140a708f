"""What a client has of everything, as far as the viewer may see it."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from apps.backoffice.services.analytics import sums
from apps.backoffice.services.analytics.periods import BASES
from apps.finance.services.rates import BaseSum, base_sum, rate_table
from apps.orders.models import Order
from apps.platforms.admin.cards import orders_a_month
from apps.platforms.models import Shop
from apps.users.models import Membership
from apps.users.roles import VIEW_ANALYTICS, VIEW_ORDER

BASE = BASES[0]
GMV_DAYS = 30


def counted(clients: Iterable[Any], viewer: Any) -> list[Any]:
    """With `shop_count`, `people_count`, `order_count`, `gmv`, of what the viewer may
    see; a fixed number of queries, however many there are."""
    clients = list(clients)
    shops = Shop.objects.visible_to(viewer).filter(client__in=clients)
    at_client = Counter(shops.order_by().values_list("client", flat=True))
    members = Membership.objects.visible_to(viewer).filter(client__in=clients)
    people = Counter(members.order_by().values_list("client", flat=True))
    # Test shops stay out of all sums.
    readable = Shop.objects.visible_to(viewer, VIEW_ORDER).production()
    placed = orders_a_month(
        Order.objects.filter(shop__in=readable.filter(client__in=clients)),
        timezone.now(),
    )
    owners = dict(readable.filter(pk__in=placed).values_list("pk", "client"))
    orders: Counter[int] = Counter()
    for shop, number in placed.items():
        orders[owners[shop]] += number
    gmv = _gmv(clients, viewer)
    for client in clients:
        client.gmv = gmv.get(client.pk)
        client.shop_count = at_client[client.pk]
        client.people_count = people[client.pk]
        client.order_count = orders[client.pk]
    return clients


def _gmv(clients: list[Any], viewer: Any) -> dict[int, BaseSum]:
    """{client: what its shops sold in the last days, in BASE}: three queries."""
    shops = Shop.objects.visible_to(viewer, VIEW_ANALYTICS).production()
    owners = dict(shops.filter(client__in=clients).values_list("pk", "client"))
    today = timezone.now().date()
    since = today - timedelta(days=GMV_DAYS - 1)
    span = sums.Span(list(owners), since, today + timedelta(days=1))
    sold: dict[int, list[tuple[Decimal, str, date]]] = defaultdict(list)
    for row in sums.sales(span, ["shop_id", "currency", "rate_on"], {}):
        shop, currency, on = row.key
        sold[owners[shop]].append((row.own.gmv, currency, on))
    table = rate_table(since - timedelta(days=1), today + timedelta(days=1))
    return {client: base_sum(table, BASE, some) for client, some in sold.items()}
