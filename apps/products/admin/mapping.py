"""The mapping workspace: which SKUs of the shops are which of ours."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from apps.core.admin import READS, OwnList, ago, of_row
from apps.core.exports import csv_response
from apps.core.queueing import after_commit
from apps.platforms.admin.switcher import switcher_for
from apps.platforms.models import Shop
from apps.products.admin import mapping_bulk, mapping_import, mapping_page
from apps.products.admin.mapping_deeds import LIST, Question, act, way_back
from apps.products.admin.mapping_filters import TABS, MappingFilters, MappingList
from apps.products.admin.mapping_import import UploadForm
from apps.products.admin.mapping_rows import rows_of
from apps.products.models import ListingSku, MappingState
from apps.products.services.mapping_files import COLUMNS, export_rows
from apps.products.services.staleness import mark_stale
from apps.products.tasks import refresh_suggestions
from apps.users.models import Client
from apps.users.roles import CHANGE_LISTING, VIEW_LISTING


class ListingSkuAdmin(OwnList):
    list_display = ["__str__"]
    list_class = MappingList
    list_title = "Product mapping"
    list_before_template = "products/mapping/tools.html"
    change_list_template = "products/mapping/list.html"
    list_per_page = 50

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        kept = [
            url
            for url in super().get_urls()
            if url.name == "products_listingsku_changelist"
        ]
        ours = [
            ("do/<slug:name>/", self.act_view, "act"),
            ("accept-all/", self.accept_all_view, "accept_all"),
            ("look/", self.look_view, "look"),
            ("export/", self.export_view, "export"),
            ("import/", self.import_view, "import"),
            ("import/apply/", self.apply_view, "apply"),
            ("<int:object_id>/choose/", self.choose_view, "choose"),
            ("<int:object_id>/create/", self.create_view, "create"),
            ("<path:object_id>/", self.change_view, "change"),
        ]
        return [
            *kept,
            *(
                path(route, wrap(view), name=f"products_listingsku_{name}")
                for route, view, name in ours
            ),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return (
            super()
            .get_queryset(request)
            .select_related("shop__client", "listing", "variant__product")
        )

    def _allows(self, request: HttpRequest, deed: str, obj: Model | None) -> bool:
        if deed not in ("view", "change"):
            return False
        wanted = VIEW_LISTING if deed == "view" else CHANGE_LISTING
        return bool(request.user.has_perm(wanted, obj))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        filters: MappingFilters = cl.filters
        rows = rows_of(list(cl.result_list), request.user)
        chosen = filters.value("shop")
        return {
            "filters": filters,
            "rows": rows,
            "tab": filters.current_tab,
            "tabs": [
                {
                    "title": title,
                    "count": filters.counts[name],
                    "is_current": name == filters.current_tab,
                    "query": cl.get_query_string({"tab": name}, ["p"]),
                }
                for name, (title, _) in TABS.items()
            ],
            "may_change": request.user.has_perm(CHANGE_LISTING),
            "reset_query": f"?tab={filters.current_tab}",
            "all_query": cl.get_query_string(remove=["p", "tab"]),
            "here": request.get_full_path(),
            "rounds": _rounds(request, chosen),
        } | switcher_for(request.user, cl, chosen, VIEW_LISTING)

    @of_row(*READS)
    def change_view(self, request: HttpRequest, sku: ListingSku) -> HttpResponse:
        context = mapping_page.page_context(request, sku)
        return self.own_page(request, "products/mapping/sku.html", context)

    def act_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """Accept, ignore or unlink what was ticked, or one."""
        self._check_right(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])

        def ask(question: Question) -> HttpResponse:
            context = {
                "title": f"{question.deed.title}: {question.count}",
                "question": question,
                "back": way_back(request),
            }
            return self.own_page(request, "products/mapping/confirm.html", context)

        return act(request, name, ask)

    def accept_all_view(self, request: HttpRequest) -> HttpResponse:
        """All from a confidence on, under the filters in the address."""
        self._check_right(request)
        filters = MappingFilters(request.GET, request.user)
        found = mapping_bulk.find(request, filters)
        if request.method == "POST":
            if request.POST.get("of") == found.print:
                if mapping_bulk.accept_all(request, found):
                    address = reverse("admin:products_mappingbatch_changelist")
                    return HttpResponseRedirect(address)
                return HttpResponseRedirect(f"{reverse(LIST)}?tab=matched")
            messages.warning(
                request, "The suggestions have changed meanwhile. Look again."
            )
        keep = urlencode(
            {n: v for n, v in request.GET.items() if n in filters.fields and v}
        )
        context = mapping_bulk.question(request, found, keep)
        return self.own_page(request, "products/mapping/accept_all.html", context)

    def look_view(self, request: HttpRequest) -> HttpResponse:
        """Have the suggestions of all the user's clients, or a shop's, worked out."""
        self._check_right(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        shops = Shop.objects.visible_to(request.user, CHANGE_LISTING)
        if (chosen := request.POST.get("shop", "")).isdecimal():
            shops = shops.filter(pk=int(chosen[:18]))
        clients = sorted(set(shops.order_by().values_list("client", flat=True)))
        for client_id in clients:
            mark_stale(client_id)
            after_commit(refresh_suggestions.delay, client_id)
        if clients:
            messages.success(
                request,
                "Looking for matches. Load the page again in a moment to see them.",
            )
        return HttpResponseRedirect(way_back(request))

    def export_view(self, request: HttpRequest) -> StreamingHttpResponse:
        """The rows under the filters, of the tab if one is named."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        filters = MappingFilters(request.GET, request.user)
        skus = filters.filtered(ListingSku.objects.visible_to(request.user))
        if filters.value("tab"):
            skus = skus.filter(mapping=filters.state)
        name = f"mapping-{timezone.now():%Y-%m-%d}.csv"
        return csv_response(name, COLUMNS, export_rows(skus))

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Upload, and then what the file comes to."""
        self._check_right(request)
        if request.method == "POST":
            form = UploadForm(request.POST, request.FILES, user=request.user)
            if form.is_valid() and (found := mapping_import.preview(request, form)):
                return self.own_page(request, "products/mapping/preview.html", found)
        else:
            form = UploadForm(user=request.user)
        context = {"title": "Import a mapping file", "form": form}
        return self.own_page(request, "products/mapping/import.html", context)

    def apply_view(self, request: HttpRequest) -> HttpResponse:
        self._check_right(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return mapping_import.apply(request)

    @of_row("POST")
    def choose_view(self, request: HttpRequest, sku: ListingSku) -> HttpResponse:
        return mapping_page.choose(request, sku)

    @of_row(*READS, "POST")
    def create_view(self, request: HttpRequest, sku: ListingSku) -> HttpResponse:
        """A product made of the listing: shown first, then made."""
        if not (
            request.user.has_perm(CHANGE_LISTING, sku.shop)
            and mapping_page.may_create(request.user, sku)
        ):
            raise PermissionDenied
        if request.method == "POST" and (done := mapping_page.create(request, sku)):
            return done
        context = mapping_page.creation_context(sku)
        return self.own_page(request, "products/mapping/create.html", context)

    def _check_right(self, request: HttpRequest) -> None:
        if not request.user.has_perm(CHANGE_LISTING):
            raise PermissionDenied


def _rounds(request: HttpRequest, shop: Shop | None) -> list[dict[str, Any]]:
    """When suggestions were last worked out, of each client the rows may be of."""
    clients = Client.objects.visible_to(request.user, VIEW_LISTING)
    if shop is not None:
        clients = clients.filter(pk=shop.client_id)
    states = MappingState.objects.filter(client__in=clients).select_related("client")
    return [
        {
            "client": state.client,
            "is_stale": state.stale_since is not None,
            "at": ago(state.suggested_at) if state.suggested_at else None,
        }
        for state in states.order_by("client__name")[:10]
    ]
