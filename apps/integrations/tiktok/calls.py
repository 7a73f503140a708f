"""Signed calls to TikTok Shop: one place that signs, waits, repeats and reports."""

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.integrations.errors import ConsentNeeded, PlatformError, TokenExpired
from apps.integrations.hooks import Limiter, Observer
from apps.integrations.http import Request, Session, Timeouts
from apps.integrations.tiktok.codes import INVALID_TOKEN_CODE, Action, fault_of
from apps.integrations.tiktok.exchange import exchange
from apps.integrations.tiktok.reading import JsonObject
from apps.integrations.tiktok.replies import (
    Envelope,
    data_of,
    server_time,
)
from apps.integrations.tiktok.retries import RetryPolicy
from apps.integrations.tiktok.signing import signed_query

logger = logging.getLogger(__name__)

JSON_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Operation:
    """An endpoint with its version. `is_safe`: repeating a call changes nothing."""

    method: str
    path: str
    needs_cipher: bool = True
    is_safe: bool = False


@dataclass(slots=True)
class Caller:
    """Makes calls for one app and one authorization; not for sharing by threads."""

    app_key: str
    app_secret: str = field(repr=False)
    access_token: str = field(repr=False)
    shop_cipher: str = field(repr=False)
    base_url: str
    session: Session = field(repr=False)
    limiter: Limiter
    observer: Observer
    retries: RetryPolicy
    timeouts: Timeouts
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    renew_token: Callable[[], str] | None = field(default=None, repr=False)
    _clock_shift_seconds: float = 0.0
    _held_back: PlatformError | None = None

    def call(
        self,
        operation: Operation,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> JsonObject:
        """Return the data of a successful call; raises PlatformError.

        A token that has expired or was replaced is renewed once, if we were told how.
        """
        query = dict(params or {})
        if operation.needs_cipher:
            query["shop_cipher"] = self.shop_cipher
        # Once: the bytes that are signed are the bytes that are sent.
        content = b"" if body is None else json.dumps(body).encode()
        renew = self.renew_token
        try:
            return self._call_patiently(operation, query, content)
        except (TokenExpired, ConsentNeeded) as error:
            is_old = isinstance(error, TokenExpired) or error.code == INVALID_TOKEN_CODE
            if renew is None or not is_old:
                raise
        # The call was turned down unread, so even a write may go again.
        self.access_token = renew()
        return self._call_patiently(operation, query, content)

    def _call_patiently(
        self, operation: Operation, query: Mapping[str, str], content: bytes
    ) -> JsonObject:
        repeat = 0
        while True:
            try:
                return self._call_by_their_clock(operation, query, content)
            except PlatformError as error:
                if error is self._held_back:
                    raise
                repeat += 1
                pause = self.retries.pause_seconds(error, repeat)
                if error.retry_after_seconds and _is_about_calls(error):
                    self.limiter.push_back(pause or error.retry_after_seconds)
                if not operation.is_safe or pause is None:
                    raise
                logger.info(
                    "call to be repeated path=%s code=%s repeat=%s pause_seconds=%.1f",
                    operation.path,
                    error.code,
                    repeat,
                    pause,
                )
            self.sleep(pause)

    def _call_by_their_clock(
        self, operation: Operation, query: Mapping[str, str], content: bytes
    ) -> JsonObject:
        """One try; if our clock is off, one more with theirs, also for a write.

        A call with a wrong timestamp is turned down before anything is done.
        """
        envelope = self._exchange(operation, query, content)
        theirs = server_time(envelope.headers)
        if envelope.action is Action.CLOCK and theirs:
            self._clock_shift_seconds = theirs.timestamp() - self.clock()
            logger.warning("clock corrected seconds=%.0f", self._clock_shift_seconds)
            envelope = self._exchange(operation, query, content)
        return data_of(envelope, self._secrets())

    def _secrets(self) -> tuple[str, ...]:
        return self.app_secret, self.access_token, self.shop_cipher

    def _exchange(
        self, operation: Operation, query: Mapping[str, str], content: bytes
    ) -> Envelope:
        def prepare() -> Request:
            try:
                self.limiter.wait()
            except PlatformError as error:
                self._held_back = error
                raise
            return self._signed(operation, query, content)

        return exchange(
            self.session,
            prepare,
            method=operation.method,
            path=operation.path,
            safe=operation.is_safe,
            observer=self.observer,
            timeouts=self.timeouts,
            sleep=self.sleep,
            secrets=self._secrets(),
        )

    def _signed(
        self, operation: Operation, query: Mapping[str, str], content: bytes
    ) -> Request:
        return Request(
            operation.method,
            self.base_url.rstrip("/") + operation.path,
            params=signed_query(
                self.app_key,
                self.app_secret,
                operation.path,
                query,
                content,
                timestamp=int(self.clock() + self._clock_shift_seconds),
                content_type=JSON_TYPE,
            ),
            headers={
                "x-tts-access-token": self.access_token,
                "content-type": JSON_TYPE,
                "accept": JSON_TYPE,
            },
            body=content,
        )


def _is_about_calls(error: PlatformError) -> bool:
    """Whether all calls should pause: a quota of something else is no reason to."""
    action = fault_of(error.code, http_status=error.http_status).action
    return action is not Action.LATER or error.http_status == 429
