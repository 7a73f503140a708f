"""All suggestions from a confidence on, under the filters of the list: counted first,
then accepted, if they still are what was counted."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from apps.core.queueing import after_commit
from apps.orders.services import mapping
from apps.orders.services.mapping import AT_ONCE
from apps.orders.tasks import accept_suggestions
from apps.platforms.models import Shop
from apps.platforms.models.shop import at_shops_of
from apps.products.admin.mapping_deeds import by_whom
from apps.products.admin.mapping_filters import SURE, MappingFilters
from apps.products.admin.mapping_words import counted, tell
from apps.products.models import ListingSku, MappingBatch
from apps.users.roles import CHANGE_LISTING, VIEW_ORDER

State = ListingSku.Mapping


@dataclass(frozen=True, slots=True)
class Found:
    """{SKU: variant} by shop, surest enough; `print` is the same for the same pairs."""

    pairs: dict[int, dict[int, int]]
    shops: dict[int, Shop]
    threshold: int

    @property
    def count(self) -> int:
        return sum(map(len, self.pairs.values()))

    @property
    def print(self) -> str:
        told = ",".join(
            f"{key}:{variant}"
            for shop_id in sorted(self.pairs)
            for key, variant in sorted(self.pairs[shop_id].items())
        )
        return hashlib.sha256(told.encode()).hexdigest()

    @property
    def by_shop(self) -> list[tuple[Shop, int]]:
        return [(self.shops[key], len(pairs)) for key, pairs in self.pairs.items()]

    @property
    def is_large(self) -> bool:
        return self.count > AT_ONCE

    def effect(self, request: HttpRequest) -> mapping.Effect | None:
        """For whoever may see the orders of all these shops."""
        if not all(request.user.has_perm(VIEW_ORDER, s) for s in self.shops.values()):
            return None
        return mapping.effect([key for pairs in self.pairs.values() for key in pairs])


def find(request: HttpRequest, filters: MappingFilters) -> Found:
    """Of conflicts nothing, and only at shops where the user may decide."""
    threshold = filters.value("confidence") or SURE
    rows = filters.filtered(ListingSku.objects.visible_to(request.user))
    named = (
        rows.filter(
            at_shops_of(request.user, CHANGE_LISTING),
            mapping=State.SUGGESTED,
            suggestions__confidence__gte=threshold,
        )
        .order_by("shop", "pk")
        .values_list("shop", "pk", "suggestions__variant")
    )
    pairs: dict[int, dict[int, int]] = {}
    for shop_id, key, variant in named:
        pairs.setdefault(shop_id, {})[key] = variant
    shops = Shop.objects.select_related("client").in_bulk(list(pairs))
    return Found(pairs, shops, threshold)


def accept_all(request: HttpRequest, found: Found) -> list[MappingBatch]:
    """Those that go on in the background; none where all is done."""
    by = by_whom(request)
    if not found.is_large:
        outcomes = [
            mapping.accept(found.shops[shop_id], pairs, by)
            for shop_id, pairs in sorted(found.pairs.items())
        ]
        tell(request, "Accepted", outcomes)
        return []
    batches = [
        mapping.start_accepting(found.shops[shop_id], pairs, by)
        for shop_id, pairs in sorted(found.pairs.items())
    ]
    for batch in batches:
        after_commit(accept_suggestions.delay, batch.pk)
    messages.info(
        request, f"{counted(found.count, 'suggestion')} being accepted in background."
    )
    return batches


def question(request: HttpRequest, found: Found, keep: str) -> dict[str, Any]:
    """For the page that asks; `keep` are the filters as they stand in the address."""
    shops: Sequence[tuple[Shop, int]] = found.by_shop
    return {
        "title": f"Accept {counted(found.count, 'suggestion')}",
        "found": found,
        "shops": shops,
        "effect": found.effect(request),
        "query": keep,
    }
