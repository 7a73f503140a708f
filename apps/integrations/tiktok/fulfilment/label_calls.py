"""Calls about labels: what the platform sells, and the papers of a package."""

from collections.abc import Callable, Sequence

from apps.integrations.contracts import Measures, PaperLink, ShippingService
from apps.integrations.tiktok.calls import Operation
from apps.integrations.tiktok.fulfilment.documents import allowed_at, fetch_document
from apps.integrations.tiktok.fulfilment.labels import (
    bought_from_json,
    label_body,
    link_from_json,
    paper_params,
    services_from_json,
)
from apps.integrations.tiktok.hosts import Hosts
from apps.integrations.tiktok.reading import JsonObject

# Asks, although it is a POST.
SERVICES = Operation(
    "POST",
    "/fulfillment/202309/orders/{order_id}/shipping_services/query",
    is_safe=True,
)
BUY_LABEL = Operation("POST", "/fulfillment/202309/packages")
PAPER = Operation(
    "GET", "/fulfillment/202309/packages/{package_id}/shipping_documents", is_safe=True
)


class LabelCalls:
    """The part of a client that gets labels; raises PlatformError."""

    _call: Callable[..., JsonObject]
    _hosts: Hosts

    def shipping_services(
        self, order_id: str, unit_ids: Sequence[str], measures: Measures | None = None
    ) -> list[ShippingService]:
        """The labels on sale for units of an order (US). Source: "Get Eligible Shipping
        Service"."""
        body = label_body(unit_ids, measures)
        return services_from_json(self._call(SERVICES.of(order_id), body=body))

    def buy_label(
        self,
        order_id: str,
        unit_ids: Sequence[str],
        service_id: str,
        measures: Measures | None = None,
    ) -> str:
        """Make a package by buying its label (US): the package's id. Never repeated.

        Source: "Create Packages" (202309).
        """
        body = {"order_id": order_id, **label_body(unit_ids, measures)}
        if service_id:
            body["shipping_service_id"] = service_id
        return bought_from_json(self._call(BUY_LABEL, body=body))

    def shipping_document(
        self, package_id: str, kind: str, *, size: str = "A6", format_: str = "PDF"
    ) -> PaperLink:
        """Where a paper can be fetched, for a day; kinds in the platform's words.

        Raises PlatformUnavailable while it is being made. Source: "Get Package Shipping
        Document".
        """
        params = paper_params(kind, size, format_)
        return link_from_json(self._call(PAPER.of(package_id), params))

    def fetch_document(self, url: str) -> bytes:
        """The paper itself: a PDF, a PNG or ZPL, from a host of the platform's.

        Nobody there learns who asks: no token, no cookie. Raises RequestRefused,
        PlatformUnavailable.
        """
        return fetch_document(url, allowed_hosts=allowed_at(self._hosts))
