"""What every admin class of ours builds on: the theme's base, scoped and safe."""

from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin as ThemeModelAdmin

M = TypeVar("M", bound=Model)


class ModelAdmin(ThemeModelAdmin):  # type: ignore[misc]
    """Lists only what the user may see; no row menus, which make lists heavy."""

    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    list_filter_submit = True
    compressed_fields = True
    actions_row: list[str] = []

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        queryset: QuerySet[Any] = super().get_queryset(request)
        visible_to = getattr(queryset, "visible_to", None)
        if visible_to is not None:
            queryset = visible_to(request.user)
        return queryset


class ReadOnlyAdmin(ModelAdmin):
    """For what the platforms own or the system writes: nobody adds or edits it."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False


def badge(text: str, kind: str) -> SafeString:
    """Text plus colour; kind is good, attention, bad, viral, progress or neutral."""
    return format_html('<span class="badge badge-{}">{}</span>', kind, text)


def ago(
    moment: datetime | None, *, zone_note: str = "", past: str = "ago"
) -> SafeString | str:
    """An age or a time to come in words; the exact instant is the tooltip.

    `past` is said of what is over: a deadline that has gone by is late.
    """
    if moment is None:
        return "—"
    delta = timezone.now() - moment
    words = duration(abs(delta))
    text = f"in {words}" if delta < timedelta(0) else f"{words} {past}"
    exact = f"{moment:%d %b %Y %H:%M:%S} UTC{zone_note}"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact, text
    )


def duration(delta: timedelta) -> str:
    """The largest unit that says enough: 40 s, 26 min, 6 h, 3 d."""
    seconds = int(delta.total_seconds())
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size * (2 if unit == "d" else 1):
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
