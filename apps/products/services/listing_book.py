"""The listings and SKUs of a batch, and what must become of them: few statements."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from operator import attrgetter
from typing import Any

from django.utils import timezone

from apps.core.storing import content_hash, portions, storable
from apps.integrations.contracts import RemoteListing, Source
from apps.integrations.tiktok.products.bodies import (
    UnsendableListing,
    fingerprint,
)
from apps.platforms.models import Shop
from apps.products.models import Listing, ListingPayload, ListingSku
from apps.products.services.listing_merge import (
    IDENTITY,
    LISTING_FIELDS,
    SKU_FIELDS,
    TELLING,
    Take,
    doubt_details,
    how_to_take,
    take_listing,
    take_sku,
)
from apps.products.services.sold_skus import PLACEHOLDER


class Outcome(IntEnum):
    """What a row of news did to a listing; the greater, the more."""

    SAME = 0
    UPDATED = 1
    NEW = 2


@dataclass(slots=True)
class ListingBook:
    """One object a row. The caller holds the shop's lock; the SKUs are locked, too,
    because who maps them locks those alone."""

    shop: Shop
    source: Source
    now: datetime
    listings: dict[str, Listing] = field(default_factory=dict)
    skus: dict[str, ListingSku] = field(default_factory=dict)
    of_listing: dict[int, list[ListingSku]] = field(default_factory=dict)
    payloads: dict[int, ListingPayload] = field(default_factory=dict)
    changed_listings: dict[str, Listing] = field(default_factory=dict)
    changed_skus: dict[str, ListingSku] = field(default_factory=dict)
    new_payloads: dict[str, ListingPayload] = field(default_factory=dict)
    # {ID: instants learnt anew}; nothing else of these rows has changed
    told_listings: dict[str, frozenset[str]] = field(default_factory=dict)
    told_skus: dict[str, frozenset[str]] = field(default_factory=dict)
    is_identity_changed: bool = False
    has_moved_skus: bool = False

    @classmethod
    def of(
        cls, shop: Shop, remotes: Sequence[RemoteListing], source: Source
    ) -> "ListingBook":
        book = cls(shop, source, timezone.now())
        ids = {remote.remote_id for remote in remotes}
        rows = Listing.objects.filter(shop=shop, remote_id__in=ids)
        book.listings = {row.remote_id: row for row in rows}
        keys = [row.pk for row in book.listings.values()]
        named = {sku.remote_id for remote in remotes for sku in remote.skus}
        book._load_skus(listing__in=keys)
        for unknown in portions(sorted(named - book.skus.keys())):
            book._load_skus(shop=shop, remote_id__in=unknown)
        if source is Source.API and any(remote.is_whole for remote in remotes):
            stored = ListingPayload.objects.filter(listing__in=keys).defer("body")
            book.payloads = {row.listing_id: row for row in stored}
        return book

    def _load_skus(self, **condition: Any) -> None:
        rows = (
            ListingSku.objects.filter(**condition)
            .select_for_update(no_key=True)
            .order_by("pk")
        )
        for row in rows:
            self.skus[row.remote_id] = row
            self.of_listing.setdefault(row.listing_id, []).append(row)

    def take(self, remote: RemoteListing) -> Outcome:
        """Note what `remote` changes."""
        listing = self.listings.get(remote.remote_id)
        is_new = listing is None
        if listing is None:
            listing = Listing(
                shop=self.shop, remote_id=remote.remote_id, source=Listing.Source.ORDER
            )
            self.listings[remote.remote_id] = listing
        take = how_to_take(listing, remote, self.source)
        if take is Take.NOTHING:
            return Outcome.SAME
        changed, learnt = take_listing(listing, remote, self.source, take, self.now)
        self.is_identity_changed |= bool(changed & IDENTITY)
        if take is not Take.WHOLE and (
            changed & TELLING or self._names_other_skus(listing, remote, take)
        ):
            doubt_details(listing)
        is_changed = self._take_skus(listing, remote, take)
        is_changed |= self._take_payload(listing, remote)
        if is_new or changed or is_changed:
            self.changed_listings[remote.remote_id] = listing
            return Outcome.NEW if is_new else Outcome.UPDATED
        self.told_listings[remote.remote_id] = frozenset(learnt)
        return Outcome.SAME

    def _names_other_skus(
        self, listing: Listing, remote: RemoteListing, take: Take
    ) -> bool:
        """Whether there are SKUs that the details did not name. A file may be old: that
        it names those which are gone says nothing."""
        known = {
            sku.remote_id
            for sku in self.of_listing.get(listing.pk, ())
            if sku.removed_at is None or take is Take.GAPS
        }
        return any(sku.remote_id not in known for sku in remote.skus if sku.remote_id)

    def _take_skus(self, listing: Listing, remote: RemoteListing, take: Take) -> bool:
        is_changed = False
        for position, told in enumerate(remote.skus):
            if told.remote_id:
                is_changed |= self._take_sku(listing, told, position, take)
        # Every product has a SKU: a row without any does not know them.
        if take is Take.WHOLE and remote.skus:
            named = {sku.remote_id for sku in remote.skus}
            for sku in self.of_listing.get(listing.pk, ()):
                is_there = sku.remote_id in named or sku.listing_id != listing.pk
                if not is_there and sku.removed_at is None:
                    sku.removed_at = self.now
                    self.changed_skus[sku.remote_id] = sku
                    is_changed = self.is_identity_changed = True
        return is_changed

    def _take_sku(self, listing: Listing, told: Any, position: int, take: Take) -> bool:
        sku = self.skus.get(told.remote_id)
        is_new = sku is None
        if sku is None:
            sku = ListingSku(shop=self.shop, remote_id=told.remote_id)
            self.skus[told.remote_id] = sku
        is_moved = not is_new and self._is_elsewhere(sku, listing)
        if is_moved and take is Take.GAPS:
            return False
        changed, learnt = take_sku(sku, told, position, take, self.now)
        if is_new or is_moved:
            sku.listing = listing
        self.has_moved_skus |= is_moved
        self.is_identity_changed |= is_new or bool(changed & {*IDENTITY, "removed_at"})
        if is_new or is_moved or changed:
            self.changed_skus[told.remote_id] = sku
            return True
        self.told_skus[told.remote_id] = frozenset(learnt)
        return False

    def _is_elsewhere(self, sku: ListingSku, listing: Listing) -> bool:
        if sku.listing_id is None:  # both are new in this batch
            return sku.listing is not listing
        return bool(sku.listing_id != listing.pk)

    def _take_payload(self, listing: Listing, remote: RemoteListing) -> bool:
        """Whether what only an edit changes is not what it was."""
        if self.source is not Source.API or not remote.is_whole or not remote.raw:
            return False
        body = storable(remote.raw)
        digest = content_hash(body)
        known = self.payloads.get(listing.pk) if listing.pk else None
        if known is not None and known.content_hash == digest:
            return False
        row = ListingPayload(
            listing=listing,
            body=body,
            content_hash=digest,
            fingerprint=_fingerprint(body),
            received_at=self.now,
        )
        self.new_payloads[remote.remote_id] = row
        return known is None or known.fingerprint != row.fingerprint

    def write(self) -> None:
        """Insert or update all of it."""
        self._write_rows(Listing, self.changed_listings, LISTING_FIELDS)
        for sku in self.changed_skus.values():
            sku.listing_id = sku.listing_id or sku.listing.pk
        self._write_rows(ListingSku, self.changed_skus, SKU_FIELDS)
        for row in self.new_payloads.values():
            row.listing_id = row.listing.pk
        ListingPayload.objects.bulk_create(
            self.new_payloads.values(),
            update_conflicts=True,
            unique_fields=["listing"],
            update_fields=[
                "body",
                "content_hash",
                "fingerprint",
                "received_at",
                "modified_at",
            ],
        )
        self._advance(Listing, self.listings, self.told_listings, self.changed_listings)
        self._advance(ListingSku, self.skus, self.told_skus, self.changed_skus)
        if self.has_moved_skus:
            Listing.objects.filter(
                shop=self.shop, remote_id__startswith=PLACEHOLDER, skus__isnull=True
            ).delete()

    def _write_rows(
        self, model: type[Any], rows: dict[str, Any], fields: Sequence[str]
    ) -> None:
        for row in rows.values():
            row.modified_at = self.now
        known = [row for row in rows.values() if row.pk is not None]
        model._default_manager.bulk_create(r for r in rows.values() if r.pk is None)
        # Upserts on the key: bulk_update's CASE per column and row costs several times
        # as much.
        model._default_manager.bulk_create(
            sorted(known, key=attrgetter("pk")),
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=[*fields, "modified_at"],
        )

    def _advance(
        self,
        model: type[Any],
        rows: dict[str, Any],
        told: dict[str, frozenset[str]],
        written: Collection[str],
    ) -> None:
        """Note when facts were learnt that are as they were: an UPDATE for all rows
        of which the same was told."""
        groups: dict[frozenset[str], list[int]] = {}
        for remote_id, learnt in told.items():
            if learnt and remote_id not in written:
                groups.setdefault(learnt, []).append(rows[remote_id].pk)
        for learnt, keys in groups.items():
            for some in portions(sorted(keys)):
                model._default_manager.filter(pk__in=some).update(
                    **dict.fromkeys(sorted(learnt), self.now)
                )


def _fingerprint(body: Any) -> str:
    """Empty for what cannot be edited through the platform's interface."""
    try:
        return fingerprint(body)
    except UnsendableListing:
        return ""
