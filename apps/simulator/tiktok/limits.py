"""How often an app may call an API for a shop: a sliding second."""

import time
from collections import defaultdict, deque
from dataclasses import dataclass, field


@dataclass
class Limits:
    """`per_second` calls per app, shop and API; the platform's default is 50."""

    per_second: int = 50
    retry_after: int | None = None  # sent with the refusal, if set
    _calls: defaultdict[tuple[str, str, str], deque[float]] = field(
        default_factory=lambda: defaultdict(deque)
    )

    def allows(self, app_key: str, shop_id: str, api: str) -> bool:
        calls, now = self._calls[app_key, shop_id, api], time.monotonic()
        while calls and calls[0] <= now - 1:
            calls.popleft()
        if len(calls) >= self.per_second:
            return False
        calls.append(now)
        return True
