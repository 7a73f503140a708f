"""The flow of stock: what flows in flows out."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from apps.inventory.admin.flow_chart import Caption, picture_of
from apps.inventory.services.flow import (
    Node,
    Offer,
    Shelf,
    Source,
    Stage,
    Use,
    flow_of,
)

RESERVED = Node(Stage.USE, Use.RESERVED)
OFFERED = Node(Stage.USE, Use.OFFERED)
KEPT = Node(Stage.USE, Use.KEPT)
NOWHERE = Node(Stage.USE, Use.NOWHERE)
FIRST_SHOP = Node(Stage.SHOP, "1")
SECOND_SHOP = Node(Stage.SHOP, "2")

shelves = st.builds(
    Shelf,
    variant=st.integers(1, 4),
    warehouse=st.integers(1, 3),
    on_hand=st.integers(-20, 50),
    reserved=st.integers(0, 60),
    expected_back=st.integers(0, 9),
    quarantined=st.integers(0, 9),
)
offers = st.builds(
    Offer,
    shop=st.integers(1, 3),
    variant=st.integers(1, 4),
    warehouse=st.integers(1, 3),
    pieces=st.integers(0, 80),
)


def test_free_pieces_are_on_offer_kept_back_or_told_nowhere():
    flow = flow_of(
        [Shelf(1, 1, on_hand=10, reserved=3), Shelf(2, 1, on_hand=4, reserved=0)],
        [Offer(1, 1, 1, 5), Offer(2, 1, 1, 2)],
    )

    assert flow.units_of(Node(Stage.SOURCE, Source.ON_HAND)) == 14
    assert flow.units_of(RESERVED) == 3
    assert flow.units_of(OFFERED) == 5
    assert flow.units_of(KEPT) == 2
    assert flow.units_of(NOWHERE) == 4
    assert flow.units_of(FIRST_SHOP) == 5
    assert flow.units_of(SECOND_SHOP) == 2
    assert flow.short == 0


def test_a_shop_that_is_told_nothing_left_keeps_the_free_pieces_back():
    flow = flow_of([Shelf(1, 1, on_hand=2, reserved=0)], [Offer(1, 1, 1, 0)])

    assert flow.units_of(KEPT) == 2
    assert flow.nodes(Stage.SHOP) == []


def test_what_is_promised_and_not_there_flows_nowhere():
    flow = flow_of([Shelf(1, 1, on_hand=2, reserved=5)], [Offer(1, 1, 1, 1)])

    assert flow.units_of(RESERVED) == 2
    assert flow.short == 3
    assert flow.nodes(Stage.SHOP) == []


def test_two_listings_of_one_shop_offer_the_same_pieces():
    flow = flow_of(
        [Shelf(1, 1, on_hand=10, reserved=0)], [Offer(1, 1, 1, 4), Offer(1, 1, 1, 7)]
    )

    assert flow.units_of(FIRST_SHOP) == 7


def test_nothing_flows_where_there_is_nothing():
    assert flow_of([Shelf(1, 1, on_hand=0, reserved=0)], []).links == []


@given(st.lists(shelves), st.lists(offers))
def test_what_flows_in_flows_out(rows, told):
    flow = flow_of(rows, told)

    for node in flow.nodes(Stage.WAREHOUSE):
        assert flow.into(node) == flow.out_of(node)
    sources = sum(flow.units_of(node) for node in flow.nodes(Stage.SOURCE))
    uses = sum(flow.units_of(node) for node in flow.nodes(Stage.USE))
    assert sources == uses
    there = sum(max(0, row.on_hand) for row in rows)
    assert sources == there + sum(row.expected_back + row.quarantined for row in rows)


@given(st.lists(shelves), st.lists(offers))
def test_no_shop_offers_more_than_is_on_offer(rows, told):
    flow = flow_of(rows, told)

    for link in flow.links:
        assert link.units > 0
        if link.is_shared:
            assert link.source == OFFERED
            assert link.units <= flow.units_of(OFFERED)


@given(st.lists(shelves), st.lists(offers))
def test_the_picture_has_a_bar_for_each_node_and_no_bar_lies_on_another(rows, told):
    flow = flow_of(rows, told)
    nodes = [node for stage in Stage for node in flow.nodes(stage)]

    picture = picture_of(flow, {node: Caption(node.name) for node in nodes})

    assert [bar.units for bar in picture.bars] == [
        flow.units_of(each) for each in nodes
    ]
    assert len(picture.ribbons) == len(flow.links)
    for one, two in pairwise(picture.bars):
        assert one.x < two.x or one.y + one.height < two.y
        assert two.y + two.height <= picture.height
