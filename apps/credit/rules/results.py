"""What a look at an applicant comes to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from apps.credit.rules.plain import Plain, number, number_or_none, stored
from apps.credit.rules.table import MODEL

SCORED, UNSCORABLE = "scored", "unscorable"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Income of the window, in the base currency; months and weeks oldest first.

    `counts` says of how many rows what became; `source_income` is by seller:<region>
    and affiliate; `clawback` the share of estimated commissions that settling usually
    takes back. `fx_missing_share` and `excluded_value_share` as in Integrity.
    """

    net_seller_usd: float
    net_affiliate_usd: float
    monthly_usd: float
    months_income: tuple[float, ...]
    months_events: tuple[int, ...]
    weekly_income: tuple[float, ...]
    active_ages: tuple[int, ...]
    source_income: Mapping[str, float]
    shop_income: Mapping[str, float]
    creator_income: Mapping[str, float]
    provision_usd: float
    clawback: float
    buyer_cap_usd: float
    counts: Mapping[str, int]
    excluded_value_share: float | None
    fx_missing_share: float | None

    @property
    def active_days(self) -> int:
        return len(self.active_ages)

    @property
    def active_weeks(self) -> int:
        weeks = {(age - 1) // 7 for age in self.active_ages}
        return len([week for week in weeks if week < len(self.weekly_income)])

    def to_dict(self) -> dict[str, Any]:
        """Plain values, numbers as they are."""
        return {
            "net_seller_usd": self.net_seller_usd,
            "net_affiliate_usd": self.net_affiliate_usd,
            "monthly_usd": self.monthly_usd,
            "months_income": list(self.months_income),
            "months_events": list(self.months_events),
            "weekly_income": list(self.weekly_income),
            "active_days": self.active_days,
            "active_weeks": self.active_weeks,
            "active_ages": list(self.active_ages),
            "source_income": dict(self.source_income),
            "shop_income": dict(self.shop_income),
            "creator_income": dict(self.creator_income),
            "provision_usd": self.provision_usd,
            "clawback": self.clawback,
            "buyer_cap_usd": self.buyer_cap_usd,
            "counts": dict(self.counts),
            "integrity": {
                "excluded_value_share": self.excluded_value_share,
                "fx_missing_share": self.fx_missing_share,
            },
        }


class Reason(NamedTuple):
    """Why a score is not higher: a code, a sentence in the applicant's own figures."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Result:
    """A score, or why there is none (`status` unscorable, no figures).

    `factors`, `components` and `lost` are {code: figure}, of applicable codes only;
    scores run from 0 to 100, `lost` in points of `score_100` add up to what it lacks.
    """

    status: str
    confidence_level: str
    reasons: tuple[Reason, ...]
    model: str = MODEL
    monthly_usd: float | None = None
    cv: float | None = None
    factors: Mapping[str, float] = field(default_factory=dict)
    components: Mapping[str, float] = field(default_factory=dict)
    lost: Mapping[str, float] = field(default_factory=dict)
    score_100: float | None = None
    score: int | None = None
    confidence: float | None = None
    impact: str | None = None
    review_required: bool = False

    @property
    def codes(self) -> list[str]:
        return [reason.code for reason in self.reasons]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, not whole numbers as strings of decimals; from_dict
        gives the same result back, to the last bit."""
        return {
            "status": self.status,
            "model": self.model,
            "monthly_usd": stored(self.monthly_usd),
            "cv": stored(self.cv),
            "factors": stored(self.factors),
            "components": stored(self.components),
            "lost": stored(self.lost),
            "score_100": stored(self.score_100),
            "score": self.score,
            "confidence": stored(self.confidence),
            "confidence_level": self.confidence_level,
            "impact": self.impact,
            "reasons": [reason._asdict() for reason in self.reasons],
            "review_required": self.review_required,
        }

    @classmethod
    def from_dict(cls, data: Plain) -> "Result":
        return cls(
            status=data["status"],
            confidence_level=data["confidence_level"],
            reasons=tuple(Reason(**reason) for reason in data["reasons"]),
            model=data["model"],
            monthly_usd=number_or_none(data["monthly_usd"]),
            cv=number_or_none(data["cv"]),
            factors=_figures(data["factors"]),
            components=_figures(data["components"]),
            lost=_figures(data["lost"]),
            score_100=number_or_none(data["score_100"]),
            score=data["score"],
            confidence=number_or_none(data["confidence"]),
            impact=data["impact"],
            review_required=data["review_required"],
        )


def _figures(data: Plain) -> dict[str, float]:
    return {code: number(figure) for code, figure in data.items()}
