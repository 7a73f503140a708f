"""The log of runs: what was pulled when, and why it stopped."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.admin import TabularInline

from apps.core.admin import ReadOnlyAdmin, ago, badge
from apps.platforms.models import Shop
from apps.sync.models import SyncIssue, SyncRun
from apps.users.roles import VIEW_RUN

STATE_BADGES = {
    SyncRun.State.RUNNING: "progress",
    SyncRun.State.DONE: "good",
    SyncRun.State.PARTLY: "attention",
    SyncRun.State.FAILED: "bad",
    SyncRun.State.INTERRUPTED: "attention",
}


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


class IssueInline(TabularInline):  # type: ignore[misc]
    model = SyncIssue
    fields = readonly_fields = ["remote_id", "message"]
    extra = 0
    can_delete = False
    max_num = 0


@admin.register(SyncRun)
class SyncRunAdmin(ReadOnlyAdmin):
    list_display = [
        "started",
        "shop",
        "what",
        "trigger",
        "state_badge",
        "counts",
        "took",
        "first_error",
    ]
    list_select_related = ["shop"]
    list_filter = [ShopFilter, "resource", "basis", "state", "trigger"]
    inlines = [IssueInline]

    @admin.display(description="Started", ordering="started_at")
    def started(self, run: SyncRun) -> SafeString | str:
        return ago(run.started_at)

    @admin.display(description="Resource", ordering="resource")
    def what(self, run: SyncRun) -> str:
        by_placing = run.basis == SyncRun.Basis.PLACED
        return f"{run.get_resource_display()}{', by placing' if by_placing else ''}"

    @admin.display(description="State", ordering="state")
    def state_badge(self, run: SyncRun) -> SafeString:
        return badge(run.get_state_display(), STATE_BADGES[SyncRun.State(run.state)])

    @admin.display(description="Read / new / updated / same / failed")
    def counts(self, run: SyncRun) -> str:
        numbers = (run.read, run.new, run.updated, run.same, run.failed)
        return " / ".join(f"{number:,}" for number in numbers)

    @admin.display(description="Took")
    def took(self, run: SyncRun) -> str:
        return f"{run.seconds:.1f} s"
