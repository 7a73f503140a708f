"""The same ninety days, through whatever doors and in whatever turn they come, are the
same orders, lines, money, packages and stock."""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models import Sum

from apps.integrations.contracts import RemoteOrder, Source
from apps.integrations.tiktok.exports import inspect_orders_file
from apps.integrations.tiktok.mapping import order_from_json
from apps.inventory.services.verifying import verify
from apps.orders.models import Order, OrderPackage
from apps.orders.services.ingest import ingest_orders
from apps.orders.services.stock_proof import differing_orders
from apps.platforms.models import Shop
from tests.factories.inventory import COUNTED, receive
from tests.factories.platforms import make_shop
from tests.factories.products import make_listing_sku, make_variant
from tests.orders import ninety_days as days
from tests.orders.kept_rows import differences, rows_of
from tests.orders.ninety_days import FIRST, LAST, SKUS, Life
from tests.orders.stock_model import DocumentTruth, OrderTruth, Truth

pytestmark = pytest.mark.django_db
ORDERS = days.lives(220)
RECEIVED = 10_000
News = tuple[Source, Sequence[RemoteOrder]]


@pytest.fixture(scope="module")
def api():
    """{order's number: its versions as the API told of them, in turn}"""
    return {
        life.number: [
            order_from_json(days.as_json(life.at(at))) for at in life.versions()
        ]
        for life in ORDERS
    }


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """What eight exports said, made at different times, each of all orders by then."""
    folder = tmp_path_factory.mktemp("exports")
    moments = [FIRST + timedelta(days=12 * number) for number in range(1, 8)]
    paths = [
        days.write_file(folder / f"{number}.csv", ORDERS, at)
        for number, at in enumerate([*moments, LAST])
    ]
    return [[*_read(path)] for path in paths]


def _read(path: Path) -> Iterable[RemoteOrder]:
    file = inspect_orders_file(
        path, currency="MYR", timezone="Asia/Kuala_Lumpur", region="MY"
    )
    assert file.problems == []
    return file.orders()


def make_stocked_shop() -> Shop:
    shop = make_shop()
    for remote_id, sku in SKUS.items():
        variant = make_variant(client=shop.client, sku=sku)
        make_listing_sku(shop=shop, remote_id=remote_id, variant=variant)
        receive(variant, RECEIVED)
    return shop


def told(news: Iterable[News]) -> Shop:
    shop = make_stocked_shop()
    for source, orders in news:
        ingest_orders(shop, orders, source)
    return shop


def in_turn(api) -> list[News]:
    """As a shop hears it that reads the API all along: by time of update."""
    versions = [version for versions in api.values() for version in versions]
    versions.sort(key=lambda version: version.updated_at)
    return [(Source.API, some) for some in _cut(versions, 250)]


def _cut(orders: Sequence[RemoteOrder], most: int) -> list[Sequence[RemoteOrder]]:
    return [orders[at : at + most] for at in range(0, len(orders), most)]


def mixed(api, files, dice: random.Random) -> list[News]:
    """Everyone's last version at some time, earlier ones perhaps, by pulls or after
    webhooks, and files, of any age; some of it twice, all in any turn."""
    versions = []
    for known in api.values():
        versions += [version for version in known if dice.random() < 0.5]
        versions.append(known[-1])
    dice.shuffle(versions)
    doors = (Source.API, Source.WEBHOOK)
    news: list[News] = [(dice.choice(doors), some) for some in _cut(versions, 150)]
    news += [(Source.FILE, file) for file in dice.sample(files, 4)]
    news += dice.sample(news, 3)
    dice.shuffle(news)
    return news


@pytest.fixture
def only_api(api):
    return rows_of(told(in_turn(api)))


@pytest.mark.parametrize("seed", [1, 2])
def test_any_mix_of_doors_comes_to_what_the_api_alone_tells(api, files, only_api, seed):
    shop = told(mixed(api, files, random.Random(seed)))

    rows = rows_of(shop)
    for order in rows["orders"]:
        # That nothing went back to who never paid, the API does not tell with orders.
        assert order.pop("refund_amount") in (None, Decimal(0))
    assert differences(rows, only_api) == []
    assert not Order.objects.filter(shop=shop, has_conflict=True).exists()
    assert verify().differences == []
    assert list(differing_orders(shop)) == []


def test_files_alone_come_to_the_same_in_any_turn(files):
    dice = random.Random(3)
    news: list[News] = [(Source.FILE, file) for file in files]
    expected = rows_of(told(news[-1:]), also=["testimony"])
    late = [*dice.sample(news, 4), *news[-1:]]
    dice.shuffle(late)

    shop = told(late)

    assert differences(rows_of(shop, also=["testimony"]), expected) == []


def test_ninety_days_are_what_truly_happened(api, files):
    shop = told(mixed(api, files, random.Random(4)))

    orders = Order.objects.filter(shop=shop)
    statuses = Counter(orders.values_list("status", flat=True))
    assert statuses == Counter(_OURS[life.status] for life in ORDERS)
    due = sum(life.goods + Decimal("4.90") for life in ORDERS if not _is_free(life))
    assert sum(orders.values_list("total_amount", flat=True)) == due
    units = orders.aggregate(units=Sum("lines__quantity"))["units"]
    assert units == sum(len(life.units) for life in ORDERS)
    travelling = {
        (life.remote_id, package)
        for life in ORDERS
        for place in range(len(life.units))
        for package, _ in [life.at(LAST).package(place)]
        if package
    }
    links = OrderPackage.objects.filter(order__shop=shop)
    assert travelling == {*links.values_list("order__remote_id", "package__remote_id")}
    stock = {row[0]: row[1:] for row in rows_of(shop)["stock"]}
    assert stock == {place[0]: f[:3] for place, f in _truth().balances().items()}


_OURS = {
    days.UNPAID: "unpaid",
    days.HOLD: "on_hold",
    days.TO_SHIP: "to_ship",
    days.AWAITING: "awaiting_collection",
    days.PARTLY: "partly_shipped",
    days.TRANSIT: "in_transit",
    days.DELIVERED: "delivered",
    days.COMPLETED: "completed",
    days.CANCELLED: "cancelled",
}


def _is_free(life: Life) -> bool:
    return life.way == "sample"


def _truth() -> Truth:
    """What stock comes to, item by item."""
    truth = Truth(mapping={sku: sku for sku in SKUS.values()})
    moves = {(sku, "main"): (RECEIVED, 0, 0) for sku in SKUS.values()}
    truth.documents.append(DocumentTruth(moves, COUNTED, COUNTED))
    for life in ORDERS:
        state = life.at(LAST)
        for place, sku in enumerate(life.units):
            status = state.item_status(place)
            item = OrderTruth(SKUS[sku], life.placed_at, 1, left_at=LAST)
            if status == days.CANCELLED:
                has_left = state.since(days.TRANSIT) and state.status == days.CANCELLED
                item.state = "failed" if has_left else "cancelled"
                item.back = 1
            elif status in (days.TRANSIT, days.DELIVERED, days.COMPLETED):
                item.state = "left"
            truth.orders[life.number, place] = item
    return truth
