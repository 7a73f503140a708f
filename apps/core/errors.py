"""The root of all broken rules."""

from typing import ClassVar


class DomainError(Exception):
    """A rule was broken; `str()` is fit for staff and says what to do.

    `code` names the rule for programs that call us: once published it stays.
    """

    code: ClassVar[str] = "rule_broken"


class Forbidden(DomainError):
    """The rule is about who asks: somebody else might be allowed to."""

    code = "forbidden"


class HookRefused(DomainError):
    """An address that nothing is posted to."""

    code = "hook_refused"
