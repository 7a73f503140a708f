"""Money: asked for with the right versions, read with all its parts."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.integrations.contracts import (
    AmountGroup,
    NamedAmount,
    PayoutStatus,
    SettlementKind,
    SettlementPage,
    SkuSettlements,
)
from apps.integrations.errors import NotFound, ScopeMissing
from apps.integrations.tiktok.settlements import (
    payment_page_from_json,
    settlement_page_from_json,
    statement_from_json,
    statement_page_from_json,
    unsettled_page_from_json,
)
from tests.integrations.tiktok.fakes import FakeSession, failure, make_client, success
from tests.integrations.tiktok.finance_payloads import (
    DAY,
    ORDER_ID,
    STATEMENT_ID,
    make_adjustment,
    make_payment,
    make_reserve,
    make_sku,
    make_statement,
    make_transaction,
    make_transactions,
    make_unsettled,
    make_withdrawal,
)
from tests.integrations.tiktok.odd_values import anything

SINCE = datetime.fromtimestamp(DAY, tz=UTC)
UNTIL = SINCE + timedelta(days=1)
STATEMENT = statement_from_json(make_statement())


def test_each_call_has_its_version_its_filters_and_its_pages():
    script = [
        {"statements": [make_statement()], "next_page_token": "p2"},
        make_transactions(make_transaction()),
        {"sku_transactions": [make_sku()]},
        {"transactions": [make_unsettled()], "total_count": 1},
        {"payments": [make_payment()]},
        {"withdrawals": [make_withdrawal()]},
    ]
    session = FakeSession(*map(success, script))
    client = make_client(session)

    statements = client.search_statements(SINCE, UNTIL, page_token="p1")
    client.statement_settlements(STATEMENT)
    client.order_settlements(ORDER_ID)
    client.search_unsettled()
    client.search_payments(SINCE, UNTIL)
    withdrawals = client.search_withdrawals(SINCE, UNTIL)

    paths = [sent.url.split("/finance/")[1] for sent in session.sent]
    assert paths == [
        "202309/statements",
        f"202501/statements/{STATEMENT_ID}/statement_transactions",
        f"202501/orders/{ORDER_ID}/statement_transactions",
        "202507/orders/unsettled",
        "202309/payments",
        "202309/withdrawals",
    ]
    assert all(sent.method == "GET" and not sent.body for sent in session.sent)
    assert all("shop_cipher" in sent.params for sent in session.sent)
    assert (
        session.sent[0].params.items()
        >= {
            "sort_field": "statement_time",
            "sort_order": "ASC",
            "statement_time_ge": str(DAY),
            "statement_time_lt": str(DAY + 86_400),
            "page_size": "100",
            "page_token": "p1",
        }.items()
    )
    assert session.sent[1].params["sort_field"] == "order_create_time"
    assert session.sent[5].params["types"].split(",")[0] == "WITHDRAW"
    assert statements.next_page_token == "p2"
    assert withdrawals.withdrawals[0].amount == Decimal("-67.35")


def test_an_empty_window_asks_nothing():
    client = make_client(FakeSession())

    assert client.search_statements(UNTIL, SINCE).statements == ()
    assert client.search_payments(UNTIL, SINCE).payments == ()
    assert client.search_withdrawals(UNTIL, SINCE).withdrawals == ()
    assert client.search_unsettled(UNTIL, SINCE).unsettled == ()


def test_a_statement_is_told_in_our_words():
    told = statement_from_json(make_statement(payment_status="Paid", payment_id="9"))

    assert (told.remote_id, told.currency) == (STATEMENT_ID, "GBP")
    assert told.statement_at == SINCE
    assert told.amounts.settlement == Decimal("87.35")
    assert told.amounts.fee_tax == Decimal("-10.00")
    assert (told.payment_status, told.payment_id) == (PayoutStatus.PAID, "9")


def test_the_parts_of_an_order_keep_their_names_also_those_nobody_knows():
    page = settlement_page_from_json(make_transactions(make_transaction()), STATEMENT)

    [told] = page.settlements
    assert (told.kind, told.order_id) == (SettlementKind.ORDER, ORDER_ID)
    assert told.settled_at == SINCE
    named = {(each.group, each.name): each.amount for each in told.amounts.named}
    assert named[AmountGroup.FEE, "moonlight_fee_amount"] == Decimal("-0.70")
    assert named[AmountGroup.TAX, "vat_amount"] == Decimal("-1.00")
    assert named[
        AmountGroup.SUPPLEMENTARY, "platform_shipping_fee_discount_amount"
    ] == Decimal(1)
    assert (AmountGroup.FEE, "referral_fee_amount") not in named  # a zero
    for group, total in (
        ((AmountGroup.REVENUE,), "104.00"),
        ((AmountGroup.SHIPPING,), "-4.15"),
        ((AmountGroup.FEE, AmountGroup.TAX), "-10.00"),
    ):
        parts = [each.amount for each in told.amounts.named if each.group in group]
        assert sum(parts) == Decimal(total)
    assert page.totals.payable == Decimal("67.35")


def test_an_adjustment_and_a_reserve_are_told_apart_from_orders():
    bare = make_adjustment(type="SOMETHING_NEW", settlement_amount=None)
    rows = make_transactions(make_adjustment(), bare, make_reserve())

    adjusted, new, reserve = settlement_page_from_json(rows, STATEMENT).settlements

    assert adjusted.kind is new.kind is SettlementKind.ADJUSTMENT
    assert adjusted.subject_id == "7303000000000000001"
    assert adjusted.order_id == ORDER_ID
    assert new.amounts.settlement == Decimal("-2.50")
    assert new.type_text == "SOMETHING_NEW"
    assert reserve.kind is SettlementKind.RESERVE
    assert (reserve.reserve, reserve.amounts.settlement) == (
        Decimal(-20),
        Decimal(0),
    )
    assert reserve.reserve_status == "COLLECTED"
    assert reserve.release_text == "14 days after delivery"


def test_a_line_without_an_amount_or_an_id_is_named_and_the_others_are_read():
    rows = make_transactions(
        make_transaction(settlement_amount="much"),
        make_transaction(id="2", order_id="", settlement_amount=None),
        make_transaction(id="3", order_id="31"),
        make_reserve(reserve_amount=None, id="4", reserve_id=""),
    )

    page = settlement_page_from_json(rows, STATEMENT)

    assert [each.order_id for each in page.settlements] == ["31"]
    assert [key for key, _ in page.malformed] == ["7302000000000000001", "2", "4"]


def test_an_order_that_is_not_settled_has_no_rows_and_that_is_no_error():
    session = FakeSession(success({"total_count": 0, "order_id": ORDER_ID}))

    assert make_client(session).order_settlements(ORDER_ID) == SkuSettlements(())


def test_an_estimate_says_when_as_a_date_or_in_words():
    words = make_unsettled(id="2", estimated_settlement="7 days after delivery")

    dated, worded = unsettled_page_from_json(
        {"transactions": [make_unsettled(), words]}
    ).unsettled

    assert dated.expected_at == SINCE + timedelta(days=5)
    assert (worded.expected_at, worded.expected_text) == (None, "7 days after delivery")
    assert dated.amounts.settlement == Decimal("40.00")
    assert dated.amounts.shipping == Decimal("-3.00")


def test_of_a_bank_account_four_characters_are_kept():
    [told] = payment_page_from_json({"payments": [make_payment()]}).payments

    assert told.bank_account_ends == "4421"
    assert (told.settlement, told.reserve) == (Decimal("87.35"), Decimal(-20))
    assert (told.before_exchange, told.exchange_rate) == (
        Decimal("67.35"),
        Decimal(1),
    )


def test_an_id_that_could_be_a_path_is_never_sent():
    session = FakeSession()

    with pytest.raises(NotFound):
        make_client(session).order_settlements("../orders")

    assert session.sent == []


def test_a_missing_permission_is_told_as_such():
    session = FakeSession(failure(105005, "no scope seller.finance.info"))

    with pytest.raises(ScopeMissing, match=r"seller\.finance\.info"):
        make_client(session).search_statements(SINCE, UNTIL)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(make_transaction())), anything))
def test_whatever_stands_in_a_row_it_is_read_or_named(odd):
    row = make_transaction() | odd

    page = settlement_page_from_json(make_transactions(row), STATEMENT)

    assert isinstance(page, SettlementPage)
    assert len(page.settlements) + len(page.malformed) == 1
    assert all(
        isinstance(n, NamedAmount) for s in page.settlements for n in s.amounts.named
    )


def test_a_statement_without_a_sum_is_named():
    page = statement_page_from_json(
        {"statements": [make_statement(settlement_amount=""), make_statement(id="2")]}
    )

    assert [each.remote_id for each in page.statements] == ["2"]
    assert page.malformed == ((STATEMENT_ID, "settlement_amount is missing"),)
