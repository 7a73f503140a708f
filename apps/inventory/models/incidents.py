"""More was promised than is there: which order lost, and what became of it."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.core.models import TimestampedModel
from apps.inventory.models.ledger import Booking, StockLevel
from apps.users.models import AnyUser
from apps.users.models.people import places_of
from apps.users.roles import VIEW_STOCK


class IncidentQuerySet(models.QuerySet["OversellIncident"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(
            places_of(user, VIEW_STOCK).at_clients("level__warehouse__client")
        )

    def open(self) -> Self:
        return self.filter(closed_at__isnull=True)


class OversellIncident(TimestampedModel):
    """`quantity` units promised to `booking` are not there. Of all that were promised
    a piece, who came last loses the race; it is closed by itself once that is no
    longer so."""

    class Outcome(models.TextChoices):
        COVERED = "covered", "Stock came in"
        WITHDRAWN = "withdrawn", "No longer ordered"
        SHIPPED = "shipped", "Shipped after all"
        PASSED_ON = "passed_on", "Another came later"
        UNCOUNTED = "uncounted", "Nobody has counted it any more"

    level = models.ForeignKey(StockLevel, models.PROTECT, related_name="incidents")
    booking = models.ForeignKey(Booking, models.PROTECT, related_name="incidents")
    quantity = models.BigIntegerField()
    worst = models.BigIntegerField(help_text="The most it came to.")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    taken_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-pk"]
        verbose_name = "oversell incident"
        constraints = [
            models.UniqueConstraint(
                fields=["booking"],
                condition=Q(closed_at__isnull=True),
                name="incident_one_open",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1), name="incident_is_about_something"
            ),
        ]
        indexes = [
            models.Index(fields=["-opened_at"], name="incident_opened"),
            models.Index(
                fields=["level"],
                condition=Q(closed_at__isnull=True),
                name="incident_open_level",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} short in {self.level}"

    @property
    def client_id(self) -> int:
        return self.level.client_id
