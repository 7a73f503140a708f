"""Headings that nobody knows, and those that staff have matched."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.core.admin import ReadOnlyAdmin, ago
from apps.imports.models import ColumnAlias, SeenColumn
from apps.imports.services.readers import READERS
from apps.users.roles import PROCESS_ORDERS, VIEW_IMPORT


class _OfImports(ReadOnlyAdmin):
    def has_view_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return bool(request.user.has_perm(VIEW_IMPORT, obj))


@admin.register(SeenColumn)
class SeenColumnAdmin(_OfImports):
    list_title = "Unknown columns"
    list_display = ["heading", "shop", "kind", "files", "first_seen", "last_seen"]
    list_display_links = None
    list_select_related = ["shop"]
    list_filter = ["kind"]
    search_fields = ["heading"]

    @admin.display(description="First seen", ordering="first_seen_at")
    def first_seen(self, row: SeenColumn) -> SafeString | str:
        return ago(row.first_seen_at)

    @admin.display(description="Last seen", ordering="last_seen_at")
    def last_seen(self, row: SeenColumn) -> SafeString | str:
        return ago(row.last_seen_at)


@admin.register(ColumnAlias)
class ColumnAliasAdmin(_OfImports):
    """Made on the page of a file; those of a shop can be taken back here."""

    list_title = "Matched headings"
    list_display = ["heading", "means", "shop_name", "kind"]
    list_display_links = None
    list_select_related = ["shop"]
    list_filter = ["kind"]
    search_fields = ["heading"]

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        if isinstance(obj, ColumnAlias) and obj.shop is None:
            return bool(request.user.is_superuser)
        return bool(request.user.has_perm(PROCESS_ORDERS, obj))

    @admin.display(description="Our column", ordering="column")
    def means(self, row: ColumnAlias) -> str:
        reader = READERS.get(row.kind)
        headings = reader.headings if reader else None
        is_known = headings is not None and row.column in headings.by_name.values()
        return headings.title(row.column) if headings and is_known else row.column

    @admin.display(description="Shop", ordering="shop__name")
    def shop_name(self, row: ColumnAlias) -> str:
        return str(row.shop or "every shop")
