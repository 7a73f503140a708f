"""What can go wrong with people's own things, in words fit for them."""

from apps.core.errors import DomainError, Forbidden


class TooManyTokens(DomainError):
    """Somebody has as many API tokens as one may have."""

    code = "too_many_tokens"


class BeyondToken(Forbidden):
    """A token would make one that may do more than itself."""

    code = "beyond_token"


class WrongCode(DomainError):
    """The code is not, or no longer, the right one."""

    code = "wrong_code"


class TooManyCodes(DomainError):
    """After wrong codes the next one has to wait."""

    code = "too_many_codes"


class NotSetUp(DomainError):
    """There is no second factor to do that with."""

    code = "second_factor_not_set_up"
