"""Every reason has a sentence with the applicant's own figures and what is needed."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from apps.credit.rules import Features, Integrity, score
from apps.credit.rules.reasons import DATA, sentence
from apps.credit.rules.table import CODES
from tests.credit.profiles import features, make_creator, make_features, make_shop

ONE = make_features(
    4500.0,
    events=75,
    active_weeks=9,
    active_days=31,
    source_income={"seller:US": 4000.0, "affiliate": 500.0},
    months_income=(1000.0, 1500.0, 2000.0),
    months_events=(20.0, 25.0, 30.0),
    partners_m3=7,
    integrity=Integrity(0.123, 0.0),
    entities=(
        make_shop(net_usd=4000.0, seller_type="individual", warnings=1.0),
        make_creator(net_usd=500.0, age_days=65.0, violation_points=2.0),
    ),
)


@pytest.mark.parametrize(
    ("code", "says", "needs"),
    [
        ("REV_LEVEL", "$1,500 a month over the last 90 days", "$20,000"),
        ("CON_REGULARITY", "9 of 12 weeks and on 31 of 90 days", "on 45 days"),
        ("CON_STABILITY", "varies by 30% of its average", "the same income each"),
        ("CON_AGE", "331 days old on average", "730 days"),
        ("CON_DIVERSITY", "11.1% of the income", "25%"),
        ("CON_SELLER_TYPE", "1 of 1 shop is run as an individual", "as a business"),
        ("REL_RATING", "4.60 of 5 in 80 reviews, which counts as 4.42", "4.80"),
        ("REL_RETURNS", "18 of 350 orders were returned", "2% or less"),
        ("REL_ONTIME", "6 of 150 shipped orders went out late", "2% or less"),
        ("REL_CANCEL", "2 of 154 orders were cancelled by the seller", "0.5% or less"),
        ("REL_SERVICE", "shop score is 4.0 of 5", "4.5"),
        ("REL_STANDING", "2 violation points and 1 warning", "none of both"),
        ("GRO_REVENUE", "$2,000 in the newest 30 days after $1,000", "about $4,260"),
        ("GRO_ORDERS", "30 in the newest 30 days after 20", "about 81 in the"),
        ("GRO_PRODUCTS", "2 new products sold", "5."),
        ("GRO_MARKETS", "Active in 1 market;", "3."),
        ("GRO_NETWORK", "7 partners (creators or brands)", "about 30"),
        ("INTEGRITY_EXCLUDED", "12.3% of the order value", "5% or less"),
    ],
)
def test_a_reason_says_what_was_found_and_what_full_credit_needs(code, says, needs):
    found = sentence(code, ONE)

    said, needed = found.split("full credit needs")
    assert says in said
    assert needs in needed


def unknown():
    """Somebody of whom nothing is known but that they are there."""
    shop = replace(
        make_shop(),
        **dict.fromkeys(
            [
                "age_days",
                "seller_type",
                "rating",
                "returned_orders",
                "late_shipped",
                "seller_cancels",
                "sps",
                "violation_points",
            ]
        ),
    )
    return Features(covered_days=45, entities=(shop, make_shop(net_usd=0.0)))


@pytest.mark.parametrize("code", CODES)
def test_what_is_not_known_is_said_with_how_much_of_it(code):
    found = sentence(DATA + code, unknown())

    assert "full credit needs" in found
    parts = ("1 of 2 accounts", "0 of 12 weeks", "45 covered days", "days 45 could")
    assert any(part in found for part in parts)


def test_all_that_is_missing_is_what_costs():
    result = score(unknown())

    assert result.components["REV_LEVEL"] == 40
    assert result.codes[:2] == ["DATA_REV_LEVEL", "DATA_GRO_REVENUE"]
    assert result.monthly_usd is None


def test_too_little_data_says_how_little():
    short = sentence("DATA_INSUFFICIENT", replace(ONE, covered_days=12))
    nobody = sentence("DATA_INSUFFICIENT", replace(ONE, entities=()))

    assert "12 days of the last 90" in short
    assert "needs at least 30" in short
    assert "0 accounts" in nobody


def test_where_nothing_was_earned_the_sentences_still_hold():
    none = make_features(0.0, events=0, m1_open_fraction=0.4)

    assert "No net income in 12 weeks" in sentence("CON_STABILITY", none)
    assert "needs income that grows" in sentence("GRO_REVENUE", none)
    assert "in all of the oldest 30 days, not 40%" in sentence("GRO_ORDERS", none)
    assert "0% of the income" in sentence("CON_DIVERSITY", none)


def test_a_loss_is_written_as_one():
    assert "income of -$1,500 a month" in sentence("REV_LEVEL", make_features(-4500.0))


def test_no_other_code_has_a_sentence():
    with pytest.raises(LookupError, match="no reason DATA_LUCK"):
        sentence("DATA_LUCK", ONE)


@settings(max_examples=40)
@given(features)
def test_every_reason_of_whoever_it_is_has_figures_and_needs(one):
    for reason in score(one).reasons:
        said, needed = reason.sentence.split("needs", 1)
        assert any(character.isdigit() for character in said), reason
        assert needed.endswith(".")
        assert "None" not in reason.sentence
        assert "nan" not in reason.sentence
