"""What can go wrong with credit."""

from apps.core.errors import DomainError


class ScoreIsFinal(DomainError):
    """A score that was made is never changed."""
