"""Money is pulled once, goes on where it broke off, and says what it could not read."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command

from apps.finance.models import (
    Payment,
    SettlementSku,
    SettlementTransaction,
    Statement,
    UnsettledTransaction,
    Withdrawal,
)
from apps.integrations.contracts import (
    PaymentPage,
    PayoutStatus,
    RemoteWithdrawal,
    SettlementPage,
    SkuSettlements,
    StatementPage,
    StatementTotals,
    UnsettledPage,
    WithdrawalPage,
)
from apps.integrations.errors import PlatformUnavailable, RequestRefused
from apps.sync.models import Resource, SyncCursor, SyncRun
from apps.sync.services.due import is_due
from apps.sync.services.finance import pull_finance
from apps.sync.services.retrying import retry_failed
from apps.sync.services.windows import position_of
from apps.users.services.audit import By
from tests.factories.finance import (
    DAY,
    SETTLED,
    D,
    amounts,
    remote_payment,
    remote_settlement,
    remote_sku,
    remote_statement,
    remote_unsettled,
)
from tests.factories.orders import make_order
from tests.factories.platforms import make_shop

pytestmark = pytest.mark.django_db
NOW = SETTLED + 5 * DAY
COMMAND = SyncRun.Trigger.COMMAND


@dataclass
class Bank:
    """A platform that has settled some orders; `fails` is asked before each call."""

    statements: list[Any] = field(default_factory=list)
    lines: dict[Any, Any] = field(default_factory=dict)
    unsettled: list[Any] = field(default_factory=list)
    payments: list[Any] = field(default_factory=list)
    withdrawals: list[Any] = field(default_factory=list)
    malformed: tuple[Any, ...] = ()
    asked: list[Any] = field(default_factory=list)
    fails: dict[Any, Any] = field(default_factory=dict)
    page_size: int = 2

    def _called(self, name, *about):
        self.asked.append((name, *about))
        if error := self.fails.get(name):
            raise error

    def search_statements(self, since, until, *, page_token=""):
        self._called("statements", since, until)
        found = [s for s in self.statements if since <= s.statement_at < until]
        return StatementPage(*self._page(found, page_token))

    def statement_settlements(self, statement, *, page_token=""):
        self._called("lines", statement.remote_id)
        found = self.lines.get(statement.remote_id, [])
        rows, token = self._page(found, page_token)
        totals = StatementTotals(D(0), statement.amounts.settlement)
        return SettlementPage(rows, token, len(found), totals, self.malformed)

    def order_settlements(self, order_id):
        self._called("skus", order_id)
        return SkuSettlements((remote_sku(),))

    def search_unsettled(self, since=None, until=None, *, page_token=""):
        self._called("unsettled")
        return UnsettledPage(*self._page(self.unsettled, page_token))

    def search_payments(self, since, until, *, page_token=""):
        self._called("payments")
        found = [p for p in self.payments if since <= p.created_at < until]
        return PaymentPage(*self._page(found, page_token))

    def search_withdrawals(self, since, until, *, types=(), page_token=""):
        self._called("withdrawals")
        found = [w for w in self.withdrawals if since <= w.created_at < until]
        return WithdrawalPage(*self._page(found, page_token))

    def _page(self, rows, token):
        start = int(token or 0)
        end = start + self.page_size
        return tuple(rows[start:end]), str(end) if end < len(rows) else ""

    def count(self, name):
        return sum(call[0] == name for call in self.asked)


@pytest.fixture
def shop():
    with time_machine.travel(NOW, tick=False):
        yield make_shop(region="GB")


@pytest.fixture
def bank():
    orders = [remote_settlement(str(5801 + n), currency="GBP") for n in range(3)]
    total = amounts("269.55", "312.00", "-12.45", "-30.00", named=())
    return Bank(
        statements=[remote_statement(currency="GBP", amounts=total)],
        lines={"7301": orders},
        unsettled=[remote_unsettled(), remote_unsettled("5902")],
        payments=[],
        withdrawals=[
            RemoteWithdrawal("1", "WITHDRAW", "SUCCESS", D(-5), "GBP", SETTLED + DAY)
        ],
    )


def pull(shop, bank, **options):
    return pull_finance(shop, trigger=COMMAND, client=bank, **options)


def test_all_of_a_shops_money_is_here_after_one_pull(shop, bank):
    order = make_order(shop=shop, remote_id="5802")

    run = pull(shop, bank)

    statement = Statement.objects.get()
    assert run.state == SyncRun.State.DONE
    assert (run.read, run.new, run.failed) == (7, 7, 0)
    assert (statement.difference_amount, statement.rows_difference_amount) == (0, 0)
    assert statement.transactions.count() == 3
    assert order.settlements.get().settlement_amount == D("89.85")
    assert SettlementSku.objects.count() == 3
    assert UnsettledTransaction.objects.open().count() == 2
    assert Withdrawal.objects.count() == 1
    assert position_of(shop, Resource.FINANCE) == NOW
    assert not is_due(shop, Resource.FINANCE, NOW + timedelta(hours=11))


def test_a_second_pull_asks_for_what_is_not_paid_and_changes_nothing(shop, bank):
    pull(shop, bank)
    bank.asked.clear()

    run = pull(shop, bank)

    assert (run.new, run.updated, run.same) == (0, 0, 4)
    assert bank.count("lines") == bank.count("skus") == 0
    [(_, since, _)] = [call for call in bank.asked if call[0] == "statements"]
    assert since == SETTLED - 2 * DAY
    with time_machine.travel(NOW + 40 * DAY, tick=False):
        pull(shop, bank)
        bank.asked.clear()
        pull(shop, bank)
    since = next(call[1] for call in bank.asked if call[0] == "statements")
    assert since == SETTLED  # still being paid


def test_a_payment_is_linked_and_compared(shop, bank):
    earlier = remote_statement("7300", statement_at=SETTLED - DAY, currency="GBP")
    bank.statements = [earlier, replace(bank.statements[0], payment_id="3901")]
    bank.payments = [
        remote_payment(
            currency="GBP",
            settlement_currency="GBP",
            settlement=D("269.54"),
            reserve=None,
            before_exchange=D("269.54"),
            amount=D("269.54"),
        )
    ]

    pull(shop, bank)

    payment = Payment.objects.get()
    assert payment.statements.get().remote_id == "7301"
    assert payment.difference_amount == 0
    assert (payment.statements_difference_amount, payment.is_off) == (D("0.01"), True)


def test_south_east_asia_is_not_asked_for_payments(bank):
    with time_machine.travel(NOW, tick=False):
        pull(make_shop(region="MY"), bank)

    assert bank.count("payments") == 0
    assert bank.count("withdrawals") > 0


def test_sku_rows_have_a_budget_and_are_gone_on_with(shop, bank):
    pull(shop, bank, order_calls=2)
    assert bank.count("skus") == 2

    pull(shop, bank, order_calls=2)
    pull(shop, bank, order_calls=2)

    assert bank.count("skus") == 3


def test_a_pull_that_ends_in_the_middle_is_completed_by_the_next(shop, bank):
    bank.fails = {"lines": PlatformUnavailable("TikTok Shop does not answer.")}
    with pytest.raises(PlatformUnavailable):
        pull(shop, bank)
    assert Statement.objects.to_read().count() == 1
    assert not Statement.objects.off().exists()

    bank.fails = {}
    pull(shop, bank)

    assert not Statement.objects.to_read().exists()
    assert SettlementTransaction.objects.count() == 3


def test_what_a_shop_refuses_is_noted_and_the_rest_goes_on(shop, bank):
    bank.fails = {"payments": RequestRefused("The merchant does not exist.")}

    run = pull(shop, bank)

    assert run.state == SyncRun.State.PARTLY
    assert "payments could not be read" in run.first_error
    assert Withdrawal.objects.count() == 1
    assert UnsettledTransaction.objects.count() == 2


def test_what_leaves_the_list_is_closed_unless_some_of_it_was_unreadable(shop, bank):
    pull(shop, bank)
    bank.unsettled = bank.unsettled[1:]

    with time_machine.travel(NOW + DAY, tick=False):
        pull(shop, bank)

    assert UnsettledTransaction.objects.open().get().subject_id == "5902"


def test_a_line_that_cannot_be_read_is_told_and_asked_for_again(shop, bank):
    bank.malformed = (("9", "revenue_amount is not an amount"),)
    run = pull(shop, bank)
    assert run.failed > 0
    assert set(run.issues.values_list("remote_id", flat=True)) == {"7301"}

    bank.malformed = ()
    done = retry_failed(run, By(process="a test"), client=bank)

    assert (done.tried, done.failing) == (1, {})
    run.refresh_from_db()
    assert run.state == SyncRun.State.DONE


def test_a_statement_that_changes_brings_its_new_lines(shop, bank):
    pull(shop, bank)
    more = amounts("359.40", "416", "-16.60", "-40", named=())
    paid = PayoutStatus.PAID
    bank.statements = [replace(bank.statements[0], amounts=more, payment_status=paid)]
    bank.lines["7301"].append(remote_settlement("5899", currency="GBP"))

    pull(shop, bank)

    statement = Statement.objects.get()
    assert statement.transactions.count() == 4
    assert (statement.payment_status, statement.is_off) == ("paid", False)


def test_a_dry_run_writes_nothing_but_the_run(shop, bank):
    run = pull(shop, bank, dry_run=True)

    assert (run.new, run.read) == (3, 3)
    assert not Statement.objects.exists()
    assert not UnsettledTransaction.objects.exists()
    assert position_of(shop, Resource.FINANCE) is None


def test_the_command_tells_what_it_read(shop, bank, monkeypatch):
    monkeypatch.setattr(
        "apps.sync.services.finance.client_for", lambda *args, **kwargs: bank
    )
    out = StringIO()

    call_command("sync_finance", shop=[str(shop.pk)], no_progress=True, stdout=out)

    assert "Read" in out.getvalue()
    assert str(shop) in out.getvalue()
    assert Statement.objects.count() == 1


def test_a_shop_without_orders_is_not_asked_yet(shop):
    assert not is_due(shop, Resource.FINANCE, NOW)
    SyncCursor.objects.create(shop=shop, resource=Resource.ORDERS, position=NOW)
    assert is_due(shop, Resource.FINANCE, NOW)
