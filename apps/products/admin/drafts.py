"""Listings being written: a list, an editor of plain forms, a page each section.

Each form is saved as it was typed, right or wrong, so nothing is lost with a session;
what does not hold is said beside the field.
"""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.admin import ago, badge
from apps.core.errors import DomainError
from apps.integrations.errors import PlatformError
from apps.platforms.admin.switcher import switcher_for
from apps.products.admin import (
    attributes,
    draft_basics,
    draft_category,
    draft_deeds,
    draft_more,
    draft_new,
    draft_parcel,
    draft_pictures,
    draft_preview,
    draft_variants,
)
from apps.products.admin.at_shop import AtShopAdmin, may_act
from apps.products.admin.draft_filters import DraftFilters, DraftList
from apps.products.admin.draft_page import (
    SECTIONS,
    STATE_BADGES,
    Judged,
    page_context,
)
from apps.products.admin.draft_saving import Changes, moment_in, put_over, save
from apps.products.admin.listing_words import shop_words
from apps.products.models import ListingDraft
from apps.users.roles import VIEW_LISTING

# Name in the address: what it shows and reads.
_EDITORS: dict[str, Any] = {
    "basics": draft_basics,
    "category": draft_category,
    "attributes": attributes,
    "pictures": draft_pictures,
    "variants": draft_variants,
    "package": draft_parcel,
    "more": draft_more,
}


