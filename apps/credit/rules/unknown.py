"""What is said of a component whose figures are not known, and what would be needed."""

from collections.abc import Callable

from apps.credit.rules import components as parts
from apps.credit.rules.features import Entity, Features
from apps.credit.rules.table import FEWEST_WEEKS, WEEKS, WINDOW_DAYS
from apps.credit.rules.wording import count, dollars, figure, percent, weeks_known


def _no_income(features: Features) -> str:
    return (
        f"Net income is not known for {count(features.covered_days, 'covered day')}; "
        f"full credit needs it, and {dollars(parts.LEVELS[-1][0])} a month."
    )


def _no_weeks(what: str, needs: str) -> Callable[[Features], str]:
    def told(features: Features) -> str:
        return (
            f"{what} is not known: {weeks_known(features)} of {WEEKS} weeks could be "
            f"read whole, of at least {FEWEST_WEEKS}; full credit needs {needs}."
        )

    return told


def _no_figure(code: str, what: str, needs: str) -> Callable[[Features], str]:
    def told(features: Features) -> str:
        able = [entity for entity in features.entities if parts.applies(code, entity)]
        return (
            f"{what} is not known for {_unknown(code, able)} of "
            f"{count(len(able), 'account')}; full credit needs it, and {needs}."
        )

    return told


def _no_months(what: str, needs: str) -> Callable[[Features], str]:
    def told(features: Features) -> str:
        return (
            f"{what} cannot be compared: of the last {WINDOW_DAYS} days "
            f"{figure(features.covered_days)} could be read, and too few of the "
            f"oldest or the newest 30; full credit needs both, and {needs}."
        )

    return told


def _no_number(what: str, needs: str) -> Callable[[Features], str]:
    def told(features: Features) -> str:
        return (
            f"{what} could not be read, over "
            f"{count(features.covered_days, 'covered day')}; "
            f"full credit needs {needs}."
        )

    return told


def _unknown(code: str, entities: list[Entity]) -> int:
    return len([entity for entity in entities if parts.of_entity(code, entity) is None])


UNKNOWN: dict[str, Callable[[Features], str]] = {
    "REV_LEVEL": _no_income,
    "CON_REGULARITY": _no_weeks(
        "How regular income is", "income in every week and on half of the days"
    ),
    "CON_STABILITY": _no_weeks("How steady income is", "the same income each week"),
    "CON_AGE": _no_figure(
        "CON_AGE", "The age", f"accounts that are {parts.FULL_AGE_DAYS} days old"
    ),
    "CON_DIVERSITY": _no_number(
        "Where income comes from", f"{percent(parts.FULL_SECOND)} from second sources"
    ),
    "CON_SELLER_TYPE": _no_figure(
        "CON_SELLER_TYPE", "The seller type", "shops registered as a business"
    ),
    "REL_RATING": _no_figure(
        "REL_RATING", "The rating", f"{parts.FULL_RATING} of 5 from many reviews"
    ),
    "REL_RETURNS": _no_figure(
        "REL_RETURNS", "The number of returned orders", "2% of orders or less"
    ),
    "REL_ONTIME": _no_figure(
        "REL_ONTIME", "The number of late shipments", "2% of shipments or less"
    ),
    "REL_CANCEL": _no_figure(
        "REL_CANCEL", "The number of orders the seller cancelled", "0.5% or less"
    ),
    "REL_SERVICE": _no_figure(
        "REL_SERVICE", "The platform's shop score", f"{parts.FULL_SPS} of 5"
    ),
    "REL_STANDING": _no_figure(
        "REL_STANDING", "The number of violations and warnings", "none of both"
    ),
    "GRO_REVENUE": _no_months("Income", "income that grows"),
    "GRO_ORDERS": _no_months("The number of orders", "orders that grow"),
    "GRO_PRODUCTS": _no_number(
        "The number of new products sold", f"{parts.FULL_PRODUCTS} of them"
    ),
    "GRO_MARKETS": _no_number(
        "The number of markets", f"activity in {parts.FULL_REGIONS}"
    ),
    "GRO_NETWORK": _no_number(
        "The number of partners in the oldest and the newest month",
        "about four times as many in the newest",
    ),
}
