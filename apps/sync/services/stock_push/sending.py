"""One listing's due SKUs: sent in one call, and the answer kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.integrations.contracts import ItemFailure, StockFailure, StockFault
from apps.integrations.errors import (
    ConsentNeeded,
    PlatformError,
    PlatformUnavailable,
    RateLimited,
    RequestRefused,
    TokenExpired,
)
from apps.integrations.tiktok.codes import stock_fault
from apps.platforms.errors import ReconnectNeeded, RefreshInProgress
from apps.products.services.publishing.channel import Channel
from apps.products.services.publishing.confirming import confirm
from apps.sync.models import StockPush
from apps.sync.services.stock_push.answers import Refusal, note_answer, note_off_sale
from apps.sync.services.stock_push.claiming import Parcel
from apps.sync.services.stock_push.looking import look_at

# Nothing of the shop goes on after these.
CONSENT_GONE = (ConsentNeeded, ReconnectNeeded)
LATER = (RateLimited, PlatformUnavailable, TokenExpired, RefreshInProgress)
_STATUS_FORBIDS = 12052901


@dataclass(frozen=True, slots=True)
class Sent:
    """The pushes as they are after a call, and what went wrong with the call as a whole
    that is not about its listing alone."""

    pushes: Sequence[StockPush] = ()
    trouble: Exception | None = None


def send(parcel: Parcel, channel: Channel) -> Sent:
    """Tell the shop what was claimed of a listing; whatever comes of it is kept."""
    try:
        if parcel.is_sold_out:
            return Sent(_take_off_sale(parcel, channel))
        return Sent(_send(parcel, channel))
    except (*CONSENT_GONE, *LATER) as error:
        return Sent(_fail(parcel, error, StockFault.RETRY), error)
    except RequestRefused as error:
        pieces = [each for push in parcel.pushes for each in push.sent.values()]
        return Sent(_fail(parcel, error, stock_fault(error.code, pieces)))
    except PlatformError as error:  # our fault, or an answer nobody understands
        return Sent(_fail(parcel, error, StockFault.OTHER))
    except Exception as error:
        _fail(parcel, error, StockFault.OTHER)
        raise


def _send(parcel: Parcel, channel: Channel) -> list[StockPush]:
    is_on_sale = parcel.is_off_sale
    if is_on_sale and (failures := _put_on_sale(parcel, channel)):
        return note_answer(parcel, _all_refused(parcel, failures[0]))
    failed = channel.writes.update_stock(parcel.listing.remote_id, parcel.stock)
    refusals = {each.remote_sku_id: _refusal(each) for each in failed}
    pushes = note_answer(parcel, refusals, is_on_sale=is_on_sale)
    lost = [
        push
        for push in pushes
        if push.state == StockPush.State.BLOCKED and push.fault == StockFault.WAREHOUSE
    ]
    if lost:
        look_at(lost, lambda: channel)
        return list(StockPush.objects.filter(pk__in=[push.pk for push in pushes]))
    return pushes


def _take_off_sale(parcel: Parcel, channel: Channel) -> list[StockPush]:
    # The platform asks for the reading scope to put listings on and off sale.
    failures = channel.reads.deactivate_listings([parcel.listing.remote_id])
    if failures:
        return note_answer(parcel, _all_refused(parcel, failures[0]))
    confirm(channel, [parcel.listing])
    return note_off_sale(parcel)


def _put_on_sale(parcel: Parcel, channel: Channel) -> list[ItemFailure]:
    """Why it could not be put on sale again; somebody may have been faster."""
    failures = channel.reads.activate_listings([parcel.listing.remote_id])
    if failures and failures[0].code == _STATUS_FORBIDS:
        failures = []
    confirm(channel, [parcel.listing])
    return failures


def _refusal(failure: StockFailure) -> Refusal:
    reasons = [failure.message, *(words for _, _, words in failure.warehouses)]
    words = " ".join(f"{each.rstrip('.')}." for each in dict.fromkeys(reasons) if each)
    return Refusal(failure.kind, failure.code, words)


def _all_refused(parcel: Parcel, failure: ItemFailure) -> dict[str, Refusal]:
    refusal = _of_item(failure)
    return {push.listing_sku.remote_id: refusal for push in parcel.pushes}


def _of_item(failure: ItemFailure) -> Refusal:
    return Refusal(stock_fault(failure.code), failure.code, failure.message)


def _fail(parcel: Parcel, error: Exception, kind: StockFault) -> list[StockPush]:
    """The call failed as a whole; those of an earlier part of it were taken."""
    code, pause = 0, 0.0
    if isinstance(error, PlatformError):
        code, pause = error.code, error.retry_after_seconds
    refusal = Refusal(kind, code, str(error) or repr(error), pause)
    refusals = {push.listing_sku.remote_id: refusal for push in parcel.pushes}
    if isinstance(error, PlatformError) and (done := error.progress):
        for remote_id in done.taken:
            refusals.pop(remote_id, None)
        refusals |= {each.remote_id: _of_item(each) for each in done.failures}
    return note_answer(parcel, refusals)
