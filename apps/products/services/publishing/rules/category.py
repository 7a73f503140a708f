"""The category, the version of its tree, the brand."""

from collections.abc import Iterator, Mapping
from typing import Any

from apps.products.services.publishing.problems import Problem, advice
from apps.products.services.taxonomy_facts import Facts

_REFUSALS = {
    "INVITE_ONLY": "TikTok Shop opens it by invitation only; ask for access in "
    "Seller Center, or choose another.",
    "NON_MAIN_CATEGORY": "it is outside the shop's main category; choose another.",
    "PROHIBITED": "TikTok Shop forbids it here; choose another.",
}


def check_category(
    content: Mapping[str, Any], facts: Facts | None, region: str
) -> Iterator[Problem]:
    field = "category_id"
    category_id = str(content.get(field) or "")
    if not category_id:
        yield Problem(field, "Choose a category.")
    elif facts is None:
        yield advice(field, "What this category asks is not known yet.")
    elif not facts.path:
        yield Problem(
            field, f"This shop has no category {category_id}. Choose another."
        )
    elif not facts.is_leaf:
        yield Problem(field, f"“{facts.path}” has categories below it. Choose one.")
    elif facts.permission not in ("", "AVAILABLE"):
        why = _REFUSALS.get(facts.permission, f"TikTok Shop says {facts.permission}.")
        yield Problem(field, f"“{facts.path}” cannot be used: {why}")
    if region == "US" and content.get("category_version") not in (None, "", "v2"):
        yield Problem("category_version", "The US takes categories of version v2 only.")
    if not content.get("brand_id"):
        yield advice("brand_id", "No brand is chosen: it will be listed without one.")
