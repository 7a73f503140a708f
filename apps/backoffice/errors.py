"""What can go wrong here, in words for staff."""

from apps.core.errors import DomainError


class RetentionRefused(DomainError):
    """Nothing is kept that short, or that long."""


class PersonRefused(DomainError):
    """A person is not erased by a slip of the hand, nor where others depend on them."""
