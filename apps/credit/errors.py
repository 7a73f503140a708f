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