class DraftAdmin(AtShopAdmin):
    list_display = ["draft", "kind", "state_badge", "shop_name", "left", "changed"]
    list_display_links = ["draft"]
    list_class = DraftList
    list_title = "Listing drafts"
    list_before_template = "products/publishing/drafts.html"
    ordering = ["-modified_at", "-pk"]

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                "new/",
                self.bound(self.new_view),
                name="products_listingdraft_new",
            ),
            path(
                "<int:object_id>/picture/",
                self.bound(self.picture_view),
                name="products_listingdraft_picture",
            ),
            path(
                "<int:object_id>/do/<slug:deed>/",
                self.bound(self.act_view),
                name="products_listingdraft_act",
            ),
            path(
                "<int:object_id>/<slug:section>/",
                self.bound(self.section_view),
                name="products_listingdraft_section",
            ),
            path(
                "<path:object_id>/",
                self.bound(self.change_view),
                name="products_listingdraft_change",
            ),
        ]
        kept = [
            url
            for url in super().get_urls()
            if url.name == "products_listingdraft_changelist"
        ]
        return [*kept, *own]

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        return rows.select_related("listing", "product", "user", "copied_from__shop")

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        filters = cl.filters
        assert isinstance(filters, DraftFilters)
        return {
            "filters": filters,
            "reset_query": "?",
        } | switcher_for(request.user, cl, filters.value("shop"), VIEW_LISTING)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Into the editor for who may write; for others, and once sent, to read."""
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        draft = self.seen(request, object_id)
        if draft is None:
            return self.missing(request, object_id)
        if draft.state == ListingDraft.State.OPEN and may_act(request, draft):
            return redirect("admin:products_listingdraft_section", draft.pk, "basics")
        return self._page(
            request, "products/publishing/draft.html", draft_preview.to_read(draft)
        )

    def new_view(self, request: HttpRequest) -> HttpResponse:
        return draft_new.new(self, request)

    def section_view(
        self, request: HttpRequest, object_id: int, section: str
    ) -> HttpResponse:
        if section not in (*SECTIONS, "preview"):
            raise Http404
        draft = self.seen(request, object_id)
        if draft is None:
            return self.missing(request, str(object_id))
        if not may_act(request, draft):
            raise PermissionDenied
        if draft.state != ListingDraft.State.OPEN:
            return redirect("admin:products_listingdraft_change", draft.pk)
        if section == "preview":
            context = draft_preview.context(draft, request)
            return self._page(request, "products/publishing/preview.html", context)
        if request.method == "POST":
            return self._save(request, draft, section)
        return self._section(request, draft, section)

    def act_view(self, request: HttpRequest, object_id: int, deed: str) -> HttpResponse:
        if deed not in draft_deeds.DEEDS:
            raise Http404
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        draft = self.seen(request, object_id)
        if draft is None:
            return self.missing(request, str(object_id))
        if not may_act(request, draft):
            raise PermissionDenied
        try:
            return draft_deeds.DEEDS[deed](request, draft)
        except (DomainError, PlatformError) as error:
            messages.error(request, str(error))
            return redirect("admin:products_listingdraft_change", draft.pk)

    def picture_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        draft = self.seen(request, object_id)
        if draft is None:
            raise Http404
        return draft_preview.picture(draft, request)

    def _save(
        self, request: HttpRequest, draft: ListingDraft, section: str
    ) -> HttpResponse:
        given: Changes = _EDITORS[section].read(draft, request)
        try:
            save(draft, given, moment_in(request.POST.get("seen_at", "")))
        except DomainError as error:
            messages.error(request, f"{error} What you typed is shown below.")
            fresh = self.get_object(request, str(draft.pk)) or draft
            put_over(fresh, given)
            for words in given.warnings:
                messages.warning(request, words)
            return self._section(request, fresh, section)
        for words in given.notices:
            messages.success(request, words)
        for words in given.warnings:
            messages.warning(request, words)
        if not given.notices and not given.warnings:
            messages.success(request, "Saved.")
        return redirect(_after_saving(request, draft, section, given))

    def _section(
        self, request: HttpRequest, draft: ListingDraft, section: str
    ) -> HttpResponse:
        judged = Judged.of(draft)
        editor = _EDITORS[section]
        context = page_context(draft, section, judged)
        context |= editor.show(draft, request, judged)
        return self._page(request, editor.TEMPLATE, context)

    def _page(
        self, request: HttpRequest, template: str, context: dict[str, Any]
    ) -> HttpResponse:
        return self.own_page(request, template, context)

    @admin.display(description="Draft")
    def draft(self, draft: ListingDraft) -> SafeString:
        return format_html(
            '<span class="linked">{}</span><br><span class="soft">{}</span>',
            draft,
            f"by {draft.user}" if draft.user else "",
        )

    @admin.display(description="What")
    def kind(self, draft: ListingDraft) -> str:
        if draft.listing_id is not None and draft.base:
            return "Changes to a listing"
        if draft.copied_from is not None:
            return f"Copy from {draft.copied_from.shop.name}"
        return "New listing"

    @admin.display(description="State", ordering="state")
    def state_badge(self, draft: ListingDraft) -> SafeString:
        kind = STATE_BADGES[ListingDraft.State(draft.state)]
        return badge(draft.get_state_display(), kind)

    @admin.display(description="Shop", ordering="shop__name")
    def shop_name(self, draft: ListingDraft) -> SafeString:
        return shop_words(draft.shop)

    @admin.display(description="Left to a person")
    def left(self, draft: ListingDraft) -> str:
        count = sum(bool(note.get("needs_person")) for note in draft.notes)
        if draft.state != ListingDraft.State.OPEN or not count:
            return "—"
        return f"{count} note{'' if count == 1 else 's'}"

    @admin.display(description="Changed", ordering="modified_at")
    def changed(self, draft: ListingDraft) -> SafeString | str:
        return ago(draft.modified_at)


def _after_saving(
    request: HttpRequest, draft: ListingDraft, section: str, given: Changes
) -> str:
    """Where the button pressed leads: on, to the dry run, or here again."""
    if given.stay is not None:
        wanted, query = section, given.stay
    else:
        wanted, query = request.POST.get("then", section), ""
    if wanted not in (*SECTIONS, "preview"):
        wanted = section
    address = reverse("admin:products_listingdraft_section", args=[draft.pk, wanted])
    return f"{address}{query}"
