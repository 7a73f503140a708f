"""What pages of a draft ask of the shop's platform, remembered for a while."""

from dataclasses import asdict
from typing import Any

from django.core.cache import cache

from apps.core.errors import DomainError
from apps.integrations.contracts import RemoteWarehouse
from apps.integrations.errors import PlatformError
from apps.products.models import ListingDraft
from apps.products.services import taxonomy
from apps.products.services.publishing import Channel
from apps.products.services.taxonomy_facts import Facts

KEPT_SECONDS = 600
SALES = ("", "SALES_WAREHOUSE")


def facts_of(draft: ListingDraft, category_id: str) -> tuple[Facts | None, str]:
    """What the category asks, or why nobody knows."""
    if not category_id:
        return None, "Choose a category first."
    try:
        facts = taxonomy.facts_for(draft.shop, category_id)
    except (PlatformError, DomainError) as error:
        return None, f"What the category asks is not known: {error}"
    return (facts, "") if facts.path else (None, "The shop has no such category.")


def warehouses_of(draft: ListingDraft) -> tuple[list[RemoteWarehouse], str]:
    """Those goods are sent from, the default one first; or why they are not known."""
    key = f"products.warehouses.{draft.shop_id}"
    stored: list[dict[str, Any]] | None = cache.get(key)
    if stored is not None:
        return [RemoteWarehouse(**row) for row in stored], ""
    try:
        found = Channel(draft.shop, urgent=True).reads.warehouses()
    except (PlatformError, DomainError) as error:
        return [], f"The warehouses are not known: {error}"
    able = [each for each in found if each.is_active and each.kind in SALES]
    able.sort(key=lambda each: not each.is_default)
    cache.set(key, [asdict(each) for each in able], KEPT_SECONDS)
    return able, ""
