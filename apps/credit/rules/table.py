"""The model's parameters: factors, components and their weights, in one table.

A change here is another model: give it another name, so that scores made before it
can still be told from those after.
"""

from typing import NamedTuple

MODEL = "tts-credit-1.0.0"

# {factor: its weight in the score}
FACTORS = {"REV": 0.40, "CON": 0.20, "REL": 0.20, "GRO": 0.20}


class Component(NamedTuple):
    """One thing that is measured, and how much it weighs in its factor."""

    code: str
    weight: float

    @property
    def factor(self) -> str:
        return self.code[:3]


COMPONENTS = (
    Component("REV_LEVEL", 1.0),
    Component("CON_REGULARITY", 0.25),
    Component("CON_STABILITY", 0.35),
    Component("CON_AGE", 0.20),
    Component("CON_DIVERSITY", 0.15),
    Component("CON_SELLER_TYPE", 0.05),
    Component("REL_RATING", 0.25),
    Component("REL_RETURNS", 0.25),
    Component("REL_ONTIME", 0.15),
    Component("REL_CANCEL", 0.10),
    Component("REL_SERVICE", 0.10),
    Component("REL_STANDING", 0.15),
    Component("GRO_REVENUE", 0.45),
    Component("GRO_ORDERS", 0.25),
    Component("GRO_PRODUCTS", 0.10),
    Component("GRO_MARKETS", 0.10),
    Component("GRO_NETWORK", 0.10),
)
CODES = tuple(component.code for component in COMPONENTS)

# What is not known is scored below what is usual, so that hiding bad news never pays.
MISSING_SCORE = 40.0
LOWEST_SCORE, HIGHEST_SCORE = 300, 850
POINTS_PER_PERCENT = 5.5

WINDOW_DAYS = 90
MONTH_DAYS = 30
WEEKS = 12
FEWEST_COVERED_DAYS = 30
# Of a month's thirty days; with fewer nothing is said of the month.
FEWEST_DAYS_OF_MONTH = 15
FEWEST_WEEKS = 4
