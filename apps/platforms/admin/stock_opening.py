"""The shop's own figures as the first stock take: asked for, looked at, booked."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from apps.core.errors import DomainError
from apps.integrations.errors import PlatformError
from apps.inventory.admin.documents_words import by_whom
from apps.inventory.admin.rules_words import unseen_shops, without
from apps.platforms.admin.stock_tab import may_book, tab_address
from apps.platforms.models import Shop
from apps.sync.services.stock_opening import look_at_opening, take_opening
from apps.users.models import AnyUser

ROWS_SHOWN = 200
REFUSED_SHOWN = 50


def opening(admin: Any, request: HttpRequest, shop: Shop) -> HttpResponse:
    """Asking the platform is a deed of its own: opening the page asks nobody."""
    if not may_book(request.user, shop):
        raise PermissionDenied
    context: dict[str, Any] = {
        "title": f"Take {shop}'s figures as opening stock",
        "shop": shop,
        "is_leading": request.POST.get("is_leading") == "on",
        "back": tab_address(shop),
    }
    if request.method == "POST":
        try:
            if key := request.POST.get("key", ""):
                return _take(request, shop, key, is_leading=context["is_leading"])
            context |= _look(request.user, shop, is_leading=context["is_leading"])
        except (DomainError, PlatformError) as error:
            messages.error(request, str(error))
    page: HttpResponse = admin.own_page(
        request, "platforms/stock_opening.html", context
    )
    return page


def _look(user: AnyUser, shop: Shop, *, is_leading: bool) -> dict[str, Any]:
    found, at = look_at_opening(shop, is_leading=is_leading)
    unseen = unseen_shops(user, shop.client_id)
    return {
        "opening": found,
        "at": at,
        "rows": found.rows[:ROWS_SHOWN],
        "rows_more": max(0, len(found.rows) - ROWS_SHOWN),
        "refused": [
            (sku, without(unseen, why)) for sku, why in found.refused[:REFUSED_SHOWN]
        ],
        "refused_more": max(0, len(found.refused) - REFUSED_SHOWN),
        # Sent back, so that pressing twice books once.
        "key": f"opening-{uuid4()}",
    }


def _take(
    request: HttpRequest, shop: Shop, key: str, *, is_leading: bool
) -> HttpResponse:
    taken = take_opening(shop, by_whom(request), key=key[:60], is_leading=is_leading)
    count = len(taken.opening.rows)
    if taken.documents and not count:
        messages.info(request, "That was booked already; nothing was booked again.")
    else:
        messages.success(
            request,
            f"Counted {count:,} SKU{'' if count == 1 else 's'} as {shop} shows them.",
        )
    return redirect(tab_address(shop))
