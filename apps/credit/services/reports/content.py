"""Everything a report shows, as plain values: page, PDF and API say the same."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

from apps.credit.models import Score
from apps.credit.rules import Features
from apps.credit.rules.components import LEVELS, Measured, measure
from apps.credit.rules.reasons import DATA, sentence
from apps.credit.rules.table import COMPONENTS, FACTORS

FACTOR_NAMES = {
    "REV": "Revenue",
    "CON": "Consistency",
    "REL": "Reliability",
    "GRO": "Growth",
}
COMPONENT_NAMES = {
    "REV_LEVEL": "Monthly income",
    "CON_REGULARITY": "Regular income",
    "CON_STABILITY": "Steady income",
    "CON_AGE": "Age of the accounts",
    "CON_DIVERSITY": "Sources of income",
    "CON_SELLER_TYPE": "Kind of seller",
    "REL_RATING": "Rating",
    "REL_RETURNS": "Returns",
    "REL_ONTIME": "Shipping on time",
    "REL_CANCEL": "Cancellations",
    "REL_SERVICE": "Shop performance",
    "REL_STANDING": "Standing",
    "GRO_REVENUE": "Growth of income",
    "GRO_ORDERS": "Growth of orders",
    "GRO_PRODUCTS": "New products",
    "GRO_MARKETS": "Markets",
    "GRO_NETWORK": "Partners",
}
CONFIDENCE_WORDS = {
    "HIGH": "HIGH (actual transactions)",
    "MEDIUM": "MEDIUM",
    "LOW": "LOW",
    "INSUFFICIENT": "INSUFFICIENT",
}
# Of each factor, so many facts are told: those that weigh most.
_FACTS = 2
_MOSTLY_MISSING = 0.5
HOW_TO_DISPUTE = (
    "Whoever this report is about, and whoever reads it, may object to a figure: write "
    "to the lender who asked for it, or use “Object to a figure” on the report's page. "
    "The objection is listed with the report. Where it is upheld, the figures are "
    "reckoned anew under a new number; this report stays as it was issued."
)
WHAT_IT_IS = (
    "Reckoned from orders, refunds and commissions as the platform told of them. An "
    "input to a lender's decision, not a decision."
)


def content_of(score: Score, number: str, issued_on: str) -> dict[str, Any]:
    """Amounts as strings with cents in US dollars, scores with one decimal as strings,
    days as ISO dates; no key of a table, nothing of a buyer."""
    facts: Mapping[str, Any] = score.facts
    features = Features.from_dict(score.features)
    result: Mapping[str, Any] = score.result
    return {
        "number": number,
        "issued_on": issued_on,
        "subject": str(score.applicant),
        "asked_by": str(score.applicant.client),
        "kind": kind_of(features),
        "made_at": score.created_at.isoformat(timespec="seconds"),
        "as_of": score.as_of.isoformat(),
        "model": score.model_version,
        "window": facts["window"],
        "status": score.status,
        "score": score.score,
        "score_100": _tenth(score.score_100),
        "confidence": score.confidence_level,
        "confidence_words": CONFIDENCE_WORDS[score.confidence_level],
        "confidence_share": _hundredth(score.confidence),
        "impact": score.impact,
        "needs_review": score.needs_review,
        "monthly_usd": facts["measured"]["monthly_usd"],
        "factors": factors_of(features, result),
        "tiers": tiers_of(score.monthly_usd),
        "measured": facts["measured"],
        "reasons": [
            reason | {"lost": _lost(reason["code"], result["lost"])}
            for reason in result["reasons"]
        ],
        "months": facts["months"],
        "shops": [_account(shop) for shop in facts["shops"]],
        "creators": [_account(one) for one in facts["creators"]],
        "counts": facts["counts"],
        "rates": facts["rates"],
        "how_to_dispute": HOW_TO_DISPUTE,
        "what_it_is": WHAT_IT_IS,
    }


def kind_of(features: Features) -> str:
    kinds = {entity.kind for entity in features.entities}
    if len(kinds) > 1:
        return "Seller and creator"
    return {"shop": "Seller", "creator": "Creator"}.get("".join(kinds), "—")


def factors_of(features: Features, result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each with what it consists of, and the facts behind what weighs most."""
    measured = measure(features) if result["components"] else {}
    found = []
    for code, weight in FACTORS.items():
        if code not in result["factors"]:
            continue
        parts = [
            one for one in COMPONENTS if one.factor == code and one.code in measured
        ]
        telling = sorted(parts, key=lambda one: -one.weight)[:_FACTS]
        found.append(
            {
                "code": code,
                "name": FACTOR_NAMES[code],
                "weight": f"{100 * weight:.0f}",
                "score": _tenth(float(result["factors"][code])),
                "facts": " ".join(
                    _fact(one.code, features, measured[one.code]) for one in telling
                ),
                "components": [
                    {
                        "code": one.code,
                        "name": COMPONENT_NAMES[one.code],
                        "score": _tenth(float(result["components"][one.code])),
                        "lost": _tenth(float(result["lost"][one.code])),
                    }
                    for one in parts
                ],
            }
        )
    return found


def tiers_of(monthly: Decimal | None) -> list[dict[str, Any]]:
    """The steps of monthly income, and which of them it is on: from, below."""
    levels = [Decimal(int(level)) for level, _ in LEVELS]
    steps = [(f"${low:,} to ${high:,}", low, high) for low, high in pairwise(levels)]
    found = [
        {
            "label": label,
            "is_here": monthly is not None
            and (low <= monthly < high or (low == 0 and monthly < 0)),
        }
        for label, low, high in steps
    ]
    top = levels[-1]
    is_top = monthly is not None and monthly >= top
    return [*found, {"label": f"${top:,} and more", "is_here": is_top}]


def _fact(code: str, features: Features, measured: Measured) -> str:
    """The first half of a reason's sentence: what is, without what would be needed."""
    told = DATA + code if measured.missing >= _MOSTLY_MISSING else code
    return sentence(told, features).partition("; full credit")[0].rstrip(".") + "."


def _account(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Without our keys."""
    return {name: facts[name] for name in facts if name not in ("shop", "account")}


def _lost(code: str, lost: Mapping[str, Any]) -> str | None:
    value = lost.get(code.removeprefix(DATA))
    return None if value is None else _tenth(float(value))


def _tenth(value: float | None) -> str | None:
    return None if value is None else f"{value:.1f}"


def _hundredth(value: float | None) -> str | None:
    return None if value is None else f"{value:.2f}"
