"""What events are about, where we have it and one may see it."""

from collections.abc import Iterable

from django.urls import reverse

from apps.orders.models import Order
from apps.products.models import Listing
from apps.users.models import AnyUser
from apps.webhooks.models import WebhookEvent


def addresses_of(user: AnyUser, events: Iterable[WebhookEvent]) -> dict[int, str]:
    """{key of the event: address of the page of its object}; two queries."""
    rows = [each for each in events if each.shop_id and each.object_id]
    named = {each.object_id for each in rows}
    shops = {each.shop_id for each in rows}
    found: dict[tuple[int, str], str] = {}
    if not rows:
        return {}
    for queryset, name in (
        (Listing.objects.visible_to(user), "admin:products_listing_change"),
        (Order.objects.visible_to(user), "admin:orders_order_change"),
    ):
        keys = queryset.filter(shop__in=shops, remote_id__in=named).order_by()
        for shop, remote_id, key in keys.values_list("shop", "remote_id", "pk"):
            found[shop, remote_id] = reverse(name, args=[key])
    return {
        each.pk: found[each.shop_id, each.object_id]
        for each in rows
        if each.shop_id and (each.shop_id, each.object_id) in found
    }
