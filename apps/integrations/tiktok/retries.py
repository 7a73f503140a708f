"""How often, and after which pause, a safe call is repeated."""

import random
from dataclasses import dataclass

from apps.integrations.errors import PlatformError, PlatformUnavailable, RateLimited
from apps.integrations.tiktok.codes import fault_of
from apps.integrations.tiktok.faults import Action


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Patience for calls that are safe to repeat; a write never is.

    The defaults are those of Partner Center, "Rate limits": 1 s doubled each time plus
    up to half a second, 60 s at most. A pause the platform asks for is kept if it is
    no longer than `cap_seconds`; otherwise the call fails at once and its error says
    how long. `tries=1` leaves all waiting to the caller.
    """

    tries: int = 5
    base_seconds: float = 1.0
    jitter_seconds: float = 0.5
    cap_seconds: float = 60.0

    def pause_seconds(self, error: PlatformError, repeat: int) -> float | None:
        """Seconds to wait before repeat number `repeat` (from 1), None to give up."""
        asked = error.retry_after_seconds
        if repeat >= self.tries or asked > self.cap_seconds:
            return None
        if not isinstance(error, RateLimited | PlatformUnavailable):
            is_once = fault_of(error.code).action is Action.RETRY_ONCE
            if not is_once or repeat > 1:
                return None
        growing: float = self.base_seconds * 2 ** (repeat - 1)
        jitter = random.uniform(0, self.jitter_seconds)  # noqa: S311 - spreads callers
        return max(asked, min(growing + jitter, self.cap_seconds))
