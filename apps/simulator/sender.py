"""Sends webhooks: signed, repeated when they fail, and spoilt when asked to.

Due times are real seconds (monotonic), so a stopped clock does not hold up the mail;
`hasten` is told when the simulator's clock is moved forward.
"""

import heapq
import itertools
import json
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from threading import Lock
from typing import Any

import requests

from apps.simulator.tiktok.apps import App
from apps.simulator.tiktok.signature import webhook_signature

RETRIES = (120, 1_800, 10_800, 43_200)  # seconds after the failure before
TIMEOUT_SECONDS = 3
_KEPT = 5_000


@dataclass(slots=True)
class Delivery:
    """`state`: waiting, delivered, rejected (401), retrying, dropped or lost."""

    number: int
    notification_id: str
    type: int
    shop_id: str
    app_key: str
    address: str
    body: bytes
    signature: str
    state: str = "waiting"
    attempts: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"body": json.loads(self.body)}


@dataclass
class Trouble:
    """What goes wrong with the next deliveries; counts run down to nothing."""

    lose: int = 0
    duplicate: int = 0
    bad_signature: int = 0
    reorder: int = 0  # hold this many back, then send them last one first
    delay_seconds: float = 0.0  # for every delivery, until set to 0
    retry_scale: float = 1.0  # 0.001: retries after 0.12 s, 1.8 s, 10.8 s, 43.2 s


Post = Callable[[Delivery], requests.Response]


def post(delivery: Delivery) -> requests.Response:
    return requests.post(
        delivery.address,
        data=delivery.body,
        headers={
            "Content-Type": "application/json",
            "Authorization": delivery.signature,
        },
        timeout=TIMEOUT_SECONDS,
        allow_redirects=False,
    )


class Sender:
    def __init__(self, post: Post = post) -> None:
        self._post = post
        self._pool = ThreadPoolExecutor(4, thread_name_prefix="webhook")
        self._lock = Lock()
        self._numbers = itertools.count(1)
        self.reset()

    def reset(self) -> None:
        with self._lock:
            self.trouble = Trouble()
            self.deliveries: deque[Delivery] = deque(maxlen=_KEPT)
            self._due: list[tuple[float, int, Delivery]] = []
            self._held: list[Delivery] = []

    def offer(
        self,
        app: App,
        address: str,
        envelope: dict[str, Any],
        *,
        trouble_free: bool = False,
    ) -> Delivery:
        """Queue one webhook; what is signed is exactly what is sent."""
        body = json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()
        delivery = Delivery(
            number=next(self._numbers),
            notification_id=envelope.get("tts_notification_id", ""),
            type=envelope["type"],
            shop_id=envelope["shop_id"],
            app_key=app.app_key,
            address=address,
            body=body,
            signature=webhook_signature(app.app_secret, app.app_key, body),
        )
        with self._lock:
            self.deliveries.append(delivery)
            if trouble_free:
                self._queue(delivery, 0)
            else:
                self._queue_with_trouble(delivery)
        return delivery

    def _queue_with_trouble(self, delivery: Delivery) -> None:
        trouble = self.trouble
        if trouble.lose > 0:
            trouble.lose -= 1
            delivery.state = "lost"
            return
        if trouble.bad_signature > 0:
            trouble.bad_signature -= 1
            delivery.signature = delivery.signature[::-1]
        self._hold_or_queue(delivery)
        if trouble.duplicate > 0:
            trouble.duplicate -= 1
            self._queue(delivery, trouble.delay_seconds)

    def _hold_or_queue(self, delivery: Delivery) -> None:
        trouble = self.trouble
        if trouble.reorder > 0:
            self._held.append(delivery)
            trouble.reorder -= 1
            if trouble.reorder == 0:
                for place, held in enumerate(reversed(self._held)):
                    self._queue(held, trouble.delay_seconds + place * 0.3)
                self._held = []
        else:
            self._queue(delivery, trouble.delay_seconds)

    def _queue(self, delivery: Delivery, seconds: float) -> None:
        due = time.monotonic() + seconds
        heapq.heappush(self._due, (due, next(self._numbers), delivery))

    def send_due(self) -> None:
        """Hand what is due to the pool; called again and again by the courier."""
        with self._lock:
            while self._due and self._due[0][0] <= time.monotonic():
                _, _, delivery = heapq.heappop(self._due)
                self._pool.submit(self._attempt, delivery)

    def hasten(self, seconds: float) -> None:
        """The clock has moved forward: what waits is due that much earlier."""
        with self._lock:
            self._due = [(due - seconds, n, what) for due, n, what in self._due]

    def release(self) -> int:
        """Send everything that waits or is held now; returns how many."""
        with self._lock:
            for delivery in reversed(self._held):
                self._queue(delivery, 0)
            self._held = []
            self.trouble.reorder = 0
            waiting = len(self._due)
            self._due = [(0.0, n, what) for _, n, what in self._due]
            heapq.heapify(self._due)
        return waiting

    def _attempt(self, delivery: Delivery) -> None:
        started = time.time()
        status: int | None = None
        problem = ""
        try:
            status = self._post(delivery).status_code
        except requests.RequestException as error:
            problem = type(error).__name__
        with self._lock:
            delivery.attempts.append(
                {
                    "at": round(started, 3),
                    "status": status,
                    "problem": problem,
                    "milliseconds": round((time.time() - started) * 1000),
                }
            )
            self._settle(delivery, status)

    def _settle(self, delivery: Delivery, status: int | None) -> None:
        """200 is success, 401 a refusal to take it; anything else comes again."""
        if status in (200, 401):
            delivery.state = "delivered" if status == 200 else "rejected"
        elif delivery.state == "delivered":
            return  # the duplicate failed, the first one arrived
        elif (failures := len(delivery.attempts)) > len(RETRIES):
            delivery.state = "dropped"
        else:
            delivery.state = "retrying"
            self._queue(delivery, RETRIES[failures - 1] * self.trouble.retry_scale)
