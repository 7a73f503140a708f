"""Consent of a seller, and the tokens that come of it.

The token calls are GETs with the app's secret in their query. That is TikTok's design,
so nothing here may quote an address. Source: Partner Center, "Authorization overview"
(202407).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import requests

from apps.integrations.contracts import TokenPair
from apps.integrations.errors import MalformedReply
from apps.integrations.hooks import NoObserver, Observer
from apps.integrations.http import Request, Session, Timeouts
from apps.integrations.tiktok.exchange import exchange
from apps.integrations.tiktok.hosts import Hosts
from apps.integrations.tiktok.reading import (
    JsonObject,
    identifier,
    sequence,
    text,
    whole_number,
)
from apps.integrations.tiktok.replies import data_of

GET_PATH = "/api/v2/token/get"
REFRESH_PATH = "/api/v2/token/refresh"

_SECRET_PARAMS = frozenset({"app_secret", "auth_code", "refresh_token"})

# Below this a number is a duration, not an instant: it would lie before 2001-09-09.
EARLIEST_EXPIRY_SECONDS = 10**9
NEVER = datetime(2999, 12, 31, tzinfo=UTC)


def authorize_url(
    service_id: str, state: str, *, is_us: bool = False, hosts: Hosts | None = None
) -> str:
    """Where to send a seller for consent; US sellers have a page of their own.

    `service_id` is not the app key. Where they come back to is registered in Partner
    Center and cannot be asked for here.
    """
    hosts = hosts or Hosts()
    base_url = (hosts.consent_us if is_us else hosts.consent).rstrip("/")
    query = urlencode({"service_id": service_id, "state": state})
    return f"{base_url}/open/authorize?{query}"


def creator_authorize_url(
    app_key: str, state: str, *, hosts: Hosts | None = None
) -> str:
    """Where to send a creator for consent. The app must be allowed to ask them.

    Source: Partner Center, "Authorization overview" (202407).
    """
    base_url = (hosts or Hosts()).consent_creator.rstrip("/")
    query = urlencode({"app_key": app_key, "state": state})
    return f"{base_url}/alliance/creator/auth?{query}"


def exchange_code(
    app_key: str,
    app_secret: str,
    code: str,
    *,
    hosts: Hosts | None = None,
    session: Session | None = None,
    observer: Observer | None = None,
    timeouts: Timeouts | None = None,
) -> TokenPair:
    """Turn the code of a consent into tokens: once, and within 30 minutes.

    Raises ConsentNeeded if the code is spent or too old, and other PlatformErrors.
    Never repeated by itself; after PlatformUnavailable nobody knows whether the code
    was spent, and trying again with the same one finds out.
    """
    grant = {"auth_code": code, "grant_type": "authorized_code"}
    request = _request(GET_PATH, app_key, app_secret, grant, hosts)
    return _tokens(GET_PATH, request, session, observer, timeouts)


def refresh(
    app_key: str,
    app_secret: str,
    refresh_token: str,
    *,
    hosts: Hosts | None = None,
    session: Session | None = None,
    observer: Observer | None = None,
    timeouts: Timeouts | None = None,
) -> TokenPair:
    """Get new tokens; keep both, for the old ones may be dead from now on.

    Raises ConsentNeeded if the authorization is over, and other PlatformErrors. Never
    repeated by itself, like `exchange_code`.
    """
    grant = {"refresh_token": refresh_token, "grant_type": "refresh_token"}
    request = _request(REFRESH_PATH, app_key, app_secret, grant, hosts)
    return _tokens(REFRESH_PATH, request, session, observer, timeouts)


def _request(
    path: str,
    app_key: str,
    app_secret: str,
    grant: Mapping[str, str],
    hosts: Hosts | None,
) -> Request:
    return Request(
        "GET",
        (hosts or Hosts()).auth.rstrip("/") + path,
        params={"app_key": app_key, "app_secret": app_secret, **grant},
        headers={"accept": "application/json"},
    )


def _tokens(
    path: str,
    request: Request,
    session: Session | None,
    observer: Observer | None,
    timeouts: Timeouts | None,
) -> TokenPair:
    secrets = tuple(
        request.params[name] for name in _SECRET_PARAMS & request.params.keys()
    )
    envelope = exchange(
        session or requests.Session(),
        lambda: request,
        method=request.method,
        path=path,
        safe=False,
        observer=observer or NoObserver(),
        timeouts=timeouts or Timeouts(),
        secrets=secrets,
    )
    return tokens_from_json(data_of(envelope, secrets))


def tokens_from_json(data: JsonObject) -> TokenPair:
    """Both tokens with the instants of their end.

    The fields are called `…_expire_in` and yet are instants. Raises MalformedReply if
    one looks like a duration after all, rather than guess.
    """
    return TokenPair(
        access_token=_required(data, "access_token"),
        refresh_token=_required(data, "refresh_token"),
        access_expires_at=_expiry(data, "access_token_expire_in"),
        refresh_expires_at=_expiry(data, "refresh_token_expire_in"),
        open_id=identifier(data, "open_id"),
        seller_name=text(data, "seller_name"),
        seller_region=text(data, "seller_base_region"),
        user_type=whole_number(data, "user_type") or 0,
        scopes=_scopes(data),
    )


def _required(data: JsonObject, name: str) -> str:
    if value := text(data, name):
        return value
    raise MalformedReply(f"TikTok Shop's answer has no {name}.")


def _expiry(data: JsonObject, name: str) -> datetime:
    """Creators' authorizations do not end; those come as years far away."""
    seconds = whole_number(data, name)
    if seconds is None or seconds < EARLIEST_EXPIRY_SECONDS:
        raise MalformedReply(f"TikTok Shop's answer has no instant as {name}.")
    if seconds >= NEVER.timestamp():
        return NEVER
    return datetime.fromtimestamp(seconds, tz=UTC)


def _scopes(data: JsonObject) -> tuple[str, ...]:
    granted: list[Any] = sequence(data, "granted_scopes")
    words = (word for entry in granted for word in str(entry).split(","))
    return tuple(scope for word in words if (scope := word.strip()))
