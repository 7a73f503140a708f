"""Before consent: choose what to connect, and read what will be asked."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from apps.core.errors import DomainError
from apps.platforms.models import ApiApp, ConnectAttempt, Shop
from apps.platforms.regions import REGIONS, region_of
from apps.platforms.services.connecting import tickets
from apps.platforms.services.connecting.scopes import asked_for, asked_of_creator
from apps.platforms.views.access import (
    page,
    remember,
    shop_page,
    staff_page,
    with_attempt,
)
from apps.users.models import AnyUser, Client
from apps.users.roles import MANAGE_CREDENTIALS
from apps.users.views.pages import user_of


def region_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """By the group people speak of; each with its money and what a business needs."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for region in REGIONS.values():
        needs = region.requirement if region.is_open else "not open yet"
        words = f"{region.name} · {region.currency} · {needs}"
        groups.setdefault(region.group, []).append((region.code, words))
    return list(groups.items())


class ConnectForm(forms.Form):
    """Whose shop, in which market, through which app, and what to call it."""

    client = forms.ModelChoiceField(Client.objects.none(), empty_label="Choose …")
    region = forms.ChoiceField()
    api_app = forms.ModelChoiceField(
        ApiApp.objects.none(), label="API app", empty_label="Choose …"
    )
    environment = forms.ChoiceField(
        choices=[
            (Shop.Environment.PRODUCTION.value, "Production"),
            (Shop.Environment.SANDBOX.value, "Sandbox"),
        ],
        help_text="Numbers of sandbox shops stay out of all sums.",
    )
    name = forms.CharField(
        max_length=120,
        required=False,
        help_text="Descriptive, like “Main Store - US (Live Enabled)”, not “Shop 1”. "
        "Empty: as TikTok calls it.",
    )

    def __init__(self, data: Any, user: AnyUser, shop: Shop | None = None) -> None:
        super().__init__(data)
        self.fields["region"].choices = [  # type: ignore[attr-defined]
            ("", "Choose …"),
            *region_choices(),
        ]
        for name, rows in (
            ("client", Client.objects.permitting(user, MANAGE_CREDENTIALS)),
            ("api_app", ApiApp.objects.visible_to(user)),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows
            if len(only := list(rows[:2])) == 1:
                field.initial = only[0]
        if shop is not None:
            self._reconnect(shop, user)

    def _reconnect(self, shop: Shop, user: AnyUser) -> None:
        """The shop says it all but the app."""
        for name in ("client", "region", "environment", "name"):
            del self.fields[name]
        apps = self.fields["api_app"]
        assert isinstance(apps, forms.ModelChoiceField)
        apps.queryset = ApiApp.objects.visible_to(user).serving(shop.client)
        credential = shop.credentials.first()
        if credential is not None:
            self.fields["api_app"].initial = credential.api_app_id


@staff_page
@require_http_methods(["GET", "POST"])
def connect(request: HttpRequest) -> HttpResponse:
    """Step 1. `?shop=` reconnects a shop, which says all but the app; `?app=` names
    that."""
    user = user_of(request)
    shop = _shop_to_reconnect(request)
    form = ConnectForm(request.POST or None, user, shop)
    if (app := request.GET.get("app", "")).isdecimal():
        form.initial["api_app"] = int(app)
    if request.method == "POST" and form.is_valid():
        try:
            attempt = tickets.begin(user, _choice(form.cleaned_data, shop))
        except DomainError as error:
            form.add_error(_field_of(str(error), form), str(error))
        else:
            return redirect("platforms:explain", pk=attempt.pk)
    return page(
        request,
        "connect",
        f"Reconnect {shop}" if shop else "Add shop",
        form=form,
        shop=shop,
        back=shop_page(shop) if shop else reverse("admin:platforms_shop_changelist"),
        has_apps=ApiApp.objects.visible_to(user).exists(),
        has_clients=Client.objects.permitting(user, MANAGE_CREDENTIALS).exists(),
    )


class CreatorForm(ConnectForm):
    """Whose creator, and through which app: the creator's own account says the rest."""

    def __init__(self, data: Any, user: AnyUser) -> None:
        super().__init__(data, user)
        for name in ("region", "environment", "name"):
            del self.fields[name]


@staff_page
@require_http_methods(["GET", "POST"])
def connect_creator(request: HttpRequest) -> HttpResponse:
    """Step 1 for a creator's account."""
    user = user_of(request)
    form = CreatorForm(request.POST or None, user)
    if request.method == "POST" and form.is_valid():
        try:
            attempt = tickets.begin_for_creator(user, **form.cleaned_data)
        except DomainError as error:
            form.add_error("api_app", str(error))
        else:
            return redirect("platforms:explain", pk=attempt.pk)
    return page(
        request,
        "connect",
        "Add creator account",
        form=form,
        is_creator=True,
        back=reverse("admin:platforms_creatoraccount_changelist"),
        has_apps=ApiApp.objects.visible_to(user).exists(),
        has_clients=Client.objects.permitting(user, MANAGE_CREDENTIALS).exists(),
    )


@staff_page
@require_http_methods(["GET", "POST"])
@with_attempt
def explain(request: HttpRequest, attempt: ConnectAttempt) -> HttpResponse:
    """Step 2: what TikTok will ask for; sent off, it leads there in the same tab."""
    problem = ""
    if request.method == "POST":
        try:
            away = HttpResponseRedirect(tickets.leave_for_consent(attempt))
        except DomainError as error:
            problem = str(error)
        else:
            remember(request, away, attempt.pk)
            return away
    is_creator = attempt.account_kind == ConnectAttempt.AccountKind.CREATOR
    return page(
        request,
        "connect_explain",
        "What TikTok will ask",
        attempt=attempt,
        is_creator=is_creator,
        region=region_of(attempt.region),
        asked=asked_of_creator() if is_creator else asked_for(attempt.api_app),
        redirect_address=settings.PUBLIC_URL + reverse("platforms:callback"),
        problem=problem,
    )


def _shop_to_reconnect(request: HttpRequest) -> Shop | None:
    wanted = request.GET.get("shop", "")
    if not wanted:
        return None
    shops = Shop.objects.visible_to(request.user, MANAGE_CREDENTIALS)
    return get_object_or_404(
        shops.select_related("client"), pk=int(wanted) if wanted.isdecimal() else 0
    )


def _choice(data: dict[str, Any], shop: Shop | None) -> tickets.Choice:
    if shop is None:
        return tickets.Choice(**data)
    return tickets.Choice(
        shop.client,
        data["api_app"],
        shop.region,
        environment=shop.environment,
        reconnects=shop,
    )


def _field_of(message: str, form: ConnectForm) -> str | None:
    """Where on the form a refusal belongs."""
    name = "region" if "not available in your region" in message else "api_app"
    return name if name in form.fields else None
