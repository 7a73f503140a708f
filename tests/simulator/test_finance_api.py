"""Statements, what they consist of, payments and withdrawals: over the API."""

from decimal import Decimal
from typing import Any

import pytest

from tests.simulator.caller import connect
from tests.simulator.till import (
    DAY,
    PAYMENTS,
    STATEMENTS,
    UNSETTLED,
    WITHDRAWALS,
    Till,
    parts,
    summed,
)
from tests.simulator_server import SimulatorServer

US, GB, ID, MY, TH, VN, DE = (0, 0), (0, 1), (1, 0), (2, 0), (2, 1), (2, 2), (3, 0)
CENT = Decimal("0.01")
Json = dict[str, Any]


@pytest.fixture
def quiet(server: SimulatorServer) -> SimulatorServer:
    server.control("clock", {"freeze": True})
    server.control("rate_limit", {"per_second": 100_000})
    return server


@pytest.fixture
def till(quiet: SimulatorServer) -> Till:
    return Till(quiet, US)


@pytest.mark.parametrize("shop", [US, GB, DE, ID, VN, MY, TH])
def test_all_figures_of_a_shop_add_up(quiet: SimulatorServer, shop: tuple[int, int]):
    till = Till(quiet, shop)
    statements = till.statements(page_size="9")

    ids = [statement["id"] for statement in statements]
    assert len(ids) == len(set(ids)) > 15
    for statement in statements[-8:]:
        rows = till.transactions(statement, page_size="3")
        for name, of_statement in (
            ("settlement_amount", "settlement_amount"),
            ("revenue_amount", "revenue_amount"),
            ("shipping_cost_amount", "shipping_cost_amount"),
            ("fee_tax_amount", "fee_amount"),
            ("adjustment_amount", "adjustment_amount"),
        ):
            assert summed(rows, name) == Decimal(statement[of_statement])
        for row in rows:
            if row["type"] == "ORDER":
                assert_adds_up(row)
                skus = till.order(row["order_id"])["sku_transactions"]
                mine = [one for one in skus if one["statement_id"] == statement["id"]]
                for name in ("settlement_amount", "revenue_amount", "fee_tax_amount"):
                    assert summed(mine, name) == Decimal(row[name])
                for sku in mine:
                    assert_adds_up(sku)


def assert_adds_up(row: dict[str, Any]) -> None:
    named = parts(row)
    assert named == {name: Decimal(row[name]) for name in named}
    assert sum(named.values()) == Decimal(row["settlement_amount"])


@pytest.mark.parametrize("shop", [US, GB, DE])
def test_payments_are_what_their_statements_come_to(
    quiet: SimulatorServer, shop: tuple[int, int]
):
    till = Till(quiet, shop)
    statements, payments = till.statements(), till.payments(page_size="4")

    totals = [payment for payment in payments if payment["status"] != "FAILED"]
    assert len(totals) > 6
    for payment in totals:
        mine = [s for s in statements if s.get("payment_id") == payment["id"]]
        assert mine
        assert {s["payment_status"] for s in mine} == {payment["status"]}
        money = {n: Decimal(payment[n]["value"]) for n in payment
                 if n.endswith(("amount", "exchange"))}  # fmt: skip
        before = money["payment_amount_before_exchange"]
        assert money["settlement_amount"] == summed(mine, "settlement_amount")
        assert before == money["settlement_amount"] + money["reserve_amount"]
        paid = before * Decimal(payment["exchange_rate"])
        assert abs(paid - money["amount"]) <= CENT / 2
    home = {US: "USD", GB: "USD", DE: "EUR"}[shop]
    assert {p["amount"]["currency"] for p in payments} == {home}
    assert (payments[0]["exchange_rate"] == "1.000000") is (shop != GB)
    waiting = [s for s in statements if s["payment_status"] == "SETTLED"]
    assert all("payment_id" not in s for s in waiting)


def test_where_sellers_have_a_wallet_statements_go_into_it_and_are_withdrawn(
    quiet: SimulatorServer,
):
    till = Till(quiet, ID)
    till.later(days=0.5)
    statements, rows = till.statements(), till.withdrawals()

    credited = [row for row in rows if row["type"] == "SETTLE"]
    paid = [s for s in statements if s["payment_status"] == "PAID"]
    assert till.payments() == []
    assert len(credited) == len(paid) > 15
    assert summed(credited, "amount") == summed(paid, "settlement_amount")
    out = till.withdrawals("WITHDRAW")
    ended = [row for row in out if row["status"] != "FAILED"]
    assert 0 < summed(ended, "amount") <= summed(credited, "amount")
    assert {row["status"] for row in out} <= {"PROCESSING", "SUCCESS", "FAILED"}
    assert Till(quiet, US).withdrawals() == []


