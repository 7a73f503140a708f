"""What would lift a score, and what would be if it were otherwise."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from apps.credit.rules import Integrity, lifts, what_if
from apps.credit.rules.table import CODES
from tests.credit.profiles import (
    features,
    make_creator,
    make_features,
    make_shop,
    scored,
    seller_features,
)


def lifts_of(one):
    return {lift.code: lift for lift in lifts(one)}


def test_other_figures_give_the_score_they_would_have_had():
    one = seller_features()

    changed = what_if(one, {"new_products_sold": 5, "sps": 4.5, "income_factor": 2})

    assert changed == scored(
        replace(
            make_features(28_500.0, events=150, new_products_sold=5),
            source_income={"seller:US": 28_500.0, "affiliate": 0.0},
            not_applicable=one.not_applicable,
            entities=(make_shop(net_usd=28_500.0, sps=4.5),),
        )
    )


def test_figures_of_shops_are_not_given_to_creators():
    one = make_features(entities=(make_shop(), make_creator()))

    result = what_if(one, {"sps": 5.0, "returned_orders": 0.0})

    assert result.components["REL_RETURNS"] == pytest.approx(100)
    assert result.components["REL_SERVICE"] == pytest.approx(100)


def test_a_figure_that_no_score_has_is_refused():
    with pytest.raises(ValueError, match="No figure of a score: luck"):
        what_if(seller_features(), {"luck": 7, "sps": 5.0})


def test_lifts_come_with_the_score_of_full_credit_and_of_a_next_step():
    one = seller_features()

    found = lifts_of(one)

    income = found["REV_LEVEL"]
    assert next(iter(found)) == "REV_LEVEL"
    # All income: 12.75 of 100 points; the next level, 5,000 a month, brings 0.75.
    assert income.score_full == scored(one).score + 70
    assert income.score_step == 670
    # What has full credit lifts nothing.
    assert "CON_REGULARITY" not in found
    assert "CON_SELLER_TYPE" not in found


def test_each_step_is_worth_what_it_says():
    one = seller_features(
        active_weeks=8,
        active_days=30,
        months_income=(4000.0, 4500.0, 5750.0),
        source_income={"seller:US": 13000.0, "seller:GB": 1250.0},
        entities=(make_shop(seller_type="individual", warnings=2.0),),
    )
    now = scored(one)
    shop = one.entities[0]
    by_hand = {
        "CON_REGULARITY": replace(one, active_weeks=9, active_days=37),
        "CON_AGE": replace(one, entities=(replace(shop, age_days=455.0),)),
        "CON_SELLER_TYPE": replace(
            one, entities=(replace(shop, seller_type="business"),)
        ),
        "REL_RATING": replace(one, entities=(replace(shop, rating=4.7),)),
        "REL_RETURNS": replace(one, entities=(replace(shop, returned_orders=6.4),)),
        "REL_ONTIME": replace(one, entities=(replace(shop, late_shipped=4.8),)),
        "REL_CANCEL": replace(one, entities=(replace(shop, seller_cancels=1.6),)),
        "REL_SERVICE": replace(one, entities=(replace(shop, sps=4.5),)),
        "REL_STANDING": replace(one, entities=(replace(shop, warnings=0.0),)),
        "CON_DIVERSITY": replace(one, source_income={"a": 12287.5, "b": 1962.5}),
        "GRO_REVENUE": replace(one, months_income=(4000.0, 4500.0, 6900.0)),
        "GRO_ORDERS": replace(one, months_events=(50.0, 50.0, 60.0)),
        "GRO_PRODUCTS": replace(one, new_products_sold=3),
        "GRO_MARKETS": replace(one, regions_active=2),
    }

    found = lifts_of(one)

    for code, changed in by_hand.items():
        assert found[code].score_step == scored(changed).score, code
        assert found[code].score_step >= now.score
    assert found["CON_STABILITY"].score_step > now.score


def test_what_is_not_known_has_no_step():
    one = seller_features(entities=(make_shop(rating=None),))

    rating = lifts_of(one)["REL_RATING"]

    assert (rating.step, rating.score_step) == (None, None)
    assert rating.score_full > scored(one).score


def test_without_a_score_nothing_lifts_it():
    assert lifts(seller_features(entities=())) == []


@settings(max_examples=40)
@given(features)
def test_lifts_of_whoever_it_is_come_in_order_and_stay_in_bounds(one):
    now = scored(one)

    found = list(lifts_of(one).values())

    lost = [round(lift.lost, 9) for lift in found]
    assert lost == sorted(lost, reverse=True)
    for lift in found:
        assert lift.code in CODES
        assert now.score <= lift.score_full <= 850
        if lift.score_step is not None:
            assert 300 <= lift.score_step <= 850


def test_what_is_left_out_changes_confidence_and_never_the_score():
    one = seller_features()

    doubted = what_if(one, {"integrity": Integrity(0.5, 0.5)})

    assert doubted.score == scored(one).score
    assert doubted.confidence == pytest.approx(scored(one).confidence / 2)
