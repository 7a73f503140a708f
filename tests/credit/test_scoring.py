"""The score: worked examples, what is not known, how sure it is, what always holds."""

import json
from dataclasses import replace
from decimal import Decimal
from math import exp, log, tanh

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.credit.rules import MODEL, Features, Integrity, Result, score
from apps.credit.rules.components import Measured
from apps.credit.rules.reasons import reasons
from apps.credit.rules.scoring import points
from apps.credit.rules.what_if import times_income
from tests.credit.profiles import (
    features,
    make_creator,
    make_features,
    make_shop,
    one_dollar_more,
    scored,
    seller_features,
    weeks_around,
)

EXAMPLES = settings(max_examples=60)
NOISE = 1e-9
# Of twelve weeks that fall evenly: their deviation by their mean, from 1.5 downwards.
FALLING = 100 * (1 - (143 / 12) ** 0.5 / 6.5 / 1.5)


def a_creator(**figures):
    return make_features(
        seller=0.0,
        affiliate=4500.0,
        months_events=(66.0, 67.0, 67.0),
        entities=(make_creator(),),
        new_products_sold=None,
        not_applicable=frozenset({"GRO_PRODUCTS"}),
        **figures,
    )


def both():
    shop = make_shop(
        net_usd=10000.0,
        orders=100.0,
        returned_orders=5.0,
        shipped=100.0,
        late_shipped=4.0,
        placed_orders=104.0,
    )
    creator = make_creator(net_usd=3000.0, orders=140.0, returned_orders=7.0)
    return make_features(10000.0, 3000.0, events=240, entities=(shop, creator))


def nothing_yet():
    shop = make_shop(
        net_usd=0.0,
        rating=None,
        sps=None,
        **dict.fromkeys(
            (
                "reviews",
                "orders",
                "returned_orders",
                "shipped",
                "late_shipped",
                "placed_orders",
                "seller_cancels",
            ),
            0.0,
        ),
    )
    return seller_features(
        seller=0.0,
        events=0,
        active_weeks=0,
        active_days=0,
        new_products_sold=0,
        regions_active=0,
        settle_match=None,
        entities=(shop,),
    )


@pytest.mark.parametrize(
    ("example", "factors", "score_100", "found", "level", "impact"),
    [
        (seller_features(), (68.13, 68.0, 80.68, 47.58), 66.50, 666, "HIGH", "HIGH"),
        (a_creator(), (43.75, 66.32, 82.67, 49.14), 57.13, 614, "HIGH", "HIGH"),
        (both(), (65.0, 81.85, 79.52, 48.04), 67.88, 673, "HIGH", "VERY_HIGH"),
        (nothing_yet(), (20.0, 15.0, 47.22, 33.59), 27.16, 449, "LOW", "LOW"),
    ],
    ids=["a seller", "a creator", "both", "nothing sold yet"],
)
def test_worked_examples_come_out(example, factors, score_100, found, level, impact):
    result = scored(example)

    assert tuple(result.factors.values()) == pytest.approx(factors, abs=0.006)
    assert result.score_100 == pytest.approx(score_100, abs=0.006)
    assert (result.score, result.confidence_level) == (found, level)
    assert result.impact == impact
    assert result.model == MODEL


