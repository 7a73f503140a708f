"""What the tests of mapping share: suggestions and order lines at hand."""

from typing import Any

from apps.orders.models import Order, OrderLine
from apps.orders.services.mapping import By, Outcome
from apps.products.models import ListingSku, MappingBatch, MappingSuggestion, Variant
from tests.factories.orders import make_order
from tests.factories.products import make_listing_sku

State = ListingSku.Mapping
NOBODY = By()


def suggest(
    sku: ListingSku,
    *variants: Variant,
    confidence: int = 97,
    reason: str = ListingSku.Reason.SAME_SKU,
) -> None:
    """As a round of the engine leaves them."""
    for variant in variants:
        MappingSuggestion.objects.create(
            listing_sku=sku,
            variant=variant,
            reason=reason,
            confidence=confidence,
            explanation="same SKU",
        )
    sku.mapping = State.SUGGESTED if len(variants) == 1 else State.CONFLICT
    sku.save()


def make_suggested(
    variant: Variant, *, confidence: int = 97, **changes: Any
) -> ListingSku:
    sku = make_listing_sku(**changes)
    suggest(sku, variant, confidence=confidence)
    return sku


def make_line(
    sku: ListingSku, *, status: str = Order.Status.TO_SHIP, **changes: Any
) -> OrderLine:
    """A line of an order of its own that sold this SKU, linked as ingest does."""
    order = make_order(
        sku.shop, sku=sku.seller_sku or "?", remote_sku_id=sku.remote_id,
        status=status, **changes,
    )  # fmt: skip
    line = order.lines.get()
    line.listing_sku, line.variant = sku, sku.variant
    line.save()
    return line


def batch_of(outcome: Outcome) -> MappingBatch:
    assert outcome.batch is not None
    return outcome.batch


def fresh(sku: ListingSku) -> ListingSku:
    return ListingSku.objects.get(pk=sku.pk)


def stand(sku: ListingSku) -> tuple[str, str | None]:
    """(state, our SKU) as stored."""
    row = fresh(sku)
    return row.mapping, row.variant.sku if row.variant else None
