"""What can go wrong with orders, in words for staff."""

from collections.abc import Mapping
from typing import Any

from apps.core.errors import DomainError


class ErasureRefused(DomainError):
    """A buyer's data is not erased by a slip of the hand."""


class ActionRefused(DomainError):
    """What was asked of the platform cannot be done with this order as it is."""

    code = "action_refused"


class EditRefused(DomainError):
    """A field of an order cannot be set by hand as asked."""

    code = "edit_refused"


class EditConflict(EditRefused):
    """Fields are not any more as they were when somebody opened them.

    `differences` is {field: (what was shown, what it is now)}; as that may tell of the
    buyer, the message does not.
    """

    code = "changed_since_opened"

    def __init__(
        self, message: str, differences: Mapping[str, tuple[Any, Any]]
    ) -> None:
        super().__init__(message)
        self.differences = dict(differences)


class ViewRefused(DomainError):
    """A saved view cannot be kept like that."""
