"""Listings we made ourselves are known at once, and so is which SKU is which."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.integrations.contracts import SentListing
from apps.platforms.models import Shop
from apps.products.models import Listing, ListingDraft, ListingSku, Variant
from apps.products.services.staleness import mark_stale
from apps.users.models import User
from apps.users.services import audit

_DECIDED = (ListingSku.Mapping.MATCHED, ListingSku.Mapping.IGNORED)


@transaction.atomic
def note_created(draft: ListingDraft, sent: SentListing, user: User | None) -> Listing:
    """The platform has made the draft's listing: keep its id, and match its SKUs to
    the variants they came from. Repeating changes nothing."""
    shop = _locked(draft.shop)
    listing, _ = Listing.objects.get_or_create(
        shop=shop,
        remote_id=sent.remote_id,
        defaults={"title": str(draft.content.get("title") or "")[:600]},
    )
    _make_skus(listing, sent, list(draft.content.get("skus") or ()))
    link_skus(listing, draft.content, user)
    if draft.state != ListingDraft.State.SENT:
        audit.record(
            "published listing",
            listing,
            client=shop.client,
            actor=user,
            process="publishing",
        )
    draft.listing, draft.state = listing, ListingDraft.State.SENT
    draft.save(update_fields=["listing", "state", "modified_at"])
    return listing


@transaction.atomic
def note_edited(draft: ListingDraft, user: User | None) -> None:
    """The platform has taken the changes."""
    if draft.state == ListingDraft.State.SENT:
        return
    draft.state = ListingDraft.State.SENT
    draft.save(update_fields=["state", "modified_at"])
    if draft.listing is not None:
        audit.record(
            "edited listing",
            draft.listing,
            client=draft.shop.client,
            actor=user,
            process="publishing",
            fields=sorted(draft.content),
        )


@transaction.atomic
def link_skus(listing: Listing, content: Mapping[str, Any], user: User | None) -> int:
    """Match SKUs that nobody has decided about to the variants the content names, by
    seller SKU; how many."""
    wanted = _variants(listing.shop, content.get("skus") or ())
    rows = (
        ListingSku.objects.select_for_update(of=["self"])
        .filter(listing=listing)
        .exclude(mapping__in=_DECIDED)
        .order_by("pk")
    )
    linked = 0
    for row in rows:
        if variant := wanted.get(row.seller_sku.casefold()):
            _match(row, variant, user)
            linked += 1
    if linked:
        mark_stale(listing.shop.client_id)
    return linked


def _locked(shop: Shop) -> Shop:
    """Pulls bring the same listing in under this lock."""
    return (
        Shop.objects.select_for_update(of=["self"], no_key=True)
        .select_related("client")
        .get(pk=shop.pk)
    )


def _make_skus(
    listing: Listing, sent: SentListing, content_skus: list[Mapping[str, Any]]
) -> None:
    """Rows for the SKUs of the answer, named as they were sent."""
    rows = []
    for position, (name, remote_id) in enumerate(sent.sku_ids):
        if not remote_id:
            continue
        told = content_skus[position] if position < len(content_skus) else {}
        is_place = name == str(position)
        seller_sku = str(told.get("seller_sku") or "") if is_place else name
        rows.append(
            ListingSku(
                shop=listing.shop,
                listing=listing,
                remote_id=remote_id,
                position=position,
                seller_sku=seller_sku[:120],
            )
        )
    # A pull may have been faster.
    ListingSku.objects.bulk_create(rows, ignore_conflicts=True)


def _variants(shop: Shop, skus: Iterable[Any]) -> dict[str, Variant]:
    """{seller SKU: variant of the shop's client}."""
    keys = {
        str(sku.get("seller_sku") or "").casefold(): sku["variant"]
        for sku in skus
        if isinstance(sku, Mapping) and isinstance(sku.get("variant"), int)
    }
    own = Variant.objects.filter(client_id=shop.client_id).in_bulk(list(keys.values()))
    return {name: own[key] for name, key in keys.items() if name and key in own}


def _match(row: ListingSku, variant: Variant, user: User | None) -> None:
    row.mapping, row.variant = ListingSku.Mapping.MATCHED, variant
    row.mapped_reason = ListingSku.Reason.CREATED
    row.mapped_confidence, row.mapped_at, row.mapped_by = None, timezone.now(), user
    row.save(
        update_fields=[
            "mapping",
            "variant",
            "mapped_reason",
            "mapped_confidence",
            "mapped_at",
            "mapped_by",
            "modified_at",
        ]
    )
    row.suggestions.all().delete()
