"""The service behind the command, and the same orders coming from the API."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from apps.imports.models import ImportRun
from apps.imports.services import orders as service
from apps.imports.services.orders import import_orders
from apps.integrations.contracts import Source
from apps.integrations.tiktok.exports import FileRefused
from apps.integrations.tiktok.mapping import order_from_json
from apps.orders.models import Buyer, Order, OrderLine
from apps.orders.services.ingest import ingest_orders
from tests.factories.platforms import make_shop
from tests.factories.users import make_user
from tests.imports.exports import GIFT, MY_FILE, my_row, us_row, write_csv
from tests.integrations.tiktok import payloads

pytestmark = pytest.mark.django_db


def make_unit(**changes):
    """A unit of the red cups in the files."""
    return payloads.make_unit(
        sku_id="1731000000000000011",
        seller_sku="CUP-RED",
        original_price="10.00",
        platform_discount="0",
        seller_discount="0.50",
        sale_price="9.50",
        **changes,
    )


GIFT_UNIT = {"seller_discount": "10.00", "sale_price": "0", "is_gift": True}


def from_api(shop, **changes):
    """The order of my_row(111) as the API tells it: two paid cups and a free one."""
    row = payloads.make_order(
        id="579100000000000111",
        status="COMPLETED",
        user_id="7201",
        create_time=int(datetime(2026, 11, 16, 15, 59, 58, tzinfo=UTC).timestamp()),
        line_items=[make_unit(), make_unit(), make_unit() | GIFT_UNIT],
    )
    return ingest_orders(shop, [order_from_json(row | changes)], Source.API)


@pytest.fixture
def import_rows(tmp_path):
    def import_rows(shop, rows):
        return import_orders(shop, write_csv(tmp_path / "orders.csv", rows))

    return import_rows


ROWS = [my_row(111, sku_quantity_of_return="1"), my_row(111, **GIFT)]


def check_one_order(shop):
    """One order, one person, the paid and the free line, and one unit returned."""
    order = Order.objects.get(shop=shop)
    paid, gift = order.lines.order_by("position")
    assert (paid.quantity, paid.amount, paid.returned_quantity) == (2, Decimal(19), 1)
    assert (gift.quantity, gift.amount, gift.returned_quantity) == (1, Decimal(0), 0)
    assert paid.remote_sku_id == gift.remote_sku_id == "1731000000000000011"
    assert order.lines_source == Order.Source.API
    sources = {payload.source for payload in order.payloads.all()}
    assert sources == {Source.API, Source.FILE}
    buyer = Buyer.objects.get()
    assert (buyer.remote_id, buyer.username) == ("7201", "pembeli_1")
    assert order.buyer == buyer
    # Known from the API alone, and from the file alone.
    assert order.delivery_option == "Standard"
    assert order.refund_amount == Decimal(0)


def test_a_file_after_the_api_gives_one_order_with_one_set_of_lines(import_rows):
    shop = make_shop()
    from_api(shop)

    result = import_rows(shop, ROWS)

    assert (result.outcome.new, result.outcome.updated) == (0, 1)
    check_one_order(shop)


def test_the_api_after_a_file_gives_one_order_with_one_set_of_lines(import_rows):
    shop = make_shop()
    import_rows(shop, ROWS)
    kept = set(OrderLine.objects.values_list("pk", flat=True))

    result = from_api(shop)

    assert (result.new, result.updated) == (0, 1)
    assert set(OrderLine.objects.values_list("pk", flat=True)) == kept
    check_one_order(shop)


def test_both_sources_again_change_nothing(import_rows):
    shop = make_shop()
    from_api(shop)
    import_rows(shop, ROWS)
    before = [list(m.objects.order_by("pk").values()) for m in (Order, OrderLine)]

    assert from_api(shop).same == 1
    assert import_rows(shop, ROWS).outcome.same == 1

    assert before == [
        list(m.objects.order_by("pk").values()) for m in (Order, OrderLine)
    ]


def test_news_from_the_api_keeps_the_units_that_came_back(import_rows):
    shop = make_shop()
    from_api(shop)
    import_rows(shop, ROWS)

    from_api(shop, update_time=payloads.PLACED + 9_000, seller_note="Called")

    assert Order.objects.get().seller_note == "Called"
    check_one_order(shop)


def test_a_bundle_is_the_same_lines_from_either_source(import_rows):
    shop = make_shop(region="US")
    parts = [
        us_row(1, sku_id=f"172900000000000001{n}", virtual_bundle_seller_sku="SET")
        for n in (1, 2)
    ]
    import_rows(shop, [row | {"Order Amount": "2,060.00"} for row in parts])
    units = [
        payloads.make_unit(
            sku_id=f"172900000000000001{n}",
            original_price="1025.00",
            platform_discount="0",
            seller_discount="25.00",
            sale_price="1000.00",
        )
        for n in (1, 2)
    ]

    from_api(shop, id="576200000000000001", line_items=units)

    lines = Order.objects.get().lines.order_by("position")
    assert [line.remote_sku_id[-2:] for line in lines] == ["11", "12"]
    assert {line.bundle_seller_sku for line in lines} == {"SET"}


def test_the_same_file_into_two_shops_is_two_sets_of_orders(import_rows):
    one, other = make_shop(), make_shop()

    import_rows(one, MY_FILE)
    result = import_rows(other, MY_FILE)

    assert result.outcome.new == 4
    assert result.earlier is None
    assert one.orders.count() == other.orders.count() == 4


def test_an_order_of_another_shop_of_the_client_is_refused(tmp_path):
    path = write_csv(tmp_path / "orders.csv", [my_row(111), my_row(222)])
    theirs = make_shop(name="The other one")
    ours = make_shop(client=theirs.client)
    import_orders(theirs, write_csv(tmp_path / "first.csv", [my_row(111)]))

    result = import_orders(ours, path)

    assert (result.outcome.new, result.failed) == (1, 1)
    assert "another shop's: choose the shop" in result.errors[0].message
    # Who reads a file in may see this shop alone.
    assert theirs.name not in result.errors[0].message
    assert [order.remote_id for order in ours.orders.all()] == ["579100000000000222"]
    assert import_orders(ours, path, dry_run=True).failed == 1


def test_the_run_names_its_user(tmp_path):
    shop, user = make_shop(), make_user()

    import_orders(shop, write_csv(tmp_path / "o.csv", MY_FILE), user=user)

    assert ImportRun.objects.get().user == user


def test_progress_is_told_batch_by_batch(tmp_path, monkeypatch):
    monkeypatch.setattr(service, "BATCH", 2)
    told = []

    import_orders(
        make_shop(),
        write_csv(tmp_path / "o.csv", MY_FILE),
        on_progress=lambda done, total, so_far: told.append((done, total, so_far.new)),
    )

    assert told == [(2, 4, 2), (4, 4, 4)]


@pytest.mark.parametrize("end", [RuntimeError("no"), KeyboardInterrupt()])
def test_an_interrupted_import_keeps_whole_batches_and_says_so(
    tmp_path, monkeypatch, end
):
    monkeypatch.setattr(service, "BATCH", 2)
    path = write_csv(tmp_path / "o.csv", MY_FILE)
    shop = make_shop()

    def stop(done, total, so_far):
        raise end

    with pytest.raises(type(end)):
        import_orders(shop, path, on_progress=stop)

    run = ImportRun.objects.get()
    assert run.state == ImportRun.State.FAILED
    assert run.first_error == (str(end) or "Interrupted.")
    assert (run.new, Order.objects.count()) == (2, 2)

    again = import_orders(shop, path)
    assert (again.outcome.new, again.outcome.same) == (2, 2)
    assert again.earlier is None


def test_a_refused_file_is_on_record_with_its_reason(tmp_path):
    path = tmp_path / "o.csv"
    path.write_bytes(b"")

    with pytest.raises(FileRefused):
        import_orders(make_shop(), path)

    run = ImportRun.objects.get()
    assert run.state == ImportRun.State.FAILED
    assert "empty" in run.first_error
    assert run.ended_at
