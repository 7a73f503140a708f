"""Stock documents as they are shown, and the bodies that make them."""

from typing import Any

from rest_framework import serializers

from apps.core.api.fields import StrictSerializer
from apps.core.api.filters import LARGEST
from apps.core.api.relations import RowField
from apps.inventory.api.writing import LONGEST_KEY, told_key
from apps.inventory.models import StockDocument, StockDocumentLine, Warehouse
from apps.inventory.models.ledger import Position
from apps.inventory.services.documents import MOST_LINES, MOST_UNITS
from apps.products.api.row_lists import rows_of
from apps.products.models import Supplier
from apps.users.models import Client
from apps.users.models.people import places_of
from apps.users.roles import VIEW_COST, VIEW_STOCK


class DocumentLineSerializer(serializers.ModelSerializer[StockDocumentLine]):
    """`order` is null for who may not see it, `outcome` empty but in inspections."""

    sku = serializers.CharField(source="variant.sku")
    outcome = serializers.ChoiceField(
        StockDocumentLine.Outcome.choices, allow_blank=True
    )
    order = serializers.IntegerField(source="seen_order", allow_null=True)

    class Meta:
        model = StockDocumentLine
        fields = (
            "position",
            "variant",
            "sku",
            "quantity",
            "outcome",
            "order",
            "note",
        )


class DocumentSerializer(serializers.ModelSerializer[StockDocument]):
    """`effective_at` is when the goods moved or were counted, `created_at` when it was
    written. `supplier` is null for who may not see costs."""

    supplier = serializers.SerializerMethodField()
    key = serializers.SerializerMethodField(
        help_text="The name a program gave the deed; empty where none did."
    )
    reason = serializers.ChoiceField(StockDocument.Reason.choices, allow_blank=True)

    class Meta:
        model = StockDocument
        fields: tuple[str, ...] = (
            "id",
            "client",
            "kind",
            "state",
            "warehouse",
            "to_warehouse",
            "supplier",
            "reason",
            "reference",
            "note",
            "effective_at",
            "source",
            "key",
            "user",
            "created_at",
            "modified_at",
            "ended_at",
            "ended_by",
        )

    def get_key(self, document: StockDocument) -> str:
        return told_key(document.key)

    def get_supplier(self, document: StockDocument) -> int | None:
        places = places_of(self.context["request"].user, VIEW_COST)
        return document.supplier_id if places.reach(document.client_id) else None


class DocumentDetailSerializer(DocumentSerializer):
    lines = DocumentLineSerializer(many=True)

    class Meta(DocumentSerializer.Meta):
        fields = (*DocumentSerializer.Meta.fields, "lines")


class PositionSerializer(serializers.Serializer[Position]):
    on_hand = serializers.IntegerField()
    reserved = serializers.IntegerField()
    available = serializers.SerializerMethodField()
    expected_back = serializers.IntegerField()
    quarantined = serializers.IntegerField()

    def get_available(self, position: Position) -> int:
        return position.on_hand - position.reserved


class EffectSerializer(serializers.Serializer[Any]):
    """What would become of one level."""

    warehouse = serializers.IntegerField(source="warehouse.pk")
    variant = serializers.IntegerField(source="variant.pk")
    sku = serializers.CharField(source="variant.sku")
    before = PositionSerializer()
    after = PositionSerializer()


class EffectsSerializer(serializers.Serializer[Any]):
    effects = EffectSerializer(many=True)


class WritePiecesSerializer(StrictSerializer):
    """Pieces of a SKU, named by its text or by the variant's id."""

    sku = serializers.CharField(max_length=50, required=False)
    variant = serializers.IntegerField(min_value=1, max_value=LARGEST, required=False)
    quantity = serializers.IntegerField(min_value=-MOST_UNITS, max_value=MOST_UNITS)

    def validate(self, attrs: Any) -> Any:
        if ("sku" in attrs) == ("variant" in attrs):
            raise serializers.ValidationError("Name either the sku or the variant.")
        return attrs


class WriteDocumentLineSerializer(WritePiecesSerializer):
    outcome = serializers.ChoiceField(
        StockDocumentLine.Outcome.choices,
        required=False,
        help_text="Of an inspection: what becomes of the goods.",
    )
    note = serializers.CharField(max_length=300, allow_blank=True, required=False)


class WriteHoldSerializer(StrictSerializer):
    """Without a warehouse, in the client's default one."""

    client = RowField(lambda user: Client.objects.visible_to(user, VIEW_STOCK))
    warehouse = RowField(
        lambda user: Warehouse.objects.visible_to(user), required=False
    )
    reference = serializers.CharField(max_length=80, allow_blank=True, required=False)
    note = serializers.CharField(max_length=10_000, allow_blank=True, required=False)
    key = serializers.CharField(
        max_length=LONGEST_KEY,
        required=False,
        help_text="Your name for the deed. One of this name is never booked twice: "
        "what stands is answered, with 200.",
    )
    lines = rows_of(WritePiecesSerializer, most=MOST_LINES)


class WriteDocumentSerializer(WriteHoldSerializer):
    """An adjustment's quantities may be negative, a stock take's are what was counted,
    a quarantine's go in or, negative, come out."""

    kind = serializers.ChoiceField(StockDocument.Kind.choices)
    to_warehouse = RowField(
        lambda user: Warehouse.objects.visible_to(user),
        required=False,
        help_text="Of a transfer.",
    )
    supplier = RowField(lambda user: Supplier.objects.visible_to(user), required=False)
    reason = serializers.ChoiceField(
        StockDocument.Reason.choices,
        required=False,
        help_text="An adjustment needs one.",
    )
    effective_at = serializers.DateTimeField(
        required=False, help_text="When the goods moved or were counted; else now."
    )
    lines = rows_of(WriteDocumentLineSerializer, most=MOST_LINES)
