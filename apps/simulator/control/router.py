"""/control/: the strings behind the stage. JSON in, JSON out, no signature.

The first line of each function's docstring is its documentation at `GET /control/`.
"""

import json
import re
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, JsonResponse

from apps.simulator.control import (
    aftersales,
    assortment,
    clock,
    money,
    orders,
    packages,
    platform,
    products,
    purchases,
    stock,
    tokens,
    trouble,
    webhooks,
)
from apps.simulator.control.fields import ControlError, Fields, Json
from apps.simulator.server import current
from apps.simulator.state import Simulator
from apps.simulator.world.media import origin

Handler = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    path: str
    handler: Handler
    takes_time: bool = False  # then the handler sees to the lock itself

    def match(self, path: str) -> dict[str, str] | None:
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path)
        found = re.fullmatch(pattern, path)
        return found.groupdict() if found else None


ROUTES = (
    Route("GET", "apps", platform.list_apps),
    Route("POST", "apps/{app_key}", platform.change_app),
    Route("GET", "sellers", platform.list_sellers),
    Route("GET", "shops/{shop_id}/skus", platform.list_skus),
    Route("POST", "shops/{shop_id}/prerequisites", platform.set_prerequisite),
    Route("GET", "requests", platform.list_requests),
    Route("DELETE", "requests", platform.clear_requests),
    Route("POST", "switches", platform.set_switches),
    Route("POST", "reset", platform.reset),
    Route("GET", "orders", orders.list_orders),
    Route("POST", "orders", purchases.place_order),
    Route("GET", "orders/{order_id}", orders.show_order),
    Route("POST", "orders/{order_id}/move", orders.move_order),
    Route("POST", "orders/{order_id}/cancel", orders.cancel_order),
    Route("POST", "orders/{order_id}/request_cancel", aftersales.request_cancel),
    Route("POST", "orders/{order_id}/refuse_cancel", aftersales.refuse_cancel),
    Route("POST", "orders/{order_id}/request_return", aftersales.request_return),
    Route("GET", "orders/{order_id}/aftersales", aftersales.list_of_order),
    Route("GET", "aftersales", aftersales.list_requests),
    Route("GET", "aftersales/{request_id}", aftersales.show_request),
    Route("POST", "aftersales/{request_id}/ship", aftersales.ship),
    Route("POST", "aftersales/{request_id}/answer_offer", aftersales.answer_offer),
    Route("POST", "aftersales/{request_id}/withdraw", aftersales.withdraw),
    Route("POST", "aftersales/{request_id}/arbitrate", aftersales.arbitrate),
    Route("POST", "orders/{order_id}/change_address", orders.change_address),
    Route("GET", "orders/{order_id}/packages", packages.list_packages),
    Route("POST", "orders/{order_id}/collect", packages.collect_order),
    Route("POST", "orders/{order_id}/deliver", packages.deliver_order),
    Route("POST", "orders/{order_id}/refuse_shipping", packages.set_hurdle),
    Route("GET", "packages/{package_id}", packages.show_package),
    Route("POST", "packages/{package_id}/collect", packages.collect),
    Route("POST", "packages/{package_id}/deliver", packages.deliver),
    Route("POST", "packages/{package_id}/exception", packages.set_hitch),
    Route("POST", "shops/{shop_id}/handover", packages.set_handover),
    Route("GET", "listings", products.list_listings),
    Route("GET", "listings/{product_id}", products.show_listing),
    Route("POST", "listings/{product_id}/review", products.review),
    Route("POST", "listings/{product_id}/status", products.set_status),
    Route("POST", "listings/{product_id}/change", products.change),
    Route("POST", "listings/{product_id}/fields", products.add_field),
    Route("POST", "listings/{product_id}/promotion", products.set_promotion),
    Route("GET", "skus/{sku_id}/stock", stock.show),
    Route("POST", "skus/{sku_id}/stock", stock.set_stock),
    Route("POST", "skus/{sku_id}/reserved", stock.reserve),
    Route("POST", "shops/{shop_id}/rush", stock.rush, takes_time=True),
    Route("POST", "reviews", assortment.set_reviews),
    Route("POST", "partial_failures", assortment.plan_failures),
    Route("POST", "shops/{shop_id}/listings/grow", assortment.grow),
    Route("POST", "shops/{shop_id}/listings/churn", assortment.churn),
    Route("POST", "shops/{shop_id}/listings/limit", assortment.set_limit),
    Route("GET", "creators", money.list_creators),
    Route("POST", "orders/{order_id}/creator", money.credit_order),
    Route("GET", "orders/{order_id}/money", money.show_order_money),
    Route("GET", "shops/{shop_id}/money", money.show_money),
    Route("POST", "shops/{shop_id}/adjustments", money.adjust),
    Route("POST", "shops/{shop_id}/payouts/fail", money.fail_payout),
    Route("POST", "shops/{shop_id}/payouts/delay", money.delay_payout),
    Route("POST", "money/spoil", money.spoil),
    Route("GET", "tokens", tokens.list_tokens),
    Route("POST", "tokens/expire", tokens.expire),
    Route("POST", "tokens/revoke", tokens.revoke),
    Route("POST", "tokens/ends", tokens.set_end),
    Route("POST", "tokens/deauthorise", tokens.deauthorise),
    Route("GET", "clock", clock.show),
    Route("POST", "clock", clock.change),
    Route("GET", "faults", trouble.list_faults),
    Route("POST", "faults", trouble.add_fault),
    Route("DELETE", "faults", trouble.clear_faults),
    Route("DELETE", "faults/{number}", trouble.clear_faults),
    Route("POST", "rate_limit", trouble.set_rate_limit),
    Route("GET", "webhooks", webhooks.list_webhooks),
    Route("POST", "webhooks/send", webhooks.send),
    Route("POST", "webhooks/trouble", webhooks.make_trouble),
    Route("POST", "webhooks/release", webhooks.release),
    Route("GET", "webhooks/deliveries", webhooks.list_deliveries),
    Route("DELETE", "webhooks/deliveries", webhooks.clear_deliveries),
)


