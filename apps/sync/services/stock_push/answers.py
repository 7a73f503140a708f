"""What became of a call, kept: taken, to be tried again, or for a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.core.storing import clean
from apps.integrations.contracts import StockFault
from apps.inventory.models import ShopStockSettings
from apps.platforms.models import Shop
from apps.products.models import Listing
from apps.sync.models import StockPush
from apps.sync.services.stock_push.claiming import Parcel, ready
from apps.sync.services.stock_push.rows import refusing_zero, written
from apps.sync.services.stock_push.standing import pause_after, settle

State = StockPush.State
CONSENT = "consent"
# What a person has to see to is looked at again by itself after a while.
BLOCKED_FOR = timedelta(hours=1)
CONSENT_FOR = timedelta(minutes=10)
# What nobody understands may pass, up to here.
MOST_TRIES = 8

_TO_DO = {
    StockFault.OUT_OF_RANGE: "Set a rule that tells fewer.",
    StockFault.WAREHOUSE: "Look for the shop's warehouses, and match them.",
    StockFault.LOCKED: "TikTok keeps this figure itself; look at it in Seller Center.",
    StockFault.STATUS: "The listing is read anew, and told once it is on sale.",
    StockFault.GONE: "The listing is read anew.",
    StockFault.SELLER: "The seller has to see to it in Seller Center.",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a SKU's stock was not taken."""

    kind: StockFault
    code: int
    message: str
    pause_seconds: float = 0.0


@transaction.atomic
def note_answer(
    parcel: Parcel, refusals: Mapping[str, Refusal], *, is_on_sale: bool = False
) -> list[StockPush]:
    """Keep the answer to a parcel: {SKU ID: why not} of those refused, all others were
    taken. What was claimed anew meanwhile is left alone. The pushes as they are then.

    `is_on_sale`: the listing was put on sale before.
    """
    now = timezone.now()
    pushes = _still_ours(parcel)
    shop_id = parcel.listing.shop_id
    if any(each.kind is StockFault.ZERO_REFUSED for each in refusals.values()):
        settings = ShopStockSettings.objects.filter(shop=shop_id)
        settings.update(refused_zero_at=now, modified_at=now)
    if any(each.kind in _REREAD for each in refusals.values()):
        _read_anew(parcel.listing)
    is_zero_refused = bool(refusing_zero([shop_id], now))
    with written(pushes):
        for push in pushes:
            push.is_taken_off_sale = push.is_taken_off_sale and not is_on_sale
            refusal = refusals.get(push.listing_sku.remote_id)
            if refusal is None:
                _accept(push, now)
                settle(push, now, is_zero_refused=is_zero_refused)
            else:
                _refuse(push, refusal, now, is_zero_refused=is_zero_refused)
    return pushes


@transaction.atomic
def note_off_sale(parcel: Parcel) -> list[StockPush]:
    """The listing was taken off sale, for all of its SKUs."""
    now = timezone.now()
    ours = {push.pk for push in _still_ours(parcel)}
    empty = StockPush.objects.filter(
        listing_sku__listing=parcel.listing, wanted_total=0
    )
    rows = empty.select_for_update(of=["self"], no_key=True)
    pushes = list(rows.order_by("listing_sku_id"))
    with written(pushes):
        for push in pushes:
            push.is_taken_off_sale = True
            if push.pk in ours or push.state != State.SENDING:
                push.state, push.sent = State.DUE, {}
                settle(push, now, is_zero_refused=True)
    return pushes


def hold_shop(shop: Shop, until: datetime) -> int:
    """Nothing of a shop is sent before then: the shop as a whole took nothing."""
    due = StockPush.objects.filter(ready(timezone.now()), shop=shop)
    return due.update(next_try_at=until)


def block_shop(shop: Shop, words: str) -> int:
    """Without consent nothing is sent: a person must see to it. How many waited."""
    now = timezone.now()
    due = StockPush.objects.filter(shop=shop, state__in=[State.DUE, State.FAILED])
    return due.update(
        state=State.BLOCKED,
        fault=CONSENT,
        fault_code=None,
        message=clean(words)[:500],
        next_try_at=now + CONSENT_FOR,
        modified_at=now,
    )


_REREAD = frozenset({StockFault.STATUS, StockFault.GONE})


def _still_ours(parcel: Parcel) -> list[StockPush]:
    first = parcel.pushes[0]
    rows = StockPush.objects.filter(
        pk__in=[push.pk for push in parcel.pushes],
        state=State.SENDING,
        process=first.process,
        sending_since=first.sending_since,
    )
    return list(
        rows.select_for_update(of=["self"], no_key=True)
        .select_related("listing_sku")
        .order_by("listing_sku_id")
    )


def _accept(push: StockPush, now: datetime) -> None:
    push.accepted, push.accepted_at, push.sent = push.sent, now, {}
    push.accepted_total = sum(push.accepted.values())
    push.state, push.attempts, push.next_try_at = State.DUE, 0, None
    push.due_since = now
    if push.wanted_total is not None:
        push.fault, push.fault_code, push.message = "", None, ""


def _refuse(
    push: StockPush, refusal: Refusal, now: datetime, *, is_zero_refused: bool
) -> None:
    push.state = State.DUE
    if push.wanted_total is None or refusal.kind is StockFault.ZERO_REFUSED:
        settle(push, now, is_zero_refused=is_zero_refused)
        return
    push.attempts += 1
    push.fault, push.fault_code = refusal.kind.value, refusal.code or None
    words = f"{refusal.message} {_TO_DO.get(refusal.kind, '')}"
    push.message = clean(words).strip()[:500]
    is_strange = refusal.kind is StockFault.OTHER and push.attempts < MOST_TRIES
    if refusal.kind is StockFault.RETRY or is_strange:
        push.state = State.FAILED
        asked = timedelta(seconds=refusal.pause_seconds)
        push.next_try_at = now + max(pause_after(push.attempts), asked)
    else:
        push.state = State.BLOCKED
        push.next_try_at = now + BLOCKED_FOR


def _read_anew(listing: Listing) -> None:
    """Let the next pull ask for its details."""
    rows = Listing.objects.filter(pk=listing.pk, details_of=F("remote_updated_at"))
    rows.update(details_of=F("details_of") - timedelta(seconds=1))
