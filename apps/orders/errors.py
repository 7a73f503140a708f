"""What can go wrong with orders, in words for staff."""

from apps.core.errors import DomainError


class ErasureRefused(DomainError):
    """A buyer's data is not erased by a slip of the hand."""
