"""What the tests of an order's pages share: who looks, and a shop that answers them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

from django.contrib.messages import get_messages
from django.test import Client as Browser
from django.urls import reverse

from apps.integrations.contracts import (
    Combinable,
    Eligibility,
    Handover,
    Measures,
    PickupSlot,
    RefundAmounts,
    RemoteTrackingStep,
    RequestRecord,
    ShippingProvider,
    ShippingService,
    SplitAdvice,
)
from apps.orders.models import Order
from apps.orders.services import asking_platform
from apps.platforms.models import Shop
from apps.sync.services import pull_some
from apps.sync.services.actions import line
from tests.factories.users import make_user
from tests.sync.order_shop import FakeOrderShop

MOMENT = datetime(2026, 9, 21, 2, 0, tzinfo=UTC)
REASONS = ("seller_cancel_reason_out_of_stock", "seller_cancel_reason_wrong_price")


@dataclass
class PageShop(FakeOrderShop):
    """It answers also what only pages ask."""

    offers: list[Combinable] = field(default_factory=list)
    scans: list[RemoteTrackingStep] = field(default_factory=list)
    story: list[RequestRecord] = field(default_factory=list)

    def eligibility(self, order_id: str, *, role: str = "SELLER") -> list[Eligibility]:
        self._begin("eligibility", order_id)
        return [
            Eligibility(request, "1730", (), is_eligible=True, reasons=REASONS)
            for request in ("CANCEL", "REFUND", "RETURN_AND_REFUND")
        ]

    def refund_preview(
        self, order_id: str, request: str, reason: str, *, unit_ids: Sequence[str] = ()
    ) -> RefundAmounts:
        self._begin("refund_preview", (request, reason, tuple(unit_ids)))
        return RefundAmounts("MYR", Decimal(44), Decimal(40), Decimal(4))

    def handover(self, package_id: str) -> Handover:
        self._begin("handover", package_id)
        slots = (
            PickupSlot(MOMENT, MOMENT + timedelta(hours=4)),
            PickupSlot(
                MOMENT + timedelta(days=1), MOMENT + timedelta(days=1), is_free=False
            ),
        )
        return Handover(can_pick_up=True, can_drop_off=True, slots=slots)

    def shipping_services(
        self, order_id: str, unit_ids: Sequence[str], measures: Measures | None = None
    ) -> list[ShippingService]:
        self._begin("shipping_services", measures)
        return [
            ShippingService("S1", "Ground", Decimal("4.5"), "USD", "USPS", 2, 4),
            ShippingService("S2", "Express", Decimal(9), "USD", is_default=True),
        ]

    def split_advice(self, order_ids: Sequence[str]) -> list[SplitAdvice]:
        self._begin("split_advice", tuple(order_ids))
        return [
            SplitAdvice(each, can_split=True, must_split=False) for each in order_ids
        ]

    def combinable(self, *, page_token: str = "") -> tuple[list[Combinable], str]:
        self._begin("combinable", page_token)
        return self.offers, ""

    def tracking(self, order_id: str) -> list[RemoteTrackingStep]:
        self._begin("tracking", order_id)
        return self.scans

    def return_records(
        self, return_id: str, *, locale: str = "en"
    ) -> list[RequestRecord]:
        self._begin("return_records", return_id)
        return self.story

    def shipping_providers(self, delivery_option_id: str) -> list[ShippingProvider]:
        self._begin("shipping_providers", delivery_option_id)
        return [
            ShippingProvider("7001", "J&T Express"),
            ShippingProvider("7002", "DHL"),
        ]


def connected(monkeypatch: Any) -> PageShop:
    """A shop that all of a page's calls reach."""
    fake = PageShop()
    for module, name in (
        (asking_platform, "client_at_page"),
        (line, "client_at_page"),
        (pull_some, "client_for"),
    ):
        monkeypatch.setattr(module, name, lambda *_, **__: fake)
    return fake


def signed_in(shop: Shop, *permissions: str) -> Browser:
    browser = Browser()
    names = permissions or ("process_orders",)
    browser.force_login(make_user(clients=[shop.client], permissions=names))
    return browser


def page_of(order: Order, query: str = "") -> str:
    return reverse("admin:orders_order_change", args=[order.pk]) + query


def at(order: Order, route: str, *keys: object) -> str:
    """An address below the order's own."""
    return reverse(f"admin:orders_order_{route}", args=[order.pk, *keys])


def words(page: Any) -> str:
    """What a reader of the page reads."""
    assert page.status_code == 200, page
    text = re.sub(r"<[^>]+>", " ", unescape(page.content.decode()))
    return re.sub(r"\s+", " ", text)


def seen(page: Any) -> str:
    """The form's note of what was shown."""
    return str(page.context["seen"])


def send(browser: Browser, address: str, **values: Any) -> Any:
    """Open the form, then send it as it stands with these values."""
    form = browser.get(address)
    assert form.status_code == 200, form
    return browser.post(address, {"seen": seen(form)} | values)


def notices(page: Any) -> list[str]:
    return [str(message) for message in get_messages(page.wsgi_request)]
