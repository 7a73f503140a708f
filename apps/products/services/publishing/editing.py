"""Sending changes to a listing, on top of the version a person saw."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.integrations.contracts import RemoteListing
from apps.integrations.errors import NotFound
from apps.integrations.tiktok.products import bodies
from apps.products.models import ListingDraft, PublishItem
from apps.products.services.publishing import outcomes
from apps.products.services.publishing.channel import Channel
from apps.products.services.publishing.confirming import confirm
from apps.products.services.publishing.judging import problems_of
from apps.products.services.publishing.linking import link_skus, note_edited
from apps.products.services.publishing.outgoing import edition, send_edition
from apps.products.services.publishing.own_rows import refuse_foreign
from apps.products.services.publishing.pictures import upload_pictures
from apps.products.services.publishing.preview import known_addresses, stale_of
from apps.products.services.publishing.problems import errors_in
from apps.products.services.publishing.shown_prices import names_prices

Json = Mapping[str, Any]


def send_edition_of(item: PublishItem, channel: Channel) -> None:
    """Send the draft's changes, if the listing is still as it was when it began.

    An attempt that was interrupted is looked for first: what has arrived is not sent
    again. Raises PlatformError, DomainError.
    """
    draft = item.draft
    if draft is None or not draft.listing:
        outcomes.refused(item, "The draft is no longer there; nothing was sent.")
        return
    if draft.state != ListingDraft.State.OPEN:
        if item.sent_at and draft.state == ListingDraft.State.SENT:
            _settle(item, channel, draft)  # it ended before it could say so
        else:
            outcomes.refused(item, "The draft is no longer open; nothing was sent.")
        return
    try:
        current = channel.newest(draft.listing.remote_id)
    except NotFound:
        confirm(channel, [draft.listing])
        outcomes.refused(item, "TikTok does not have this listing any more.")
        return
    # What was written into the draft since that attempt has not been sent.
    is_as_sent = item.sent_at is not None and draft.modified_at <= item.sent_at
    if is_as_sent and has_arrived(current, item.request, channel):
        _settle(item, channel, draft)
        return
    if versions := stale_of(draft, current.raw):
        outcomes.stale(item, versions)
        return
    _send(item, channel, draft, current)


def has_arrived(current: RemoteListing, request: Json, channel: Channel) -> bool:
    """Whether the product is what an interrupted edit was to make of it."""
    body, is_partial = request.get("body") or {}, bool(request.get("is_partial"))
    is_cross_border = names_prices(body) and channel.is_cross_border
    present = bodies.write_shape(current.raw, is_cross_border=is_cross_border)
    named = {**body}
    if body.get("skus"):
        named["skus"] = _with_ids(body["skus"], present.get("skus") or [])
    return not bodies.differences(present, named, is_partial=is_partial)


def _send(
    item: PublishItem, channel: Channel, draft: ListingDraft, current: RemoteListing
) -> None:
    assert draft.listing is not None
    refuse_foreign(draft.shop, draft.content)
    outgoing = edition(draft, current.raw, channel)
    if outgoing.says_nothing:
        outcomes.refused(item, "The draft changes nothing; nothing was sent.")
        return
    if errors := errors_in(problems_of(draft, outgoing)):
        outcomes.refused_for(item, errors)
        return
    body = upload_pictures(
        channel, outgoing.body, known_addresses=known_addresses(current.raw)
    )
    ready = outgoing.with_body(body)
    outcomes.note_sending(
        item, {"body": body, "is_partial": ready.is_partial}, ready.differences()
    )
    sent = send_edition(
        channel.writes, draft.listing.remote_id, body, is_partial=ready.is_partial
    )
    item.details = [*sent.warnings]
    _settle(item, channel, draft)


def _settle(item: PublishItem, channel: Channel, draft: ListingDraft) -> None:
    assert draft.listing is not None
    note_edited(draft, item.run.user)
    confirm(channel, [draft.listing])
    link_skus(draft.listing, draft.content, item.run.user)
    outcomes.done(item, item.details)


def _with_ids(sent: Sequence[Json], present: Sequence[Json]) -> list[Json]:
    """New SKUs have an id by now: that of the SKU with the same seller SKU."""
    known = {str(sku.get("id")) for sku in sent if sku.get("id")}
    made = {
        str(sku.get("seller_sku")): sku
        for sku in present
        if str(sku.get("id")) not in known
    }
    return [
        sku
        if sku.get("id")
        else {**sku, "id": made.get(str(sku.get("seller_sku")), {}).get("id", "")}
        for sku in sent
    ]