def control(request: HttpRequest, path: str | None = "") -> JsonResponse:
    origin.set(f"{request.scheme}://{request.get_host()}")
    try:
        answer = _answer(current(), request, (path or "").strip("/"))
    except ControlError as error:
        return JsonResponse({"error": str(error)}, status=error.http)
    options = {"ensure_ascii": False}
    return JsonResponse(answer, safe=False, json_dumps_params=options)


def _answer(simulator: Simulator, request: HttpRequest, path: str) -> Any:
    if not path:
        return _documentation()
    matches = [(r, ids) for r in ROUTES if (ids := r.match(path)) is not None]
    if not matches:
        raise ControlError("No such path. GET /control/ lists them.", http=404)
    for route, ids in matches:
        if route.method == request.method:
            fields = Fields(_sent(request))
            with nullcontext() if route.takes_time else simulator.lock:
                simulator.tick()
                answer = route.handler(simulator, fields, **ids)
                simulator.tick()
            return answer
    allowed = ", ".join(route.method for route, _ in matches)
    raise ControlError(f"Use {allowed} here.", http=405)


def _sent(request: HttpRequest) -> Json:
    """The query of a GET, the JSON body of anything else."""
    if request.method == "GET":
        return {key: _number(request.GET.getlist(key)[0]) for key in request.GET}
    try:
        body = json.loads(request.body or b"{}")
    except ValueError as error:
        raise ControlError(f"The body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise ControlError("The body must be a JSON object.")
    return body


def _number(text: str) -> Any:
    """Short numbers are numbers; ids stay text."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text


def _documentation() -> list[Json]:
    return [
        {
            "method": route.method,
            "path": f"/control/{route.path}",
            "about": " ".join((route.handler.__doc__ or "").split()),
        }
        for route in ROUTES
    ]
