"""Statements, their rows and payouts as the platform's JSON."""

from collections.abc import Mapping
from typing import Any

from apps.simulator.world.lifecycle import DAY, Event
from apps.simulator.world.money import figures as sections
from apps.simulator.world.money.books import Books, Statement
from apps.simulator.world.money.figures import Figures
from apps.simulator.world.money.meddling import PAYMENT, SKU, STATEMENT, TRANSACTION
from apps.simulator.world.money.names import FEES, GOODS, MORE, SHIPPING, TAXES, WAYS
from apps.simulator.world.money.payouts import (
    CREDITED_AFTER,
    PAID,
    Payout,
    exchange,
    has_wallet,
    payment_status,
)
from apps.simulator.world.money.settling import SkuRow, arrived_at, settles_at
from apps.simulator.world.money.terms import TERMS
from apps.simulator.world.money.transactions import RESERVE, Transaction
from apps.simulator.world.regions import REGIONS, Region, amount
from apps.simulator.world.rolls import digits

Json = dict[str, Any]
CENTS = REGIONS["US"]  # payments are made in currencies that have cents


def amounts(
    region: Region, values: Mapping[str, int], off_by: Mapping[str, int] = {}
) -> Json:
    """As text; `off_by` says by how much one is shown wrongly."""
    return {
        name: amount(region, value + off_by.get(name, 0))
        for name, value in values.items()
    }


def _named(region: Region, names: tuple[str, ...], known: Mapping[str, int]) -> Json:
    """What has a value by any name, and zeros by the usual ones."""
    return amounts(region, dict.fromkeys(names, 0) | dict(known))


def breakdowns(region: Region, figures: Figures) -> Json:
    shipping = _named(region, SHIPPING, figures.of(sections.SHIPPING))
    more = _named(region, WAYS, figures.of(sections.SHIPPING_MORE))
    fees = _named(region, FEES, figures.of(sections.FEE))
    return {
        "revenue_breakdown": _named(region, GOODS, figures.of(sections.REVENUE)),
        "shipping_cost_breakdown": shipping | {"supplementary_component": more},
        "fee_tax_breakdown": {
            "fee": fees,
            "tax": _named(region, TAXES, figures.of(sections.TAX)),
        },
        "supplementary_component": _named(region, MORE, figures.of(sections.MORE)),
    }


def totals(figures: Figures) -> dict[str, int]:
    return {
        "settlement_amount": figures.settlement,
        "revenue_amount": figures.revenue,
        "shipping_cost_amount": figures.shipping,
        "fee_tax_amount": figures.fee_tax,
    }


def render_statement(
    books: Books, statement: Statement, payout: Payout | None, now: int
) -> Json:
    region = statement.shop.region
    status = payment_status(statement, payout, now)
    json: Json = {
        "id": statement.id,
        "statement_time": statement.time,
        "currency": region.currency,
        "payment_status": status,
    } | amounts(region, {
        "settlement_amount": statement.settlement,
        "revenue_amount": statement.revenue,
        "fee_amount": statement.fee_tax,
        "adjustment_amount": statement.adjustment,
        "net_sales_amount": statement.revenue,
        "shipping_cost_amount": statement.shipping,
    }, books.meddling.off_by(STATEMENT, statement.id))  # fmt: skip
    moment = credited_at(statement)
    if payout and not has_wallet(statement.shop):
        json["payment_id"], moment = payout.id, payout.ends_at
    return json | ({"payment_time": moment} if status == PAID else {})


def credited_at(statement: Statement) -> int:
    """When it comes into the wallet, where there is one."""
    return statement.time + CREDITED_AFTER


