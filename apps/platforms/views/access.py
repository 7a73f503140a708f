"""Who may see a page of the connection, and what its pages have in common."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import admin, messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache

from apps.core.queueing import after_commit
from apps.platforms.models import ConnectAttempt, Shop
from apps.platforms.services.connecting.tickets import NO_LONGER_VALID
from apps.sync.models import Resource, SyncRun
from apps.sync.services.first_pull import FIRST
from apps.sync.start import pull_task
from apps.sync.tasks import pull_creator_orders
from apps.users.models import Client
from apps.users.roles import MANAGE_CREDENTIALS
from apps.users.views.pages import user_of
from apps.webhooks.tasks import set_up_subscriptions

COOKIE = "connect"
_COOKIE_SECONDS = 2 * 60 * 60
_SALT = "connect attempt"

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def staff_page(view: View[P]) -> View[P]:
    """For those signed in who may connect shops; nothing of it is cached."""
    allowed = permission_required(MANAGE_CREDENTIALS, raise_exception=True)(view)
    return never_cache(login_required(allowed))


def with_attempt(
    view: Callable[[HttpRequest, ConnectAttempt], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Hands the user's own attempt to the view; any other is as good as none."""

    @wraps(view)
    def found(request: HttpRequest, pk: int) -> HttpResponse:
        attempt = own_attempt(request, pk)
        if attempt is None:
            messages.error(request, NO_LONGER_VALID)
            return redirect("platforms:connect")
        return view(request, attempt)

    return found


def own_attempt(request: HttpRequest, pk: int) -> ConnectAttempt | None:
    """Where one may still connect: at its client, or the shop to be reconnected."""
    user = user_of(request)
    may = (
        Q(client=None)
        | Q(client__in=Client.objects.permitting(user, MANAGE_CREDENTIALS))
        | Q(reconnects__in=Shop.objects.visible_to(user, MANAGE_CREDENTIALS))
    )
    return attempts().filter(may, pk=pk, user=user).first()


def attempts() -> QuerySet[ConnectAttempt]:
    return ConnectAttempt.objects.select_related(
        "client", "api_app", "authorization", "reconnects", "link"
    )


def page(
    request: HttpRequest,
    template: str,
    title: str,
    *,
    status: int = 200,
    **context: Any,
) -> TemplateResponse:
    """A page within the back office."""
    everything = admin.site.each_context(request) | {"title": title} | context
    return TemplateResponse(
        request, f"platforms/{template}.html", everything, status=status
    )


def plain_page(
    request: HttpRequest,
    template: str,
    title: str,
    *,
    status: int = 200,
    **context: Any,
) -> TemplateResponse:
    """A page for somebody who is not one of us: no navigation, no names but theirs."""
    return TemplateResponse(
        request,
        f"platforms/{template}.html",
        {"title": title} | context,
        status=status,
    )


def problem_page(
    request: HttpRequest, text: str, *, status: int = 200
) -> TemplateResponse:
    return plain_page(
        request, "connect_stopped", "Connect your shop", status=status, text=text
    )


def remember(request: HttpRequest, response: HttpResponse, attempt: int) -> None:
    """Bind the attempt to this browser."""
    response.set_signed_cookie(
        COOKIE,
        str(attempt),
        salt=_SALT,
        max_age=_COOKIE_SECONDS,
        path=reverse("platforms:connect").removesuffix("connect/"),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )


def remembered(request: HttpRequest) -> int | None:
    value = request.get_signed_cookie(
        COOKIE, default="", salt=_SALT, max_age=_COOKIE_SECONDS
    )
    return int(value) if value else None


def shop_page(shop: Shop) -> str:
    return reverse("admin:platforms_shop_change", args=[shop.pk])


def start_creator_pull(account_id: int) -> None:
    """As start_pulls, of a creator's account."""
    after_commit(pull_creator_orders.delay, account_id, SyncRun.Trigger.CONNECT)


def start_pulls(shops: Iterable[Shop], resources: Iterable[Resource] = FIRST) -> None:
    """Wake the workers after the commit. Rows say what is due: should no broker
    answer, the sweep finds the shops all the same."""
    tasks = [pull_task(resource) for resource in resources]
    for shop in shops:
        for task in tasks:
            after_commit(task.delay, shop.pk, SyncRun.Trigger.CONNECT)
        after_commit(set_up_subscriptions.delay, shop.pk)
