"""Pages of money: what stands on them, who sees them, and in how many queries."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from apps.finance.models import ExchangeRate, Payment, ShopFinanceSettings, Statement
from apps.finance.services.coverage import note_covered
from apps.finance.services.payouts import ingest_unsettled
from apps.integrations.contracts import PayoutStatus, SettlementKind, Source
from apps.orders.models import Order
from apps.users.models import AuditEntry
from tests.factories.finance import (
    DAY,
    SETTLED,
    D,
    amounts,
    make_payment,
    make_statement,
    make_unsettled,
    remote_settlement,
    remote_unsettled,
)
from tests.factories.orders import make_order
from tests.factories.platforms import MANAGER, make_shop
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db
STATEMENTS = reverse("admin:finance_statement_changelist")
PAYOUTS = reverse("admin:finance_payment_changelist")
LINES = reverse("admin:finance_settlementtransaction_changelist")
UNSETTLED = reverse("admin:finance_unsettledtransaction_changelist")


@pytest.fixture
def shop():
    return make_shop(name="Kuala", region="MY")


@pytest.fixture
def analyst(shop):
    return make_user(clients=[shop.client], permissions=["view_analytics"])


@pytest.fixture
def signed_in(client, analyst):
    client.force_login(analyst)
    return client


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def csv(response):
    return b"".join(response.streaming_content).decode()


def test_the_list_says_of_each_statement_whether_it_adds_up(signed_in, shop):
    make_statement(shop, remote_settlement(), remote_id="7301")
    make_statement(
        shop,
        remote_settlement("5802", statement_id="7302", amounts=amounts("89.84")),
        remote_id="7302",
    )

    page = text(signed_in.get(STATEMENTS))
    only_off = text(signed_in.get(f"{STATEMENTS}?tab=off"))

    assert "Adds up" in page
    assert "Off by MYR -0.01" in page
    assert "1 line does not add up" in page
    assert only_off.count("21 Sep 2026") == 1


def test_a_statement_shows_where_the_money_went(signed_in, shop):
    order = make_order(shop=shop, remote_id="5801")
    adjustment = remote_settlement(
        kind=SettlementKind.ADJUSTMENT,
        type_text="LOGISTICS_REIMBURSEMENT",
        subject_id="44",
        remote_id="2",
        amounts=amounts("0.50", None, None, None, "0.50"),
    )
    statement = make_statement(
        shop,
        remote_settlement(),
        adjustment,
        remote_id="7301",
        amounts=amounts("90.35", "104", "-4.15", "-10", "0.50", named=()),
    )

    address = reverse("admin:finance_statement_change", args=[statement.pk])
    page = text(signed_in.get(address))

    for words in ("Platform commission", "MYR -9.00", "Logistics reimbursement", "VAT"):
        assert words in page
    assert reverse("admin:orders_order_change", args=[order.pk]) in page
    assert "part-bar cost" in page
    assert "Off by" not in page


def test_payouts_say_what_is_owed_and_what_of_it_is_late(signed_in, shop):
    now = timezone.now()
    make_statement(
        shop, statement_at=now - 9 * DAY, payment_status=PayoutStatus.SETTLED
    )
    make_statement(shop, statement_at=now - DAY, payment_status=PayoutStatus.PROCESSING)
    make_statement(shop, statement_at=now - DAY, payment_status=PayoutStatus.PAID)
    make_unsettled(shop)
    note_covered(shop, now - 60 * DAY)
    late = make_order(
        shop=shop, remote_id="580077", status=Order.Status.DELIVERED, total_amount=D(40)
    )
    Order.objects.filter(pk=late.pk).update(delivered_at=now - 20 * DAY)
    make_payment(shop, difference_amount=D("0.01"), is_off=True)

    page = text(signed_in.get(PAYOUTS))

    for words in (
        "MYR 179.70",  # two statements
        "MYR 33.00",
        "MYR 212.70",
        "Late payouts",
        "580077",
        "Off by MYR +0.01",
    ):
        assert words in page


def test_days_after_which_money_is_late_are_set_shop_by_shop(client, shop):
    manager = make_user(clients=[shop.client], permissions=[*MANAGER, "view_analytics"])
    client.force_login(manager)
    assert "Days from delivery" in text(client.get(f"{PAYOUTS}?shop={shop.pk}"))
    address = reverse("admin:finance_payment_waits")
    asked = {"shop": shop.pk, "holding_days": 4, "payout_days": 3}

    client.post(address, asked)
    client.post(address, asked | {"payout_days": 0})

    row = ShopFinanceSettings.objects.get(shop=shop)
    assert (row.holding_days, row.payout_days) == (4, 3)
    assert AuditEntry.objects.filter(verb="changed when money is late").count() == 1


def test_who_may_not_change_the_shop_cannot_set_days(signed_in, shop):
    asked = {"shop": shop.pk, "holding_days": 4, "payout_days": 3}

    answer = signed_in.post(reverse("admin:finance_payment_waits"), asked)

    assert answer.status_code == 404
    assert not ShopFinanceSettings.objects.exists()


def test_a_sum_in_one_currency_names_its_rates_and_what_it_left_out(
    signed_in, shop, analyst
):

    other = make_shop(shop.client, region="VN")
    today = timezone.now().date()
    for currency, rate in (("MYR", "5"), ("USD", "1.25")):
        ExchangeRate.objects.create(
            on=today, currency=currency, per_euro=D(rate), source="ecb"
        )
    make_unsettled(shop)
    make_unsettled(other, settlement_amount=D(700_000))

    page = text(signed_in.get(f"{PAYOUTS}?base=usd"))

    assert "USD 8.25" in page
    assert f"MYR of {today:%d %b %Y}" in page
    assert "VND 700,000" in page
    assert "Left out" in page


def test_an_order_shows_its_settlements_beside_what_was_expected(signed_in, shop):
    order = make_order(shop=shop, remote_id="5801")
    line = order.lines.get()
    price = line.original_amount - line.seller_discount_amount
    make_statement(
        shop,
        remote_settlement(
            amounts=amounts("26.00", f"{price - 4}", "0", f"{30 - price}")
        ),
        remote_id="7301",
    )
    ingest_unsettled(shop, [remote_unsettled("5801")], Source.API, SETTLED)

    address = reverse("admin:orders_order_change", args=[order.pk])
    page = text(signed_in.get(address))

    assert "Settlement" in page
    assert f'Revenue expected</td><td class="number">MYR {price:.2f}' in page
    assert "MYR 4.00 less" in page


def test_an_order_that_should_have_been_settled_says_so(signed_in, shop):
    order = make_order(shop=shop, remote_id="5801", status=Order.Status.DELIVERED)
    Order.objects.filter(pk=order.pk).update(
        delivered_at=timezone.now() - timedelta(days=16)
    )
    address = reverse("admin:orders_order_change", args=[order.pk])
    assert "nothing has been settled" not in text(signed_in.get(address))

    note_covered(shop, timezone.now() - 60 * DAY)

    assert "nothing has been settled" in text(signed_in.get(address))


def test_whoever_processes_orders_alone_sees_no_settlements(client, shop):
    order = make_order(shop=shop, remote_id="5801")
    make_statement(shop, remote_settlement(), remote_id="7301")
    client.force_login(make_user(clients=[shop.client], permissions=["process_orders"]))

    address = reverse("admin:orders_order_change", args=[order.pk])

    assert 'id="settlements"' not in text(client.get(address))
    assert client.get(STATEMENTS).status_code == 403


def test_another_clients_money_is_nowhere(signed_in):
    other = make_shop(name="Elsewhere")
    statement = make_statement(other, remote_settlement(), remote_id="7301")
    make_unsettled(other)
    make_payment(other)

    for address in (STATEMENTS, PAYOUTS, LINES, UNSETTLED):
        assert "Elsewhere" not in text(signed_in.get(address))
        assert "Elsewhere" not in csv(signed_in.get(f"{address}export/"))
    address = reverse("admin:finance_statement_change", args=[statement.pk])
    assert signed_in.get(address).status_code == 302


def test_files_hold_what_the_lists_show(signed_in, shop):
    make_statement(shop, remote_settlement(), remote_id="7301")
    make_payment(shop, remote_id="3901")
    make_unsettled(shop, subject_id="5999")

    assert "7301" in csv(signed_in.get(f"{STATEMENTS}export/?tab=all"))
    assert "7301" not in csv(signed_in.get(f"{STATEMENTS}export/?tab=off"))
    assert "89.8500" in csv(signed_in.get(f"{LINES}export/?q=5801"))
    assert "3901" in csv(signed_in.get(f"{PAYOUTS}export/"))
    assert "5999" in csv(signed_in.get(f"{UNSETTLED}export/"))


@pytest.mark.parametrize("address", [STATEMENTS, PAYOUTS, LINES, UNSETTLED])
def test_a_longer_list_takes_no_more_queries(
    signed_in, shop, address, django_assert_max_num_queries
):
    def fill(number):
        for each in range(number):
            key = f"{number}{each}"
            make_statement(
                shop, remote_settlement(key, statement_id=key), remote_id=key
            )
            make_payment(shop)
            make_unsettled(shop)

    fill(2)
    signed_in.get(address)
    with django_assert_max_num_queries(36) as few:
        signed_in.get(address)
    fill(9)
    with django_assert_max_num_queries(len(few)):
        signed_in.get(address)


def test_empty_pages_say_why_and_filtered_ones_how_to_go_back(signed_in, shop):
    assert "No settlements yet" in text(signed_in.get(STATEMENTS))
    assert "Nothing is owed" in text(signed_in.get(PAYOUTS))
    with time_machine.travel(SETTLED + DAY, tick=False):
        make_statement(shop, remote_settlement(), remote_id="7301")
    page = text(signed_in.get(f"{STATEMENTS}?since=2027-01-01"))
    assert "No settlements match these filters" in page
    assert Statement.objects.count() == 1
    assert not Payment.objects.exists()
