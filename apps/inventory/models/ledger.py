"""The stock ledger. Movements are added and never changed; all else is their sum.

A *cause* (an order line, a line of a document) has booked a position in all: so many on
hand, reserved, expected back, quarantined. Whoever brings news says what that position
is to be; the difference is a movement. Saying the same again is no movement.
"""

from dataclasses import dataclass
from typing import Any, Never, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.core.models import TimestampedModel
from apps.inventory.models.warehouses import Warehouse
from apps.platforms.models import Shop
from apps.products.models import Variant
from apps.users.models import AnyUser
from apps.users.models.people import places_of
from apps.users.roles import VIEW_STOCK


@dataclass(frozen=True, slots=True)
class Position:
    """Units. A sold and shipped piece is -1 on hand."""

    on_hand: int = 0
    reserved: int = 0
    expected_back: int = 0
    quarantined: int = 0

    def __sub__(self, other: "Position") -> "Position":
        return Position(
            self.on_hand - other.on_hand,
            self.reserved - other.reserved,
            self.expected_back - other.expected_back,
            self.quarantined - other.quarantined,
        )

    def __add__(self, other: "Position") -> "Position":
        return Position(
            self.on_hand + other.on_hand,
            self.reserved + other.reserved,
            self.expected_back + other.expected_back,
            self.quarantined + other.quarantined,
        )

    def __mul__(self, count: int) -> "Position":
        return Position(
            self.on_hand * count,
            self.reserved * count,
            self.expected_back * count,
            self.quarantined * count,
        )

    def __bool__(self) -> bool:
        return self != NOTHING


NOTHING = Position()


def units(**options: Any) -> "models.BigIntegerField[Any, Any]":
    return models.BigIntegerField(default=0, **options)


class PositionFields(models.Model):
    on_hand = units()
    reserved = units()
    expected_back = units()
    quarantined = units()

    class Meta:
        abstract = True

    @property
    def position(self) -> Position:
        return Position(
            self.on_hand, self.reserved, self.expected_back, self.quarantined
        )


