"""Statements and their lines: taken in once, from whoever tells, and added up."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from apps.finance.models import (
    SettlementComponent,
    SettlementSku,
    SettlementTransaction,
    Statement,
    UnsettledTransaction,
)
from apps.finance.services.linking import link_orders
from apps.finance.services.payouts import (
    close_unlisted,
    ingest_payments,
    ingest_unsettled,
    preview_unsettled,
)
from apps.finance.services.reconciling import reconcile_payments
from apps.finance.services.settlements import (
    ingest_settlements,
    preview_settlements,
    store_skus,
)
from apps.finance.services.statements import (
    ingest_statements,
    note_transactions_read,
    preview_statements,
)
from apps.integrations.contracts import (
    PayoutStatus,
    SettlementKind,
    Source,
    StatementTotals,
)
from apps.orders.services.results import IngestResult
from tests.factories.finance import (
    DAY,
    NAMED,
    SETTLED,
    amounts,
    make_statement,
    of_file,
    remote_payment,
    remote_settlement,
    remote_sku,
    remote_statement,
    remote_unsettled,
)
from tests.factories.orders import make_order
from tests.factories.platforms import make_shop

pytestmark = pytest.mark.django_db
D = Decimal
NOTHING_NEW = IngestResult(same=1)


@pytest.fixture
def shop():
    return make_shop()


def only():
    return SettlementTransaction.objects.get()


def test_a_line_is_kept_with_its_parts_by_name_and_twice_is_once(shop):
    order = make_order(shop=shop, remote_id="5801")
    make_statement(shop, remote_settlement(), remote_id="7301")

    again = ingest_settlements(shop, [remote_settlement()] * 2, Source.API)

    row = only()
    assert again == IngestResult(same=2)
    assert (row.order, row.statement.remote_id) == (order, "7301")
    assert (row.settlement_amount, row.difference_amount) == (D("89.85"), 0)
    assert not row.is_off
    assert {c.name: c.amount for c in row.components.all()} == {
        each.name: each.amount for each in NAMED
    }


def test_a_statement_that_adds_up_has_no_difference(shop):
    statement = make_statement(shop, remote_settlement(), remote_id="7301")

    assert (statement.difference_amount, statement.rows_difference_amount) == (0, 0)
    assert not statement.is_off


def test_a_cent_taken_away_is_found_and_nothing_is_forced(shop):
    short = remote_settlement(amounts=amounts("89.84"))

    statement = make_statement(shop, short, remote_id="7301")

    row = only()
    assert (row.settlement_amount, row.difference_amount) == (D("89.84"), D("0.01"))
    assert statement.rows_difference_amount == D("-0.01")
    assert row.is_off
    assert statement.is_off
    assert list(Statement.objects.off()) == [statement]


def test_a_statement_whose_lines_are_missing_does_not_agree(shop):
    statement = make_statement(shop, remote_id="7301")

    assert statement.rows_difference_amount == D("-89.85")
    assert statement.is_off


def test_until_its_lines_are_read_nothing_is_said(shop):
    ingest_statements(shop, [remote_statement()])
    ingest_settlements(
        shop, [remote_settlement(amounts=amounts("1", "1", "0", "0"))], Source.API
    )

    statement = Statement.objects.get()

    assert statement.rows_difference_amount is None
    assert not statement.is_off


def test_a_reserve_is_not_settled_twice(shop):
    reserve = remote_settlement(
        "5801",
        kind=SettlementKind.RESERVE,
        subject_id="44",
        remote_id="2",
        amounts=amounts("0", None, None, None),
        reserve=D(-20),
    )

    statement = make_statement(
        shop,
        remote_settlement(),
        reserve,
        remote_id="7301",
        totals=StatementTotals(reserve=D(-20), payable=D("69.85")),
    )

    assert statement.rows_difference_amount == statement.difference_amount == 0
    other = make_statement(
        shop,
        remote_id="7302",
        amounts=amounts("0", "0", "0", "0"),
        totals=StatementTotals(reserve=D(-20), payable=D("-19.99")),
    )
    assert other.difference_amount == D("-0.01")


def test_a_file_and_the_api_tell_of_the_same_line(shop):
    ingest_settlements(shop, [of_file()], Source.FILE)
    make_statement(shop, remote_settlement(), remote_id="7301")

    again = ingest_settlements(shop, [of_file()], Source.FILE)
    newer_file = replace(of_file(), statement_id="7301")
    named = ingest_settlements(shop, [newer_file], Source.FILE)

    row = only()
    assert again == named == NOTHING_NEW
    assert (row.source, row.statement.remote_id) == ("api", "7301")
    assert row.key == "order 5801 7301"
    assert not row.is_off


def test_what_a_file_says_otherwise_is_kept_beside_the_apis_word(shop):
    make_statement(shop, remote_settlement(), remote_id="7301")
    otherwise = of_file(amounts=amounts("89.83", "103.98"))

    changed = ingest_settlements(shop, [otherwise], Source.FILE)

    row = only()
    assert changed == IngestResult(updated=1)
    assert (row.settlement_amount, row.file_amount) == (D("89.85"), D("89.83"))
    assert row.is_off
    ingest_settlements(shop, [of_file()], Source.FILE)
    assert (only().file_amount, only().is_off) == (None, False)


def test_an_order_settled_again_later_is_another_line(shop):
    refund = of_file(
        settled_at=SETTLED + 9 * DAY, amounts=amounts("-96", "-104", "0", "8")
    )

    ingest_settlements(shop, [of_file(), refund], Source.FILE)

    assert sorted(
        SettlementTransaction.objects.values_list("settlement_amount", flat=True)
    ) == [D("-96"), D("89.85")]


def test_two_lines_of_an_order_in_one_statement_are_told_apart_by_their_ids(shop):
    first, second = remote_settlement(), remote_settlement(remote_id="2")

    ingest_settlements(shop, [first], Source.API)
    ingest_settlements(shop, [first, second], Source.API)

    assert SettlementTransaction.objects.count() == 2


def test_of_a_files_fees_each_must_be_named(shop):
    shifted = of_file(amounts=amounts(named=NAMED[:4]))

    ingest_settlements(shop, [shifted], Source.FILE)

    assert (only().unnamed_amount, only().is_off) == (D("-1.00"), True)


def test_a_statement_that_changes_is_read_again(shop):
    make_statement(shop, remote_settlement(), remote_id="7301")
    paid = remote_statement(payment_status=PayoutStatus.PAID, payment_id="3901")

    assert ingest_statements(shop, [paid]) == IngestResult(updated=1)
    assert not Statement.objects.to_read().exists()
    assert ingest_statements(shop, [paid]) == NOTHING_NEW
    more = replace(paid, amounts=amounts("99.85", "114"))
    assert preview_statements(shop, [more]) == IngestResult(updated=1)
    ingest_statements(shop, [more])
    assert Statement.objects.to_read().count() == 1


def test_rows_that_cannot_be_kept_are_named_and_the_rest_is_stored(shop):
    rows = [
        remote_settlement("x" * 41),
        remote_settlement("5802", settled_at=None),
        remote_settlement("5803", amounts=amounts("1e15", None, None, None)),
        remote_settlement("5804"),
    ]

    result = ingest_settlements(shop, rows, Source.API)

    assert [key for key, _ in result.refused] == ["x" * 41, "5802", "5803"]
    assert only().subject_id == "5804"


def test_a_preview_counts_and_writes_nothing(shop):
    ingest_settlements(shop, [of_file()], Source.FILE)
    before = SettlementTransaction.objects.values().get()
    news = [of_file(), of_file("5802"), of_file(amounts=amounts("1"))]

    result = preview_settlements(shop, news, Source.FILE)

    assert (result.new, result.updated, result.same) == (1, 1, 1)
    assert SettlementTransaction.objects.values().get() == before


def test_skus_of_an_order_are_added_up_statement_by_statement(shop):
    make_statement(shop, remote_settlement(), remote_id="7301")
    halves = [
        remote_sku("1", amounts=amounts("50.00", "60", "-2", "-8")),
        remote_sku("2", amounts=amounts("39.84", "44", "-2.15", "-2")),
        remote_sku("3", statement_id="9999"),
    ]

    assert store_skus(shop, "5801", halves) == 1
    store_skus(shop, "5801", halves)

    row = only()
    assert row.skus.count() == 2
    assert (row.skus_difference_amount, row.is_off) == (D("-0.01"), True)
    assert not SettlementTransaction.objects.skus_to_read().exists()


def test_a_line_that_changes_has_its_skus_asked_for_again(shop):
    make_statement(shop, remote_settlement(), remote_id="7301")
    store_skus(shop, "5801", [remote_sku("1")])
    assert only().skus_difference_amount == 0
    more = remote_settlement(amounts=amounts("90.85", "105"))

    ingest_settlements(shop, [more], Source.API)

    assert SettlementTransaction.objects.skus_to_read().count() == 1
    assert (only().skus_difference_amount, only().is_off) == (None, False)


def test_an_order_that_comes_later_is_linked(shop):
    ingest_settlements(shop, [remote_settlement()], Source.API)
    ingest_unsettled(shop, [remote_unsettled()], Source.API, SETTLED)
    assert link_orders() == 0
    elsewhere = make_order(shop=make_shop(), remote_id="5801")
    orders = [make_order(shop=shop, remote_id=key) for key in ("5801", "5901")]

    assert (link_orders(), link_orders()) == (2, 0)

    assert only().order == orders[0] != elsewhere
    assert UnsettledTransaction.objects.get().order == orders[1]


def test_what_is_settled_is_no_longer_to_come_and_its_estimate_is_kept(shop):
    told = [remote_unsettled("5801"), remote_unsettled()]
    ingest_unsettled(shop, told, Source.API, SETTLED)
    assert preview_unsettled(shop, told, Source.API, SETTLED) == IngestResult(same=2)

    ingest_settlements(shop, [remote_settlement("5801")], Source.API)
    later = SETTLED + DAY
    ingest_unsettled(shop, [remote_unsettled("5902")], Source.API, later)
    gone = close_unlisted(shop, later)

    assert gone == 1
    assert [row.subject_id for row in UnsettledTransaction.objects.open()] == ["5902"]
    assert UnsettledTransaction.objects.count() == 3


def test_an_old_list_does_not_bring_back_what_was_settled(shop):
    ingest_settlements(shop, [remote_settlement("5801")], Source.API)

    ingest_unsettled(shop, [remote_unsettled("5801")], Source.FILE, SETTLED)

    assert not UnsettledTransaction.objects.open().exists()


def test_a_payment_is_compared_with_its_statements(shop):
    first = remote_statement("7300", statement_at=SETTLED - DAY)
    mine = [
        remote_statement("7301", payment_id="3901", amounts=amounts("60")),
        remote_statement("7302", payment_id="3901", amounts=amounts("29.84")),
    ]
    ingest_statements(shop, [first, *mine])

    ingest_payments(shop, [remote_payment()])
    assert ingest_payments(shop, [remote_payment()]) == NOTHING_NEW
    reconcile_payments(shop)

    [payment] = shop.payments.off()
    assert payment.statements.count() == 2
    assert payment.difference_amount == 0
    assert payment.statements_difference_amount == D("-0.01")


def test_of_the_first_payment_known_statements_may_be_from_before(shop):
    ingest_statements(
        shop, [remote_statement(payment_id="3901", amounts=amounts("60"))]
    )
    ingest_payments(shop, [remote_payment(), remote_payment("3902", amount=D("70"))])
    reconcile_payments(shop)

    first, other = shop.payments.order_by("remote_id")

    assert (first.statements_difference_amount, first.is_off) == (None, False)
    assert (other.difference_amount, other.is_off) == (D("-0.15"), True)


def test_what_a_file_alone_tells_makes_its_statement_known(shop):
    line = of_file(
        statement_id="7309",
        skus=(remote_sku("1", statement_id="7309"),),
    )

    ingest_settlements(shop, [line], Source.FILE)
    assert ingest_settlements(shop, [line], Source.FILE) == NOTHING_NEW

    statement = Statement.objects.get()
    assert (statement.source, statement.settlement_amount) == ("file", None)
    assert (SettlementSku.objects.count(), only().is_off) == (1, False)
    assert not Statement.objects.to_read().exists()
    ingest_statements(shop, [remote_statement("7309")])
    assert Statement.objects.to_read().count() == 1
    note_transactions_read(statement, StatementTotals())
    statement.refresh_from_db()
    assert statement.rows_difference_amount == 0


def test_a_thousand_lines_take_a_few_statements(shop, django_assert_max_num_queries):
    lines = [remote_settlement(str(5_000 + each)) for each in range(1_000)]

    with django_assert_max_num_queries(60):
        ingest_settlements(shop, lines, Source.API)

    assert SettlementComponent.objects.count() == 5_000
    assert timedelta(0) == only_settings(shop) - SETTLED


def only_settings(shop):
    return shop.finance_settings.covered_since
