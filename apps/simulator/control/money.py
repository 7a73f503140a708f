"""Control: settlements, payouts and who brought an order; and what goes wrong there."""

from decimal import Decimal, InvalidOperation

from apps.simulator.control.fields import ControlError, Fields, Json
from apps.simulator.control.orders import known_order
from apps.simulator.control.platform import known_shop
from apps.simulator.state import Simulator
from apps.simulator.world.lifecycle import DAY
from apps.simulator.world.money import meddling
from apps.simulator.world.money.adjustments import made_by_hand
from apps.simulator.world.money.books import statement_id
from apps.simulator.world.money.payouts import (
    Payout,
    by_statement,
    next_payout,
    payouts_of,
)
from apps.simulator.world.money.rendering import render_statement
from apps.simulator.world.money.settling import settles_at
from apps.simulator.world.money.transactions import ADJUSTMENTS
from apps.simulator.world.regions import Region, amount
from apps.simulator.world.sellers import Shop

_FIELDS = {
    meddling.PAYMENT: (
        "amount", "settlement_amount", "reserve_amount",
        "payment_amount_before_exchange",
    ),
    meddling.STATEMENT: (
        "settlement_amount", "revenue_amount", "fee_amount", "adjustment_amount",
        "net_sales_amount", "shipping_cost_amount",
    ),
    meddling.TRANSACTION: (
        "settlement_amount", "revenue_amount", "shipping_cost_amount", "fee_tax_amount",
        "adjustment_amount", "reserve_amount",
    ),
    meddling.SKU: (
        "settlement_amount", "revenue_amount", "shipping_cost_amount", "fee_tax_amount",
    ),
}  # fmt: skip


def list_creators(simulator: Simulator, fields: Fields) -> list[Json]:
    """Creators: their ids, usernames and regions."""
    fields.done()
    return [
        {
            "id": creator.id,
            "username": creator.username,
            "region": creator.region,
            "selection_region": creator.selection_region,
        }
        for creator in simulator.creators.by_id.values()
    ]


def credit_order(simulator: Simulator, fields: Fields, order_id: str) -> Json:
    """Say who brought an order: creator_id, "" for nobody; not once a statement shows
    it."""
    order = known_order(simulator, order_id)
    creator_id = fields.need("creator_id", str)
    fields.done()
    creator = simulator.creators.by_id.get(creator_id)
    if creator_id and creator is None:
        raise ControlError("No such creator. GET /control/creators.", http=404)
    if creator and creator.selection_region != order.shop.region.code:
        raise ControlError("The creator does not sell in the order's region.", http=409)
    if simulator.books.is_shown(order):
        raise ControlError("A statement shows this order already.", http=409)
    event = {"event": "order_credited", "order_id": order.id, "creator_id": creator_id}
    simulator.record(event)
    return show_order_money(simulator, Fields({}), order_id)


def show_order_money(simulator: Simulator, fields: Fields, order_id: str) -> Json:
    """An order's money: when it settles, in which statements, and who brought it."""
    order = known_order(simulator, order_id)
    fields.done()
    books, region = simulator.books, order.shop.region
    creator = simulator.creators.of(order)
    days = books.days_of(order)
    return {
        "order_id": str(order.id),
        "creator_id": creator.id if creator else "",
        "creator_username": creator.username if creator else "",
        "settles_at": settles_at(order),
        "statements": [statement_id(order.shop, day) for day in days],
        "transactions": [
            {"id": row.id, "settlement_amount": amount(region, row.settlement)}
            for day in days
            if (row := books.transaction(order, day))
        ],
    }


def show_money(simulator: Simulator, fields: Fields, shop_id: str) -> Json:
    """A shop's statements and payouts, the newest first: ?limit=30."""
    shop = known_shop(simulator, shop_id)
    limit = fields.take("limit", int, 30)
    fields.done()
    books, now = simulator.books, simulator.world.now
    payouts = by_statement(books, shop, now)
    statements = books.statements(shop)[-limit:]
    monday, attempt = next_payout(books, shop, now)
    return {
        "statements": [
            render_statement(books, one, payouts.get(one.id), now)
            for one in reversed(statements)
        ],
        "payouts": [
            _payout(payout, now)
            for payout in reversed(payouts_of(books, shop, now)[-limit:])
        ],
        "next_payout": {"monday": monday * DAY, "attempt": attempt},
    }


