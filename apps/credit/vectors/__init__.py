"""The product's calculations, called by name with plain values.

For whoever wants to check them against worked cases: `call("health.conditions", {…})`.
Nothing is calculated here; names and shapes are those of the cases.
"""

from typing import Any

from apps.credit.vectors import consolidated, credit, health
from apps.credit.vectors.health import Data

FUNCTIONS = health.FUNCTIONS | credit.FUNCTIONS | consolidated.FUNCTIONS


def call(fn: str, data: Data) -> dict[str, Any]:
    """What the function of that name makes of `data`. Raises LookupError for a name
    that nothing here has."""
    if fn not in FUNCTIONS:
        known = ", ".join(sorted(FUNCTIONS))
        raise LookupError(f"There is no function “{fn}”. There are: {known}.")
    return FUNCTIONS[fn](data)
