"""A platform with a list of listings, as careless as a real one may be."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from apps.integrations.contracts import ListingPage, ListingStatus, RemoteListing
from apps.integrations.errors import NotFound, TooManyFound
from tests.factories.products import make_remote_listing, make_remote_sku

Span = tuple[datetime | None, datetime | None]


def listing_at(
    remote_id: str, updated_at: datetime, *, created_at: datetime | None = None
) -> RemoteListing:
    return make_remote_listing(
        remote_id,
        updated_at=updated_at,
        created_at=created_at or updated_at,
        skus=(make_remote_sku(f"{remote_id}-1", seller_sku=remote_id),),
        raw={"id": remote_id, "description": f"as of {updated_at:%c}"},
    )


@dataclass
class FakeShelf:
    """`before_page` and `before_detail` are told what is asked for (the page's number
    from 1; the listing's ID) and may change `listings` or raise. A search that finds
    more than `most` is refused, or counted to there if `is_silent`. `hidden` ones are
    not shown by searches; those in `unreadable` come as malformed rows."""

    listings: dict[str, RemoteListing]
    page_size: int = 100
    most: int = 10_000
    is_silent: bool = False
    hidden: set[str] = field(default_factory=set)
    unreadable: set[str] = field(default_factory=set)
    before_page: Callable[[int], None] = lambda number: None
    before_detail: Callable[[str], None] = lambda remote_id: None
    searches: list[tuple[str, Span, Span]] = field(default_factory=list)
    pages: int = 0
    details: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, *listings: RemoteListing, **options: object) -> "FakeShelf":
        return cls({row.remote_id: row for row in listings}, **options)  # type: ignore[arg-type]

    def put(self, listing: RemoteListing) -> None:
        self.listings[listing.remote_id] = listing

    def touch(self, remote_id: str, at: datetime, **changes: object) -> None:
        old = self.listings[remote_id]
        said = {"id": remote_id, "description": f"as of {at:%c}"}
        self.put(replace(old, updated_at=at, raw=said, **changes))  # type: ignore[arg-type]

    def search_listings(
        self,
        *,
        status: str = "ALL",
        updated_from: datetime | None = None,
        updated_to: datetime | None = None,
        created_from: datetime | None = None,
        created_to: datetime | None = None,
        page_token: str = "",
        page_size: int = 100,
    ) -> ListingPage:
        self.pages += 1
        self.before_page(self.pages)
        spans = ((updated_from, updated_to), (created_from, created_to))
        if not page_token:
            self.searches.append((status, *spans))
        found = [
            row
            for row in self.listings.values()
            if row.remote_id not in self.hidden
            and (status == "DELETED") is (row.status is ListingStatus.DELETED)
            and _within(row.updated_at, spans[0])
            and _within(row.created_at, spans[1])
        ]
        if len(found) > self.most and not self.is_silent:
            raise TooManyFound("More than are shown.")
        total = min(len(found), self.most)
        found.sort(key=lambda row: (row.updated_at, row.remote_id), reverse=True)
        start = int(page_token or 0)
        end = start + self.page_size
        rows = found[:total][start:end]
        bad = [row for row in rows if row.remote_id in self.unreadable]
        return ListingPage(
            tuple(_short(row) for row in rows if row not in bad),
            next_page_token=str(end) if end < total else "",
            total_count=total,
            malformed=tuple((row.remote_id, "no title") for row in bad),
        )

    def get_listing(self, remote_id: str, *, version: str = "live") -> RemoteListing:
        self.details.append(remote_id)
        self.before_detail(remote_id)
        if remote_id not in self.listings:
            raise NotFound("The product is not in this shop.")
        return self.listings[remote_id]


def _within(moment: datetime | None, span: Span) -> bool:
    start, end = span
    assert moment is not None
    return (start is None or moment >= start) and (end is None or moment <= end)


def _short(row: RemoteListing) -> RemoteListing:
    skus = tuple(replace(sku, variation="", barcode="") for sku in row.skus)
    return replace(row, is_whole=False, skus=skus, raw={"id": row.remote_id})
