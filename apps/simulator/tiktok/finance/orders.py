"""What was settled of an order, and what is still to be settled.

Source: Partner Center, "Get Transactions by Order 202501" and "Get Unsettled
Transactions 202507".
"""

from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json
from apps.simulator.tiktok.finance.asking import moment, read_sorted
from apps.simulator.tiktok.paging import page_of
from apps.simulator.world.money.books import statement_id
from apps.simulator.world.money.figures import Figures, total
from apps.simulator.world.money.rendering import (
    amounts,
    render_expected,
    render_sku,
)
from apps.simulator.world.money.transactions import Transaction

_FILTERS = ("search_time_ge", "search_time_lt")
_SINCE = 1_735_689_600  # 2025-01-01
_FOREVER = 2**36


def order_transactions(call: Call) -> Json:
    """GET /finance/202501/orders/{order_id}/statement_transactions: nothing, until a
    statement shows the order."""
    books, region = call.simulator.books, call.shop.region
    order = call.simulator.world.order(call.shop.id, call.ids["order_id"])
    rows, figures = [], list[Figures]()
    for day in books.days_of(order) if order else ():
        if order and (transaction := books.transaction(order, day)):
            statement = statement_id(call.shop, day)
            for row in transaction.skus:
                rows.append(render_sku(books, region, row, transaction, statement))
                figures.append(row.figures)
    everything = total(figures)
    sums = {
        "revenue_amount": everything.revenue,
        "fee_and_tax_amount": everything.fee_tax,
        "shipping_cost_amount": everything.shipping,
        "settlement_amount": everything.settlement,
    }
    json: Json = {"order_id": call.ids["order_id"]}
    if order:
        json["order_create_time"] = order.created
    return json | {
        "currency": region.currency,
        **amounts(region, sums),
        "total_count": len(rows),
        "sku_transactions": rows,
    }


def unsettled(call: Call) -> Json:
    """GET /finance/202507/orders/unsettled: estimates, of orders that were released and
    not cancelled; and the adjustments of the day that is not over."""
    paging = read_sorted(call, "order_create_time", _FILTERS)
    since = max(_SINCE, moment(call, "search_time_ge", 0))
    until = moment(call, "search_time_lt", _FOREVER)
    books, region = call.simulator.books, call.shop.region
    found = [row for row in books.expected(call.shop) if since <= row.created < until]
    page, has_more = page_of(found, paging, _by_create)
    sums = {
        "sum_est_settlement_amount": sum(row.settlement for row in found),
        "sum_est_revenue_amount": sum(row.figures.revenue for row in found),
        "sum_est_adjustment_amount": sum(row.adjustment for row in found),
        "sum_est_fee_amount": sum(row.figures.fee_tax for row in found),
    }
    return {
        "next_page_token": paging.token(_by_create(page[-1])) if has_more else "",
        "total_count": len(found),
        **amounts(region, sums),
        "transactions": [render_expected(region, row) for row in page],
    }


def _by_create(row: Transaction) -> tuple[int, int]:
    return row.created, int(row.id)