def test_each_component_follows_its_own_formula():
    """By hand, of one shop with round figures."""
    shop = make_shop(
        net_usd=9000.0,
        age_days=180.0,
        seller_type="individual",
        rating=4.0,
        reviews=60.0,
        orders=80.0,
        returned_orders=4.0,
        shipped=30.0,
        late_shipped=0.0,
        placed_orders=80.0,
        seller_cancels=1.0,
        sps=3.5,
        violation_points=2.0,
        warnings=1.0,
    )
    one = make_features(
        9000.0,
        events=90,
        covered_days=60,
        entities=(shop,),
        active_weeks=9,
        active_days=15,
        weekly_income=(None, None, *[900.0, 1100.0] * 5),
        source_income={"seller:US": 8100.0, "seller:GB": 900.0},
        months_income=(2000.0, 3000.0, 4000.0),
        months_events=(20.0, 30.0, 40.0),
        m1_open_fraction=0.5,
        oldest_age_days=180,
        new_products_sold=3,
        regions_active=2,
        partners_m1=2,
        partners_m3=7,
    )
    # The rising line through 900, 1100, 900 … leaves the rest of the variance.
    slope = sum((at - 4.5) * (100 if at % 2 else -100) for at in range(10)) / 82.5
    cv = (100**2 - slope**2 * 82.5 / 10) ** 0.5 / 1000

    found = scored(one)

    grown = 40 + 0.5 * (50 + 50 * tanh(log((4000 + 900) / (2000 + 1000)) / 0.5) - 40)
    ordered = 40 + 0.5 * (50 + 50 * tanh(log((40 + 9) / (20 + 10)) / 0.5) - 40)
    known = 40 + 0.5 * (50 + 50 * tanh(log(8.8 / 4) / 0.7) - 40)
    assert found.monthly_usd == 4500
    assert found.cv == pytest.approx(cv)
    assert found.components == pytest.approx(
        {
            "REV_LEVEL": 40 + 30 * 3500 / 4000,
            "CON_REGULARITY": 100 * (0.5 * 0.9 + 0.5 * 15 / 30),
            "CON_STABILITY": 100 * (1 - cv / 1.5),
            "CON_AGE": 100 * 180 / 730,
            "CON_DIVERSITY": 40.0,
            "CON_SELLER_TYPE": 70.0,
            "REL_RATING": 100 * ((4 * 60 + 3.72 * 20) / 80 - 3) / 1.8,
            "REL_RETURNS": 100 * (0.2 - 6.56 / 100) / 0.18,
            "REL_ONTIME": 100 * (1 - 2.56 / 50 - 0.8) / 0.18,
            "REL_CANCEL": 100 * (0.1 - 2.24 / 100) / 0.095,
            "REL_SERVICE": 50.0,
            "REL_STANDING": 40 + 180 / 270 * (100 * (1 - 4 / 24) - 40),
            "GRO_REVENUE": grown,
            "GRO_ORDERS": ordered,
            "GRO_PRODUCTS": 60.0,
            "GRO_MARKETS": 75.0,
            "GRO_NETWORK": known,
        }
    )
    fields = 0.6 * 60 / 90 + 0.4
    sure = fields * (0.3 + 0.7 * (1 - exp(-3))) * (0.5 + 0.5 * 0.95)
    assert found.confidence == pytest.approx(sure)


@pytest.mark.parametrize(
    "one",
    [seller_features(entities=()), seller_features(covered_days=29), Features(0)],
    ids=["no account", "29 days", "nothing at all"],
)
def test_too_little_data_gives_no_score_and_says_so(one):
    result = score(one)

    assert result.status == "unscorable"
    assert (result.score, result.score_100) == (None, None)
    assert result.codes == ["DATA_INSUFFICIENT"]
    assert result.confidence_level == "INSUFFICIENT"


def test_thirty_days_are_enough():
    assert score(seller_features(covered_days=30)).status == "scored"


def test_what_is_not_known_counts_as_forty_and_is_called_data():
    one = seller_features(entities=(make_shop(rating=None, sps=None),))

    result = scored(one)

    assert result.components["REL_RATING"] == result.components["REL_SERVICE"] == 40
    assert "DATA_REL_RATING" in result.codes
    assert result.confidence < scored(seller_features()).confidence


def test_hiding_bad_news_of_one_of_two_shops_is_called_data_only_from_half_on():
    large, small = make_shop(net_usd=9000.0), make_shop(net_usd=1000.0)
    one = make_features(
        60_000.0,
        active_days=90,
        new_products_sold=9,
        regions_active=3,
        m1_open_fraction=0.0,
        not_applicable=frozenset(
            {"CON_DIVERSITY", "CON_STABILITY", "GRO_REVENUE", "GRO_ORDERS"}
        ),
    )

    of_small = scored(replace(one, entities=(large, replace(small, warnings=None))))
    of_large = scored(replace(one, entities=(replace(large, warnings=None), small)))

    assert not [code for code in of_small.codes if code.startswith("DATA_")]
    assert "DATA_REL_STANDING" in of_large.codes
    share = 0.901 / 1.002
    assert of_large.components["REL_STANDING"] == pytest.approx(
        share * 40 + (1 - share) * (40 + 365 / 455 * 60)
    )


