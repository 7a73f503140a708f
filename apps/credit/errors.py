"""What can go wrong with credit."""

from apps.core.errors import DomainError


class ScoreIsFinal(DomainError):
    """A score that was made is never changed."""


class ConsentRefused(DomainError):
    """An applicant's consent that cannot begin, or leads nowhere."""

    code = "consent_refused"


class ErasingRefused(DomainError):
    """Nothing was erased."""

    code = "erasing_refused"


class NotToScore(DomainError):
    """There is nobody to score."""

    code = "not_to_score"


class ReportRefused(DomainError):
    """A report that cannot be issued, shared or answered so."""

    code = "report_refused"
