"""The rows of a page of the workspace, with what is known of each: a fixed number of
queries, whatever is on it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from apps.orders.models import Order, questions
from apps.products.admin.mapping_filters import SOLD_DAYS
from apps.products.models import Listing, ListingSku, MappingSuggestion, Variant
from apps.users.models import AnyUser
from apps.users.roles import CHANGE_LISTING, VIEW_ORDER

State = ListingSku.Mapping


@dataclass(frozen=True, slots=True)
class Sales:
    """Of a SKU, in orders the user may see: order lines in all, orders that wait, and
    units sold in the last 30 days."""

    lines: int = 0
    waiting: int = 0
    sold: int = 0


@dataclass(slots=True)
class Row:
    sku: ListingSku
    sales: Sales | None
    suggestions: list[MappingSuggestion] = field(default_factory=list)
    may_change: bool = False

    @property
    def best(self) -> MappingSuggestion | None:
        """What is offered for acceptance: never one of several rivals."""
        is_one = self.sku.mapping == State.SUGGESTED and self.suggestions
        return self.suggestions[0] if is_one else None

    @property
    def shown(self) -> Variant | None:
        """The variant that stands in the row: the one matched, or suggested."""
        if self.sku.variant is not None:
            return self.sku.variant
        return self.best.variant if self.best else None

    @property
    def token(self) -> str:
        """What is sent when the row is ticked: the SKU, and the variant seen beside
        it, so that nothing else is accepted or unlinked."""
        return f"{self.sku.pk}:{self.shown.pk if self.shown else 0}"

    @property
    def is_open(self) -> bool:
        return self.sku.mapping not in (State.MATCHED, State.IGNORED)

    @property
    def gone(self) -> str:
        """That, and why, the shop has it no more."""
        if self.sku.listing.status == Listing.Status.DELETED:
            return "Deleted"
        return "No longer listed" if self.sku.removed_at else ""


def rows_of(skus: Sequence[ListingSku], user: AnyUser) -> list[Row]:
    """`skus` come with shop, listing, variant and product."""
    sales = sales_of(skus, user, timezone.now())
    suggestions = suggestions_of(skus)
    return [
        Row(
            sku,
            sales.get(sku.pk, Sales()) if user.has_perm(VIEW_ORDER, sku.shop) else None,
            suggestions[sku.pk],
            may_change=user.has_perm(CHANGE_LISTING, sku.shop),
        )
        for sku in skus
    ]


def suggestions_of(skus: Sequence[ListingSku]) -> dict[int, list[MappingSuggestion]]:
    """{SKU: its candidates, the likeliest first}, with their products."""
    found: dict[int, list[MappingSuggestion]] = defaultdict(list)
    rows = MappingSuggestion.objects.filter(listing_sku__in=[s.pk for s in skus])
    for row in rows.select_related("variant__product"):
        found[row.listing_sku_id].append(row)
    return found


def sales_of(
    skus: Sequence[ListingSku], user: AnyUser, now: datetime
) -> dict[int, Sales]:
    """What orders that the user may see say of these SKUs."""
    recent = Q(placed_at__gte=now - SOLD_DAYS) & ~Q(status=Order.Status.CANCELLED)
    counted: Any = (
        Order.objects.visible_to(user)
        .filter(lines__listing_sku__in=[sku.pk for sku in skus])
        .order_by()
        .values(sku=F("lines__listing_sku"))
        .annotate(
            line_count=Count("lines"),
            waiting=Count("pk", distinct=True, filter=questions.waiting_to_ship()),
            sold=Sum("lines__quantity", filter=recent, default=0),
        )
    )
    return {
        row["sku"]: Sales(row["line_count"], row["waiting"], row["sold"])
        for row in counted
    }
