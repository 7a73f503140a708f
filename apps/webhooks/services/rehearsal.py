"""A delivery that we post to ourselves, the way the platform would: through the public
address, with its name, its TLS and all that stands before us."""

import json
import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
from django.utils import timezone

from apps.integrations.tiktok.webhooks import signature_of
from apps.platforms.models import ApiApp, Shop
from apps.users.services import audit
from apps.users.services.audit import By
from apps.webhooks.models import WebhookEvent
from apps.webhooks.services.public_address import (
    own_address_problem,
    webhook_address,
)
from apps.webhooks.services.wanted import wanted_of

TIMEOUT_SECONDS = 5.0
# No type of the platform's: it is stored and nothing follows from it.
TEST_TYPE = 0
TEST_PREFIX = "shopdesk-test-"
_AGE = timedelta(minutes=5)
_LATELY = timedelta(hours=1)


class Answer(Protocol):
    """What of a response is looked at."""

    status_code: int
    headers: Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether the delivery arrived and was stored, and what to tell of it."""

    app: str
    is_ok: bool
    words: str
    milliseconds: int = 0


Post = Callable[[str, bytes, dict[str, str]], Answer]


def rehearse(shop: Shop, by: By, *, post: Post | None = None) -> list[Outcome]:
    """One delivery for each app that the shop's news come through, and its fate."""
    apps = [credential.api_app for credential in wanted_of(shop).by_credential]
    found = [_rehearse(shop, app, post or _post) for app in apps]
    audit.record(
        "tested webhooks",
        shop,
        actor=by.user,
        process=by.process,
        client=shop.client,
        address=by.address,
        arrived=sum(each.is_ok for each in found),
        of=len(found),
    )
    return found


def last_arrival(shop: Shop) -> datetime | None:
    """When a test last came back through one of the shop's apps, in the last hour."""
    apps = [credential.api_app_id for credential in wanted_of(shop).by_credential]
    lately = WebhookEvent.objects.filter(received_at__gte=timezone.now() - _LATELY)
    tests = lately.filter(
        api_app__in=apps, type_number=TEST_TYPE, notification_id__startswith=TEST_PREFIX
    )
    return tests.values_list("received_at", flat=True).first()


def _rehearse(shop: Shop, app: ApiApp, post: Post) -> Outcome:
    if problem := own_address_problem():
        return Outcome(str(app), is_ok=False, words=problem)
    key = f"{TEST_PREFIX}{uuid.uuid4().hex}"
    body = json.dumps(
        {
            "type": TEST_TYPE,
            "tts_notification_id": key,
            "shop_id": shop.remote_id,
            "timestamp": int(time.time()),
            "data": {"message": "Shopdesk test"},
        }
    ).encode()
    headers = {
        "Content-Type": "application/json",
        "Authorization": signature_of(app.app_key, str(app.app_secret), body),
    }
    begun = time.perf_counter()
    try:
        answer = post(webhook_address(), body, headers)
    except requests.RequestException as error:
        return Outcome(str(app), is_ok=False, words=why_not(error))
    took = round((time.perf_counter() - begun) * 1000)
    if answer.status_code != 200:
        words = _refusal(answer)
    elif not _is_stored(app, key):
        words = (
            "Something answered 200, but the delivery is not here: does PUBLIC_URL "
            "lead to this server, and does it use this database?"
        )
    else:
        words = f"A signed delivery came back through {webhook_address()} in {took} ms."
        return Outcome(str(app), is_ok=True, words=words, milliseconds=took)
    return Outcome(str(app), is_ok=False, words=words, milliseconds=took)


def _is_stored(app: ApiApp, key: str) -> bool:
    lately = WebhookEvent.objects.filter(received_at__gte=timezone.now() - _AGE)
    return lately.filter(api_app=app, notification_id=key).exists()


def _post(address: str, body: bytes, headers: dict[str, str]) -> Answer:
    """No redirect is followed, as the platform follows none; the answer's body is of no
    interest, however long it is."""
    with requests.post(
        address,
        data=body,
        headers=headers,
        timeout=TIMEOUT_SECONDS,
        allow_redirects=False,
        stream=True,
    ) as answer:
        return answer


def why_not(error: requests.RequestException) -> str:
    """What kept a delivery from arriving, and what to do; no secret and no trace."""
    host = urlsplit(webhook_address()).hostname or ""
    if isinstance(error, requests.exceptions.SSLError):
        return f"The certificate of {host} is not trusted: is it valid, with its chain?"
    if isinstance(error, requests.exceptions.Timeout):
        return (
            f"{host} did not answer within {TIMEOUT_SECONDS:g} seconds. TikTok waits "
            "for three."
        )
    if _is_nameless(error):
        return f"The name {host} is not known: is it in the DNS?"
    if isinstance(error, requests.exceptions.ConnectionError):
        return f"{host} cannot be reached: is the server up, and its port open?"
    return f"The delivery to {host} failed ({type(error).__name__})."


def _is_nameless(error: BaseException) -> bool:
    """requests wraps urllib3, which wraps the resolver's error."""
    seen: list[Any] = [error]
    while seen:
        each = seen.pop()
        if isinstance(each, socket.gaierror) or "NameResolution" in type(each).__name__:
            return True
        inner = [getattr(each, "reason", None), each.__cause__, each.__context__]
        inner += getattr(each, "args", ())
        seen += [one for one in inner if isinstance(one, BaseException)]
    return False


def _refusal(answer: Answer) -> str:
    code = answer.status_code
    if 300 <= code < 400:
        return (
            f"The address redirects ({code}), and TikTok does not follow. Set "
            "PUBLIC_URL to where it leads."
        )
    return {
        400: "It answered 400: is the name in ALLOWED_HOSTS?",
        401: "It answered 401: the signature did not hold. Is the app secret here that "
        "of Partner Center, and does a proxy leave the body as it is?",
        403: "It answered 403: something before the server turns deliveries away.",
        404: "It answered 404: PUBLIC_URL leads to another site.",
        413: "It answered 413: a proxy takes no bodies of that size.",
    }.get(code, f"It answered {code}; TikTok would try again, and give up in the end.")
