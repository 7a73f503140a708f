"""The packages orders travel in, the papers that go with them, and where they were."""

from typing import Self

from django.db import models
from django.db.models import Q

from apps.core.models import TimestampedModel
from apps.integrations import contracts
from apps.orders.models.order import Order, instant_field
from apps.platforms.models import Shop
from apps.platforms.models.shop import at_shops_of
from apps.users.models import AnyUser
from apps.users.roles import VIEW_ORDER


class PackageQuerySet(models.QuerySet["Package"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(at_shops_of(user, VIEW_ORDER))


class Package(TimestampedModel):
    """A package, by the platform's ID; one that only a file told of, by its number.

    Which items are in it stands with the lines' units. Combined, it is of several
    orders. `problem` is the platform's word for an exception on the way.
    """

    class Status(models.TextChoices):
        TO_FULFILL = contracts.PackageStatus.TO_FULFILL.value, "To ship"
        PROCESSING = contracts.PackageStatus.PROCESSING.value, "Awaiting collection"
        FULFILLING = contracts.PackageStatus.FULFILLING.value, "In transit"
        COMPLETED = contracts.PackageStatus.COMPLETED.value, "Delivered"
        CANCELLED = contracts.PackageStatus.CANCELLED.value, "Cancelled"

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="packages")
    orders = models.ManyToManyField(
        Order, through="OrderPackage", related_name="packages"
    )
    remote_id = models.CharField("package ID", max_length=32, blank=True)
    tracking_number = models.CharField(max_length=80, blank=True)
    last_mile_tracking_number = models.CharField(max_length=80, blank=True)
    carrier = models.CharField(max_length=120, blank=True)
    carrier_id = models.CharField(max_length=32, blank=True)
    status = models.CharField(max_length=12, choices=Status, blank=True)
    status_text = models.CharField(max_length=40, blank=True)
    is_status_understood = models.BooleanField(default=True)
    sub_status = models.CharField(max_length=40, blank=True)
    problem = models.CharField(max_length=200, blank=True)
    shipping_type = models.CharField(
        max_length=8, choices=Order.ShippingType, blank=True
    )
    delivery_option = models.CharField(max_length=120, blank=True)
    delivery_option_id = models.CharField(max_length=32, blank=True)
    handover_method = models.CharField(max_length=20, blank=True)
    pickup_from_at = instant_field()
    pickup_until_at = instant_field()
    split_or_combine = models.CharField(max_length=8, blank=True)
    warehouse = models.CharField(max_length=120, blank=True)
    remote_created_at = instant_field()
    remote_updated_at = instant_field()

    objects = PackageQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "remote_id"],
                condition=~Q(remote_id=""),
                name="package_unique_per_shop",
            ),
            models.UniqueConstraint(
                fields=["shop", "tracking_number"],
                condition=Q(remote_id=""),
                name="package_unique_number",
            ),
        ]
        indexes = [
            models.Index(fields=["tracking_number"], name="package_tracking_number"),
            models.Index(
                fields=["shop"], condition=~Q(problem=""), name="package_problem"
            ),
            models.Index(fields=["modified_at", "id"], name="package_modified"),
        ]

    def __str__(self) -> str:
        return self.tracking_number or self.remote_id


class OrderPackage(models.Model):
    """That something of an order travels in a package."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="order_packages")
    package = models.ForeignKey(Package, models.CASCADE, related_name="order_packages")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "package"], name="order_package_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.package} of {self.order}"


class ShippingDocumentQuerySet(models.QuerySet["ShippingDocument"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(package__in=Package.objects.visible_to(user))


class ShippingDocument(TimestampedModel):
    """A label or slip as the platform gave it, kept a few days: its address dies after
    one, and printers jam. It shows who bought."""

    class Kind(models.TextChoices):
        LABEL = "SHIPPING_LABEL", "Shipping label"
        SLIP = "PACKING_SLIP", "Packing slip"
        LABEL_AND_SLIP = "SHIPPING_LABEL_AND_PACKING_SLIP", "Label and packing slip"
        PICTURE = "SHIPPING_LABEL_PICTURE", "Label as a picture"
        HAZMAT = "HAZMAT_LABEL", "Hazmat label"
        INVOICE = "INVOICE_LABEL", "Invoice label"

    class Format(models.TextChoices):
        PDF = "PDF", "PDF"
        ZPL = "ZPL", "ZPL"

    class Size(models.TextChoices):
        A6 = "A6", "A6"
        A5 = "A5", "A5"

    package = models.ForeignKey(Package, models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=40, choices=Kind)
    size = models.CharField(max_length=4, choices=Size, default=Size.A6)
    format = models.CharField(max_length=4, choices=Format, default=Format.PDF)
    content = models.BinaryField()
    tracking_number = models.CharField(max_length=80, blank=True)
    fetched_at = models.DateTimeField()
    printed_at = instant_field()

    objects = ShippingDocumentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["package", "kind", "size", "format"],
                name="shipping_document_unique",
            ),
        ]
        indexes = [models.Index(fields=["fetched_at"], name="shipping_document_age")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.package}"


class TrackingStep(models.Model):
    """One scan of a package, in the carrier's words."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="tracking_steps")
    tracking_number = models.CharField(max_length=80, blank=True)
    happened_at = models.DateTimeField()
    description = models.CharField(max_length=400)
    code = models.IntegerField(null=True, blank=True)

    class Meta:
        ordering = ["-happened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "happened_at", "tracking_number", "description"],
                name="tracking_step_unique",
            ),
        ]

    def __str__(self) -> str:
        return self.description
