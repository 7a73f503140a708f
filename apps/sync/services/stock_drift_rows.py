"""Drifts as rows: opened, kept up to date while they last, and closed when in step."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q

from apps.inventory.models import ShopStockSettings, ShopWarehouse
from apps.platforms.models import Shop
from apps.products.models import Listing
from apps.sync.models import StockDrift
from apps.sync.services.stock_judging import Look, Mover, Verdict
from apps.sync.services.stock_looks import Seen

State = StockDrift.State
Place = tuple[int, int]  # listing SKU, shop warehouse
_LASTING = (State.OPEN, State.LEFT)


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found in one place, and who moved it."""

    place: Place
    look: Look
    verdict: Verdict


def note_drifts(
    shop: Shop, judged: Sequence[Judged], setting: str, at: datetime
) -> set[int]:
    """Write drifts down, one for each place at a time; the listing SKUs that are to be
    told ours again. What a person left as it is stays so while the shop shows that."""
    latest = _latest({each.place[0] for each in judged})
    repaired: set[int] = set()
    for each in judged:
        known = latest.get(each.place)
        if _is_left(known, each.look):
            assert known is not None
            known.last_seen_at = at
            known.save(update_fields=["last_seen_at", "modified_at"])
            continue
        drift = known if known is not None and known.state == State.OPEN else None
        drift = drift or StockDrift(
            shop=shop,
            listing_sku_id=each.place[0],
            shop_warehouse_id=each.place[1],
            found_at=at,
        )
        _describe(drift, each, setting, at)
        drift.save()
        if drift.state == State.REPAIRED:
            repaired.add(each.place[0])
    return repaired


def close_drifts(
    seen: Iterable[Seen], places: Mapping[str, ShopWarehouse], at: datetime
) -> int:
    """Those that are in step again, or whose shop is no longer told: how many.
    `places` is {warehouse ID: what it is here}."""
    rows = {row.sku.pk: row for row in seen if row.is_open or not row.is_told}
    names = {place.pk: remote_id for remote_id, place in places.items()}
    lasting = StockDrift.objects.filter(listing_sku__in=rows, state__in=_LASTING)
    over = [
        drift.pk
        for drift in lasting
        if _is_over(rows[drift.listing_sku_id], names.get(drift.shop_warehouse_id, ""))
    ]
    return _end(Q(pk__in=over), at) if over else 0


def close_moot_drifts(shop: Shop, at: datetime) -> int:
    """Those of SKUs that are not compared any more: how many."""
    is_compared = Q(
        listing_sku__variant__isnull=False,
        listing_sku__removed_at__isnull=True,
        listing_sku__listing__status=Listing.Status.LIVE,
        shop_warehouse__is_active=True,
    )
    return _end(~is_compared & Q(shop=shop), at)


def _describe(drift: StockDrift, each: Judged, setting: str, at: datetime) -> None:
    look, verdict = each.look, each.verdict
    is_seen_again = drift.pk is not None and drift.found == look.found
    drift.wanted, drift.found = look.wanted, look.found
    drift.told, drift.told_at = look.told, look.told_at
    drift.mover, drift.evidence = verdict.mover, verdict.evidence[:500]
    drift.last_seen_at = at
    drift.state = _state(verdict, setting, is_seen_again=is_seen_again)
    if drift.state != State.OPEN:
        drift.settled_at = at


def _state(verdict: Verdict, setting: str, *, is_seen_again: bool) -> StockDrift.State:
    """What is set aside for a campaign would be so again at once: a person decides.
    What may be a sale is repaired once it is still there the next time."""
    if verdict.passes:
        return State.GONE
    if verdict.is_ours:
        return State.REPAIRED
    is_certain = is_seen_again or not verdict.is_doubtful
    is_repaired = setting == ShopStockSettings.Drift.REPAIR and is_certain
    if is_repaired and verdict.mover != Mover.PROMOTION:
        return State.REPAIRED
    return State.OPEN


def _is_left(drift: StockDrift | None, look: Look) -> bool:
    return drift is not None and drift.state == State.LEFT and drift.found == look.found


def _latest(skus: Collection[int]) -> dict[Place, StockDrift]:
    """{place: its latest drift}; an open one is always the latest."""
    of_skus = StockDrift.objects.filter(listing_sku__in=skus).order_by()
    by_place = of_skus.values("listing_sku", "shop_warehouse")
    keys = by_place.annotate(last=Max("pk")).values("last")
    rows = StockDrift.objects.filter(pk__in=keys)
    return {(row.listing_sku_id, row.shop_warehouse_id): row for row in rows}


def _is_over(row: Seen, remote_id: str) -> bool:
    if not row.is_told or remote_id not in row.found:
        return True  # nobody says any more what it is to show there
    said = (row.push.wanted.get(remote_id), row.push.accepted.get(remote_id))
    return row.found[remote_id] in said


def _end(which: Q, at: datetime) -> int:
    lasting = StockDrift.objects.filter(which, state__in=_LASTING)
    return lasting.update(state=State.GONE, settled_at=at, modified_at=at)
