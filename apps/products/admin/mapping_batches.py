"""What was decided lately, and the way back."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http import HttpResponseRedirect as Redirect
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from apps.core.admin import READS, ReadOnlyAdmin, ago, badge, of_row
from apps.core.errors import DomainError
from apps.orders.services import mapping
from apps.platforms.models import Shop
from apps.products.admin.mapping_deeds import by_whom
from apps.products.admin.mapping_words import counted, tell_left
from apps.products.models import MappingBatch
from apps.users.roles import CHANGE_LISTING, VIEW_LISTING, VIEW_ORDER

MOST_CHANGES = 200


class BatchList(ChangeList):
    """Takes no question from the address: columns in it would answer any."""

    def get_filters_params(
        self, params: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        return {}


class MappingBatchAdmin(ReadOnlyAdmin):
    list_display = ["when", "what", "shop_name", "who", "skus", "state"]
    list_display_links = ["when"]
    list_before_template = "products/mapping/batches.html"

    def get_urls(self) -> list[URLPattern]:
        kept = [
            url
            for url in super().get_urls()
            if url.name == "products_mappingbatch_changelist"
        ]
        wrap = self.admin_site.admin_view
        name = "products_mappingbatch"
        return [
            *kept,
            path("<int:object_id>/undo/", wrap(self.undo_view), name=f"{name}_undo"),
            path("<path:object_id>/", wrap(self.change_view), name=f"{name}_change"),
        ]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return BatchList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        batches: QuerySet[Any] = super().get_queryset(request)
        batches = batches.select_related("shop__client", "user").defer("pending")
        counted: QuerySet[Any] = batches.annotate(done=Count("changes"))
        return counted

    def _allows(self, request: HttpRequest, deed: str, obj: Model | None) -> bool:
        return deed == "view" and bool(request.user.has_perm(VIEW_LISTING, obj))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        answer: HttpResponse = super().changelist_view(
            request, {"title": "Decisions"} | (extra_context or {})
        )
        return answer

    @of_row(*READS)
    def change_view(self, request: HttpRequest, batch: Any) -> HttpResponse:
        changes = batch.changes.select_related(
            "listing_sku__listing", "variant_before", "variant_after"
        )
        context = {
            "title": str(batch),
            "batch": batch,
            "badge": _state_badge(batch),
            "changes": changes[:MOST_CHANGES],
            "left_out": max(batch.done - MOST_CHANGES, 0),
            "unchanged": 0 if batch.is_running else max(batch.total - batch.done, 0),
            "sees_orders": request.user.has_perm(VIEW_ORDER, batch.shop),
            "may_undo": request.user.has_perm(CHANGE_LISTING, batch.shop)
            and not batch.is_running
            and batch.undone_at is None,
        }
        return self.own_page(request, "products/mapping/batch.html", context)

    @of_row("POST")
    def undo_view(self, request: HttpRequest, batch: MappingBatch) -> HttpResponse:
        if not request.user.has_perm(CHANGE_LISTING, batch.shop):
            raise PermissionDenied
        was_undone = batch.undone_at is not None
        try:
            outcome = mapping.undo(batch, by_whom(request))
        except DomainError as error:
            messages.error(request, str(error))
        else:
            if was_undone:
                messages.info(request, "This was undone before. Nothing has changed.")
            elif outcome.changed:
                messages.success(
                    request,
                    f"Undone: {counted(len(outcome.changed), 'SKU')} as before.",
                )
            tell_left(request, outcome.left)
        page = reverse("admin:products_mappingbatch_change", args=[batch.pk])
        return Redirect(page)

    @admin.display(description="When", ordering="created_at")
    def when(self, batch: MappingBatch) -> SafeString | str:
        return ago(batch.created_at)

    @admin.display(description="What", ordering="deed")
    def what(self, batch: MappingBatch) -> str:
        return str(batch.get_deed_display())

    @admin.display(description="Shop", ordering="shop__name")
    def shop_name(self, batch: MappingBatch) -> Shop:
        return batch.shop

    @admin.display(description="Who", ordering="user")
    def who(self, batch: MappingBatch) -> str:
        return str(batch.user or "—")

    @admin.display(description="SKUs")
    def skus(self, batch: Any) -> str:
        if batch.is_running:
            return f"{batch.done:,} of {batch.total:,}"
        return f"{batch.done:,}"

    @admin.display(description="State")
    def state(self, batch: MappingBatch) -> SafeString:
        return _state_badge(batch)


def _state_badge(batch: MappingBatch) -> SafeString:
    if batch.is_running:
        return badge("Under way", "progress")
    if batch.undone_at is not None:
        return badge("Undone", "neutral")
    return badge("Done", "good")
