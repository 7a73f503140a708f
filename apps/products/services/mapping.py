"""Which listing SKU is which variant: one decision in one shop is a batch, which can
be undone as a whole.

The callers are `orders.services.mapping`, which links the order lines in the same
transaction. Whoever decides holds the shop's lock, as those do who bring news of it,
and then the rows in the order of their keys; what changed under us is reported.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Max
from django.utils import timezone

from apps.platforms.models import Shop
from apps.products.errors import MappingRefused
from apps.products.models import (
    ListingSku,
    MappingBatch,
    MappingChange,
    MappingSuggestion,
)
from apps.products.services.staleness import mark_stale
from apps.users.models import User

BATCH = 1_000
State = ListingSku.Mapping
OPEN = (State.UNMATCHED, State.SUGGESTED, State.CONFLICT)

_WRITTEN = (
    "mapping",
    "variant",
    "mapped_reason",
    "mapped_confidence",
    "mapped_at",
    "mapped_by",
    "modified_at",
)


@dataclass(frozen=True, slots=True)
class Target:
    """What a listing SKU is to become."""

    mapping: State
    variant_id: int | None = None
    reason: str = ""
    confidence: int | None = None

    @classmethod
    def matched(
        cls, variant_id: int, reason: str, confidence: int | None = None
    ) -> "Target":
        return cls(State.MATCHED, variant_id, reason, confidence)


IGNORED = Target(State.IGNORED)

# For each of the locked rows what it is to become, or why it is left as it is.
Plan = Callable[[Sequence[ListingSku]], Mapping[int, Target | str]]


@dataclass(frozen=True, slots=True)
class Left:
    """A SKU that stays what it is: how it is called, and why."""

    key: int
    name: str
    why: str

    def __str__(self) -> str:
        return f"{self.name}: {self.why}"


@dataclass(slots=True)
class Decision:
    """Keys of the listing SKUs that changed and of those that were so already. The
    batch is None where nothing changed."""

    batch: MappingBatch | None = None
    changed: list[int] = field(default_factory=list)
    same: list[int] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


def decide(
    shop: Shop,
    keys: Sequence[int],
    plan: Plan,
    *,
    deed: MappingBatch.Deed,
    user: User | None,
    batch: MappingBatch | None = None,
) -> Decision:
    """Change listing SKUs of a shop as planned for the rows as they are under the
    lock. To be called in a transaction; `batch` continues one that is running."""
    Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
    skus = _locked(shop, keys)
    targets = plan(skus)
    decision = Decision(batch)
    found = {sku.pk for sku in skus}
    decision.left = [
        Left(key, f"SKU {key}", "there is no such SKU in this shop.")
        for key in dict.fromkeys(keys)
        if key not in found
    ]
    wanted: list[tuple[ListingSku, Target]] = []
    for sku in skus:
        target = targets[sku.pk]
        if isinstance(target, str):
            decision.left.append(Left(sku.pk, str(sku), target))
        elif (sku.mapping, sku.variant_id) == (target.mapping, target.variant_id):
            decision.same.append(sku.pk)
        else:
            wanted.append((sku, target))
    if wanted:
        decision.batch = batch or MappingBatch.objects.create(
            shop=shop, deed=deed, user=user, total=len(wanted)
        )
        _note(decision.batch, wanted)
        _write(wanted, user)
        decision.changed = [sku.pk for sku, _ in wanted]
        mark_stale(shop.client_id)
    return decision


def undo(batch: MappingBatch, *, user: User | None) -> Decision:
    """Take a batch back where nothing newer was decided; the rest is left and named.
    To be called in a transaction. Repeating changes nothing.

    Raises MappingRefused while it is still running.
    """
    Shop.objects.select_for_update(no_key=True).get(pk=batch.shop_id)
    batch = MappingBatch.objects.select_for_update(no_key=True).get(pk=batch.pk)
    if batch.is_running:
        raise MappingRefused("This is still under way. Undo it when it is done.")
    if batch.undone_at is not None:
        return Decision(batch)
    changes = {change.listing_sku_id: change for change in batch.changes.all()}
    skus = _locked(batch.shop, list(changes))
    newest = _newest_changes(batch)
    states = open_states([sku.pk for sku in skus])
    decision = Decision(batch)
    wanted: list[tuple[ListingSku, Target]] = []
    for sku in skus:
        change = changes[sku.pk]
        if newest.get(sku.pk, 0) > change.pk:
            why = "it was decided anew since."
        elif _stand(sku.mapping, sku.variant_id) != _stand(
            change.mapping_after, change.variant_after_id
        ):
            why = "it is no longer what this made of it."
        else:
            wanted.append((sku, _before(change, states[sku.pk])))
            continue
        decision.left.append(Left(sku.pk, str(sku), why))
    if wanted:
        _write(wanted, user)
        decision.changed = [sku.pk for sku, _ in wanted]
        batch.undone_at = timezone.now()
        batch.save(update_fields=["undone_at"])
        mark_stale(batch.shop.client_id)
    return decision


def open_states(keys: Sequence[int]) -> dict[int, State]:
    """What undecided SKUs are, by the suggestions there are for each."""
    counted: dict[int, int] = {}
    for start in range(0, len(keys), BATCH):
        rows = MappingSuggestion.objects.filter(
            listing_sku__in=keys[start : start + BATCH]
        )
        per_sku = rows.order_by().values_list("listing_sku")
        counted |= dict(per_sku.annotate(Count("pk")))
    several = dict.fromkeys(
        (key for key, count in counted.items() if count > 1), State.CONFLICT
    )
    return (
        dict.fromkeys(keys, State.UNMATCHED)
        | dict.fromkeys(counted, State.SUGGESTED)
        | several
    )


def _locked(shop: Shop, keys: Sequence[int]) -> list[ListingSku]:
    rows = ListingSku.objects.select_for_update(no_key=True, of=("self",))
    ordered = sorted(set(keys))
    return [
        sku
        for start in range(0, len(ordered), BATCH)
        for sku in rows.filter(shop=shop, pk__in=ordered[start : start + BATCH])
        .select_related("variant")
        .order_by("pk")
    ]


def _note(batch: MappingBatch, wanted: Sequence[tuple[ListingSku, Target]]) -> None:
    MappingChange.objects.bulk_create(
        MappingChange(
            batch=batch,
            listing_sku=sku,
            mapping_before=sku.mapping,
            mapping_after=target.mapping,
            variant_before_id=sku.variant_id,
            variant_after_id=target.variant_id,
            reason_before=sku.mapped_reason,
        )
        for sku, target in wanted
    )


def _write(wanted: Sequence[tuple[ListingSku, Target]], user: User | None) -> None:
    now = timezone.now()
    for sku, target in wanted:
        is_decided = target.mapping not in OPEN
        sku.mapping = target.mapping
        sku.variant_id = target.variant_id
        sku.mapped_reason = target.reason
        sku.mapped_confidence = target.confidence
        sku.mapped_at = now if is_decided else None
        sku.mapped_by = user if is_decided else None
    ListingSku.objects.bulk_create(
        [sku for sku, _ in wanted],
        update_conflicts=True,
        unique_fields=["pk"],
        update_fields=_WRITTEN,
    )


def _newest_changes(batch: MappingBatch) -> dict[int, int]:
    """{listing SKU: its last change} of other batches that still hold."""
    others = MappingChange.objects.filter(
        listing_sku__in=batch.changes.order_by().values("listing_sku"),
        batch__undone_at__isnull=True,
    ).exclude(batch=batch)
    return dict(others.order_by().values_list("listing_sku").annotate(last=Max("pk")))


def _stand(mapping: str, variant_id: int | None) -> tuple[str, int | None]:
    """Decided how; which of the open states it is, suggestions alone say."""
    return ("open" if mapping in OPEN else mapping), variant_id


def _before(change: MappingChange, open_state: State) -> Target:
    if change.mapping_before in OPEN:
        return Target(open_state)
    if change.mapping_before == State.IGNORED:
        return IGNORED
    assert change.variant_before_id is not None
    return Target.matched(change.variant_before_id, change.reason_before)
