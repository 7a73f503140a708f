"""Settlements and payments for programs: exact, scoped, and in few queries."""

import pytest

from tests.api.support import Caller
from tests.factories.finance import (
    amounts,
    make_payment,
    make_statement,
    make_unsettled,
    remote_settlement,
)
from tests.factories.platforms import make_shop
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db
RESOURCES = ("statements", "settlement-transactions", "payments", "unsettled")


@pytest.fixture
def shop():
    return make_shop()


@pytest.fixture
def caller(shop):
    return Caller(make_user(clients=[shop.client], permissions=["view_analytics"]))


def results(response):
    assert response.status_code == 200
    return response.json()["results"]


def test_a_statement_is_told_to_the_cent_with_what_it_is_off_by(caller, shop):
    make_statement(shop, remote_settlement(), remote_id="7301")
    make_statement(
        shop,
        remote_settlement("5802", statement_id="7302", amounts=amounts("89.84")),
        remote_id="7302",
    )

    [off] = results(caller.get("statements/?is_off=true"))

    assert off["remote_id"] == "7302"
    assert off["settlement"] == {"amount": "89.85", "currency": "MYR"}
    assert off["lines_difference"] == {"amount": "-0.01", "currency": "MYR"}
    assert off["reserve"] is None


def test_a_line_alone_is_told_with_its_fees_by_name(caller, shop):
    statement = make_statement(shop, remote_settlement(), remote_id="7301")

    [line] = results(caller.get(f"settlement-transactions/?statement={statement.pk}"))
    whole = caller.get(f"settlement-transactions/{line['id']}/").json()

    assert "components" not in line
    assert {
        "group": "fee",
        "name": "platform_commission_amount",
        "amount": {"amount": "-9.00", "currency": "MYR"},
    } in whole["components"]
    assert whole["skus"] == []


def test_payments_and_estimates_are_told(caller, shop):
    make_payment(shop, remote_id="3901", settlement_currency="MYR")
    make_unsettled(shop)
    make_unsettled(shop, closed_at=shop.created_at)

    [payment] = results(caller.get("payments/"))

    assert payment["paid"] == {"amount": "69.85", "currency": "MYR"}
    assert len(results(caller.get("unsettled/?is_open=true"))) == 1
    assert len(results(caller.get("unsettled/"))) == 2


@pytest.mark.parametrize("resource", RESOURCES)
def test_lists_are_ones_own_and_take_few_queries(
    caller, shop, resource, django_assert_max_num_queries
):
    for place in (shop, make_shop()):
        for number in range(4):
            key = f"{place.pk}{number}"
            make_statement(
                place, remote_settlement(key, statement_id=key), remote_id=key
            )
            make_payment(place)
            make_unsettled(place)

    with django_assert_max_num_queries(8):
        rows = results(caller.get(f"{resource}/"))

    assert [row["shop"] for row in rows] == [shop.pk] * 4


@pytest.mark.parametrize("resource", RESOURCES)
def test_without_the_scope_or_the_role_nothing_is_told(shop, resource):
    user = make_user(clients=[shop.client], permissions=["view_analytics"])
    packer = make_user(clients=[shop.client], permissions=["process_orders"])
    make_statement(shop, remote_settlement(), remote_id="7301")
    make_payment(shop)
    make_unsettled(shop)

    assert Caller(user, ["orders:read"]).get(f"{resource}/").status_code == 403
    assert results(Caller(packer).get(f"{resource}/")) == []
