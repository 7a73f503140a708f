"""The dry run: what a draft would send and change, and what stands in its way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.integrations.contracts import ListingCheck, ListingStatus
from apps.integrations.errors import NotFound
from apps.integrations.tiktok.products import bodies
from apps.integrations.tiktok.products.bodies import Difference
from apps.products.errors import DraftRefuses, PictureRefused
from apps.products.models import ListingDraft
from apps.products.services.publishing import descriptions, pictures
from apps.products.services.publishing.channel import Channel
from apps.products.services.publishing.judging import problems_of
from apps.products.services.publishing.outgoing import Outgoing, creation, edition
from apps.products.services.publishing.picture_places import FIELDS, swapped
from apps.products.services.publishing.problems import Problem, advice, errors_in

TO_BE_SENT = "to be uploaded: "


@dataclass(frozen=True, slots=True)
class Stale:
    """The listing changed after the draft began: both versions as the platform shows
    them, and what differs."""

    seen: Mapping[str, Any]
    now: Mapping[str, Any]
    differences: list[Difference]


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be sent. Pictures not sent yet stand in the body as "to be uploaded:
    …", and in `uploads`. `check` is the platform's own judgement, if it was asked."""

    method: str
    path: str
    body: dict[str, Any]
    differences: list[Difference]
    problems: list[Problem]
    stale: Stale | None = None
    uploads: list[str] = field(default_factory=list)
    check: ListingCheck | None = None

    @property
    def can_be_sent(self) -> bool:
        return (
            self.stale is None
            and not errors_in(self.problems)
            and bool(self.differences)
        )


def preview(draft: ListingDraft, *, ask_platform: bool = False) -> Preview:
    """Everything a person should see before the draft is sent; nothing is changed.

    An edit is compared with what the platform has now, which is asked for. With
    `ask_platform` a new listing is judged by the platform, too; it judges pictures, so
    they are uploaded first. Raises DraftRefuses where the listing is gone,
    UnsendableListing, PlatformError.
    """
    channel = Channel(draft.shop, urgent=True)
    if draft.listing is None:
        return _of_new(draft, channel, ask_platform=ask_platform)
    try:
        current = channel.newest(draft.listing.remote_id)
    except NotFound as error:
        raise DraftRefuses(f"TikTok does not have “{draft}” any more.") from error
    outgoing = edition(draft, current.raw, channel)
    problems = [*_unfit(channel, outgoing), *problems_of(draft, outgoing)]
    if current.has_draft:
        problems.append(
            advice(
                "", "Seller Center has unsent changes of this listing; they are lost."
            )
        )
    if (
        current.status is ListingStatus.DRAFT
        and outgoing.body.get("save_mode") != "AS_DRAFT"
    ):
        problems.append(
            advice("", "It is a draft in Seller Center; sending this submits it.")
        )
    shown, uploads = _shown(channel, outgoing, draft.base)
    return Preview(
        outgoing.method,
        outgoing.path,
        shown.body,
        shown.differences(),
        problems,
        stale_of(draft, current.raw),
        uploads,
    )


def stale_of(draft: ListingDraft, current: Mapping[str, Any]) -> Stale | None:
    """None while the listing is as it was when the draft began."""
    if bodies.fingerprint(current) == draft.base_fingerprint:
        return None
    seen, now = bodies.comparable(draft.base), bodies.comparable(current)
    return Stale(draft.base, current, bodies.differences(seen, now))


def _of_new(draft: ListingDraft, channel: Channel, *, ask_platform: bool) -> Preview:
    outgoing = creation(draft, channel)
    problems = [*_unfit(channel, outgoing), *problems_of(draft, outgoing)]
    check = None
    if ask_platform and not errors_in(problems):
        check = channel.reads.check_listing(
            pictures.upload_pictures(channel, outgoing.body)
        )
    shown, uploads = _shown(channel, outgoing, {})
    return Preview(
        outgoing.method,
        outgoing.path,
        shown.body,
        shown.differences(),
        problems,
        uploads=uploads,
        check=check,
    )


def _shown(
    channel: Channel, outgoing: Outgoing, base: Mapping[str, Any]
) -> tuple[Outgoing, list[str]]:
    """As it would be sent, with names in the place of pictures not sent yet."""
    uploads: list[str] = []

    def swap(picture: dict[str, Any], use_case: str, place: str) -> dict[str, Any]:
        if (row := pictures.image_of(channel, picture)) is not None and (
            kept := pictures.kept_for(channel, row.sha256, use_case)
        ):
            return {"uri": kept.uri}
        uploads.append(place)
        return {"uri": TO_BE_SENT + place}

    body = swapped(outgoing.body, swap)
    described = str(body.get("description") or "")
    uploads += [
        f"Picture in the description: {address}"
        for address in pictures.pending_in(channel, described, known_addresses(base))
    ]
    return outgoing.with_body(body), uploads


def _unfit(channel: Channel, outgoing: Outgoing) -> list[Problem]:
    """Pictures of ours that the platform would not take."""
    found: list[Problem] = []

    def judge(picture: dict[str, Any], use_case: str, place: str) -> dict[str, Any]:
        if (row := pictures.image_of(channel, picture)) is not None:
            try:
                size = pictures.Size(row.width, row.height)
                pictures.judge_size(size, use_case, place)
            except PictureRefused as error:
                found.append(Problem(FIELDS[use_case], str(error)))
        return picture

    swapped(outgoing.body, judge)
    return found


def known_addresses(base: Mapping[str, Any]) -> frozenset[str]:
    """Pictures the listing's description has already."""
    return descriptions.pictures_in(str(base.get("description") or ""))
