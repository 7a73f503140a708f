"""What the world's orders bring their sellers, without a server: that it adds up to the
cent, and that what was shown stays as it is."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from apps.simulator.clock import Clock
from apps.simulator.control.aftersales import request_return
from apps.simulator.control.fields import Fields
from apps.simulator.journal import Journal
from apps.simulator.state import Simulator
from apps.simulator.world.affiliate.deals import ADS, PARTNER, STANDARD
from apps.simulator.world.affiliate.ledger import (
    INELIGIBLE,
    SETTLED,
    TO_SETTLE,
    UNPAID,
    Earning,
    Ledger,
)
from apps.simulator.world.aftersales.money import basket_of
from apps.simulator.world.aftersales.paying_back import refunds_now
from apps.simulator.world.money.books import Statement
from apps.simulator.world.money.figures import FEE, MORE, REVENUE, total
from apps.simulator.world.money.going_back import ended_at
from apps.simulator.world.money.payouts import (
    FAILED,
    PAID,
    PROCESSING,
    by_statement,
    exchange,
    has_wallet,
    payouts_of,
)
from apps.simulator.world.money.transactions import ORDER, RESERVE, Transaction
from apps.simulator.world.orders import Order
from apps.simulator.world.sellers import Shop

NOW, DAY, HOUR = 1_795_000_000, 86_400, 3_600


def make_simulator(
    now: int = NOW, *, size: int = 700, path: str = "", seed: int = 7
) -> Simulator:
    clock = Clock(frozen_at=now)
    return Simulator(seed, size, "https://x.example.com", Journal(path), clock=clock)


@pytest.fixture(scope="module")
def simulator() -> Simulator:
    return make_simulator()


def shops(simulator: Simulator) -> Iterator[Shop]:
    yield from simulator.world.shops.values()


def rows_of(simulator: Simulator, statement: Statement) -> list[Transaction]:
    books = simulator.books
    return books.transactions(statement.shop, statement.time // DAY - 1)


def every_row(simulator: Simulator) -> list[Transaction]:
    return [
        row
        for shop in shops(simulator)
        for statement in simulator.books.statements(shop)
        for row in rows_of(simulator, statement)
    ]


def orders_of(simulator: Simulator) -> list[Order]:
    indexes = simulator.world.indexes.values()
    return [order for index in indexes for order in index.by_create]


def settled_figures(simulator: Simulator, order: Order) -> Any:
    """All that statements tell of an order."""
    books = simulator.books
    days = (books.transaction(order, day) for day in books.days_of(order))
    return total(row.figures for row in days if row)


def test_sku_rows_and_parts_come_to_the_row_in_every_region(simulator: Simulator):
    regions = Counter[str]()
    for row in every_row(simulator):
        if row.type == ORDER:
            assert row.order is not None
            regions[row.order.shop.region.code] += 1
            for name in ("revenue", "shipping", "fee_tax", "settlement"):
                of_skus = sum(getattr(sku.figures, name) for sku in row.skus)
                assert of_skus == getattr(row.figures, name)
            figures = row.figures
            parts = figures.revenue + figures.shipping + figures.fee_tax
            assert parts == row.settlement

    assert set(regions) == {"US", "GB", "DE", "MY", "ID", "TH", "VN"}
    assert min(regions.values()) > 15


def test_statements_are_the_sum_of_their_rows_and_payouts_of_statements(
    simulator: Simulator,
):
    for shop in shops(simulator):
        statements = simulator.books.statements(shop)
        for statement in statements:
            rows = rows_of(simulator, statement)
            assert statement.settlement == sum(row.settlement for row in rows)
            assert statement.reserve == sum(row.reserve for row in rows)
        payouts = payouts_of(simulator.books, shop, NOW)
        tried = {payout.monday: payout for payout in payouts}
        paid = [one for payout in tried.values() for one in payout.statements]
        assert paid == statements[: len(paid)]
        assert len(tried) > 7
        for payout in payouts:
            before = sum(one.settlement + one.reserve for one in payout.statements)
            assert payout.before_exchange == before > 0


def test_an_order_settles_with_its_own_prices_discounts_and_refunds(
    simulator: Simulator,
):
    refunded = 0
    for order in orders_of(simulator):
        if not simulator.books.is_shown(order):
            continue
        basket, figures = basket_of(order), settled_figures(simulator, order)
        goods, more = figures.of(REVENUE), figures.of(MORE)
        requests = [
            request
            for request in simulator.aftersales.of_order(order)
            if 0 < ended_at(request) < NOW // DAY * DAY
        ]
        assert goods.get("subtotal_before_discount_amount", 0) == basket.list_total
        assert -goods.get("seller_discount_amount", 0) == basket.seller_discount
        assert more.get("customer_payment_amount", 0) == basket.sub_total
        back = sum(r.subtotal for one in requests for r in refunds_now(one).values())
        assert -more.get("customer_refund_amount", 0) == back
        refunded += bool(back)
        assert figures.revenue == (
            more.get("customer_payment_amount", 0)
            + more.get("customer_refund_amount", 0)
            + more.get("platform_discount_amount", 0)
            + more.get("platform_discount_refund_amount", 0)
        )
    assert refunded > 10


def test_what_was_never_delivered_is_not_settled(simulator: Simulator):
    waiting = {id for open_ones in simulator.books.calendar.open.values()
               for id in open_ones}  # fmt: skip
    for order in orders_of(simulator):
        if order.status in ("UNPAID", "ON_HOLD", "CANCELLED"):
            assert not settled_figures(simulator, order)
            assert order.id not in waiting
        elif order.status != "COMPLETED":
            assert order.id in waiting or simulator.books.is_shown(order)


def test_a_refund_after_the_settlement_is_in_a_later_statement(simulator: Simulator):
    later, key = 0, attrgetter("order_id")
    rows = [row for row in every_row(simulator) if row.type == ORDER]
    for _, group in groupby(sorted(rows, key=key), key=key):
        first, *rest = sorted(group, key=lambda row: ids_day(simulator, row))
        assert first.figures.of(REVENUE).get("subtotal_before_discount_amount", 1) > 0
        for row in rest:
            later += 1
            assert row.figures.revenue < 0 < row.figures.fee_tax
            assert "subtotal_before_discount_amount" not in row.figures.of(REVENUE)
    assert later > 5


def ids_day(simulator: Simulator, row: Transaction) -> int:
    assert row.order is not None
    days = simulator.books.days_of(row.order)
    return next(
        day
        for day in days
        if (made := simulator.books.transaction(row.order, day)) and made.id == row.id
    )


def test_reserves_are_held_and_given_back_where_there_is_no_wallet():
    simulator = make_simulator(size=2_000)
    held: dict[str, list[Transaction]] = {}
    for row in every_row(simulator):
        if row.type == RESERVE:
            held.setdefault(row.reserve_id, []).append(row)
            order = simulator.world.find_order(row.order_id)
            assert order
            assert not has_wallet(order.shop)
            assert row.settlement == 0 != row.reserve
    given_back = [pair for pair in held.values() if len(pair) == 2]

    assert len(given_back) > 5
    assert all(sum(row.reserve for row in pair) == 0 for pair in given_back)
    types = {row.type for row in every_row(simulator)}
    assert types >= {
        ORDER, RESERVE, "GMV_PAYMENT_FOR_ADS", "LOGISTICS_REIMBURSEMENT",
        "PLATFORM_PENALTY", "CHARGE_BACK", "SAMPLE_SHIPPING_FEE",
        "SHIPPING_FEE_ADJUSTMENT",
    }  # fmt: skip


def test_a_payment_that_fails_is_made_again(simulator: Simulator):
    failed = [
        payout
        for shop in shops(simulator)
        for payout in payouts_of(simulator.books, shop, NOW)
        if payout.status(NOW) == FAILED and payout.ends_at < NOW - 3 * DAY
    ]
    assert failed
    for payout in failed:
        last = by_statement(simulator.books, payout.shop, NOW)
        again = last[payout.statements[0].id]
        assert again.id != payout.id
        assert (again.statements, again.attempt) == (payout.statements, 1)
        assert again.status(NOW) in (PAID, PROCESSING)


def test_money_is_exchanged_where_the_seller_is_at_home_elsewhere(
    simulator: Simulator,
):
    british = next(s for s in shops(simulator) if s.region.code == "GB")
    seller = simulator.world.seller_of(british.id)
    payout = payouts_of(simulator.books, british, NOW)[0]
    rate, amount = exchange(payout, seller.home_currency)

    assert seller.home_currency == "USD"
    assert 1_200_000 < rate < 1_450_000
    assert abs(amount * 1_000_000 - payout.before_exchange * rate) <= 500_000
    assert exchange(payout, "GBP") == (1_000_000, payout.before_exchange)


def shown(simulator: Simulator) -> dict[str, Any]:
    """Every statement and its rows, as long as they must not change."""
    return {
        statement.id: (
            statement.time,
            statement.settlement,
            statement.payable,
            [
                (row.id, row.type, row.settlement, sorted(row.figures.rows()))
                for row in rows_of(simulator, statement)
            ],
        )
        for shop in shops(simulator)
        for statement in simulator.books.statements(shop)
    }


def test_the_same_world_has_the_same_books_whoever_asks(simulator: Simulator):
    again = make_simulator()

    assert shown(again) == shown(simulator)
    assert shown(make_simulator(seed=8)) != shown(simulator)


def test_a_statement_stays_as_it_was_shown_while_time_walks_or_leaps():
    walking, leaping = make_simulator(), make_simulator()
    before = shown(walking)
    for step in range(1, 25):
        walking.clock.freeze(NOW + step * 12 * HOUR)
        walking.tick()
    leaping.clock.freeze(NOW + 12 * DAY)
    leaping.tick()
    after = shown(walking)

    assert len(after) > len(before) + 40
    assert {id: after[id] for id in before} == before
    # Who leaps sells what who walks may have sold out: only what was placed before.
    soon = {id: row for id, row in after.items() if row[0] <= NOW + 5 * DAY}
    leapt = shown(leaping)
    assert len(soon) > len(before) + 10
    assert {id: leapt.get(id) for id in soon} == soon


def test_time_turned_back_shows_the_books_of_then():
    simulator = make_simulator()
    before = shown(simulator)
    for moment in (NOW + 30 * DAY, NOW):
        simulator.clock.freeze(moment)
        simulator.tick()

    assert shown(simulator) == before


def test_what_a_person_did_to_the_money_survives_a_restart(tmp_path: Path):
    path = str(tmp_path / "state.jsonl")
    simulator = make_simulator(path=path)
    shop = next(shops(simulator))
    monday = NOW // DAY + (-(NOW // DAY + 3)) % 7
    event: dict[str, Any] = {"shop_id": shop.id, "at": NOW}
    simulator.record(
        event | {"event": "money_adjusted", "type": "REBATE", "amount": 77,
                 "order_id": ""}
    )  # fmt: skip
    simulator.record(event | {"event": "money_failing", "monday": monday, "attempt": 0})
    waiting = simulator.books.calendar.unsettled(shop.id, NOW // DAY)
    order = next(o for o in waiting if not simulator.creators.of(o))
    creator = simulator.creators.at(shop.region.code)[0]
    simulator.record(
        {"event": "order_credited", "order_id": order.id, "creator_id": creator.id}
    )

    later = make_simulator(NOW + 9 * DAY, path=path)
    (made,) = [row for row in every_row(later) if row.type == "REBATE"]
    payouts = payouts_of(later.books, later.world.shops[shop.id], NOW + 9 * DAY)
    again = later.world.find_order(str(order.id))

    assert made.adjustment == 77
    assert next(p.fails for p in payouts if p.monday == monday) is True
    assert again
    assert later.creators.of(again) is later.creators.by_id[creator.id]


def test_a_restart_shows_the_same_books_also_of_refunds_that_somebody_asked_for(
    tmp_path: Path,
):
    path = str(tmp_path / "state.jsonl")
    simulator = make_simulator(path=path)
    settled = [o for o in orders_of(simulator) if simulator.books.is_shown(o)]
    order = next(o for o in settled if not simulator.aftersales.of_order(o)
                 and o.status == "DELIVERED")  # fmt: skip
    request_return(simulator, Fields({"kind": "REFUND"}), str(order.id))
    for step in range(1, 13):  # nobody answers: it is approved after two days
        simulator.clock.freeze(NOW + step * 8 * HOUR)
        simulator.tick()

    again = make_simulator(NOW + 4 * DAY, path=path)
    before, after = shown(simulator), shown(again)
    (first, *later) = simulator.books.days_of(order)
    assert len(later) == 1
    assert first < later[0]
    assert simulator.books.settled(order, NOW + 4 * DAY) <= 0
    assert after == before


def earnings(simulator: Simulator) -> list[Earning]:
    ledger = Ledger(simulator.books)
    return [
        ledger.earning(entry)
        for index in simulator.world.indexes.values()
        for entry in ledger.entries(index, 0, NOW)
    ]


def test_creators_earn_what_the_settlement_takes_from_the_seller(simulator: Simulator):
    taken = Counter[tuple[int, str, str]]()
    for row in every_row(simulator):
        for sku in row.skus:
            for name in (STANDARD, ADS, PARTNER):
                fee = sku.figures.of(FEE).get(name, 0)
                assert row.order is not None
                taken[row.order.id, sku.sku.id, name] -= fee
    earned = Counter[tuple[int, str, str]]()
    for earning in earnings(simulator):
        for name, amount in earning.deal.commissions(earning.actual_base or 0).items():
            earned[earning.entry.order.id, earning.entry.sku.id, name] += amount

    assert +earned == +taken
    assert len(+earned) > 150


def test_earnings_are_estimates_until_they_are_settled():
    simulator = make_simulator()
    unpaid = [o for o in orders_of(simulator) if o.status == "UNPAID"]
    for order in unpaid:
        creator = simulator.creators.at(order.shop.region.code)[0]
        event = {"event": "order_credited", "order_id": order.id}
        simulator.record(event | {"creator_id": creator.id})
    by_status: dict[str, list[Earning]] = {}
    for earning in earnings(simulator):
        by_status.setdefault(earning.status, []).append(earning)

    assert set(by_status) == {UNPAID, TO_SETTLE, SETTLED, INELIGIBLE}
    assert all(e.actual_base is None for e in by_status[UNPAID] + by_status[TO_SETTLE])
    assert all(e.actual_base == 0 for e in by_status[INELIGIBLE])
    settled = by_status[SETTLED]
    assert all(0 < (e.actual_base or 0) <= e.estimated_base for e in settled)
    assert not any(e.is_fully_returned for e in settled)


def test_the_books_of_a_large_world_are_not_read_through_for_each_question():
    simulator = make_simulator(size=10_000)
    books, shop = simulator.books, next(shops(simulator))
    books.statements(shop)
    looked: list[Order] = []
    books.position = lambda order, until: looked.append(order)  # type: ignore[assignment,return-value]

    assert len(books.statements(shop)) > 60
    assert payouts_of(books, shop, NOW)
    assert not looked
