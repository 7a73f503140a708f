"""The page on which a seller lets an app in.

Open `GET /open/authorize?service_id=…&state=…` (or the older
`/oauth/authorize?app_key=…&state=…`). The form is sent by POST to the same path
and has no CSRF token; a program may send it as well:

    service_id or app_key   which app
    state                   given back unchanged; leave out as TikTok's App Store does
    seller                  the seller's id, from GET /control/sellers
    decision                approve or refuse
    choose                  1: only the scopes named by `scopes` are granted;
                            without it, all the app asks for
    scopes                  repeated, a scope each

The answer is a redirect to the app's registered URL.
"""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from apps.simulator.server import current
from apps.simulator.state import Simulator
from apps.simulator.tiktok.apps import App
from apps.simulator.tiktok.auth import zone_of
from apps.simulator.tiktok.grants import issue_code
from apps.simulator.world.sellers import Seller


def consent(request: HttpRequest) -> HttpResponse:
    simulator = current()
    fields = request.POST if request.method == "POST" else request.GET
    app = _app(simulator, fields.get("service_id", ""), fields.get("app_key", ""))
    if app is None:
        return _problem(request, "No app has this service_id or app_key.")
    if not app.redirect_url:
        return _problem(request, f"The app {app.name} has no redirect URL registered.")
    if request.method != "POST":
        context = {
            "app": app,
            "sellers": simulator.world.sellers,
            "state": request.GET.get("state"),
            "path": request.path,
        }
        return render(request, "simulator/consent.html", context)
    state = fields.get("state")
    if fields.get("decision") == "refuse":
        return _back(app, {"code": "null", "error": "auth_denied"}, state)
    seller = simulator.world.seller(fields.get("seller", ""))
    if fields.get("decision") != "approve" or seller is None:
        return _problem(request, "Choose a seller, and approve or refuse.")
    chosen = set(request.POST.getlist("scopes"))
    scopes = [s for s in app.scopes if not fields.get("choose") or s in chosen]
    return _back(app, _approval(simulator, app, seller, scopes), state)


def _app(simulator: Simulator, service_id: str, app_key: str) -> App | None:
    return simulator.apps.by_service(service_id) or simulator.apps.by_key.get(app_key)


def _approval(
    simulator: Simulator, app: App, seller: Seller, scopes: list[str]
) -> dict[str, str]:
    zone, now = zone_of(seller), simulator.clock.seconds()
    event = issue_code(app.app_key, seller.id, scopes, zone, now)
    simulator.record(event)
    return {
        "app_key": app.app_key,
        "code": event["code"],
        "locale": "en",
        "shop_region": seller.shops[0].region.code,
    }


def _back(app: App, query: dict[str, str], state: str | None) -> HttpResponse:
    if state:
        query = query | {"state": state}
    joint = "&" if "?" in app.redirect_url else "?"
    return HttpResponseRedirect(app.redirect_url + joint + urlencode(query))


def _problem(request: HttpRequest, text: str) -> HttpResponse:
    return render(request, "simulator/problem.html", {"problem": text}, status=400)
