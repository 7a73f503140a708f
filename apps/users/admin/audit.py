"""The audit trail: read, filtered, exported; never written by hand."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.apps import apps
from django.contrib.admin import AdminSite, display
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.backoffice.services.retention import rule_of
from apps.core.addresses import address_of
from apps.core.admin import OwnList, ReadOnlyAdmin, ago
from apps.core.exports import csv_response
from apps.core.filtering import FilteredList, FilterForm, date_input
from apps.platforms.models import Shop
from apps.users.admin.audit_words import changes_of, details_in_words, facts_of
from apps.users.models import AnyUser, AuditEntry, Client, User
from apps.users.roles import VIEW_AUDIT
from apps.users.services import audit

_COLUMNS = (
    "time",
    "who",
    "did",
    "type",
    "id",
    "what",
    "client",
    "shop",
    "address",
    "details",
)


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
    shop = forms.ModelChoiceField(
        Shop.objects.none(), required=False, empty_label="All shops"
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
        self.choose("client", Client.objects.visible_to(self.user, VIEW_AUDIT))
        self.choose("shop", Shop.objects.visible_to(self.user, VIEW_AUDIT))
        entries = AuditEntry.objects.visible_to(self.user)
        verbs = sorted(entries.order_by().values_list("verb", flat=True).distinct())
        self.offer("verb", [("", "Anything"), *((verb, verb) for verb in verbs)])

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        shop = self.value("shop")
        conditions = {
            "actor_text__icontains": self.value("actor"),
            "verb": self.value("verb"),
            "client": self.value("client"),
            "shop_key": shop.pk if shop else None,
            "at__date__gte": self.value("since"),
            "at__date__lte": self.value("until"),
        }
        if target := self.value("target"):
            rows = rows.filter(Q(target_text__icontains=target) | Q(target_id=target))
        return rows.filter(
            **{name: value for name, value in conditions.items() if value is not None}
        )

    @property
    def in_words(self) -> dict[str, str]:
        """{filter: what was chosen}, for the trail."""
        chosen = {name: self.value(name) for name in self.fields}
        return {name: str(value) for name, value in chosen.items() if value is not None}


class AuditList(FilteredList):
    form_class = AuditFilters


class AuditEntryAdmin(OwnList, ReadOnlyAdmin):
    """Who did what, when. Read, filtered, exported; never written by hand."""

    list_display = ["at_text", "who", "did", "target", "client", "details_text"]
    list_display_links = ["at_text"]
    list_select_related = ["client"]
    list_before_template = "users/audit.html"
    list_class = AuditList
    list_title = "Audit trail"
    ordering = ["-at", "-pk"]

    def get_urls(self) -> list[URLPattern]:
        export = path(
            "export/",
            self.admin_site.admin_view(self.export_view),
            name="users_auditentry_export",
        )
        return [export, *super().get_urls()]

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        cl.result_list = _with_links(list(cl.result_list), request, self.admin_site)
        return super().list_context(request, cl) | {
            "export_query": cl.get_query_string(remove=["p", "o"]),
            "kept": rule_of("audit").in_words,
        }

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One entry, its values before and after."""
        entry = self.get_object(request, object_id)
        if request.method not in ("GET", "HEAD") or not self.has_view_permission(
            request, entry
        ):
            raise PermissionDenied
        if entry is None:
            return self.missing(request, object_id)
        _with_links([entry], request, self.admin_site)
        context = {
            "title": "Audit entry",
            "entry": entry,
            "changes": changes_of(entry),
            "facts": facts_of(entry),
            "shop": _shop_of(request.user, entry),
        }
        return self.own_page(request, "users/audit_entry.html", context)

    def export_view(self, request: HttpRequest) -> StreamingHttpResponse:
        """The entries the filters leave, as CSV. That they were taken is an entry."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        assert isinstance(request.user, User)
        filters = AuditFilters(request.GET, request.user)
        entries = filters.apply(self.get_queryset(request).order_by("-at", "-pk"))
        taken = audit.record(
            "exported the audit trail",
            request.user,
            actor=request.user,
            client=filters.value("client") or _only_client(request.user),
            address=address_of(request),
            filters=filters.in_words,
        )
        others = entries.exclude(pk=taken.pk)
        return csv_response("audit-trail.csv", _COLUMNS, _cells(others))

    @display(description="Time", ordering="at")
    def at_text(self, entry: AuditEntry) -> SafeString | str:
        return ago(entry.at)

    @display(description="To what", ordering="target_text")
    def target(self, entry: AuditEntry) -> SafeString:
        name: str | SafeString = entry.target_text
        if link := getattr(entry, "link", ""):
            name = format_html('<a class="linked" href="{}">{}</a>', link, name)
        return format_html(
            '<div>{}<br><span class="soft">{} {}</span></div>',
            name,
            entry.target_type,
            entry.target_id,
        )

    @display(description="Who", ordering="actor_text")
    def who(self, entry: AuditEntry) -> SafeString:
        return format_html(
            '{}<br><span class="soft mono">{}</span>',
            entry.actor_text,
            entry.address or "",
        )

    @display(description="Did", ordering="verb")
    def did(self, entry: AuditEntry) -> str:
        return entry.verb

    @display(description="Details")
    def details_text(self, entry: AuditEntry) -> str:
        return details_in_words(entry) or "—"


def _with_links(entries: list[Any], request: HttpRequest, site: AdminSite) -> list[Any]:
    """Each with `link`, the page of its target if the viewer may open it. One query
    for each kind of target."""
    keys: dict[str, set[str]] = {}
    for entry in entries:
        keys.setdefault(entry.target_type, set()).add(entry.target_id)
    links = {
        (kind, key): link
        for kind, ids in keys.items()
        for key, link in _pages(kind, ids, request, site)
    }
    for entry in entries:
        entry.link = links.get((entry.target_type, entry.target_id), "")
    return entries


def _pages(
    kind: str, ids: Iterable[str], request: HttpRequest, site: AdminSite
) -> Iterator[tuple[str, str]]:
    try:
        model: type[Model] = apps.get_model(kind)
    except (LookupError, ValueError):
        return  # what it was is no longer a table
    page = site._registry.get(model)
    if page is None or not page.has_view_permission(request):
        return
    numbers = [key for key in ids if key.isdecimal() and len(key) < 19]
    visible = page.get_queryset(request).filter(pk__in=numbers)
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
    for key in visible.order_by().values_list("pk", flat=True):
        yield str(key), reverse(name, args=[key])


def _only_client(user: User) -> Client | None:
    """Whose trail it is, where somebody reads one client's alone."""
    clients = list(Client.objects.visible_to(user, VIEW_AUDIT)[:2])
    return clients[0] if len(clients) == 1 else None


def _shop_of(user: AnyUser, entry: AuditEntry) -> Shop | None:
    if entry.shop_key is None:
        return None
    return Shop.objects.visible_to(user, VIEW_AUDIT).filter(pk=entry.shop_key).first()


def _cells(entries: QuerySet[AuditEntry]) -> Iterator[list[object]]:
    for entry in entries.select_related("client").iterator():
        yield [
            entry.at.isoformat(),
            entry.actor_text,
            entry.verb,
            entry.target_type,
            entry.target_id,
            entry.target_text,
            entry.client or "",
            entry.shop_key,
            entry.address,
            json.dumps(entry.details, ensure_ascii=False),
        ]
