"""One event: what came, whether it was genuine, what was done about it and when."""

import json
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode

from apps.core.admin import ago
from apps.platforms.admin.words import instant
from apps.platforms.services.masking import masked, masked_text
from apps.users.roles import REPLAY_WEBHOOK
from apps.webhooks.admin import words
from apps.webhooks.admin.objects import addresses_of
from apps.webhooks.models import WebhookEvent
from apps.webhooks.services.replay import why_not_give_up, why_not_replay

State = WebhookEvent.State
MOST_SHOWN = 50
LONGEST_BODY = 20_000


def page(admin: Any, request: HttpRequest, object_id: str) -> HttpResponse:
    if request.method not in ("GET", "HEAD") or not admin.has_view_permission(request):
        raise PermissionDenied
    event = admin.get_object(request, str(object_id))
    if event is None:
        missing: HttpResponse = admin.missing(request, str(object_id))
        return missing
    shown: HttpResponse = admin.own_page(
        request, "webhooks/event.html", _context(event, request)
    )
    return shown


def pretty(body: str) -> str:
    """Indented and masked; as far as it is text where it is no JSON."""
    try:
        whole = json.loads(body)
    except (ValueError, RecursionError):
        return masked_text(body)
    text = masked(whole, limit=LONGEST_BODY)
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text  # cut


def _context(event: WebhookEvent, request: HttpRequest) -> dict[str, Any]:
    may_act = request.user.has_perm(REPLAY_WEBHOOK, event)
    repeats = WebhookEvent.objects.filter(first=event).order_by("received_at")
    return {
        "title": f"Webhook {words.event_name(event)}",
        "event": event,
        "name": words.breakable(event),
        "badge": words.state_badge(event),
        "meaning": words.meaning_of(event),
        "facts": _facts(event),
        "body": pretty(event.body) if event.body else "",
        "headers": json.dumps(event.headers, indent=2, ensure_ascii=False),
        "tries": list(event.tries.all()[:MOST_SHOWN]),
        "object_address": addresses_of(request.user, [event]).get(event.pk, ""),
        "first_address": words.address(event.first_id) if event.first_id else "",
        "repeats": [(each, words.address(each.pk)) for each in repeats],
        "can_replay": may_act and not why_not_replay(event),
        "why_not": why_not_replay(event) if may_act else "",
        "can_give_up": may_act and not why_not_give_up(event),
        "alike": _alike(event) if may_act else "",
    }


def _facts(event: WebhookEvent) -> Iterable[tuple[str, Any]]:
    yield "Received", instant(event.received_at)
    if event.sent_at:
        yield "Sent", instant(event.sent_at)
    yield "Signature", _signature(event)
    yield "Event ID", event.notification_id or "—"
    yield "Type", f"{event.type_number}"
    yield "Named shop or seller", event.owner_id or "—"
    yield "Tries", f"{event.attempts}"
    if event.next_try_at:
        yield "Next try", ago(event.next_try_at)
    if event.processed_at:
        yield "Last tried", instant(event.processed_at)
    if event.milliseconds is not None:
        yield "Took", f"{event.milliseconds:,} ms"


def _signature(event: WebhookEvent) -> str:
    if event.state == State.BAD_SIGNATURE:
        return event.error or "Not by any of our apps"
    if event.api_app is None:
        return "By an app that is not here any more"
    return f"Good, by the app {event.api_app}"


def _alike(event: WebhookEvent) -> str:
    """The question that finds all failed ones of its kind."""
    if event.state not in (State.FAILED, State.DEAD) or not event.topic:
        return ""
    tab = "failed" if event.state == State.FAILED else "dead"
    fields = {"tab": tab, "topic": event.topic, "deed": "replay", "all": "1"}
    if event.shop_id:
        fields["shop"] = str(event.shop_id)
    return urlencode(fields)
