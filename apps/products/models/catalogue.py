"""What a client sells: products, their variants, bundles made of them, suppliers."""

from typing import Any, Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from apps.core.models import TimestampedModel
from apps.core.money import Money
from apps.users.models import AnyUser, Client
from apps.users.models.people import places_of
from apps.users.roles import VIEW_COST, VIEW_PRODUCT


def amount_field(**options: Any) -> "models.DecimalField[Any, Any]":
    """Major units of the currency that stands beside it; never less than nothing."""
    return models.DecimalField(
        max_digits=19, decimal_places=4, validators=[MinValueValidator(0)], **options
    )


def size_field(words: str) -> "models.DecimalField[Any, Any]":
    """Centimetres of the packed piece."""
    return models.DecimalField(
        words,
        max_digits=8,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )


class CatalogueQuerySet(models.QuerySet[Any]):
    """Rows of a client's own catalogue."""

    def visible_to(self, user: AnyUser) -> Self:
        """A catalogue is one for all shops of a client: who sees products at one of
        them sees it."""
        return self.filter(places_of(user, VIEW_PRODUCT).at_clients("client"))


class SupplyQuerySet(models.QuerySet[Any]):
    """Who is paid how much for what: not for everybody who sees products."""

    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(places_of(user, VIEW_COST).at_clients("client"))


