"""Who bought: known by the platform's user id, by username, by nothing else."""

import itertools

import pytest

from apps.integrations.contracts import OrderStatus, RemoteBuyer, Source
from apps.orders.models import Buyer, Order
from apps.orders.services.ingest import ingest_orders
from tests.factories.orders import make_remote_order
from tests.factories.platforms import make_shop

pytestmark = pytest.mark.django_db

ONE, TWO, THREE = "581", "582", "583"


def api(remote_id, user_id, *, version=1, **changes):
    buyer = RemoteBuyer(remote_id=user_id, name="A** L**", phone="(+60)12****34")
    return Source.API, make_remote_order(
        remote_id, version=version, buyer=buyer, **changes
    )


def file(remote_id, username, **changes):
    buyer = RemoteBuyer(username=username, name="A** L**", phone="(+60)12****34")
    return Source.FILE, make_remote_order(
        remote_id, version=None, buyer=buyer, **changes
    )


def tell(shop, *news):
    for source, remote in news:
        ingest_orders(shop, [remote], source)


def people():
    """Each buyer's handles and orders."""
    return sorted(
        (
            buyer.remote_id,
            buyer.username,
            *sorted(buyer.orders.values_list("remote_id", flat=True)),
        )
        for buyer in Buyer.objects.all()
    )


def test_a_buyer_is_found_again_by_the_user_id():
    tell(make_shop(), api(ONE, "72"), api(TWO, "72"), api(THREE, "73"))

    assert people() == [("72", "", ONE, TWO), ("73", "", THREE)]


def test_a_buyer_is_found_again_by_the_username():
    tell(make_shop(), file(ONE, "lamp"), file(TWO, "lamp"), file(THREE, "pot"))

    assert people() == [("", "lamp", ONE, TWO), ("", "pot", THREE)]


def test_the_same_name_and_phone_do_not_make_one_person():
    tell(make_shop(), api(ONE, "72"), api(TWO, "73"), file(THREE, "lamp"))

    assert len(people()) == 3


def test_an_order_without_a_handle_has_no_buyer():
    tell(make_shop(), api(ONE, ""))

    assert people() == []
    assert Order.objects.get().buyer is None


@pytest.mark.parametrize(
    "news",
    [
        *itertools.permutations(
            [api(ONE, "72"), file(ONE, "lamp"), api(TWO, "72"), file(THREE, "lamp")]
        )
    ],
)
def test_an_order_known_from_both_sources_joins_its_buyer(news):
    tell(make_shop(), *news)

    assert people() == [("72", "lamp", ONE, TWO, THREE)]


def test_a_batch_that_joins_two_buyers_may_hold_other_orders_of_both():
    shop = make_shop()
    tell(shop, file(ONE, "lamp"), file(TWO, "lamp"), api(THREE, "72"))
    assert len(people()) == 2
    later = {"status": OrderStatus.DELIVERED, "status_text": "Delivered"}
    batch = [
        file(ONE, "lamp", **later)[1],
        file(TWO, "", **later)[1],
        file(THREE, "lamp", **later)[1],
    ]

    ingest_orders(shop, batch, Source.FILE)

    assert people() == [("72", "lamp", ONE, TWO, THREE)]
    assert set(Order.objects.values_list("status", flat=True)) == {"delivered"}


def test_a_batch_may_meet_a_buyer_first_by_one_order_and_join_by_the_next():
    shop = make_shop()
    tell(shop, api(TWO, "72"))

    batch = [file(ONE, "lamp")[1], file(TWO, "lamp")[1]]
    ingest_orders(shop, batch, Source.FILE)

    assert people() == [("72", "lamp", ONE, TWO)]


def test_both_handles_at_once_name_one_person():
    shop = make_shop()
    both = RemoteBuyer(remote_id="72", username="lamp")
    tell(shop, file(ONE, "lamp"))

    ingest_orders(shop, [make_remote_order(TWO, buyer=both)], Source.API)
    tell(shop, api(THREE, "72"))

    assert people() == [("72", "lamp", ONE, TWO, THREE)]


def test_two_people_who_carry_both_handles_are_never_merged():
    shop = make_shop()
    tell(shop, api(ONE, "72"), file(ONE, "lamp"), api(TWO, "73"), file(TWO, "pot"))
    two_people = people()

    tell(shop, api(THREE, "72"), file(THREE, "pot"))

    assert two_people == [("72", "lamp", ONE), ("73", "pot", TWO)]
    assert people() == [("72", "lamp", ONE, THREE), ("73", "pot", TWO)]


def test_one_person_with_two_user_ids_stays_two_rows():
    shop = make_shop()

    tell(shop, api(ONE, "72"), file(ONE, "lamp"), api(TWO, "73"), file(TWO, "lamp"))

    assert people() == [("72", "lamp", ONE), ("73", "", TWO)]


def test_an_order_keeps_the_buyer_it_was_first_told_of():
    shop = make_shop()

    tell(shop, api(ONE, "72"), api(ONE, "73", version=2))

    assert people() == [("72", "", ONE)]


def test_the_same_handles_in_two_shops_are_two_people():
    tell(make_shop(), api(ONE, "72"), file(ONE, "lamp"))
    tell(make_shop(), api(ONE, "72"), file(ONE, "lamp"))

    assert people() == [("72", "lamp", ONE), ("72", "lamp", ONE)]


def test_a_handle_too_long_to_keep_is_nobody_rather_than_somebody_else():
    shop = make_shop()

    tell(shop, file(ONE, "x" * 121), file(TWO, "x" * 122), api(THREE, "7" * 65))

    assert people() == []
