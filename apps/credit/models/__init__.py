from apps.credit.models.applicant import (
    Applicant,
    ApplicantConsent,
    ApplicantCreator,
    ApplicantShop,
    Lender,
)
from apps.credit.models.mark import BuyerMark
from apps.credit.models.report import (
    CreditReport,
    Dispute,
    LenderDelivery,
    ReportShare,
    ReportView,
)
from apps.credit.models.score import Score, ScoreInput
from apps.credit.models.standing import ShopStanding

__all__ = [
    "Applicant",
    "ApplicantConsent",
    "ApplicantCreator",
    "ApplicantShop",
    "BuyerMark",
    "CreditReport",
    "Dispute",
    "Lender",
    "LenderDelivery",
    "ReportShare",
    "ReportView",
    "Score",
    "ScoreInput",
    "ShopStanding",
]