class Category(TimestampedModel):
    """A shelf of the client's own order, not of a platform's."""

    client = models.ForeignKey(Client, models.CASCADE, related_name="categories")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    name = models.CharField(max_length=120)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name_plural = "categories"
        constraints = [
            models.UniqueConstraint(
                "client",
                "parent",
                Lower("name"),
                name="category_unique_per_parent",
                violation_error_message="There is such a category already.",
            ),
            # Nothing equals an unknown parent, so the roots need a rule of their own.
            models.UniqueConstraint(
                "client",
                Lower("name"),
                condition=Q(parent__isnull=True),
                name="category_unique_root",
                violation_error_message="There is such a category already.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Supplier(TimestampedModel):
    """Whom the client buys from."""

    client = models.ForeignKey(Client, models.CASCADE, related_name="suppliers")
    name = models.CharField(max_length=160)
    email = models.EmailField(blank=True)
    currency = models.CharField(max_length=3, blank=True)
    lead_time_days = models.PositiveSmallIntegerField(null=True, blank=True)
    minimum_order_amount = amount_field(null=True, blank=True)
    note = models.TextField(blank=True)
    is_active = models.BooleanField("active", default=True)

    objects = SupplyQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                "client",
                Lower("name"),
                name="supplier_unique_per_client",
                violation_error_message="There is such a supplier already.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Product(TimestampedModel):
    """Something the client sells, in one or more variants."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="products")
    name = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    brand = models.CharField(max_length=120, blank=True)
    category = models.ForeignKey(
        Category, models.SET_NULL, null=True, blank=True, related_name="products"
    )
    is_active = models.BooleanField(
        "active",
        default=True,
        help_text="One that is no longer sold keeps its history and is not suggested.",
    )

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        permissions = [("view_cost", "Can see what products cost")]
        indexes = [models.Index(fields=["client", "name"], name="product_client_name")]

    def __str__(self) -> str:
        return self.name


class Variant(TimestampedModel):
    """What is stocked, counted and matched: one SKU. A bundle is a variant, too; it
    consists of others and has no stock of its own."""

    # The product's, here once more: a SKU is one within a client.
    client = models.ForeignKey(Client, models.PROTECT, related_name="variants")
    product = models.ForeignKey(Product, models.CASCADE, related_name="variants")
    sku = models.CharField("SKU", max_length=50)
    name = models.CharField(
        max_length=200, blank=True, help_text="What sets it apart: “Red / M”."
    )
    barcode = models.CharField(max_length=20, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_bundle = models.BooleanField("bundle", default=False)
    is_active = models.BooleanField("active", default=True)

    cost_amount = amount_field(null=True, blank=True)
    cost_currency = models.CharField(max_length=3, blank=True)
    weight_grams = models.PositiveIntegerField(null=True, blank=True)
    length_cm = size_field("length")
    width_cm = size_field("width")
    height_cm = size_field("height")

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        ordering = ["product", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                "client",
                Lower("sku"),
                name="variant_sku_unique_per_client",
                violation_error_message="Another variant has this SKU.",
            ),
            models.CheckConstraint(condition=~Q(sku=""), name="variant_has_a_sku"),
            models.CheckConstraint(
                condition=Q(cost_amount__isnull=True) | ~Q(cost_currency=""),
                name="variant_cost_has_a_currency",
            ),
        ]
        indexes = [
            models.Index(
                fields=["client", "barcode"],
                condition=~Q(barcode=""),
                name="variant_client_barcode",
            ),
        ]

    def __str__(self) -> str:
        return self.sku

    @property
    def title(self) -> str:
        """As people name it: the product, and what sets the variant apart."""
        return f"{self.product.name} · {self.name}" if self.name else self.product.name

    @property
    def cost(self) -> Money | None:
        if self.cost_amount is None:
            return None
        return Money(self.cost_amount, self.cost_currency)


class VariantPrice(TimestampedModel):
    """What a variant costs buyers in one currency."""

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="prices")
    currency = models.CharField(max_length=3)
    amount = amount_field()

    class Meta:
        ordering = ["currency"]
        constraints = [
            models.UniqueConstraint(
                fields=["variant", "currency"], name="variant_price_unique"
            )
        ]

    def __str__(self) -> str:
        return str(self.price)

    @property
    def price(self) -> Money:
        return Money(self.amount, self.currency)


class BundleComponent(TimestampedModel):
    """So many of a variant are in a bundle."""

    bundle = models.ForeignKey(Variant, models.CASCADE, related_name="components")
    component = models.ForeignKey(Variant, models.PROTECT, related_name="in_bundles")
    quantity = models.PositiveIntegerField(validators=[MinValueValidator(1)])

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["bundle", "component"], name="bundle_component_unique"
            ),
            models.CheckConstraint(
                condition=~Q(bundle=F("component")), name="bundle_not_of_itself"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1), name="bundle_component_has_units"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.component}"


class SupplySource(TimestampedModel):
    """What a supplier asks for a variant."""

    client = models.ForeignKey(Client, models.CASCADE, related_name="supply_sources")
    variant = models.ForeignKey(Variant, models.CASCADE, related_name="sources")
    supplier = models.ForeignKey(Supplier, models.CASCADE, related_name="sources")
    supplier_sku = models.CharField("supplier's SKU", max_length=80, blank=True)
    cost_amount = amount_field(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    lead_time_days = models.PositiveSmallIntegerField(null=True, blank=True)
    minimum_quantity = models.PositiveIntegerField(null=True, blank=True)
    is_preferred = models.BooleanField("preferred", default=False)

    objects = SupplyQuerySet.as_manager()

    class Meta:
        ordering = ["-is_preferred", "supplier", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["variant", "supplier"], name="supply_source_unique"
            ),
            models.UniqueConstraint(
                fields=["variant"],
                condition=Q(is_preferred=True),
                name="supply_one_preferred",
            ),
            models.CheckConstraint(
                condition=Q(cost_amount__isnull=True) | ~Q(currency=""),
                name="supply_cost_has_a_currency",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant} from {self.supplier}"


class ProductImage(TimestampedModel):
    """A picture of a product, or of one variant; the bytes stand in the media store."""

    client = models.ForeignKey(Client, models.CASCADE, related_name="product_images")
    product = models.ForeignKey(Product, models.CASCADE, related_name="images")
    variant = models.ForeignKey(
        Variant, models.CASCADE, null=True, blank=True, related_name="images"
    )
    file = models.FileField(upload_to="products/")
    sha256 = models.CharField(max_length=64, editable=False)
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    size_bytes = models.PositiveIntegerField(editable=False)
    position = models.PositiveSmallIntegerField(default=0)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "sha256"],
                condition=Q(variant__isnull=True),
                name="product_image_once",
            ),
            models.UniqueConstraint(
                fields=["variant", "sha256"],
                condition=Q(variant__isnull=False),
                name="variant_image_once",
            ),
        ]

    def __str__(self) -> str:
        return f"Picture {self.position} of {self.product}"
