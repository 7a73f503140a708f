"""RemoteListing → rows. The one way in, whichever source speaks.

One batch is one transaction under the shop's lock, so two sources that bring the same
listing at the same moment follow one another. Rows that say what is known already are
not written; only when it was last learnt moves on, in one statement for all of them.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from apps.integrations.contracts import RemoteListing, Source
from apps.platforms.models import Shop
from apps.products.models import Listing
from apps.products.services.listing_book import ListingBook, Outcome
from apps.products.services.listing_merge import unusable
from apps.products.services.sold_skus import note_sold_skus
from apps.products.services.staleness import mark_stale

__all__ = [
    "IngestResult",
    "Outcome",
    "ingest_listings",
    "note_gone",
    "note_sold_skus",
    "preview_listings",
]

BATCH = 100
BATCH_SKUS = 3_000


@dataclass(slots=True)
class IngestResult:
    """What became of each listing, by product ID; `refused` is (product ID, why)."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    refused: list[tuple[str, str]] = field(default_factory=list)

    def __iadd__(self, other: "IngestResult") -> "IngestResult":
        for remote_id, outcome in other.outcomes.items():
            self.note(remote_id, outcome)
        self.refused += other.refused
        return self

    def note(self, remote_id: str, outcome: Outcome) -> None:
        """Of a listing that is told of twice, the greater change counts."""
        known = self.outcomes.get(remote_id, outcome)
        self.outcomes[remote_id] = max(known, outcome)

    @property
    def new(self) -> int:
        return self._count(Outcome.NEW)

    @property
    def updated(self) -> int:
        return self._count(Outcome.UPDATED)

    @property
    def same(self) -> int:
        return self._count(Outcome.SAME)

    def _count(self, wanted: Outcome) -> int:
        return sum(outcome is wanted for outcome in self.outcomes.values())


def ingest_listings(
    shop: Shop, remotes: Sequence[RemoteListing], source: Source
) -> IngestResult:
    """Store listings of one shop with their SKUs; repeating a call changes nothing and
    says so.

    Listings are written whole or refused whole. Larger input is cut into batches, each
    a transaction of its own. What SKUs are mapped to is never touched.
    """
    result = IngestResult()
    for batch in _batches(remotes):
        result += _ingest_batch(shop, batch, source)
    return result


def preview_listings(
    shop: Shop, remotes: Sequence[RemoteListing], source: Source
) -> IngestResult:
    """What `ingest_listings` would do, with nothing written."""
    with transaction.atomic():
        result = ingest_listings(shop, remotes, source)
        transaction.set_rollback(True)
    return result


@transaction.atomic
def note_gone(shop: Shop, remote_ids: Collection[str]) -> int:
    """The platform no longer has these listings: how many we had as present.

    Rows, SKUs and what they are mapped to stay. Only for what the platform denied when
    asked for it by its ID: a listing that did not show up may be there.
    """
    _lock(shop)
    now = timezone.now()
    present = Listing.objects.present().filter(shop=shop, remote_id__in=remote_ids)
    return present.update(
        status=Listing.Status.DELETED,
        status_text="",
        status_learnt_at=now,
        deleted_at=now,
        modified_at=now,
    )


def _batches(remotes: Sequence[RemoteListing]) -> Iterator[list[RemoteListing]]:
    batch: list[RemoteListing] = []
    skus = 0
    for remote in remotes:
        if batch and (len(batch) == BATCH or skus + len(remote.skus) > BATCH_SKUS):
            yield batch
            batch, skus = [], 0
        batch.append(remote)
        skus += len(remote.skus)
    if batch:
        yield batch


def _ingest_batch(
    shop: Shop, remotes: Sequence[RemoteListing], source: Source
) -> IngestResult:
    result = IngestResult()
    usable = []
    for remote in remotes:
        if reason := unusable(remote):
            result.refused.append((remote.remote_id, reason))
        else:
            usable.append(remote)
    if usable:
        _store(shop, usable, source, result)
    return result


@transaction.atomic
def _store(
    shop: Shop, remotes: list[RemoteListing], source: Source, result: IngestResult
) -> None:
    _lock(shop)
    book = ListingBook.of(shop, remotes, source)
    for remote in remotes:
        result.note(remote.remote_id, book.take(remote))
    book.write()
    if book.is_identity_changed:
        mark_stale(shop.client_id)


def _lock(shop: Shop) -> None:
    Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
