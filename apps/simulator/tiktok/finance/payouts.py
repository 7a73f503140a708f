"""Payments to sellers, and what moves in and out of a wallet.

Source: Partner Center, "Get Payments 202309" and "Get Withdrawals 202309". Payments are
not made in Southeast Asia, where sellers have a wallet; elsewhere there are no
withdrawals. Both lists are empty then: what the platform answers is not documented.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from apps.simulator.tiktok.call import Call, invalid
from apps.simulator.tiktok.envelope import Json
from apps.simulator.tiktok.finance.asking import USUAL_SIZE, moment, read_sorted
from apps.simulator.tiktok.paging import page_of, read_paging
from apps.simulator.world.money.meddling import PAYMENT
from apps.simulator.world.money.payouts import (
    FAILED,
    PAID,
    Payout,
    has_wallet,
    payouts_of,
)
from apps.simulator.world.money.rendering import credited_at, render_payment
from apps.simulator.world.regions import amount
from apps.simulator.world.rolls import digits

_FILTERS = ("create_time_ge", "create_time_lt")
_FOREVER = 2**36
_TYPES = ("WITHDRAW", "SETTLE", "TRANSFER", "REVERSE", "PAYMENT", "REFUND")
_STATUS = {PAID: "SUCCESS", FAILED: "FAILED"}


def list_payments(call: Call) -> Json:
    """GET /finance/202309/payments; 202605 leaves the reserve out."""
    paging = read_sorted(call, "create_time", _FILTERS)
    since, until = _window(call)
    books, now = call.simulator.books, call.simulator.world.now
    made = [] if has_wallet(call.shop) else payouts_of(books, call.shop, now)
    found = [payout for payout in made if since <= payout.created < until]
    page, has_more = page_of(found, paging, _by_create)
    home = call.seller.home_currency
    rows = [render_payment(books, payout, home, now) for payout in page]
    if call.version >= "202605":
        for row in rows:
            del row["reserve_amount"]
    return {
        "next_page_token": paging.token(_by_create(page[-1])) if has_more else "",
        "payments": rows,
    }


def _window(call: Call) -> tuple[int, int]:
    since = moment(call, "create_time_ge", 0)
    return since, moment(call, "create_time_lt", _FOREVER)


def _by_create(payout: Payout) -> tuple[int, int]:
    return payout.created, int(payout.id)


@dataclass(frozen=True, slots=True)
class _Movement:
    id: str
    type: str
    amount: int
    status: str
    created: int


def list_withdrawals(call: Call) -> Json:
    """GET /finance/202309/withdrawals"""
    types = [text for text in call.query.get("types", "").split(",") if text]
    if not types:
        raise invalid("types", f"is required: of {', '.join(_TYPES)}.")
    if unknown := [text for text in types if text not in _TYPES]:
        raise invalid("types", f"has no {unknown[0]}.")
    paging = read_paging(
        call, ("create_time",), usual_size=USUAL_SIZE, filters=(*_FILTERS, "types")
    )
    since, until = _window(call)
    found = [
        row
        for row in (_movements(call) if has_wallet(call.shop) else ())
        if row.type in types and since <= row.created < until
    ]
    found.sort(key=_by_moment)
    page, has_more = page_of(found, paging, _by_moment)
    return {
        "next_page_token": paging.token(_by_moment(page[-1])) if has_more else "",
        "total_count": len(found),
        "withdrawals": [_render(call, row) for row in page],
    }


def _movements(call: Call) -> Iterator[_Movement]:
    """Statements that are put into the wallet, and what is withdrawn from it."""
    books, shop, now = call.simulator.books, call.shop, call.simulator.world.now
    for statement in books.statements(shop):
        moment = credited_at(statement)
        if moment <= now:
            id = digits("3459", 19, "settle", statement.id)
            yield _Movement(id, "SETTLE", statement.payable, "SUCCESS", moment)
    for payout in payouts_of(books, shop, now):
        status = _STATUS.get(payout.status(now), "PROCESSING")
        amount = payout.before_exchange
        yield _Movement(payout.id, "WITHDRAW", amount, status, payout.created)


def _render(call: Call, row: _Movement) -> Json:
    region = call.shop.region
    off_by = call.simulator.books.meddling.off_by(PAYMENT, row.id)
    return {
        "id": row.id,
        "type": row.type,
        "amount": amount(region, row.amount + off_by.get("amount", 0)),
        "currency": region.currency,
        "status": row.status,
        "create_time": row.created,
    }


def _by_moment(row: _Movement) -> tuple[int, int]:
    return row.created, int(row.id)
