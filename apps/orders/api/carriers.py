"""The carriers of shops, as the platform listed them lately."""

from django_filters import rest_framework as filters
from rest_framework import serializers

from apps.orders.api.filters import client_filter, shop_filter
from apps.orders.models import ShippingProvider
from apps.users.api.resource import ListsAndShows


class CarrierSerializer(serializers.ModelSerializer[ShippingProvider]):
    """A carrier that one of the shop's delivery options takes; `remote_id` is the
    platform's ID of it."""

    class Meta:
        model = ShippingProvider
        fields = ("id", "shop", "delivery_option_id", "remote_id", "name", "read_at")


class CarrierFilters(filters.FilterSet):  # type: ignore[misc]
    shop = shop_filter()
    client = client_filter()
    delivery_option_id = filters.CharFilter("delivery_option_id", max_length=32)
    name = filters.CharFilter("name", "icontains", max_length=120)


class Carriers(ListsAndShows[ShippingProvider]):
    """With which carriers a shop's orders may be sent; they are read each day. Those of
    one order are at orders/{id}/carriers/."""

    scope = "orders"
    tag = "carriers"
    queryset = ShippingProvider.objects.all()
    serializer_class = CarrierSerializer
    filterset_class = CarrierFilters
