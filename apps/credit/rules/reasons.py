"""Why a score is not higher, in sentences with the applicant's own figures.

Each says what was found and what full credit needs; a lender may pass it on as it is.
"""

from collections.abc import Mapping

from apps.credit.rules.components import Measured
from apps.credit.rules.features import Features
from apps.credit.rules.results import Reason
from apps.credit.rules.sentences import SENTENCES
from apps.credit.rules.table import FEWEST_COVERED_DAYS, WINDOW_DAYS
from apps.credit.rules.unknown import UNKNOWN
from apps.credit.rules.wording import count, percent

DATA_INSUFFICIENT = "DATA_INSUFFICIENT"
INTEGRITY_EXCLUDED = "INTEGRITY_EXCLUDED"
DATA = "DATA_"
MOST_REASONS = 4
_LEAST_LOST = 0.5
_MOSTLY_MISSING = 0.5
_EXCLUDED_ABOVE = 0.05


def reasons(
    features: Features, measured: Mapping[str, Measured], lost: Mapping[str, float]
) -> list[Reason]:
    """At most four, what costs most first."""
    found = []
    if (features.integrity.excluded_value_share or 0) > _EXCLUDED_ABOVE:
        found.append(Reason(INTEGRITY_EXCLUDED, sentence(INTEGRITY_EXCLUDED, features)))
    rounded = {code: round(points, 9) for code, points in lost.items()}
    costly = [code for code, points in rounded.items() if points >= _LEAST_LOST]
    # Sorting is stable: what costs the same stays in the order of the table.
    for code in sorted(costly, key=lambda code: -rounded[code]):
        if measured[code].missing >= _MOSTLY_MISSING:
            code = DATA + code
        found.append(Reason(code, sentence(code, features)))
    return found[:MOST_REASONS]


def too_little_data(features: Features) -> Reason:
    return Reason(DATA_INSUFFICIENT, sentence(DATA_INSUFFICIENT, features))


def sentence(code: str, features: Features) -> str:
    """What a reason code says of these features. Raises LookupError for no code."""
    if code not in _SENTENCES:
        raise LookupError(f"There is no reason {code}.")
    return _SENTENCES[code](features)


def _insufficient(features: Features) -> str:
    if not features.entities:
        return (
            "No shop or creator account is connected (0 accounts); "
            "a score needs at least 1."
        )
    return (
        f"Only {count(features.covered_days, 'day')} of the last {WINDOW_DAYS} "
        f"could be read; a score needs at least {FEWEST_COVERED_DAYS}."
    )


def _excluded(features: Features) -> str:
    share = features.integrity.excluded_value_share or 0
    return (
        f"{percent(share)} of the order value was left out: own purchases, orders "
        "quickly refunded, bursts of one buyer, or more of one buyer than a quarter; "
        f"full credit needs {percent(_EXCLUDED_ABOVE)} or less."
    )


_WHOLE = {DATA_INSUFFICIENT: _insufficient, INTEGRITY_EXCLUDED: _excluded}
_SENTENCES = SENTENCES | _WHOLE | {DATA + code: told for code, told in UNKNOWN.items()}
