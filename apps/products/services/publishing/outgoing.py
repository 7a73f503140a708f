"""The calls that carry a draft, exactly as they are sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from apps.integrations.contracts import PlatformClient, SentListing
from apps.integrations.tiktok.products import bodies, listing_calls
from apps.integrations.tiktok.products.bodies import Difference
from apps.products.models import ListingDraft
from apps.products.services.publishing.channel import Channel
from apps.products.services.publishing.own_rows import without_own
from apps.products.services.publishing.rebasing import with_present_stock
from apps.products.services.publishing.shown_prices import (
    names_prices,
    with_shown_prices,
)

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One call. `before` is what the platform has, in the shape it is written in;
    empty for a new listing."""

    method: str
    path: str
    body: dict[str, Any]
    is_partial: bool = False
    before: dict[str, Any] = field(default_factory=dict)

    def with_body(self, body: dict[str, Any]) -> "Outgoing":
        return replace(self, body=body)

    @property
    def says_nothing(self) -> bool:
        """Whether it would change nothing: not even that is sent, for each overwrite
        is reviewed anew."""
        return not self.differences()

    def differences(self) -> list[Difference]:
        """What it changes at the platform."""
        return bodies.differences(self.before, self.body, is_partial=self.is_partial)

    def whole(self) -> dict[str, Any]:
        """The listing as it will be, for the rules to judge."""
        return {**self.before, **self.body} if self.is_partial else self.body


def creation(draft: ListingDraft, channel: Channel) -> Outgoing:
    """The call that makes a new listing; its key makes repeating safe."""
    body = without_own(draft.content)
    if names_prices(body) and channel.is_cross_border:
        body = with_shown_prices(body, {})
    body["idempotency_key"] = str(draft.idempotency_key)
    body.setdefault("save_mode", "LISTING")
    return Outgoing(listing_calls.CREATE.method, listing_calls.CREATE.path, body)


def edition(draft: ListingDraft, current: Json, channel: Channel) -> Outgoing:
    """The call that changes a listing.

    A partial edit where it is enough: it leaves alone what we do not know. But it
    names SKUs with their stock, so that what was sold meanwhile would be for sale
    again, and it cannot set some fields; then the whole listing is overwritten, stock
    and unchanged prices left out. Raises UnsendableListing.
    """
    assert draft.listing is not None
    remote_id, removed = draft.listing.remote_id, draft.removed_sku_ids
    changes = without_own(draft.content)
    if changes.get("skus"):
        changes["skus"] = with_present_stock(changes["skus"], draft.base, current)
    is_cross_border = names_prices(changes) and channel.is_cross_border
    if is_cross_border:
        changes = with_shown_prices(changes, current)
    before = bodies.write_shape(current, is_cross_border=is_cross_border)
    if not changes.get("skus") and not removed:
        changes.pop("skus", None)
        if (body := _partial(current, changes)) is not None:
            operation = listing_calls.PARTIAL_EDIT.of(remote_id)
            return Outgoing(
                operation.method,
                operation.path,
                body,
                is_partial=True,
                before=before,
            )
    body = bodies.overwrite_body(
        current, changes, is_cross_border=is_cross_border, removed_sku_ids=removed
    )
    operation = listing_calls.EDIT.of(remote_id)
    return Outgoing(operation.method, operation.path, body, before=before)


def send_edition(
    client: PlatformClient, remote_id: str, body: Json, *, is_partial: bool
) -> SentListing:
    if is_partial:
        return client.edit_listing_partly(remote_id, body)
    return client.edit_listing(remote_id, body)


def _partial(current: Json, changes: Json) -> dict[str, Any] | None:
    """None where a partial edit cannot do it."""
    if bodies.ONLY_BY_OVERWRITE & changes.keys():
        return None
    try:
        return bodies.partial_body(current, changes)
    except bodies.UnsendableListing:  # a field that only an overwrite clears
        return None
