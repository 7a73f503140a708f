"""The log of files read."""

from django.contrib import admin
from django.utils.safestring import SafeString

from apps.core.admin import ReadOnlyAdmin, ago, badge
from apps.imports.models import ImportRun
from apps.sync.admin import ShopFilter
from apps.users.roles import VIEW_IMPORT

STATE_BADGES = {
    ImportRun.State.RUNNING: "progress",
    ImportRun.State.DONE: "good",
    ImportRun.State.PARTLY: "attention",
    ImportRun.State.FAILED: "bad",
}


class ImportedShopFilter(ShopFilter):
    permission = VIEW_IMPORT


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    list_display = [
        "started",
        "kind",
        "file_name",
        "shop",
        "state_badge",
        "rows",
        "counts",
        "first_error",
    ]
    list_select_related = ["shop"]
    list_filter = [ImportedShopFilter, "kind", "state"]

    @admin.display(description="Started", ordering="started_at")
    def started(self, run: ImportRun) -> SafeString | str:
        return ago(run.started_at)

    @admin.display(description="State", ordering="state")
    def state_badge(self, run: ImportRun) -> SafeString:
        kind = STATE_BADGES[ImportRun.State(run.state)]
        return badge(run.get_state_display(), kind)

    @admin.display(description="New / updated / same / failed")
    def counts(self, run: ImportRun) -> str:
        return f"{run.new:,} / {run.updated:,} / {run.same:,} / {run.failed:,}"
