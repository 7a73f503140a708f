"""The log of files read, and the way to its pages."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.safestring import SafeString

from apps.core.admin import ReadOnlyAdmin, ago, badge
from apps.imports.admin import deeds, match, run_page, upload
from apps.imports.admin.base import STATE_BADGES
from apps.imports.models import ImportRun
from apps.imports.services.who_may import importable_shops
from apps.sync.admin import ShopFilter
from apps.users.roles import VIEW_IMPORT


class ImportedShopFilter(ShopFilter):
    permission = VIEW_IMPORT


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    change_list_template = "imports/list.html"
    list_title = "Imports"
    list_display = [
        "started",
        "kind",
        "file_name",
        "into",
        "state_badge",
        "rows",
        "counts",
        "first_error",
    ]
    list_select_related = ["shop", "client"]
    list_filter = [ImportedShopFilter, "kind", "state"]

    def get_urls(self) -> list[URLPattern]:
        def own(
            address: str, view: Callable[..., HttpResponseBase], name: str
        ) -> URLPattern:
            call = self.admin_site.admin_view(partial(view, self))
            pattern: URLPattern = path(address, call, name=f"imports_importrun_{name}")
            return pattern

        return [
            own("upload/", upload.upload, "upload"),
            own("template/<slug:kind>/", upload.template, "template"),
            own("<int:run_id>/match/", match.match, "match"),
            own("<int:run_id>/preview/", run_page.page, "preview"),
            own("<int:run_id>/run/", run_page.page, "run"),
            own("<int:run_id>/status/", run_page.status, "status"),
            own("<int:run_id>/errors/", run_page.errors, "errors"),
            own("<int:run_id>/act/<slug:deed>/", deeds.act, "act"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may_import = importable_shops(request.user).exists()
        context = {"may_import": may_import, **(extra_context or {})}
        answer: HttpResponse = super().changelist_view(request, context)
        return answer

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The run's own page, where its kind has one."""
        run = self.get_object(request, object_id)
        if run is None:
            return self.missing(request, object_id)
        if run.kind == ImportRun.Kind.STOCK:
            return redirect("admin:inventory_stock_run", run.pk)
        return run_page.page(self, request, run.pk)

    @admin.display(description="Started", ordering="started_at")
    def started(self, run: ImportRun) -> SafeString | str:
        return ago(run.started_at)

    @admin.display(description="Into", ordering="shop__name")
    def into(self, run: ImportRun) -> str:
        return str(run.shop or run.client)

    @admin.display(description="State", ordering="state")
    def state_badge(self, run: ImportRun) -> SafeString:
        kind = STATE_BADGES[ImportRun.State(run.state)]
        return badge(run.get_state_display(), kind)

    @admin.display(description="New / updated / same / failed")
    def counts(self, run: ImportRun) -> str:
        return f"{run.new:,} / {run.updated:,} / {run.same:,} / {run.failed:,}"
