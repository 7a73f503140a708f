"""The stock of each SKU in each warehouse: a list, and a page for each SKU."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.core.admin import READS, OwnList, ago, badge, of_row
from apps.inventory.admin import levels_csv, sku_page
from apps.inventory.admin.base import StockAdmin, stock_clients
from apps.inventory.admin.levels_filters import LevelFilters, LevelList
from apps.inventory.admin.levels_words import deeds, state_badges, units
from apps.inventory.models import StockLevel, StockRule
from apps.products.models import Variant
from apps.users.models import AnyUser
from apps.users.models.people import places_of
from apps.users.roles import VIEW_STOCK

_SUMMED = {
    "on_hand": "On hand",
    "reserved": "Reserved",
    "expected_back": "Expected back",
    "quarantined": "Quarantined",
    "short": "Oversold",
}


class LevelAdmin(OwnList, StockAdmin):
    list_display = [
        "sku",
        "warehouse_name",
        "on_hand_units",
        "reserved_units",
        "available_units",
        "back_units",
        "quarantined_units",
        "state",
    ]
    list_display_links = ["sku"]
    list_class = LevelList
    list_title = "Stock"
    list_before_template = "inventory/levels.html"
    ordering = ["variant__sku", "variant", "warehouse__name", "pk"]

    class Media:
        css = {"all": ["shopdesk/stock.css"]}

    def own_urls(self) -> list[URLPattern]:
        return [
            self.page_at("export/", self.export_view, "export"),
            self.page_at("sku/<int:variant_id>/", self.sku_view, "sku"),
            self.page_at("<path:object_id>/change/", self.change_view, "change"),
        ]

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        """Figures are booked, never typed in."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        rows = rows.select_related("variant__product", "warehouse__client")
        return rows.with_available()  # type: ignore[attr-defined, no-any-return]

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        cl.result_list = _with_rules(list(cl.result_list), request.user)
        query = request.GET.urlencode()
        return super().list_context(request, cl) | {
            "totals": [
                (title, f"{count:,}") for title, count in totals_of(cl.queryset)
            ],
            "deeds": deeds() if stock_clients(request).exists() else [],
            "has_stock": bool(cl.result_count) or self.get_queryset(request).exists(),
            "export": f"{reverse('admin:inventory_stocklevel_export')}?{query}",
        }

    def export_view(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """What the list shows under the same address, all pages of it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        filters = LevelFilters(request.GET, request.user)
        levels = filters.apply(StockLevel.objects.visible_to(request.user))
        return levels_csv.export(levels.order_by(*self.ordering))

    @of_row(*READS)
    def change_view(self, request: HttpRequest, level: StockLevel) -> HttpResponse:
        """The SKU's page, narrowed to the warehouse."""
        return sku_page.page(self, request, level.variant, level.warehouse)

    def sku_view(self, request: HttpRequest, variant_id: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        seen = places_of(request.user, VIEW_STOCK).at_clients("client")
        rows = Variant.objects.filter(seen).select_related("product", "client")
        variant = rows.filter(pk=variant_id).first()
        if variant is None:
            return self.missing(request, str(variant_id), Variant._meta)
        return sku_page.page(self, request, variant)

    @admin.display(description="SKU", ordering="variant__sku")
    def sku(self, level: StockLevel) -> SafeString:
        return format_html(
            '<span class="titled"><span class="mono">{}</span><br>'
            '<span class="soft">{}</span></span>',
            level.variant.sku,
            level.variant.title,
        )

    @admin.display(description="Warehouse", ordering="warehouse__name")
    def warehouse_name(self, level: StockLevel) -> SafeString:
        return format_html(
            '<div>{}<br><span class="soft">{}</span></div>',
            level.warehouse.name,
            level.warehouse.client,
        )

    @admin.display(description="On hand", ordering="on_hand")
    def on_hand_units(self, level: StockLevel) -> SafeString:
        return units(level.on_hand)

    @admin.display(description="Reserved", ordering="reserved")
    def reserved_units(self, level: StockLevel) -> SafeString:
        return units(level.reserved)

    @admin.display(description="Available", ordering="free")
    def available_units(self, level: StockLevel) -> SafeString:
        return units(level.available)

    @admin.display(description="Expected back", ordering="expected_back")
    def back_units(self, level: StockLevel) -> SafeString:
        return units(level.expected_back)

    @admin.display(description="Quarantined", ordering="quarantined")
    def quarantined_units(self, level: StockLevel) -> SafeString:
        return units(level.quarantined)

    @admin.display(description="State", ordering="short")
    def state(self, level: Any) -> SafeString:
        badges = state_badges(level)
        if level.has_rule:
            badges.append(badge("Own rule", "neutral"))
        if level.counted_at:
            counted = ago(level.counted_at)
            badges.append(format_html('<span class="soft">counted {}</span>', counted))
        parts = format_html_join(" ", "{}", ((each,) for each in badges))
        return format_html('<div class="badges">{}</div>', parts)


def totals_of(levels: QuerySet[StockLevel]) -> list[tuple[str, int]]:
    """Units of all the rows that match, in one query."""
    sums = levels.order_by().aggregate(
        **{f"all_{name}": Sum(name, default=0) for name in _SUMMED}
    )
    found = [(title, sums[f"all_{name}"]) for name, title in _SUMMED.items()]
    found.insert(2, ("Available", sums["all_on_hand"] - sums["all_reserved"]))
    return found


def _with_rules(levels: list[Any], user: AnyUser) -> list[Any]:
    """Note which rows have a rule that names their SKU or their warehouse."""
    rules = StockRule.objects.visible_to(user).filter(
        Q(variant__in=[row.variant_id for row in levels])
        | Q(variant=None, warehouse__in=[row.warehouse_id for row in levels]),
    )
    named = set(rules.values_list("variant", "warehouse"))
    for row in levels:
        places = (
            (row.variant_id, row.warehouse_id),
            (row.variant_id, None),
            (None, row.warehouse_id),
        )
        row.has_rule = any(place in named for place in places)
    return levels
