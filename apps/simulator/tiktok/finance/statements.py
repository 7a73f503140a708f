"""A shop's statements, and what each consists of.

Source: Partner Center, "Get Statements 202309" and "Get Transactions by Statement
202501".
"""

from apps.simulator.tiktok.call import Call, invalid
from apps.simulator.tiktok.envelope import Json
from apps.simulator.tiktok.finance.asking import moment, read_sorted
from apps.simulator.tiktok.paging import page_of
from apps.simulator.world.lifecycle import DAY
from apps.simulator.world.money.books import Statement
from apps.simulator.world.money.payouts import (
    FAILED,
    PAID,
    PROCESSING,
    SETTLED,
    by_statement,
    payment_status,
)
from apps.simulator.world.money.rendering import (
    amounts,
    render_statement,
    render_transaction,
)
from apps.simulator.world.money.transactions import Transaction

_FILTERS = ("statement_time_ge", "statement_time_lt", "payment_status")
_STATUSES = (PAID, FAILED, PROCESSING, SETTLED)
_FOREVER = 2**36


def list_statements(call: Call) -> Json:
    """GET /finance/202309/statements"""
    paging = read_sorted(call, "statement_time", _FILTERS)
    since = moment(call, "statement_time_ge", 0)
    until = moment(call, "statement_time_lt", _FOREVER)
    status = call.query.get("payment_status", "")
    if status and status not in _STATUSES:
        raise invalid("payment_status", f"must be one of {', '.join(_STATUSES)}.")
    books, now = call.simulator.books, call.simulator.world.now
    first, last = -(-since // DAY) - 1, -(-until // DAY) - 1  # of the days before
    found = books.statements(call.shop, first, last)
    payouts = by_statement(books, call.shop, now)
    if status:
        found = [
            statement
            for statement in found
            if payment_status(statement, payouts.get(statement.id), now) == status
        ]
    page, has_more = page_of(found, paging, _by_time)
    return {
        "next_page_token": paging.token(_by_time(page[-1])) if has_more else "",
        "statements": [
            render_statement(books, one, payouts.get(one.id), now) for one in page
        ],
    }


def _by_time(statement: Statement) -> tuple[int, int]:
    return statement.time, int(statement.id)


def statement_transactions(call: Call) -> Json:
    """GET /finance/202501/statements/{statement_id}/statement_transactions"""
    paging = read_sorted(call, "order_create_time")
    books, region = call.simulator.books, call.shop.region
    statement = books.find_statement(call.shop, call.ids["statement_id"])
    if statement is None:
        raise invalid("statement_id", "is not a statement of this shop.")
    found = books.transactions(call.shop, statement.time // DAY - 1)
    page, has_more = page_of(found, paging, _by_create)
    sums = {
        "total_settlement_amount": statement.settlement,
        "total_reserve_amount": statement.reserve,
        "payable_amount": statement.payable,
    }
    parts = {
        "total_revenue_amount": statement.revenue,
        "total_shipping_cost_amount": statement.shipping,
        "total_fee_tax_amount": statement.fee_tax,
        "total_adjustment_amount": statement.adjustment,
    }
    return {
        "id": statement.id,
        "create_time": statement.time,
        "status": SETTLED,
        "currency": region.currency,
        **amounts(region, sums),
        "total_settlement_breakdown": amounts(region, parts),
        "total_count": len(found),
        "next_page_token": paging.token(_by_create(page[-1])) if has_more else "",
        "transactions": [render_transaction(books, region, row) for row in page],
    }


def _by_create(row: Transaction) -> tuple[int, int]:
    return row.created, int(row.id)
