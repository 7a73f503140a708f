"""Publishing runs: what was sent, how far each is, what the platform said."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    JsonResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.admin import ago
from apps.core.errors import DomainError
from apps.core.exports import csv_response
from apps.core.queueing import after_commit
from apps.platforms.admin.switcher import switcher_for
from apps.products.admin.at_shop import AtShopAdmin, by_whom, may_act
from apps.products.admin.draft_filters import RunFilters, RunList
from apps.products.admin.listing_words import shop_words
from apps.products.admin.run_page import (
    failures_of,
    page_context,
    status_of,
    with_counts,
)
from apps.products.admin.run_words import run_badge
from apps.products.models import PublishRun
from apps.products.services import publishing
from apps.products.tasks import work_publish_run
from apps.users.models import User
from apps.users.roles import VIEW_LISTING


class RunAdmin(AtShopAdmin):
    list_display = ["what", "state_badge", "shop_name", "counts", "started", "by"]
    list_display_links = ["what"]
    list_class = RunList
    list_title = "Publishing runs"
    list_before_template = "products/publishing/runs.html"
    ordering = ["-created_at", "-pk"]

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                "<int:object_id>/status/",
                self.bound(self.status_view),
                name="products_publishrun_status",
            ),
            path(
                "<int:object_id>/failures/",
                self.bound(self.failures_view),
                name="products_publishrun_failures",
            ),
            path(
                "<int:object_id>/do/<slug:deed>/",
                self.bound(self.act_view),
                name="products_publishrun_act",
            ),
            path(
                "<path:object_id>/",
                self.bound(self.change_view),
                name="products_publishrun_change",
            ),
        ]
        kept = [
            url
            for url in super().get_urls()
            if url.name == "products_publishrun_changelist"
        ]
        return [*kept, *own]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("user", "retry_of")

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        filters = cl.filters
        assert isinstance(filters, RunFilters)
        cl.result_list = with_counts(list(cl.result_list))
        return {"filters": filters, "reset_query": "?"} | switcher_for(
            request.user, cl, filters.value("shop"), VIEW_LISTING
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        run = self.seen(request, object_id)
        if run is None:
            return self.missing(request, object_id)
        return self.own_page(
            request, "products/publishing/run.html", page_context(run, request)
        )

    def status_view(self, request: HttpRequest, object_id: int) -> JsonResponse:
        """For the page's script: the same figures as on the page."""
        run = self.seen(request, object_id)
        if run is None:
            raise Http404
        return JsonResponse(status_of(run))

    def failures_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        run = self.seen(request, object_id)
        if run is None:
            return self.missing(request, str(object_id))
        header = ("product_id", "title", "state", "code", "message", "details")
        return csv_response(f"run-{run.pk}-failures.csv", header, failures_of(run))

    def act_view(self, request: HttpRequest, object_id: int, deed: str) -> HttpResponse:
        if deed not in DEEDS:
            raise Http404
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        run = self.seen(request, object_id)
        if run is None:
            return self.missing(request, str(object_id))
        if not may_act(request, run):
            raise PermissionDenied
        try:
            next_run = DEEDS[deed](request, run)
        except DomainError as error:
            messages.error(request, str(error))
            next_run = run
        return redirect("admin:products_publishrun_change", next_run.pk)

    @admin.display(description="Begun", ordering="created_at")
    def started(self, run: PublishRun) -> SafeString | str:
        return ago(run.created_at)

    @admin.display(description="What")
    def what(self, run: PublishRun) -> SafeString:
        return format_html(
            '<span class="linked">{}</span>{}',
            run.get_kind_display(),
            format_html(' <span class="soft">repeats #{}</span>', run.retry_of_id)
            if run.retry_of_id
            else "",
        )

    @admin.display(description="State", ordering="state")
    def state_badge(self, run: PublishRun) -> SafeString:
        return run_badge(run)

    @admin.display(description="Shop", ordering="shop__name")
    def shop_name(self, run: PublishRun) -> SafeString:
        return shop_words(run.shop)

    @admin.display(description="Done")
    def counts(self, run: Any) -> SafeString:
        trouble = (
            format_html('<br><span class="soft">{} not taken</span>', run.trouble)
            if run.trouble
            else ""
        )
        return format_html("<div>{} of {}{}</div>", run.done, run.total, trouble)

    @admin.display(description="By")
    def by(self, run: PublishRun) -> str:
        return str(run.user) if run.user else "system"


def _stop(request: HttpRequest, run: PublishRun) -> PublishRun:
    assert isinstance(request.user, User)
    by = by_whom(request)
    stopped = publishing.stop(run, request.user, address=by["address"])
    words = (
        "It is stopped. Nothing more is sent."
        if stopped.state == PublishRun.State.STOPPED
        else "It stops after the listing it is at. What was sent stays sent."
    )
    messages.success(request, words)
    return run


def _retry(request: HttpRequest, run: PublishRun) -> PublishRun:
    assert isinstance(request.user, User)
    by = by_whom(request)
    again = publishing.retry_failed(run, request.user, address=by["address"])
    after_commit(work_publish_run.delay, again.pk)
    messages.success(request, "What was not taken is sent again in this run.")
    return again


# Name in the address: what it does, and the run to look at next.
DEEDS: dict[str, Callable[[HttpRequest, PublishRun], PublishRun]] = {
    "stop": _stop,
    "retry": _retry,
}
