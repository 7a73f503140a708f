"""Several at once: one file is booked once, one return is inspected once."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from apps.imports.models import ImportRun
from apps.imports.services.stock import import_stock
from apps.imports.services.stock_files import KeptFile
from apps.imports.services.stock_later import leave
from apps.imports.tasks import book_stock_file
from apps.integrations.contracts import CancellationStage, OrderStatus
from apps.inventory.errors import DocumentRefused
from apps.inventory.models import StockDocument
from apps.inventory.services.stock_rows import Mode, Options
from apps.inventory.services.verifying import verify
from apps.orders.services.inspecting import inspect, take_back_inspection
from apps.orders.services.stock import book_orders
from apps.orders.services.stock_proof import differing_orders
from apps.platforms.models import Shop
from tests.factories.inventory import NOBODY, make_warehouse, receive, stock_of
from tests.factories.orders import PLACED
from tests.factories.platforms import make_shop
from tests.factories.products import make_product, make_variant
from tests.factories.users import make_client
from tests.inventory.pages import sell

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

AT_ONCE = 6


@pytest.fixture
def client():
    return make_client("Northwind")


@pytest.fixture
def main(client):
    return make_warehouse(client, "Main", is_default=True)


@pytest.fixture
def lamp(client, main):
    return make_variant(make_product(client), "LAMP-30")


def at_once(*calls: Callable[[], Any]) -> list[BaseException]:
    """What they raised."""
    start = threading.Barrier(len(calls))
    raised: list[BaseException] = []

    def work(call: Callable[[], Any]) -> None:
        try:
            start.wait(timeout=30)
            call()
        except BaseException as error:  # noqa: BLE001
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    return raised


def test_one_receipt_read_by_many_at_once_is_booked_once(client, lamp):
    options = Options(mode=Mode.RECEIVE)

    def read() -> None:
        data = b"SKU,quantity\nLAMP-30,4\n"
        import_stock(client, data, options, NOBODY, file_name="receipt.csv")

    raised = at_once(*[read] * AT_ONCE)

    assert not raised
    assert stock_of(lamp) == (4, 0, 0, 0)
    assert StockDocument.objects.count() == 1
    assert ImportRun.objects.count() == 1
    assert not verify()


@pytest.fixture
def order(client, lamp):
    """Three of ten lamps, on their way back."""
    receive(lamp, 10)
    return sell(
        lamp,
        3,
        shop=make_shop(client),
        remote_id="5801",
        status=OrderStatus.CANCELLED,
        cancellation_stage=CancellationStage.FAILED_DELIVERY,
        shipped_at=PLACED + timedelta(hours=5),
        cancelled_at=PLACED + timedelta(days=3),
        cancel_reason="Package delivery failed",
    )


def test_one_return_inspected_by_many_at_once_is_booked_once(main, lamp, order):
    units: dict[str, dict[str, int]] = {order.lines.get().key: {"sellable": 3}}

    raised = at_once(*[lambda: inspect(order, units, main, NOBODY)] * AT_ONCE)

    assert len(raised) == AT_ONCE - 1
    assert all(isinstance(error, DocumentRefused) for error in raised)
    assert stock_of(lamp) == (10, 0, 0, 0)
    assert not verify()


def test_news_of_an_order_is_not_lost_while_its_inspection_is_taken_back(
    main, lamp, order
):
    units: dict[str, dict[str, int]] = {order.lines.get().key: {"sellable": 3}}
    document = inspect(order, units, main, NOBODY)
    undo = threading.Thread(target=_alone, args=(document,))

    with transaction.atomic():
        shop = Shop.objects.select_for_update(no_key=True).get(pk=order.shop_id)
        undo.start()
        _wait_until_somebody_waits()
        order.cancel_reason = "Package lost"
        order.save()
        book_orders(shop, [order])
    undo.join(timeout=60)

    assert stock_of(lamp) == (7, 0, 0, 0)
    assert not list(differing_orders(shop))
    assert not verify()


def _alone(document: StockDocument) -> None:
    take_back_inspection(document, NOBODY)
    connection.close()


def _wait_until_somebody_waits() -> None:
    for _ in range(500):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    pytest.fail("nobody waits for the shop")


def test_two_workers_at_one_kept_file_book_it_once(
    client, main, lamp, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    data, options = b"SKU,quantity\nLAMP-30,4\n", Options(mode=Mode.RECEIVE)
    run = leave(KeptFile(client, "r.csv", data, options, timezone.now()), NOBODY).run
    assert run is not None

    raised = at_once(*[lambda: book_stock_file(run.pk)] * AT_ONCE)

    assert not raised
    assert stock_of(lamp) == (4, 0, 0, 0)
    run.refresh_from_db()
    assert run.state == ImportRun.State.DONE
