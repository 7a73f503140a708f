"""What each component says of an applicant, and what full credit for it needs."""

from collections.abc import Callable
from typing import TypeVar

from apps.credit.rules import components as parts
from apps.credit.rules.features import Entity, Features
from apps.credit.rules.table import WINDOW_DAYS
from apps.credit.rules.wording import count, dollars, figure, percent, weeks_known

Found = TypeVar("Found")


def _level(features: Features) -> str:
    return (
        f"Average net income of {dollars(parts.monthly(features) or 0)} a month over "
        f"the last {WINDOW_DAYS} days; "
        f"full credit needs {dollars(parts.LEVELS[-1][0])}."
    )


def _regularity(features: Features) -> str:
    weeks = weeks_known(features)
    return (
        f"Income in {figure(features.active_weeks or 0)} of {weeks} weeks and on "
        f"{figure(features.active_days or 0)} of {figure(features.covered_days)} "
        "days; full credit needs income in every week and on "
        f"{figure(-(-features.covered_days // 2))} days."
    )


def _stability(features: Features) -> str:
    differs = parts.variation(features.weekly_income)
    if differs is None:
        return (
            f"No net income in {weeks_known(features)} weeks, so none that is steady; "
            "full credit needs income that is the same each week."
        )
    return (
        f"Weekly income varies by {percent(differs)} of its average; full credit "
        "needs the same income each week, or a steady rise."
    )


def _age(features: Features) -> str:
    ages = _known(features, "CON_AGE", lambda entity: entity.age_days)
    return (
        f"Accounts are {count(_weighted(ages), 'day')} old on average, by their "
        f"income; full credit needs {parts.FULL_AGE_DAYS} days."
    )


def _diversity(features: Features) -> str:
    return (
        f"{percent(parts.second_share(features))} of the income comes from other "
        "sources than the largest; full credit needs "
        f"{percent(parts.FULL_SECOND)}."
    )


def _seller_type(features: Features) -> str:
    types = [one for _, one in _known(features, "CON_SELLER_TYPE", _type_of)]
    individual = len([one for one in types if one == "individual"])
    return (
        f"{individual} of {count(len(types), 'shop')} "
        f"{'is' if individual == 1 else 'are'} run as an individual; full credit "
        "needs shops registered as a business."
    )


def _rating(features: Features) -> str:
    rated = _known(
        features,
        "REL_RATING",
        lambda entity: None if parts.counted_rating(entity) is None else entity,
    )
    reviews = sum(entity.reviews or 0 for _, entity in rated)
    counted = [(weight, parts.counted_rating(entity) or 0) for weight, entity in rated]
    plain = [(weight, entity.rating or 0) for weight, entity in rated]
    return (
        f"Rated {_weighted(plain):.2f} of 5 in {count(reviews, 'review')}, which "
        f"counts as {_weighted(counted):.2f}; full credit needs "
        f"{parts.FULL_RATING:.2f}, from many reviews."
    )


def _returns(features: Features) -> str:
    return _share(
        features,
        "REL_RETURNS",
        lambda entity: (entity.returned_orders, entity.orders),
        "orders were returned",
        "2%",
    )


def _on_time(features: Features) -> str:
    return _share(
        features,
        "REL_ONTIME",
        lambda entity: (entity.late_shipped, entity.shipped),
        "shipped orders went out late",
        "2%",
    )


def _cancels(features: Features) -> str:
    return _share(
        features,
        "REL_CANCEL",
        lambda entity: (entity.seller_cancels, entity.placed_orders),
        "orders were cancelled by the seller",
        "0.5%",
        parts.USUAL_CANCELS,
    )


def _service(features: Features) -> str:
    scores = _known(features, "REL_SERVICE", lambda entity: entity.sps)
    return (
        f"The platform's shop score is {_weighted(scores):.1f} of 5; "
        f"full credit needs {parts.FULL_SPS}."
    )


def _standing(features: Features) -> str:
    points = sum(entity.violation_points or 0 for entity in features.entities)
    warnings = sum(entity.warnings or 0 for entity in features.entities)
    ages = [(1.0, entity.age_days or 0.0) for entity in features.entities]
    return (
        f"{count(points, 'violation point')} and {count(warnings, 'warning')} on "
        f"accounts that are {count(_weighted(ages), 'day')} old; full credit needs "
        "none of both, over years."
    )


