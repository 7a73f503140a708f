"""What an order's timeline has of its own, and notices of words nobody understands."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.integrations.contracts import OrderStatus, Source
from apps.orders.models import Order, OrderEvent, OrderPayload, UnknownWord
from apps.orders.services.events import Happening, note_event, note_events
from apps.orders.services.ingest import ingest_orders, preview_orders
from apps.orders.services.unknown import note_unknown
from apps.users.services.audit import By
from tests.factories.orders import PLACED, make_order, make_remote_order
from tests.factories.platforms import make_shop
from tests.factories.users import make_user
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db
SHIPPED = PLACED + timedelta(days=1)


def test_a_new_order_has_no_event_of_its_own():
    ingest_orders(make_shop(), [make_remote_order()], Source.API)

    assert not OrderEvent.objects.exists()


@pytest.mark.parametrize("source", list(Source))
def test_a_stored_order_that_moves_on_says_from_where_to_where_and_by_whom(source):
    shop = make_shop()
    ingest_orders(shop, [make_remote_order()], Source.API)

    later = make_remote_order(
        version=2 if source.is_platform else None,
        status=OrderStatus.IN_TRANSIT,
        shipped_at=SHIPPED,
    )
    ingest_orders(shop, [later], source)
    ingest_orders(shop, [later], source)

    event = OrderEvent.objects.get()
    assert event.kind == OrderEvent.Kind.STATUS
    assert event.text == "Awaiting shipment → In transit"
    assert event.source == source
    assert event.happened_at == SHIPPED
    assert event.recorded_at > SHIPPED
    assert event.user is None


def test_news_without_another_status_is_no_event():
    shop = make_shop()
    ingest_orders(shop, [make_remote_order(version=2)], Source.API)

    older = make_remote_order(version=1, status=OrderStatus.UNPAID)
    ingest_orders(shop, [older, make_remote_order(version=3, carrier="A")], Source.API)

    assert Order.objects.get().carrier == "A"
    assert not OrderEvent.objects.exists()


def test_where_no_instant_tells_it_happened_when_the_platform_changed_the_order():
    shop = make_shop()
    ingest_orders(shop, [make_remote_order()], Source.API)

    completed = make_remote_order(version=5, status=OrderStatus.COMPLETED)
    ingest_orders(shop, [completed], Source.WEBHOOK)

    assert OrderEvent.objects.get().happened_at == completed.updated_at


def test_a_preview_writes_no_event_and_no_notice():
    shop = make_shop()
    ingest_orders(shop, [make_remote_order()], Source.API)

    news = [
        make_remote_order(version=2, status=OrderStatus.DELIVERED),
        make_remote_order(
            "582", status=OrderStatus.NOT_UNDERSTOOD, status_text="TELEPORTED"
        ),
    ]
    preview_orders(shop, news, Source.API)

    assert not OrderEvent.objects.exists()
    assert not UnknownWord.objects.exists()


@pytest.mark.parametrize("count", [10, 100])
def test_events_of_a_batch_take_one_statement(count):
    shop = make_shop()
    ids = [f"58{number}" for number in range(count)]
    ingest_orders(shop, [make_remote_order(each) for each in ids], Source.API)

    with statements() as asked:
        news = [
            make_remote_order(each, version=2, status=OrderStatus.DELIVERED)
            for each in ids
        ]
        ingest_orders(shop, news, Source.API)

    assert OrderEvent.objects.count() == count
    assert asked.kinds.count("INSERT orders_orderevent") == 1
    assert "INSERT orders_unknownword" not in asked.kinds


def test_an_event_says_who_did_it_and_when_it_was_true():
    order = make_order()
    ann, looker = make_user("ann"), make_user("looker")

    note_event(order, OrderEvent.Kind.PRINTED, "Label printed", by=By(ann))
    ann.seen_by = looker
    note_events(
        [
            Happening(order, OrderEvent.Kind.ACTION, "x" * 500, By(ann)),
            Happening(order, OrderEvent.Kind.PULLED, "Read", By(process="pull_orders")),
            Happening(order, OrderEvent.Kind.CHANGED, "", happened_at=PLACED),
        ]
    )

    printed, action, pulled, changed = OrderEvent.objects.order_by("pk")
    assert (printed.user, printed.process) == (ann, "")
    assert printed.happened_at == printed.recorded_at
    assert action.user == looker
    assert len(action.text) == 400
    assert (pulled.user, pulled.process) == (None, "pull_orders")
    assert changed.happened_at == PLACED


def test_a_word_nobody_understands_is_noticed_once_a_shop_however_often_it_comes():
    shop, other = make_shop(), make_shop()

    def riddle(remote_id, version=1, text="TELEPORTED"):
        return make_remote_order(
            remote_id,
            version=version,
            status=OrderStatus.NOT_UNDERSTOOD,
            status_text=text,
        )

    ingest_orders(
        shop, [riddle("581"), riddle("582"), riddle("583", 1, "")], Source.API
    )
    ingest_orders(shop, [riddle("581", 2), riddle("584", 1, "ZAPPED")], Source.WEBHOOK)
    ingest_orders(other, [riddle("581")], Source.API)

    words = UnknownWord.objects.order_by("pk")
    assert [(w.shop, w.kind, w.text, w.example_id) for w in words] == [
        (shop, "order_status", "TELEPORTED", "581"),
        (shop, "order_status", "ZAPPED", "584"),
        (other, "order_status", "TELEPORTED", "581"),
    ]


def test_a_word_that_somebody_has_seen_gives_no_second_notice():
    shop = make_shop()
    kind = UnknownWord.Kind.RETURN_STATUS
    note_unknown(shop, kind, "LOST_IN_SPACE", "R1")
    UnknownWord.objects.update(seen_at=PLACED)

    note_unknown(shop, kind, "LOST_IN_SPACE", "R2")
    note_unknown(
        shop, UnknownWord.Kind.RETURN_KIND, "LOST_IN_SPACE\0" + "x" * 200, "R3"
    )

    assert UnknownWord.objects.open().count() == 1
    seen = UnknownWord.objects.get(kind=kind)
    assert seen.example_id == "R1"
    with pytest.raises(IntegrityError), transaction.atomic():
        UnknownWord.objects.create(
            shop=shop, kind=kind, text="LOST_IN_SPACE", example_id="R4"
        )


def test_a_notice_and_its_order_are_stored_together_or_not_at_all(monkeypatch):
    shop = make_shop()
    news = make_remote_order(status=OrderStatus.NOT_UNDERSTOOD, status_text="ZAPPED")

    class Crash(Exception):
        pass

    def crash(*_, **__):
        raise Crash

    monkeypatch.setattr("apps.orders.services.ingest.book_orders", crash)
    with pytest.raises(Crash):
        ingest_orders(shop, [news], Source.API)

    assert not UnknownWord.objects.exists()
    assert not Order.objects.exists()


def test_what_a_webhook_gave_news_of_is_the_platform_s_word():
    shop = make_shop()
    news = make_remote_order()
    ingest_orders(shop, [news], Source.WEBHOOK)
    order = Order.objects.get()
    assert order.testimony.keys() == {"platform"}
    assert order.lines_source == Source.API
    assert OrderPayload.objects.get().source == Source.API

    with statements() as asked:
        result = ingest_orders(shop, [news], Source.API)

    assert result.same == 1
    assert len(asked) == 1
    ingest_orders(shop, [make_remote_order(version=2, carrier="A")], Source.API)
    ingest_orders(shop, [news], Source.WEBHOOK)
    assert Order.objects.get().carrier == "A"
    assert OrderPayload.objects.get().body != news.raw
