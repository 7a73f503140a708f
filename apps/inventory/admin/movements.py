"""All that ever moved, with what made it move. Nobody edits it."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.admin import OwnList, ago
from apps.inventory.admin import flow_page, movements_csv
from apps.inventory.admin import movements_rows as rows
from apps.inventory.admin.base import MOST_PAGED, CappedPaginator, StockAdmin
from apps.inventory.admin.movements_filters import MovementFilters, MovementList
from apps.inventory.models import StockMovement


class MovementAdmin(OwnList, StockAdmin):
    list_display = [
        "sku",
        "booked",
        "what",
        "on_hand_change",
        "reserved_change",
        "aside",
        "after",
        "who",
    ]
    list_display_links = ["sku"]
    list_class = MovementList
    list_title = "Stock movements"
    list_before_template = "inventory/movements.html"
    ordering = ["-booked_at", "-pk"]
    paginator = CappedPaginator

    class Media:
        css = {"all": ["shopdesk/stock.css"]}

    def own_urls(self) -> list[URLPattern]:
        return [
            self.page_at("export/", self.export_view, "export"),
            # Not below the stock list: its sidebar entry would be lit as well.
            self.page_at("flow/", self.flow_view, "flow"),
        ]

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return rows.whole(rows.seen_by(request.user))

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        cl.result_list = rows.with_causes(cl.result_list, request.user)
        address = reverse("admin:inventory_stockmovement_export")
        return super().list_context(request, cl) | {
            "variant": cl.filters.value("variant"),
            "without_variant": cl.get_query_string(remove=["variant", "p"]),
            "most_paged": MOST_PAGED if cl.result_count >= MOST_PAGED else 0,
            "export": f"{address}?{request.GET.urlencode()}",
        }

    def export_view(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """What the list shows under the same address, all pages of it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        filters = MovementFilters(request.GET, request.user)
        found = filters.apply(rows.seen_by(request.user))
        return movements_csv.export(found, request.user)

    def flow_view(self, request: HttpRequest) -> HttpResponse:
        return flow_page.page(self, request)

    @admin.display(description="Booked", ordering="booked_at")
    def booked(self, row: StockMovement) -> SafeString:
        return format_html(
            '<div>{}<br><span class="soft">moved {}</span></div>',
            ago(row.booked_at),
            f"{row.occurred_at:%d %b %Y %H:%M}",
        )

    @admin.display(description="SKU")
    def sku(self, row: StockMovement) -> SafeString:
        return format_html(
            '<span class="titled"><span class="mono">{}</span><br>'
            '<span class="soft">{} · {}</span></span>',
            row.level.variant.sku,
            row.level.warehouse,
            row.level.warehouse.client,
        )

    @admin.display(description="What")
    def what(self, row: Any) -> SafeString:
        return format_html(
            '<div class="what">{} {}</div>',
            rows.reason_badge(row),
            rows.cause_link(row.cause),
        )

    @admin.display(description="On hand")
    def on_hand_change(self, row: StockMovement) -> SafeString:
        return rows.signed(row.on_hand)

    @admin.display(description="Reserved")
    def reserved_change(self, row: StockMovement) -> SafeString:
        return rows.signed(row.reserved)

    @admin.display(description="Set aside")
    def aside(self, row: StockMovement) -> str:
        return rows.aside(row) or "—"

    @admin.display(description="Then on hand · available")
    def after(self, row: StockMovement) -> SafeString:
        return format_html('<span class="money">{}</span>', rows.after(row))

    @admin.display(description="Who")
    def who(self, row: StockMovement) -> str:
        return rows.who(row)
