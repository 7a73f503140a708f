"""Creators' accounts: which there are, and what opens them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.addresses import address_of
from apps.core.admin import OwnList, ReadOnlyAdmin, badge, of_row
from apps.core.filtering import FilterForm, FormList
from apps.platforms.models import CreatorAccount
from apps.platforms.services.creators import disconnect_creator
from apps.users.models import Client
from apps.users.roles import MANAGE_CREDENTIALS, VIEW_CREATOR
from apps.users.services.audit import By
from apps.users.views.pages import user_of

State = CreatorAccount.State
_BADGES = {
    State.CONNECTED: "good",
    State.RECONNECT_NEEDED: "bad",
    State.DISCONNECTED: "neutral",
}
_LIST = "admin:platforms_creatoraccount_changelist"


class CreatorAccountFilters(FilterForm):
    client = forms.ModelChoiceField(
        Client.objects.none(), required=False, empty_label="All clients"
    )
    state = forms.ChoiceField(
        required=False, choices=[("", "All states"), *State.choices]
    )

    def prepare(self) -> None:
        self.choose("client", Client.objects.permitting(self.user, VIEW_CREATOR))

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        asked = {"client": self.value("client"), "state": self.value("state")}
        return rows.filter(**{name: value for name, value in asked.items() if value})


class CreatorAccountList(FormList):
    form_class = CreatorAccountFilters


class CreatorAccountAdmin(OwnList, ReadOnlyAdmin):
    """Seen by who sees creators at the whole client; opened and closed by who connects
    its shops."""

    list_display = ["account", "client", "region", "badge", "connected_at", "deed"]
    list_display_links = None
    list_class = CreatorAccountList
    list_title = "Creator accounts"
    list_before_template = "platforms/creator_accounts.html"
    list_select_related = ["client"]
    ordering = ["username", "pk"]

    def has_view_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return bool(request.user.has_perm(VIEW_CREATOR, obj))

    def get_urls(self) -> list[URLPattern]:
        name = "platforms_creatoraccount"
        kept = [url for url in super().get_urls() if url.name == f"{name}_changelist"]
        view = self.admin_site.admin_view(self.disconnect_view)
        return [
            *kept,
            path("<int:object_id>/disconnect/", view, name=f"{name}_disconnect"),
        ]

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        may_connect = Client.objects.permitting(user_of(request), MANAGE_CREDENTIALS)
        cl.result_list = list(cl.result_list)
        for row in cl.result_list:
            row.may_close = row.state != State.DISCONNECTED and request.user.has_perm(
                MANAGE_CREDENTIALS, row
            )
        return super().list_context(request, cl) | {"may_connect": may_connect.exists()}

    @of_row("GET", "POST")
    def disconnect_view(
        self, request: HttpRequest, row: CreatorAccount
    ) -> HttpResponse:
        """Say what it does, ask once, do it."""
        if not request.user.has_perm(MANAGE_CREDENTIALS, row):
            raise PermissionDenied
        if request.method == "POST":
            by = By(user_of(request), address_of(request))
            disconnect_creator(row, by=by)
            messages.success(request, f"{row} is disconnected.")
            return redirect(_LIST)
        context = {"title": f"Disconnect {row}?", "account": row}
        return self.own_page(request, "platforms/creator_disconnect.html", context)

    def account(self, row: CreatorAccount) -> str:
        return str(row)

    @admin.display(description="State")
    def badge(self, row: CreatorAccount) -> SafeString:
        state = State(row.state)
        shown = badge(state.label, _BADGES[state])
        if not row.state_reason or state == State.CONNECTED:
            return shown
        return format_html('{} <span class="soft">{}</span>', shown, row.state_reason)

    @admin.display(description="")
    def deed(self, row: Any) -> SafeString | str:
        if not row.may_close:
            return ""
        address = f"{row.pk}/disconnect/"
        return format_html('<a class="button" href="{}">Disconnect…</a>', address)
