"""What a person decides about a shop that shows another number than it was told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from apps.inventory.errors import StockRefuses
from apps.inventory.models import StockDocument
from apps.inventory.services.documents import By, Deed, Line, book_document
from apps.inventory.services.telling import Share, figures_of
from apps.sync.models import StockDrift, StockPush
from apps.sync.services.stock_push.noting import force
from apps.users.services import audit

State = StockDrift.State
# Who left it as it was may think better of it.
_MAY_BE_SETTLED = (State.OPEN, State.LEFT)
_WILL_BE_TOLD = (StockPush.State.DUE, StockPush.State.SENDING)


@dataclass(slots=True)
class Settled:
    """`done` were settled as asked; `left` are (drift, why it was left, a sentence)."""

    done: list[StockDrift] = field(default_factory=list)
    left: list[tuple[StockDrift, str]] = field(default_factory=list)


@transaction.atomic
def tell_ours(
    drifts: Iterable[StockDrift], by: By, *, seen: Mapping[int, int] | None = None
) -> Settled:
    """Have the shops told our figure again. `seen` is {drift: what the shop showed when
    the person looked}; one that shows another number since is left and named. Repeating
    it changes nothing."""
    settled, rows = _asked(drifts, State.REPAIRED, seen)
    keys = {row.listing_sku_id for row in rows}
    force(keys)
    pushes = StockPush.objects.in_bulk(list(keys), field_name="listing_sku_id")
    able = []
    for row in rows:
        push = pushes.get(row.listing_sku_id)
        if push is not None and push.state in _WILL_BE_TOLD:
            able.append(row)
        else:
            why = push.message if push is not None else ""
            settled.left.append((row, why or "The shop is not told our stock."))
    _settle(settled, able, State.REPAIRED, by)
    _record("told a shop our stock again", able, by)
    return settled


def take_over(
    drifts: Iterable[StockDrift], by: By, *, seen: Mapping[int, int] | None = None
) -> Settled:
    """Have the shops' figures become ours, by an adjustment each; `seen` as above. Left
    are those where a rule, a bundle or another reason makes it unclear what we have."""
    settled = Settled()
    for drift in drifts:
        with transaction.atomic():
            one, rows = _asked([drift], State.TAKEN_OVER, seen)
            for row in rows:
                try:
                    _adjust(row, by)
                except StockRefuses as error:
                    one.left.append((row, str(error)))
                else:
                    _settle(one, [row], State.TAKEN_OVER, by)
                    _record("took over a shop's stock", [row], by)
        settled.done += one.done
        settled.left += one.left
    return settled


@transaction.atomic
def leave(
    drifts: Iterable[StockDrift], by: By, *, seen: Mapping[int, int] | None = None
) -> Settled:
    """Let the shops show what they show, until that changes; `seen` as above."""
    settled, rows = _asked(drifts, State.LEFT, seen)
    _settle(settled, rows, State.LEFT, by)
    _record("left a shop's stock as it is", rows, by)
    return settled


def _asked(
    drifts: Iterable[StockDrift],
    state: StockDrift.State,
    seen: Mapping[int, int] | None,
) -> tuple[Settled, list[StockDrift]]:
    """The rows that are to come to that state, locked; the others are settled."""
    settled, rows = Settled(), []
    locked = StockDrift.objects.filter(pk__in=[drift.pk for drift in drifts])
    locked = locked.select_for_update(of=["self"], no_key=True)
    for row in locked.select_related("shop__client").order_by("pk"):
        if row.state == state:
            settled.done.append(row)
        elif row.state not in _MAY_BE_SETTLED:
            words = row.get_state_display().lower()
            settled.left.append((row, f"It is settled already: {words}."))
        elif seen is not None and seen.get(row.pk, row.found) != row.found:
            words = f"The shop shows {row.found:,} now. Look at it again."
            settled.left.append((row, words))
        else:
            rows.append(row)
    return settled, rows


def _settle(
    settled: Settled, rows: Sequence[StockDrift], state: StockDrift.State, by: By
) -> None:
    now = timezone.now()
    for row in rows:
        row.state, row.settled_at, row.settled_by = state, now, by.user
    StockDrift.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=state, settled_at=now, settled_by=by.user, modified_at=now
    )
    settled.done += rows


@transaction.atomic
def _adjust(drift: StockDrift, by: By) -> None:
    """Book the difference, so that what is to be told is what the shop shows. Whether
    it comes to that is looked at afterwards: rules may hold some of it back."""
    sku, place = drift.listing_sku, drift.shop_warehouse
    if sku.variant is None or place.warehouse is None:
        raise StockRefuses("It is not matched to a SKU and a warehouse of yours.")
    if sku.variant.is_bundle:
        raise StockRefuses("A bundle has no stock of its own. Count its parts.")
    before = _share(drift)
    if before.pieces != drift.wanted:
        raise StockRefuses(
            f"It is to show {before.pieces:,} by now, not {drift.wanted:,}. Compare "
            "the shop again first."
        )
    line = Line(sku.variant, drift.found - drift.wanted)
    deed = Deed(
        StockDocument.Kind.ADJUSTMENT,
        place.warehouse,
        [line],
        reason=StockDocument.Reason.SHOP_FIGURE,
        # Everybody at the client sees the document, and not everybody the shop.
        reference=f"Drift {drift.pk}",
        key=f"drift:{drift.pk}",
    )
    book_document(drift.shop.client, deed, by)
    if _share(drift).pieces != drift.found:
        raise StockRefuses(
            "Rules say what the shop is told of it, or more is promised than there is: "
            "its figure does not say how many there are. Count them."
        )


def _share(drift: StockDrift) -> Share:
    told = figures_of([drift.listing_sku_id])[drift.listing_sku_id]
    share = told.by_warehouse.get(drift.shop_warehouse.remote_id)
    if told.total is None or share is None:
        raise StockRefuses(told.why_not or "The shop is not told our stock.")
    return share


def _record(verb: str, rows: Sequence[StockDrift], by: By) -> None:
    """One entry for each shop, or one about a single drift."""
    by_shop: dict[int, list[StockDrift]] = {}
    for row in rows:
        by_shop.setdefault(row.shop_id, []).append(row)
    for some in by_shop.values():
        shop = some[0].shop
        audit.record(
            verb,
            some[0] if len(some) == 1 else shop,
            client=shop.client,
            actor=by.user,
            address=by.address,
            process=by.process,
            skus=len(some),
        )
