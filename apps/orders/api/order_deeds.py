"""What the platform is asked to do with one order."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.orders.api.asking import ASKED, amount_of
from apps.orders.api.deed_bodies import (
    MEASURES,
    BuyLabelSerializer,
    CancelSerializer,
    CombineSerializer,
    RefundSerializer,
    SplitSerializer,
    TrackingSerializer,
)
from apps.orders.api.order_rows import OfOrders
from apps.orders.errors import ActionRefused
from apps.orders.models import Order, OrderAction, Package, ShippingProvider
from apps.orders.services.actions import Wish, wish_tracking
from apps.orders.services.logistics import carriers_for
from apps.orders.services.looking_up import combine_offers
from apps.orders.services.tracking_upload.carriers import carrier_named
from apps.products.api.faults import no_such

Kind = OrderAction.Kind


class OrderDeeds(OfOrders):
    """Each is answered with the action that was written down; a worker sends it. What
    is known here to stand in the way is a 409."""

    # These may ask the platform what there is to choose from.
    own_transactions = ("tracking", "combine")

    @extend_schema(request=None, responses=ASKED)
    @action(detail=True, methods=["post"])
    def pull(self, request: Request, pk: int) -> Response:
        """Read the order anew, with its packages, cancellations and returns."""
        return self.asked(Wish(self.processed(), Kind.PULL))

    @extend_schema(request=TrackingSerializer, responses=ASKED)
    @action(detail=True, methods=["post"])
    def tracking(self, request: Request, pk: int) -> Response:
        """Give your own carrier's number: shipped with it, marked as shipped, or
        corrected, as region and state of the order have it."""
        order = self.processed()
        asked = self.read(TrackingSerializer)
        package = package_of(order, asked["package"]) if "package" in asked else None
        wish = wish_tracking(
            order,
            asked["tracking_number"],
            carrier_of(order, asked["carrier"]),
            package=package,
            unit_ids=asked["unit_ids"],
        )
        return self.asked(wish)

    @extend_schema(request=CancelSerializer, responses=ASKED)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int) -> Response:
        """Cancel it, or single items of it, as its seller."""
        order = self.processed()
        return self.asked(Wish(order, Kind.CANCEL, self.read(CancelSerializer)))

    @extend_schema(request=RefundSerializer, responses=ASKED)
    @action(detail=True, methods=["post"])
    def refund(self, request: Request, pk: int) -> Response:
        """Start a refund, or a return with a refund, as the seller."""
        order = self.processed()
        asked = self.read(RefundSerializer)
        asked["amount"] = amount_of(asked.get("amount"), order)
        return self.asked(Wish(order, Kind.CREATE_RETURN, asked))

    @extend_schema(request=SplitSerializer, responses=ASKED)
    @action(detail=True, methods=["post"])
    def split(self, request: Request, pk: int) -> Response:
        """Send it in several packages."""
        order = self.processed()
        return self.asked(Wish(order, Kind.SPLIT, self.read(SplitSerializer)))

    @extend_schema(request=CombineSerializer, responses=ASKED)
    @action(detail=True, methods=["post"])
    def combine(self, request: Request, pk: int) -> Response:
        """Put it into one package with other orders, as combine-offers/ told."""
        order = self.processed()
        offer_id = self.read(CombineSerializer)["offer_id"]
        offers = {each.remote_id: each for each in combine_offers(order).value}
        if offer_id not in offers:
            raise ActionRefused("TikTok offers no such thing for this order now.")
        order_ids = list(offers[offer_id].order_ids)
        details = {"offer_id": offer_id, "order_ids": order_ids}
        return self.asked(Wish(order, Kind.COMBINE, details))

    @extend_schema(request=BuyLabelSerializer, responses=ASKED)
    @action(detail=True, methods=["post"], url_path="buy-label")
    def buy_label(self, request: Request, pk: int) -> Response:
        """Buy a label for it, or single items of it, where the platform sells them
        (US)."""
        order = self.processed()
        asked = self.read(BuyLabelSerializer)
        asked["measures"] = _as_text(asked.get("measures"))
        return self.asked(Wish(order, Kind.BUY_LABEL, asked))


def package_of(order: Order, key: int) -> Package:
    """Raises ValidationError for one that is not the order's."""
    found = order.packages.filter(pk=key).first()
    if found is None:
        raise no_such("package")
    return found


def carrier_of(order: Order, name: str) -> ShippingProvider:
    """The one that is named, of those the order may be sent with. Raises
    ActionRefused."""
    told = carriers_for(order)
    if told.problem and not told.value:
        raise ActionRefused(told.problem)
    return carrier_named(name, order, told.value)


def _as_text(measures: dict[str, Any] | None) -> dict[str, str] | None:
    if measures is None:
        return None
    sizes = {name: f"{measures[name]:f}" for name in MEASURES}
    return {**measures, **sizes}
