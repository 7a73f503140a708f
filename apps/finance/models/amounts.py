"""What all tables of money share: signed amounts, whose word, and who sees them."""

from typing import Any, Self

from django.db import models

from apps.integrations import contracts
from apps.platforms.models.shop import at_shops_of
from apps.users.models import AnyUser
from apps.users.roles import VIEW_FINANCE


def amount_field(**options: Any) -> "models.DecimalField[Any, Any]":
    """Major units of the row's currency, signed: what is taken away is below zero.
    Empty where no source said."""
    return models.DecimalField(
        max_digits=19, decimal_places=4, null=True, blank=True, **options
    )


class Source(models.TextChoices):
    API = contracts.Source.API.value, "API"
    FILE = contracts.Source.FILE.value, "File"


class SettlementType(models.TextChoices):
    ORDER = contracts.SettlementKind.ORDER.value, "Order"
    ADJUSTMENT = contracts.SettlementKind.ADJUSTMENT.value, "Adjustment"
    RESERVE = contracts.SettlementKind.RESERVE.value, "Reserve"


class FinanceQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(at_shops_of(user, VIEW_FINANCE))
