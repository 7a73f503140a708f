"""Signed calls to TikTok Shop: one place that signs, waits, repeats and reports."""

import json
import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from urllib3 import encode_multipart_formdata

from apps.integrations.errors import (
    ConsentNeeded,
    NotFound,
    PlatformError,
    TokenExpired,
)
from apps.integrations.hooks import Limiter, Observer
from apps.integrations.http import Request, Session, Timeouts
from apps.integrations.tiktok.codes import INVALID_TOKEN_CODE, fault_of
from apps.integrations.tiktok.exchange import JSON_TYPE, exchange
from apps.integrations.tiktok.faults import Action
from apps.integrations.tiktok.reading import JsonObject
from apps.integrations.tiktok.replies import (
    Envelope,
    data_of,
    server_time,
)
from apps.integrations.tiktok.retries import RetryPolicy
from apps.integrations.tiktok.signing import signed_query

logger = logging.getLogger(__name__)

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_BLANK = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True)
class Operation:
    """An endpoint with its version. `is_safe`: repeating a call changes nothing."""

    method: str
    path: str
    needs_cipher: bool = True
    is_safe: bool = False

    def of(self, remote_id: str) -> "Operation":
        """The same with an id in its path, for the one blank there.

        Raises NotFound for what cannot be an id, which might name another path.
        """
        if not _ID.fullmatch(remote_id):
            raise NotFound("TikTok Shop has no such ID. Look for it in Seller Center.")
        path = _BLANK.sub(remote_id, self.path)
        return replace(self, path=path)


@dataclass(frozen=True, slots=True)
class Payload:
    """What is sent, made once: the bytes that are signed are those that are sent."""

    content: bytes = field(default=b"", repr=False)
    content_type: str = JSON_TYPE


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
        content = b"" if body is None else json.dumps(body).encode()
        return self._call_with_a_live_token(operation, params or {}, Payload(content))

    def upload(
        self,
        operation: Operation,
        data: bytes,
        *,
        filename: str,
        fields: Mapping[str, str] | None = None,
    ) -> JsonObject:
        """Send a file as the part `data` of a multipart form; else like `call`."""
        parts: list[tuple[str, Any]] = list((fields or {}).items())
        parts.append(("data", (filename, data)))
        return self._call_with_a_live_token(
            operation, {}, Payload(*encode_multipart_formdata(parts))
        )

    def _call_with_a_live_token(
        self, operation: Operation, params: Mapping[str, str], payload: Payload
    ) -> JsonObject:
        query = dict(params)
        if operation.needs_cipher:
            query["shop_cipher"] = self.shop_cipher
        renew = self.renew_token
        try:
            return self._call_patiently(operation, query, payload)
        except (TokenExpired, ConsentNeeded) as error:
            is_old = isinstance(error, TokenExpired) or error.code == INVALID_TOKEN_CODE
            if renew is None or not is_old:
                raise
        # The call was turned down unread, so even a write may go again.
        self.access_token = renew()
        return self._call_patiently(operation, query, payload)

    def _call_patiently(
        self, operation: Operation, query: Mapping[str, str], payload: Payload
    ) -> JsonObject:
        repeat = 0
        while True:
            try:
                return self._call_by_their_clock(operation, query, payload)
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
        self, operation: Operation, query: Mapping[str, str], payload: Payload
    ) -> JsonObject:
        """One try; if our clock is off, one more with theirs, also for a write.

        A call with a wrong timestamp is turned down before anything is done.
        """
        envelope = self._exchange(operation, query, payload)
        theirs = server_time(envelope.headers)
        if envelope.action is Action.CLOCK and theirs:
            self._clock_shift_seconds = theirs.timestamp() - self.clock()
            logger.warning("clock corrected seconds=%.0f", self._clock_shift_seconds)
            envelope = self._exchange(operation, query, payload)
        return data_of(envelope, self._secrets())

    def _secrets(self) -> tuple[str, ...]:
        return self.app_secret, self.access_token, self.shop_cipher

    def _exchange(
        self, operation: Operation, query: Mapping[str, str], payload: Payload
    ) -> Envelope:
        def prepare() -> Request:
            try:
                self.limiter.wait()
            except PlatformError as error:
                self._held_back = error
                raise
            return self._signed(operation, query, payload)

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
        self, operation: Operation, query: Mapping[str, str], payload: Payload
    ) -> Request:
        return Request(
            operation.method,
            self.base_url.rstrip("/") + operation.path,
            params=signed_query(
                self.app_key,
                self.app_secret,
                operation.path,
                query,
                payload.content,
                timestamp=int(self.clock() + self._clock_shift_seconds),
                content_type=payload.content_type,
            ),
            headers={
                "x-tts-access-token": self.access_token,
                "content-type": payload.content_type,
                "accept": JSON_TYPE,
            },
            body=payload.content,
        )


def _is_about_calls(error: PlatformError) -> bool:
    """Whether all calls should pause: a quota of something else is no reason to."""
    action = fault_of(error.code, http_status=error.http_status).action
    return action is not Action.LATER or error.http_status == 429