class LevelQuerySet(models.QuerySet["StockLevel"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(places_of(user, VIEW_STOCK).at_clients("warehouse__client"))

    def with_available(self) -> Self:
        """Annotate `free`: what is on hand and promised to nobody."""
        return self.annotate(free=F("on_hand") - F("reserved"))


class StockLevel(PositionFields):
    """What there is of a variant in a warehouse: the sum of its movements.

    Until something but orders is booked, nobody has said how much there is:
    `is_counted` is False, and no shop is told.
    """

    variant = models.ForeignKey(Variant, models.PROTECT, related_name="stock_levels")
    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, related_name="stock_levels"
    )
    is_counted = models.BooleanField("counted", default=False)
    counted_at = models.DateTimeField(
        null=True, blank=True, help_text="Of the latest stock take that holds."
    )
    movement_count = units()
    short = models.BigIntegerField(
        default=0, help_text="Units promised that are not there, as incidents say."
    )
    changed_at = models.DateTimeField(null=True, blank=True)

    free: int  # only after with_available()

    objects = LevelQuerySet.as_manager()

    class Meta:
        ordering = ["variant", "warehouse"]
        constraints = [
            models.UniqueConstraint(
                fields=["variant", "warehouse"], name="stock_level_unique"
            ),
            models.CheckConstraint(
                condition=Q(reserved__gte=0), name="stock_level_reserved"
            ),
            models.CheckConstraint(
                condition=Q(expected_back__gte=0), name="stock_level_expected_back"
            ),
            models.CheckConstraint(
                condition=Q(quarantined__gte=0), name="stock_level_quarantined"
            ),
            models.CheckConstraint(
                condition=Q(short__gte=0) & Q(movement_count__gte=0),
                name="stock_level_counts",
            ),
        ]
        indexes = [
            models.Index(fields=["warehouse", "variant"], name="level_warehouse"),
            models.Index(
                fields=["id"], condition=Q(short__gt=0), name="level_short_of_stock"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant} in {self.warehouse}"

    @property
    def available(self) -> int:
        return int(self.on_hand - self.reserved)

    @property
    def client_id(self) -> int:
        """Whose stock it is: what permissions are asked at."""
        return int(self.warehouse.client_id)


class BookingQuerySet(models.QuerySet["Booking"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(
            places_of(user, VIEW_STOCK).at_clients("level__warehouse__client")
        )

    def holding(self) -> Self:
        """Those to whom something is promised."""
        return self.filter(reserved__gt=0)


class Booking(PositionFields, TimestampedModel):
    """The position one cause has in one level, all of its movements together.

    `cause_id` is the key of the order (ORDER) or of the document's line's document
    (DOCUMENT), of the count (COUNT); `cause_part` tells lines of one cause apart.
    """

    class Kind(models.TextChoices):
        ORDER = "order", "Order"
        DOCUMENT = "document", "Document"
        COUNT = "count", "Stock take"

    level = models.ForeignKey(StockLevel, models.PROTECT, related_name="bookings")
    cause_kind = models.CharField(max_length=10, choices=Kind)
    cause_id = models.BigIntegerField()
    cause_part = models.CharField(max_length=130, blank=True)
    shop = models.ForeignKey(
        Shop, models.PROTECT, null=True, blank=True, related_name="+"
    )
    # What was sold: the level's variant, or a bundle of which so many are in it.
    sold = models.ForeignKey(
        Variant, models.PROTECT, null=True, blank=True, related_name="+"
    )
    per_unit = models.PositiveIntegerField(default=1)
    occurred_at = models.DateTimeField(help_text="When the goods moved.")
    claimed_at = models.DateTimeField(help_text="Who came first is served first.")
    movement_count = models.PositiveIntegerField(default=0)

    objects = BookingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cause_kind", "cause_id", "cause_part", "level"],
                name="booking_unique_per_cause",
            ),
            models.CheckConstraint(
                condition=Q(reserved__gte=0) & Q(expected_back__gte=0),
                name="booking_promises_something",
            ),
        ]
        indexes = [
            models.Index(
                fields=["level", "claimed_at"],
                condition=Q(reserved__gt=0),
                name="booking_holds",
            ),
            models.Index(
                fields=["level", "claimed_at"],
                condition=Q(expected_back__gt=0),
                name="booking_comes_back",
            ),
            models.Index(
                fields=["sold"],
                condition=Q(reserved__gt=0),
                name="booking_holds_sold",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_cause_kind_display()} {self.cause_id}"

    @property
    def client_id(self) -> int:
        return self.level.client_id


class MovementQuerySet(models.QuerySet["StockMovement"]):
    """Reads, and adds. What was booked is never changed and never deleted."""

    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(
            places_of(user, VIEW_STOCK).at_clients("level__warehouse__client")
        )

    def update(self, **kwargs: Any) -> Never:
        raise TypeError("Movements are not changed; book the difference.")

    def delete(self) -> Never:
        raise TypeError("Movements are not deleted; book the difference.")


class StockMovement(PositionFields):
    """One step of a booking: what it added to, or took from, a level.

    `number` counts the movements of the level, `sequence` those of the booking: each
    place is taken once. `occurred_at` is when the goods moved, `booked_at` when we
    learnt of it; `…_after` is what the level came to.
    """

    class Reason(models.TextChoices):
        ORDER = "order", "Ordered"
        SHIPMENT = "shipment", "Shipped"
        CANCELLATION = "cancellation", "Cancelled"
        FAILED_DELIVERY = "failed_delivery", "Delivery failed"
        RETURN = "return", "Returned"
        CORRECTION = "correction", "Order or match corrected"
        RECEIPT = "receipt", "Received"
        ADJUSTMENT = "adjustment", "Adjusted"
        TRANSFER = "transfer", "Transferred"
        COUNT = "count", "Counted"
        INSPECTION = "inspection", "Inspected"
        QUARANTINE = "quarantine", "Quarantine"
        HOLD = "hold", "Held"
        REVERSAL = "reversal", "Taken back"

    level = models.ForeignKey(StockLevel, models.PROTECT, related_name="movements")
    booking = models.ForeignKey(Booking, models.PROTECT, related_name="movements")
    number = models.BigIntegerField()
    sequence = models.PositiveIntegerField()
    reason = models.CharField(max_length=16, choices=Reason)
    on_hand_after = models.BigIntegerField()
    reserved_after = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    booked_at = models.DateTimeField(auto_now_add=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = MovementQuerySet.as_manager()

    class Meta:
        ordering = ["-booked_at", "-pk"]
        verbose_name = "stock movement"
        constraints = [
            models.UniqueConstraint(
                fields=["level", "number"], name="movement_one_per_place"
            ),
            models.UniqueConstraint(
                fields=["booking", "sequence"], name="movement_one_per_step"
            ),
            models.CheckConstraint(
                condition=~Q(on_hand=0, reserved=0, expected_back=0, quarantined=0),
                name="movement_moves_something",
            ),
        ]
        indexes = [
            models.Index(fields=["level", "occurred_at"], name="movement_level_time"),
            models.Index(fields=["booked_at", "id"], name="movement_booked"),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} {self.number}"

    @property
    def client_id(self) -> int:
        return self.level.client_id

    @property
    def available_after(self) -> int:
        return int(self.on_hand_after - self.reserved_after)


class CountQuerySet(models.QuerySet["StockCount"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(
            places_of(user, VIEW_STOCK).at_clients("level__warehouse__client")
        )

    def live(self) -> Self:
        return self.filter(is_live=True)


class StockCount(TimestampedModel):
    """So many lay there at that moment, somebody counted. It holds: what is learnt
    later of goods that moved before then is set off against it."""

    level = models.ForeignKey(StockLevel, models.PROTECT, related_name="counts")
    line = models.OneToOneField(
        "inventory.StockDocumentLine", models.PROTECT, related_name="count"
    )
    quantity = models.BigIntegerField()
    counted_at = models.DateTimeField()
    is_live = models.BooleanField(default=True)

    objects = CountQuerySet.as_manager()

    class Meta:
        ordering = ["-counted_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["level", "counted_at"],
                condition=Q(is_live=True),
                name="stock_count_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=0), name="stock_count_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} at {self.counted_at:%c}"
