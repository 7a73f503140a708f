"""Packages, and the papers that go with them, as they are shown."""

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from apps.orders.models import Order, Package, ShippingDocument


class OrderInPackageSerializer(serializers.ModelSerializer[Order]):
    order_id = serializers.CharField(source="remote_id")

    class Meta:
        model = Order
        fields = ("id", "order_id")


class PackageInOrderSerializer(serializers.ModelSerializer[Package]):
    """`remote_id` is the platform's, empty where only a file told of the package.
    `problem` is the platform's word for an exception on the way."""

    class Meta:
        model = Package
        fields: tuple[str, ...] = (
            "id",
            "remote_id",
            "status",
            "status_text",
            "is_status_understood",
            "sub_status",
            "problem",
            "carrier",
            "carrier_id",
            "tracking_number",
            "last_mile_tracking_number",
            "shipping_type",
            "delivery_option",
            "delivery_option_id",
            "handover_method",
            "pickup_from_at",
            "pickup_until_at",
            "split_or_combine",
            "warehouse",
            "remote_created_at",
            "remote_updated_at",
            "created_at",
            "modified_at",
        )


class PackageSerializer(PackageInOrderSerializer):
    """With the orders something of which travels in it: several, where combined."""

    shop = serializers.IntegerField(source="shop_id")
    client = serializers.IntegerField(source="shop.client_id")
    orders = OrderInPackageSerializer(many=True)

    class Meta(PackageInOrderSerializer.Meta):
        fields = (
            *PackageInOrderSerializer.Meta.fields,
            "shop",
            "client",
            "orders",
        )


class ShippingDocumentSerializer(serializers.ModelSerializer[ShippingDocument]):
    """A kept paper; `url` is where it is read, with the scope buyers:read."""

    url = serializers.SerializerMethodField()

    class Meta:
        model = ShippingDocument
        fields = (
            "id",
            "package",
            "kind",
            "size",
            "format",
            "tracking_number",
            "fetched_at",
            "printed_at",
            "url",
        )

    def get_url(self, document: ShippingDocument) -> str:
        return document_url(self.context["request"], document.package_id, document.pk)


def document_url(request: Any, package: int, document: int) -> str:
    address = reverse("api:package-document-detail", args=[package, document])
    return str(request.build_absolute_uri(address))
