"""How often one may ask: counters in the shared cache, a window of a minute each."""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.exceptions import Throttled

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Limit:
    """`most` requests a minute for whoever `name` stands for; 0 is no limit."""

    name: str
    most: int


@dataclass(frozen=True, slots=True)
class Usage:
    """The tightest of the limits that count."""

    most: int
    left: int
    seconds: int

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.most),
            "RateLimit-Remaining": str(self.left),
            "RateLimit-Reset": str(self.seconds),
        }


class LimitReached(Throttled):
    def __init__(self, usage: Usage) -> None:
        super().__init__(wait=usage.seconds)
        self.usage = usage


def count(limits: Iterable[Limit]) -> Usage | None:
    """Note one request. Raises LimitReached for the first beyond a limit.

    Without the cache nothing is counted and everybody passes: a limit guards the
    service and must not be what stops it.
    """
    now = int(time.time())
    window = now // WINDOW_SECONDS
    seconds = WINDOW_SECONDS - now % WINDOW_SECONDS
    usages = [
        Usage(limit.most, limit.most - _counted(limit, window), seconds)
        for limit in limits
        if limit.most
    ]
    if not usages:
        return None
    tightest = min(usages, key=lambda usage: usage.left)
    usage = Usage(tightest.most, max(tightest.left, 0), seconds)
    if tightest.left < 0:
        raise LimitReached(usage)
    return usage


def _counted(limit: Limit, window: int) -> int:
    """Requests in this window, this one included."""
    key = f"api:{limit.name}:{window}"
    try:
        if cache.add(key, 1, WINDOW_SECONDS * 2):
            return 1
        return cache.incr(key)
    except ValueError:  # it went between the two
        return 1
    except (RedisError, OSError) as error:
        logger.warning("requests not counted reason=%s", type(error).__name__)
        return 0
