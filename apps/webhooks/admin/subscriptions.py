"""On the page of a shop: where its news are posted to, and what to do about it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from apps.core.admin import ago, badge
from apps.core.errors import DomainError
from apps.integrations.tiktok.topics import Topic
from apps.inventory.admin.documents_words import by_whom
from apps.platforms.models import Shop
from apps.platforms.services.clients import client_at_page_through
from apps.users.roles import MANAGE_CREDENTIALS
from apps.webhooks.services import subscriptions
from apps.webhooks.services.public_address import (
    own_address_problem,
    webhook_address,
)
from apps.webhooks.services.rehearsal import last_arrival, rehearse
from apps.webhooks.services.silence import heard_of, judge
from apps.webhooks.services.subscriptions import Done, Standing, State, standing_of

_BADGES = {
    State.SET: ("Comes here", "good"),
    State.ELSEWHERE: ("Goes elsewhere", "attention"),
    State.MISSING: ("Not set", "attention"),
    State.UNKNOWN: ("Not looked at", "neutral"),
    State.EXTRA: ("Comes here, not needed", "neutral"),
    State.BARRED: ("Not permitted", "neutral"),
}
# What setting all would change.
_TO_SET = (State.MISSING, State.UNKNOWN, State.ELSEWHERE)


def paths(admin: Any) -> list[URLPattern]:
    """Below the page of a shop."""
    return [
        path(
            "<int:object_id>/webhooks/<slug:deed>/",
            admin.admin_site.admin_view(partial(view, admin)),
            name="platforms_shop_webhooks",
        )
    ]


def tab_address(shop: Shop) -> str:
    page = reverse("admin:platforms_shop_change", args=[shop.pk])
    return f"{page}?tab=connection#webhooks"


def subscriptions_context(shop: Shop) -> dict[str, Any]:
    """For templates/webhooks/subscriptions.html."""
    now = timezone.now()
    rows = standing_of(shop)
    heard = heard_of([shop], now)[shop.pk]
    verdict = judge(heard, now)
    checked = [row.checked_at for row in rows if row.checked_at]
    return {
        "webhook_address": webhook_address(),
        "webhook_problem": own_address_problem(),
        "webhook_rows": [_shown(row) for row in rows],
        "webhook_apps": len({row.app for row in rows if row.app}),
        "webhooks_to_set": sum(_is_to_set(row) for row in rows),
        "webhooks_set": sum(row.state in (State.SET, State.EXTRA) for row in rows),
        "webhooks_checked": ago(min(checked)) if checked else "",
        "webhook_verdict": verdict,
        "last_webhook": ago(heard.last_at),
    }


def arrival_words(shop: Shop) -> str:
    """Whether TikTok's events reach us, for who has just connected the shop."""
    if problem := own_address_problem():
        return f"We cannot receive events yet. {problem}"
    rows = standing_of(shop)
    if not any(row.checked_at for row in rows):
        return "Subscriptions are being set."
    if lacking := sum(_is_to_set(row) for row in rows):
        return f"We cannot receive all events yet: {_count(lacking)} not posted to us."
    if last_arrival(shop) is None:
        return f"We cannot receive events yet: none came through {webhook_address()}."
    return "TikTok posts its events to us, and a test delivery came through."


def view(admin: Any, request: HttpRequest, object_id: int, deed: str) -> HttpResponse:
    if deed not in DEEDS:
        raise Http404
    if not admin.has_view_permission(request):
        raise PermissionDenied
    shop: Shop | None = admin.get_object(request, str(object_id))
    if shop is None:
        missing: HttpResponse = admin.missing(request, str(object_id))
        return missing
    if not request.user.has_perm(MANAGE_CREDENTIALS, shop):
        raise PermissionDenied
    do, asks = DEEDS[deed]
    if request.method == "POST":
        try:
            do(request, shop)
        except DomainError as error:
            messages.error(request, str(error))
        return HttpResponseRedirect(tab_address(shop))
    if asks is None or request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["POST"] if asks is None else ["GET", "POST"])
    page: HttpResponse = admin.own_page(
        request, "webhooks/subscriptions_confirm.html", asks(shop)
    )
    return page


