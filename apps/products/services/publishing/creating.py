"""Sending a new listing."""

from apps.integrations.errors import (
    ConsentNeeded,
    RateLimited,
    RequestRefused,
    TokenExpired,
)
from apps.platforms.errors import ReconnectNeeded, RefreshInProgress
from apps.products.models import ListingDraft, PublishItem
from apps.products.services.publishing import outcomes
from apps.products.services.publishing.channel import Channel
from apps.products.services.publishing.confirming import confirm
from apps.products.services.publishing.drafts import renew_key
from apps.products.services.publishing.judging import problems_of
from apps.products.services.publishing.linking import link_skus, note_created
from apps.products.services.publishing.outgoing import creation
from apps.products.services.publishing.own_rows import refuse_foreign
from apps.products.services.publishing.pictures import upload_pictures
from apps.products.services.publishing.problems import errors_in

Json = dict[str, object]
# Not read at all, so nothing can have been made.
_UNREAD = (
    RateLimited,
    ConsentNeeded,
    TokenExpired,
    ReconnectNeeded,
    RefreshInProgress,
)


def send_creation(item: PublishItem, channel: Channel) -> None:
    """Make the draft's listing, once: pictures first, then the call, then what it
    made. Raises PlatformError, DomainError; the item is then as it was claimed."""
    draft = item.draft
    if draft is None or draft.state == ListingDraft.State.DISCARDED:
        outcomes.refused(item, "The draft was given up; nothing was sent.")
        return
    repeated = _repeated(item, draft)
    if draft.state == ListingDraft.State.SENT and repeated is None:
        outcomes.refused(item, "This draft was sent before. See its listing.")
        return
    if draft.listing is None:
        body = repeated or _prepared(item, channel, draft)
        if body is None:
            return
        _create(item, channel, draft, body, is_repeat=repeated is not None)
    _settle(item, channel, draft)


def _repeated(item: PublishItem, draft: ListingDraft) -> Json | None:
    """The very body that an interrupted attempt was sending."""
    if item.sent_at and item.request.get("idempotency_key") == str(
        draft.idempotency_key
    ):
        return dict(item.request)
    return None


def _prepared(item: PublishItem, channel: Channel, draft: ListingDraft) -> Json | None:
    refuse_foreign(draft.shop, draft.content)
    outgoing = creation(draft, channel)
    if errors := errors_in(problems_of(draft, outgoing)):
        outcomes.refused_for(item, errors)
        return None
    body = upload_pictures(channel, outgoing.body)
    outcomes.note_sending(item, body)
    return body


def _create(
    item: PublishItem,
    channel: Channel,
    draft: ListingDraft,
    body: Json,
    *,
    is_repeat: bool,
) -> None:
    try:
        sent = channel.writes.create_listing(body)
    except RequestRefused:
        renew_key(draft)
        raise
    except _UNREAD:
        if not is_repeat:  # else the attempt before may have arrived all the same
            item.sent_at = None
            item.save(update_fields=["sent_at"])
        raise
    note_created(draft, sent, item.run.user)
    item.details = [*sent.warnings]


def _settle(item: PublishItem, channel: Channel, draft: ListingDraft) -> None:
    listing = item.listing = draft.listing
    assert listing is not None
    item.save(update_fields=["listing"])
    confirm(channel, [listing])
    link_skus(listing, draft.content, item.run.user)  # those the answer did not name
    outcomes.done(item, item.details)
