"""Connect a shop: choose, leave for TikTok's consent page, come back."""

import logging
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe
from kombu.exceptions import OperationalError

from apps.core.errors import DomainError
from apps.integrations.errors import PlatformError
from apps.platforms.models import ApiApp
from apps.platforms.services import connect as service
from apps.sync.models import SyncRun
from apps.sync.tasks import pull_orders
from apps.users.models import AnyUser, Client, User

logger = logging.getLogger(__name__)

PERMISSION = "platforms.manage_credentials"


class ConnectForm(forms.Form):
    """Whose shop, through which app, and in which half of TikTok's world."""

    client = forms.ModelChoiceField(Client.objects.none())
    api_app = forms.ModelChoiceField(ApiApp.objects.all(), label="API app")
    market = forms.ChoiceField(
        choices=[("row", "Any market but the United States"), ("us", "United States")],
        help_text="TikTok asks US sellers for consent on a page of its own.",
    )

    def __init__(self, data: Any, user: AnyUser) -> None:
        super().__init__(data)
        client = self.fields["client"]
        assert isinstance(client, forms.ModelChoiceField)
        client.queryset = Client.objects.visible_to(user)


@login_required
@permission_required(PERMISSION, raise_exception=True)
@require_http_methods(["GET", "POST"])
def connect(request: HttpRequest) -> HttpResponse:
    """The form; sent off, it leads to TikTok's own page in the same tab."""
    assert isinstance(request.user, User)
    form = ConnectForm(request.POST or None, request.user)
    if request.method == "POST" and form.is_valid():
        try:
            address = service.start(
                request.user,
                form.cleaned_data["client"],
                form.cleaned_data["api_app"],
                is_us=form.cleaned_data["market"] == "us",
            )
        except DomainError as error:
            form.add_error("api_app", str(error))
        else:
            return HttpResponseRedirect(address)
    return TemplateResponse(
        request,
        "platforms/connect.html",
        admin.site.each_context(request)
        | {
            "title": "Add shop",
            "form": form,
            "has_apps": ApiApp.objects.exists(),
            "has_clients": Client.objects.visible_to(request.user).exists(),
        },
    )


@login_required
@permission_required(PERMISSION, raise_exception=True)
@require_safe
def callback(request: HttpRequest) -> HttpResponse:
    """Where TikTok sends the seller back to. Says what happened, in one message."""
    assert isinstance(request.user, User)
    code = request.GET.get("code", "")
    state = request.GET.get("state", "")
    if request.GET.get("error") or code == "null":
        messages.warning(request, "You did not grant access. Nothing was stored.")
        return redirect("platforms:connect")
    if not code:
        messages.error(request, "TikTok sent no authorisation code.")
        return redirect("platforms:connect")
    try:
        shops = service.finish(service.redeem(request.user, state), code)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("platforms:connect")
    except PlatformError as error:
        messages.error(request, f"TikTok did not finish the connection. {error}")
        return redirect("platforms:connect")
    for shop in shops:
        transaction.on_commit(partial(_start_first_pull, shop.pk))
    names = ", ".join(str(shop) for shop in shops)
    messages.success(request, f"Connected: {names}. The last 90 days are on their way.")
    return HttpResponseRedirect(reverse("admin:platforms_shop_changelist"))


def _start_first_pull(shop_id: int) -> None:
    """At once, so that nobody has to wait; if the broker is away, the sweep will."""
    try:
        pull_orders.delay(shop_id, SyncRun.Trigger.CONNECT)
    except OperationalError as error:
        logger.warning("first pull not queued shop=%s error=%s", shop_id, error)
