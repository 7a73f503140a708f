"""The platform's rules, checked before anything is sent. No database, no network."""

from collections.abc import Mapping
from typing import Any

from apps.products.services.publishing.problems import Problem
from apps.products.services.publishing.rules.attributes import check_attributes
from apps.products.services.publishing.rules.category import check_category
from apps.products.services.publishing.rules.compliance import check_compliance
from apps.products.services.publishing.rules.parcel import check_parcel
from apps.products.services.publishing.rules.prices import check_offers
from apps.products.services.publishing.rules.skus import check_skus
from apps.products.services.publishing.rules.texts import check_texts
from apps.products.services.publishing.rules.variations import check_variations
from apps.products.services.taxonomy_facts import Facts

__all__ = ["check"]


def check(
    content: Mapping[str, Any],
    facts: Facts | None,
    region: str,
    *,
    currency: str = "",
    is_new: bool = True,
) -> list[Problem]:
    """What TikTok Shop would refuse in a listing, in the words staff read everywhere.

    `content` is the whole listing as a create or an edit names it, pictures sent or
    not; `facts` what its category asks, None if that is not known. Of SKUs with an id
    price and stock may be left out: an edit keeps them. `currency` is the shop's, if
    not its region's. Errors come first.
    """
    problems = [
        *check_texts(content, region),
        *check_category(content, facts, region),
        *check_skus(content, facts, region, is_new=is_new),
        *check_offers(content, region, currency),
        *check_variations(content, facts),
        *check_attributes(content, facts),
        *check_parcel(content, facts, region),
        *check_compliance(content, facts),
    ]
    return sorted(problems, key=lambda problem: not problem.is_error)
