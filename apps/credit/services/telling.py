"""What a lender's webhook is told: that there is a score or a report, and where.

Rows are the queue; `delivering` posts them. No figure of a buyer, no name of a shop.
"""

import json
from typing import Any

from django.utils import timezone

from apps.credit.models import Applicant, CreditReport, Lender, LenderDelivery, Score

SCORE_MADE = "score.made"
REPORT_ISSUED = "report.issued"
REPORT_WITHDRAWN = "report.withdrawn"
_ROOT = "/api/v1/credit"


def tell_score(score: Score) -> None:
    """Once a score, however often it is called."""
    _tell(
        score.applicant,
        SCORE_MADE,
        score.pk,
        {"score": score_body(score)},
        {
            "score": f"{_ROOT}/scores/{score.pk}/",
            "applicant": f"{_ROOT}/applicants/{score.applicant_id}/",
        },
    )


def tell_report(report: CreditReport, event: str = REPORT_ISSUED) -> None:
    """Once a report and event."""
    _tell(
        report.score.applicant,
        event,
        report.pk,
        {"report": {"number": report.number}, "score": score_body(report.score)},
        {"report": f"{_ROOT}/reports/{report.pk}/"},
    )


def score_body(score: Score) -> dict[str, Any]:
    monthly = score.monthly_usd
    return {
        "number": score.number,
        "as_of": score.as_of.isoformat(),
        "status": score.status,
        "score": score.score,
        "monthly_usd": None if monthly is None else str(monthly),
        "confidence_level": score.confidence_level,
        "impact": score.impact,
        "model": score.model_version,
    }


def _tell(
    applicant: Applicant,
    event: str,
    key: int,
    told: dict[str, Any],
    links: dict[str, str],
) -> None:
    lender = Lender.objects.filter(client=applicant.client_id).first()
    if lender is None or not lender.hook_address:
        return
    now = timezone.now()
    body = {
        "event": event,
        "at": now.isoformat(),
        "applicant": {
            "reference": applicant.reference,
            "wallet": applicant.wallet_address,
        },
        **told,
        "links": links,
    }
    LenderDelivery.objects.get_or_create(
        key=f"{event}:{key}",
        defaults={
            "lender": lender,
            "event": event,
            "body": json.dumps(body, ensure_ascii=False, sort_keys=True),
            "next_try_at": now,
        },
    )
