"""The root of all broken rules."""


class DomainError(Exception):
    """A rule was broken; `str()` is fit for staff and says what to do."""
