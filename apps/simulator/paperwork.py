"""/documents/: the papers that shipping documents' URLs lead to, for a day.

No API: who has the address may look. Faults and the log of requests work as with calls.
"""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from apps.simulator.recorder import Trace, recorded
from apps.simulator.state import Simulator
from apps.simulator.world.finding import find_package
from apps.simulator.world.packages import Package
from apps.simulator.world.papers import CONTENT_TYPES, drawn, read_address


def show_document(request: HttpRequest, path: str) -> HttpResponseBase:
    def answer(simulator: Simulator, request_id: str, trace: Trace) -> HttpResponse:
        with simulator.lock:
            simulator.tick()
            return _answer(simulator, request.path)

    return recorded(request, answer)


def _answer(simulator: Simulator, path: str) -> HttpResponse:
    wanted = read_address(simulator.seed, path)
    package = _find(simulator, wanted.package_id) if wanted else None
    if wanted is None or package is None:
        return _error("NoSuchKey", 404)
    if simulator.clock.seconds() >= wanted.until:
        return _error("AccessDenied", 403)
    reply = HttpResponse(
        drawn(package, wanted.paper), content_type=CONTENT_TYPES[wanted.paper.format]
    )
    reply["X-Content-Type-Options"] = "nosniff"
    return reply


def _find(simulator: Simulator, package_id: str) -> Package | None:
    world = simulator.world
    found = (find_package(world, shop_id, package_id) for shop_id in world.shops)
    return next((package for package in found if package), None)


def _error(code: str, status: int) -> HttpResponse:
    """As stores of objects answer."""
    text = f"<?xml version='1.0'?><Error><Code>{code}</Code></Error>"
    return HttpResponse(text, content_type="application/xml", status=status)
