"""Orders for programs: filters, money, and who sees the buyer."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.orders.models import Order
from apps.users.models import AuditEntry
from apps.users.roles import Role
from apps.users.scopes import SCOPES
from tests.api.support import Caller, code, keys
from tests.api.world import World, make_world
from tests.factories.orders import make_order
from tests.factories.platforms import make_shop
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db
SEEN = "saw the buyer"


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


def test_a_detail_tells_lines_and_parcels(world):
    order = caller_with(world, Role.ANALYST).get(f"orders/{world.order.pk}/").json()

    assert order["client"] == world.client.pk
    assert order["order_id"] == world.order.remote_id
    assert [line["seller_sku"] for line in order["lines"]] == ["LAMP-30"]
    assert order["parcels"] == [{"remote_id": "p1", "tracking_number": "MangrovePARC1"}]


def test_a_detail_takes_the_same_number_of_queries_for_many_lines(
    world, django_assert_num_queries
):
    caller = caller_with(world, Role.ANALYST)
    line = world.order.lines.get()
    for number in range(5):
        line.pk, line.key = None, f"k{number}"
        line.save()
    caller.get("me/")  # the use of the token is noted

    with django_assert_num_queries(7):
        caller.get(f"orders/{world.order.pk}/")


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


def test_at_most_a_hundred_numbers_are_asked_for_at_once(world):
    caller = caller_with(world, Role.ANALYST)
    hundred = ",".join(str(number) for number in range(100))

    assert keys(caller.get(f"orders/?order_id={hundred}")) == []
    answer = caller.get(f"orders/?order_id={hundred},100")
    assert code(answer) == (400, "invalid")
    assert answer.json()["errors"][0]["code"] == "too_many"


def test_orders_are_read_only(world):
    caller = Caller(make_user(is_superuser=True))

    for answer in (
        caller.post("orders/", {}),
        caller.patch(f"orders/{world.order.pk}/", {"status": "completed"}),
        caller.delete(f"orders/{world.order.pk}/"),
    ):
        assert code(answer) == (405, "method_not_allowed")
