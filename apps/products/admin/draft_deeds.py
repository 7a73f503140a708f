"""What is done with a whole draft: sent, given up, begun anew, put on top of theirs."""

from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from apps.products.admin.at_shop import by_whom
from apps.products.admin.bulk import start
from apps.products.admin.draft_saving import moment_in
from apps.products.errors import DraftChanged
from apps.products.models import ListingDraft, PublishRun
from apps.products.services import publishing
from apps.users.models import User
from apps.users.services import audit


def send(request: HttpRequest, draft: ListingDraft) -> HttpResponse:
    """A run of one item, of the version that was looked at."""
    if draft.modified_at != moment_in(request.POST.get("seen_at", "")):
        messages.warning(request, "The draft was changed. Look at the dry run again.")
        return redirect("admin:products_listingdraft_section", draft.pk, "preview")
    kind = PublishRun.Kind.CREATE if draft.listing_id is None else PublishRun.Kind.EDIT
    run = start(request, draft.shop, kind, [draft])
    if run is None:
        return redirect("admin:products_listingdraft_section", draft.pk, "preview")
    return redirect("admin:products_publishrun_change", run.pk)


def discard(request: HttpRequest, draft: ListingDraft) -> HttpResponse:
    _discard(request, draft)
    messages.success(request, "The draft was given up. Nothing was sent.")
    if draft.listing_id:
        return redirect("admin:products_listing_change", draft.listing_id)
    return redirect("admin:products_listingdraft_changelist")


def begin_anew(request: HttpRequest, draft: ListingDraft) -> HttpResponse:
    """Theirs, and the changes anew."""
    assert isinstance(request.user, User)
    listing = draft.listing
    if listing is None:
        return discard(request, draft)
    _discard(request, draft)
    fresh = publishing.start_edit(listing, request.user)
    messages.success(request, "A new draft begins on the version TikTok has now.")
    return redirect("admin:products_listingdraft_section", fresh.pk, "basics")


def put_on_top(request: HttpRequest, draft: ListingDraft) -> HttpResponse:
    """Ours, on what the platform has now."""
    publishing.take_present(draft)
    messages.success(request, "Your changes are now on top of the present version.")
    return redirect("admin:products_listingdraft_section", draft.pk, "preview")


def _discard(request: HttpRequest, draft: ListingDraft) -> None:
    seen_at = moment_in(request.POST.get("seen_at", ""))
    if draft.modified_at != seen_at:
        raise DraftChanged(
            "Somebody changed this draft after you opened it. Look at it again; it was "
            "not given up."
        )
    with transaction.atomic():
        publishing.discard(draft, seen_at=seen_at)
        audit.record(
            "gave up a draft", draft, client=draft.shop.client, **by_whom(request)
        )


DEEDS: dict[str, Callable[[HttpRequest, ListingDraft], HttpResponse]] = {
    "send": send,
    "discard": discard,
    "anew": begin_anew,
    "on-top": put_on_top,
}
