"""What every API request must pass, in the platform's order.

path, method, version, app key, timestamp, signature, token, scope, cipher, rate
limit, body. The order of the first ones is observed (an unknown path and an unknown
app key are reported before the signature is looked at), the rest is our reading.
"""

import time
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from apps.simulator.recorder import recorded, too_many_requests
from apps.simulator.state import Simulator
from apps.simulator.tiktok.apps import App
from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.endpoints import ENDPOINTS, Endpoint
from apps.simulator.tiktok.envelope import Json, Refusal, success
from apps.simulator.tiktok.grants import Grant
from apps.simulator.tiktok.owners import owner_of
from apps.simulator.tiktok.sent import Sent, read_body, receive
from apps.simulator.tiktok.signature import is_signed, request_signature
from apps.simulator.world.affiliate.creators import Creator
from apps.simulator.world.media import origin
from apps.simulator.world.sellers import Seller, Shop

EARLIEST, LATEST = 5 * 60, 30  # seconds around the server's time


def api(request: HttpRequest) -> HttpResponseBase:
    """Any path that is not one of the other pages."""

    def answer(simulator: Simulator, request_id: str, trace: Json) -> HttpResponse:
        query = {key: request.GET.getlist(key)[0] for key in request.GET}
        trace["app_key"] = query.get("app_key", "")
        endpoint, ids = _endpoint(request)
        sent = receive(request, takes_upload=endpoint.takes_upload)
        with simulator.lock:
            simulator.tick()
            origin.set(f"{request.scheme}://{request.get_host()}")
            call = _checked(simulator, request, sent, endpoint, ids, query, trace)
            return success(endpoint.answer(call), request_id)

    return recorded(request, answer)


def _endpoint(request: HttpRequest) -> tuple[Endpoint, dict[str, str]]:
    matches = [(e, ids) for e in ENDPOINTS if (ids := e.match(request.path))]
    if not matches:
        raise Refusal(36009009, "Invalid path. The path does not exist.", http=404)
    matches = [(e, ids) for e, ids in matches if e.method == request.method]
    if not matches:
        raise Refusal(
            36009010, f"Invalid method. {request.method} is not supported here."
        )
    endpoint, ids = matches[0]
    if ids["version"] not in endpoint.versions:
        raise Refusal(
            36009014,
            f"Invalid API version. Version '{ids['version']}' is invalid or retired.",
            data=None,
        )
    return endpoint, ids


def _checked(
    simulator: Simulator,
    request: HttpRequest,
    sent: Sent,
    endpoint: Endpoint,
    ids: dict[str, str],
    query: dict[str, str],
    trace: dict[str, Any],
) -> Call:
    app = simulator.apps.by_key.get(query.get("app_key", ""))
    if app is None:
        raise Refusal(36009004, "Invalid credentials. Invalid app_key", http=400)
    _check_timestamp(query, _clocks(simulator))
    _check_signature(request, sent, app, query)
    grant = _grant(simulator, request, app)
    owner = owner_of(simulator, grant.seller_id)
    trace["seller"] = owner.name if isinstance(owner, Seller) else owner.username
    _check_user_type(endpoint, owner)
    registered = app.creator_scopes if endpoint.is_for_creators else app.scopes
    if endpoint.scope not in grant.scopes or endpoint.scope not in registered:
        raise Refusal(
            105005,
            "Access denied. The app or the authorization lacks the scope "
            f"'{endpoint.scope}'.",
        )
    shop = _shop(simulator, endpoint, app, grant, query)
    trace["shop_id"] = shop.id if shop else ""
    key = shop.id if shop else owner.id
    if not simulator.limits.allows(app.app_key, key, endpoint.path + endpoint.method):
        raise too_many_requests(simulator.limits.retry_after)
    body = read_body(sent, endpoint.method, takes_upload=endpoint.takes_upload)
    return Call(
        simulator, app, grant, owner, shop, ids["version"], ids, query, body,
        sent.files,
    )  # fmt: skip


def _check_user_type(endpoint: Endpoint, owner: Seller | Creator) -> None:
    if endpoint.is_for_creators != isinstance(owner, Creator):
        wanted = "creator" if endpoint.is_for_creators else "seller"
        raise Refusal(
            101000, f"The access token's user_type is wrong here: ask a {wanted}."
        )


def _clocks(simulator: Simulator) -> list[float]:
    """The times a request may be stamped with: ours, and the caller's real one."""
    clocks = [simulator.clock.now()]
    if simulator.switches.timestamps_in_real_time:
        clocks.append(time.time())
    return clocks


def _check_timestamp(query: dict[str, str], clocks: list[float]) -> None:
    text = query.get("timestamp", "")
    if not text:
        raise Refusal(36009004, "Invalid timestamp. The timestamp is missing.")
    if not (text.isascii() and text.isdigit() and len(text) == 10):
        raise Refusal(
            36009004, "Invalid timestamp. It must be a Unix timestamp in seconds."
        )
    if not any(now - EARLIEST <= int(text) <= now + LATEST for now in clocks):
        raise Refusal(
            36009004,
            "Invalid timestamp. It must be within 5 minutes before and 30 seconds "
            "after the server's time.",
        )


def _check_signature(
    request: HttpRequest, sent: Sent, app: App, query: dict[str, str]
) -> None:
    if not query.get("sign"):
        raise Refusal(36009004, "Missing credentials. The 'sign' parameter is missing.")
    expected = request_signature(
        app.app_secret, request.path, query, sent.content_type, sent.raw
    )
    if not is_signed(expected, query["sign"]):
        raise Refusal(106001, "Invalid credentials. The 'sign' parameter is invalid.")


def _grant(simulator: Simulator, request: HttpRequest, app: App) -> Grant:
    token = request.headers.get("x-tts-access-token", "")
    if not token:
        raise Refusal(
            36009004,
            "Invalid credentials. The access_token / x-tts-access-token header is "
            "invalid.",
        )
    grant, ends_at = simulator.grants.by_access.get(token, (None, 0))
    if grant is None or grant.app_key != app.app_key:
        raise Refusal(105001, "Access token is invalid.")
    if grant.is_deauthorised:
        raise Refusal(
            105001,
            "Access token is invalid. detail: your token has been deauthorized",
        )
    if min(ends_at, grant.ends_at) <= simulator.clock.now():
        raise Refusal(105002, "Access token has expired.", http=401)
    return grant


def _shop(
    simulator: Simulator,
    endpoint: Endpoint,
    app: App,
    grant: Grant,
    query: dict[str, str],
) -> Shop | None:
    cipher = query.get("shop_cipher")
    if not endpoint.takes_cipher:
        if cipher is not None:
            raise Refusal(36009004, "Unexpected identifier. Remove 'shop_cipher'.")
        return None
    if not cipher:
        raise Refusal(106013, "The 'shop_cipher' parameter is missing.")
    shop = simulator.shop_by_cipher(app.app_key, cipher)
    if shop is None or simulator.world.seller_of(shop.id).id != grant.seller_id:
        raise Refusal(101000, "The shop_cipher does not match the access token.")
    return shop