def test_windows_and_filters_choose_statements_and_payments(till: Till):
    statements, payments = till.statements(), till.payments()
    start, end = statements[3]["statement_time"], statements[9]["statement_time"]
    window = {"statement_time_ge": str(start), "statement_time_lt": str(end)}

    assert till.statements(**window) == statements[3:9]
    newest = till.get(STATEMENTS, sort_field="statement_time", page_size="2")
    assert newest["statements"] == statements[:-3:-1]
    assert len(till.get(STATEMENTS, sort_field="statement_time")["statements"]) == 20
    for status in ("PAID", "FAILED", "PROCESSING", "SETTLED"):
        chosen = [s for s in statements if s["payment_status"] == status]
        assert till.statements(payment_status=status) == chosen
    since = {"create_time_ge": str(payments[2]["create_time"])}
    assert till.payments(**since) == payments[2:]
    until = {"create_time_lt": str(payments[2]["create_time"])}
    assert till.payments(**until) == payments[:2]


def test_what_is_asked_wrongly_is_refused(till: Till):
    sort = {"sort_field": "statement_time"}
    own = till.statements()[0]["id"]
    rows = f"/finance/202501/statements/{own}/statement_transactions"

    for path in (STATEMENTS, rows, PAYMENTS, UNSETTLED):
        assert till.code(path) == 36009004  # without sort_field
        assert till.code(path, sort_field="id") == 36009004
    for wrong in (
        {"page_size": "0"},
        {"page_size": "101"},
        {"sort_order": "asc"},
        {"page_token": "bm9wZQ=="},
        {"statement_time_ge": "yesterday"},
        {"payment_status": "LOST"},
    ):
        assert till.code(STATEMENTS, **(sort | wrong)) == 36009004
    assert till.code(WITHDRAWALS) == 36009004
    assert till.code(WITHDRAWALS, types="WITHDRAW,GIFT") == 36009004
    other = Till(till.server, ID).statements()[0]["id"]
    theirs = f"/finance/202501/statements/{other}/statement_transactions"
    assert till.code(theirs, sort_field="order_create_time") == 36009004
    # A token belongs to the filters it was made for.
    page = till.get(STATEMENTS, page_size="1", **sort)
    token = {"page_token": page["next_page_token"], "statement_time_ge": "5"}
    assert till.code(STATEMENTS, page_size="1", **sort, **token) == 36009004


def test_old_versions_and_missing_scopes_are_refused(till: Till):
    own = till.statements()[0]["id"]
    for path in (
        f"/finance/202309/statements/{own}/statement_transactions",
        "/finance/202309/orders/1/statement_transactions",
    ):
        reply = till.caller.send("GET", path, till.query).json()
        assert (reply["code"], reply["data"]) == (36009014, None)
    assert till.caller.code("GET", STATEMENTS, {"sort_field": "x"}) == 106013
    few = connect(till.server, 0, scopes=["seller.order.info"])
    query = {"shop_cipher": few.cipher(), "sort_field": "statement_time"}
    assert few.code("GET", STATEMENTS, query) == 105005


def test_an_order_is_unsettled_until_a_statement_tells_of_it(quiet: SimulatorServer):
    till = Till(quiet, GB)
    made = {"shop_id": till.shop["id"], "status": "DELIVERED"}
    order_id = quiet.control("orders", made)["id"]
    (expected,) = [r for r in till.unsettled() if r.get("order_id") == order_id]

    nothing = till.order(order_id)
    assert (nothing["total_count"], nothing["sku_transactions"]) == (0, [])
    assert nothing["settlement_amount"] == "0.00"
    assert expected["status"] == "UNSETTLED"
    till.later(days=7.99)
    assert order_id in [row.get("order_id") for row in till.unsettled()]
    till.later(days=1.01)

    settled = till.order(order_id)
    assert order_id not in [row.get("order_id") for row in till.unsettled()]
    assert settled["settlement_amount"] == expected["est_settlement_amount"]
    when = expected["estimated_settlement"]
    statements = till.statements()
    (statement,) = [s for s in statements if str(s["statement_time"]) == when]
    assert {r["statement_id"] for r in settled["sku_transactions"]} == {statement["id"]}


def test_a_refund_after_that_is_in_a_later_statement(quiet: SimulatorServer):
    till = Till(quiet, GB)
    made = {"shop_id": till.shop["id"], "status": "DELIVERED"}
    order_id = quiet.control("orders", made)["id"]
    till.later(days=10)
    first = till.order(order_id)
    quiet.control(f"orders/{order_id}/request_return", {"kind": "REFUND"})
    till.later(days=4)

    both = till.order(order_id)
    ids = [row["statement_id"] for row in both["sku_transactions"]]
    assert ids[0] != ids[-1]
    assert both["sku_transactions"][: first["total_count"]] == first["sku_transactions"]
    assert both["revenue_amount"] == "0.00"
    assert Decimal(first["fee_and_tax_amount"]) < 0
    assert both["fee_and_tax_amount"] == "0.00"
    later = next(s for s in till.statements() if s["id"] == ids[-1])
    (row,) = [r for r in till.transactions(later) if r.get("order_id") == order_id]
    assert Decimal(row["revenue_amount"]) == -Decimal(first["revenue_amount"])
    refunded = row["revenue_breakdown"]["refund_subtotal_before_discount_amount"]
    assert Decimal(refunded) < 0


