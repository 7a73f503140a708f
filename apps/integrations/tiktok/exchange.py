"""One request, one envelope, one report: what signed and unsigned calls share."""

import time
from collections.abc import Callable

from apps.integrations.errors import PlatformError
from apps.integrations.hooks import CallReport, Observer
from apps.integrations.http import Request, Session, Timeouts, send
from apps.integrations.tiktok.replies import Envelope, open_envelope


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
) -> Envelope:
    """Send, tell the observer of every try, and open what came back.

    `method` and `path` are for the report; see http.send for the rest. Raises
    PlatformError if there is no envelope; one that says no is returned like any other.
    """

    def report(
        milliseconds: int, status: int = 0, code: int = 0, request_id: str = ""
    ) -> None:
        observer.called(
            CallReport(method, path, status, code, milliseconds, request_id)
        )

    reply = send(
        session,
        prepare,
        safe=safe,
        timeouts=timeouts,
        sleep=sleep,
        on_failure=report,
    )
    try:
        envelope = open_envelope(reply)
    except PlatformError:
        report(reply.milliseconds, reply.status)
        raise
    report(reply.milliseconds, reply.status, envelope.code or 0, envelope.request_id)
    return envelope
