"""An order with its packages, cancellation and returns, heard of in any order, from the
platform and from files: the rows, the money and the stock come out the same."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from apps.integrations.contracts import (
    CancellationStatus,
    OrderStatus,
    PackageStatus,
    RemoteCancellation,
    RemoteOrder,
    RemotePackage,
    RemoteReturn,
    RemoteUnit,
    ReturnKind,
    ReturnStatus,
    Source,
)
from apps.orders.models import (
    Cancellation,
    Order,
    OrderLine,
    OrderPackage,
    Package,
    Return,
)
from apps.orders.services.cancellations import ingest_cancellations
from apps.orders.services.ingest import ingest_orders
from apps.orders.services.packages import ingest_packages
from apps.orders.services.returns import ingest_returns
from apps.orders.services.stock_proof import differing_orders
from apps.platforms.models import Shop
from tests.factories.aftersales import (
    SKU,
    make_remote_cancellation,
    make_remote_package,
    make_remote_return,
    make_request_line,
    make_unit_line,
)
from tests.factories.inventory import stock_of
from tests.factories.orders import PLACED, make_remote_line, make_remote_order
from tests.orders.shelves import make_shelf

pytestmark = pytest.mark.django_db

To, Away, Off = OrderStatus.TO_SHIP, OrderStatus.IN_TRANSIT, OrderStatus.CANCELLED
Here, Done = OrderStatus.DELIVERED, OrderStatus.COMPLETED
P0, P1, P2 = (f"115200000000000000{number}" for number in range(3))
NUMBERS = {P1: "JT1", P2: "JT2"}


def at(hours: float) -> datetime:
    return PLACED + timedelta(hours=hours)


def version(hours: float, status: OrderStatus, *units: Any, **changes: Any) -> Any:
    """An order as the platform tells of it: each item's status and package."""
    items = [
        RemoteUnit(
            f"U{number}",
            each,
            package,
            tracking_number=NUMBERS.get(package, "") if each is not To else "",
        )
        for number, (each, package) in enumerate(units, start=1)
    ]
    return make_remote_order(
        version=None,
        updated_at=at(hours),
        status=status,
        status_text=status.value,
        paid_at=PLACED,
        lines=(make_unit_line(*items),),
        **changes,
    )


def from_file(status: OrderStatus, *numbers: str, **changes: Any) -> RemoteOrder:
    line = make_remote_line(SKU, quantity=3, tracking_numbers=numbers)
    return make_remote_order(
        version=None,
        status=status,
        status_text=status.value,
        paid_at=PLACED,
        lines=(line,),
        **changes,
    )


SHIPPED = {"shipped_at": at(5)}
ORDERS = [
    version(1, To, (To, ""), (To, ""), (To, "")),
    version(2, To, (To, P0), (To, P0), (To, P0)),
    version(3, To, (To, P1), (To, P2), (To, P2)),
    version(4, OrderStatus.PARTLY_SHIPPED, (Away, P1), (To, P2), (To, P2)),
    version(5, Away, (Away, P1), (Away, P2), (Off, P2), **SHIPPED),
    version(6, Here, (Here, P1), (Here, P2), (Off, P2), **SHIPPED),
    version(9, Done, (Done, P1), (Done, P2), (Off, P2), **SHIPPED),
]
FILES = [
    from_file(To),
    from_file(OrderStatus.AWAITING_COLLECTION, "JT1"),
    from_file(Done, "JT1", "JT2", reported_return="Return/Refund", **SHIPPED),
]
_STEPS = [
    (P0, 2, PackageStatus.TO_FULFILL),
    (P0, 3, PackageStatus.CANCELLED),
    (P1, 3, PackageStatus.PROCESSING),
    (P1, 4, PackageStatus.FULFILLING),
    (P1, 6, PackageStatus.COMPLETED),
    (P2, 3, PackageStatus.TO_FULFILL),
    (P2, 5, PackageStatus.FULFILLING),
    (P2, 6, PackageStatus.COMPLETED),
]
PACKAGES = [
    make_remote_package(
        name,
        updated_at=at(hours),
        status=status,
        tracking_number=NUMBERS.get(name, "") if hours > 3 else "",
    )
    for name, hours, status in _STEPS
]
_THIRD = (make_request_line("U3", "40"),)
CANCELLATIONS = [
    make_remote_cancellation(
        updated_at=at(hours), status=status, amount="40", lines=_THIRD
    )
    for hours, status in (
        (4, CancellationStatus.PENDING),
        (5, CancellationStatus.SUCCESS),
        (5.5, CancellationStatus.COMPLETE),
    )
]
RETURNS = [
    make_remote_return(
        name,
        kind=kind,
        updated_at=at(hours),
        status=status,
        amount=amount,
        lines=(make_request_line(unit, amount),),
    )
    for name, kind, unit, amount, steps in (
        (
            "4036000000000000001",
            ReturnKind.RETURN_AND_REFUND,
            "U1",
            "40",
            (
                (6.5, ReturnStatus.PENDING),
                (6.6, ReturnStatus.REJECTED),
                (7, ReturnStatus.AWAITING_BUYER_SHIP),
                (8, ReturnStatus.BUYER_SHIPPED),
                (9, ReturnStatus.COMPLETE),
            ),
        ),
        (
            "4036000000000000002",
            ReturnKind.REFUND,
            "U2",
            "12.5",
            ((7, ReturnStatus.PENDING), (8, ReturnStatus.SUCCESS)),
        ),
    )
    for hours, status in steps
]
HISTORY: list[Any] = [*ORDERS, *PACKAGES, *CANCELLATIONS, *RETURNS]


