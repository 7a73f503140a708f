"""Where on the platform's shelves it stands: found by words, by the tree, by advice."""

from typing import Any

from django.http import HttpRequest

from apps.core.errors import DomainError
from apps.integrations.errors import PlatformError
from apps.products.admin.draft_content import whole
from apps.products.admin.draft_page import Judged, product_of
from apps.products.admin.draft_saving import Changes
from apps.products.models import ChannelCategory, ListingDraft
from apps.products.services import taxonomy
from apps.products.services.publishing.attributes import resolve, rules_for
from apps.products.services.publishing.rules.attributes import values_in
from apps.products.services.taxonomy_facts import Facts

TEMPLATE = "products/publishing/category.html"
MOST_FOUND = 30
_UNANSWERED = (PlatformError, DomainError)


def show(draft: ListingDraft, request: HttpRequest, judged: Judged) -> dict[str, Any]:
    content = whole(draft)
    trouble = _fresh_tree(draft)
    words = request.GET.get("q", "").strip()[:200]
    under = request.GET.get("under", "")[:32]
    return {
        "category_id": str(content.get("category_id") or ""),
        "category": _node(draft, str(content.get("category_id") or "")),
        "category_query": words,
        "found": taxonomy.find_categories(draft.shop, words, limit=MOST_FOUND)
        if words
        else [],
        "recommended": _recommended(draft, content)
        if "advice" in request.GET
        else None,
        "asked_advice": "advice" in request.GET,
        "above": _node(draft, under) if under else None,
        "below": _below(draft, under),
        "trouble": trouble,
        "attribute_count": len(values_in(content)),
        "category_problems": judged.at("category_id"),
    }


def read(draft: ListingDraft, request: HttpRequest) -> Changes:
    """Choosing one keeps the values it asks for, too, and takes the others out."""
    chosen = request.POST.get("choose", "")[:32]
    if not chosen or chosen == whole(draft).get("category_id"):
        return Changes()
    node = _node(draft, chosen)
    if node is None or not node.is_usable:
        return Changes(warnings=["This category cannot be used. Choose another."])
    changes = Changes({"category_id": chosen}, stay="")
    changes.notices.append(f"The category is now {node.path}.")
    try:
        facts = taxonomy.facts_for(draft.shop, chosen)
    except _UNANSWERED as error:
        changes.warnings.append(f"What it asks is not known yet: {error}")
        return changes
    attributes, lost = _carried_over(draft, facts)
    changes.values["product_attributes"] = attributes
    if lost:
        changes.warnings.append(
            f"{lost} attribute value{'s do' if lost > 1 else ' does'} not belong to "
            "the new category and went with the old one."
        )
    return changes


def _carried_over(
    draft: ListingDraft, facts: Facts
) -> tuple[list[dict[str, Any]], int]:
    """Attributes for the new category, and how many of the old have no place in it."""
    known = {each.remote_id: each for each in facts.product_attributes}
    before = values_in(whole(draft))
    kept: dict[str, Any] = {}
    product = product_of(draft)
    if product is not None:
        rules = rules_for(draft.shop.client_id, draft.shop.region, facts.category_id)
        variants = list(product.variants.filter(is_active=True))
        kept = dict(resolve(facts, rules, product, variants).values)
    for key, values in before.items():
        if key not in known or key in kept:
            continue
        ids = {value.remote_id for value in known[key].values}
        fit = [v for v in values if not v.get("id") or str(v["id"]) in ids]
        if fit:
            kept[key] = [dict(value) for value in fit]
    lost = sum(key not in kept for key in before)
    return [{"id": key, "values": values} for key, values in kept.items()], lost


def _fresh_tree(draft: ListingDraft) -> str:
    """Why the tree may be old or missing; empty for nothing."""
    try:
        taxonomy.refresh_categories(draft.shop, only_if_old=True)
    except _UNANSWERED as error:
        return f"The categories could not be looked up: {error}"
    return ""


def _node(draft: ListingDraft, category_id: str) -> ChannelCategory | None:
    rows = ChannelCategory.objects.filter(shop=draft.shop, remote_id=category_id)
    return rows.first() if category_id else None


def _below(draft: ListingDraft, under: str) -> list[ChannelCategory]:
    rows = ChannelCategory.objects.filter(shop=draft.shop, parent_remote_id=under)
    return list(rows.order_by("name"))


def _recommended(
    draft: ListingDraft, content: dict[str, Any]
) -> ChannelCategory | None:
    try:
        found = taxonomy.recommend(
            draft.shop,
            str(content.get("title") or ""),
            description=str(content.get("description") or ""),
        )
    except _UNANSWERED:
        return None
    return _node(draft, found)
