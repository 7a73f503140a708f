"""How far the first pull is, for a person and for the page's script."""

from collections.abc import Sequence

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from apps.platforms.models import ConnectAttempt, Shop
from apps.platforms.services.connecting import offers
from apps.platforms.services.connecting.scopes import not_granted
from apps.platforms.views.access import (
    page,
    staff_page,
    start_pulls,
    with_attempt,
)
from apps.platforms.views.pick import ODD_EXPIRY
from apps.platforms.views.progress import FirstPull, first_pull_of
from apps.products.models import ListingSku
from apps.users.models import AnyUser
from apps.users.roles import MANAGE_CREDENTIALS
from apps.webhooks.admin.subscriptions import arrival_words, tab_address


@staff_page
@require_safe
@with_attempt
def pull(request: HttpRequest, attempt: ConnectAttempt) -> HttpResponse:
    """Steps 7 and 8 for all shops of one consent."""
    if not attempt.finished_at:
        return redirect("platforms:finish", pk=attempt.pk)
    shops = attempt.shops.visible_to(request.user, MANAGE_CREDENTIALS)
    pulls = [first_pull_of(shop) for shop in shops]
    regions = [pull.shop.region for pull in pulls]
    notes = [
        offers.region_note(attempt, regions),
        ODD_EXPIRY if attempt.has_odd_expiry else "",
    ]
    return _pull_page(
        request,
        pulls,
        [note for note in notes if note],
        not_granted(attempt.api_app, attempt.authorization),
    )


@staff_page
@require_http_methods(["GET", "POST"])
def first_pull(request: HttpRequest, pk: int) -> HttpResponse:
    """One shop's; sent off, it goes on where it stopped."""
    shop = get_object_or_404(
        Shop.objects.visible_to(request.user, MANAGE_CREDENTIALS), pk=pk
    )
    if request.method == "POST":
        if shop.state == Shop.State.CONNECTED:
            start_pulls([shop], first_pull_of(shop).left)
            messages.info(request, "The pull goes on where it stopped.")
        else:
            messages.warning(request, "Reconnect the shop first.")
        return redirect("platforms:first_pull", pk=shop.pk)
    return _pull_page(request, [first_pull_of(shop)], [], [])


@staff_page
@require_safe
def first_pull_status(request: HttpRequest, pk: int) -> JsonResponse:
    shop = get_object_or_404(
        Shop.objects.visible_to(request.user, MANAGE_CREDENTIALS), pk=pk
    )
    return JsonResponse(first_pull_of(shop).as_json())


def products_to_map(user: AnyUser, shops: Sequence[Shop]) -> list[tuple[Shop, int]]:
    """How many products of each shop have SKUs nobody has decided on; those that have
    some, of what the user may see."""
    skus = ListingSku.objects.visible_to(user).filter(shop__in=shops).listed().open()
    counted = (
        skus.order_by().values_list("shop").annotate(Count("listing", distinct=True))
    )
    by_shop = dict(counted)
    return [(shop, by_shop[shop.pk]) for shop in shops if shop.pk in by_shop]


def _pull_page(
    request: HttpRequest,
    pulls: list[FirstPull],
    notes: list[str],
    not_granted: list[str],
) -> HttpResponse:
    is_done = all(pull.is_over and not pull.is_stopped for pull in pulls)
    return page(
        request,
        "connect_pull",
        "Connected" if is_done else "First pull",
        pulls=pulls,
        is_done=is_done,
        webhooks=[
            (pull.shop, arrival_words(pull.shop), tab_address(pull.shop))
            for pull in pulls
        ]
        if is_done
        else [],
        to_map=products_to_map(request.user, [pull.shop for pull in pulls])
        if is_done
        else [],
        notes=notes,
        not_granted=not_granted,
    )