def test_what_cannot_exist_is_left_out_and_the_others_weigh_more():
    result = scored(a_creator())

    assert "REL_RATING" not in result.components
    assert "CON_SELLER_TYPE" not in result.lost
    age, diversity = result.lost["CON_AGE"], result.lost["CON_DIVERSITY"]
    assert age == pytest.approx(20 * 0.20 / 0.95 * 0.5)
    assert diversity == pytest.approx(20 * 0.15 / 0.95)


def test_without_any_component_of_a_factor_the_other_factors_take_its_weight():
    gone = frozenset(
        code for code in scored(seller_features()).lost if code.startswith("GRO")
    )

    result = scored(make_features(not_applicable=gone | {"GRO_NETWORK"}))

    assert "GRO" not in result.factors
    assert sum(result.lost.values()) == pytest.approx(100 - result.score_100)
    assert result.lost["REV_LEVEL"] == pytest.approx(50 * (1 - 0.68125))


@pytest.mark.parametrize(
    ("weekly", "expected"),
    [
        ((100.0,) * 12, 100.0),
        (tuple(100.0 * week for week in range(1, 13)), 100.0),
        ((0.0,) * 12, 0.0),
        ((None,) * 9 + (5.0, 9.0, 7.0), 40.0),
        ((600.0, 0.0, 0.0) * 4, 100 * (1 - 2**0.5 / 1.5)),
        (
            tuple(100.0 * week for week in range(12, 0, -1)),
            100 * (1 - (143 / 12) ** 0.5 / 6.5 / 1.5),
        ),
    ],
    ids=["even", "a steady rise", "nothing", "three weeks", "in bursts", "a fall"],
)
def test_a_steady_rise_is_as_good_as_even_weeks_and_a_fall_is_not(weekly, expected):
    result = scored(seller_features(weekly_income=weekly))

    assert result.components["CON_STABILITY"] == pytest.approx(expected, abs=0.001)


def test_months_that_are_not_known_make_growth_not_known():
    one = replace(
        seller_features(
            months_income=(None, 4000.0, 5000.0), months_events=(None, 40.0, 50.0)
        ),
        events=150.0,
    )

    result = scored(one)

    assert result.components["GRO_REVENUE"] == result.components["GRO_ORDERS"] == 40
    # Events of the whole window are known, so the score is no less sure of them.
    volume = (0.3 + 0.7 * (1 - exp(-5))) * (0.5 + 0.5 * 0.95)
    fields = 0.6 + 0.4 * (1 - 0.2 * (0.45 + 0.25) / 0.9)
    assert result.confidence == pytest.approx(fields * volume)


def test_integrity_comes_first_among_the_reasons_and_asks_for_a_review():
    honest = seller_features()
    doubted = replace(honest, integrity=Integrity(0.12, 0.03))

    result = scored(doubted)

    assert result.codes == ["INTEGRITY_EXCLUDED", *scored(honest).codes[:3]]
    assert result.review_required
    assert result.score == scored(honest).score
    assert result.confidence == pytest.approx(scored(honest).confidence * 0.85)


@pytest.mark.parametrize(
    ("share", "is_first", "is_reviewed"),
    [(0.05, False, False), (0.0501, True, False), (0.10, True, False)],
)
def test_five_percent_may_be_left_out_without_a_word(share, is_first, is_reviewed):
    result = scored(seller_features(integrity=Integrity(share)))

    assert (result.codes[0] == "INTEGRITY_EXCLUDED") is is_first
    assert result.review_required is is_reviewed


def test_what_is_not_settled_is_never_sure():
    result = scored(replace(both(), settle_match=None))

    assert result.confidence_level == "MEDIUM"
    assert result.impact == "HIGH"


def test_reasons_are_four_at_most_and_equal_ones_stay_in_the_order_of_the_table():
    one = seller_features()
    lost = {
        "CON_AGE": 2.0,
        "CON_DIVERSITY": 0.499,
        "REL_RATING": 3.0,
        "REL_ONTIME": 2.0 + 1e-12,
        "REL_CANCEL": 0.5,
        "GRO_MARKETS": 0.5 - 1e-12,
    }
    measured = {code: Measured(50.0) for code in lost}

    found = [reason.code for reason in reasons(one, measured, lost)]
    smallest = reasons(one, measured, {"CON_DIVERSITY": 0.499, "GRO_MARKETS": 0.5})

    assert found == ["REL_RATING", "CON_AGE", "REL_ONTIME", "REL_CANCEL"]
    assert [reason.code for reason in smallest] == ["GRO_MARKETS"]


