"""Clients: the companies whose shops we run. Superusers add, rename and let go."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.addresses import address_of
from apps.core.admin import READS, OwnList, badge, of_row
from apps.core.errors import DomainError
from apps.core.filtering import FilteredList, FilterForm
from apps.core.money import Money
from apps.credit.services.reports.issuing import newest_of
from apps.orders.models import Order
from apps.platforms.admin.cards import orders_a_month
from apps.platforms.admin.states import state_badge, with_shown_state
from apps.platforms.models import Shop
from apps.platforms.services.team.clients import (
    add_client,
    rename_client,
    set_client_active,
)
from apps.users.admin.client_counts import BASE, GMV_DAYS, counted
from apps.users.admin.team.page import teams_of
from apps.users.admin.who import superuser_of
from apps.users.models import Client, User
from apps.users.roles import MANAGE_CREDENTIALS, VIEW_ORDER, VIEW_TEAM

LIST = "admin:users_client_changelist"
PAGE = "admin:users_client_change"


class ClientFilters(FilterForm):
    q = forms.CharField(
        label="Name",
        required=False,
        max_length=120,
        widget=forms.TextInput({"type": "search"}),
    )
    state = forms.ChoiceField(
        required=False,
        choices=[("", "Any state"), ("active", "Active"), ("inactive", "Inactive")],
    )

    def apply(self, rows: Any) -> Any:
        if words := self.value("q"):
            rows = rows.filter(name__icontains=words)
        if state := self.value("state"):
            rows = rows.filter(is_active=state == "active")
        return rows


class ClientList(FilteredList):
    form_class = ClientFilters


class NameForm(forms.Form):
    name = forms.CharField(max_length=120, strip=True)


class ClientAdmin(OwnList):
    list_display = ["client_name", "shops", "people", "orders", "gmv", "state"]
    list_display_links = ["client_name"]
    ordering = ["name"]
    list_before_template = "users/clients.html"
    list_class = ClientList
    list_title = "Clients"

    def get_urls(self) -> list[URLPattern]:
        kept = [
            url for url in super().get_urls() if url.name == "users_client_changelist"
        ]
        return [
            *kept,
            self._path("add/", self.add_view, "add"),
            self._path("<path:object_id>/do/<slug:deed>/", self.act_view, "act"),
            self._path("<path:object_id>/change/", self.change_view, "change"),
        ]

    def _path(self, route: str, view: Any, name: str) -> URLPattern:
        wrapped = self.admin_site.admin_view(view)
        pattern: URLPattern = path(route, wrapped, name=f"users_client_{name}")
        return pattern

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Which clients one sees, the queryset says: also those of a single shop."""
        return self._allows(request, "view", None)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Not the theme's button: the page has its own, with words."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What a client did stays; one that left is made inactive."""
        return False

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        cl.result_list = counted(cl.result_list, request.user)
        return super().list_context(request, cl)

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        actor = superuser_of(request)
        form = NameForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                client = add_client(actor, **_named(form, request))
            except DomainError as error:
                form.add_error("name", str(error))
            else:
                messages.success(
                    request, f"{client} is added. Connect its shops, invite its people."
                )
                return redirect(PAGE, client.pk)
        context = {"title": "Add client", "form": form}
        return self.own_page(request, "users/client_add.html", context)

    @of_row(*READS)
    def change_view(self, request: HttpRequest, client: Client) -> HttpResponse:
        return self._client_page(request, client, NameForm({"name": client.name}))

    @of_row("POST")
    def act_view(self, request: HttpRequest, client: Client, deed: str) -> HttpResponse:
        """Rename, deactivate, activate: POST, a superuser, one service."""
        if deed not in ("rename", "deactivate", "activate"):
            raise Http404
        actor = superuser_of(request)
        try:
            if deed == "rename":
                form = NameForm(request.POST)
                if not form.is_valid():
                    return self._client_page(request, client, form)
                changed = rename_client(actor, client, **_named(form, request))
            else:
                changed = set_client_active(
                    actor,
                    client,
                    is_active=deed == "activate",
                    address=address_of(request),
                )
        except DomainError as error:
            messages.error(request, str(error))
        else:
            words = {
                "rename": "Renamed.",
                "activate": f"{client} is active: its people see it again.",
                "deactivate": f"{client} is inactive: its people see nothing of it.",
            }
            messages.success(request, words[deed] if changed else "It was so already.")
        return redirect(PAGE, client.pk)

    def _client_page(
        self, request: HttpRequest, client: Client, form: NameForm
    ) -> TemplateResponse:
        viewer = request.user
        assert isinstance(viewer, User)
        now = timezone.now()
        shops = list(
            with_shown_state(Shop.objects.visible_to(viewer).filter(client=client), now)
        )
        readable = Shop.objects.visible_to(viewer, VIEW_ORDER).filter(client=client)
        orders = orders_a_month(Order.objects.filter(shop__in=readable), now)
        sees_team = Client.objects.visible_to(viewer, VIEW_TEAM).filter(pk=client.pk)
        teams = teams_of([client], viewer) if sees_team.exists() else []
        return self.own_page(
            request,
            "users/client.html",
            {
                "title": client.name,
                "client": client,
                "form": form,
                "shops": [
                    (shop, state_badge(shop), orders.get(shop.pk, 0)) for shop in shops
                ],
                "team": teams[0] if teams else None,
                "credit_reports": newest_of(client, viewer),
                "may_connect": client.is_active
                and viewer.has_perm(MANAGE_CREDENTIALS, client),
                "may_change": self.has_change_permission(request, client),
            },
        )

    @admin.display(description="Name", ordering="name")
    def client_name(self, client: Client) -> str:
        return client.name

    @admin.display(description="Shops")
    def shops(self, client: Any) -> SafeString | str:
        return _link("admin:platforms_shop_changelist", client.pk, client.shop_count)

    @admin.display(description="People")
    def people(self, client: Any) -> SafeString | str:
        return _link(
            "admin:users_membership_changelist", client.pk, client.people_count
        )

    @admin.display(description="Orders, 30 days")
    def orders(self, client: Any) -> SafeString:
        return format_html('<span class="money">{}</span>', client.order_count)

    @admin.display(description=f"GMV, {GMV_DAYS} days")
    def gmv(self, client: Any) -> SafeString | str:
        """In the base currency; what there is no rate for is left out, and said."""
        if client.gmv is None:
            return "—"
        rates = sorted({used.rate_date for used in client.gmv.rates.values()})
        words = f"At the rates of each day, the newest of {rates[-1]}" if rates else ""
        left_out = sorted({currency for currency, _ in client.gmv.left_out})
        note = f"without {', '.join(left_out)}: no rate" if left_out else ""
        return format_html(
            '<span class="money" title="{}">{}</span>{}',
            words,
            Money(client.gmv.amount, BASE),
            format_html('<span class="soft line">{}</span>', note) if note else "",
        )

    @admin.display(description="State", ordering="is_active")
    def state(self, client: Client) -> SafeString:
        return (
            badge("Active", "good")
            if client.is_active
            else badge("Inactive", "neutral")
        )


def _link(address: str, client_id: int, number: int) -> SafeString | str:
    if not number:
        return "0"
    return format_html(
        '<a href="{}?client={}">{}</a>', reverse(address), client_id, number
    )


def _named(form: NameForm, request: HttpRequest) -> dict[str, Any]:
    return {"name": form.cleaned_data["name"], "address": address_of(request)}