def render_payment(books: Books, payout: Payout, home: str, now: int) -> Json:
    """`home` is the currency in which the seller is paid."""
    region, status = payout.shop.region, payout.status(now)
    rate, paid = exchange(payout, home)
    off_by = books.meddling.off_by(PAYMENT, payout.id)
    own = amounts(region, {
        "settlement_amount": payout.settlement,
        "reserve_amount": payout.reserve,
        "payment_amount_before_exchange": payout.before_exchange,
    }, off_by)  # fmt: skip
    json: Json = {
        "id": payout.id,
        "create_time": payout.created,
        "status": status,
        "exchange_rate": f"{rate / 1_000_000:.6f}",
        "bank_account": "*" * 11 + digits("", 4, "account", payout.shop.id),
        "amount": {
            "value": amount(CENTS, paid + off_by.get("amount", 0)),
            "currency": home,
        },
    }
    for name, value in own.items():
        json[name] = {"value": value, "currency": region.currency}
    return json | ({"paid_time": payout.ends_at} if status == PAID else {})


def render_transaction(books: Books, region: Region, row: Transaction) -> Json:
    off_by = books.meddling.off_by(TRANSACTION, row.id)
    json: Json = {"id": row.id, "type": row.type}
    if row.order:
        known = totals(row.figures) | {"adjustment_amount": 0}
        json |= {"order_id": row.order_id, "order_create_time": row.created}
        return json | amounts(region, known, off_by) | breakdowns(region, row.figures)
    if row.type == RESERVE:
        json |= {
            "reserve_id": row.reserve_id,
            "associated_order_id": row.order_id,
            "reserve_status": "COLLECTED" if row.reserve < 0 else "RELEASED",
            "estimated_release_time": str(row.releases_at),
        }
        known = {"reserve_amount": row.reserve, "settlement_amount": 0}
        return json | amounts(region, known, off_by)
    json["adjustment_id"] = row.id
    if row.order_id:
        json["adjustment_order_id"] = row.order_id
    known = {"adjustment_amount": row.adjustment, "settlement_amount": row.adjustment}
    known |= {"revenue_amount": 0, "shipping_cost_amount": 0, "fee_tax_amount": 0}
    return json | amounts(region, known, off_by)


def render_sku(
    books: Books, region: Region, row: SkuRow, transaction: Transaction, statement: str
) -> Json:
    off_by = books.meddling.off_by(SKU, f"{transaction.id}/{row.sku.id}")
    return {
        "sku_id": row.sku.id,
        "sku_name": row.sku.name,
        "product_name": row.sku.title,
        "statement_id": statement,
        "quantity": str(row.quantity),
        **amounts(region, totals(row.figures), off_by),
        **breakdowns(region, row.figures),
    }


def render_expected(region: Region, row: Transaction) -> Json:
    """An estimate, of an order or of an adjustment."""
    json: Json = {
        "id": row.id,
        "type": row.type,
        "status": "UNSETTLED",
        "currency": region.currency,
        "estimated_settlement": _when_settled(region, row),
    }
    known = {"est_adjustment_amount": row.adjustment}
    known |= {"est_settlement_amount": row.settlement}
    if row.order is None:
        json |= {"adjustment_id": row.id, "unsettled_reason": "The day is not over"}
        if row.order_id:
            json["adjustment_order_id"] = row.order_id
        return json | amounts(region, known)
    known |= {
        "est_revenue_amount": row.figures.revenue,
        "est_shipping_cost_amount": row.figures.shipping,
        "est_fee_tax_amount": row.figures.fee_tax,
    }
    json |= {"order_id": row.order_id, "order_create_time": row.created}
    if delivered := row.order.moments().get(Event.DELIVERED):
        json["order_delivery_time"] = delivered
    is_there = arrived_at(row.order)
    reason = "In the holding period" if is_there else "Not delivered yet"
    json["unsettled_reason"] = reason
    return json | amounts(region, known) | breakdowns(region, row.figures)


def _when_settled(region: Region, row: Transaction) -> str:
    """The moment of the statement, or how long after the delivery, as text."""
    moment = settles_at(row.order) if row.order else row.created
    if moment:
        return str((moment // DAY + 1) * DAY)
    return f"{TERMS[region.code].holding_days} days after delivery"
