"""The simulator's own time: real, shifted, or standing still."""

import time
from dataclasses import dataclass, field
from threading import Lock

DAY = 86_400


@dataclass
class Clock:
    """Unix seconds for everything the platform plays.

    `offset` shifts real time; `frozen_at`, when set, stops it there.
    """

    offset: float = 0.0
    frozen_at: float | None = None
    _lock: Lock = field(default_factory=Lock, repr=False)

    def now(self) -> float:
        with self._lock:
            if self.frozen_at is not None:
                return self.frozen_at
            return time.time() + self.offset

    def seconds(self) -> int:
        return int(self.now())

    def set(self, moment: float) -> None:
        """Make it `moment` now; a frozen clock stays frozen there."""
        with self._lock:
            self.offset = moment - time.time()
            if self.frozen_at is not None:
                self.frozen_at = moment

    def freeze(self, moment: float) -> None:
        with self._lock:
            self.offset = moment - time.time()
            self.frozen_at = moment

    def resume(self) -> None:
        """Run on from where a frozen clock stands."""
        with self._lock:
            if self.frozen_at is not None:
                self.offset = self.frozen_at - time.time()
                self.frozen_at = None

    def restore(self, offset: float, frozen_at: float | None) -> None:
        with self._lock:
            self.offset, self.frozen_at = offset, frozen_at


def day_of(moment: float) -> int:
    """The UTC calendar day, counted from 1970-01-01."""
    return int(moment // DAY)
