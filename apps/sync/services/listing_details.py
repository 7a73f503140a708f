"""Ask for listings one by one: what is due, and what did not show up."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet

from apps.core.storing import portions
from apps.integrations.contracts import PlatformClient, RemoteListing, Source
from apps.integrations.errors import (
    MalformedReply,
    NotFound,
    PlatformError,
    PlatformUnavailable,
    RequestRefused,
)
from apps.platforms.models import Shop
from apps.products.models import Listing
from apps.products.services.ingest import (
    IngestResult,
    Outcome,
    ingest_listings,
    note_gone,
)
from apps.products.services.sold_skus import PLACEHOLDER
from apps.sync.services.ledger import Ledger

AT_ONCE = 20
# One listing that the platform cannot show is an issue; so many in a row, an outage.
MOST_UNANSWERED = 3
# Of these the platform shows no details.
_HIDDEN = (Listing.Status.DELETED, Listing.Status.FROZEN)


def are_due() -> Q:
    """Listings whose details are not of the version we know there is."""
    is_other_version = Q(details_of__lt=F("remote_updated_at")) | Q(
        details_of__gt=F("remote_updated_at")
    )
    return (Q(details_of__isnull=True) | is_other_version) & ~Q(status__in=_HIDDEN)


def told_listings(shop: Shop) -> "QuerySet[Listing]":
    """Those the platform has, as far as we know."""
    listings = Listing.objects.present().filter(shop=shop)
    return listings.exclude(remote_id__startswith=PLACEHOLDER)


def detail_counts(shop: Shop) -> tuple[int, int]:
    """Listings whose details are here and up to date, and all that have some."""
    counts = (
        told_listings(shop)
        .exclude(status__in=_HIDDEN)
        .aggregate(all=Count("pk"), due=Count("pk", filter=are_due()))
    )
    return counts["all"] - counts["due"], counts["all"]


@dataclass(slots=True)
class Details:
    """`shown` are the listings that this run's search has shown; `asked` those that
    were asked for already."""

    client: PlatformClient
    ledger: Ledger
    on_detail: Callable[[int, int], None]
    shown: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    unanswered: list[tuple[str, str]] = field(default_factory=list)

    def ask_for_due(self, *, only_shown: bool = False) -> Iterator[IngestResult]:
        """What each few brought. A crash leaves the rest due."""
        ids = self._ids(Listing.objects.filter(are_due()))
        due = [
            remote_id
            for remote_id in ids
            if remote_id not in self.asked
            and (remote_id in self.shown or not only_shown)
        ]
        yield from self._ask(due)

    def ask_for_missing(self) -> Iterator[IngestResult]:
        """Listings we have and the whole search did not show: only what the platform
        denies when asked by its ID is gone."""
        ids = self._ids(Listing.objects.present())
        yield from self._ask([key for key in ids if key not in self.shown])

    def _ids(self, listings: "QuerySet[Listing]") -> list[str]:
        known = listings.filter(shop=self.ledger.shop).exclude(
            remote_id__startswith=PLACEHOLDER
        )
        return list(
            known.order_by("-remote_updated_at", "-pk").values_list(
                "remote_id", flat=True
            )
        )

    def _ask(self, ids: Sequence[str]) -> Iterator[IngestResult]:
        done = 0
        for some in portions(ids, AT_ONCE):
            haul = _Haul()
            failure = self._fetch_all(some, haul)
            result = self._store(haul)
            done += len(some)
            yield result
            if failure is not None:
                raise failure
            self.on_detail(done, len(ids))
        yield IngestResult(refused=self._give_up())

    def _fetch_all(self, ids: Sequence[str], haul: "_Haul") -> PlatformError | None:
        """The failure that is not about one listing, if there is one: what came before
        it is stored all the same."""
        for remote_id in ids:
            self.ledger.show_life()
            self.asked.add(remote_id)
            try:
                haul.found.append(self.client.get_listing(remote_id))
            except NotFound as error:
                if remote_id in self.shown:
                    haul.issues.append((remote_id, f"Listed, but not shown. {error}"))
                else:
                    haul.gone.append(remote_id)
            except (MalformedReply, RequestRefused) as error:
                haul.issues.append((remote_id, str(error)))
            except PlatformUnavailable as error:
                self.unanswered.append((remote_id, str(error)))
                if len(self.unanswered) >= MOST_UNANSWERED:
                    return error
                continue
            except PlatformError as error:
                return error
            haul.issues += self._give_up()
        return None

    def _give_up(self) -> list[tuple[str, str]]:
        """The platform answered for another listing: it is about these, then."""
        issues, self.unanswered = self.unanswered, []
        return issues

    def _store(self, haul: "_Haul") -> IngestResult:
        with transaction.atomic():
            self.ledger.stop_if_told()
            result = ingest_listings(self.ledger.shop, haul.found, Source.API)
            if haul.gone:
                note_gone(self.ledger.shop, haul.gone)
        for remote_id in haul.gone:
            result.note(remote_id, Outcome.UPDATED)
        result.refused += haul.issues
        return result


@dataclass(slots=True)
class _Haul:
    """What some calls brought; `issues` are (product ID, why it could not be had)."""

    found: list[RemoteListing] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    issues: list[tuple[str, str]] = field(default_factory=list)
