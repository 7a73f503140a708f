"""On sale, off sale, deleted, back: up to twenty listings a call, each with its own
outcome."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from apps.integrations.contracts import ItemFailure, ListingStatus, RemoteListing
from apps.integrations.errors import NotFound, PlatformError
from apps.products.models import Listing, PublishItem, PublishRun
from apps.products.services.ingest import note_gone
from apps.products.services.publishing import outcomes
from apps.products.services.publishing.channel import Channel
from apps.products.services.publishing.confirming import confirm

Kind = PublishRun.Kind
LARGEST_BATCH = 20
_NOT_IN_THIS_STATE = 12052901
_CLOCKS_DIFFER = timedelta(days=1)
KINDS = frozenset({Kind.ACTIVATE, Kind.DEACTIVATE, Kind.DELETE, Kind.RECOVER})
# What a listing is when the deed has been done.
_AFTER = {
    Kind.ACTIVATE: frozenset({ListingStatus.LIVE, ListingStatus.PENDING}),
    Kind.DEACTIVATE: frozenset({ListingStatus.SELLER_DEACTIVATED}),
    Kind.DELETE: frozenset({ListingStatus.DELETED}),
    Kind.RECOVER: frozenset({ListingStatus.SELLER_DEACTIVATED}),
}


def send_statuses(items: Sequence[PublishItem], channel: Channel) -> None:
    """One deed on all these listings; those the platform names in its answer were
    refused, the others done.

    What an earlier attempt may have done already is read first. Raises PlatformError
    where the call as a whole failed.
    """
    kind = Kind(items[0].run.kind)
    to_do = []
    for item in items:
        if item.listing is None:
            outcomes.refused(item, "The listing is no longer known here.")
        elif item.sent_at and _is_done(item.listing, kind, channel, item.sent_at):
            _take_in(kind, channel, [item.listing])
            outcomes.done(item, ["TikTok shows that it is so already."])
        else:
            to_do.append((item, item.listing))
    if to_do:
        _send([item for item, _ in to_do], [each for _, each in to_do], kind, channel)


def _send(
    items: list[PublishItem],
    listings: list[Listing],
    kind: PublishRun.Kind,
    channel: Channel,
) -> None:
    ids = [listing.remote_id for listing in listings]
    for item, remote_id in zip(items, ids, strict=True):
        outcomes.note_sending(item, {"product_ids": [remote_id]})
    failures = {failure.remote_id: failure for failure in _call(kind, channel)(ids)}
    _take_in(
        kind, channel, [each for each in listings if each.remote_id not in failures]
    )
    for item, remote_id in zip(items, ids, strict=True):
        if failure := failures.get(remote_id):
            outcomes.refused_by(item, failure)
        else:
            outcomes.done(item)


def _call(
    kind: PublishRun.Kind, channel: Channel
) -> Callable[[list[str]], list[ItemFailure]]:
    # The platform asks for the reading scope to put listings on and off sale.
    if kind == Kind.ACTIVATE:
        return channel.reads.activate_listings
    if kind == Kind.DEACTIVATE:
        return channel.reads.deactivate_listings
    if kind == Kind.DELETE:
        return channel.deletes.delete_listings
    return channel.deletes.recover_listings


def _take_in(kind: PublishRun.Kind, channel: Channel, listings: list[Listing]) -> None:
    """What the platform has now; it does not show what it has deleted."""
    if kind == Kind.DELETE:
        note_gone(channel.shop, [each.remote_id for each in listings])
    else:
        confirm(channel, listings)


def _is_done(
    listing: Listing, kind: PublishRun.Kind, channel: Channel, tried_at: datetime
) -> bool:
    try:
        found: RemoteListing = channel.reads.get_listing(listing.remote_id)
    except NotFound:
        return kind == Kind.DELETE
    except PlatformError as error:  # neither deleted nor frozen ones are shown
        return (
            kind == Kind.DELETE
            and error.code == _NOT_IN_THIS_STATE
            and _is_among_deleted(listing, channel, tried_at - _CLOCKS_DIFFER)
        )
    return found.status in _AFTER[kind]


def _is_among_deleted(listing: Listing, channel: Channel, since: datetime) -> bool:
    token = ""
    while True:
        channel.beat()
        page = channel.reads.search_listings(
            status="DELETED", updated_from=since, page_token=token
        )
        if any(each.remote_id == listing.remote_id for each in page.listings):
            return True
        if not (token := page.next_page_token):
            return False