@pytest.mark.parametrize(
    ("score_100", "expected"),
    [(27.0, 449), (27.0 - 1e-12, 449), (26.99, 448), (0.0, 300), (100.0, 850)],
)
def test_halves_go_up_and_noise_is_none(score_100, expected):
    assert points(score_100) == expected


def test_decimals_and_strings_are_read_as_numbers_are():
    plain = seller_features().to_dict()
    written = plain | {
        "net_seller_usd": Decimal("14250.00"),
        "months_income": ["4750", Decimal(4750), 4750.0],
    }

    assert scored(Features.from_dict(written)) == scored(seller_features())


@pytest.mark.parametrize("bad", ["NaN", "many", True, float("inf")])
def test_what_is_no_number_is_refused(bad):
    with pytest.raises(ValueError, match=r"no number|could not convert"):
        Features.from_dict({"covered_days": 90, "net_seller_usd": bad})


@EXAMPLES
@given(features, st.floats(1, 40))
def test_p1_more_of_all_income_never_lowers_the_score(one, factor):
    more = scored(times_income(one, factor))

    assert more.score_100 >= scored(one).score_100 - NOISE


BETTER = [
    ("rating", lambda value: min(5.0, value + 0.3)),
    ("sps", lambda value: min(5.0, value + 0.4)),
    ("returned_orders", lambda value: value * 0.7),
    ("late_shipped", lambda value: value * 0.7),
    ("seller_cancels", lambda value: value * 0.7),
    ("violation_points", lambda value: value * 0.5),
    ("warnings", lambda value: value * 0.5),
]


@EXAMPLES
@given(features, st.sampled_from(BETTER), st.integers(0, 3))
def test_p2_better_service_never_lowers_the_score(one, better, which):
    name, change = better
    shops = list(one.entities)
    shop = shops[which % len(shops)]
    value = getattr(shop, name)
    shops[which % len(shops)] = replace(
        shop, **{name: None if value is None else change(value)}
    )

    after = scored(replace(one, entities=tuple(shops)))

    assert after.score_100 >= scored(one).score_100 - NOISE


@EXAMPLES
@given(
    st.floats(3000, 65_000),
    st.floats(0, 1),
    st.lists(st.integers(1, 60), min_size=12, max_size=12),
)
@pytest.mark.parametrize("at", [None, 1000.0, 5000.0, 20000.0])
def test_p3_no_single_dollar_moves_much(at, total, part, weeks):
    if at is not None:
        total = 3 * at - 0.5  # the dollar steps over a level
    spread = [total * week / sum(weeks) for week in weeks]
    one = make_features(
        seller=total,
        events=sum(weeks),
        weekly_income=tuple(spread),
        months_income=(sum(spread[:4]), sum(spread[4:8]), sum(spread[8:])),
        source_income={"seller:US": total * part, "seller:GB": total * (1 - part)},
        entities=(make_shop(net_usd=total * part), make_shop(net_usd=total)),
    )

    moved = scored(one_dollar_more(one)).score_100 - scored(one).score_100

    assert abs(moved) < 0.15


@EXAMPLES
@given(features)
def test_p4_whatever_comes_in_a_score_stays_in_its_bounds_and_adds_up(one):
    result = scored(one)

    assert 0 <= result.score_100 <= 100
    assert 300 <= result.score <= 850
    assert 0 <= result.confidence <= 1
    assert all(
        -NOISE <= part <= 100 + NOISE
        for part in (*result.components.values(), *result.factors.values())
    )
    assert sum(result.lost.values()) == pytest.approx(100 - result.score_100)
    assert len(result.reasons) <= 4
    assert all("needs" in reason.sentence for reason in result.reasons)


@EXAMPLES
@given(features)
def test_p6_what_was_stored_gives_the_same_result_to_the_last_bit(one):
    kept = json.loads(json.dumps(one.to_dict()))
    result = scored(one)

    again = Features.from_dict(kept)

    assert again.fingerprint() == one.fingerprint()
    assert scored(again) == result
    assert Result.from_dict(json.loads(json.dumps(result.to_dict()))) == result


def test_more_weeks_around_the_same_mean_are_as_steady():
    result = scored(seller_features(weekly_income=weeks_around(500.0, cv=0.6)))

    assert result.cv == pytest.approx(0.6, abs=0.01)
