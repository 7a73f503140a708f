"""Packages: what orders, files and the platform's own list tell of them."""

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from apps.integrations.contracts import OrderStatus, PackageStatus, Source
from apps.orders.models import Order, OrderPackage, Package, UnknownWord
from apps.orders.services.ingest import ingest_orders
from apps.orders.services.packages import ingest_packages, preview_packages
from tests.factories.aftersales import (
    ORDER_ID,
    make_remote_package,
    make_unit_line,
    make_units,
)
from tests.factories.orders import PLACED, make_remote_line, make_remote_order
from tests.factories.platforms import make_shop
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

P1, P2, P3 = (f"115200000000000000{number}" for number in (1, 2, 3))
TO_SHIP = OrderStatus.TO_SHIP


@pytest.fixture
def shop():
    return make_shop()


def order(*units: Any, version: int | None = 1, **changes: Any) -> Any:
    return make_remote_order(
        version=version, lines=(make_unit_line(*units),), **changes
    )


def from_file(package_id: str = "", number: str = "", **changes: Any) -> Any:
    line = make_remote_line(
        package_ids=(package_id,) if package_id else (),
        tracking_numbers=(number,) if number else (),
    )
    return make_remote_order(version=None, lines=(line,), **changes)


def hear(shop: Any, *news: Any) -> None:
    """Orders with a version are the platform's, others a file's."""
    for each in news:
        if hasattr(each, "order_ids"):
            ingest_packages(shop, [each], Source.API)
        else:
            source = Source.API if each.updated_at else Source.FILE
            ingest_orders(shop, [each], source)


def known(shop: Any) -> Any:
    """Packages and who travels in them, without our own keys and times."""
    rows = Package.objects.filter(shop=shop).order_by("remote_id", "tracking_number")
    skip = ("id", "shop_id", "created_at", "modified_at")
    return [
        (
            {name: value for name, value in row.items() if name not in skip},
            sorted(
                OrderPackage.objects.filter(package=row["id"]).values_list(
                    "order__remote_id", flat=True
                )
            ),
        )
        for row in rows.values()
    ]


def links() -> set[tuple[str, str]]:
    rows = OrderPackage.objects.values_list(
        "package__remote_id", "package__tracking_number", "order__remote_id"
    )
    return {(one or number, order_id) for one, number, order_id in rows}


def assert_same_in_any_order(*news: Any) -> Any:
    """However news comes, and twice, the same is known."""
    found = []
    for row in itertools.permutations(news):
        shop = make_shop()
        hear(shop, *row, row[0])
        found.append(known(shop))
    assert all(each == found[0] for each in found)
    return found[0]


def test_an_order_tells_of_its_packages_and_their_states(shop):
    units = make_units(
        TO_SHIP,
        TO_SHIP,
        package_id=P1,
        package_status=PackageStatus.PROCESSING,
        tracking_number="JT1",
        carrier="J&T",
        carrier_id="7001",
    )

    hear(shop, order(*units))

    package = Package.objects.get()
    assert (package.remote_id, package.tracking_number) == (P1, "JT1")
    assert (package.carrier, package.carrier_id) == ("J&T", "7001")
    assert package.status == Package.Status.PROCESSING
    assert list(package.orders.all()) == [Order.objects.get()]


def test_the_platform_s_own_word_fills_in_and_a_blank_erases_nothing(shop):
    hear(shop, order(*make_units(TO_SHIP, package_id=P1, tracking_number="JT1")))
    detail = make_remote_package(
        status=PackageStatus.PROCESSING,
        handover_method="PICKUP",
        pickup_from_at=PLACED + timedelta(days=1),
        sub_status="RTS",
        problem="Address is wrong",
    )

    hear(shop, detail)
    short = make_remote_package(version=2, status=PackageStatus.FULFILLING)
    result = ingest_packages(shop, [short], Source.API)

    assert (result.new, result.updated, result.same) == (0, 1, 0)
    package = Package.objects.get()
    assert (package.tracking_number, package.handover_method) == ("JT1", "PICKUP")
    assert package.status == Package.Status.FULFILLING
    assert package.problem == "Address is wrong"

    hear(shop, make_remote_package(version=3, status=short.status, sub_status="RTS"))
    package.refresh_from_db()
    assert package.problem == ""


