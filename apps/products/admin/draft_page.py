"""What all pages of a draft share: its head, its sections, what is wrong with each."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from apps.core.admin import badge
from apps.core.errors import DomainError
from apps.products.models import ListingDraft, Product, ProductImage
from apps.products.services.publishing import Channel, Problem
from apps.products.services.publishing.judging import problems_of
from apps.products.services.publishing.outgoing import creation, edition

SECTIONS = {
    "basics": "Basics",
    "category": "Category",
    "attributes": "Attributes",
    "pictures": "Pictures",
    "variants": "Variants",
    "package": "Package",
    "more": "More",
}
# First part of a problem's field: where a person mends it; all else is in More.
_WHERE = {
    "title": "basics",
    "description": "basics",
    "brand_id": "basics",
    "category_id": "category",
    "category_version": "category",
    "product_attributes": "attributes",
    "main_images": "pictures",
    "skus": "variants",
    "package_weight": "package",
    "package_dimensions": "package",
}
STATE_BADGES = {
    ListingDraft.State.OPEN: "progress",
    ListingDraft.State.SENT: "good",
    ListingDraft.State.DISCARDED: "neutral",
}


@dataclass(slots=True)
class Judged:
    """What stands in the way of a draft, findable by field and by section."""

    problems: list[Problem]
    by_field: dict[str, list[Problem]] = field(default_factory=dict)
    by_section: dict[str, list[Problem]] = field(default_factory=dict)

    @classmethod
    def of(cls, draft: ListingDraft) -> "Judged":
        return cls.sorted_out(_problems(draft))

    @classmethod
    def sorted_out(cls, problems: list[Problem]) -> "Judged":
        judged = cls(problems)
        fields: dict[str, list[Problem]] = defaultdict(list)
        sections: dict[str, list[Problem]] = defaultdict(list)
        for problem in judged.problems:
            fields[problem.field].append(problem)
            sections[section_of(problem)].append(problem)
        judged.by_field, judged.by_section = dict(fields), dict(sections)
        return judged

    def at(self, name: str) -> list[Problem]:
        return self.by_field.get(name, [])

    def elsewhere(self, section: str, shown: Iterable[str]) -> list[Problem]:
        """Those of a section that stand beside none of its fields."""
        beside = set(shown)
        return [
            each
            for each in self.by_section.get(section, [])
            if each.field not in beside
        ]

    @property
    def errors(self) -> int:
        return sum(each.is_error for each in self.problems)


class _Unasked(Channel):
    """Asks the platform nothing: by what name a price is sent, no rule minds."""

    @property
    def is_cross_border(self) -> bool:
        return False


def _problems(draft: ListingDraft) -> list[Problem]:
    """By the version the draft began on: the dry run asks for the newest."""
    channel = _Unasked(draft.shop)
    try:
        if draft.listing is None:
            return problems_of(draft, creation(draft, channel))
        return problems_of(draft, edition(draft, draft.base, channel))
    except DomainError as error:
        return [Problem("", str(error))]


def section_of(problem: Problem) -> str:
    first = re.split(r"[\[.]", problem.field, maxsplit=1)[0]
    return _WHERE.get(first, "more")


def page_context(draft: ListingDraft, section: str, judged: Judged) -> dict[str, Any]:
    """The head and the way between sections; `section` may be "preview"."""
    kind = "New listing" if draft.listing_id is None else "Changes to a listing"
    return {
        "title": str(draft),
        "draft": draft,
        "kind": kind,
        "state": badge(
            draft.get_state_display(), STATE_BADGES[ListingDraft.State(draft.state)]
        ),
        "seen_at": draft.modified_at.isoformat(),
        "section": section,
        "section_title": SECTIONS.get(section, "Dry run"),
        "sections": [
            {
                "name": name,
                "title": title,
                "link": reverse(
                    "admin:products_listingdraft_section", args=[draft.pk, name]
                ),
                "errors": sum(
                    each.is_error for each in judged.by_section.get(name, [])
                ),
                "is_current": name == section,
            }
            for name, title in SECTIONS.items()
        ],
        "next_section": _after(section),
        "errors": judged.errors,
        "adapted": [row for row in draft.notes if not row.get("needs_person")],
        "left": [row for row in draft.notes if row.get("needs_person")],
    }


def _after(section: str) -> str:
    names = list(SECTIONS)
    at = names.index(section) + 1 if section in names else len(names)
    return names[at] if at < len(names) else "preview"


def product_of(draft: ListingDraft) -> Product | None:
    """Ours that it lists: the one it was made from, else that of a matched SKU."""
    if draft.product_id:
        return draft.product
    listing = draft.listing or draft.copied_from
    if listing is None:
        return None
    sku = (
        listing.skus.filter(variant__isnull=False)
        .select_related("variant__product")
        .first()
    )
    return sku.variant.product if sku and sku.variant else None


def own_pictures(draft: ListingDraft) -> QuerySet[Any]:
    product = product_of(draft)
    images: QuerySet[Any] = ProductImage.objects.filter(
        client_id=draft.shop.client_id, product=product
    )
    return images if product is not None else images.none()
