"""What each kind of decision makes of listing SKUs, given the rows under the lock."""

from collections.abc import Collection, Mapping, Sequence

from apps.core.storing import portions
from apps.products.models import ListingSku, MappingSuggestion, Variant
from apps.products.services.mapping import (
    BATCH,
    IGNORED,
    OPEN,
    Plan,
    State,
    Target,
    open_states,
)
from apps.users.models import Client


def accepting(client: Client, pairs: Mapping[int, int]) -> Plan:
    """{listing SKU: variant} as suggested and shown: only what is suggested still."""

    def plan(skus: Sequence[ListingSku]) -> dict[int, Target | str]:
        usable = usable_variants(client, pairs.values())
        shown: dict[tuple[int, int], MappingSuggestion] = {}
        for part in portions([sku.pk for sku in skus], BATCH):
            for row in MappingSuggestion.objects.filter(listing_sku__in=part):
                shown[row.listing_sku_id, row.variant_id] = row
        return {
            sku.pk: of(
                sku,
                shown.get((sku.pk, pairs[sku.pk])) if pairs[sku.pk] in usable else None,
            )
            for sku in skus
        }

    def of(sku: ListingSku, row: MappingSuggestion | None) -> Target | str:
        if sku.variant_id is not None and sku.variant_id == pairs[sku.pk]:
            return _as_it_is(sku)
        if sku.mapping not in OPEN:
            return _decided(sku)
        if row is None:
            return "this is no longer suggested."
        return Target.matched(row.variant_id, row.reason, row.confidence)

    return plan


def choosing(
    client: Client,
    pairs: Mapping[int, int],
    *,
    reason: str = ListingSku.Reason.CHOSEN,
    seen: Mapping[int, int | None] | None = None,
) -> Plan:
    """{listing SKU: variant} as a person says; `seen` is what each was matched to when
    they looked."""

    def plan(skus: Sequence[ListingSku]) -> dict[int, Target | str]:
        usable = usable_variants(client, pairs.values())
        return {sku.pk: of(sku, usable) for sku in skus}

    def of(sku: ListingSku, usable: Collection[int]) -> Target | str:
        if sku.variant_id is not None and sku.variant_id == pairs[sku.pk]:
            return _as_it_is(sku)
        if pairs[sku.pk] not in usable:
            return "there is no such variant, or it is no longer sold."
        if _has_changed(sku, seen):
            return _decided(sku)
        return Target.matched(pairs[sku.pk], reason)

    return plan


def ignoring(skus: Sequence[ListingSku]) -> dict[int, Target | str]:
    """Undecided ones; what is matched has to be unlinked first."""
    return {
        sku.pk: _decided(sku) if sku.mapping == State.MATCHED else IGNORED
        for sku in skus
    }


def unlinking(seen: Mapping[int, int | None] | None = None) -> Plan:
    """Back to undecided, be they matched or ignored."""

    def plan(skus: Sequence[ListingSku]) -> dict[int, Target | str]:
        states = open_states([sku.pk for sku in skus])
        return {sku.pk: of(sku, states[sku.pk]) for sku in skus}

    def of(sku: ListingSku, state: State) -> Target | str:
        if sku.mapping in OPEN:
            return _as_it_is(sku)
        return _decided(sku) if _has_changed(sku, seen) else Target(state)

    return plan


def usable_variants(client: Client, keys: Collection[int]) -> set[int]:
    """Those of the client's that are still sold."""
    own = Variant.objects.filter(client=client, is_active=True, product__is_active=True)
    wanted = set(keys)
    if len(wanted) <= BATCH:  # a statement takes only so many
        own = own.filter(pk__in=wanted)
    return wanted & set(own.values_list("pk", flat=True))


def _as_it_is(sku: ListingSku) -> Target:
    return Target(State(sku.mapping), sku.variant_id)


def _has_changed(sku: ListingSku, seen: Mapping[int, int | None] | None) -> bool:
    if seen is None or sku.pk not in seen:
        return False
    return bool(sku.variant_id != seen[sku.pk])


def _decided(sku: ListingSku) -> str:
    """What somebody made of it meanwhile."""
    if sku.variant is not None:
        return f"it is matched to {sku.variant.sku} now."
    if sku.mapping == State.IGNORED:
        return "it is ignored now."
    return "it is no longer matched."
