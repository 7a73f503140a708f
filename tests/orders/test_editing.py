"""What people decide about an order's fields, over what the sources say."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from apps.integrations.contracts import OrderStatus, RemoteBuyer, Source
from apps.inventory.models import StockLevel
from apps.orders import tasks
from apps.orders.errors import EditConflict, EditRefused
from apps.orders.models import Order, OrderEvent, ShopOrderSettings
from apps.orders.services import preferences
from apps.orders.services.editing import (
    EDITABLE,
    edit,
    release,
    resolve_shop,
    settle,
    why,
)
from apps.orders.services.forgetting import forget_buyer_of
from apps.orders.services.ingest import ingest_orders
from apps.orders.services.order_settings import save as save_settings
from apps.orders.services.preferences import preferred_witness
from apps.platforms.models import Shop
from apps.users.models import AuditEntry
from apps.users.roles import Role
from apps.users.services.audit import By
from tests.factories.inventory import make_shop_warehouse, make_warehouse
from tests.factories.orders import PLACED, make_order, make_remote_order
from tests.factories.platforms import make_shop
from tests.factories.users import make_user
from tests.orders.queries import statements
from tests.orders.shelves import make_shelf

pytestmark = pytest.mark.django_db
Said = dict[str, Any]
API: Said = {"carrier": "Quick", "warehouse": "W1", "seller_note": "Fragile"}
FILED: Said = {
    "carrier": "Slow",
    "sales_channel": "LIVE",
    "shipped_at": PLACED,
}


def told(shop: Shop, source: Source = Source.API, **changes):
    version = changes.pop("version", 1)
    said = make_remote_order(
        version=None if source is Source.FILE else version, **changes
    )
    ingest_orders(shop, [said], source)
    return Order.objects.get(shop=shop)


def both(shop: Shop):
    told(shop, **API)
    return told(shop, Source.FILE, **FILED)


@pytest.fixture
def by():
    return By(make_user("ann"), address="198.51.100.7")


def stored(order):
    return Order.objects.get(pk=order.pk)


def test_what_a_person_sets_stands_against_later_news_until_it_is_released(by):
    shop = make_shop()
    order = told(shop, **API)

    edit(order, {"warehouse": " North\r\n", "is_sample": True}, by)
    told(shop, version=2, warehouse="W2", is_sample=False)

    assert (stored(order).warehouse, stored(order).is_sample) == ("North", True)
    release(order, "warehouse", by)
    assert stored(order).warehouse == "W2"
    assert stored(order).is_sample is True


def test_a_deed_is_in_the_trail_and_on_the_timeline(by):
    order = told(make_shop(), **API)

    edit(order, {"warehouse": "North", "recipient_name": "Siti Planted"}, by)

    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor_text) == ("edited an order", "ann")
    assert entry.client == order.shop.client
    assert str(entry.address) == "198.51.100.7"
    assert entry.details["changes"] == {"warehouse": ["W1", "North"]}
    event = OrderEvent.objects.get()
    assert (event.kind, event.user) == (OrderEvent.Kind.EDITED, by.user)
    assert event.text == "Recipient name changed; Warehouse: “W1” → “North”"
    assert "Planted" not in json.dumps(entry.details) + event.text


def test_what_is_as_it_was_is_no_change(by):
    order = told(make_shop(), **API)
    before = stored(order).modified_at

    edit(order, {"warehouse": "W1", "is_sample": None, "sales_channel": None}, by)
    release(order, "warehouse", by)

    assert stored(order).modified_at == before
    assert not AuditEntry.objects.exists()
    assert not OrderEvent.objects.exists()


def test_a_stale_form_does_not_overwrite_and_says_what_changed(by):
    shop = make_shop()
    order = told(shop, **API)
    shown = {"warehouse": "W1", "seller_note": "Fragile", "recipient_name": ""}
    told(shop, version=2, warehouse="W2", buyer=RemoteBuyer(name="Ahmad Planted"))

    with pytest.raises(EditConflict, match="“Warehouse” has changed") as caught:
        edit(
            order,
            shown | {"warehouse": "North", "seller_note": "Ask first"},
            by,
            expected=shown,
        )

    assert caught.value.differences == {"warehouse": ("W1", "W2")}
    assert (stored(order).warehouse, stored(order).seller_note) == ("W2", "Fragile")
    with pytest.raises(EditConflict) as caught:
        edit(order, {"recipient_name": "Siti"}, by, expected=shown)
    assert "Planted" not in str(caught.value)


def test_a_stale_form_that_leaves_a_field_alone_leaves_it_to_the_sources(by):
    shop = make_shop()
    order = told(shop, **API)
    shown = {"warehouse": "W1", "seller_note": "Fragile"}
    told(shop, version=2, warehouse="W2")

    edit(order, shown | {"seller_note": "Ask first"}, by, expected=shown)

    assert (stored(order).warehouse, stored(order).seller_note) == ("W2", "Ask first")
    told(shop, version=3, warehouse="W3")
    assert stored(order).warehouse == "W3"


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"total_amount": Decimal(1)}, "“Total amount” cannot be set by hand"),
        ({"status": "completed"}, "no field “status”"),
        ({"warehouse": "x" * 121}, "at most 120 characters"),
        ({"seller_note": "x" * 2_001}, "at most 2,000 characters"),
        ({"is_sample": "yes"}, "yes, no or not known"),
        ({"warehouse": True}, "is a text"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_changes(by, values, says):
    order = told(make_shop(), **API)

    with pytest.raises(EditRefused, match=says):
        edit(order, {"cancel_reason": "Out of stock"} | values, by)

    assert stored(order).cancel_reason == ""
    assert not OrderEvent.objects.exists()


def test_every_field_that_may_be_edited_can_be(by):
    order = told(make_shop(), **API)
    values = {n: True if n.startswith("is_") else "50000" for n in EDITABLE}

    edit(order, values, by)

    assert {name: getattr(stored(order), name) for name in EDITABLE} == values


def test_a_conflict_is_settled_for_a_source_for_good(by):
    shop = make_shop()
    order = both(shop)
    assert order.has_conflict

    settle(order, "carrier", "file", by)

    assert (stored(order).carrier, stored(order).has_conflict) == ("Slow", False)
    told(shop, version=2, carrier="Quicker")
    assert (stored(order).carrier, stored(order).has_conflict) == ("Slow", False)
    event = OrderEvent.objects.get()
    assert (event.kind, event.text) == (
        OrderEvent.Kind.SETTLED,
        "Carrier: as the file says, “Quick” → “Slow”",
    )
    settle(order, "carrier", "file", by)
    assert AuditEntry.objects.count() == 1

    release(order, "carrier", by)
    assert (stored(order).carrier, stored(order).has_conflict) == ("Quicker", True)


def test_a_conflict_is_settled_by_keeping_what_is_shown(by):
    shop = make_shop()
    order = both(shop)

    settle(order, "carrier", "person", by)
    told(shop, version=2, carrier="Quicker")

    assert (stored(order).carrier, stored(order).has_conflict) == ("Quick", False)


@pytest.mark.parametrize(
    ("field", "source", "says"),
    [
        ("sales_channel", "platform", "TikTok says nothing about “Sales channel”"),
        ("carrier", "nobody", "Choose"),
        ("pk", "file", "no field"),
    ],
)
def test_what_cannot_be_settled_is_refused(by, field, source, says):
    order = both(make_shop())

    with pytest.raises(EditRefused, match=says):
        settle(order, field, source, by)

    assert stored(order).has_conflict
    with pytest.raises(EditRefused, match="no field"):
        release(order, "pk", by)


def test_an_erased_buyer_is_not_written_down_again(by):
    order = told(make_shop(), buyer=RemoteBuyer(name="Ahmad"), **API)
    forget_buyer_of(order.shop_id, [order.pk])

    for deed in (
        lambda: edit(order, {"recipient_name": "Ahmad", "warehouse": "North"}, by),
        lambda: edit(order, {"seller_note": "He called"}, by),
        lambda: settle(order, "recipient_name", "person", by),
    ):
        with pytest.raises(EditRefused, match="erased"):
            deed()

    assert stored(order).warehouse == "W1"
    edit(order, {"warehouse": "North"}, by)
    assert stored(order).warehouse == "North"


def test_stock_follows_the_place_a_person_says(by):
    shop, variant = make_shelf(10)
    north = make_warehouse(shop.client, "North")
    make_shop_warehouse(shop, north, "W2")
    order = told(shop)

    edit(order, {"warehouse": "W2"}, by)

    levels = StockLevel.objects.filter(variant=variant, reserved__gt=0)
    assert {level.warehouse.name for level in levels} == {"North"}
    release(order, "warehouse", by)
    assert "North" not in {level.warehouse.name for level in levels.all()}


def test_why_a_field_is_as_it_is(by):
    shop = make_shop()
    order = both(shop)
    edit(order, {"warehouse": "North"}, by)
    viewer = make_user("viewer", clients=[shop.client], role=Role.ADMIN)

    stories = {story.name: story for story in why(stored(order), viewer)}

    carrier = stories["carrier"]
    assert (carrier.label, carrier.value, carrier.source) == (
        "Carrier",
        "Quick",
        "platform",
    )
    assert carrier.at == PLACED + timedelta(hours=1)
    assert [(told.source, told.value, told.at) for told in carrier.others] == [
        ("file", "Slow", PLACED)
    ]
    assert carrier.is_conflict
    assert not carrier.is_decided
    assert (stories["sales_channel"].source, stories["sales_channel"].others) == (
        "file",
        (),
    )
    warehouse = stories["warehouse"]
    assert (warehouse.source, warehouse.who) == ("person", "ann")
    assert (warehouse.is_decided, warehouse.is_conflict) == (True, False)
    assert [told.value for told in warehouse.others] == ["W1"]
    assert stories["status"].source == "platform"
    assert "tax_amount" not in stories


def test_why_tells_of_the_buyer_only_who_may_see_buyers(by):
    shop = make_shop()
    order = told(shop, buyer=RemoteBuyer(name="Ahmad Planted"), **API)
    edit(order, {"recipient_phone": "012 planted"}, by)
    packer = make_user("packer", clients=[shop.client], role=Role.ORDER_FULFILLMENT)
    reader = make_user("reader", clients=[shop.client], role=Role.ANALYST)

    names = {story.name for story in why(stored(order), packer)}
    assert {"recipient_name", "recipient_phone", "seller_note"} <= names
    stories = why(stored(order), reader)
    assert "lanted" not in str(stories)
    assert "Fragile" not in str(stories)


def test_why_asks_as_often_however_many_people_decided(by):
    shop = make_shop()
    order = both(shop)
    root = make_user("root", is_superuser=True)
    edit(order, {"warehouse": "North"}, by)
    with statements() as one:
        why(stored(order), root)
    for number, name in enumerate(("delivery_option", "sales_channel")):
        edit(order, {name: "Mine"}, By(make_user(f"user{number}")))
    edit(order, {"creator_handle": "x"}, By(process="file"))

    with statements() as many:
        stories = why(stored(order), root)

    assert len(many) == len(one)
    who = {s.name: s.who for s in stories if s.is_decided}
    assert who["creator_handle"] == "file"


def test_another_preference_shows_the_orders_anew():
    shop, other = make_shop(), make_shop()
    order, untouched = both(shop), both(other)
    ShopOrderSettings.objects.create(shop=shop, preferred_source="file")
    shop = Shop.objects.get(pk=shop.pk)

    assert preferred_witness(shop) == "file"
    assert resolve_shop(shop) == 1
    assert resolve_shop(shop) == 0

    assert (stored(order).carrier, stored(order).has_conflict) == ("Slow", True)
    assert stored(order).is_stock_due
    assert stored(untouched).carrier == "Quick"
    # What comes later is weighed by it, too.
    told(shop, version=2, carrier="Quicker", tracking_number="TN1")
    assert stored(order).carrier == "Slow"
    assert stored(order).tracking_number == "TN1"


def test_a_preference_whose_message_got_lost_is_found_by_its_row(monkeypatch):
    shop = make_shop()
    order = both(shop)
    woken: list[int] = []
    monkeypatch.setattr(tasks.resolve_orders, "delay", woken.append)
    save_settings(shop, {"preferred_source": "file"}, By(process="tests"))
    assert tasks.sweep_unshown_orders() == 0  # its message is on the way

    asked = ShopOrderSettings.objects.filter(shop=shop)
    asked.update(reshow_asked_at=F("reshow_asked_at") - tasks.GRACE)
    assert tasks.sweep_unshown_orders() == 1
    assert woken == [shop.pk]

    tasks.resolve_orders(shop.pk)
    assert stored(order).carrier == "Slow"
    assert tasks.sweep_unshown_orders() == 0
    assert not asked.filter(reshow_asked_at__isnull=False).exists()


def test_a_preference_that_changes_while_orders_are_shown_anew_is_due_again(
    monkeypatch,
):
    shop = make_shop()
    save_settings(shop, {"preferred_source": "file"}, By(process="tests"))

    def meanwhile(shop):
        save_settings(shop, {"preferred_source": "api"}, By(process="tests"))
        return 0

    monkeypatch.setattr(preferences, "resolve_shop", meanwhile)
    tasks.resolve_orders(shop.pk)

    row = ShopOrderSettings.objects.get(shop=shop)
    assert row.reshow_asked_at is not None


def test_other_settings_show_no_order_anew():
    shop = make_shop()

    save_settings(shop, {"document_days": 3}, By(process="tests"))

    assert ShopOrderSettings.objects.get(shop=shop).reshow_asked_at is None


@pytest.mark.parametrize("count", [3, 9])
def test_showing_orders_anew_asks_as_often_however_many_there_are(count):
    shop = make_shop()
    ids = [f"58{number}" for number in range(count)]
    for source, said, version in ((Source.API, API, 1), (Source.FILE, FILED, None)):
        news = [make_remote_order(each, version=version, **said) for each in ids]
        ingest_orders(shop, news, source)
    ShopOrderSettings.objects.create(shop=shop, preferred_source="file")

    with statements() as asked:
        assert resolve_shop(shop) == count

    assert asked.kinds == [
        "SELECT orders_order",
        "SELECT platforms_shop",
        "SELECT orders_order",
        "UPDATE orders_order",
        "SELECT orders_order",
    ]


def test_an_order_stored_before_there_was_testimony_can_be_edited(by):
    order = make_order(carrier="Quick", remote_updated_at=timezone.now())
    assert order.testimony == {}

    edit(order, {"warehouse": "North"}, by)

    assert (stored(order).warehouse, stored(order).carrier) == ("North", "Quick")
    release(order, "warehouse", by)
    assert stored(order).warehouse == ""


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_news_and_people_at_the_same_moment_lose_nothing():
    shop = make_shop()
    order = told(shop, **API)
    people = [By(make_user(f"user{number}")) for number in range(4)]
    fields = ("warehouse", "delivery_option", "sales_channel", "cancel_reason")
    start = threading.Barrier(len(fields) + 1)

    def decide(place):
        try:
            start.wait(timeout=30)
            edit(order, {fields[place]: f"by {place}"}, people[place])
        finally:
            connection.close()

    def listen():
        try:
            start.wait(timeout=30)
            for version in range(2, 8):
                told(shop, version=version, status=OrderStatus.TO_SHIP, carrier="New")
        finally:
            connection.close()

    with ThreadPoolExecutor(len(fields) + 1) as pool:
        deeds = [pool.submit(decide, place) for place in range(len(fields))]
        deeds.append(pool.submit(listen))
        for deed in deeds:
            deed.result(timeout=60)

    after = stored(order)
    assert [getattr(after, name) for name in fields] == [f"by {n}" for n in range(4)]
    assert after.carrier == "New"
    assert OrderEvent.objects.filter(kind=OrderEvent.Kind.EDITED).count() == 4
