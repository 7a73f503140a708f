"""What can go wrong with money, in words for staff."""

from apps.core.errors import DomainError


class RateRefused(DomainError):
    """A rate, or a file of rates, that is not taken in."""

    code = "rate_refused"
