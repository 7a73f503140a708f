"""What is due, and the due SKUs of a listing taken for one call."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from django.db import transaction
from django.db.models import Exists, Min, OuterRef, Q
from django.utils import timezone

from apps.core.processes import is_gone, process_name
from apps.integrations.contracts import SkuStock
from apps.inventory.models import ShopStockSettings
from apps.inventory.services.telling import figures_of
from apps.platforms.models import Shop
from apps.platforms.services import breaker
from apps.products.models import Listing, ListingSku
from apps.sync.models import StockPush
from apps.sync.services.stock_push.rows import refusing_zero, written
from apps.sync.services.stock_push.standing import as_taken, renew

State = StockPush.State
# A call and its repeats take less; who is silent for longer has lost its process.
SILENCE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Parcel:
    """The due SKUs of one listing, claimed. `is_sold_out`: nothing of the listing is
    there and the platform takes no 0, so that it goes off sale instead;
    `is_off_sale`: we took it off sale, and there is something again."""

    listing: Listing
    pushes: list[StockPush]
    is_sold_out: bool = False

    @property
    def is_off_sale(self) -> bool:
        return any(push.is_taken_off_sale for push in self.pushes)

    @property
    def stock(self) -> list[SkuStock]:
        return [SkuStock(push.listing_sku.remote_id, push.sent) for push in self.pushes]


def ready(now: datetime) -> Q:
    """Pushes that may be sent now."""
    is_time = Q(next_try_at__isnull=True) | Q(next_try_at__lte=now)
    return Q(state__in=[State.DUE, State.FAILED]) & is_time


def shops_due(now: datetime) -> list[Shop]:
    """Connected shops that do not rest and have something to be told. One query."""
    due = StockPush.objects.filter(ready(now), shop=OuterRef("pk"))
    connected = Shop.objects.connected().filter(breaker.not_resting(now))
    return list(connected.filter(Exists(due)))


def listings_due(shop: Shop) -> list[int]:
    """Who waits longest comes first."""
    due = StockPush.objects.filter(ready(timezone.now()), shop=shop).order_by()
    by_listing = due.values("listing_sku__listing").annotate(since=Min("due_since"))
    oldest = by_listing.order_by("since", "listing_sku__listing")
    return list(oldest.values_list("listing_sku__listing", flat=True))


def put_back_dead() -> int:
    """What a process was sending that has ended is due again: absolute figures, so
    sending them twice does no harm. How many."""
    # Shop by shop, as there is an index for: each other second all of them are asked.
    shops = Shop.objects.order_by().values("pk")
    sending = StockPush.objects.filter(shop__in=shops, state=State.SENDING).order_by()
    processes = set(sending.values_list("process", flat=True))
    if not processes:
        return 0
    now = timezone.now()
    gone = [name for name in processes if is_gone(name)]
    lost = sending.filter(Q(process__in=gone) | Q(sending_since__lt=now - SILENCE))
    return lost.update(state=State.DUE, next_try_at=None, modified_at=now)


def is_somebody_sending(shop: Shop) -> bool:
    return StockPush.objects.filter(shop=shop, state=State.SENDING).exists()


@transaction.atomic
def claim(shop: Shop, listing_ids: Sequence[int]) -> list[Parcel]:
    """Take the due SKUs of listings with the newest figures: a parcel for each that,
    looked at now, has something to be sent. What is claimed is nobody else's until it
    is answered or put back."""
    now = timezone.now()
    pushes = _idle(listing_ids, now)
    is_zero_refused = bool(refusing_zero([shop.pk], now))
    told = figures_of([push.listing_sku_id for push in pushes])
    of_listing: dict[Listing, list[StockPush]] = defaultdict(list)
    with written(pushes):
        for push in pushes:
            figures = told[push.listing_sku_id]
            renew(push, figures, now, is_zero_refused=is_zero_refused)
            of_listing[push.listing_sku.listing].append(push)
        claimed = {listing: _to_send(some) for listing, some in of_listing.items()}
        for push in chain.from_iterable(claimed.values()):
            push.sent = as_taken(push.wanted, is_zero_refused=is_zero_refused)
            push.state, push.sending_since = State.SENDING, now
            push.process, push.is_forced = process_name(), False
    return [
        Parcel(
            listing,
            some,
            is_sold_out=is_zero_refused and _is_to_go_off_sale(shop, listing),
        )
        for listing, some in claimed.items()
        if some
    ]


def put_back(parcels: Iterable[Parcel]) -> None:
    """What was claimed is not sent after all: due as before."""
    for parcel in parcels:
        first = parcel.pushes[0]
        ours = StockPush.objects.filter(
            pk__in=[push.pk for push in parcel.pushes],
            state=State.SENDING,
            process=first.process,
            sending_since=first.sending_since,
        )
        ours.update(state=State.DUE, modified_at=timezone.now())


def _idle(listing_ids: Sequence[int], now: datetime) -> list[StockPush]:
    """Of listings, locked: what is ready, and what we took off sale."""
    rows = StockPush.objects.exclude(state=State.SENDING).filter(
        ready(now) | Q(is_taken_off_sale=True), listing_sku__listing__in=listing_ids
    )
    return list(
        rows.select_for_update(of=["self"], no_key=True)
        .select_related("listing_sku__listing")
        .order_by("listing_sku_id")
    )


def _to_send(pushes: Sequence[StockPush]) -> list[StockPush]:
    """What is due; where that puts the listing on sale again, all that went off with
    it: those SKUs would come back with the figures they had."""
    due = [push for push in pushes if push.state == State.DUE]
    if not any(push.is_taken_off_sale for push in due):
        return due
    return [push for push in pushes if push.wanted_total is not None]


def _is_to_go_off_sale(shop: Shop, listing: Listing) -> bool:
    """Whether that is set, and nothing of any of its SKUs is there."""
    settings = ShopStockSettings.objects.filter(
        shop=shop, zero=ShopStockSettings.Zero.OFF_SALE
    )
    empty = StockPush.objects.filter(listing_sku=OuterRef("pk"), wanted_total=0)
    others = ListingSku.objects.present().filter(~Exists(empty), listing=listing)
    return settings.exists() and not others.exists()