def _revenue(features: Features) -> str:
    oldest, newest = features.months_income[0] or 0, features.months_income[-1] or 0
    usual = parts.usual_event(features)
    wanted = (
        f"about {dollars(_grown(oldest, 3, usual))} in the newest"
        if usual
        else "income that grows"
    )
    return (
        f"Net income of {dollars(newest)} in the newest 30 days after "
        f"{dollars(oldest)} in the oldest; full credit needs "
        f"{wanted}{_not_open(features)}."
    )


def _orders(features: Features) -> str:
    oldest, newest = features.months_events[0] or 0, features.months_events[-1] or 0
    return (
        f"Paid orders and commissions: {figure(newest)} in the newest 30 days after "
        f"{figure(oldest)} in the oldest; full credit needs about "
        f"{figure(_grown(oldest, 3, 1))} in the newest{_not_open(features)}."
    )


def _grown(oldest: float, times: float, usual: float) -> float:
    """Where growth has nearly full credit: past it, more is hardly told apart."""
    return times * (max(0.0, oldest) + 10 * usual) - 9 * usual


def _products(features: Features) -> str:
    return (
        f"{count(features.new_products_sold or 0, 'new product')} sold in the last "
        f"{WINDOW_DAYS} days; full credit needs {parts.FULL_PRODUCTS}."
    )


def _markets(features: Features) -> str:
    return (
        f"Active in {count(features.regions_active or 0, 'market')}; "
        f"full credit needs {parts.FULL_REGIONS}."
    )


def _network(features: Features) -> str:
    oldest, newest = features.partners_m1 or 0, features.partners_m3 or 0
    return (
        f"{count(newest, 'partner')} (creators or brands) in the newest 30 days after "
        f"{figure(oldest)} in the oldest; full credit needs about "
        f"{figure(4 * (oldest + 2) - 1.8)} in the newest{_not_open(features)}."
    )


def _share(
    features: Features,
    code: str,
    figures: Callable[[Entity], tuple[float | None, float | None]],
    what: str,
    full: str,
    usual: float = parts.USUAL_LOSS,
) -> str:
    """Of all accounts that know it: how many of how many, and the share that counts."""
    known = [
        (weight, some, of)
        for weight, (some, of) in _known(features, code, figures)
        if some is not None and of is not None
    ]
    counted = [
        (weight, parts.shrunk(some, of, usual) or 0.0) for weight, some, of in known
    ]
    some, of = sum(one[1] for one in known), sum(one[2] for one in known)
    return (
        f"{figure(some)} of {figure(of)} {what}, which counts as "
        f"{percent(_weighted(counted))}; full credit needs {full} or less."
    )


def _known(
    features: Features, code: str, of: Callable[[Entity], Found | None]
) -> list[tuple[float, Found]]:
    """What accounts have, with the accounts' weights."""
    pairs = [
        (weight, of(entity))
        for entity, weight in zip(
            features.entities, parts.weights(features.entities), strict=True
        )
        if parts.applies(code, entity)
    ]
    return [(weight, found) for weight, found in pairs if found is not None]


def _weighted(pairs: list[tuple[float, float]]) -> float:
    total = sum(weight for weight, _ in pairs)
    return sum(weight * value for weight, value in pairs) / total if total else 0.0


def _type_of(entity: Entity) -> str | None:
    return entity.seller_type and entity.seller_type.lower()


def _not_open(features: Features) -> str:
    """Why growth counts for less where the oldest month was not all there."""
    open_part = features.m1_open_fraction or 0
    if open_part >= 1:
        return ""
    return f", and an account in all of the oldest 30 days, not {percent(open_part)}"


SENTENCES: dict[str, Callable[[Features], str]] = {
    "REV_LEVEL": _level,
    "CON_REGULARITY": _regularity,
    "CON_STABILITY": _stability,
    "CON_AGE": _age,
    "CON_DIVERSITY": _diversity,
    "CON_SELLER_TYPE": _seller_type,
    "REL_RATING": _rating,
    "REL_RETURNS": _returns,
    "REL_ONTIME": _on_time,
    "REL_CANCEL": _cancels,
    "REL_SERVICE": _service,
    "REL_STANDING": _standing,
    "GRO_REVENUE": _revenue,
    "GRO_ORDERS": _orders,
    "GRO_PRODUCTS": _products,
    "GRO_MARKETS": _markets,
    "GRO_NETWORK": _network,
}
