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

A creator does the same at `/alliance/creator/auth?app_key=…&state=…`, with `creator`
instead of `seller`.
"""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from apps.simulator.server import current
from apps.simulator.state import Simulator
from apps.simulator.tiktok.apps import App
from apps.simulator.tiktok.grants import issue_code
from apps.simulator.tiktok.owners import zone_of
from apps.simulator.world.affiliate.creators import Creator
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


def creator_consent(request: HttpRequest) -> HttpResponse:
    """The page on which a creator lets an app in; see above. `creator` is the
    creator's id, from GET /control/creators; only apps with creator scopes may ask."""
    simulator = current()
    fields = request.POST if request.method == "POST" else request.GET
    app = simulator.apps.by_key.get(fields.get("app_key", ""))
    if app is None or not app.creator_scopes or not app.redirect_url:
        return _problem(request, "No app with this app_key may ask creators.")
    if request.method != "POST":
        context = {
            "app": app,
            "creators": simulator.creators.by_id.values(),
            "state": request.GET.get("state"),
            "path": request.path,
        }
        return render(request, "simulator/creator_consent.html", context)
    state = fields.get("state")
    if fields.get("decision") == "refuse":
        return _back(app, {"code": "null", "error": "auth_denied"}, state)
    creator = simulator.creators.by_id.get(fields.get("creator", ""))
    if fields.get("decision") != "approve" or creator is None:
        return _problem(request, "Choose a creator, and approve or refuse.")
    chosen = set(request.POST.getlist("scopes"))
    scopes = [s for s in app.creator_scopes if not fields.get("choose") or s in chosen]
    return _back(app, _approval(simulator, app, creator, scopes), state)


def _approval(
    simulator: Simulator, app: App, owner: Seller | Creator, scopes: list[str]
) -> dict[str, str]:
    now = simulator.clock.seconds()
    event = issue_code(app.app_key, owner.id, scopes, zone_of(owner), now)
    simulator.record(event)
    region = owner.region if isinstance(owner, Creator) else owner.shops[0].region.code
    return {
        "app_key": app.app_key,
        "code": event["code"],
        "locale": "en",
        "shop_region": region,
    }


def _back(app: App, query: dict[str, str], state: str | None) -> HttpResponse:
    if state:
        query = query | {"state": state}
    joint = "&" if "?" in app.redirect_url else "?"
    return HttpResponseRedirect(app.redirect_url + joint + urlencode(query))


def _problem(request: HttpRequest, text: str) -> HttpResponse:
    return render(request, "simulator/problem.html", {"problem": text}, status=400)