def hear(shop: Shop, news: Any, source: Source) -> None:
    ingest: Any = {
        RemoteOrder: ingest_orders,
        RemotePackage: ingest_packages,
        RemoteCancellation: ingest_cancellations,
        RemoteReturn: ingest_returns,
    }[type(news)]
    ingest(shop, [news], source)


_OURS = {
    "id",
    "shop",
    "order",
    "buyer",
    "request",
    "order_line",
    "listing_sku",
    "variant",
    "created_at",
    "modified_at",
    "testimony",
    "source",
}


def plain(row: Any) -> dict[str, Any]:
    names = [field.name for field in row._meta.concrete_fields]
    return {name: getattr(row, name) for name in names if name not in _OURS}


def everything(shop: Shop) -> dict[str, Any]:
    """All that is known of a shop's order, but for how and when it was learnt."""
    requests = [
        (plain(row), row.order is not None, *lines)
        for model in (Cancellation, Return)
        for row in model.objects.filter(shop=shop).order_by("remote_id")
        for lines in [
            [
                (plain(line), line.order_line and line.order_line.key)
                for line in row.lines.order_by("remote_id")
            ]
        ]
    ]
    packages = Package.objects.filter(shop=shop).order_by("remote_id")
    links = OrderPackage.objects.filter(order__shop=shop)
    return {
        "order": plain(Order.objects.get(shop=shop)),
        "lines": [plain(line) for line in OrderLine.objects.filter(order__shop=shop)],
        "packages": [plain(package) for package in packages],
        "travels": sorted(links.values_list("package__remote_id", flat=True)),
        "requests": requests,
    }


@pytest.fixture
def straight() -> dict[str, Any]:
    """What comes of the platform's news, one after the other."""
    shop, lamp = make_shelf()
    for news in HISTORY:
        hear(shop, news, Source.API)
    known = everything(shop) | {"stock": stock_of(lamp)}
    assert known["travels"] == [P1, P2]
    assert known["stock"] == (8, 0, 1, 0)
    order = known["order"]
    assert (order["return_state"], order["refund_amount"]) == (
        "accepted",
        Decimal("92.5"),
    )
    return known


@pytest.mark.parametrize("with_files", [False, True])
def test_whatever_the_order_of_arrival_it_comes_out_the_same(straight, with_files):
    for seed in range(8):
        dice = random.Random(f"{with_files}{seed}")
        doors = [Source.API, Source.WEBHOOK]
        heard = [(news, dice.choice(doors)) for news in HISTORY]
        heard += dice.sample(heard, len(heard) // 3)
        if with_files:
            heard += [(news, Source.FILE) for news in FILES]
        dice.shuffle(heard)
        shop, lamp = make_shelf()

        for news, source in heard:
            hear(shop, news, source)

        known = everything(shop) | {"stock": stock_of(lamp)}
        if with_files:  # what only a file tells
            known["order"]["reported_return"] = ""
        assert known == straight, seed
        assert list(differing_orders(shop)) == []


def test_what_comes_in_one_batch_is_as_if_it_came_one_by_one(straight):
    shop, lamp = make_shelf()
    dice = random.Random(7)

    for ingest, news in (
        (ingest_returns, RETURNS),
        (ingest_packages, PACKAGES),
        (ingest_cancellations, CANCELLATIONS),
        (ingest_orders, ORDERS),
    ):
        some: Any = dice.sample(news, len(news))
        ingest(shop, some, Source.API)

    known = everything(shop) | {"stock": stock_of(lamp)}
    assert known == straight


def test_a_later_word_moves_all_of_it_on(straight):
    shop, lamp = make_shelf()
    for news in HISTORY:
        hear(shop, news, Source.API)

    refused = replace(
        RETURNS[4],
        updated_at=at(10),
        status=ReturnStatus.RECEIVE_REJECTED,
        status_text="REJECT_RECEIVE_PACKAGE",
    )
    hear(shop, refused, Source.WEBHOOK)

    assert stock_of(lamp) == (8, 0, 0, 0)
    order = Order.objects.get(shop=shop)
    assert (order.return_state, order.refund_amount) == ("accepted", Decimal("52.5"))
