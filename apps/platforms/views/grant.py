"""What a shop owner sees who came with a one-time link, and nothing else.

They have no account with us: a signed cookie binds the consent to their browser.
"""

from functools import wraps
from typing import Protocol

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from apps.core.addresses import address_of
from apps.core.errors import DomainError
from apps.platforms.models import ConnectAttempt
from apps.platforms.services.connecting import exchange, tickets
from apps.platforms.services.connecting.linking import link_shops
from apps.platforms.services.connecting.links import CLOSED, open_link
from apps.platforms.services.connecting.scopes import asked_for
from apps.platforms.views.access import (
    attempts,
    plain_page,
    problem_page,
    remember,
    remembered,
    start_pulls,
)
from apps.platforms.views.pick import finish_context, pick_context

TITLE = "Connect your shop"


class OwnersView(Protocol):
    def __call__(
        self, request: HttpRequest, attempt: ConnectAttempt
    ) -> HttpResponse: ...


class PlainView(Protocol):
    def __call__(self, request: HttpRequest) -> HttpResponse: ...


def owners_page(view: OwnersView) -> PlainView:
    """Hands over the attempt this browser began with a link."""

    @wraps(view)
    def found(request: HttpRequest) -> HttpResponse:
        pk = remembered(request) or 0
        attempt = attempts().filter(pk=pk, link__isnull=False).first()
        if attempt is None or (
            not attempt.finished_at and attempt.expires_at <= timezone.now()
        ):
            return problem_page(request, CLOSED)
        return view(request, attempt)

    return never_cache(found)


@never_cache
@require_http_methods(["GET", "POST"])
def grant(request: HttpRequest, token: str) -> HttpResponse:
    """The link itself: what will be asked, and on to TikTok."""
    try:
        link = open_link(token)
        if request.method == "POST":
            return _leave(request, tickets.begin_with(link))
    except DomainError as error:
        return problem_page(request, str(error))
    return plain_page(request, "grant", TITLE, link=link, asked=asked_for(link.api_app))


@require_POST
@owners_page
def again(request: HttpRequest, attempt: ConnectAttempt) -> HttpResponse:
    """Once more to TikTok, after a no."""
    try:
        return _leave(request, attempt)
    except DomainError:
        return problem_page(request, CLOSED)


@require_http_methods(["GET", "POST"])
@owners_page
def finish(request: HttpRequest, attempt: ConnectAttempt) -> HttpResponse:
    if attempt.finished_at:
        return redirect("platforms:grant_thanks")
    if attempt.used_at is None:
        return problem_page(request, CLOSED)
    if request.method == "POST":
        exchange.complete(attempt)
        return redirect("platforms:grant_finish")
    if attempt.offered:
        return redirect("platforms:grant_pick")
    return plain_page(
        request,
        "grant_finish",
        "Finishing the connection",
        attempt=attempt,
        **finish_context(attempt),
    )


@require_http_methods(["GET", "POST"])
@owners_page
def pick(request: HttpRequest, attempt: ConnectAttempt) -> HttpResponse:
    if attempt.finished_at:
        return redirect("platforms:grant_thanks")
    if not attempt.offered:
        return redirect("platforms:grant_finish")
    problem = ""
    if request.method == "POST":
        try:
            shops = link_shops(
                attempt, request.POST.getlist("shop"), address=address_of(request)
            )
        except DomainError as error:
            problem = str(error)
        else:
            start_pulls(shops)
            return redirect("platforms:grant_thanks")
    return plain_page(
        request,
        "grant_pick",
        "Which shops?",
        attempt=attempt,
        problem=problem,
        **pick_context(attempt),
    )


@require_safe
@owners_page
def thanks(request: HttpRequest, attempt: ConnectAttempt) -> HttpResponse:
    if not attempt.finished_at:
        return problem_page(request, CLOSED)
    return plain_page(request, "grant_thanks", "Thank you", attempt=attempt)


def _leave(request: HttpRequest, attempt: ConnectAttempt) -> HttpResponse:
    response = HttpResponseRedirect(tickets.leave_for_consent(attempt))
    remember(request, response, attempt.pk)
    return response
