"""The platform's categories as a shop sees them, and how ours are told in them."""

from typing import Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from apps.core.models import TimestampedModel
from apps.platforms.models import Shop
from apps.platforms.models.shop import at_shops_of
from apps.platforms.regions import REGIONS
from apps.products.models.catalogue import CatalogueQuerySet, Category
from apps.users.models import AnyUser, Client
from apps.users.roles import VIEW_LISTING

_REGION_CHOICES = [(row.code, row.name) for row in REGIONS.values()]


class ChannelRowQuerySet(models.QuerySet["ChannelCategory"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(at_shops_of(user, VIEW_LISTING))


class ChannelCategory(models.Model):
    """A node of the category tree the platform shows a shop."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="channel_categories")
    remote_id = models.CharField(max_length=32)
    parent_remote_id = models.CharField(max_length=32, blank=True)
    name = models.CharField(max_length=300)
    path = models.CharField(max_length=1000, help_text="Names from the root on.")
    is_leaf = models.BooleanField()
    permission = models.CharField(max_length=24, blank=True)
    fetched_at = models.DateTimeField()

    objects = ChannelRowQuerySet.as_manager()

    class Meta:
        ordering = ["path", "pk"]
        verbose_name_plural = "channel categories"
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "remote_id"], name="channel_category_unique"
            )
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def is_usable(self) -> bool:
        return self.is_leaf and self.permission in ("", "AVAILABLE")


class CategoryFacts(models.Model):
    """What the platform asks of a product in a leaf category: attributes and rules, as
    asdict() of the contracts gives them."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="category_facts")
    category_remote_id = models.CharField(max_length=32)
    attributes = models.JSONField()
    rules = models.JSONField()
    fetched_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "category facts"
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "category_remote_id"], name="category_facts_unique"
            )
        ]

    def __str__(self) -> str:
        return f"Category {self.category_remote_id} in {self.shop}"


class CategoryLink(TimestampedModel):
    """Which of the platform's categories one of ours is, in a region."""

    client = models.ForeignKey(Client, models.CASCADE, related_name="category_links")
    category = models.ForeignKey(Category, models.CASCADE, related_name="links")
    region = models.CharField(max_length=2, choices=_REGION_CHOICES)
    category_remote_id = models.CharField("category ID", max_length=32)
    path = models.CharField(max_length=1000, blank=True)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["category", "region"], name="category_link_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.category} is {self.category_remote_id} in {self.region}"


class AttributeRule(TimestampedModel):
    """Where the value of a category's attribute comes from: a field of the variant, a
    fixed value, or a field's value looked up in a map."""

    class Source(models.TextChoices):
        FIXED = "fixed", "Fixed value"
        FIELD = "field", "Our field"
        MAP = "map", "Value map"

    class Field(models.TextChoices):
        BRAND = "brand", "Brand"
        NAME = "name", "Product name"
        VARIANT = "variant", "Variant name"
        CATEGORY = "category", "Category"
        SKU = "sku", "SKU"
        BARCODE = "barcode", "Barcode"
        WEIGHT = "weight_grams", "Weight in grams"

    client = models.ForeignKey(Client, models.CASCADE, related_name="attribute_rules")
    region = models.CharField(max_length=2, choices=_REGION_CHOICES)
    category_remote_id = models.CharField("category ID", max_length=32)
    attribute_remote_id = models.CharField("attribute ID", max_length=32)
    attribute_name = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=8, choices=Source)
    field = models.CharField(max_length=16, choices=Field, blank=True)
    values = models.JSONField(
        default=list, blank=True, help_text="[{id, name}] of a fixed value."
    )
    value_map = models.JSONField(
        default=dict, blank=True, help_text="{our value: {id, name}}."
    )

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "client",
                    "region",
                    "category_remote_id",
                    "attribute_remote_id",
                ],
                name="attribute_rule_unique",
            ),
            models.CheckConstraint(
                condition=Q(source="fixed") | ~Q(field=""),
                name="attribute_rule_has_a_field",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.attribute_name or self.attribute_remote_id} ({self.region})"


class PriceRuleQuerySet(CatalogueQuerySet):
    def visible_to(self, user: AnyUser) -> Self:
        """A rule for one shop names it: it is for those who see the shop's listings."""
        shops = Shop.objects.visible_to(user, VIEW_LISTING)
        seen = Q(only_shop__isnull=True) | Q(only_shop__in=shops)
        return super().visible_to(user).filter(seen)


class PriceRule(TimestampedModel):
    """A region's price, or one shop's: base price times rate times factor, rounded.

    A price typed for the currency goes before any rule; a shop's rule goes before its
    region's.
    """

    client = models.ForeignKey(Client, models.CASCADE, related_name="price_rules")
    region = models.CharField(max_length=2, choices=_REGION_CHOICES)
    only_shop = models.ForeignKey(
        Shop, models.CASCADE, null=True, blank=True, related_name="price_rules"
    )
    base_currency = models.CharField(max_length=3)
    currency = models.CharField(max_length=3)
    rate = models.DecimalField(
        max_digits=20,
        decimal_places=10,
        help_text="Units of the region's currency for one of the base currency.",
    )
    rate_on = models.DateField("rate of")
    factor = models.DecimalField(
        max_digits=8,
        decimal_places=4,
        default=1,
        help_text="1.15 adds fifteen percent.",
    )
    round_to = models.DecimalField(
        max_digits=12,
        decimal_places=4,
        validators=[MinValueValidator(0)],
        default=0,
        help_text="Up to a multiple of this; 0 rounds to the currency's decimals.",
    )
    ending = models.DecimalField(
        max_digits=12,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="Below each multiple: multiples of 1 with 0.01 less end in .99.",
    )
    is_active = models.BooleanField("active", default=True)

    objects = PriceRuleQuerySet.as_manager()

    class Meta:
        ordering = ["client", "region", "only_shop"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "region"],
                condition=Q(only_shop__isnull=True),
                name="price_rule_unique_per_region",
            ),
            models.UniqueConstraint(
                fields=["only_shop"], name="price_rule_unique_per_shop"
            ),
            models.CheckConstraint(
                condition=Q(rate__gt=0, factor__gt=0), name="price_rule_is_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.base_currency} to {self.currency} in {self.region}"
