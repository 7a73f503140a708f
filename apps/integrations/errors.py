"""What can go wrong in a call, named by what the caller can do about it."""

from apps.integrations.contracts import ActionFault, BatchProgress


class PlatformError(Exception):
    """A call failed. `str()` is fit for staff and holds no secret.

    `code` is the platform's own code (0 if it never answered), `said` its own words,
    `request_id` what its support asks for, `retry_after_seconds` the pause it wants (0
    if it named none). `progress` is what had been done before it where many things were
    asked at once. `fault` is what can be done about it where something was to be done,
    and `may_be_done` tells that it may have been done all the same.
    """

    fault = ActionFault.STOP
    may_be_done = False
    said: str = ""
    retry_after_seconds: float = 0.0
    progress: BatchProgress | None = None

    def __init__(
        self,
        message: str,
        *,
        code: int = 0,
        request_id: str = "",
        http_status: int = 0,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.request_id = request_id
        self.http_status = http_status

    def __str__(self) -> str:
        notes = []
        if self.code:
            notes.append(f"code {self.code}")
        if self.request_id:
            notes.append(f"request {self.request_id}")
        return f"{self.message} ({', '.join(notes)})" if notes else self.message


class PlatformUnavailable(PlatformError):
    """No answer, or the platform says it is its own fault: try again later."""

    fault = ActionFault.RETRY
    may_be_done = True


class RateLimited(PlatformError):
    """Too many calls: wait `retry_after_seconds`, then try again."""

    fault = ActionFault.RETRY

    def __init__(
        self,
        message: str,
        *,
        retry_after_seconds: float = 1.0,
        code: int = 0,
        request_id: str = "",
        http_status: int = 429,
    ) -> None:
        super().__init__(
            message, code=code, request_id=request_id, http_status=http_status
        )
        self.retry_after_seconds = retry_after_seconds


class HeldBack(RateLimited):
    """Never sent: our own limiter would have had to wait too long."""


class TokenExpired(PlatformError):
    """The access token's time is over: refresh it, then repeat the call once."""

    fault = ActionFault.RETRY


class ConsentNeeded(PlatformError):
    """The seller must grant access again: revoked, ended, or never given."""

    fault = ActionFault.SELLER


class ScopeMissing(ConsentNeeded):
    """The app or the consent lacks a permission package (105005)."""


class RequestRefused(PlatformError):
    """The platform understood the call and says no; repeating changes nothing."""


class NotFound(RequestRefused):
    """What was asked for is not there, or not in this shop, which is the same to us."""


class TooManyFound(RequestRefused):
    """A search finds more than the platform shows of one: ask for less at once."""


class OurFault(PlatformError):
    """The call was wrong: signature, parameters, version. A bug or configuration."""


class MalformedReply(PlatformError):
    """The answer is not what the platform documents."""

    fault = ActionFault.REREAD
    may_be_done = True
