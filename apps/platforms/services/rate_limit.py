"""A limiter shared by all processes: the next free slot, booked in Redis.

GCRA: each key holds the instant at which its next call may start. One script reads and
books all keys of a call by the server's own clock, so the caller sleeps once and nobody
races.

Who goes first: a caller for whom a person waits (`urgent`) books its slot however far
ahead it lies. Background work books only what is nearly free; else it sleeps and asks
again, so the queue in front of a person is never longer than that. After a while of
being overtaken it asks like a person, which keeps people from starving it.
"""

import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import redis

from apps.integrations.errors import HeldBack

logger = logging.getLogger(__name__)

# KEYS: slots. ARGV: the longest wait worth booking, then for each key microseconds
# between calls and microseconds of slack (a burst). Returns the microseconds to wait;
# below zero if that is too long, and then nothing is booked.
_BOOK = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local start = now
local slots = {}
for i, key in ipairs(KEYS) do
  slots[i] = tonumber(redis.call('GET', key) or 0)
  start = math.max(start, slots[i] - ARGV[2 * i + 1])
end
if start - now > tonumber(ARGV[1]) then return now - start end
for i, key in ipairs(KEYS) do
  local slot = math.max(slots[i], start) + ARGV[2 * i]
  local life = math.ceil((slot - now) / 1000) + 60000
  redis.call('SET', key, string.format('%.0f', slot), 'PX', life)
end
return start - now
"""
# Nothing starts on KEYS[1] before ARGV[1] microseconds from now, ARGV[2] of slack
# notwithstanding.
_PUSH_BACK = """
local t = redis.call('TIME')
local slot = t[1] * 1000000 + t[2] + ARGV[1] + ARGV[2]
if slot > tonumber(redis.call('GET', KEYS[1]) or 0) then
  local life = math.ceil((ARGV[1] + ARGV[2]) / 1000) + 60000
  redis.call('SET', KEYS[1], string.format('%.0f', slot), 'PX', life)
end
"""

# What background work may book ahead: enough to wake up in, little to wait behind.
HORIZON_SECONDS = 0.1
OVERTAKEN_SECONDS = 2.0
# After Redis failed, it is not asked for this long: a hanging one would slow each call.
ALONE_SECONDS = 5.0
_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Pace:
    """`per_second` calls a second, `burst` of them at once after a rest."""

    per_second: float
    burst: int

    @classmethod
    def below(cls, limit: float) -> Self:
        """As fast as never more than `limit` calls fall into any one second.

        Rate plus burst stay under it, and some percent are left for the milliseconds
        between the instant a call may start and the instant it does.
        """
        return cls(limit * 0.92, max(1, int(limit * 0.06)))

    @property
    def step_seconds(self) -> float:
        return 1 / self.per_second

    @property
    def slack_seconds(self) -> float:
        return self.step_seconds * (self.burst - 1)


@dataclass(slots=True)
class _Alone:
    """The slots as one process knows them, for when no Redis answers."""

    lock: threading.Lock
    slots: dict[str, float]
    until: float = 0.0


_alone = _Alone(threading.Lock(), {})


class SharedLimiter:
    """Keeps all processes together below the paces given, {key: pace}.

    The first key is the one the platform means when it asks for a pause. `wait` raises
    HeldBack instead of sleeping longer than `max_wait_seconds`, so that a worker is
    free for others. Without a Redis the process keeps the pace alone.
    """

    def __init__(
        self,
        connection: "redis.Redis",
        paces: dict[str, Pace],
        *,
        urgent: bool = False,
        max_wait_seconds: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._book = connection.register_script(_BOOK)
        self._push_back = connection.register_script(_PUSH_BACK)
        self._keys = [f"limit:{key}" for key in paces]
        self._paces = list(paces.values())
        self._urgent = urgent
        self._max_wait = max_wait_seconds
        self._sleep = sleep

    def wait(self) -> None:
        """Sleep until the next call may start. Raises HeldBack."""
        if not self._keys:
            return
        waited = 0.0
        while True:
            left = self._max_wait - waited
            goes_first = self._urgent or waited >= OVERTAKEN_SECONDS
            seconds = self._slot_within(left if goes_first else HORIZON_SECONDS)
            if seconds >= 0:
                if seconds > 0:
                    self._sleep(seconds)
                return
            if -seconds > left:
                raise HeldBack(
                    f"The platform's limit is used up for {-seconds:.0f} s.",
                    retry_after_seconds=-seconds,
                )
            # Not all at once when it comes near; half the horizon is left to book in.
            early = HORIZON_SECONDS * random.uniform(0.5, 1)  # noqa: S311
            pause = max(-seconds - early, HORIZON_SECONDS / 20)
            self._sleep(pause)
            waited += pause

    def push_back(self, seconds: float) -> None:
        """Hold all callers of the first key off: the platform asked for it."""
        if not self._keys:
            return
        slack = self._paces[0].slack_seconds
        with _alone.lock:
            until = time.monotonic() + seconds + slack
            slot = _alone.slots.get(self._keys[0], 0.0)
            _alone.slots[self._keys[0]] = max(slot, until)
        if self._redis_is_down():
            return
        try:
            self._push_back(keys=self._keys[:1], args=_micros([seconds, slack]))
        except redis.RedisError:
            self._go_alone()

    def _slot_within(self, longest_seconds: float) -> float:
        """Seconds to the booked slot; below zero, and not booked, if it is further."""
        if self._redis_is_down():
            return self._slot_alone(longest_seconds)
        args = [longest_seconds]
        for pace in self._paces:
            args += [pace.step_seconds, pace.slack_seconds]
        try:
            return int(self._book(keys=self._keys, args=_micros(args))) / _MICRO
        except redis.RedisError:
            self._go_alone()
            return self._slot_alone(longest_seconds)

    def _slot_alone(self, longest_seconds: float) -> float:
        """The script's arithmetic, for the threads of this process."""
        with _alone.lock:
            now = time.monotonic()
            slots = [_alone.slots.get(key, 0.0) for key in self._keys]
            start = max(
                now,
                *(
                    slot - pace.slack_seconds
                    for slot, pace in zip(slots, self._paces, strict=True)
                ),
            )
            if start - now > longest_seconds:
                return now - start
            for key, slot, pace in zip(self._keys, slots, self._paces, strict=True):
                _alone.slots[key] = max(slot, start) + pace.step_seconds
            return start - now

    def _redis_is_down(self) -> bool:
        return _alone.until > time.monotonic()

    def _go_alone(self) -> None:
        logger.warning("rate limit not shared key=%s: no Redis answers", self._keys[0])
        _alone.until = time.monotonic() + ALONE_SECONDS


def paces(limits: Sequence[tuple[str, float]]) -> dict[str, Pace]:
    """{key: pace} for pairs of a key and a limit in calls a second; 0 is no limit."""
    return {key: Pace.below(limit) for key, limit in limits if limit > 0}


def _micros(seconds: list[float]) -> list[int]:
    return [round(number * _MICRO) for number in seconds]
