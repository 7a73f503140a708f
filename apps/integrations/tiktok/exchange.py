"""One request, one envelope, one report: what signed and unsigned calls share."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from apps.integrations.errors import PlatformError
from apps.integrations.hooks import CallReport, Observer
from apps.integrations.http import Reply, Request, Session, Timeouts, send
from apps.integrations.tiktok.replies import Envelope, open_envelope

JSON_TYPE = "application/json"


def exchange(
    session: Session,
    prepare: Callable[[], Request],
    *,
    method: str,
    path: str,
    safe: bool,
    observer: Observer,
    timeouts: Timeouts,
    sleep: Callable[[float], None] = time.sleep,
    secrets: tuple[str, ...] = (),
) -> Envelope:
    """Send, tell the observer of every try, and open what came back.

    `method`, `path` and `secrets` are for the report; see http.send for the rest.
    Raises PlatformError if there is no envelope; one that says no is returned like
    any other.
    """
    told = _Reporter(observer, method, path, secrets)

    def prepared() -> Request:
        told.request = prepare()
        return told.request

    reply = send(
        session,
        prepared,
        safe=safe,
        timeouts=timeouts,
        sleep=sleep,
        on_failure=told.no_answer,
    )
    try:
        envelope = open_envelope(reply)
    except PlatformError as error:
        told.unreadable(reply, error)
        raise
    told.answered(reply, envelope)
    return envelope


@dataclass(slots=True)
class _Reporter:
    """Tells the observer of the tries of one call."""

    observer: Observer
    method: str
    path: str
    secrets: tuple[str, ...] = field(repr=False)
    request: Request | None = field(default=None, repr=False)

    def no_answer(self, milliseconds: int) -> None:
        self._tell(milliseconds, message="No answer.")

    def unreadable(self, reply: Reply, error: PlatformError) -> None:
        self._tell(reply.milliseconds, reply.status, message=error.message)

    def answered(self, reply: Reply, envelope: Envelope) -> None:
        self._tell(reply.milliseconds, reply.status, envelope, envelope.message)

    @property
    def _is_json(self) -> bool:
        """An upload is a picture or a paper: nothing to tell of."""
        headers = self.request.headers if self.request else {}
        return headers.get("content-type", JSON_TYPE) == JSON_TYPE

    def _tell(
        self,
        milliseconds: int,
        status: int = 0,
        envelope: Envelope | None = None,
        message: str = "",
    ) -> None:
        self.observer.called(
            CallReport(
                self.method,
                self.path,
                status,
                envelope.code or 0 if envelope else 0,
                milliseconds,
                envelope.request_id if envelope else "",
                message=message,
                query=self.request.params if self.request else {},
                body=self.request.body if self.request and self._is_json else b"",
                data=envelope.data if envelope else None,
                secrets=self.secrets,
            )
        )
