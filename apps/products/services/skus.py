"""Finding variants: by their very SKUs, or by what somebody types."""

from collections.abc import Iterable

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Lower

from apps.products.models import Variant
from apps.products.services.barcodes import normal_barcode
from apps.users.models import Client

MOST_WORDS = 8


def named(client_id: int, skus: Iterable[str]) -> QuerySet[Variant]:
    """A client's variants of these SKUs, however they are capitalised."""
    asked = [Lower(Value(sku)) for sku in sorted(set(skus))]
    rows: QuerySet[Variant] = Variant.objects.filter(client=client_id)
    return rows.alias(lower=Lower("sku")).filter(lower__in=asked)


def lookup(client: Client, text: str, limit: int = 20) -> list[Variant]:
    """Active variants that `text` may mean, the likeliest first, with their products.

    The SKU itself comes before what begins with it, then the barcode, then those in
    whose names every word occurs. Whoever asks has seen to it that the client may be
    seen.
    """
    text = " ".join(text.split()).replace("\x00", "")[:200]
    if not text:
        return []
    is_sku, begins = Q(sku__iexact=text), Q(sku__istartswith=text)
    is_barcode = Q(barcode=normal_barcode(text)) & ~Q(barcode="")
    rank = Case(
        When(is_sku, then=0),
        When(is_barcode, then=1),
        When(begins, then=2),
        default=3,
        output_field=IntegerField(),
    )
    found = Variant.objects.filter(
        is_sku | begins | is_barcode | _has_words(text),
        client=client,
        is_active=True,
        product__is_active=True,
    )
    ranked = found.select_related("product").order_by(rank, "sku", "pk")
    return list(ranked[:limit])


def _has_words(text: str) -> Q:
    """Each word stands in the name of the product or variant, its brand or SKU."""
    condition = Q()
    for word in text.split()[:MOST_WORDS]:
        condition &= (
            Q(product__name__icontains=word)
            | Q(name__icontains=word)
            | Q(product__brand__icontains=word)
            | Q(sku__icontains=word)
        )
    return condition
