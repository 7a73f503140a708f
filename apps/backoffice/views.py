"""Where people land after signing in, and answers for machines that watch us."""

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

# The first page of these that one may see is where one's work begins.
_LANDINGS = (
    ("orders.view_order", "admin:orders_order_changelist"),
    ("platforms.view_shop", "admin:platforms_shop_changelist"),
)


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """To the work, not to a list of tables; the index is for who has none of it."""
    for permission, address in _LANDINGS:
        if request.user.has_perm(permission):
            return redirect(address)
    return redirect("admin:index")


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 if this process answers and reaches its database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