def _payout(payout: Payout, now: int) -> Json:
    region = payout.shop.region
    return {
        "id": payout.id,
        "status": payout.status(now),
        "create_time": payout.created,
        "ends_at": payout.ends_at,
        "attempt": payout.attempt,
        "amount": amount(region, payout.before_exchange),
        "currency": region.currency,
        "statements": [statement.id for statement in payout.statements],
    }


def adjust(simulator: Simulator, fields: Fields, shop_id: str) -> Json:
    """Book an adjustment on today's statement: type, amount (signed, as text) and
    order_id, if it is about one."""
    shop = known_shop(simulator, shop_id)
    type_ = fields.choice("type", ADJUSTMENTS, "OTHER_ADJUSTMENT")
    value = _smallest(shop.region, fields.need("amount", str))
    order_id = fields.take("order_id", str, "")
    fields.done()
    if order_id and known_order(simulator, order_id).shop is not shop:
        raise ControlError("The order is another shop's.", http=409)
    event = {"event": "money_adjusted", "shop_id": shop.id, "at": simulator.world.now}
    event |= {"type": type_, "amount": value, "order_id": order_id}
    made = made_by_hand(shop, simulator.record(event))
    return {
        "id": made.id,
        "type": made.type,
        "amount": amount(shop.region, made.adjustment),
        "statement_id": statement_id(shop, simulator.books.today),
    }


def spoil(simulator: Simulator, fields: Fields) -> Json:
    """Show one figure wrongly: what (payment, statement, transaction or sku), its id
    (of a SKU's row: the transaction's), sku_id, field, and by: how many of the
    currency's smallest units too much, -1 by default, 0 to put it right."""
    what = fields.choice("what", tuple(_FIELDS), "")
    id = fields.need("id", str)
    sku_id = fields.take("sku_id", str, "")
    field = fields.choice("field", _FIELDS[what], _FIELDS[what][0])
    by = fields.take("by", int, -1)
    fields.done()
    if (what == meddling.SKU) != bool(sku_id):
        raise ControlError("'sku_id' is for what: sku, and required there.")
    whole_id = f"{id}/{sku_id}" if sku_id else id
    event = {"event": "money_spoiled", "what": what, "id": whole_id}
    simulator.record(event | {"field": field, "by": by})
    return {"what": what, "id": whole_id, "field": field, "by": by}


def fail_payout(simulator: Simulator, fields: Fields, shop_id: str) -> Json:
    """The payout under way fails now, or else the next one; it is tried again two days
    later: payout_id, if not the newest."""
    shop, place = _under_way(simulator, fields, shop_id)
    fields.done()
    simulator.record({"event": "money_failing", **place, "at": simulator.world.now})
    return show_money(simulator, Fields({}), shop.id)


def delay_payout(simulator: Simulator, fields: Fields, shop_id: str) -> Json:
    """The payout under way, or else the next one, comes `days` later than planned:
    days, payout_id."""
    shop, place = _under_way(simulator, fields, shop_id)
    days = fields.take("days", int, 5)
    fields.done()
    if days < 0:
        raise ControlError("'days' must not be below 0.")
    simulator.record({"event": "money_late", **place, "seconds": days * DAY})
    return show_money(simulator, Fields({}), shop.id)


def _under_way(simulator: Simulator, fields: Fields, shop_id: str) -> tuple[Shop, Json]:
    """A payout that has not ended, by the event's names for it."""
    shop = known_shop(simulator, shop_id)
    payout_id = fields.take("payout_id", str, "")
    books, now = simulator.books, simulator.world.now
    open_ones = [p for p in payouts_of(books, shop, now) if p.ends_at > now]
    if payout_id:
        open_ones = [payout for payout in open_ones if payout.id == payout_id]
        if not open_ones:
            raise ControlError("No such payout is under way.", http=404)
    if open_ones:
        monday, attempt = open_ones[-1].monday, open_ones[-1].attempt
    else:
        monday, attempt = next_payout(books, shop, now)
    return shop, {"shop_id": shop.id, "monday": monday, "attempt": attempt}


def _smallest(region: Region, text: str) -> int:
    """`-12.90` in the currency's smallest units."""
    try:
        value = Decimal(text).scaleb(region.decimals)
    except InvalidOperation:
        raise ControlError("'amount' must be a number as text: \"-12.90\".") from None
    if not value.is_finite() or value != int(value):
        raise ControlError(f"'amount' has more than {region.decimals} decimals.")
    return int(value)
