"""What beside the shop's own figure tells who moved it: orders, above all."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Sum

from apps.integrations.contracts import OrderStatus
from apps.integrations.lifecycle import has_left
from apps.inventory.models import Booking, ShopWarehouse, StockMovement
from apps.orders.models import OrderLine
from apps.platforms.models import Shop
from apps.sync.services.stock_drift_rows import Judged
from apps.sync.services.stock_judging import Look, judge
from apps.sync.services.stock_looks import Seen

_WITH_US = [
    status.value
    for status in OrderStatus
    if not has_left(status)
    and status not in (OrderStatus.CANCELLED, OrderStatus.NOT_UNDERSTOOD)
]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Of SKUs of one shop. `ordered` is {(listing SKU, our warehouse): pieces that its
    orders took since it was told}, `promised` {listing SKU: pieces in orders that have
    not left}, as we know them."""

    places: Mapping[str, ShopWarehouse]
    ordered: Mapping[tuple[int, int], int]
    promised: Mapping[int, int]

    @classmethod
    def of(
        cls, shop: Shop, places: Mapping[str, ShopWarehouse], skus: Collection[int]
    ) -> "Surroundings":
        return cls(places, _ordered(shop, skus), _promised(skus))

    def judge(self, seen: Seen, at: datetime) -> Iterator[Judged]:
        """Each place we know where it shows what it is not to."""
        for remote_id in seen.found:
            place = self.places.get(remote_id)
            if place is None or remote_id not in seen.push.wanted:
                continue
            look = self._look(seen, place, at)
            if (verdict := judge(look)) is not None:
                yield Judged((seen.sku.pk, place.pk), look, verdict)

    def _look(self, seen: Seen, place: ShopWarehouse, at: datetime) -> Look:
        push, stock, key = seen.push, seen.stock, place.remote_id
        ours = (seen.sku.pk, place.warehouse_id or 0)
        committed = stock.committed
        promised = self.promised.get(seen.sku.pk, 0)
        return Look(
            wanted=push.wanted[key],
            found=seen.found[key],
            found_at=at,
            told=push.accepted.get(key),
            told_at=push.accepted_at,
            sent=push.sent.get(key) if seen.is_lost else None,
            sent_at=push.sending_since,
            ordered=self.ordered.get(ours, 0),
            short=sum(push.accepted.values()) - sum(seen.found.values()),
            all_ordered=self._all_ordered(seen.sku.pk),
            unheard=0 if committed is None else committed - promised,
            set_aside=stock.campaign + stock.creator,
            why_never=push.message,
        )

    def _all_ordered(self, sku: int) -> int:
        return sum(units for (of, _), units in self.ordered.items() if of == sku)


def _ordered(shop: Shop, skus: Collection[int]) -> dict[tuple[int, int], int]:
    of_sku = "booking__sold__listing_skus"
    rows = (
        StockMovement.objects.filter(
            **{f"{of_sku}__in": list(skus)},
            booking__cause_kind=Booking.Kind.ORDER,
            booking__shop=shop,
            booked_at__gt=F(f"{of_sku}__stock_push__accepted_at"),
        )
        .order_by()
        .values_list(of_sku, "level__warehouse", "booking__per_unit", "level__variant")
        .annotate(gone=Sum("reserved") - Sum("on_hand"))
    )
    return _per_place(rows)


def _per_place(
    rows: Iterable[tuple[int, int, int, int, int]],
) -> dict[tuple[int, int], int]:
    """Of a bundle each part says as much: one is enough."""
    by_part: dict[tuple[int, int], dict[int, int]] = defaultdict(
        lambda: defaultdict(int)
    )
    for sku, warehouse, per_unit, part, gone in rows:
        by_part[sku, warehouse][part] += gone // per_unit
    return {place: max(parts.values(), key=abs) for place, parts in by_part.items()}


def _promised(skus: Collection[int]) -> dict[int, int]:
    lines = OrderLine.objects.filter(
        listing_sku__in=list(skus), order__status__in=_WITH_US
    ).order_by()
    sums = lines.values_list("listing_sku").annotate(
        Sum("quantity"), Sum("cancelled_quantity")
    )
    return {sku: units - (called_off or 0) for sku, units, called_off in sums}
