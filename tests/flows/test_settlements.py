"""A shop's money from the platform to our pages: all of it adds up, and a cent that
somebody takes away is found."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.finance.models import (
    Payment,
    SettlementSku,
    SettlementTransaction,
    Statement,
    UnsettledTransaction,
    Withdrawal,
)
from apps.finance.services.order_money import order_money
from apps.finance.services.owing import owed_by_shop
from apps.orders.models import Order
from apps.sync.models import SyncRun
from apps.sync.services.aftersales import pull_cancellations, pull_returns
from apps.sync.services.finance import pull_finance
from apps.sync.services.orders import pull_orders
from tests.factories.platforms import connect_simulator_shops
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db
# {region: (seller, shop) of the simulator}
SHOPS = {"US": (0, 0), "GB": (0, 1), "ID": (1, 0), "MY": (2, 0), "VN": (2, 2)}
DAYS = timedelta(days=30)


def connected(simulator, region):
    seller, place = SHOPS[region]
    shop = connect_simulator_shops(simulator, seller)[place]
    assert shop.region == region
    return shop


def pull(shop, **options):
    since = timezone.now() - DAYS
    asked: dict[str, Any] = {"since": since, "order_calls": 12} | options
    return pull_finance(shop, trigger=SyncRun.Trigger.COMMAND, **asked)


@pytest.mark.parametrize("region", SHOPS)
def test_payouts_reconcile_to_zero(simulator, region):
    simulator.control("rate_limit", {"per_second": 100_000})
    shop = connected(simulator, region)

    run = pull(shop)
    again = pull(shop)

    assert (run.state, run.failed) == (SyncRun.State.DONE, 0)
    assert (again.new, again.updated) == (0, 0)
    statements = Statement.objects.filter(shop=shop)
    assert statements.count() > 8
    assert not statements.filter(transactions_read_at=None).exists()
    assert set(statements.values_list("difference_amount", flat=True)) == {0}
    assert set(statements.values_list("rows_difference_amount", flat=True)) == {0}
    lines = SettlementTransaction.objects.filter(shop=shop)
    assert lines.of_orders().count() > 5
    assert set(lines.of_orders().values_list("difference_amount", flat=True)) == {0}
    named = {row.unnamed_amount for row in lines.of_orders()}
    assert named <= {0, None}
    assert SettlementSku.objects.filter(transaction__shop=shop).exists()
    assert not SettlementTransaction.objects.off().exists()
    assert UnsettledTransaction.objects.open().filter(shop=shop).exists()
    payments = Payment.objects.filter(shop=shop)
    assert not payments.off().exists()
    if region in ("US", "GB"):
        compared = payments.filter(statements_difference_amount=0)
        assert compared.count() >= 1
        assert set(payments.values_list("difference_amount", flat=True)) == {0}
    else:
        assert not payments.exists()
        assert Withdrawal.objects.filter(shop=shop).exists()
    [owed] = owed_by_shop([shop], timezone.now())
    assert owed.currency == shop.currency
    assert owed.expected == sum(
        UnsettledTransaction.objects.open().values_list("settlement_amount", flat=True)
    )


def test_a_cent_taken_away_is_found_wherever_it_was(simulator, client):
    simulator.control("rate_limit", {"per_second": 100_000})
    shop = connected(simulator, "GB")
    pull(shop)
    line = (
        SettlementTransaction.objects.of_orders()
        .filter(skus__isnull=False)
        .order_by("-settled_at")[0]
    )
    newest = Statement.objects.exclude(pk=line.statement_id)[0]
    paid = Payment.objects.filter(statements_difference_amount=0)[0]

    for what, remote_id in (
        ("transaction", line.remote_id),
        ("statement", newest.remote_id),
        ("payment", paid.remote_id),
    ):
        simulator.control("money/spoil", {"what": what, "id": remote_id})
    # What was read once is not read again unless its statement changes.
    Statement.objects.filter(pk=line.statement_id).update(transactions_read_at=None)
    run = pull(shop)

    assert run.failed == 0
    line.refresh_from_db()
    assert abs(line.difference_amount) == Decimal("0.01")
    assert {row.pk for row in Statement.objects.off()} == {
        line.statement_id,
        newest.pk,
    }
    [found] = Payment.objects.off()
    assert found == paid
    assert abs(found.difference_amount) == Decimal("0.01")
    client.force_login(make_user(clients=[shop.client], permissions=["view_analytics"]))
    page = client.get(reverse("admin:finance_statement_changelist") + "?tab=off")
    assert len(re.findall(r"Off by GBP [+-]0\.01", page.content.decode())) == 2


def test_a_payout_that_comes_late_is_owed_until_it_comes(simulator):
    simulator.control("rate_limit", {"per_second": 100_000})
    shop = connected(simulator, "GB")
    simulator.control(f"shops/{shop.remote_id}/payouts/fail", {})

    pull(shop)

    [owed] = owed_by_shop([shop], timezone.now() + timedelta(days=9))
    unpaid = Statement.objects.unpaid()
    assert owed.statements == unpaid.count() > 0
    assert owed.late_statements > 0
    assert owed.late > 0


def test_orders_bring_what_their_lines_say(simulator):
    simulator.control("rate_limit", {"per_second": 100_000})
    shop = connected(simulator, "GB")
    since = timezone.now() - 5 * DAYS
    for each in (pull_orders, pull_cancellations, pull_returns):
        each(shop, trigger=SyncRun.Trigger.COMMAND, since=since)
    pull(shop, since=timezone.now() - 2 * DAYS, order_calls=24)

    orders = Order.objects.filter(settlements__type="order").distinct()
    judged = [
        order_money(
            order, list(order.lines.all()), list(order.returns.all()), timezone.now()
        ).judgement
        for order in orders
    ]

    assert len(judged) > 10
    exact = [each for each in judged if each and each.expected.is_exact]
    assert len(exact) > 8
    assert [each for each in exact if each.revenue_gap] == []
