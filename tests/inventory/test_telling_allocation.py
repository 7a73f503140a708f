"""How many pieces a shop is told: the calculation alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.inventory.models import StockRule
from apps.inventory.services.allocation import MOST_TOLD, allot, by_scope, ruling
from apps.platforms.models import Shop

HERE, THERE = 1, 2
LAMP, SHELF, ATTIC = 10, 20, 21


def rule(shop=None, variant=None, warehouse=None, last_pieces_in=None, **figures):
    """Unsaved; shops, SKUs and warehouses are their keys."""
    row = StockRule(
        client_id=1,
        shop_id=shop,
        variant_id=variant,
        warehouse_id=warehouse,
        **figures,
    )
    if last_pieces_in is not None:
        row.last_pieces_shop = Shop(pk=last_pieces_in, name="Lamps", region="MY")
    return row


def told(available, *rules, shop=HERE, warehouses=(SHELF, ATTIC)):
    """Pieces of each warehouse."""
    rows = allotments(available, *rules, shop=shop, warehouses=warehouses)
    return [row.pieces for row in rows]


def allotments(available, *rules, shop=HERE, warehouses=(SHELF, ATTIC)):
    known = by_scope(rules)
    places = warehouses[: len(available)]
    ruled = [ruling(known, LAMP, shop, place) for place in places]
    return allot(available, ruled, shop)


@pytest.mark.parametrize(
    ("rules", "pieces"),
    [
        ([], 12),
        ([rule(buffer=2)], 10),
        ([rule(buffer=20)], 0),
        ([rule(share_percent=50)], 6),
        ([rule(buffer=1, share_percent=50)], 5),
        ([rule(share_percent=0)], 0),
        ([rule(cap=5)], 5),
        ([rule(cap=0)], 0),
        ([rule(buffer=2, share_percent=80, cap=7)], 7),
        ([rule(last_pieces=3, last_pieces_in=THERE)], 9),
        ([rule(last_pieces=3, last_pieces_in=HERE)], 12),
        ([rule(last_pieces=30, last_pieces_in=THERE)], 0),
        ([rule(share_percent=50, last_pieces=3, last_pieces_in=THERE)], 6),
        ([rule(buffer=2, last_pieces=6, last_pieces_in=THERE)], 4),
    ],
)
def test_of_twelve_pieces_a_shop_is_told_what_the_rules_leave(rules, pieces):
    assert told([12], *rules) == [pieces]


def test_what_is_promised_beyond_the_stock_counts_as_none():
    assert told([-4]) == [0]
    assert told([-4, 9], rule(buffer=3)) == [0, 6]


def test_more_than_the_platform_takes_is_not_told():
    row = allotments([250_000])[0]

    assert row.pieces == MOST_TOLD
    assert "99,999" in row.steps[-1].words


def test_a_rule_for_all_warehouses_holds_for_all_of_them_together():
    assert told([10, 4], rule(buffer=3)) == [7, 4]
    assert told([2, 4], rule(buffer=3)) == [0, 3]
    assert told([10, 4], rule(cap=12)) == [10, 2]
    assert told([2, 2], rule(last_pieces=3, last_pieces_in=THERE)) == [1, 0]


def test_a_rule_for_one_warehouse_leaves_the_others_alone():
    assert told([10, 4], rule(warehouse=ATTIC, buffer=3)) == [10, 1]


def test_the_narrowest_rule_says_each_figure():
    wide = rule(buffer=1, cap=8)
    of_warehouse = rule(warehouse=SHELF, buffer=2)
    of_shop = rule(shop=HERE, buffer=3)
    of_sku = rule(variant=LAMP, buffer=4)
    of_both = rule(variant=LAMP, shop=HERE, buffer=5)

    given = [wide]
    for narrower, left in ((of_warehouse, 10), (of_shop, 9), (of_sku, 8), (of_both, 7)):
        given.insert(0, narrower)
        known = ruling(by_scope(given), LAMP, HERE, SHELF)
        assert known["buffer"] is narrower
        assert known["cap"] is wide
        assert told([12], *given) == [min(8, left)]


def test_each_step_says_in_words_what_is_left_and_by_which_rule():
    buffer = rule(buffer=2)
    last = rule(variant=LAMP, last_pieces=3, last_pieces_in=THERE, share_percent=50)

    row = allotments([12], buffer, last)[0]

    assert [(step.words, step.pieces, step.rule) for step in row.steps] == [
        ("12 available", 12, None),
        ("2 kept back", 10, buffer),
        ("50 % share", 5, last),
        ("the last 3 only in Lamps (MY)", 5, last),
    ]


figures = st.one_of(st.none(), st.integers(0, 200))


@given(
    available=st.lists(st.integers(-50, 200_000), min_size=1, max_size=2),
    buffer=figures,
    share=st.one_of(st.none(), st.integers(0, 100)),
    last=figures,
    cap=figures,
    scope=st.sampled_from([None, SHELF, ATTIC]),
)
def test_no_rule_tells_more_than_there_is_or_than_it_allows(
    available, buffer, share, last, cap, scope
):
    told_of = rule(
        warehouse=scope,
        buffer=buffer,
        share_percent=share,
        cap=cap,
        last_pieces=last,
        last_pieces_in=None if last is None else THERE,
    )

    pieces = told(available, told_of)

    ruled = [
        place
        for place, warehouse in enumerate((SHELF, ATTIC)[: len(available)])
        if scope in (None, warehouse)
    ]
    there = [max(0, number) for number in available]
    assert all(
        0 <= piece <= min(most, MOST_TOLD)
        for piece, most in zip(pieces, there, strict=True)
    )
    in_all = sum(pieces[place] for place in ruled)
    left = max(0, sum(there[place] for place in ruled) - (buffer or 0))
    assert in_all <= max(0, left - (last or 0))
    assert in_all <= left * (100 if share is None else share) // 100
    if cap is not None:
        assert in_all <= cap
    free = [place for place in range(len(there)) if place not in ruled]
    assert [pieces[place] for place in free] == [
        min(there[place], MOST_TOLD) for place in free
    ]
