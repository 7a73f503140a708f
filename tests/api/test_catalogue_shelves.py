"""Categories, suppliers and price rules of a client."""

import pytest

from apps.users.roles import Role
from tests.api.catalogue import Catalogue, errors, make_catalogue, member
from tests.api.support import Caller, code, keys
from tests.api.world import World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world("Mangrove")


@pytest.fixture
def own(world) -> Catalogue:
    return make_catalogue(world)


@pytest.fixture
def foreign() -> Catalogue:
    return make_catalogue(make_world("Quokka"), "Quokka")


@pytest.fixture
def admin(world) -> Caller:
    return Caller(world.admin)


def test_categories_are_made_moved_and_deleted(world, own, foreign, admin):
    made = admin.post(
        "categories/",
        {"client": world.client.pk, "name": "Table", "parent": own.category.pk},
    )
    key = made.json()["id"]
    twice = admin.post(
        "categories/",
        {"client": world.client.pk, "name": "table", "parent": own.category.pk},
    )
    loop = admin.patch(f"categories/{own.category.pk}/", {"parent": key})
    within = admin.delete(f"categories/{own.category.pk}/")
    moved = admin.patch(f"categories/{key}/", {"parent": None})
    elsewhere = admin.patch(f"categories/{key}/", {"parent": foreign.category.pk})
    gone = admin.delete(f"categories/{own.category.pk}/")

    assert made.status_code == 201
    assert made.json()["parent"] == own.category.pk
    assert errors(twice) == {"name": "There is such a category already."}
    assert "within itself" in errors(loop)["parent"]
    assert code(within) == (409, "in_use")
    assert (moved.json()["parent"], moved.json()["name"]) == (None, "Table")
    assert errors(elsewhere) == {"parent": "There is nothing with this id."}
    assert gone.status_code == 204
    own.product.refresh_from_db()
    assert own.product.category is None


def test_suppliers_are_made_changed_and_kept_while_in_use(world, own, admin):
    made = admin.post(
        "suppliers/",
        {
            "client": world.client.pk,
            "name": "Harbour works",
            "minimum_order_amount": {"amount": "250", "currency": "usd"},
        },
    )
    key = made.json()["id"]
    changed = admin.patch(f"suppliers/{key}/", {"lead_time_days": 14})
    mixed = admin.patch(
        f"suppliers/{key}/",
        {
            "currency": "MYR",
            "minimum_order_amount": {"amount": "1", "currency": "USD"},
        },
    )
    taken = admin.patch(f"suppliers/{key}/", {"name": "LAMP WORKS"})

    assert made.status_code == 201
    assert changed.json()["minimum_order_amount"] == {
        "amount": "250.00",
        "currency": "USD",
    }
    assert changed.json()["lead_time_days"] == 14
    assert "minimum_order_amount" in errors(mixed)
    assert errors(taken) == {"name": "There is such a supplier already."}
    assert admin.delete(f"suppliers/{key}/").status_code == 204
    assert code(admin.delete(f"suppliers/{own.supplier.pk}/")) == (409, "in_use")


@pytest.mark.parametrize("code", ["", "MYR"])
def test_a_least_order_does_not_slip_into_another_currency(own, admin, code):
    address = f"suppliers/{own.supplier.pk}/"

    alone = admin.patch(address, {"currency": code})
    half = admin.patch(address, {"minimum_order_amount": {"amount": "1"}})

    assert errors(alone) == {"currency": "The least order is in USD: say it anew, too."}
    assert errors(half) == {"minimum_order_amount.currency": "This field is required."}
    own.supplier.refresh_from_db()
    assert own.supplier.currency == "USD"
    least = {"amount": "20", "currency": "MYR"}
    changed = admin.patch(address, {"minimum_order_amount": least}).json()
    assert changed["minimum_order_amount"] == least | {"amount": "20.00"}


def test_an_analyst_sees_suppliers_and_makes_none(world, own):
    analyst = member(world, Role.ANALYST)

    assert keys(analyst.get("suppliers/")) == [own.supplier.pk]
    answer = analyst.post("suppliers/", {"client": world.client.pk, "name": "Mine"})
    assert code(answer) == (403, "permission_denied")
    fulfilment = member(world, Role.ORDER_FULFILLMENT)
    answer = fulfilment.post("suppliers/", {"client": world.client.pk, "name": "Mine"})
    assert errors(answer) == {"client": "There is nothing with this id."}


def test_a_price_rule_is_tried_without_being_stored(world, own, admin):
    body = {
        "client": world.client.pk,
        "region": "MY",
        "base_currency": "usd",
        "rate": "4.7",
        "rate_on": "2026-01-01",
        "factor": "1.15",
        "round_to": "1",
        "ending": "0.10",
        "amounts": ["19.90", "0"],
    }

    tried = admin.post("price-rules/preview/", body)
    wrong = admin.post("price-rules/preview/", body | {"ending": "2", "rate": "0"})
    shop = admin.post("price-rules/preview/", body | {"shop": 987654321})

    assert tried.status_code == 200, tried.content
    first, nothing = tried.json()["results"]
    assert (first["base_amount"], first["amount"]) == ("19.9000", "107.90")
    assert "4.70" in first["words"]
    assert nothing["amount"] == "0.00"
    assert tried.json()["currency"] == "MYR"
    assert tried.json()["is_rate_old"] is True
    assert errors(wrong) == {"rate": "It is more than 0."}
    assert errors(shop) == {"shop": "There is nothing with this id."}
    (rule,) = admin.get("price-rules/").json()["results"]
    assert (rule["id"], rule["rate"], rule["is_rate_old"]) == (
        own.rule.pk,
        "4.7000000000",
        True,
    )


def test_the_largest_rule_that_holds_can_be_tried(world, admin):
    body = {
        "client": world.client.pk,
        "region": "ID",
        "base_currency": "USD",
        "rate": "9999999999.9999999999",
        "rate_on": "2026-01-01",
        "factor": "9999.9999",
        "amounts": ["99999999.9999"],
    }

    answer = admin.post("price-rules/preview/", body)

    assert answer.status_code == 200, answer.content
    assert len(answer.json()["results"][0]["amount"]) > 20
