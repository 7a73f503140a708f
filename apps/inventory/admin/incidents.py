"""Oversells: more was promised than is there. A list, and a page for each."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Case, Model, QuerySet, Sum, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.admin import READS, OwnList, ago, of_row
from apps.core.filtering import FormList
from apps.inventory.admin import incidents_page
from apps.inventory.admin.base import StockAdmin
from apps.inventory.admin.causes import causes_of
from apps.inventory.admin.documents_words import by_whom
from apps.inventory.admin.place_filters import PlaceFilters
from apps.inventory.models import OversellIncident
from apps.inventory.services import incident_deeds
from apps.users.roles import CHANGE_STOCK


class IncidentFilters(PlaceFilters):
    state = forms.ChoiceField(
        required=False,
        choices=[
            ("", "Open"),
            ("mine", "Open, mine"),
            ("free", "Open, nobody's"),
            ("closed", "Closed"),
            ("all", "All"),
        ],
    )

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        rows = super().apply(rows)
        state = self.value("state")
        if state != "all":
            rows = rows.filter(closed_at__isnull=state != "closed")
        if state == "mine":
            rows = rows.filter(taken_by=self.user)
        elif state == "free":
            rows = rows.filter(taken_by__isnull=True)
        return rows


class IncidentList(FormList):
    form_class = IncidentFilters


class IncidentAdmin(OwnList, StockAdmin):
    list_display = [
        "sku",
        "short",
        "lost",
        "warehouse_name",
        "since",
        "who",
        "state",
        "ways",
    ]
    list_display_links = ["sku"]
    list_class = IncidentList
    list_title = "Oversells"
    list_before_template = "inventory/incidents.html"
    ordering = [
        Case(When(closed_at__isnull=True, then=Value(0)), default=Value(1)).asc(),
        "-opened_at",
        "-pk",
    ]

    def own_urls(self) -> list[URLPattern]:
        return [
            self.page_at("<int:object_id>/do/<slug:deed>/", self.act_view, "act"),
            self.page_at("<path:object_id>/change/", self.change_view, "change"),
        ]

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        """Nobody writes them; what can be done stands on an incident's page."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return (
            super()
            .get_queryset(request)
            .select_related(
                "level__variant__product",
                "level__warehouse__client",
                "booking",
                "taken_by",
            )
        )

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        rows = list(cl.result_list)
        causes = causes_of(request.user, [row.booking for row in rows])
        open_ones = [row for row in rows if row.closed_at is None]
        figures = incidents_page.ways_in_short([row.level for row in open_ones])
        for row in rows:
            row.cause = causes[row.booking_id]
            row.ways_out = figures.get(row.level_id, []) if row in open_ones else []
        cl.result_list = rows
        sums = cl.queryset.order_by().filter(closed_at__isnull=True)
        return super().list_context(request, cl) | {
            "short": sums.aggregate(units=Sum("quantity", default=0))["units"],
        }

    @of_row(*READS)
    def change_view(
        self, request: HttpRequest, incident: OversellIncident
    ) -> HttpResponse:
        context = incidents_page.page_context(request, incident)
        return self.own_page(request, "inventory/incident.html", context)

    @of_row("POST")
    def act_view(
        self, request: HttpRequest, incident: OversellIncident, deed: str
    ) -> HttpResponse:
        self.act_on(request, incident, deed, DEEDS, CHANGE_STOCK)
        return redirect("admin:inventory_oversellincident_change", incident.pk)

    @admin.display(description="SKU", ordering="level__variant__sku")
    def sku(self, row: OversellIncident) -> SafeString:
        variant = row.level.variant
        return format_html(
            '<span class="titled"><span class="mono">{}</span><br>'
            '<span class="soft">{}</span></span>',
            variant.sku,
            variant.title,
        )

    @admin.display(description="Short by", ordering="quantity")
    def short(self, row: OversellIncident) -> SafeString:
        units = row.quantity if row.closed_at is None else row.worst
        return format_html('<span class="mono">{}</span>', f"{units:,}")

    @admin.display(description="Who lost")
    def lost(self, row: Any) -> SafeString:
        if not row.cause.url:
            return format_html('<span class="titled">{}</span>', row.cause.words)
        return format_html(
            '<span class="titled"><a class="linked" href="{}">{}</a></span>',
            row.cause.url,
            row.cause.words,
        )

    @admin.display(description="Warehouse", ordering="level__warehouse__name")
    def warehouse_name(self, row: OversellIncident) -> SafeString:
        return format_html(
            '<div>{}<br><span class="soft">{}</span></div>',
            row.level.warehouse.name,
            row.level.warehouse.client,
        )

    @admin.display(description="Since", ordering="opened_at")
    def since(self, row: OversellIncident) -> SafeString | str:
        return ago(row.opened_at)

    @admin.display(description="Who has it", ordering="taken_by__username")
    def who(self, row: OversellIncident) -> str:
        return str(row.taken_by or "—")

    @admin.display(description="State", ordering="closed_at")
    def state(self, row: OversellIncident) -> SafeString:
        return incidents_page.state_of(row)

    @admin.display(description="Ways out")
    def ways(self, row: Any) -> str:
        return " · ".join(row.ways_out) or "—"


def _take(request: HttpRequest, incident: OversellIncident) -> str:
    is_new = incident_deeds.take(incident, by_whom(request))
    return "It is yours to see to." if is_new else "It is yours already."


def _let_go(request: HttpRequest, incident: OversellIncident) -> str:
    incident_deeds.let_go(incident, by_whom(request))
    return "It is nobody's now."


def _note(request: HttpRequest, incident: OversellIncident) -> str:
    note = request.POST.get("note", "")
    is_new = incident_deeds.set_note(incident, note, by_whom(request))
    return "The note is saved." if is_new else "The note says so already."


DEEDS: dict[str, Callable[[HttpRequest, OversellIncident], str]] = {
    "take": _take,
    "let-go": _let_go,
    "note": _note,
}