def test_a_repeated_pull_only_reads(shop):
    hear(shop, order(*make_units(TO_SHIP, package_id=P1)))
    remotes = [make_remote_package(), make_remote_package(P2, order_ids=("elsewhere",))]
    first = ingest_packages(shop, remotes, Source.API)
    before = known(shop)

    with statements() as asked:
        again = ingest_packages(shop, remotes, Source.API)

    assert (first.new, first.updated) == (1, 1)
    assert (again.new, again.updated, again.same) == (0, 0, 2)
    assert asked.writing == []
    assert known(shop) == before


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        (PackageStatus.FULFILLING, PackageStatus.PROCESSING, "fulfilling"),
        (PackageStatus.FULFILLING, PackageStatus.CANCELLED, "cancelled"),
        (PackageStatus.COMPLETED, PackageStatus.CANCELLED, "completed"),
        (PackageStatus.CANCELLED, PackageStatus.COMPLETED, "completed"),
    ],
)
def test_a_status_only_moves_forward(shop, first, second, shown):
    hear(
        shop,
        make_remote_package(status=first),
        make_remote_package(version=2, status=second),
    )

    assert Package.objects.get().status == shown


def test_an_unknown_status_is_kept_flagged_and_told_once(shop):
    odd = make_remote_package(
        version=2, status=PackageStatus.NOT_UNDERSTOOD, status_text="ON_A_MULE"
    )

    hear(shop, make_remote_package(status=PackageStatus.PROCESSING), odd, odd)

    package = Package.objects.get()
    assert (package.status, package.status_text) == ("processing", "ON_A_MULE")
    assert not package.is_status_understood
    word = UnknownWord.objects.get()
    assert (word.kind, word.text, word.example_id) == (
        "package_status",
        "ON_A_MULE",
        P1,
    )

    hear(shop, make_remote_package(version=3, status=PackageStatus.FULFILLING))
    package.refresh_from_db()
    assert package.is_status_understood
    assert package.status_text == "FULFILLING"


def test_a_number_that_a_file_told_joins_the_package_that_has_it():
    by_units = make_units(TO_SHIP, package_id=P1, tracking_number="JT1")

    found = assert_same_in_any_order(
        from_file(number="JT1"), order(*by_units), make_remote_package()
    )

    [(package, orders)] = found
    assert (package["remote_id"], package["tracking_number"]) == (P1, "JT1")
    assert orders == [ORDER_ID]


def test_a_number_joins_also_when_only_the_package_s_own_news_has_it():
    found = assert_same_in_any_order(
        from_file(number="JT1"),
        order(*make_units(TO_SHIP, package_id=P1)),
        make_remote_package(version=2, tracking_number="JT1"),
    )

    assert [package["remote_id"] for package, _ in found] == [P1]


def test_two_orders_that_share_a_number_share_the_package(shop):
    one, two = (from_file(number="JT1", remote_id=key) for key in ("581", "582"))

    hear(shop, one, two)

    assert links() == {("JT1", "581"), ("JT1", "582")}
    assert Package.objects.count() == 1
    combined = make_remote_package(
        P3, order_ids=("581", "582"), tracking_number="JT1", split_or_combine="combined"
    )
    hear(shop, combined)
    assert links() == {(P3, "581"), (P3, "582")}
    assert Package.objects.get().remote_id == P3


def test_after_a_split_an_order_travels_in_the_new_packages_alone():
    before = order(*make_units(TO_SHIP, TO_SHIP, package_id=P1))
    after = order(
        *make_units(TO_SHIP, package_id=P2),
        *make_units(TO_SHIP, package_id=P3, first=2),
        version=3,
    )
    cancelled = make_remote_package(version=3, status=PackageStatus.CANCELLED)

    found = assert_same_in_any_order(before, after, make_remote_package(), cancelled)

    orders = {package["remote_id"]: orders for package, orders in found}
    assert orders == {P1: [], P2: [ORDER_ID], P3: [ORDER_ID]}


def test_a_package_combined_a_moment_ago_is_known_before_its_orders_say_so(shop):
    hear(shop, order(*make_units(TO_SHIP, package_id=P1)))

    hear(shop, make_remote_package(P3, version=2))
    assert links() == {(P1, ORDER_ID), (P3, ORDER_ID)}

    hear(shop, order(*make_units(TO_SHIP, package_id=P3), version=3))
    assert links() == {(P3, ORDER_ID)}


