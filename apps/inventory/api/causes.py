"""What movements and promises came of: named as far as the caller may see it."""

from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from rest_framework import serializers

from apps.inventory.models import Booking, StockCount, StockDocument
from apps.orders.models import Order
from apps.users.models import User
from apps.users.models.people import places_of
from apps.users.roles import VIEW_ORDER

Kind = Booking.Kind


class CauseSerializer(serializers.Serializer[Any]):
    """An order's stock is seen by all who see the client's, the order by who may see
    orders of its shop: to others `order` is null."""

    kind = serializers.ChoiceField(Kind.choices, source="booking.cause_kind")
    order = serializers.IntegerField(source="cause_order", allow_null=True)
    document = serializers.IntegerField(source="cause_document", allow_null=True)


def with_causes(rows: Any, user: User) -> Any:
    """Annotate what CauseSerializer tells of rows that have a `booking`."""
    key = F("booking__cause_id")
    seen = places_of(user, VIEW_ORDER).at_shops(
        client="booking__shop__client", shop="booking__shop"
    )
    counts = StockCount.objects.filter(pk=OuterRef("booking__cause_id")).order_by()
    return rows.select_related("booking").annotate(
        cause_order=Case(
            When(Q(booking__cause_kind=Kind.ORDER) & seen, then=key),
            output_field=BigIntegerField(),
        ),
        cause_document=Case(
            When(booking__cause_kind=Kind.DOCUMENT, then=key),
            When(
                booking__cause_kind=Kind.COUNT,
                then=Subquery(counts.values("line__document")[:1]),
            ),
            output_field=BigIntegerField(),
        ),
    )


def of_order(rows: QuerySet[Any], name: str, order: Order) -> QuerySet[Any]:
    return rows.filter(booking__cause_kind=Kind.ORDER, booking__cause_id=order.pk)


def of_document(
    rows: QuerySet[Any], name: str, document: StockDocument
) -> QuerySet[Any]:
    counts = StockCount.objects.filter(line__document=document).order_by()
    return rows.filter(
        Q(booking__cause_kind=Kind.DOCUMENT, booking__cause_id=document.pk)
        | Q(booking__cause_kind=Kind.COUNT, booking__cause_id__in=counts.values("pk"))
    )
