"""Orders sent on their way at the simulated platform, over HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from apps.integrations.contracts import (
    ActionFault,
    Combinable,
    Measures,
    OrderStatus,
    OwnShipment,
    PackageStatus,
    Shipment,
    ShippingType,
)
from apps.integrations.errors import NotFound, RequestRefused
from apps.integrations.tiktok.fulfilment.documents import format_of
from tests.integrations.tiktok.simulated import Desk, desks, package_ids, unit_ids
from tests.simulator_server import run_simulator

OWN_NUMBER = "SD{:010}"


@pytest.fixture(scope="module")
def shops() -> Iterator[dict[str, Desk]]:
    with run_simulator(orders=60) as server:
        yield desks(server)


def own_shipment(desk, order, number=1):
    """With a carrier that may be used for the order."""
    providers = desk.client.shipping_providers(order.delivery_option_id)
    number = int(order.remote_id[-6:]) * 10 + number
    return OwnShipment(OWN_NUMBER.format(number), providers[0].remote_id)


def test_packages_and_orders_of_every_region_can_be_read(shops):
    until = datetime.now(tz=UTC) + timedelta(days=1)
    since = until - timedelta(days=400)

    for desk in shops.values():
        page = desk.client.search_packages(since, until)
        orders = desk.client.search_placed_orders(since, until)
        assert (page.malformed, orders.malformed) == ((), ())
        assert page.packages
        assert [each.updated_at for each in page.packages] == sorted(
            each.updated_at for each in page.packages
        )
        assert [each.placed_at for each in orders.orders] == sorted(
            each.placed_at for each in orders.orders
        )
        for short in page.packages[:3]:
            whole = desk.client.get_package(short.remote_id)
            assert (whole.status, whole.order_ids, whole.unit_ids) == (
                short.status,
                short.order_ids,
                short.unit_ids,
            )
            assert whole.status is not PackageStatus.NOT_UNDERSTOOD


def test_a_package_goes_with_the_platforms_carrier(shops):
    desk = shops["MY"]
    order = desk.place(2, 1)
    [package_id] = package_ids(order)
    assert [line.shipped_quantity for line in order.lines] == [0, 0]
    slot = next(each for each in desk.client.handover(package_id).slots if each.is_free)

    desk.client.ship_package(Shipment(package_id, "PICKUP", slot))

    package = desk.client.get_package(package_id)
    assert package.status is PackageStatus.PROCESSING
    assert package.order_ids == (order.remote_id,)
    assert sorted(package.unit_ids) == sorted(unit_ids(order))
    assert (package.pickup_from_at, package.pickup_until_at) == (slot.start, slot.end)
    assert desk.read(order.remote_id).status is OrderStatus.AWAITING_COLLECTION
    with pytest.raises(RequestRefused) as error:
        desk.client.ship_package(Shipment(package_id))
    assert error.value.fault is ActionFault.DONE_BEFORE
    assert error.value.said

    desk.control(f"packages/{package_id}/collect", {})

    after = desk.read(order.remote_id)
    assert after.status is OrderStatus.IN_TRANSIT
    assert [line.shipped_quantity for line in after.lines] == [2, 1]
    steps = desk.client.tracking(order.remote_id)
    assert steps == sorted(steps, key=lambda each: each.happened_at, reverse=True)
    assert steps


@pytest.mark.parametrize(
    ("kind", "format_", "expected"),
    [
        ("SHIPPING_LABEL", "PDF", "PDF"),
        ("SHIPPING_LABEL", "ZPL", "ZPL"),
        ("SHIPPING_LABEL_AND_PACKING_SLIP", "PDF", "PDF"),
        ("SHIPPING_LABEL_PICTURE", "PDF", "PNG"),
    ],
)
def test_a_label_is_fetched(shops, kind, format_, expected):
    desk = shops["TH"]
    [package_id] = package_ids(desk.place(1))
    with pytest.raises(RequestRefused) as error:
        desk.client.shipping_document(package_id, kind)
    assert error.value.fault is ActionFault.INPUT
    desk.client.ship_package(Shipment(package_id, "DROP_OFF"))

    link = desk.client.shipping_document(package_id, kind, format_=format_)

    assert format_of(desk.client.fetch_document(link.url)) == expected
    assert link.tracking_number == desk.client.get_package(package_id).tracking_number


def test_several_are_shipped_and_those_that_are_not_ours_are_named(shops):
    desk, other = shops["MY"], shops["TH"]
    ours = [package_ids(desk.place(1))[0] for _ in range(3)]
    [foreign] = package_ids(other.place(1))
    shipments = [Shipment(each, "DROP_OFF") for each in (*ours, foreign)]

    failures = desk.client.ship_packages(shipments)

    assert [(each.remote_id, each.fault) for each in failures] == [
        (foreign, ActionFault.STOP)
    ]
    assert {desk.client.get_package(each).status for each in ours} == {
        PackageStatus.PROCESSING
    }
    with pytest.raises(NotFound):
        desk.client.get_package(foreign)
    with pytest.raises(NotFound):
        desk.client.get_package("1160000000000000001")


def test_units_go_with_a_carrier_of_the_sellers_own(shops):
    desk = shops["DE"]
    order = desk.place(2, shipping=ShippingType.SELLER)
    first, second = unit_ids(order)
    own = own_shipment(desk, order)

    marked = desk.client.mark_shipped(order.remote_id, [first], own)

    package = desk.client.get_package(marked.package_id)
    assert (package.unit_ids, package.tracking_number, package.carrier_id) == (
        (first,),
        own.tracking_number,
        own.provider_id,
    )
    desk.client.mark_shipped(order.remote_id, [second], own_shipment(desk, order, 2))
    with pytest.raises(RequestRefused) as error:
        desk.client.mark_shipped(order.remote_id, [], own_shipment(desk, order, 3))
    assert error.value.fault in (ActionFault.DONE_BEFORE, ActionFault.REREAD)

    corrected = own_shipment(desk, order, 4)
    desk.client.update_package_tracking(marked.package_id, corrected)

    package = desk.client.get_package(marked.package_id)
    assert package.tracking_number == corrected.tracking_number
    assert desk.client.deliver([marked.package_id]) == []
    delivered = desk.client.get_package(marked.package_id)
    assert delivered.status is PackageStatus.COMPLETED


def test_the_number_of_a_whole_order_is_corrected(shops):
    desk = shops["DE"]
    order = desk.place(1, shipping=ShippingType.SELLER)
    own, corrected = own_shipment(desk, order), own_shipment(desk, order, 2)
    desk.client.mark_shipped(order.remote_id, [], own)

    desk.client.update_order_tracking(order.remote_id, corrected)

    [package_id] = package_ids(desk.read(order.remote_id))
    package = desk.client.get_package(package_id)
    assert package.tracking_number == corrected.tracking_number
    with pytest.raises(RequestRefused) as error:
        desk.client.update_order_tracking(order.remote_id, OwnShipment("?", "1"))
    assert error.value.fault is ActionFault.INPUT


def test_a_label_is_bought_where_packages_come_with_it(shops):
    desk = shops["US"]
    order = desk.place(2)
    assert package_ids(order) == []
    box = Measures(Decimal(20), Decimal(10), Decimal(5), "CM", Decimal(800), "GRAM")
    services = desk.client.shipping_services(order.remote_id, unit_ids(order), box)
    cheapest = min(services, key=lambda each: each.price or Decimal(0))

    package_id = desk.client.buy_label(
        order.remote_id, unit_ids(order), cheapest.remote_id, box
    )

    package = desk.client.get_package(package_id)
    assert (package.carrier, package.status) == (
        cheapest.carrier,
        PackageStatus.PROCESSING,
    )
    assert package_ids(desk.read(order.remote_id)) == [package_id]
    link = desk.client.shipping_document(package_id, "SHIPPING_LABEL")
    assert format_of(desk.client.fetch_document(link.url)) == "PDF"


def test_an_order_is_split(shops):
    desk = shops["VN"]
    order = desk.place(2, 1)
    ids = unit_ids(order)
    single = desk.place(1)
    advice = {
        each.order_id: each
        for each in desk.client.split_advice([order.remote_id, single.remote_id])
    }
    assert advice[order.remote_id].can_split
    assert not advice[single.remote_id].can_split
    assert advice[single.remote_id].reasons

    packages = desk.client.split(order.remote_id, {"a": ids[:1], "b": ids[1:]})

    after = desk.read(order.remote_id)
    assert after.split_or_combine == "split"
    held = {
        unit.remote_id: unit.package_id for line in after.lines for unit in line.units
    }
    assert held == {
        ids[0]: packages["a"],
        ids[1]: packages["b"],
        ids[2]: packages["b"],
    }
    desk.client.ship_package(Shipment(packages["a"], "DROP_OFF"))
    assert desk.read(order.remote_id).status is OrderStatus.PARTLY_SHIPPED


def test_orders_are_combined_and_taken_apart_again(shops):
    desk = shops["ID"]
    first = desk.place(1)
    second = desk.place(1, same_buyer_as=first.remote_id)
    ids = {first.remote_id, second.remote_id}
    offers, _ = desk.client.combinable()
    offer = next(each for each in offers if set(each.order_ids) == ids)

    failures = desk.client.combine([offer, Combinable("1160", tuple(ids))])

    assert [(each.remote_id, each.fault) for each in failures] == [
        ("1160", ActionFault.STOP)
    ]
    orders = [desk.read(each) for each in ids]
    [package_id] = {each for order in orders for each in package_ids(order)}
    package = desk.client.get_package(package_id)
    assert (set(package.order_ids), package.split_or_combine) == (ids, "combined")
    assert {order.split_or_combine for order in orders} == {"combined"}

    desk.client.uncombine(package_id)

    assert len({package_ids(desk.read(each))[0] for each in ids}) == 2


def test_every_shop_knows_how_its_goods_can_be_sent(shops):
    for desk in shops.values():
        warehouse = next(
            each
            for each in desk.client.warehouses()
            if each.kind == "SALES_WAREHOUSE" and each.is_active
        )
        options = desk.client.delivery_options(warehouse.remote_id)
        carriers = [desk.client.shipping_providers(each.remote_id) for each in options]
        assert all(each.name and each.kind for each in options)
        assert [] in carriers or len(options) == 1
        assert any(carriers) == any(each.kind == "SEND_BY_SELLER" for each in options)
