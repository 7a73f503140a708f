import itertools
from datetime import timedelta

import pytest

from apps.integrations.contracts import OrderStatus, Source
from apps.integrations.lifecycle import is_behind, rank
from tests.factories.orders import PLACED, make_remote_order
from tests.orders.hearing import folded, hear

UNDERSTOOD = [s for s in OrderStatus if s is not OrderStatus.NOT_UNDERSTOOD]
WAY = [
    OrderStatus.UNPAID,
    OrderStatus.ON_HOLD,
    OrderStatus.TO_SHIP,
    OrderStatus.AWAITING_COLLECTION,
    OrderStatus.PARTLY_SHIPPED,
    OrderStatus.IN_TRANSIT,
    OrderStatus.DELIVERED,
    OrderStatus.COMPLETED,
]


def told(*statuses: OrderStatus):
    """An order after the API spoke of these statuses, each later than the last."""
    return folded(
        *(
            make_remote_order(version=version, status=status, status_text=status)
            for version, status in enumerate(statuses, start=1)
        )
    )


def test_every_status_has_a_rank_of_its_own():
    assert sorted(rank(status) for status in OrderStatus) == list(range(10))


@pytest.mark.parametrize(("old", "new"), [*itertools.product(UNDERSTOOD, repeat=2)])
def test_news_only_moves_an_order_forward(old, new):
    order = told(old, new)

    further = old if is_behind(new, old) else new
    assert order.status == further
    assert order.status_text == further
    assert order.is_status_understood


@pytest.mark.parametrize(("old", "new"), [*itertools.combinations(WAY, 2)])
def test_the_stages_follow_the_way_of_a_parcel(old, new):
    assert is_behind(old, new)
    assert not is_behind(new, old)


@pytest.mark.parametrize("status", WAY[:-1])
def test_cancelled_beats_every_stage_but_completed(status):
    assert told(status, OrderStatus.CANCELLED).status == OrderStatus.CANCELLED
    assert told(OrderStatus.CANCELLED, status).status == OrderStatus.CANCELLED


def test_completed_beats_cancelled():
    completed = OrderStatus.COMPLETED

    assert told(completed, OrderStatus.CANCELLED).status == completed
    assert told(OrderStatus.CANCELLED, completed).status == completed


def test_an_order_leaves_hold_forward():
    assert told(OrderStatus.ON_HOLD, OrderStatus.TO_SHIP).status == OrderStatus.TO_SHIP


@pytest.mark.parametrize("status", UNDERSTOOD)
def test_an_unknown_word_keeps_the_status_and_marks_it_not_understood(status):
    order = told(status)
    riddle = make_remote_order(
        version=2, status=OrderStatus.NOT_UNDERSTOOD, status_text="TELEPORTED"
    )

    assert hear(order, riddle, Source.API)

    assert order.status == status
    assert order.status_text == "TELEPORTED"
    assert not order.is_status_understood


def test_a_first_unknown_word_is_all_we_know():
    order = told(OrderStatus.NOT_UNDERSTOOD)

    assert order.status == OrderStatus.NOT_UNDERSTOOD
    assert not order.is_status_understood


def test_later_news_that_is_understood_clears_the_mark():
    order = told(OrderStatus.TO_SHIP, OrderStatus.NOT_UNDERSTOOD, OrderStatus.TO_SHIP)

    assert order.is_status_understood
    assert order.status_text == OrderStatus.TO_SHIP


def test_an_older_unknown_word_does_not_matter_any_more():
    order = told(OrderStatus.TO_SHIP, OrderStatus.IN_TRANSIT)
    riddle = make_remote_order(
        version=1, status=OrderStatus.NOT_UNDERSTOOD, status_text="TELEPORTED"
    )

    assert not hear(order, riddle, Source.API)

    assert order.is_status_understood


def test_an_unknown_word_in_a_later_file_marks_an_order_known_from_files():
    first = make_remote_order(version=None, status_text="To ship")
    riddle = make_remote_order(
        version=None,
        status=OrderStatus.NOT_UNDERSTOOD,
        status_text="Verzonden",
        shipped_at=PLACED + timedelta(hours=2),
    )
    order = folded(first, source=Source.FILE)

    hear(order, riddle, Source.FILE)

    assert order.status == OrderStatus.TO_SHIP
    assert order.status_text == "Verzonden"
    assert not order.is_status_understood


def test_an_unknown_word_in_a_file_does_not_trouble_what_the_api_told():
    order = told(OrderStatus.IN_TRANSIT)
    riddle = make_remote_order(
        version=None, status=OrderStatus.NOT_UNDERSTOOD, status_text="Verzonden"
    )

    assert not hear(order, riddle, Source.FILE)

    assert order.is_status_understood
    assert order.status_text == OrderStatus.IN_TRANSIT
