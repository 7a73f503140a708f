"""What a client has of everything, as far as the viewer may see it."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from apps.orders.models import Order
from apps.platforms.admin.cards import orders_a_month
from apps.platforms.models import Shop
from apps.users.models import Membership
from apps.users.roles import VIEW_ORDER


def counted(clients: Iterable[Any], viewer: Any) -> list[Any]:
    """With `shop_count`, `people_count` and `order_count`, of what the viewer may see;
    three queries, however many there are."""
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
    for client in clients:
        client.shop_count = at_client[client.pk]
        client.people_count = people[client.pk]
        client.order_count = orders[client.pk]
    return clients
