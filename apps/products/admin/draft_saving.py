"""What a section's form asks to be saved, and how it is."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from apps.core.storing import storable
from apps.products.admin.draft_content import differing
from apps.products.models import ListingDraft
from apps.products.services import publishing


@dataclass(slots=True)
class Changes:
    """`values` are {field of the content: what it is to be}; of SKUs, ready changes
    are given in `sku_changes` (what differs, what to drop, removed SKU IDs). `stay` is
    added to the section's address where the person goes on there."""

    values: dict[str, Any] = field(default_factory=dict)
    sku_changes: tuple[dict[str, Any], list[str], list[str]] | None = None
    stay: str | None = None
    notices: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def as_given(self, draft: ListingDraft) -> tuple[dict[str, Any], list[str]]:
        changes, drop = differing(draft, storable(self.values))
        if self.sku_changes:
            changes |= self.sku_changes[0]
            drop += self.sku_changes[1]
        return changes, drop


def save(draft: ListingDraft, given: Changes, seen_at: datetime) -> None:
    """Raises DraftChanged, DraftRefuses."""
    changes, drop = given.as_given(draft)
    removed = given.sku_changes[2] if given.sku_changes and draft.listing_id else None
    publishing.save(draft, changes, drop=drop, removed_sku_ids=removed, seen_at=seen_at)


def put_over(draft: ListingDraft, given: Changes) -> None:
    """The same, but not stored: to show again what a person typed."""
    changes, drop = given.as_given(draft)
    draft.content = {
        name: value
        for name, value in {**draft.content, **changes}.items()
        if name not in drop
    }
    if given.sku_changes and draft.listing_id:
        draft.removed_sku_ids = given.sku_changes[2]


def moment_in(told: str) -> datetime:
    """When the form was shown; long ago where it does not say."""
    try:
        moment = datetime.fromisoformat(told)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return datetime.min.replace(tzinfo=UTC)