def test_estimates_come_in_pages_and_have_sums(till: Till):
    till.control("adjustments", type="REBATE", amount="3.21")
    page = till.get(UNSETTLED, sort_field="order_create_time", page_size="3")
    rows = till.unsettled()

    assert page["total_count"] == len(rows) > 3
    assert page["transactions"] == rows[:3]
    for name in ("settlement", "revenue", "adjustment"):
        total = summed(rows, f"est_{name}_amount")
        assert Decimal(page[f"sum_est_{name}_amount"]) == total
    waits = {row["estimated_settlement"] for row in rows}
    assert "8 days after delivery" in waits
    assert any(text.isdigit() for text in waits)
    assert "REBATE" in {row["type"] for row in rows}


def test_an_adjustment_made_by_hand_is_in_the_statement_of_its_day(till: Till):
    order_id = next(r["order_id"] for r in till.unsettled() if "order_id" in r)
    made = till.control(
        "adjustments", type="CHARGE_BACK", amount="-12.90", order_id=order_id
    )
    till.later(days=1)

    statement = next(s for s in till.statements() if s["id"] == made["statement_id"])
    (row,) = [r for r in till.transactions(statement) if r["id"] == made["id"]]
    assert row["type"] == "CHARGE_BACK"
    assert row["adjustment_order_id"] == order_id
    assert row["adjustment_amount"] == row["settlement_amount"] == "-12.90"
    wrong = {"type": "REBATE", "amount": "1.005"}
    with pytest.raises(AssertionError, match="more than 2 decimals"):
        till.control("adjustments", **wrong)


@pytest.mark.parametrize("what", ["payment", "statement", "transaction", "sku"])
def test_a_cent_taken_away_shows_alone(till: Till, what: str):
    payment, (statement, row) = till.payments()[0], newest_order(till)
    sku = sku_of(till, statement, row)
    id = {"payment": payment["id"], "statement": statement["id"]}.get(what, row["id"])
    more = {"sku_id": sku["sku_id"]} if what == "sku" else {}
    before = {"payment": payment, "statement": statement, "transaction": row,
              "sku": sku}  # fmt: skip

    till.server.control("money/spoil", {"what": what, "id": id} | more)

    after = {
        "payment": till.payments()[0],
        "statement": newest_order(till)[0],
        "transaction": newest_order(till)[1],
        "sku": sku_of(till, statement, row),
    }
    changed = [name for name in before if before[name] != after[name]]
    assert changed == [what]
    field = "amount" if what == "payment" else "settlement_amount"
    (old, new) = (
        Decimal(one[field]["value"] if what == "payment" else one[field])
        for one in (before[what], after[what])
    )
    assert old - new == CENT
    till.server.control("money/spoil", {"what": what, "id": id, "by": 0} | more)
    assert till.payments()[0] == payment


def newest_order(till: Till) -> tuple[Json, Json]:
    """A statement that tells of an order, and its row."""
    for statement in reversed(till.statements()):
        for row in till.transactions(statement):
            if row["type"] == "ORDER":
                return statement, row
    raise AssertionError("nothing is settled")


def sku_of(till: Till, statement: Json, row: Json) -> Json:
    rows: list[Json] = till.order(row["order_id"])["sku_transactions"]
    return next(one for one in rows if one["statement_id"] == statement["id"])


def test_a_payout_can_fail_or_come_late(quiet: SimulatorServer):
    till = Till(quiet, GB)
    till.later(days=7 - quiet.control("clock")["now"] / DAY % 7)  # on a Thursday
    planned = till.control("payouts/fail")["next_payout"]
    now = quiet.control("clock")["now"]
    till.later(days=(planned["monday"] - now) / DAY + 0.5)  # it has failed by then

    failed = till.payments()[-1]
    assert failed["status"] == "FAILED"
    assert "paid_time" not in failed
    mine = [s for s in till.statements() if s.get("payment_id") == failed["id"]]
    assert {s["payment_status"] for s in mine} == {"FAILED"}
    till.later(days=2)
    again = till.payments()[-1]
    assert again["id"] != failed["id"]
    assert again["status"] == "PROCESSING"
    assert again["amount"]["value"] != "0.00"
    till.control("payouts/delay", days=5)
    till.later(days=3)
    assert till.payments(page_size="1")[-1]["status"] == "PROCESSING"
    till.later(days=4)
    (late,) = [p for p in till.payments() if p["id"] == again["id"]]
    assert late["status"] == "PAID"
    assert late["paid_time"] > again["create_time"] + 6 * DAY
    moved = [s for s in till.statements() if s.get("payment_id") == again["id"]]
    assert [s["id"] for s in moved] == [s["id"] for s in mine]
    with pytest.raises(AssertionError, match="under way"):
        till.control("payouts/fail", payout_id=again["id"])
