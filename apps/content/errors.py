"""What can go wrong with creators and what they sell, in words fit for staff."""

from apps.core.errors import DomainError


class CreatorRefuses(DomainError):
    """What was asked does not fit the creator."""

    code = "creator_refuses"


class SpansOverlap(DomainError):
    """Totals of days that other totals count already."""

    code = "spans_overlap"
