"""Deliveries that are not to be acted on: some are kept to look at, a flood of them is
only counted."""

import logging
import threading
import time
from dataclasses import dataclass, field

from apps.core.storing import clean
from apps.webhooks.models import WebhookEvent
from apps.webhooks.services.storing import insert

logger = logging.getLogger(__name__)

# In this process: whoever floods us is not to fill the table.
MOST_A_MINUTE = 60
LONGEST_BODY = 2_000
MINUTE_SECONDS = 60.0


@dataclass(slots=True)
class Quota:
    """So many a minute; of those beyond it, how many there were is told once."""

    most: int = MOST_A_MINUTE
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _began_at: float = float("-inf")
    _taken: int = 0
    _left_out: int = 0

    def admits(self) -> bool:
        with self._lock:
            now = time.monotonic()
            if now - self._began_at >= MINUTE_SECONDS:
                if self._left_out:
                    logger.warning("deliveries not kept count=%d", self._left_out)
                self._began_at, self._taken, self._left_out = now, 0, 0
            if self._taken < self.most:
                self._taken += 1
                return True
            self._left_out += 1
            return False

    def forget(self) -> None:
        """For tests."""
        with self._lock:
            self._began_at, self._taken, self._left_out = float("-inf"), 0, 0


quota = Quota()


def keep(
    state: WebhookEvent.State,
    raw_body: bytes,
    headers: dict[str, str],
    *,
    api_app: int | None = None,
    error: str,
) -> None:
    """Keep the beginning of one that is forged or unreadable, unless there are many. It
    is no shop's: whom it names anybody may have written. Raises DatabaseError."""
    if not quota.admits():
        return
    body = clean(raw_body[: LONGEST_BODY * 4].decode("utf-8", "replace"))
    insert(
        WebhookEvent(
            api_app_id=api_app,
            type_number=0,
            body=body[:LONGEST_BODY],
            headers=headers,
            state=state,
            error=error,
        )
    )
