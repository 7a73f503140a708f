"""Runs: what was asked of TikTok for many orders at once, and how far each is."""

from collections.abc import Callable
from typing import Any

from django import forms
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
from apps.core.filtering import FilterForm, FormList
from apps.core.queueing import after_commit
from apps.orders.admin.base import AtShopRows, by_whom
from apps.orders.admin.printing import print_out
from apps.orders.admin.run_page import page_context
from apps.orders.admin.run_words import far_of, run_badge, status_of
from apps.orders.models import ActionRun, OrderAction
from apps.orders.services import actions, papers, priority
from apps.platforms.admin.switcher import switcher_for
from apps.platforms.models import Shop
from apps.products.admin.listing_words import shop_words
from apps.sync import tasks
from apps.users.roles import PROCESS_ORDERS, VIEW_ORDER

CHANGE = "admin:orders_actionrun_change"


class RunFilters(FilterForm):
    shop = forms.ModelChoiceField(
        Shop.objects.none(), required=False, empty_label="All shops"
    )
    kind = forms.ChoiceField(
        label="What",
        required=False,
        choices=[
            ("", "Anything"),
            *OrderAction.Kind.choices,
            (priority.KIND, "Set priority"),
        ],
    )
    state = forms.ChoiceField(
        required=False, choices=[("", "Any state"), *ActionRun.State.choices]
    )
    group = forms.CharField(required=False, max_length=36, widget=forms.HiddenInput)

    def prepare(self) -> None:
        self.choose("shop", Shop.objects.visible_to(self.user, VIEW_ORDER))

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        asked = {name: self.value(name) for name in self.fields}
        return rows.filter(**{name: value for name, value in asked.items() if value})


class RunList(FormList):
    form_class = RunFilters


class RunAdmin(AtShopRows):
    list_display = ["what", "state_badge", "shop_name", "counts", "started", "by"]
    list_display_links = ["what"]
    list_class = RunList
    list_title = "Order runs"
    list_before_template = "orders/runs.html"
    ordering = ["-created_at", "-pk"]

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                "<int:object_id>/status/",
                self.bound(self.status_view),
                name="orders_actionrun_status",
            ),
            path(
                "<int:object_id>/result/",
                self.bound(self.result_view),
                name="orders_actionrun_result",
            ),
            path(
                "<int:object_id>/do/<slug:deed>/",
                self.bound(self.act_view),
                name="orders_actionrun_act",
            ),
            path(
                "<path:object_id>/",
                self.bound(self.change_view),
                name="orders_actionrun_change",
            ),
        ]
        kept = [
            url
            for url in super().get_urls()
            if url.name == "orders_actionrun_changelist"
        ]
        return [*kept, *own]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("user")

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        runs = list(cl.result_list)
        far = far_of(runs)
        for run in runs:
            run.far = far[run.pk]
        cl.result_list = runs
        chosen = cl.filters.value("shop")
        return {"filters": cl.filters, "reset_query": "?"} | switcher_for(
            request.user, cl, chosen, VIEW_ORDER
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
        return self.own_page(request, "orders/run.html", page_context(run, request))

    def status_view(self, request: HttpRequest, object_id: int) -> JsonResponse:
        """For the page's script: the same figures as on the page."""
        run = self.seen(request, object_id)
        if run is None:
            raise Http404
        return JsonResponse(status_of(run))

    def result_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        run = self.seen(request, object_id)
        if run is None:
            return self.missing(request, str(object_id))
        rows = actions.result_rows(run)
        return csv_response(f"run-{run.pk}.csv", actions.RESULT_HEADER, rows)

    def act_view(self, request: HttpRequest, object_id: int, deed: str) -> HttpResponse:
        if deed not in DEEDS:
            raise Http404
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        run = self.seen(request, object_id)
        if run is None:
            return self.missing(request, str(object_id))
        if not request.user.has_perm(PROCESS_ORDERS, run):
            raise PermissionDenied
        try:
            answer = DEEDS[deed](request, run)
        except DomainError as error:
            messages.error(request, str(error))
            answer = None
        return answer or redirect(CHANGE, run.pk)

    @admin.display(description="What")
    def what(self, run: ActionRun) -> SafeString:
        return format_html('<span class="linked">{}</span>', run.title)

    @admin.display(description="State", ordering="state")
    def state_badge(self, run: ActionRun) -> SafeString:
        return run_badge(run)

    @admin.display(description="Shop", ordering="shop__name")
    def shop_name(self, run: ActionRun) -> SafeString:
        return shop_words(run.shop)

    @admin.display(description="Done")
    def counts(self, run: Any) -> SafeString:
        trouble = run.far.refused + run.far.not_taken
        words = (
            format_html('<br><span class="soft">{} refused</span>', trouble)
            if trouble
            else ""
        )
        return format_html("<div>{} of {}{}</div>", run.far.done, run.total, words)

    @admin.display(description="Begun", ordering="created_at")
    def started(self, run: ActionRun) -> SafeString | str:
        return ago(run.created_at)

    @admin.display(description="By")
    def by(self, run: ActionRun) -> str:
        return str(run.user) if run.user else run.source or "system"


def _stop(request: HttpRequest, run: ActionRun) -> None:
    if run.kind == priority.KIND:
        priority.stop(run, by_whom(request))
        messages.success(request, "It is stopped. What was set stays so.")
        return
    count = actions.stop_run(run, by_whom(request))
    messages.success(
        request,
        f"{count:,} not sent any more. What was sent stays sent.",
    )


def _retry(request: HttpRequest, run: ActionRun) -> None:
    count = actions.retry_failed(run, by_whom(request))
    after_commit(tasks.work_order_actions.delay, run.shop_id)
    messages.success(request, f"{count:,} sent again.")


def _release(request: HttpRequest, run: ActionRun) -> None:
    count = actions.release_run(run, by_whom(request))
    after_commit(tasks.work_order_actions.delay, run.shop_id)
    messages.success(request, f"{count:,} on their way to TikTok.")


def _print(request: HttpRequest, run: ActionRun) -> HttpResponse:
    """One file of what there is; what is missing is told by the run's rows."""
    return print_out(request, papers.kept_of_run(run).documents)


# Name in the address: what it does; an answer of its own, or back to the run.
DEEDS: dict[str, Callable[[HttpRequest, ActionRun], HttpResponse | None]] = {
    "stop": _stop,
    "retry": _retry,
    "release": _release,
    "print": _print,
}
