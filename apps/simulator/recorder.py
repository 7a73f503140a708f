"""Around every call of the platform: faults before it, a note in the log after it."""

import logging
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from apps.simulator.faults import Fault
from apps.simulator.server import current
from apps.simulator.state import Simulator
from apps.simulator.tiktok.envelope import Refusal, new_request_id, refused

logger = logging.getLogger(__name__)
Trace = dict[str, Any]
Answer = Callable[[Simulator, str, Trace], HttpResponse]


def recorded(request: HttpRequest, answer: Answer) -> HttpResponseBase:
    """Answer as the platform, with the faults that are on, and log the request."""
    simulator = current()
    request_id = new_request_id(simulator.clock.now())
    trace: Trace = {
        "at": simulator.clock.seconds(),
        "method": request.method,
        "path": request.path,
        "query": {k: v for k, v in request.GET.items() if k not in _SECRET},
        "request_id": request_id,
    }
    started = time.perf_counter()
    faults = simulator.faults.hit(
        request.path, _shop_of(simulator, request), request.GET.get("app_key", "")
    )
    trace["faults"] = [fault.kind for fault in faults]
    response: HttpResponseBase
    try:
        failure = _failing(request, faults)
        response = failure or answer(simulator, request_id, trace)
        trace["code"] = None if failure else 0
    except Refusal as refusal:
        trace |= {"code": refusal.code, "message": refusal.message}
        response = refused(refusal, request_id)
    if any(fault.kind == "cut" for fault in faults):
        response = _cut(request, response)
    trace["status"] = response.status_code
    trace["milliseconds"] = round((time.perf_counter() - started) * 1000, 1)
    with simulator.lock:
        simulator.requests.append(trace)
    return response


_SECRET = frozenset(
    {"app_secret", "sign", "refresh_token", "auth_code", "access_token"}
)


def _shop_of(simulator: Simulator, request: HttpRequest) -> str:
    shop = simulator.shop_by_cipher(
        request.GET.get("app_key", ""), request.GET.get("shop_cipher", "")
    )
    return shop.id if shop else ""


def _failing(request: HttpRequest, faults: list[Fault]) -> HttpResponseBase | None:
    for fault in faults:
        if fault.kind == "delay":
            time.sleep(fault.seconds)
    for fault in faults:
        match fault.kind:
            case "drop":
                return _dropped(request)
            case "status":
                return HttpResponse(
                    "<html><body>upstream error</body></html>",
                    status=fault.status or 500,
                )
            case "error":
                raise Refusal(fault.code, fault.message, http=fault.status or 200)
            case "rate_limit":
                raise too_many_requests(fault.retry_after)
    return None


def too_many_requests(retry_after: int | None) -> Refusal:
    refusal = Refusal(
        36009002, "Too many requests. The rate limit has been reached.", http=429
    )
    if retry_after is not None:
        refusal.headers["Retry-After"] = str(retry_after)
    return refusal


def _hang_up(connection: socket.socket) -> None:
    """Close the client's connection under the web server's feet."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        logger.info("connection was already closed")


def _dropped(request: HttpRequest) -> HttpResponseBase:
    """No answer at all. Only gunicorn hands out its socket; elsewhere a 503."""
    connection = request.META.get("gunicorn.socket")
    if connection is None:
        return HttpResponse("dropping needs gunicorn", status=503)
    _hang_up(connection)
    return HttpResponse()


def _cut(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Promise the whole body, send half, hang up; elsewhere just half the body."""
    whole = response.content if isinstance(response, HttpResponse) else b""
    first, connection = whole[: len(whole) // 2], request.META.get("gunicorn.socket")
    if connection is None:
        return HttpResponse(first, content_type="application/json")

    def half() -> Iterator[bytes]:
        yield first
        _hang_up(connection)

    cut = StreamingHttpResponse(half(), status=response.status_code)
    cut["Content-Type"] = "application/json; charset=utf-8"
    cut["Content-Length"] = str(len(whole))
    return cut
