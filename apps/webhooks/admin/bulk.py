"""Act on events again, or give them up: chosen, looked at, agreed to.

However many there are it is one statement; the sweep acts on them in the background.
One alone is acted on while the page waits, so that it can say what came of it.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from apps.core.errors import DomainError
from apps.integrations.contracts import PlatformClient
from apps.integrations.errors import PlatformError
from apps.inventory.admin.documents_words import by_whom
from apps.platforms.models import Shop
from apps.platforms.models.shop import at_shops_of
from apps.platforms.services.clients import client_at_page
from apps.sync.admin.stock_base import way_back
from apps.sync.admin.stock_selection import chosen
from apps.users.roles import REPLAY_WEBHOOK
from apps.users.services.audit import By
from apps.webhooks.admin import words
from apps.webhooks.admin.filters import EventFilters
from apps.webhooks.handlers import HANDLERS
from apps.webhooks.models import WebhookEvent
from apps.webhooks.services import replay

LIST = "admin:webhooks_webhookevent_changelist"
ROWS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Deed:
    name: str
    title: str
    effect: str
    fits: Callable[[], Q]
    do: Callable[["QuerySet[WebhookEvent]", By], int]
    done: str


DEEDS = {
    deed.name: deed
    for deed in (
        Deed(
            "replay",
            "Replay",
            "What each names is read from TikTok again and stored as it is now. Where "
            "that was done already nothing changes. Nothing is sent to TikTok.",
            replay.can_be_replayed,
            replay.replay,
            "due: they are acted on within seconds, as their shops allow.",
        ),
        Deed(
            "give_up",
            "Mark dead",
            "They are not tried any more. What they told of still comes with the next "
            "sync; a replay takes them up again.",
            lambda: Q(state__in=replay.GIVEN_UP_FROM),
            replay.give_up,
            "marked dead.",
        ),
    )
}


def bulk(admin: Any, request: HttpRequest) -> HttpResponseBase:
    if not admin.has_view_permission(request):
        raise PermissionDenied
    if not request.user.has_perm(REPLAY_WEBHOOK):
        raise PermissionDenied
    if (deed := DEEDS.get(request.GET.get("deed", ""))) is None:
        messages.error(request, "Choose what is to be done with the events.")
        return redirect(LIST)
    rows = chosen(request, admin.get_queryset(request), EventFilters)
    fit = _fitting(request, rows, deed)
    summary = fit.order_by().aggregate(count=Count("pk"), last=Max("pk"))
    mark = _mark(summary)
    if request.method == "POST" and summary["count"]:
        if request.POST.get("mark") == mark:
            return _do(request, deed, fit, summary["count"])
        messages.warning(
            request, "Other events match by now. Look again, then confirm."
        )
    return _confirm(admin, request, deed, rows, fit, summary["count"], mark)


def _fitting(
    request: HttpRequest, rows: "QuerySet[WebhookEvent]", deed: Deed
) -> "QuerySet[WebhookEvent]":
    return rows.filter(deed.fits(), at_shops_of(request.user, REPLAY_WEBHOOK))


def _mark(summary: dict[str, Any]) -> str:
    """Tells whether it is still what a person agreed to."""
    seen = f"{summary['count']}:{summary['last']}"
    return hashlib.sha256(seen.encode()).hexdigest()[:16]


def _confirm(
    admin: Any,
    request: HttpRequest,
    deed: Deed,
    rows: "QuerySet[WebhookEvent]",
    fit: "QuerySet[WebhookEvent]",
    count: int,
    mark: str,
) -> HttpResponse:
    by_shop = fit.order_by().values_list("shop").annotate(count=Count("pk"))
    shops = Shop.objects.in_bulk([key for key, _ in by_shop if key])
    shown = list(fit.order_by("-received_at", "-pk")[:ROWS_SHOWN])
    page: HttpResponse = admin.own_page(
        request,
        "webhooks/confirm.html",
        {
            "title": deed.title,
            "deed": deed,
            "count": count,
            "left_out": rows.count() - count,
            "by_shop": [(shops.get(key), number) for key, number in by_shop],
            "rows": [
                (each, words.event_name(each), words.state_badge(each))
                for each in shown
            ],
            "rows_more": count - len(shown),
            "mark": mark,
            "here": request.get_full_path(),
            "back": way_back(request, LIST),
        },
    )
    return page


def _do(
    request: HttpRequest, deed: Deed, fit: "QuerySet[WebhookEvent]", count: int
) -> HttpResponse:
    by = by_whom(request)
    if deed.name == "replay" and count == 1:
        return _replay_one(request, fit.get(), by)
    done = deed.do(fit, by)
    messages.success(request, f"{done:,} event{'s' * (done != 1)} {deed.done}")
    return redirect(way_back(request, LIST))


def _replay_one(request: HttpRequest, event: WebhookEvent, by: By) -> HttpResponse:
    try:
        event = replay.replay_now(event, by, client=_client(event))
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(words.address(event.pk))
    if event.state == WebhookEvent.State.PROCESSED:
        messages.success(request, f"Replayed. {event.outcome}.")
    elif event.error:
        messages.warning(request, f"Replayed, but it did not work out. {event.error}")
    else:
        messages.info(request, "It is acted on once its shop is connected.")
    return redirect(words.address(event.pk))


def _client(event: WebhookEvent) -> PlatformClient | None:
    """One with little patience, as a person waits; None where there is none, which
    acting on it will find out again, and say."""
    handler = next((h for topic, h in HANDLERS.items() if topic == event.topic), None)
    if event.shop is None or handler is None:
        return None
    if event.shop.state != Shop.State.CONNECTED:
        return None
    try:
        return client_at_page(event.shop, handler.scope)
    except (DomainError, PlatformError):
        return None
