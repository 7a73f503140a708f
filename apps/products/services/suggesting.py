"""Which variants a client's listing SKUs may be: worked out as a whole, written where
it differs. What people decided, matched or ignored, is never touched.

Nothing is locked while it is worked out, which takes seconds. A client's newest round
wins: each claims the client with the instant it began to read at, and one that finds
a later claim leaves the rest to it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.core.storing import portions
from apps.products.matching import Candidate, Catalogue, Kind, Verdict
from apps.products.models import (
    ListingSku,
    MappingState,
    MappingSuggestion,
)
from apps.products.services.mapping import OPEN, State
from apps.products.services.mapping_plans import usable_variants
from apps.products.services.matching_facts import Facts, facts_of
from apps.products.services.staleness import mark_stale as mark_stale
from apps.users.models import Client

BATCH = 1_000

_STATES = {
    Kind.NONE: State.UNMATCHED,
    Kind.SUGGESTED: State.SUGGESTED,
    Kind.CONFLICT: State.CONFLICT,
}


@dataclass(frozen=True, slots=True)
class Suggested:
    """What a round found, and how many SKUs it changed; `is_whole` unless a later
    round took over."""

    unmatched: int = 0
    suggested: int = 0
    conflicts: int = 0
    changed: int = 0
    is_whole: bool = True


def stale_clients() -> list[int]:
    """Keys of the clients whose suggestions are due, the longest waiting first."""
    stale = MappingState.objects.filter(stale_since__isnull=False)
    return list(stale.order_by("stale_since").values_list("client", flat=True))


def is_stale(client_id: int) -> bool:
    return MappingState.objects.filter(
        client=client_id, stale_since__isnull=False
    ).exists()


def refresh_suggestions(client: Client) -> Suggested:
    """Work out all open SKUs of the client's shops anew, and write what differs.

    Repeating changes nothing. What becomes stale meanwhile stays so.
    """
    state, _ = MappingState.objects.get_or_create(client=client)
    began = timezone.now()
    verdicts = _verdicts(facts_of(client))
    if not _claim(client, began):
        return Suggested(is_whole=False)
    # In the order of keys, as everybody locks.
    keys = sorted(verdicts)
    states: Counter[str] = Counter()
    changed = 0
    for start in range(0, len(keys), BATCH):
        chunk = {key: verdicts[key] for key in keys[start : start + BATCH]}
        written = _write(client, began, chunk)
        if written is None:
            return _counted(states, changed, is_whole=False)
        changed += written
        states.update(_STATES[verdict.kind] for verdict in chunk.values())
    # Equal to what it was before reading: nothing has come up since.
    MappingState.objects.filter(client=client, stale_since=state.stale_since).update(
        stale_since=None
    )
    return _counted(states, changed, is_whole=True)


def _verdicts(facts: Facts) -> dict[int, Verdict]:
    """{listing SKU: verdict}. A shop learns from the others, so each is asked for with
    a catalogue of its own, unless the others know the same."""
    verdicts: dict[int, Verdict] = {}
    catalogue, read = None, None
    for shop_id, channel in facts.channel.items():
        known = facts.known_outside(shop_id)
        if catalogue is None or read != known:
            catalogue = (
                Catalogue(facts.own, known)
                if catalogue is None
                else catalogue.knowing(known)
            )
            read = known
        for sku in channel:
            verdicts[int(sku.key)] = catalogue.verdict(sku)
    return verdicts


def _claim(client: Client, began: datetime) -> bool:
    rows = MappingState.objects.filter(client=client)
    earlier = Q(suggested_at__isnull=True) | Q(suggested_at__lte=began)
    return bool(rows.filter(earlier).update(suggested_at=began))


@transaction.atomic
def _write(
    client: Client, began: datetime, verdicts: Mapping[int, Verdict]
) -> int | None:
    """How many SKUs differed; None if a later round has claimed the client."""
    rows = ListingSku.objects.select_for_update(no_key=True)
    states = dict(
        rows.filter(pk__in=list(verdicts), mapping__in=OPEN)
        .order_by("pk")
        .values_list("pk", "mapping")
    )
    # Under the locks: whoever claims after this waits for them, and writes later.
    if not MappingState.objects.filter(client=client, suggested_at=began).exists():
        return None
    wanted = _wanted({key: verdicts[key] for key in states}, client)
    changed = _write_suggestions(wanted)
    for state in OPEN:
        keys = [
            key
            for key, suggestions in wanted.items()
            if states[key] != state and _state_of(suggestions) == state
        ]
        if keys:
            changed |= set(keys)
            ListingSku.objects.filter(pk__in=keys).update(
                mapping=state, modified_at=timezone.now()
            )
    return len(changed)


_Wanted = dict[int, dict[int, Candidate]]


def _wanted(verdicts: Mapping[int, Verdict], client: Client) -> _Wanted:
    """{SKU: {variant: candidate}}, without variants that have gone meanwhile."""
    named = {
        int(candidate.variant_key)
        for verdict in verdicts.values()
        for candidate in verdict.candidates
    }
    there = usable_variants(client, named) if named else set()
    return {
        key: {
            int(candidate.variant_key): candidate
            for candidate in verdict.candidates
            if candidate.variant_key in there
        }
        for key, verdict in verdicts.items()
    }


def _state_of(candidates: Mapping[int, Candidate]) -> State:
    if not candidates:
        return State.UNMATCHED
    return State.SUGGESTED if len(candidates) == 1 else State.CONFLICT


def _write_suggestions(wanted: _Wanted) -> set[int]:
    """Keys of the SKUs whose suggestions changed; what is as it was is left alone."""
    stored = MappingSuggestion.objects.filter(listing_sku__in=list(wanted))
    known = {(row.listing_sku_id, row.variant_id): row for row in stored}
    rows = [
        _suggestion(key, variant_key, candidate)
        for key, candidates in wanted.items()
        for variant_key, candidate in candidates.items()
    ]
    fresh = [
        row
        for row in rows
        if _said(known.get((row.listing_sku_id, row.variant_id))) != _said(row)
    ]
    kept = {(row.listing_sku_id, row.variant_id) for row in rows}
    gone = [row for pair, row in known.items() if pair not in kept]
    for part in portions([row.pk for row in gone], BATCH):
        MappingSuggestion.objects.filter(pk__in=part).delete()
    if fresh:
        MappingSuggestion.objects.bulk_create(
            fresh,
            update_conflicts=True,
            unique_fields=["listing_sku", "variant"],
            update_fields=["reason", "confidence", "explanation"],
        )
    return {row.listing_sku_id for row in (*fresh, *gone)}


def _suggestion(key: int, variant_key: int, candidate: Candidate) -> MappingSuggestion:
    return MappingSuggestion(
        listing_sku_id=key,
        variant_id=variant_key,
        reason=candidate.reason.value,
        confidence=candidate.confidence,
        explanation=candidate.sentence[:300],
    )


def _said(row: MappingSuggestion | None) -> Sequence[object]:
    return () if row is None else (row.reason, row.confidence, row.explanation)


def _counted(states: Mapping[str, int], changed: int, *, is_whole: bool) -> Suggested:
    return Suggested(
        unmatched=states.get(State.UNMATCHED, 0),
        suggested=states.get(State.SUGGESTED, 0),
        conflicts=states.get(State.CONFLICT, 0),
        changed=changed,
        is_whole=is_whole,
    )
