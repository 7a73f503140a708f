"""What people do to stock, written down: each document is booked as a whole."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.core.models import TimestampedModel
from apps.inventory.models.warehouses import StockQuerySet, Warehouse
from apps.products.models import Supplier, Variant
from apps.users.models import AnyUser, Client
from apps.users.models.people import places_of
from apps.users.roles import VIEW_COST, VIEW_STOCK


class StockDocument(TimestampedModel):
    """One deed: goods received, counted, transferred, adjusted, inspected or held.

    `effective_at` is when the goods moved (or were counted). `key` is the caller's
    name for the deed: the same one is the same document. Taken back, it stays, with
    its effect undone.
    """

    class Kind(models.TextChoices):
        RECEIPT = "receipt", "Receipt"
        ADJUSTMENT = "adjustment", "Adjustment"
        TRANSFER = "transfer", "Transfer"
        COUNT = "count", "Stock take"
        INSPECTION = "inspection", "Inspection"
        QUARANTINE = "quarantine", "Quarantine"
        HOLD = "hold", "Hold"

    class State(models.TextChoices):
        BOOKED = "booked", "Booked"
        SHIPPED = "shipped", "Sent out"
        REVERSED = "reversed", "Taken back"

    class Reason(models.TextChoices):
        DAMAGED = "damaged", "Damaged"
        LOST = "lost", "Lost"
        FOUND = "found", "Found"
        EXPIRED = "expired", "Expired"
        SAMPLE = "sample", "Sample"
        OWN_USE = "own_use", "Own use"
        GIFT = "gift", "Gift"
        SHOP_FIGURE = "shop_figure", "As the shop says"
        CORRECTION = "correction", "Correction"
        OTHER = "other", "Other"

    class Source(models.TextChoices):
        PAGE = "page", "Page"
        API = "api", "API"
        FILE = "file", "File"
        SYSTEM = "system", "System"

    client = models.ForeignKey(Client, models.PROTECT, related_name="stock_documents")
    kind = models.CharField(max_length=12, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.BOOKED)
    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, related_name="stock_documents"
    )
    to_warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, null=True, blank=True, related_name="+"
    )
    supplier = models.ForeignKey(
        Supplier, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(max_length=12, choices=Reason, blank=True)
    reference = models.CharField(
        max_length=80, blank=True, help_text="As a delivery note's number."
    )
    note = models.TextField(blank=True)
    effective_at = models.DateTimeField()
    source = models.CharField(max_length=8, choices=Source, default=Source.PAGE)
    key = models.CharField(max_length=80, blank=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    ended_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was taken back, or sent out."
    )
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = StockQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = "stock document"
        constraints = [
            models.UniqueConstraint(
                fields=["client", "key"],
                condition=~Q(key=""),
                name="stock_document_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="transfer", to_warehouse__isnull=False)
                | ~Q(kind="transfer"),
                name="stock_transfer_goes_somewhere",
            ),
        ]
        indexes = [
            models.Index(
                fields=["client", "-created_at"], name="stock_document_client"
            ),
            models.Index(fields=["modified_at", "id"], name="stock_document_modified"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    def supplier_for(self, user: AnyUser) -> Supplier | None:
        """Who sent the goods, for those who may know whom the client buys from."""
        seen = places_of(user, VIEW_COST).reach(self.client_id)
        return self.supplier if seen else None


class DocumentLineQuerySet(models.QuerySet["StockDocumentLine"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(places_of(user, VIEW_STOCK).at_clients("document__client"))


class StockDocumentLine(models.Model):
    """Units of a variant. An adjustment's may be negative; a stock take's are what was
    counted; a quarantine's go in (positive) or come out (negative).

    An inspection's line says what became of goods that came back, and of which order's
    line they are (`order_id`, `order_line_key`), if of any.
    """

    class Outcome(models.TextChoices):
        SELLABLE = "sellable", "Sellable"
        QUARANTINED = "quarantined", "Quarantined"
        WRITTEN_OFF = "written_off", "Written off"

    document = models.ForeignKey(StockDocument, models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+")
    quantity = models.BigIntegerField()
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    order_id = models.BigIntegerField(null=True, blank=True)
    order_line_key = models.CharField(max_length=120, blank=True)
    note = models.CharField(max_length=300, blank=True)

    objects = DocumentLineQuerySet.as_manager()

    class Meta:
        ordering = ["document", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "position"], name="stock_line_unique_position"
            )
        ]
        indexes = [
            models.Index(
                fields=["order_id"],
                condition=Q(order_id__isnull=False),
                name="stock_line_of_order",
            )
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.variant}"
