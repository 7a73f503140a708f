"""Where the stock is, at a glance: from what there is to what shops are told."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import reverse

from apps.core.admin import ModelAdmin
from apps.core.filtering import FilterForm
from apps.inventory.admin.flow_chart import HEADINGS, Caption, picture_of
from apps.inventory.admin.flow_figures import Figures, ShopFigures, figures_of
from apps.inventory.models import StockLevel, Warehouse
from apps.inventory.services.flow import Flow, Node, Source, Stage, Use
from apps.users.models import Client
from apps.users.roles import VIEW_STOCK

_SOURCES = {
    Source.ON_HAND: Caption("On hand", kind="progress"),
    Source.QUARANTINE: Caption("Quarantined", kind="bad"),
    Source.BACK: Caption("Expected back", kind="viral"),
}
# Of each use: its caption, the state that the stock list filters by, what it means.
_USES = {
    Use.RESERVED: ("Reserved", "attention", "", "Promised to orders and holds."),
    Use.OFFERED: ("Free, on offer", "good", "some", "A shop at least is told of it."),
    Use.KEPT: ("Free, kept back", "neutral", "some", "By buffers, shares and caps."),
    Use.NOWHERE: ("Free, told nowhere", "neutral", "some", "No shop is told of it."),
    Use.QUARANTINE: ("Quarantined", "bad", "quarantine", "To be looked at."),
    Use.BACK: ("Expected back", "viral", "back", "Returned, not arrived yet."),
}


class FlowFilters(FilterForm):
    sku = forms.CharField(
        label="SKU",
        required=False,
        max_length=50,
        widget=forms.TextInput({"type": "search"}),
    )
    client = forms.ModelChoiceField(
        Client.objects.none(), required=False, empty_label="All clients"
    )
    warehouse = forms.ModelChoiceField(
        Warehouse.objects.none(), required=False, empty_label="All warehouses"
    )

    def prepare(self) -> None:
        self.choose("client", Client.objects.visible_to(self.user, VIEW_STOCK))
        self.choose("warehouse", Warehouse.objects.visible_to(self.user))

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        conditions = {
            "variant__sku__iexact": self.value("sku"),
            "warehouse__client": self.value("client"),
            "warehouse": self.value("warehouse"),
        }
        return rows.filter(**{name: each for name, each in conditions.items() if each})


def page(pages: ModelAdmin, request: HttpRequest) -> HttpResponse:
    if not pages.has_view_permission(request):
        raise PermissionDenied
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    filters = FlowFilters(request.GET, request.user)
    for name in filters.errors:
        label = str(filters.fields[name].label or name.capitalize())
        messages.warning(request, f"{label}: ignored, because it does not fit here.")
    levels = filters.apply(StockLevel.objects.visible_to(request.user))
    figures = figures_of(levels, request.user, filters.value("warehouse"))
    captions = _captions(figures, levels, filters)
    flow = figures.flow
    context = {
        "title": "Stock flow",
        "filters": filters,
        "picture": picture_of(flow, captions) if flow.links else None,
        "stages": [(HEADINGS[stage], _rows(flow, stage, captions)) for stage in Stage],
        "shops": [row for row in figures.shops.values() if row.skus],
        "test_shops": figures.test_shops,
        "warehouse": filters.value("warehouse"),
        "is_shared": len(flow.nodes(Stage.SHOP)) > 1,
        "short": flow.short,
        "stock_list": _stock_list(filters),
    }
    return pages.own_page(request, "inventory/flow.html", context)


def _captions(
    figures: Figures, levels: QuerySet[StockLevel], filters: FlowFilters
) -> Mapping[Node, Caption]:
    found = {
        Node(Stage.SOURCE, source): caption for source, caption in _SOURCES.items()
    }
    for use, (title, kind, state, note) in _USES.items():
        address = _stock_list(filters, state=state)
        found[Node(Stage.USE, use)] = Caption(title, address, kind, note)
    for warehouse in Warehouse.objects.filter(
        pk__in=levels.order_by().values("warehouse")
    ):
        address = _stock_list(filters, warehouse=str(warehouse.pk))
        node = Node(Stage.WAREHOUSE, str(warehouse.pk))
        found[node] = Caption(warehouse.name, address, "progress")
    for key, row in figures.shops.items():
        found[Node(Stage.SHOP, str(key))] = _shop_caption(row)
    return found


def _shop_caption(row: ShopFigures) -> Caption:
    address = reverse("admin:sync_stockpush_changelist")
    differ = max(row.unlike, row.drifts)
    return Caption(
        title=str(row.shop),
        address=f"{address}?{urlencode({'shop': row.shop.pk})}",
        kind="attention" if differ else "good",
        alarm=f"{differ:,} SKU{'' if differ == 1 else 's'} differ" if differ else "",
    )


def _rows(
    flow: Flow, stage: Stage, captions: Mapping[Node, Caption]
) -> list[tuple[Caption, int]]:
    return [(captions[node], flow.units_of(node)) for node in flow.nodes(stage)]


def _stock_list(filters: FlowFilters, **more: str) -> str:
    """The list of the rows that the picture was made from."""
    names = {"q": "sku", "client": "client", "warehouse": "warehouse"}
    asked = {name: filters.value(own) for name, own in names.items()}
    told = {name: str(getattr(v, "pk", v)) for name, v in asked.items() if v} | more
    address = reverse("admin:inventory_stocklevel_changelist")
    return f"{address}?{urlencode({name: v for name, v in told.items() if v})}"
