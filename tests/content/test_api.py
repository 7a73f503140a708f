"""Creators and what they sold, for programs."""

from decimal import Decimal

import pytest

from apps.content.models import CreatorLogin
from apps.users.roles import Role
from tests.api.support import Caller
from tests.factories.content import (
    make_affiliate_order,
    make_creator,
    make_creator_account,
)
from tests.factories.platforms import make_shop
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db
RESOURCES = ("creators", "affiliate-orders", "creator-accounts")


@pytest.fixture
def shop():
    return make_shop(currency="MYR")


@pytest.fixture
def caller(shop):
    return Caller(make_user(clients=[shop.client], role=Role.ANALYST))


def results(response):
    assert response.status_code == 200, response.content
    return response.json()["results"]


def test_a_sale_is_told_with_its_parts_and_its_amounts_word_for_word(caller, shop):
    creator = make_creator(shop.client, open_id="creator-1")
    row = make_affiliate_order(
        shop,
        creator=creator,
        tax_amount=Decimal("0.5"),
        amount_texts={"estimated_paid_commission": "10.00 MYR"},
    )

    listed = results(caller.get("affiliate-orders/?settlement=to_settle"))
    told = caller.get(f"affiliate-orders/{row.pk}/").json()

    assert [one["id"] for one in listed] == [row.pk]
    assert listed[0]["estimated"] == {"amount": "10.00", "currency": "MYR"}
    assert (listed[0]["actual"], listed[0]["creator"]) == (None, creator.pk)
    assert Decimal(listed[0]["rate"]) == Decimal("0.1")
    assert told["amount_texts"] == {"estimated_paid_commission": "10.00 MYR"}
    assert told["tax"] == {"amount": "0.50", "currency": "MYR"}
    assert results(caller.get("affiliate-orders/?settlement=settled")) == []


def test_creators_are_found_by_name_and_accounts_by_state(caller, shop):
    creator = make_creator(shop.client)
    account = make_creator_account(shop.client)

    found = results(caller.get("creators/?username=@Rumah.Rapi"))

    assert [row["id"] for row in found] == [creator.pk]
    assert results(caller.get("creators/?username=nobody")) == []
    accounts = results(caller.get("creator-accounts/?state=connected"))
    assert [row["username"] for row in accounts] == [account.username]
    assert "token" not in str(accounts)


def test_a_creator_gets_their_own_and_others_get_nothing(shop):
    mine, other = make_creator(shop.client, "anna"), make_creator(shop.client, "budi")
    sale = make_affiliate_order(shop, creator=mine)
    theirs = make_affiliate_order(shop, creator=other)
    make_creator_account(shop.client)
    user = make_user(clients=[shop.client], role=Role.CREATOR_PARTNER)
    CreatorLogin.objects.create(creator=mine, user=user)
    caller = Caller(user)

    assert [row["id"] for row in results(caller.get("creators/"))] == [mine.pk]
    assert [r["id"] for r in results(caller.get("affiliate-orders/"))] == [sale.pk]
    assert results(caller.get("creator-accounts/")) == []
    assert caller.get(f"affiliate-orders/{theirs.pk}/").status_code == 404
    stranger = Caller(make_user(clients=[make_shop().client], role=Role.ADMIN))
    for resource in RESOURCES:
        assert results(stranger.get(f"{resource}/")) == []


@pytest.mark.parametrize("resource", RESOURCES)
def test_lists_take_the_same_few_questions(
    caller, shop, resource, django_assert_max_num_queries
):
    for number in range(12):
        creator = make_creator(shop.client, f"creator{number}")
        make_affiliate_order(shop, creator=creator)
        make_creator_account(shop.client, open_id=f"creator-{number}")

    with django_assert_max_num_queries(12):
        assert len(results(caller.get(f"{resource}/"))) == 12
