"""Payloads read again, as they are understood by now."""

import io
import json
from dataclasses import replace

import pytest
from django.core.management import call_command

from apps.integrations.contracts import OrderStatus, ShippingType, Source
from apps.integrations.tiktok.mapping import order_from_json
from apps.integrations.tiktok.reading import Unreadable
from apps.orders.models import Order, OrderEvent, OrderPayload
from apps.orders.services import rebuilding
from apps.orders.services.editing import edit
from apps.orders.services.ingest import ingest_orders
from apps.orders.services.order_fields import SHOWN_FIELDS
from apps.orders.services.rebuilding import rebuild
from apps.users.services.audit import By
from tests.factories.orders import make_remote_order
from tests.factories.platforms import make_shop
from tests.integrations.tiktok import payloads
from tests.orders.kept_rows import differences, rows_of

pytestmark = pytest.mark.django_db
BODY = payloads.make_order(
    status="AWAITING_SHIPMENT", shipping_type="SELLER", shipping_provider="Quick"
)


def misread(body=BODY):
    """As an older version understood it."""
    understood = order_from_json(body)
    line = replace(understood.lines[0], variation="Misread", quantity=2)
    return replace(
        understood,
        shipping_type=ShippingType.UNKNOWN,
        carrier="Misread",
        creator_handle="nobody",
        status=OrderStatus.NOT_UNDERSTOOD,
        lines=(line,),
    )


def again(shop, **options):
    return rebuild(shop, order_from_json, errors=Unreadable, **options)


def test_what_was_misread_is_put_right_and_the_rest_stays():
    shop, other = make_shop(), make_shop()
    ingest_orders(shop, [misread()], Source.API)
    order = edit(Order.objects.get(), {"warehouse": "By hand"}, By())
    file = make_remote_order(BODY["id"], version=None, sales_channel="LIVE")
    ingest_orders(shop, [file], Source.FILE)
    assert not Order.objects.get().is_status_understood

    done = again(shop)

    assert (done.read, done.outcome.updated, done.unreadable) == (1, 1, [])
    order = Order.objects.get()
    assert (order.status, order.is_status_understood) == ("to_ship", True)
    assert (order.shipping_type, order.carrier) == ("seller", "Quick")
    assert order.creator_handle == ""
    assert (order.warehouse, order.sales_channel) == ("By hand", "LIVE")
    assert OrderEvent.objects.filter(kind=OrderEvent.Kind.STATUS).count() <= 1
    # It is as if nobody had ever misread it.
    ingest_orders(other, [order_from_json(BODY)], Source.API)
    ingest_orders(other, [file], Source.FILE)
    edit(Order.objects.get(shop=other), {"warehouse": "By hand"}, By())
    assert differences(rows_of(shop), rows_of(other)) == []


def test_repeating_it_changes_nothing():
    shop = make_shop()
    ingest_orders(shop, [misread()], Source.API)
    again(shop)
    before = list(Order.objects.values("modified_at", "testimony", *SHOWN_FIELDS))
    record = list(OrderPayload.objects.values("received_at", "body"))

    done = again(shop)

    assert (done.outcome.updated, done.outcome.same) == (0, 1)
    assert list(Order.objects.values("modified_at", "testimony", *SHOWN_FIELDS)) == (
        before
    )
    assert [row["body"] for row in record] == [BODY]


def test_only_what_it_says_of_older_versions_is_replaced():
    shop = make_shop()
    older = payloads.make_order(buyer_message="Ring twice", rts_time=1)
    newer = payloads.make_order(
        update_time=payloads.PLACED + 999, buyer_message="", shipping_provider="New"
    )
    ingest_orders(shop, [order_from_json(older), misread(newer)], Source.API)

    again(shop)

    order = Order.objects.get()
    assert (order.buyer_message, order.carrier) == ("Ring twice", "New")


def test_a_payload_that_is_gone_or_unreadable_leaves_its_order_alone():
    shop = make_shop()
    one, two = (payloads.make_order(id=f"58{number}") for number in (1, 2))
    ingest_orders(shop, [misread(one), misread(two)], Source.API)
    gone, spoilt = OrderPayload.objects.order_by("pk")
    OrderPayload.objects.filter(pk=gone.pk).update(emptied_at=gone.received_at, body={})
    OrderPayload.objects.filter(pk=spoilt.pk).update(body={"id": "582"})

    done = again(shop)

    assert done.read == 1
    assert [remote_id for remote_id, _ in done.unreadable] == ["582"]
    assert {order.carrier for order in Order.objects.all()} == {"Misread"}


def test_the_command_says_what_came_of_it(monkeypatch):
    monkeypatch.setattr(rebuilding, "BATCH", 2)
    shop = make_shop(name="Lamps")
    bodies = [payloads.make_order(id=f"58{number}") for number in range(3)]
    ingest_orders(shop, [misread(body) for body in bodies], Source.API)
    out = io.StringIO()

    call_command("rebuild_orders", shop=["Lamps"], dry_run=True, stdout=out)
    assert "Dry run" in out.getvalue()
    assert {order.carrier for order in Order.objects.all()} == {"Misread"}
    out = io.StringIO()
    call_command("rebuild_orders", shop=["Lamps"], json=True, stdout=out)

    said = json.loads(out.getvalue())
    assert (said["read"], said["updated"], said["failed"]) == (3, 3, 0)
    assert not Order.objects.filter(carrier="Misread").exists()


def test_the_command_fails_in_part_where_something_cannot_be_read():
    shop = make_shop(name="Lamps")
    ingest_orders(shop, [misread()], Source.API)
    OrderPayload.objects.update(body={"id": BODY["id"]})
    err = io.StringIO()

    with pytest.raises(SystemExit) as caught:
        call_command("rebuild_orders", shop=["Lamps"], stdout=err, stderr=err)

    assert caught.value.code == 3
    assert f"Order {BODY['id']}" in err.getvalue()
