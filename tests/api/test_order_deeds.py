"""What the platform is asked about an order, and to do with it."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache

from apps.integrations.contracts import (
    Combinable,
    OrderStatus,
    RemoteTrackingStep,
    ShippingType,
)
from apps.orders.models import Order, OrderAction, OrderEvent
from apps.platforms.models import Shop
from apps.sync.services.actions import work_actions
from apps.sync.tasks import work_order_actions
from apps.users.models import AuditEntry
from tests.api.catalogue import errors
from tests.api.support import Caller, code
from tests.api.world import World, make_world
from tests.factories.orders import make_package
from tests.factories.platforms import make_shop
from tests.orders.order_pages import MOMENT, REASONS, PageShop, connected
from tests.sync.order_shop import no_answer

pytestmark = pytest.mark.django_db
ONE, TWO = "580000000000000001", "580000000000000002"
UNITS = [f"{ONE}0{number}" for number in (1, 2)]


@pytest.fixture
def world() -> World:
    cache.clear()
    return make_world("Mangrove")


@pytest.fixture
def admin(world) -> Caller:
    return Caller(world.admin)


@pytest.fixture
def fake(monkeypatch) -> PageShop:
    monkeypatch.setattr(work_order_actions, "delay", lambda shop: None)
    return connected(monkeypatch)


def stored(fake: PageShop, shop: Shop, **said: Any) -> Order:
    fake.put(ONE, **said)
    return fake.stored(shop, ONE)[0]


def at(order: Order, part: str = "") -> str:
    return f"orders/{order.pk}/{part}"


def test_an_order_is_pulled_again_once_however_often_it_is_asked(world, admin, fake):
    order = stored(fake, world.shop)
    fake.change(ONE, OrderStatus.DELIVERED)

    first = admin.post(at(order, "pull/"), None, Idempotency_Key="p1")
    again = admin.post(at(order, "pull/"), None, Idempotency_Key="p1")
    anew = admin.post(at(order, "pull/"))

    assert first.status_code == 202, first.content
    assert again["Idempotency-Replayed"] == "true"
    assert first.json() == again.json()
    assert anew.json()["id"] == first.json()["id"]
    assert OrderAction.objects.count() == 1
    work_actions(world.shop, client=fake.client)
    assert admin.get(at(order)).json()["status"] == "delivered"
    assert admin.get(first.json()["url"]).json()["state"] == "done"
    assert AuditEntry.objects.filter(verb="asked for an order again").count() == 1


def test_what_can_be_asked_for_is_told_with_its_reasons(world, admin, fake):
    order = stored(fake, world.shop)

    told = admin.get(at(order, "eligibility/")).json()

    assert told["problem"] == ""
    assert [row["request"] for row in told["results"]] == [
        "cancel",
        "refund",
        "return_and_refund",
    ]
    assert told["results"][0]["reasons"] == [
        {"name": REASONS[0], "text": "Out of stock"},
        {"name": REASONS[1], "text": "Wrong price"},
    ]


def test_a_platform_that_does_not_answer_is_a_problem_and_no_failure(
    world, admin, fake
):
    order = stored(fake, world.shop)

    def hook(name: str, about: object) -> None:
        raise no_answer()

    fake.before = hook
    parts = ("eligibility/", "split-advice/", "combine-offers/")
    for part in parts:
        told = admin.get(at(order, part))
        assert told.status_code == 200
        assert "took too long" in told.json()["problem"]
    body = {"request": "refund", "reason": REASONS[0]}
    preview = admin.post(at(order, "refund-preview/"), body).json()
    assert (preview["total"], preview["problem"] != "") == (None, True)


def test_an_order_is_cancelled_for_a_reason(world, admin, fake):
    order = stored(fake, world.shop)
    preview = admin.post(
        at(order, "refund-preview/"), {"request": "cancel", "reason": REASONS[0]}
    ).json()

    answer = admin.post(
        at(order, "cancel/"), {"reason": REASONS[0]}, Idempotency_Key="c1"
    )
    admin.post(f"order-actions/{answer.json()['id']}/release/")
    work_actions(world.shop, client=fake.client)

    assert preview["total"] == {"amount": "44.00", "currency": "MYR"}
    assert preview["tax"] is None
    assert answer.status_code == 202, answer.content
    assert fake.writes == [("cancel_order", (ONE, REASONS[0]))]
    assert admin.get(at(order)).json()["status"] == "cancelled"
    again = admin.post(at(order, "cancel/"), {"reason": REASONS[0]})
    assert code(again) == (409, "action_refused")
    assert again.json()["detail"] == "The order is cancelled already."


def test_single_items_are_cancelled_where_the_region_takes_it(world, admin, fake):
    order = stored(fake, world.shop)
    london = stored(fake, make_shop(world.client, region="GB"))
    body = {"reason": REASONS[0], "unit_ids": UNITS[:1]}

    here = admin.post(at(order, "cancel/"), body)
    there = admin.post(at(london, "cancel/"), body)

    assert "in the US and the UK only" in here.json()["detail"]
    assert there.json()["details"]["unit_ids"] == UNITS[:1]


def test_a_refund_is_started_in_the_orders_currency(world, admin, fake):
    order = stored(fake, world.shop, status=OrderStatus.DELIVERED)
    Order.objects.update(total_amount=Decimal(44))
    path = at(order, "refund/")
    body: dict[str, Any] = {"reason": REASONS[0], "unit_ids": UNITS}

    def refunded(amount: str, currency: str) -> Any:
        return admin.post(
            path, {**body, "amount": {"amount": amount, "currency": currency}}
        )

    assert set(errors(refunded("5", "USD"))) == {"amount"}
    assert set(errors(admin.post(path, {**body, "kind": "exchange"}))) == {"kind"}
    assert code(refunded("45", "MYR")) == (409, "action_refused")
    answer = refunded("5.5", "myr")
    work_actions(world.shop, client=fake.client)

    assert answer.status_code == 202, answer.content
    assert answer.json()["details"] == {
        "reason": REASONS[0],
        "kind": "refund",
        "unit_ids": UNITS,
        "amount": "5.50",
    }
    (refund,) = admin.get(at(order)).json()["returns"]
    assert (refund["kind"], refund["role"]) == ("refund", "SELLER")


def test_an_order_is_split_into_packages(world, admin, fake):
    order = stored(fake, world.shop)
    path = at(order, "split/")

    one = errors(admin.post(path, {"groups": [UNITS]}))
    double = admin.post(path, {"groups": [UNITS, UNITS[:1]]})
    answer = admin.post(path, {"groups": [UNITS[:1], UNITS[1:]]})
    work_actions(world.shop, client=fake.client)

    assert set(one) == {"groups"}
    assert double.json()["detail"] == "An item goes into one package."
    assert answer.status_code == 202, answer.content
    assert admin.get(at(order, "split-advice/")).json()["can_split"] is True
    (line,) = admin.get(at(order)).json()["lines"]
    assert len({unit["package_id"] for unit in line["units"]}) == 2


def test_orders_are_combined_as_offered(world, admin, fake):
    fake.put(TWO)
    order = stored(fake, world.shop)
    fake.stored(world.shop, TWO)
    fake.offers = [Combinable("offer-1", (ONE, TWO)), Combinable("offer-2", (TWO, "5"))]

    offers = admin.get(at(order, "combine-offers/")).json()["results"]
    foreign = admin.post(at(order, "combine/"), {"offer_id": "offer-2"})
    answer = admin.post(at(order, "combine/"), {"offer_id": "offer-1"})
    work_actions(world.shop, client=fake.client)

    assert offers == [{"offer_id": "offer-1", "order_ids": [ONE, TWO]}]
    assert code(foreign) == (409, "action_refused")
    assert answer.json()["details"]["order_ids"] == [ONE, TWO]
    (package,) = [
        row
        for row in admin.get(f"packages/?order_id={TWO}").json()["results"]
        if row["split_or_combine"] == "combined"
    ]
    assert [row["order_id"] for row in package["orders"]] == [ONE, TWO]


def test_a_label_is_bought_where_the_platform_sells_them(world, admin, fake):
    shop = make_shop(world.client, region="US")
    order = stored(fake, shop, package=False)
    box = {
        "length": "10",
        "width": "8.5",
        "height": "2",
        "unit": "INCH",
        "weight": "1",
        "weight_unit": "POUND",
    }

    told = admin.post(at(order, "shipping-services/"), {"measures": box}).json()
    body = {"service_id": told["results"][0]["service_id"], "measures": box}
    answer = admin.post(at(order, "buy-label/"), body)
    half = errors(
        admin.post(at(order, "buy-label/"), {**body, "measures": {"unit": "CM"}})
    )
    work_actions(shop, client=fake.client)

    assert told["results"][0]["price"] == {"amount": "4.50", "currency": "USD"}
    assert answer.status_code == 202, answer.content
    assert "measures.length" in half
    (_, (order_id, measures)) = fake.writes[0]
    assert (order_id, measures.width) == (ONE, Decimal("8.5"))


def test_scans_are_looked_up_once_each(world, admin, fake):
    order = stored(fake, world.shop)
    fake.scans = [RemoteTrackingStep("Left the hub", MOMENT, 3, "JX1")]
    path = at(order, "tracking-steps/")

    first = admin.post(path).json()
    again = admin.post(path).json()
    (step,) = admin.get(path).json()["results"]

    assert (first, again) == ({"new": 1, "problem": ""}, {"new": 0, "problem": ""})
    assert (step["description"], step["tracking_number"]) == ("Left the hub", "JX1")


def test_carriers_of_an_order_are_those_of_its_delivery_option(world, admin, fake):
    order = stored(
        fake, world.shop, shipping=ShippingType.SELLER, delivery_option_id="D1"
    )

    told = admin.get(at(order, "carriers/")).json()
    listed = admin.get(f"carriers/?shop={world.shop.pk}&delivery_option_id=D1")

    assert told["problem"] == ""
    assert [row["name"] for row in told["results"]] == ["DHL", "J&T Express"]
    assert {row["remote_id"] for row in listed.json()["results"]} == {"7001", "7002"}
    assert len(admin.get("carriers/?name=dhl").json()["results"]) == 1


def test_a_refusal_here_writes_nothing(world, admin, fake):
    order = stored(fake, world.shop, status=OrderStatus.UNPAID)
    make_package(order, "9")

    answer = admin.post(at(order, "split/"), {"groups": [UNITS[:1], UNITS[1:]]})

    assert code(answer) == (409, "action_refused")
    assert answer.json()["detail"] == "It is not paid yet."
    assert not OrderAction.objects.exists()
    assert not OrderEvent.objects.filter(kind="action").exists()
