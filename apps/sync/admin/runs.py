"""The log of runs: what was pulled when, why it stopped, and what to do about it."""

from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.admin import OwnList, ReadOnlyAdmin, ago
from apps.core.filtering import FilterForm, FormList, date_input
from apps.platforms.models import Shop
from apps.sync.admin import run_page
from apps.sync.admin.run_words import STATE_BADGES, run_badge, what_of
from apps.sync.models import Resource, SyncRun
from apps.users.roles import VIEW_RUN

__all__ = ["STATE_BADGES", "RunAdmin", "ShopFilter"]


class ShopFilter(admin.SimpleListFilter):
    """Shops the user may see; the built-in filter would list everybody's."""

    title = "shop"
    parameter_name = "shop"
    permission = VIEW_RUN

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        shops = Shop.objects.visible_to(request.user, self.permission)
        return [(str(shop.pk), str(shop)) for shop in shops]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if not value:
            return queryset
        is_offered = value in dict(self.lookup_choices)
        return queryset.filter(shop_id=value) if is_offered else queryset.none()


class RunFilters(FilterForm):
    shop = forms.ModelChoiceField(
        Shop.objects.none(), required=False, empty_label="All shops"
    )
    resource = forms.ChoiceField(
        label="Kind", required=False, choices=[("", "Any kind"), *Resource.choices]
    )
    basis = forms.ChoiceField(
        label="Period", required=False, choices=[("", "Any"), *SyncRun.Basis.choices]
    )
    state = forms.ChoiceField(
        required=False, choices=[("", "Any state"), *SyncRun.State.choices]
    )
    trigger = forms.ChoiceField(
        label="Started by",
        required=False,
        choices=[("", "Anything"), *SyncRun.Trigger.choices],
    )
    since = date_input("From")
    until = date_input("To")

    def prepare(self) -> None:
        self.choose("shop", Shop.objects.visible_to(self.user, VIEW_RUN))

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        for name in ("shop", "resource", "basis", "state", "trigger"):
            if value := self.value(name):
                rows = rows.filter(**{name: value})
        if since := self.value("since"):
            start = datetime.combine(since, time.min, UTC)
            rows = rows.filter(started_at__gte=start)
        if until := self.value("until"):
            end = datetime.combine(until, time.max, UTC)
            rows = rows.filter(started_at__lte=end)
        return rows


class RunList(FormList):
    form_class = RunFilters


@admin.register(SyncRun)
class RunAdmin(OwnList, ReadOnlyAdmin):
    list_display = [
        "started",
        "shop",
        "what",
        "trigger",
        "state_badge",
        "counts",
        "took",
        "error",
    ]
    list_select_related = ["shop"]
    list_class = RunList
    list_title = "Sync runs"
    list_before_template = "sync/runs.html"

    def get_urls(self) -> list[URLPattern]:
        """Pages of ours, one of them in the place of the theme's."""
        kept = [u for u in super().get_urls() if u.name != "sync_syncrun_change"]
        own = [
            path(
                route, self.admin_site.admin_view(view(self)), name=f"sync_syncrun_{n}"
            )
            for n, (route, view) in run_page.PAGES.items()
        ]
        return [*own, *kept]

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        return super().list_context(request, cl) | {
            "has_runs": bool(cl.result_count) or self.get_queryset(request).exists()
        }

    @admin.display(description="Started", ordering="started_at")
    def started(self, run: SyncRun) -> SafeString | str:
        return ago(run.started_at)

    @admin.display(description="Kind", ordering="resource")
    def what(self, run: SyncRun) -> str:
        return what_of(run)

    @admin.display(description="State", ordering="state")
    def state_badge(self, run: SyncRun) -> SafeString:
        return run_badge(run)

    @admin.display(description="Read / new / updated / same / failed")
    def counts(self, run: SyncRun) -> str:
        numbers = (run.read, run.new, run.updated, run.same, run.failed)
        return " / ".join(f"{number:,}" for number in numbers)

    @admin.display(description="Took")
    def took(self, run: SyncRun) -> str:
        return f"{run.seconds:.1f} s"

    @admin.display(description="First error")
    def error(self, run: SyncRun) -> SafeString | str:
        if not run.first_error:
            return "—"
        return format_html('<span class="breaks">{}</span>', run.first_error[:120])
