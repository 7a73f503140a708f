"""Applicants for tests of the score: plain ones, and all there can be."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from apps.credit.rules import Entity, Features, Integrity, score

WEEKS = 12


def make_shop(**figures):
    """A shop of a year with 150 orders, well run."""
    usual: dict[str, Any] = {
        "net_usd": 14250.0,
        "age_days": 365.0,
        "seller_type": "business",
        "rating": 4.6,
        "reviews": 80.0,
        "orders": 150.0,
        "returned_orders": 8.0,
        "shipped": 150.0,
        "late_shipped": 6.0,
        "placed_orders": 154.0,
        "seller_cancels": 2.0,
        "sps": 4.0,
        "violation_points": 0.0,
        "warnings": 0.0,
    }
    return Entity("shop", **(usual | figures))


def make_creator(**figures):
    usual = {
        "net_usd": 4500.0,
        "age_days": 365.0,
        "orders": 200.0,
        "returned_orders": 10.0,
        "violation_points": 0.0,
        "warnings": 0.0,
    }
    return Entity("creator", **(usual | figures))


def weeks_around(mean, cv=0.3):
    """Twelve weeks that go up and down by `cv` of their mean, and rise by nothing."""
    return tuple(mean * (1 + cv if week % 2 == 0 else 1 - cv) for week in range(WEEKS))


def make_features(seller=14250.0, affiliate=0.0, events=150, **figures):
    """Three equal months of a seller, a creator, or somebody who is both; the shape of
    the worked examples."""
    total = seller + affiliate
    usual = {
        "covered_days": 90,
        "net_seller_usd": seller,
        "net_affiliate_usd": affiliate,
        "months_income": (total / 3,) * 3,
        "months_events": (events / 3,) * 3,
        "weekly_income": weeks_around(total * 7 / 90),
        "active_weeks": 12,
        "active_days": 60,
        "source_income": {"seller:US": seller, "affiliate": affiliate},
        "m1_open_fraction": 1.0,
        "oldest_age_days": 365,
        "new_products_sold": 2,
        "regions_active": 1,
        "partners_m1": 6,
        "partners_m3": 6,
        "settle_match": 0.95,
        "entities": (make_shop(net_usd=seller),),
    }
    return Features(**(usual | figures))


def seller_features(**figures):
    return make_features(not_applicable=frozenset({"GRO_NETWORK"}), **figures)


amounts = st.floats(0, 200_000)
numbers = st.integers(0, 400).map(float)
shares = st.floats(0, 1)


def maybe(strategy):
    return st.none() | strategy


entities = st.builds(
    Entity,
    kind=st.sampled_from(["shop", "creator"]),
    net_usd=amounts,
    age_days=maybe(st.floats(0, 3000)),
    seller_type=st.sampled_from(["business", "individual", None]),
    rating=maybe(st.floats(1, 5)),
    reviews=maybe(numbers),
    orders=maybe(numbers),
    returned_orders=maybe(numbers),
    shipped=maybe(numbers),
    late_shipped=maybe(numbers),
    placed_orders=maybe(numbers),
    seller_cancels=maybe(numbers),
    sps=maybe(st.floats(0, 5)),
    violation_points=maybe(st.integers(0, 48).map(float)),
    warnings=maybe(st.integers(0, 12).map(float)),
)

features = st.builds(
    Features,
    covered_days=st.integers(30, 90).map(float),
    net_seller_usd=amounts,
    net_affiliate_usd=amounts,
    months_income=st.tuples(*[maybe(amounts)] * 3),
    months_events=st.tuples(*[maybe(numbers)] * 3),
    events=numbers,
    weekly_income=st.lists(maybe(amounts), min_size=12, max_size=12).map(tuple),
    active_weeks=maybe(st.integers(0, 12).map(float)),
    active_days=maybe(st.integers(0, 90).map(float)),
    source_income=maybe(
        st.dictionaries(
            st.sampled_from(["seller:US", "seller:GB", "affiliate"]), amounts
        )
    ),
    m1_open_fraction=maybe(shares),
    oldest_age_days=maybe(st.integers(0, 2000).map(float)),
    new_products_sold=maybe(numbers),
    regions_active=maybe(st.integers(0, 12).map(float)),
    partners_m1=maybe(numbers),
    partners_m3=maybe(numbers),
    settle_match=maybe(shares),
    integrity=st.builds(Integrity, maybe(shares), maybe(shares)),
    not_applicable=st.frozensets(
        st.sampled_from(["GRO_NETWORK", "GRO_PRODUCTS", "REL_SERVICE", "CON_AGE"])
    ),
    entities=st.lists(entities, min_size=1, max_size=4).map(tuple),
)


def scored(one):
    """The score of somebody who has one."""
    result = score(one)
    assert result.status == "scored"
    return result


def one_dollar_more(one):
    """Of the newest day, of the first account."""
    first = one.entities[0]
    return replace(
        one,
        net_seller_usd=one.net_seller_usd + 1,
        months_income=(*one.months_income[:2], one.months_income[2] + 1),
        weekly_income=(*one.weekly_income[:11], one.weekly_income[11] + 1),
        source_income=one.source_income
        | {"seller:US": one.source_income["seller:US"] + 1},
        entities=(replace(first, net_usd=first.net_usd + 1), *one.entities[1:]),
    )
