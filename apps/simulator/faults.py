"""Trouble on demand: wrong answers, slow answers, no answers.

A fault waits for requests that match it and goes when its count or its time is up.
"""

import itertools
import random
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from threading import Lock
from typing import Any

KINDS = ("error", "status", "delay", "rate_limit", "drop", "cut")


@dataclass(slots=True)
class Fault:
    """`kind`:

    error       answer `code` with `message` and HTTP `status` (default 200)
    status      answer HTTP `status` (default 500) with a body that is not JSON
    delay       wait `seconds`, then answer as usual
    rate_limit  answer 36009002, HTTP 429; `retry_after` seconds if given
    drop        close the connection without an answer
    cut         do the work, then send half of the answer
    """

    kind: str
    number: int
    path: str = ""  # only paths that start with this
    shop_id: str = ""
    app_key: str = ""
    probability: float = 1.0
    count: int | None = None  # how many requests it may still hit
    until: float | None = None  # monotonic seconds
    code: int = 36009003
    message: str = "Internal error. Please try again later."
    status: int = 0
    seconds: float = 0.0
    retry_after: int | None = None
    hits: int = 0


@dataclass
class Faults:
    active: list[Fault] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _lock: Lock = field(default_factory=Lock)

    def add(self, fields: dict[str, Any], duration_seconds: float | None) -> Fault:
        fault = Fault(number=next(self._numbers), **fields)
        if duration_seconds is not None:
            fault.until = time.monotonic() + duration_seconds
        with self._lock:
            self.active.append(fault)
        return fault

    def clear(self, number: int | None = None) -> int:
        """Remove one fault, or all; returns how many went."""
        with self._lock:
            kept = [] if number is None else self._except(number)
            gone = len(self.active) - len(kept)
            self.active = kept
        return gone

    def _except(self, number: int) -> list[Fault]:
        return [fault for fault in self.active if fault.number != number]

    def hit(self, path: str, shop_id: str, app_key: str) -> list[Fault]:
        """The faults this request suffers, each counted."""
        if not self.active:
            return []
        with self._lock:
            now = time.monotonic()
            self.active = [
                fault
                for fault in self.active
                if (fault.until is None or now < fault.until) and fault.count != 0
            ]
            struck = [
                fault
                for fault in self.active
                if path.startswith(fault.path)
                and fault.shop_id in ("", shop_id)
                and fault.app_key in ("", app_key)
                and random.random() < fault.probability
            ]
            for fault in struck:
                fault.hits += 1
                if fault.count is not None:
                    fault.count -= 1
        return struck

    def as_json(self) -> list[dict[str, Any]]:
        now = time.monotonic()
        return [
            asdict(fault)
            | {"until": None}
            | ({"seconds_left": round(fault.until - now, 1)} if fault.until else {})
            for fault in self.active
        ]
