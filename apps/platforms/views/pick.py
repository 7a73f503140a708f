"""After consent: exchange the code, then pick which shops to link."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from apps.core.addresses import address_of
from apps.core.errors import DomainError
from apps.platforms.models import ConnectAttempt
from apps.platforms.regions import region_of
from apps.platforms.services.connecting import exchange, offers, tickets
from apps.platforms.services.connecting.linking import link_shops
from apps.platforms.services.connecting.scopes import not_granted
from apps.platforms.views.access import (
    page,
    shop_page,
    staff_page,
    start_creator_pull,
    start_pulls,
    with_attempt,
)
from apps.users.models import AnyUser
from apps.users.views.pages import user_of

ODD_EXPIRY = (
    "TikTok named an expiry more than two years away. It was not believed; the "
    "documented lifetime is used."
)


@staff_page
@require_http_methods(["GET", "POST"])
@with_attempt
def finish(request: HttpRequest, attempt: ConnectAttempt) -> HttpResponse:
    """Step 5. The page sends itself off; what went wrong is shown on it."""
    if attempt.creator_account_id:
        messages.success(request, f"{attempt.creator_account} is connected.")
        return redirect("admin:platforms_creatoraccount_changelist")
    if attempt.finished_at:
        return redirect("platforms:pull", pk=attempt.pk)
    if attempt.client_id is None:
        return redirect("platforms:claim", pk=attempt.pk)
    is_over = attempt.expires_at <= timezone.now() or attempt.used_at is None
    if is_over and not attempt.problem:
        messages.error(request, tickets.NO_LONGER_VALID)
        return redirect("platforms:connect")
    if request.method == "POST":
        if is_over:
            messages.error(request, tickets.NO_LONGER_VALID)
            return redirect("platforms:connect")
        exchange.complete(attempt)
        if attempt.creator_account_id:
            start_creator_pull(attempt.creator_account_id)
        return redirect("platforms:finish", pk=attempt.pk)
    if attempt.offered:
        return redirect("platforms:pick", pk=attempt.pk)
    return page(
        request,
        "connect_finish",
        "Finishing the connection",
        attempt=attempt,
        **finish_context(attempt),
    )


def finish_context(attempt: ConnectAttempt) -> dict[str, Any]:
    """What the page says of an exchange that is to come, under way, or has failed."""
    now = timezone.now()
    region = region_of(
        attempt.authorization.seller_region if attempt.authorization else ""
    )
    is_alive = attempt.expires_at > now
    return {
        "is_busy": attempt.busy_until is not None and attempt.busy_until > now,
        "can_retry": is_alive and attempt.problem in exchange.CAN_BE_REPEATED,
        "seller_center": (
            (region.seller_center or region_of(attempt.region).seller_center)
            if attempt.problem == ConnectAttempt.Problem.NO_SHOP
            else ""
        ),
    }


@staff_page
@require_http_methods(["GET", "POST"])
@with_attempt
def pick(request: HttpRequest, attempt: ConnectAttempt) -> HttpResponse:
    """Step 6: link one of the shops, or several."""
    if attempt.finished_at:
        return redirect("platforms:pull", pk=attempt.pk)
    if not attempt.offered:
        return redirect("platforms:finish", pk=attempt.pk)
    problem = ""
    if request.method == "POST":
        answer = request.POST.get("answer")
        if answer == "cancel":
            return _cancel(attempt)
        if answer == "as_new" and offers.may_add_shops(attempt, request.user):
            offers.add_as_new(attempt)
            return redirect("platforms:pick", pk=attempt.pk)
        try:
            shops = link_shops(
                attempt,
                request.POST.getlist("shop"),
                names_in(request.POST),
                actor=user_of(request),
                address=address_of(request),
            )
        except DomainError as error:
            problem = str(error)
        else:
            start_pulls(shops)
            return redirect("platforms:pull", pk=attempt.pk)
    is_another = offers.is_another_shop(attempt)
    return page(
        request,
        "connect_another" if is_another else "connect_pick",
        offers.ANOTHER_SHOP if is_another else "Which shops?",
        attempt=attempt,
        problem=problem,
        **pick_context(attempt, request.user),
    )


def pick_context(
    attempt: ConnectAttempt, viewer: AnyUser | None = None
) -> dict[str, Any]:
    found = offers.offers_of(attempt, viewer)
    chosen = [offer.remote.region for offer in found if offer.is_chosen]
    seller = attempt.authorization
    return {
        "offers": found,
        "can_link": any(offer.can_be_linked for offer in found),
        "may_add": offers.may_add_shops(attempt, viewer),
        "region_note": offers.region_note(attempt, chosen),
        "not_granted": not_granted(attempt.api_app, attempt.authorization),
        "odd_expiry": ODD_EXPIRY if attempt.has_odd_expiry else "",
        "seller_name": seller.seller_name if seller else "",
    }


def names_in(data: Mapping[str, Any]) -> dict[str, str]:
    """{shop ID: the name wanted for it}."""
    prefix = "name_"
    return {
        key.removeprefix(prefix): str(value)
        for key, value in data.items()
        if key.startswith(prefix)
    }


def _cancel(attempt: ConnectAttempt) -> HttpResponse:
    shop = attempt.reconnects
    tickets.abandon(attempt)
    if shop is not None:
        return redirect(shop_page(shop))
    return redirect("admin:platforms_shop_changelist")