def _check(request: HttpRequest, shop: Shop) -> None:
    done = subscriptions.check(shop, client_of=client_at_page_through)
    _tell_failures(request, done)
    if not done.failed:
        rows = standing_of(shop)
        lacking = sum(_is_to_set(row) for row in rows)
        words = f"{shop}: all subscriptions are as they should be."
        if lacking:
            words = f"{shop}: {_count(lacking)} not posted to us."
        messages.success(request, words)


def _set(request: HttpRequest, shop: Shop) -> None:
    done = subscriptions.set_all(
        shop, by_whom(request), client_of=client_at_page_through
    )
    _tell_failures(request, done)
    if done.changed:
        words = f"{shop}: {_count(len(done.changed))} posted to us now."
        messages.success(request, words)
    elif not done.failed:
        messages.info(request, f"{shop}: nothing had to be set.")


def _remove(request: HttpRequest, shop: Shop) -> None:
    done = subscriptions.remove_all(
        shop, by_whom(request), client_of=client_at_page_through
    )
    _tell_failures(request, done)
    if done.changed:
        messages.success(
            request, f"{shop}: {_count(len(done.changed))} posted to us no more."
        )
    elif not done.failed:
        messages.info(request, f"{shop}: nothing was posted to us.")


def _test(request: HttpRequest, shop: Shop) -> None:
    outcomes = rehearse(shop, by_whom(request))
    for outcome in outcomes:
        tell = messages.success if outcome.is_ok else messages.error
        tell(request, f"{outcome.app}: {outcome.words}")
    if not outcomes:
        messages.error(request, f"{shop} has no app that may subscribe.")


def _asks_to_set(shop: Shop) -> dict[str, Any]:
    rows = [row for row in standing_of(shop) if _is_to_set(row)]
    taken = any(row.state is State.ELSEWHERE for row in rows)
    then = (
        f"TikTok will post these events of {shop} to {webhook_address()}, each within "
        "seconds of what happened."
    )
    return {
        "title": "Set webhooks",
        "shop": shop,
        "deed": "set",
        "rows": [_shown(row) for row in rows],
        "then": then,
        "warning": "Whoever has them at another address now gets them no more."
        if taken
        else "",
        "problem": own_address_problem(),
        "button": f"Set {_number(len(rows))}",
        "back": tab_address(shop),
    }


def _asks_to_remove(shop: Shop) -> dict[str, Any]:
    rows = [r for r in standing_of(shop) if r.state in (State.SET, State.EXTRA)]
    return {
        "title": "Remove webhooks",
        "shop": shop,
        "deed": "remove",
        "rows": [_shown(row) for row in rows],
        "then": f"TikTok will tell us nothing of {shop} any more. Orders and all else "
        "are still asked for by schedule, so news come up to 15 minutes late.",
        "warning": "",
        "problem": "",
        "button": f"Remove {_number(len(rows))}",
        "is_danger": True,
        "back": tab_address(shop),
    }


# Name in the address: what it does, and what is asked before.
DEEDS: dict[
    str,
    tuple[Callable[[HttpRequest, Shop], None], Callable[[Shop], dict[str, Any]] | None],
] = {
    "check": (_check, None),
    "test": (_test, None),
    "set": (_set, _asks_to_set),
    "remove": (_remove, _asks_to_remove),
}


def _is_to_set(row: Standing) -> bool:
    """What is posted elsewhere, and we do not need, is no business of ours."""
    return row.state in _TO_SET and row.is_wanted


def _shown(row: Standing) -> dict[str, Any]:
    words, kind = _BADGES[row.state]
    return {
        "topic": in_words(row.topic),
        "app": row.app,
        "badge": badge(words, kind),
        "address": row.address,
        "problem": row.problem,
    }


def in_words(topic: str) -> str:
    return topic.replace("_", " ").capitalize()


def _tell_failures(request: HttpRequest, done: Done) -> None:
    topics = {topic.value for topic in Topic}
    for what, why in done.failed:
        messages.error(request, f"{in_words(what) if what in topics else what}: {why}")


def _number(count: int) -> str:
    return f"{count} subject{'' if count == 1 else 's'}"


def _count(count: int) -> str:
    return f"{_number(count)} {'is' if count == 1 else 'are'}"
