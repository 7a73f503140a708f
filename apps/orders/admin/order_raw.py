"""What each source sent of an order, as it came; who bought only to whoever may see."""

import json
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed

from apps.core.addresses import address_of
from apps.integrations.tiktok.exports.headers import BY_NAME, normalise
from apps.orders.admin.order_deeds import way_back
from apps.orders.models import Order, OrderPayload
from apps.orders.services.buyer_views import note_buyer_seen
from apps.platforms.services.masking import HIDDEN, masked
from apps.users.models import User
from apps.users.roles import PROCESS_ORDERS

LONGEST = 2_000_000


def page(admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    if not admin.has_view_permission(request):
        raise PermissionDenied
    order = admin.get_object(request, str(object_id))
    if order is None:
        raise Http404
    shows_buyer = request.user.has_perm(PROCESS_ORDERS, order)
    payloads = list(order.payloads.all())
    if shows_buyer and any(payload.body for payload in payloads):
        assert isinstance(request.user, User)
        note_buyer_seen(order, request.user, address=address_of(request))
    shown: HttpResponse = admin.own_page(
        request,
        "orders/order_raw.html",
        {
            "title": f"Raw payload of order {order.remote_id}",
            "order": order,
            "shows_buyer": shows_buyer,
            "payloads": [
                (payload, _text(payload, is_open=shows_buyer)) for payload in payloads
            ],
            "back": way_back(request, order),
        },
    )
    return shown


def _text(payload: OrderPayload, *, is_open: bool) -> str:
    body = payload.body
    if not is_open:
        if payload.source == Order.Source.FILE:
            body = _of_known_columns(body)
        try:
            body = json.loads(masked(body, limit=LONGEST))
        except ValueError:  # longer than is shown, and cut
            return masked(body, limit=LONGEST)
    return json.dumps(body, indent=2, ensure_ascii=False)


def _of_known_columns(body: Any) -> Any:
    """The rows of a file; what stands in a column nobody knows may be of the buyer."""

    def told(name: str, value: Any) -> Any:
        return value if not value or normalise(name) in BY_NAME else HIDDEN

    rows = body.get("rows", ())
    return {"rows": [{n: told(n, value) for n, value in row.items()} for row in rows]}
