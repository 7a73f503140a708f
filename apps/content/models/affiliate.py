"""What a creator sold of an order, and what they get for it: one row a SKU."""

from decimal import Decimal
from typing import Any, Self

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce

from apps.content.models.creator import Creator, own_creators
from apps.core.models import TimestampedModel
from apps.integrations import contracts
from apps.integrations.contracts import affiliate as words
from apps.orders.models import Order
from apps.platforms.models import CreatorAccount, Shop
from apps.platforms.models.shop import at_shops_of
from apps.users.models import AnyUser, Client
from apps.users.models.people import places_of
from apps.users.roles import VIEW_CREATOR


def amount_field(**options: Any) -> "models.DecimalField[Any, Any]":
    """Major units of the row's currency; empty where no source said."""
    return models.DecimalField(
        max_digits=19, decimal_places=4, null=True, blank=True, **options
    )


def rate_field(**options: Any) -> "models.DecimalField[Any, Any]":
    """A fraction: 0.155 is 15.5 %."""
    return models.DecimalField(
        max_digits=9, decimal_places=6, null=True, blank=True, **options
    )


class Settlement(models.TextChoices):
    UNKNOWN = words.Settlement.UNKNOWN.value, "Not known"
    AWAITING_PAYMENT = words.Settlement.AWAITING_PAYMENT.value, "Awaiting payment"
    TO_SETTLE = words.Settlement.TO_SETTLE.value, "To settle"
    SETTLED = words.Settlement.SETTLED.value, "Settled"
    INELIGIBLE = words.Settlement.INELIGIBLE.value, "Ineligible"


class ContentType(models.TextChoices):
    SHOP = words.ContentType.SHOP.value, "Showcase"
    VIDEO = words.ContentType.VIDEO.value, "Video"
    LIVE = words.ContentType.LIVE.value, "LIVE"
    PRE_LIVE = words.ContentType.PRE_LIVE.value, "Before a LIVE"
    PROMOTION_PAGE = words.ContentType.PROMOTION_PAGE.value, "Promotion page"
    LINK = words.ContentType.LINK.value, "Shared link"
    OTHER = words.ContentType.OTHER.value, "Not known"


class AffiliateOrderQuerySet(models.QuerySet["AffiliateOrder"]):
    def visible_to(self, user: AnyUser) -> Self:
        """Those of shops one sees; those of creators' accounts to who sees all of the
        client; to creators their own."""
        places = places_of(user, VIEW_CREATOR)
        if places.everywhere:
            return self.all()
        mine = own_creators(user, "creator__")
        if not places:
            return self.filter(mine)
        accounts = CreatorAccount.objects.visible_to(user).order_by()
        return self.filter(
            at_shops_of(user, VIEW_CREATOR)
            | Q(creator_account__in=accounts.values("pk"))
            | mine
        )

    def told_by_shops(self) -> Self:
        """What shops pay. The creator's own word of the same sale is another row."""
        return self.filter(shop__isnull=False)

    def unsettled(self) -> Self:
        return self.exclude(settlement__in=AffiliateOrder.OVER)

    def with_commission(self) -> Self:
        """Annotate `commission`: the actual amount of what is settled, the estimate of
        what is not, nothing of what will never be; NULL where that is not known."""
        return self.annotate(
            commission=Case(
                When(settlement=Settlement.SETTLED, then=F("actual_amount")),
                When(settlement=Settlement.INELIGIBLE, then=Value(Decimal(0))),
                default=F("estimated_amount"),
                output_field=models.DecimalField(max_digits=19, decimal_places=4),
            )
        )

    def with_sales(self) -> Self:
        """Annotate `sales`: price times quantity, or else the estimated base; NULL
        where neither is known."""
        return self.annotate(
            sales=Coalesce(
                F("price_amount") * F("quantity"),
                F("estimated_base_amount"),
                output_field=models.DecimalField(max_digits=19, decimal_places=4),
            )
        )


