"""A limiter shared by all processes: the next free slot, booked in Redis.

GCRA: each key holds the instant at which its next call may start. One script reads
and books it by the server's own clock, so the caller sleeps once and nobody races.
"""

import logging
import time
from collections.abc import Callable

import redis

from apps.integrations.errors import RateLimited

logger = logging.getLogger(__name__)

# KEYS: slots. ARGV: microseconds between calls, calls that may go out at once.
# Returns the microseconds to wait. A slot that lies in the past is free now.
_BOOK = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local step = tonumber(ARGV[1])
local slack = step * (tonumber(ARGV[2]) - 1)
local start = now
for _, key in ipairs(KEYS) do
  local slot = tonumber(redis.call('GET', key) or 0)
  if slot - slack > start then start = slot - slack end
end
for _, key in ipairs(KEYS) do
  local slot = tonumber(redis.call('GET', key) or 0)
  if slot < start then slot = start end
  local life = string.format('%.0f', (slot + step - now) / 1000 + 120000)
  redis.call('SET', key, string.format('%.0f', slot + step), 'PX', life)
end
return start - now
"""
# Nothing starts on KEYS[1] before ARGV[1] microseconds from now.
_PUSH_BACK = """
local t = redis.call('TIME')
local slot = t[1] * 1000000 + t[2] + tonumber(ARGV[1])
if slot > tonumber(redis.call('GET', KEYS[1]) or 0) then
  local life = string.format('%.0f', tonumber(ARGV[1]) / 1000 + 120000)
  redis.call('SET', KEYS[1], string.format('%.0f', slot), 'PX', life)
end
"""


class SharedLimiter:
    """At most `per_second` calls a second under `key`, `burst` of them at once.

    `wait` raises RateLimited instead of sleeping longer than `max_wait_seconds`, so
    that a worker is free for others. Without a Redis it keeps the pace alone.
    """

    def __init__(
        self,
        connection: "redis.Redis",
        key: str,
        *,
        per_second: float,
        burst: int,
        max_wait_seconds: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._book = connection.register_script(_BOOK)
        self._push_back = connection.register_script(_PUSH_BACK)
        self._key = f"limit:{key}"
        self._step = 1_000_000 / per_second
        self._burst = burst
        self._max_wait = max_wait_seconds
        self._sleep = sleep
        self._alone_until = 0.0

    def wait(self) -> None:
        """Sleep until the next call may start."""
        try:
            micros = self._book(keys=[self._key], args=[self._step, self._burst])
        except redis.RedisError:
            self._wait_alone()
            return
        seconds = int(micros) / 1_000_000
        if seconds > self._max_wait:
            raise RateLimited(
                f"The platform's limit is used up for {seconds:.0f} s.",
                retry_after_seconds=seconds,
            )
        if seconds > 0:
            self._sleep(seconds)

    def push_back(self, seconds: float) -> None:
        """Hold all callers off for `seconds`: the platform asked for it."""
        try:
            # The burst would let callers in before the slot; make up for it.
            pause = seconds * 1_000_000 + self._step * (self._burst - 1)
            self._push_back(keys=[self._key], args=[pause])
        except redis.RedisError:
            self._alone_until = time.monotonic() + seconds

    def _wait_alone(self) -> None:
        if not self._alone_until:
            logger.warning("rate limit not shared key=%s: no Redis answers", self._key)
        now = time.monotonic()
        if self._alone_until > now:
            self._sleep(self._alone_until - now)
        self._alone_until = max(now, self._alone_until) + self._step / 1_000_000