def test_an_order_taken_out_of_a_package_leaves_it(shop):
    for key in ("581", "582"):
        hear(shop, make_remote_order(key, lines=(make_remote_line(),)))
    hear(shop, make_remote_package(order_ids=("581", "582")))
    assert links() == {(P1, "581"), (P1, "582")}

    hear(shop, make_remote_package(version=2, order_ids=("582",)))

    assert links() == {(P1, "582")}
    hear(shop, make_remote_package(order_ids=("581", "582")))  # old news
    assert links() == {(P1, "582")}


def test_a_package_of_an_unknown_order_is_linked_by_that_order(shop):
    hear(shop, make_remote_package(tracking_number="JT1"))
    assert links() == set()

    hear(shop, order(*make_units(TO_SHIP, package_id=P1)))

    assert links() == {(P1, ORDER_ID)}
    assert Package.objects.get().tracking_number == "JT1"


def test_a_file_never_contradicts_what_the_platform_said(shop):
    hear(
        shop,
        order(*make_units(TO_SHIP, package_id=P1, tracking_number="JT1")),
        make_remote_package(tracking_number="JT1", carrier="J&T"),
    )
    before = known(shop)

    hear(shop, from_file(P1, "OLD"), from_file("", "OLDER"), from_file(P2, "JT2"))

    assert known(shop) == before


def test_the_newest_version_of_an_order_corrects_a_number_until_the_package_is_read():
    old, new = (
        order(
            *make_units(TO_SHIP, package_id=P1, tracking_number=number),
            version=version,
        )
        for version, number in ((1, "WRONG"), (2, "RIGHT"))
    )

    [(package, _)] = assert_same_in_any_order(old, new)
    assert package["tracking_number"] == "RIGHT"

    read = make_remote_package(version=3, tracking_number="READ")
    [(package, _)] = assert_same_in_any_order(old, new, read)
    assert package["tracking_number"] == "READ"


def test_versions_in_one_batch_count_as_if_they_came_one_by_one(shop):
    before = order(*make_units(TO_SHIP, package_id=P1))
    after = order(*make_units(TO_SHIP, package_id=P2), version=2)

    ingest_orders(shop, [after, before], Source.API)

    assert links() == {(P2, ORDER_ID)}


@pytest.mark.parametrize("remote_id", ["", "x" * 33, "1\0"])
def test_what_cannot_be_stored_is_named_and_spoils_nothing_else(shop, remote_id):
    good = make_remote_package()

    result = ingest_packages(
        shop, [replace(good, remote_id=remote_id), good], Source.API
    )

    assert (result.new, len(result.refused)) == (1, 1)
    assert result.refused[0][0] == remote_id
    assert Package.objects.get().remote_id == P1


def test_a_preview_writes_nothing(shop):
    result = preview_packages(shop, [make_remote_package()], Source.API)

    assert result.new == 1
    assert not Package.objects.exists()


def test_other_shops_with_the_same_numbers_are_left_alone(shop):
    other = make_shop()
    hear(other, order(*make_units(TO_SHIP, package_id=P1)), from_file(number="JT1"))
    before = known(other)

    hear(shop, make_remote_package(tracking_number="JT1", carrier="J&T"))

    assert known(other) == before
    assert Package.objects.filter(shop=shop).count() == 1


def test_many_packages_cost_as_many_statements_as_few(shop):
    def ask(first: int, count: int) -> tuple[Any, Any]:
        numbers = range(first, first + count)
        orders = [make_remote_order(f"58{number:04}") for number in numbers]
        ingest_orders(shop, orders, Source.API)
        remotes = [
            make_remote_package(f"11{number:04}", order_ids=(f"58{number:04}",))
            for number in numbers
        ]
        with statements() as new:
            ingest_packages(shop, remotes, Source.API)
        later = [
            replace(each, updated_at=PLACED + timedelta(hours=2), carrier="J&T")
            for each in remotes
        ]
        with statements() as changed:
            ingest_packages(shop, later, Source.API)
        return new.kinds, changed.kinds

    assert ask(0, 2) == ask(100, 30)


@pytest.mark.parametrize("other", [1, None])
def test_words_of_one_instant_or_of_none_say_the_same_in_any_turn(other):
    one = make_remote_package(tracking_number="JX2")
    two = make_remote_package(version=other, tracking_number="JX1", carrier="Quick")

    assert_same_in_any_order(order(), one, two)

    assert set(Package.objects.values_list("tracking_number")) == {("JX2",)}
