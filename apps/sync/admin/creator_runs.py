"""The log of what was read of creators' own accounts, which belong to no shop."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.admin import OwnList, ReadOnlyAdmin, ago, badge
from apps.core.filtering import FilterForm, FormList
from apps.platforms.models import CreatorAccount
from apps.sync.admin.run_words import STATE_BADGES
from apps.sync.models import CreatorRun, SyncRun
from apps.users.roles import VIEW_RUN


class CreatorRunFilters(FilterForm):
    account = forms.ModelChoiceField(
        CreatorAccount.objects.none(), required=False, empty_label="All accounts"
    )
    state = forms.ChoiceField(
        required=False, choices=[("", "Any state"), *SyncRun.State.choices]
    )

    def prepare(self) -> None:
        seen = CreatorAccount.objects.visible_to(self.user, VIEW_RUN)
        self.choose("account", seen)

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        asked = {"account": self.value("account"), "state": self.value("state")}
        return rows.filter(**{name: value for name, value in asked.items() if value})


class CreatorRunList(FormList):
    form_class = CreatorRunFilters


class CreatorRunAdmin(OwnList, ReadOnlyAdmin):
    """Seen by who sees runs at the whole client."""

    list_display = ["started", "account", "badge", "counts", "took", "error"]
    list_display_links = None
    list_select_related = ["account"]
    list_class = CreatorRunList
    list_title = "Runs of creator accounts"
    list_before_template = "sync/creator_runs.html"
    ordering = ["-started_at", "-pk"]

    def has_view_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return bool(request.user.has_perm(VIEW_RUN, obj))

    def get_urls(self) -> list[URLPattern]:
        kept = "sync_creatorrun_changelist"
        return [url for url in super().get_urls() if url.name == kept]

    @admin.display(description="Started", ordering="started_at")
    def started(self, run: CreatorRun) -> SafeString | str:
        return ago(run.started_at)

    @admin.display(description="State", ordering="state")
    def badge(self, run: CreatorRun) -> SafeString:
        state = SyncRun.State(run.state)
        return badge(state.label, STATE_BADGES[state])

    @admin.display(description="Read / new / updated / same / failed")
    def counts(self, run: CreatorRun) -> str:
        numbers = (run.read, run.new, run.updated, run.same, run.failed)
        return " / ".join(f"{number:,}" for number in numbers)

    @admin.display(description="Took")
    def took(self, run: CreatorRun) -> str:
        return f"{run.seconds:.1f} s"

    @admin.display(description="First error")
    def error(self, run: CreatorRun) -> SafeString | str:
        said = run.first_error or "; ".join(f"{key}: {why}" for key, why in run.issues)
        if not said:
            return "—"
        return format_html('<span class="breaks">{}</span>', said[:120])
