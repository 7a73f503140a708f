"""People, clients, and the audit trail."""

import csv
import json
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from apps.core.admin import ModelAdmin, ReadOnlyAdmin, ago
from apps.core.filtering import FilteredList, FilterForm, date_input
from apps.users.models import AuditEntry, Client, Membership, User

admin.site.unregister(Group)


class MembershipInline(TabularInline):  # type: ignore[misc]
    model = Membership
    extra = 0
    autocomplete_fields = ["user"]


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "email", "is_active", "is_staff", "last_login"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Oneself and the people of one's clients; superusers see everybody."""
        users: QuerySet[Any] = super().get_queryset(request)
        if request.user.is_superuser:
            return users
        colleagues = Membership.objects.filter(
            client__in=Client.objects.visible_to(request.user)
        )
        return users.filter(Q(pk=request.user.pk) | Q(pk__in=colleagues.values("user")))


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    pass


@admin.register(Client)
class ClientAdmin(ModelAdmin):
    list_display = ["name", "created_at"]
    search_fields = ["name"]
    inlines = [MembershipInline]


class AuditFilters(FilterForm):
    actor = forms.CharField(
        label="Who",
        required=False,
        max_length=150,
        widget=forms.TextInput({"type": "search"}),
    )
    verb = forms.ChoiceField(label="Did what", required=False)
    client = forms.ModelChoiceField(
        Client.objects.none(), required=False, empty_label="All clients"
    )
    target = forms.CharField(
        label="To what",
        required=False,
        max_length=200,
        widget=forms.TextInput({"type": "search"}),
    )
    since = date_input("From")
    until = date_input("To")

    def prepare(self) -> None:
        self.choose("client", Client.objects.visible_to(self.user))
        entries = AuditEntry.objects.visible_to(self.user)
        verbs = sorted(set(entries.order_by().values_list("verb", flat=True)))
        self.offer("verb", [("", "Anything"), *((verb, verb) for verb in verbs)])

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        conditions = {
            "actor_text__icontains": self.value("actor"),
            "verb": self.value("verb"),
            "client": self.value("client"),
            "at__date__gte": self.value("since"),
            "at__date__lte": self.value("until"),
        }
        if target := self.value("target"):
            rows = rows.filter(Q(target_text__icontains=target) | Q(target_id=target))
        return rows.filter(
            **{name: value for name, value in conditions.items() if value is not None}
        )


class AuditList(FilteredList):
    form_class = AuditFilters


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Who did what, when. Read, filtered, exported; never written by hand."""

    list_display = ["at_text", "who", "did", "target", "client", "details_text"]
    list_display_links = None
    list_select_related = ["client"]
    list_before_template = "users/audit.html"
    change_list_template = "admin/change_list.html"
    ordering = ["-at", "-pk"]
    actions = None

    def get_urls(self) -> list[URLPattern]:
        export = path(
            "export/",
            self.admin_site.admin_view(self.export_view),
            name="users_auditentry_export",
        )
        return [export, *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return AuditList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response: HttpResponse = super().changelist_view(
            request, {"title": "Audit trail"} | (extra_context or {})
        )
        if isinstance(response, TemplateResponse) and response.context_data:
            changelist = response.context_data.get("cl")
            if isinstance(changelist, AuditList):
                response.context_data |= {
                    "filters": changelist.filters,
                    "export_query": changelist.get_query_string(remove=["p", "o"]),
                }
        return response

    def export_view(self, request: HttpRequest) -> StreamingHttpResponse:
        """The entries the filters leave, as CSV."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        filters = AuditFilters(request.GET, request.user)
        entries = filters.apply(self.get_queryset(request).order_by("-at", "-pk"))
        writer = csv.writer(_Echo())
        return StreamingHttpResponse(
            (writer.writerow(row) for row in _rows(entries)),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="audit-trail.csv"'},
        )

    @admin.display(description="Time", ordering="at")
    def at_text(self, entry: AuditEntry) -> SafeString | str:
        return ago(entry.at)

    @admin.display(description="To what", ordering="target_text")
    def target(self, entry: AuditEntry) -> SafeString:
        return format_html(
            '{}<br><span class="soft">{} {}</span>',
            entry.target_text,
            entry.target_type,
            entry.target_id,
        )

    @admin.display(description="Who", ordering="actor_text")
    def who(self, entry: AuditEntry) -> SafeString:
        return format_html(
            '{}<br><span class="soft mono">{}</span>',
            entry.actor_text,
            entry.address or "",
        )

    @admin.display(description="Did", ordering="verb")
    def did(self, entry: AuditEntry) -> str:
        return entry.verb

    @admin.display(description="Details")
    def details_text(self, entry: AuditEntry) -> str:
        return details_in_words(entry) or "—"


def details_in_words(entry: AuditEntry) -> str:
    """As “name: Old → New · rating: — → 4.5”: pairs are before and after."""
    return " · ".join(
        line for name, value in entry.details.items() for line in _lines(name, value)
    )


def _lines(name: str, value: Any) -> list[str]:
    name = name.replace("_", " ")
    if isinstance(value, dict):
        return [line for key, item in value.items() for line in _lines(key, item)]
    if isinstance(value, list):
        words = [_word(item) for item in value]
        return [f"{name}: {(' → ' if len(words) == 2 else ', ').join(words)}"]
    return [f"{name}: {_word(value)}"]


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "—" if value in (None, "") else str(value)


class _Echo:
    """A file that hands back what it is given, so rows can be streamed."""

    def write(self, text: str) -> str:
        return text


def _rows(entries: QuerySet[AuditEntry]) -> Iterator[list[str]]:
    yield ["time", "who", "did", "type", "id", "what", "client", "address", "details"]
    for entry in entries.select_related("client").iterator():
        cells = [
            entry.at.isoformat(),
            entry.actor_text,
            entry.verb,
            entry.target_type,
            entry.target_id,
            entry.target_text,
            str(entry.client or ""),
            entry.address or "",
            json.dumps(entry.details, ensure_ascii=False),
        ]
        yield [_harmless(cell) for cell in cells]


def _harmless(cell: str) -> str:
    """A spreadsheet takes these beginnings for a formula and runs it."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
