"""Packages: where they are, and what the platform is asked to do with them."""

from typing import Any

from django.db.models import Prefetch, Q
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.filters import InstantFilter, NumbersFilter, YesNoFilter
from apps.orders.api.asking import ASKED, Asks
from apps.orders.api.deed_bodies import (
    DeliverSerializer,
    ShipSerializer,
    UncombineSerializer,
    WantedPaperSerializer,
)
from apps.orders.api.filters import (
    chosen,
    client_filter,
    order_filter,
    shop_filter,
)
from apps.orders.api.order_deeds import carrier_of
from apps.orders.api.package_serializers import (
    PackageSerializer,
    ShippingDocumentSerializer,
)
from apps.orders.api.question_serializers import HandoverSerializer
from apps.orders.errors import ActionRefused
from apps.orders.models import Order, OrderAction, OrderPackage, Package
from apps.orders.services import papers
from apps.orders.services.actions import Wish, handover, wish_tracking
from apps.platforms.models import Shop
from apps.users.roles import PROCESS_ORDERS

Kind = OrderAction.Kind


class PackageFilters(filters.FilterSet):  # type: ignore[misc]
    shop = shop_filter()
    client = client_filter()
    status = filters.ChoiceFilter(choices=Package.Status.choices)
    problem = filters.CharFilter("problem", max_length=200)
    has_problem = YesNoFilter(method="troubled")
    order = order_filter(method="of_order")
    order_id = NumbersFilter("orders__remote_id", method="of_numbers")
    remote_id = NumbersFilter("remote_id", "in")
    tracking_number = filters.CharFilter(method="tracked", max_length=80)
    updated_since = InstantFilter("modified_at", "gte")

    def troubled(self, rows: Any, name: str, has_problem: bool) -> Any:  # noqa: FBT001 (the library's way)
        return chosen(rows, Q(problem=""), holds=not has_problem)

    def of_order(self, rows: Any, name: str, order: Order) -> Any:
        links = OrderPackage.objects.filter(order=order)
        return rows.filter(pk__in=links.values("package"))

    def of_numbers(self, rows: Any, name: str, numbers: list[str]) -> Any:
        if not numbers:
            return rows
        links = OrderPackage.objects.filter(order__remote_id__in=numbers)
        return rows.filter(pk__in=links.values("package"))

    def tracked(self, rows: Any, name: str, number: str) -> Any:
        return rows.filter(
            Q(tracking_number=number) | Q(last_mile_tracking_number=number)
        )


class Packages(ListModelMixin, Asks[Package]):
    """What orders travel in, as the platform, or a file, told of it."""

    tag = "packages"
    queryset = Package.objects.all()
    serializer_class = PackageSerializer
    filterset_class = PackageFilters
    orderings = ("modified_at",)
    ordering = "-modified_at"
    # It may ask the platform whose carriers there are.
    own_transactions = ("ship",)

    def rows(self) -> Any:
        named = Order.objects.only("pk", "remote_id").order_by("pk")
        rows = super().rows().select_related("shop__client")
        return rows.prefetch_related(Prefetch("orders", named))

    def lock(self, row: Package) -> None:
        Shop.objects.select_for_update(no_key=True).get(pk=row.shop_id)
        Package.objects.select_for_update(no_key=True).get(pk=row.pk)

    def retrieve(self, request: Request, pk: int) -> Response:
        """One package."""
        return self.shown(self.get_object())

    @extend_schema(responses=HandoverSerializer)
    @action(detail=True, methods=["get"])
    def handover(self, request: Request, pk: int) -> Response:
        """How and when the platform's carrier takes it; `problem` says why that is not
        known."""
        package = self.get_object()
        self.need(PROCESS_ORDERS, package)
        return Response(HandoverSerializer(handover(package)).data)

    @extend_schema(request=ShipSerializer, responses=ASKED)
    @action(detail=True, methods=["post"])
    def ship(self, request: Request, pk: int) -> Response:
        """Arrange its shipping: with the platform's carrier or with your own."""
        package, order = self._processed()
        asked = self.read(ShipSerializer)
        if "carrier" in asked:
            carrier = carrier_of(order, asked["carrier"])
            number = asked["tracking_number"]
            return self.asked(wish_tracking(order, number, carrier, package=package))
        slot = asked.get("slot")
        details = {
            "handover_method": asked.get("handover_method", ""),
            "slot": [slot["start"].isoformat(), slot["end"].isoformat()]
            if slot
            else None,
        }
        return self.asked(Wish(order, Kind.SHIP, details, package))

    @extend_schema(
        request=WantedPaperSerializer,
        responses={200: ShippingDocumentSerializer, **ASKED},
    )
    @action(detail=True, methods=["post"])
    def labels(self, request: Request, pk: int) -> Response:
        """Have its label, or another paper, fetched and kept: 200 with the paper where
        it is here already, else 202; the action has its address once it is done."""
        package, order = self._processed()
        usual = papers.usual_paper(package.shop_id).details
        paper = papers.Paper(**usual | self.read(WantedPaperSerializer))
        if found := papers.kept([package], paper).documents:
            context = self.get_serializer_context()
            return Response(ShippingDocumentSerializer(found[0], context=context).data)
        return self.asked(Wish(order, Kind.LABEL, paper.details, package))

    @extend_schema(request=UncombineSerializer, responses=ASKED)
    @action(detail=True, methods=["post"])
    def uncombine(self, request: Request, pk: int) -> Response:
        """Take orders out of a combined package, while it is not shipped."""
        package, order = self._processed()
        details = self.read(UncombineSerializer)
        return self.asked(Wish(order, Kind.UNCOMBINE, details, package))

    @extend_schema(request=DeliverSerializer, responses=ASKED)
    @action(detail=True, methods=["post"])
    def deliver(self, request: Request, pk: int) -> Response:
        """Report what became of a package that your own fleet brings."""
        package, order = self._processed()
        because = self.read(DeliverSerializer).get("failed_because", "")
        details = {"failed_because": because}
        return self.asked(Wish(order, Kind.DELIVER, details, package))

    def _processed(self) -> tuple[Package, Order]:
        """The package, and the first of its orders, which what is asked hangs on."""
        package = self.subject()
        self.need(PROCESS_ORDERS, package)
        orders = Order.objects.filter(packages=package).order_by("pk")
        order = orders.select_related("shop__client").first()
        if order is None:
            raise ActionRefused("No order of this package is known here.")
        return package, order
