"""Orders for programs: filters, money, and who sees the buyer."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from apps.integrations.contracts import RemoteBuyer, Source
from apps.orders.models import Order, OrderEvent, Return
from apps.orders.services.ingest import ingest_orders
from apps.users.models import AuditEntry
from apps.users.roles import Role
from apps.users.scopes import SCOPES
from tests.api.order_rows import (
    make_action,
    make_order_rows,
    make_return,
    make_wish,
)
from tests.api.support import Caller, code, keys
from tests.api.world import World, make_world
from tests.factories.orders import make_order, make_package, make_remote_order
from tests.factories.platforms import make_shop
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db
SEEN = "saw the buyer"


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "MYR"}


@pytest.fixture
def world() -> World:
    return make_world("Mangrove")


def caller_with(world: World, role: Role, scopes=SCOPES) -> Caller:
    return Caller(make_user(clients=[world.client], role=role), scopes)


def test_who_works_on_orders_sees_the_buyer_and_it_is_written_down(world):
    caller = caller_with(world, Role.ORDER_FULFILLMENT)

    order = caller.get(f"orders/{world.order.pk}/").json()

    assert order["buyer_masked"] is False
    assert order["buyer"] == {
        "handle": "Mangrovebuyer",
        "name": "Mangrove Noor",
        "phone": "+60123456789",
        "address": "Mangrove street 1",
        "postal_code": "50000",
        "region": "Kuala Lumpur",
        "message": "Mangrove please hurry",
    }
    assert order["seller_note"] == "Mangrove regular"
    entry = AuditEntry.objects.get(verb=SEEN)
    assert entry.actor == caller.user
    assert entry.target_id == str(world.order.pk)


@pytest.mark.parametrize(
    ("role", "scopes"),
    [
        (Role.ANALYST, SCOPES),
        (Role.CONTENT_MANAGER, SCOPES),
        (Role.ORDER_FULFILLMENT, ["orders:read"]),
        (Role.ADMIN, ["orders:read"]),
    ],
)
def test_without_the_role_or_the_scope_the_buyer_is_masked(world, role, scopes):
    caller = caller_with(world, role, scopes)

    answer = caller.get(f"orders/{world.order.pk}/")

    order = answer.json()
    assert order["buyer_masked"] is True
    assert set(order["buyer"].values()) == {None}
    assert order["seller_note"] is None
    for word in ("Noor", "60123456789", "street", "hurry", "regular", "Mangrovebuyer"):
        assert word not in answer.content.decode()
    assert not AuditEntry.objects.filter(verb=SEEN).exists()


def test_lists_never_show_a_buyer(world):
    caller = caller_with(world, Role.ADMIN)

    answer = caller.get("orders/")

    (order,) = answer.json()["results"]
    assert order["buyer_masked"] is True
    assert set(order["buyer"].values()) == {None}
    assert "Noor" not in answer.content.decode()
    assert not AuditEntry.objects.filter(verb=SEEN).exists()


def test_who_may_work_at_one_shop_only_sees_buyers_there(world):
    other = make_order(make_shop(world.client), recipient_name="Aishah")
    user = make_user(clients=[world.client], role=Role.ANALYST)
    user.memberships.get().shop_roles.create(
        shop=world.shop, role=Role.ORDER_FULFILLMENT
    )
    caller = Caller(user)

    there = caller.get(f"orders/{world.order.pk}/").json()
    elsewhere = caller.get(f"orders/{other.pk}/").json()

    assert there["buyer_masked"] is False
    assert elsewhere["buyer_masked"] is True


def test_underwriters_and_creators_see_no_orders(world):
    for role in (Role.UNDERWRITER, Role.CREATOR_PARTNER):
        caller = caller_with(world, role)
        assert keys(caller.get("orders/")) == []
        answer = caller.get(f"orders/{world.order.pk}/")
        assert code(answer) == (404, "not_found")


def test_money_is_told_in_the_decimals_of_its_currency(world):
    yen = make_order(world.shop, currency="JPY", total_amount=Decimal("1200.4000"))
    order = make_order(world.shop, total_amount=Decimal("12.305"), tax_amount=None)
    caller = caller_with(world, Role.ANALYST)

    detail = caller.get(f"orders/{order.pk}/").json()

    assert detail["total_amount"] == {"amount": "12.31", "currency": "MYR"}
    assert detail["tax_amount"] is None
    (line,) = detail["lines"]
    assert line["unit_price"] == {"amount": "40.00", "currency": "MYR"}
    assert line["quantity"] == 2
    assert caller.get(f"orders/{yen.pk}/").json()["total_amount"] == {
        "amount": "1200",
        "currency": "JPY",
    }


def test_a_detail_tells_lines_and_packages(world):
    order = caller_with(world, Role.ANALYST).get(f"orders/{world.order.pk}/").json()

    assert order["client"] == world.client.pk
    assert order["order_id"] == world.order.remote_id
    assert [line["seller_sku"] for line in order["lines"]] == ["LAMP-30"]
    (package,) = order["packages"]
    assert (package["remote_id"], package["tracking_number"]) == ("p1", "MangrovePARC1")
    assert (order["cancellations"], order["returns"]) == ([], [])


def test_a_detail_tells_what_became_of_each_line(world):
    rows = make_order_rows(world)
    Order.objects.filter(pk=rows.returned.pk).update(shipped_at=timezone.now())
    Return.objects.update(status=Return.Status.COMPLETE, next_action="")
    caller = caller_with(world, Role.ANALYST)

    waiting = caller.get(f"orders/{rows.order.pk}/").json()
    returned = caller.get(f"orders/{rows.returned.pk}/").json()

    (line,) = waiting["lines"]
    number = rows.package.remote_id
    assert [unit["package_id"] for unit in line["units"]] == [number, number]
    assert {unit["status"] for unit in line["units"]} == {"to_ship"}
    assert waiting["packages"][0]["id"] == rows.package.pk
    (wish,) = waiting["cancellations"]
    assert (wish["id"], wish["needs_answer"]) == (rows.wish.pk, True)
    (back,) = returned["returns"]
    assert back["refund_amount"] == money("40.00")
    assert [row["line_key"] for row in back["lines"]] == [returned["lines"][0]["key"]]
    (line,) = returned["lines"]
    assert line["paid"] == money("80.00")
    assert line["refunded"] == line["still_paid"] == money("40.00")


def test_why_says_whose_word_each_value_is(world):
    file = make_remote_order("58100", version=None, carrier="DHL")
    api = make_remote_order("58100", carrier="J&T Express", buyer=RemoteBuyer(name="N"))
    ingest_orders(world.shop, [file], Source.FILE)
    ingest_orders(world.shop, [api], Source.API)
    order = Order.objects.get(remote_id="58100")
    path = f"orders/{order.pk}/"
    seen = caller_with(world, Role.ADMIN).get(path).json()
    masked = caller_with(world, Role.ADMIN, ["orders:read"]).get(path).json()

    why = {row["name"]: row for row in seen["why"]}
    carrier = why["carrier"]
    assert (carrier["value"], carrier["source"]) == ("J&T Express", "platform")
    assert carrier["is_conflict"] is seen["has_conflict"] is True
    assert [(each["source"], each["value"]) for each in carrier["others"]] == [
        ("file", "DHL")
    ]
    assert why["total_amount"]["value"] == money("40.40")
    assert why["placed_at"]["value"] == seen["placed_at"]
    assert why["recipient_name"]["value"] == "N"
    hidden = {row["name"] for row in seen["why"]} - {
        row["name"] for row in masked["why"]
    }
    assert hidden == {"recipient_name"}


def test_queries_do_not_grow_with_the_rows(world, django_assert_num_queries):
    caller = caller_with(world, Role.ANALYST)
    order = world.order
    make_return(order)
    caller.get("me/")  # the use of the token is noted

    for rows in (10, 100):
        for number in range(order.lines.count(), rows):
            line = order.lines.last()
            line.pk, line.key = None, f"k{number}"
            line.save()
            make_package(order, f"P{number}")
            make_wish(order, remote_id=f"W{number}")
            make_order(world.shop)
        with django_assert_num_queries(13):
            detail = caller.get(f"orders/{order.pk}/").json()
        with django_assert_num_queries(5):
            listed = caller.get("orders/?page_size=200")
        assert len(detail["lines"]) == len(detail["packages"]) == rows
        assert len(keys(listed)) == rows


def test_orders_are_filtered(world):
    caller = caller_with(world, Role.ANALYST)
    old = make_order(
        world.shop,
        "777",
        status=Order.Status.CANCELLED,
        placed_at=timezone.now() - timedelta(days=40),
    )
    new = world.order
    day = (timezone.now() - timedelta(days=20)).strftime("%Y-%m-%dT00:00:00Z")

    def found(query: str) -> list[int]:
        return keys(caller.get(f"orders/?{query}"))

    assert found("status=cancelled") == [old.pk]
    assert found(f"placed_from={day}") == [new.pk]
    assert found(f"placed_to={day}") == [old.pk]
    assert found(f"shop={world.shop.pk}") == [new.pk, old.pk]
    assert found(f"client={world.client.pk}") == [new.pk, old.pk]
    assert found("order_id=777") == [old.pk]
    assert found(f"order_id=777,{new.remote_id},nothing") == [new.pk, old.pk]
    assert found("tracking_number=MangroveTRACK1") == [new.pk]
    assert found("tracking_number=MangrovePARC1") == [new.pk]
    assert found("tracking_number=PARC") == []


def test_what_changed_here_since_is_found_however_old_it_is_there(world):
    caller = caller_with(world, Role.ANALYST)
    now = timezone.now()
    quiet = make_order(world.shop)
    late = make_order(world.shop, remote_updated_at=now - timedelta(days=9))
    Order.objects.update(modified_at=now - timedelta(days=2))
    Order.objects.filter(pk=late.pk).update(modified_at=now)
    since = (now - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")

    found = keys(caller.get(f"orders/?updated_since={since}"))

    assert found == [late.pk]
    assert quiet.pk not in found
    far_off = (now + timedelta(hours=16)).strftime("%Y-%m-%dT%H:%M:%S%%2B17:09")
    assert keys(caller.get(f"orders/?updated_since={far_off}")) == [late.pk]


def test_at_most_a_hundred_numbers_are_asked_for_at_once(world):
    caller = caller_with(world, Role.ANALYST)
    hundred = ",".join(str(number) for number in range(100))

    assert keys(caller.get(f"orders/?order_id={hundred}")) == []
    answer = caller.get(f"orders/?order_id={hundred},100")
    assert code(answer) == (400, "invalid")
    assert answer.json()["errors"][0]["code"] == "too_many"


def test_orders_are_made_and_deleted_by_nobody(world):
    caller = Caller(make_user(is_superuser=True))

    for answer in (
        caller.post("orders/", {}),
        caller.delete(f"orders/{world.order.pk}/"),
    ):
        assert code(answer) == (405, "method_not_allowed")


QUESTIONS = {
    "ship_within=5": {"ship_by_at": timedelta(hours=4)},
    "auto_cancel_within=5": {"auto_cancel_at": timedelta(hours=4)},
    "is_overdue=true": {"ship_by_at": timedelta(hours=-1)},
    "is_cancel_requested=true": {"is_cancel_requested": True},
    "is_returning=true": {"return_state": "returning"},
    "return_state=returning": {"return_state": "returning"},
    "has_conflict=true": {"has_conflict": True},
    "priority=viral": {"priority": "viral"},
    "shipping_type=seller": {"shipping_type": "seller"},
}


@pytest.mark.parametrize(("query", "changes"), QUESTIONS.items())
def test_orders_are_found_by_the_questions_of_the_list(world, query, changes):
    now = timezone.now()
    values: dict[str, Any] = {
        name: now + value if isinstance(value, timedelta) else value
        for name, value in changes.items()
    }
    hit = make_order(world.shop, **values)
    caller = caller_with(world, Role.ANALYST)

    assert keys(caller.get(f"orders/?{query}")) == [hit.pk]
    if query.endswith("=true"):
        other = query.replace("=true", "=false")
        assert keys(caller.get(f"orders/?{other}")) == [world.order.pk]


def test_orders_with_trouble_are_found(world):
    rows = make_order_rows(world)
    rows.package.problem = "lost"
    rows.package.save()
    make_action(world.order, dismissed_at=timezone.now())
    caller = caller_with(world, Role.ANALYST)

    def found(query: str) -> list[int]:
        return keys(caller.get(f"orders/?{query}"))

    assert found("has_failed_action=true") == [rows.returned.pk]
    assert found("has_package_problem=true") == [rows.order.pk]
    assert set(found("has_package_problem=false")) == {
        world.order.pk,
        rows.returned.pk,
    }
    assert rows.order.pk in found("is_unmatched=true")
    assert code(caller.get("orders/?ship_within=0")) == (400, "invalid")
    assert code(caller.get("orders/?is_overdue=maybe")) == (400, "invalid")


def test_a_timeline_is_told_in_pages(world):
    order = world.order
    for number in range(5):
        OrderEvent.objects.create(
            order=order,
            kind=OrderEvent.Kind.CHANGED,
            happened_at=timezone.now(),
            recorded_at=timezone.now() + timedelta(minutes=number),
            text=f"Changed {number}",
        )
    caller = caller_with(world, Role.ANALYST)

    first = caller.get(f"orders/{order.pk}/events/?page_size=3").json()
    rest = caller.get(first["next"]).json()

    texts = [row["text"] for row in (*first["results"], *rest["results"])]
    assert texts == [f"Changed {number}" for number in (4, 3, 2, 1, 0)]
    assert rest["next"] is None
