"""The token host: an authorization code for tokens, old tokens for new ones.

Source: Partner Center, "Authorization overview 202407": GET, unsigned, every
parameter required and in the query.
"""

from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from apps.simulator.recorder import recorded
from apps.simulator.state import Simulator
from apps.simulator.tiktok.apps import App
from apps.simulator.tiktok.envelope import Json, Refusal, success
from apps.simulator.tiktok.grants import (
    AUTHORIZATION_LASTS,
    CREATOR_LASTS,
    Grant,
    issue_tokens,
)
from apps.simulator.tiktok.owners import open_id_of, owner_of, zone_of
from apps.simulator.tiktok.signature import is_signed
from apps.simulator.world.affiliate.creators import Creator
from apps.simulator.world.sellers import Seller

Exchange = Callable[[Simulator, App, Mapping[str, str]], Json]


def get_token(request: HttpRequest) -> HttpResponseBase:
    return _token_call(request, "auth_code", "authorized_code", _from_code)


def refresh_token(request: HttpRequest) -> HttpResponseBase:
    return _token_call(request, "refresh_token", "refresh_token", _from_refresh)


def _token_call(
    request: HttpRequest, credential: str, grant_type: str, exchange: Exchange
) -> HttpResponseBase:
    def answer(simulator: Simulator, request_id: str, trace: Json) -> HttpResponse:
        if request.method != "GET":
            raise Refusal(36009010, f"Method {request.method} is not supported.")
        query = {key: request.GET.getlist(key)[0] for key in request.GET}
        trace["app_key"] = query.get("app_key", "")
        app = _checked_app(simulator, query)
        for name in (credential, "grant_type"):
            if not query.get(name):
                raise Refusal(36009004, f"Invalid parameter. Missing '{name}'.")
        if query["grant_type"] != grant_type:
            raise Refusal(
                36009004, f"Invalid parameter. 'grant_type' must be '{grant_type}'."
            )
        with simulator.lock:
            return success(exchange(simulator, app, query), request_id, "success")

    return recorded(request, answer)


def _checked_app(simulator: Simulator, query: Mapping[str, str]) -> App:
    app = simulator.apps.by_key.get(query.get("app_key", ""))
    if app is None:
        raise Refusal(36009004, "Invalid credentials. Invalid app_key", http=400)
    if not is_signed(app.app_secret, query.get("app_secret", "")):
        raise Refusal(36009004, "Invalid credentials. Invalid app_secret")
    return app


def _from_code(simulator: Simulator, app: App, query: Mapping[str, str]) -> Json:
    now = simulator.clock.seconds()
    code = simulator.grants.codes.get(query["auth_code"])
    if code is None or code.app_key != app.app_key or code.ends_at <= now:
        raise Refusal(
            36004004, "Authorization code is invalid, expired or has been used."
        )
    owner = owner_of(simulator, code.seller_id)
    lasts = CREATOR_LASTS if isinstance(owner, Creator) else AUTHORIZATION_LASTS
    simulator.record({"event": "code_used", "code": query["auth_code"]})
    simulator.record(
        {
            "event": "granted",
            "app_key": app.app_key,
            "seller_id": owner.id,
            "open_id": open_id_of(app.app_key, owner),
            "scopes": code.scopes,
            "at": now,
            "ends_at": now + lasts,
        }
    )
    return _tokens(simulator, app, owner)


def _from_refresh(simulator: Simulator, app: App, query: Mapping[str, str]) -> Json:
    now = simulator.clock.seconds()
    grant = simulator.grants.by_refresh.get(query["refresh_token"])
    if grant is None or grant.app_key != app.app_key or grant.ends_at <= now:
        raise Refusal(36004001, "Refresh token is invalid or has expired.")
    if grant.is_deauthorised:
        raise Refusal(36004005, "Authorization record not found.")
    return _tokens(simulator, app, owner_of(simulator, grant.seller_id))


def _tokens(simulator: Simulator, app: App, owner: Seller | Creator) -> Json:
    grant = simulator.grants.by_pair[app.app_key, owner.id]
    simulator.record(
        issue_tokens(
            app.app_key,
            owner.id,
            zone=zone_of(owner),
            ends_at=grant.ends_at,
            now=simulator.clock.seconds(),
            keeps_access=not simulator.switches.old_access_token_dies,
        )
    )
    return _as_json(grant, owner)


def _as_json(grant: Grant, owner: Seller | Creator) -> Json:
    is_creator = isinstance(owner, Creator)
    return {
        "access_token": grant.access_token,
        "access_token_expire_in": grant.access_ends_at,
        "refresh_token": grant.refresh_token,
        "refresh_token_expire_in": grant.ends_at,
        "open_id": grant.open_id,
        "seller_name": owner.username if isinstance(owner, Creator) else owner.name,
        "seller_base_region": owner.region
        if isinstance(owner, Creator)
        else owner.base_region,
        "user_type": 1 if is_creator else 0,
        "granted_scopes": grant.scopes,
    }
