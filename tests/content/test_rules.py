"""What sold a line, what sells best, and how lives and videos do."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.content.rules.channel import (
    Channel,
    Live,
    Lives,
    SoldLine,
    Source,
    attribute,
    split,
)
from apps.content.rules.funnel import Counts, funnel
from apps.content.rules.live import Session, compare
from apps.content.rules.top import CreatorRow, ProductRow, top_creators, top_products

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)


def minutes(number):
    return NOON + timedelta(minutes=number)


def make_live(live_id="l1", start=0, end=60, shop_id="s", products=("p",)):
    ended = None if end is None else minutes(end)
    return Live(live_id, shop_id, minutes(start), ended, frozenset(products))


def make_line(at=30, **more):
    return SoldLine("s", "p", minutes(at), **more)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            make_line(content_type="VIDEO", content_id="v"),
            ("VIDEO", "platform", "v"),
        ),
        (
            make_line(content_type="live", content_id="other"),
            ("LIVE", "platform", "other"),
        ),
        (make_line(content_type="SHOWCASE"), ("SHOWCASE", "platform", None)),
        (make_line(content_type="PRODUCT_CARD"), ("PRODUCT_CARD", "platform", None)),
        (make_line(content_type="VIDEO"), ("LIVE", "inferred", "l1")),
        (make_line(surge_content_id="v"), ("LIVE", "inferred", "l1")),
        (make_line(91, surge_content_id="v"), ("VIDEO", "inferred", "v")),
        (make_line(91, is_organic=True), ("PRODUCT_CARD", "default", None)),
        (make_line(91, content_type="HOLOGRAM"), ("OTHER", "default", None)),
    ],
    ids=[
        "the platform knows the video",
        "the platform knows the live",
        "showcase",
        "product card",
        "a video nobody names",
        "live before surge",
        "surge",
        "organic",
        "nothing known",
    ],
)
def test_a_line_has_the_first_channel_that_something_speaks_for(line, expected):
    assert attribute(line, Lives([make_live()])) == expected


@pytest.mark.parametrize(
    ("at", "is_in"), [(-1, False), (0, True), (60, True), (90, True), (91, False)]
)
def test_a_live_sells_from_its_start_to_half_an_hour_after_its_end(at, is_in):
    found = attribute(make_line(at), Lives([make_live()]))

    assert (found.channel == Channel.LIVE) is is_in


def test_of_several_lives_the_one_that_started_last_sold_it():
    lives = Lives(
        [
            make_live("b", start=10),
            make_live("c", start=10),
            make_live("z", start=5, end=None),
            make_live("over", start=12, end=13),
            make_live("elsewhere", start=20, shop_id="t"),
            make_live("without", start=20, products=("q",)),
        ]
    )

    assert attribute(make_line(30), lives).content_id == "over"
    assert attribute(make_line(50), lives).content_id == "c"
    # The one that still runs.
    assert attribute(make_line(300), lives).content_id == "z"


sold = st.lists(
    st.tuples(
        st.sampled_from(Channel),
        st.sampled_from(["c1", "c2", "", None]),
        st.decimals(-50, 500, places=2),
    )
)


@settings(max_examples=40)
@given(sold)
def test_channels_and_creators_each_add_up_to_the_total(lines):
    found = split(lines)

    total = sum(net for *_, net in lines)
    assert sum(found.by_channel.values()) == total
    assert sum(found.by_creator.values()) == total
    assert not lines or None not in found.by_creator


def test_products_are_ranked_over_all_shops_by_what_they_are():
    rows = [
        ProductRow("s", "1", Decimal(30), 3, "m1"),
        ProductRow("t", "9", Decimal(45), 1, "m1"),
        ProductRow("s", "2", Decimal("75.0000001"), 5),
        ProductRow("t", "2", Decimal(75), 4),
        ProductRow("s", "3", Decimal(-5), 1),
    ]

    found = top_products(rows)

    # Differences below a millionth are none: units decide, then keys.
    assert [one.key for one in found] == ["s:2", "m1", "t:2", "s:3"]
    assert found[1].share == Decimal(75) / Decimal("220.0000001")
    assert [one.key for one in top_products(rows, 2)] == ["s:2", "m1"]
    assert top_products(rows, 2)[1].share == found[1].share


def test_there_is_no_share_of_nothing():
    found = top_products([ProductRow("s", "1", Decimal(-5), 1)])

    assert found[0].share is None
    assert top_products([]) == []


def test_creators_are_ranked_by_their_id_over_all_shops():
    rows = [
        CreatorRow("c1", Decimal(10), 2, Decimal(1), frozenset({"v1", "v2"}), 100),
        CreatorRow("c1", Decimal(20), 1, Decimal(2), frozenset({"v2"}), 50),
        CreatorRow("c2", Decimal(30), 4),
        CreatorRow("c0", Decimal(30), 3),
    ]

    found = top_creators(rows)

    assert [one.creator_id for one in found] == ["c2", "c0", "c1"]
    first = found[2]
    assert (first.net, first.commission) == (Decimal(30), Decimal(3))
    assert (first.orders, first.contents) == (3, 2)
    assert first.conversion == 0.02
    assert found[0].conversion is None


def test_funnels_are_summed_before_they_are_divided():
    found = funnel(
        [
            Counts(views=1000, clicks=10, orders=1, net=Decimal(20)),
            Counts(views=10, clicks=5, orders=2, net=Decimal(30)),
            Counts(views=None, clicks=5, commission=Decimal("2.5")),
        ]
    )

    assert found.ctr == 20 / 1010
    assert found.click_to_order == 0.15
    assert found.conversion == 3 / 1010
    assert found.per_mille == Decimal(50000) / 1010
    assert found.effective_commission == Decimal("0.05")


def test_ratios_to_nothing_are_not_known():
    found = funnel([])

    assert (found.ctr, found.click_to_order, found.conversion) == (None,) * 3
    assert (found.per_mille, found.effective_commission) == (None, None)


def make_session(live_id, hours, net, **more):
    end = NOON + timedelta(hours=hours)
    return Session(live_id, NOON, end, Decimal(net), **more)


def test_lives_are_compared_by_the_hour_own_ones_with_own_ones():
    found = compare(
        [
            make_session("a", 2, 200, orders=9, viewers=3000),
            make_session("b", 1, 50, viewers=0, orders=1),
            make_session("c", 0.5, 200),
            make_session("d", 0, 70),
            make_session("e", 1, 4000, is_own=False),
        ]
    )

    by_id = {one.live_id: one for one in found}
    assert [one.live_id for one in found] == list("abcde")
    assert [one.net_per_hour for one in found] == [100, 50, 400, None, 4000]
    assert [one.index for one in found] == [1, Decimal("0.5"), 4, None, 1]
    assert by_id["a"].orders_per_1000_viewers == 3
    assert by_id["a"].net_per_viewer == Decimal(200) / 3000
    # Nobody watched, or nobody knows who did.
    assert by_id["b"].orders_per_1000_viewers is None
    assert by_id["c"].net_per_viewer is None
    assert by_id["e"].is_own is False


def test_where_the_usual_live_sells_nothing_there_is_no_index():
    found = compare([make_session("a", 1, 0), make_session("b", 1, 0)])

    assert [one.index for one in found] == [None, None]


def test_sources_are_told_as_words():
    assert [*Source] == ["platform", "inferred", "default"]