class AffiliateOrder(TimestampedModel):
    """A SKU of an order that a creator sold, told by the shop or by the creator.

    The two sides are told in different words and are kept apart: what a shop pays is
    not what a creator earns. `estimated_amount` and `actual_amount` are all parts
    together; only what is settled is money. Amounts nobody could read are empty, and
    `amount_texts` has all of them as they came. `item` and `origin` are what it is
    known by: the SKU, or the product where no SKU was told; the content, or else the
    creator.
    """

    class Source(models.TextChoices):
        API = contracts.Source.API.value, "API"
        FILE = contracts.Source.FILE.value, "File"

    OVER = (Settlement.SETTLED, Settlement.INELIGIBLE)

    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    shop = models.ForeignKey(
        Shop,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="affiliate_orders",
        help_text="The shop that told it; empty where a creator did.",
    )
    creator_account = models.ForeignKey(
        CreatorAccount,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="affiliate_orders",
        help_text="The creator who told it; empty where a shop did.",
    )
    order = models.ForeignKey(
        Order,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="affiliate_orders",
    )
    creator = models.ForeignKey(
        Creator,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="affiliate_orders",
        help_text="Not told of orders that came through a partner's campaign.",
    )
    remote_order_id = models.CharField("order ID", max_length=40)
    remote_sku_id = models.CharField("SKU ID", max_length=40, blank=True)
    item = models.CharField(max_length=48, editable=False)
    origin = models.CharField(max_length=130, blank=True, editable=False)
    remote_product_id = models.CharField("product ID", max_length=40, blank=True)
    product_name = models.CharField(max_length=500, blank=True)
    content_id = models.CharField("content ID", max_length=40, blank=True)
    content_type = models.CharField(
        max_length=16, choices=ContentType, default=ContentType.OTHER
    )
    shop_name = models.CharField(max_length=120, blank=True)
    shop_code = models.CharField(max_length=40, blank=True)
    campaign_id = models.CharField("campaign ID", max_length=40, blank=True)
    settlement = models.CharField(
        max_length=16, choices=Settlement, default=Settlement.UNKNOWN
    )
    order_status = models.CharField(max_length=40, blank=True)
    is_fully_returned = models.BooleanField(null=True)
    quantity = models.PositiveIntegerField(null=True, blank=True)
    returned_quantity = models.PositiveIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    price_amount = amount_field(help_text="Of one unit.")
    rate = rate_field()
    shop_ads_rate = rate_field()
    estimated_base_amount = amount_field()
    actual_base_amount = amount_field()
    estimated_commission_amount = amount_field()
    actual_commission_amount = amount_field()
    estimated_shop_ads_amount = amount_field()
    actual_shop_ads_amount = amount_field()
    estimated_bonus_amount = amount_field()
    actual_bonus_amount = amount_field()
    estimated_cofunded_amount = amount_field()
    actual_cofunded_amount = amount_field()
    estimated_partner_amount = amount_field(
        help_text="What a shop pays a partner; what a creator gives to one."
    )
    actual_partner_amount = amount_field()
    tax_amount = amount_field(help_text="Withheld from a creator.")
    estimated_amount = amount_field(help_text="All parts together.")
    actual_amount = amount_field(help_text="All parts together.")
    amount_texts = models.JSONField(default=dict, blank=True)
    has_unread_amount = models.BooleanField(default=False)
    placed_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    remote_updated_at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=8, choices=Source)
    payload_hash = models.CharField(max_length=64, blank=True, editable=False)

    objects = AffiliateOrderQuerySet.as_manager()

    commission: Decimal | None  # only after with_commission()
    sales: Decimal | None  # only after with_sales()

    class Meta:
        ordering = ["-placed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(shop__isnull=True) ^ Q(creator_account__isnull=True),
                name="affiliate_order_one_side",
            ),
            models.UniqueConstraint(
                fields=["shop", "remote_order_id", "item", "origin"],
                condition=Q(shop__isnull=False),
                name="affiliate_order_unique_in_shop",
            ),
            models.UniqueConstraint(
                fields=["creator_account", "remote_order_id", "item", "origin"],
                condition=Q(creator_account__isnull=False),
                name="affiliate_order_unique_of_creator",
            ),
        ]
        indexes = [
            models.Index(fields=["shop", "-placed_at"], name="affiliate_shop_placed"),
            models.Index(fields=["creator", "-placed_at"], name="affiliate_creator_at"),
            models.Index(
                fields=["creator_account", "-placed_at"], name="affiliate_account_at"
            ),
            models.Index(fields=["placed_at", "id"], name="affiliate_placed"),
            models.Index(fields=["shop", "modified_at"], name="affiliate_shop_changed"),
        ]

    def __str__(self) -> str:
        return f"{self.remote_order_id} · {self.remote_sku_id or self.item}"

    @property
    def is_over(self) -> bool:
        """Whether nothing of it will change any more."""
        return self.settlement in self.OVER
