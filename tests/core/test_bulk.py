"""Writing many rows at once: the same rows, keys and errors as Django's own way."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from apps.core import bulk
from apps.core.storing import written_and_hashed
from apps.inventory.models import StockNews
from apps.orders.models import Buyer, Order, OrderPayload
from apps.users.models.authenticator import Authenticator
from tests.factories.orders import make_order
from tests.factories.platforms import make_shop
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db
NAMES = ["remote_id"]
AT = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)


def new_order(shop, number=1, **changes):
    values = {
        "shop_id": shop.pk,
        "remote_id": f"58{number:016}",
        "status": Order.Status.TO_SHIP,
        "currency": "GBP",
        "placed_at": AT,
        "lines_source": "api",
    }
    return Order(**values | changes)


def stored(model):
    return list(model._default_manager.order_by("pk").values())


STRANGE: list[dict[str, Any]] = [
    {},
    {"total_amount": Decimal("12.5"), "refund_amount": Decimal("-0.0001")},
    {"buyer_message": 'a\tb\\N\nc "quoted" {1,2} 🙏 %s', "seller_note": "\\."},
    {"is_cod": True, "is_sample": False, "is_status_understood": False},
    {"shipped_at": AT + timedelta(microseconds=1), "carrier": "NULL"},
    {"status": "to_ship", "fulfilment": Order.Source.API},
]


def test_rows_are_inserted_as_django_would():
    shop, other = make_shop(), make_shop()
    Order.objects.bulk_create(
        [new_order(shop, number, **row) for number, row in enumerate(STRANGE)]
    )

    bulk.insert([new_order(other, number, **row) for number, row in enumerate(STRANGE)])

    def rows(of):
        changing = ("id", "shop_id", "created_at", "modified_at")
        return [
            {name: value for name, value in row.items() if name not in changing}
            for row in Order.objects.filter(shop=of).order_by("pk").values()
        ]

    assert rows(other) == rows(shop)
    assert len(rows(other)) == len(STRANGE)


def test_inserted_rows_have_keys_and_times_and_are_no_longer_new():
    shop = make_shop()
    before = timezone.now()
    orders = [new_order(shop, number) for number in range(3)]

    bulk.insert(orders)

    assert [order.remote_id for order in Order.objects.order_by("pk")] == [
        order.remote_id for order in orders
    ]
    for order in orders:
        assert Order.objects.get(pk=order.pk).remote_id == order.remote_id
        assert before <= order.created_at <= timezone.now()
        assert not order._state.adding


def test_keys_go_on_where_others_stopped_and_others_go_on_after_them():
    shop = make_shop()
    first = make_order(shop)
    some = [new_order(shop, number) for number in range(3)]

    bulk.insert(some)
    last = make_order(shop)

    keys = [first.pk, *(order.pk for order in some), last.pk]
    assert keys == sorted(set(keys))


def test_keys_of_deleted_rows_are_not_used_again():
    shop = make_shop()
    gone = [new_order(shop, number) for number in range(2)]
    bulk.insert(gone)
    keys = {order.pk for order in gone}
    Order.objects.all().delete()

    again = [new_order(shop, number) for number in range(2)]
    bulk.insert(again)

    assert keys.isdisjoint(order.pk for order in again)


def test_more_rows_than_one_portion_are_all_written(monkeypatch):
    monkeypatch.setattr(bulk, "PORTION", 2)
    shop = make_shop()
    orders = [new_order(shop, number) for number in range(5)]

    bulk.insert(orders)
    for order in orders:
        order.carrier = f"Carrier {order.pk}"
    bulk.update(orders, ["carrier"])

    assert [order.carrier for order in Order.objects.order_by("pk")] == [
        f"Carrier {order.pk}" for order in orders
    ]


def test_a_broken_constraint_is_an_integrity_error_and_nothing_is_written(monkeypatch):
    monkeypatch.setattr(bulk, "PORTION", 2)
    shop = make_shop()
    order = make_order(shop)
    before = stored(Order)
    rows = [new_order(shop, number) for number in range(3)]

    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert([*rows, new_order(shop, remote_id=order.remote_id)])

    assert stored(Order) == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("write", [bulk.insert, lambda rows: bulk.update(rows, NAMES)])
def test_a_failure_leaves_no_transaction_open_while_the_error_is_held(write):
    shop = make_shop()
    orders = [make_order(shop), make_order(shop)]
    before = stored(Order)
    for order in orders:
        order.remote_id = "580"

    with pytest.raises(IntegrityError) as error:
        write(orders)

    assert error.value.__traceback__ is not None
    assert not connection.in_atomic_block
    assert stored(Order) == before


def test_a_missing_value_is_an_integrity_error_and_nothing_is_written():
    shop = make_shop()

    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert([new_order(shop, placed_at=None)])

    assert stored(Order) == []


def test_a_payload_keeps_its_json_and_a_shared_value_is_not_mixed_up():
    order = make_order()
    OrderPayload.objects.all().delete()
    bodies = [{"a": [1, None, "🙏\\n"], "b": {"c": 1.5}}, []]

    bulk.insert(
        [
            OrderPayload(order_id=order.pk, source=source, body=body, received_at=AT)
            for source, body in zip(["api", "file"], bodies, strict=True)
        ]
    )

    assert [row.body for row in OrderPayload.objects.order_by("pk")] == bodies


def test_only_the_named_fields_of_the_given_rows_are_updated():
    shop = make_shop()
    one, two = make_order(shop), make_order(shop)
    before = Order.objects.filter(pk=two.pk).values().get()
    buyer = Buyer.objects.create(shop=shop, remote_id="72")
    one.buyer_id, one.carrier, one.seller_note = buyer.pk, "Quick\\N", "not named"
    one.total_amount, one.shipped_at, one.is_cod = Decimal("3.1"), AT, True

    bulk.update([one], ["buyer", "carrier", "total_amount", "shipped_at", "is_cod"])

    found = Order.objects.get(pk=one.pk)
    assert (found.buyer_id, found.carrier) == (buyer.pk, "Quick\\N")
    assert (found.total_amount, found.shipped_at) == (Decimal("3.1"), AT)
    assert (found.is_cod, found.seller_note) == (True, "")
    assert Order.objects.filter(pk=two.pk).values().get() == before


def test_updating_a_row_that_is_gone_is_refused_and_changes_nothing():
    shop = make_shop()
    one, gone = make_order(shop), make_order(shop)
    Order.objects.filter(pk=gone.pk).delete()
    before = stored(Order)
    one.carrier = gone.carrier = "New"

    with pytest.raises(DatabaseError, match="1 of 2 rows"), transaction.atomic():
        bulk.update([one, gone], ["carrier"])

    assert stored(Order) == before


def test_nothing_at_all_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        bulk.insert([])
        bulk.update([], ["carrier"])


def test_secrets_are_encrypted_each_for_itself():
    apps = [
        Authenticator(user_id=make_user().pk, name="App", key="same") for _ in range(2)
    ]

    bulk.insert(apps)

    assert [app.key for app in Authenticator.objects.all()] == ["same", "same"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM users_authenticator")
        kept = {bytes(key) for (key,) in cursor.fetchall()}
    assert len(kept) == 2
    assert not any(b"same" in key for key in kept)


def test_a_new_row_is_what_the_model_would_make():
    values = {"shop_id": 1, "remote_id": "58", "status": "to_ship", "placed_at": AT}

    row, own = bulk.new_row(Order, **values), Order(**values)

    assert {**row.__dict__, "_state": None} == {**own.__dict__, "_state": None}
    assert row._state.adding
    row.carrier = "Quick"
    assert bulk.new_row(Order, **values).carrier == ""


def test_a_new_row_can_be_of_one_that_is_not_stored_yet():
    order = new_order(make_shop())
    payload = bulk.new_row(OrderPayload, order=order, body={})
    assert payload.order is order
    assert payload.order_id is None

    bulk.insert([order])

    assert bulk.new_row(OrderPayload, order=order, body={}).order_id == order.pk


def test_a_new_row_takes_no_column_that_is_not_there():
    with pytest.raises(TypeError, match="StockNews has no"):
        bulk.new_row(StockNews, varaint_id=1)


def test_json_that_is_written_out_already_is_stored_as_it_is():
    order = make_order()
    text, _ = written_and_hashed({"b": ["🙏", "\0"], "a": 1})
    payload = bulk.new_row(
        OrderPayload, order=order, body=text, source="file", received_at=AT
    )

    bulk.insert([payload])

    assert OrderPayload.objects.get(pk=payload.pk).body == {"a": 1, "b": ["🙏", ""]}


def test_json_is_stored_as_django_would_and_lists_are_not_shared():
    shop, other = make_shop(), make_shop()
    values = [{}, {"a": ["🙏", None, 1.5, '"\\'], "b": {"c": "\u0001"}}, {"x": ""}]
    Order.objects.bulk_create(
        [new_order(shop, n, testimony=value) for n, value in enumerate(values)]
    )

    orders = [bulk.new_row(Order, **plain(other, n)) for n in range(len(values))]
    assert orders[0].testimony == {}
    assert orders[0].testimony is not orders[1].testimony
    bulk.insert(orders)
    for order, value in zip(orders, values, strict=True):
        order.testimony = value
    bulk.update(orders, ["testimony"])

    def kept(of):
        rows = Order.objects.filter(shop=of).order_by("remote_id")
        return list(rows.values_list("testimony", flat=True))

    assert kept(other) == kept(shop) == values
    assert Order.objects.filter(testimony__has_key="a").count() == 2


def plain(shop, number):
    row = new_order(shop, number)
    names = ("shop_id", "remote_id", "status", "currency", "placed_at", "lines_source")
    return {name: getattr(row, name) for name in names}
