"""Single orders read again, with all that belongs to them."""

from datetime import timedelta
from typing import Any

import pytest

from apps.integrations.contracts import (
    OrderStatus,
    PackageStatus,
    ReturnStatus,
    Source,
)
from apps.integrations.errors import PlatformUnavailable, ScopeMissing
from apps.orders.models import Order, OrderPayload, Package
from apps.sync.models import Resource, SyncRun
from apps.sync.services import pull_some as module
from apps.sync.services.pull_some import pull_some
from tests.factories.aftersales import (
    ORDER_ID,
    make_remote_cancellation,
    make_remote_package,
    make_remote_return,
    make_unit_line,
    make_units,
)
from tests.factories.orders import PLACED, make_remote_order
from tests.factories.platforms import make_shop
from tests.sync.fakes import FakePlatform

pytestmark = pytest.mark.django_db

P1, P2 = "1152000000000000001", "1152000000000000002"


def order(package_id: str = P1, version: int = 1, **changes: Any) -> Any:
    units = make_units(OrderStatus.TO_SHIP, package_id=package_id)
    lines = (make_unit_line(*units),)
    return make_remote_order(version=version, lines=lines, paid_at=PLACED, **changes)


def platform_with(*orders: Any, **more: Any) -> Any:
    return FakePlatform(list(orders), **more)


@pytest.fixture
def shop():
    return make_shop()


def test_an_order_comes_with_its_package_and_requests(shop):
    platform = platform_with(
        order(),
        packages=[make_remote_package(tracking_number="JT1")],
        cancellations=[make_remote_cancellation()],
        returns=[make_remote_return(status=ReturnStatus.SUCCESS, amount="40")],
    )

    pulled = pull_some(shop, [ORDER_ID, "58nobody", ORDER_ID], client=platform)

    assert (pulled.orders.new, pulled.others.new, pulled.others.updated) == (1, 2, 1)
    assert pulled.missing == ["58nobody"]
    assert pulled.not_permitted == []
    row = Order.objects.get()
    assert (row.return_state, row.refund_amount) == ("accepted", 40)
    assert row.is_cancel_requested
    assert row.packages.get().tracking_number == "JT1"
    assert not SyncRun.objects.exists()

    again = pull_some(shop, [ORDER_ID], source=Source.WEBHOOK, client=platform)
    results = (again.orders, again.others)
    assert [(each.new, each.updated) for each in results] == [(0, 0), (0, 0)]
    assert OrderPayload.objects.count() == 1


def test_packages_that_are_over_or_taken_apart_are_not_asked_for(shop, monkeypatch):
    done = make_remote_package(status=PackageStatus.COMPLETED)
    platform = platform_with(order(), packages=[done])
    pull_some(shop, [ORDER_ID], client=platform)
    asked: list[str] = []
    whole = platform.get_package

    def get_package(package_id: str) -> Any:
        asked.append(package_id)
        return whole(package_id)

    platform.get_package = get_package

    pull_some(shop, [ORDER_ID], client=platform)
    assert asked == []

    platform.orders = [order(P2, version=2)]
    pulled = pull_some(shop, [ORDER_ID], client=platform)
    assert asked == [P2]
    assert pulled.orders.updated == 1
    assert [each.remote_id for each in Order.objects.get().packages.all()] == [P2]


def test_of_many_packages_only_some_are_asked_for(shop, monkeypatch):
    monkeypatch.setattr(module, "MOST_PACKAGES", 2)
    ids = [f"58000000000000000{n}" for n in range(5)]
    platform = platform_with(
        *(order(f"P{n}", remote_id=each) for n, each in enumerate(ids)),
        packages=[
            make_remote_package(f"P{n}", order_ids=(each,))
            for n, each in enumerate(ids)
        ],
    )

    pull_some(shop, ids, client=platform)

    assert Package.objects.count() == 5
    read = Package.objects.filter(remote_updated_at__isnull=False)
    assert [each.remote_id for each in read] == ["P0", "P1"]


def test_what_is_not_permitted_keeps_nothing_else(shop):
    platform = platform_with(order(), returns=[make_remote_return()])

    def refuse(*args: Any) -> Any:
        raise ScopeMissing("Access denied.", code=105005)

    platform.get_package = refuse
    platform.cancellations_of = refuse

    pulled = pull_some(shop, [ORDER_ID], client=platform)

    assert pulled.not_permitted == [Resource.PACKAGES, Resource.CANCELLATIONS]
    assert (pulled.orders.new, pulled.others.new) == (1, 1)


def test_what_was_read_before_a_failure_is_kept(shop):
    platform = platform_with(order())

    def fail(*args: Any) -> Any:
        raise PlatformUnavailable("TikTok did not answer.")

    platform.returns_of = fail

    with pytest.raises(PlatformUnavailable):
        pull_some(shop, [ORDER_ID], client=platform)

    assert Order.objects.get().remote_id == ORDER_ID


def test_nothing_asked_is_nothing_done(shop):
    assert pull_some(shop, []).orders.new == 0


def test_old_news_read_late_changes_nothing(shop):
    newer = platform_with(order(version=3, carrier="New"))
    older = platform_with(order(version=2, carrier="Old"))
    pull_some(shop, [ORDER_ID], client=newer)

    pull_some(shop, [ORDER_ID], client=older)

    row = Order.objects.get()
    assert row.carrier == "New"
    assert row.remote_updated_at == PLACED + timedelta(hours=3)
