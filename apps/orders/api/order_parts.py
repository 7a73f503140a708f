"""What stands below an order's address: its timeline, its notes, where it has been."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.fields import StrictSerializer
from apps.core.storing import clean
from apps.orders.api.order_rows import BUYERS, BelowOrder
from apps.orders.models import OrderEvent, OrderNote, TrackingStep
from apps.orders.services.buyer_views import note_buyer_seen
from apps.orders.services.looking_up import fetch_tracking
from apps.users.api.scoping import has_scope
from apps.users.roles import PROCESS_ORDERS

LONGEST_NOTE = 2_000


class EventSerializer(serializers.ModelSerializer[OrderEvent]):
    """`happened_at` is when it was true, `recorded_at` when it was known here; `source`
    told it, or `user` or `process` did it."""

    class Meta:
        model = OrderEvent
        fields = (
            "id",
            "kind",
            "happened_at",
            "recorded_at",
            "source",
            "user",
            "process",
            "text",
        )


class OrderEvents(BelowOrder[OrderEvent]):
    """What happened to an order, newest first: the part of its timeline that its own
    instants, packages and requests do not tell."""

    queryset = OrderEvent.objects.all()
    serializer_class = EventSerializer
    orderings = ("recorded_at",)
    ordering = "-recorded_at"

    def rows(self) -> Any:
        return OrderEvent.objects.filter(order=self.order())


class WrittenNoteSerializer(serializers.ModelSerializer[OrderNote]):
    """Without its text, which whoever wrote it has."""

    class Meta:
        model = OrderNote
        fields: tuple[str, ...] = ("id", "user", "created_at")


class OrderNoteSerializer(WrittenNoteSerializer):
    class Meta(WrittenNoteSerializer.Meta):
        fields = (*WrittenNoteSerializer.Meta.fields, "text")


class WriteNoteSerializer(StrictSerializer):
    text = serializers.CharField(max_length=LONGEST_NOTE)


class OrderNotes(BelowOrder[OrderNote]):
    """What people who work on an order tell one another; it never goes to the platform.

    As notes may speak of the buyer, reading them takes the scope buyers:read, and is
    written into the audit trail.
    """

    queryset = OrderNote.objects.all()
    serializer_class = OrderNoteSerializer
    orderings = ("created_at",)
    ordering = "-created_at"

    def rows(self) -> Any:
        return OrderNote.objects.filter(order=self.processed())

    def list(self, request: Request, order_id: int) -> Response:
        """Notes of an order, newest first."""
        order = self.processed()
        self.need_buyers()
        note_buyer_seen(order, self.user, address=self.address)
        return super().list(request)

    @extend_schema(request=WriteNoteSerializer, responses={201: WrittenNoteSerializer})
    def create(self, request: Request, order_id: int) -> Response:
        """Write a note."""
        order = self.processed()
        text = clean(self.read(WriteNoteSerializer)["text"])
        note = OrderNote.objects.create(order=order, user=self.user, text=text)
        return Response(WrittenNoteSerializer(note).data, status=201)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, order_id: int, pk: int) -> Response:
        """Delete a note of one's own."""
        if not self.rows().filter(pk=pk, user=self.user).delete()[0]:
            raise Http404
        return Response(status=204)


class StepSerializer(serializers.ModelSerializer[TrackingStep]):
    """A scan on the way. The carrier's words may tell who signed: `description` is null
    without the scope buyers:read, and to whoever does not work on the order."""

    description = serializers.SerializerMethodField()

    class Meta:
        model = TrackingStep
        fields = ("id", "tracking_number", "happened_at", "description", "code")

    def get_description(self, step: TrackingStep) -> str | None:
        return step.description if self.context.get("shows_buyer") else None


class LookedUpSerializer(serializers.Serializer[Any]):
    """`problem` says why the platform did not answer."""

    new = serializers.IntegerField(source="value", help_text="Scans not known before.")
    problem = serializers.CharField(allow_blank=True)


class OrderTrackingSteps(BelowOrder[TrackingStep]):
    """Where an order's packages have been, newest first, as far as it was looked up."""

    queryset = TrackingStep.objects.all()
    serializer_class = StepSerializer
    orderings = ("happened_at",)
    ordering = "-happened_at"
    own_transactions = ("create",)
    shows_buyer = False

    def rows(self) -> Any:
        return TrackingStep.objects.filter(order=self.order())

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "shows_buyer": self.shows_buyer}

    def list(self, request: Request, order_id: int) -> Response:
        """Scans of an order's packages, newest first."""
        order = self.order()
        works_on_it = self.user.has_perm(PROCESS_ORDERS, order)
        self.shows_buyer = works_on_it and has_scope(request, BUYERS)
        if self.shows_buyer:
            note_buyer_seen(order, self.user, address=self.address)
        return super().list(request)

    @extend_schema(request=None, responses={200: LookedUpSerializer})
    def create(self, request: Request, order_id: int) -> Response:
        """Look up on the platform where the packages are; each scan is kept once."""
        told = fetch_tracking(self.processed())
        return Response(LookedUpSerializer(told).data)
