"""How far our clock is from TikTok Shop's."""

import time
from collections.abc import Callable

import requests

from apps.integrations.errors import PlatformError
from apps.integrations.http import Request, Session, Timeouts, send
from apps.integrations.tiktok.hosts import Hosts
from apps.integrations.tiktok.replies import server_time


def seconds_ahead(
    hosts: Hosts,
    *,
    session: Session | None = None,
    clock: Callable[[], float] = time.time,
    timeouts: Timeouts | None = None,
) -> int | None:
    """Our clock minus theirs, by the Date of any answer; None if there is none.

    Theirs is told in whole seconds, so a second more or less means nothing.
    """
    request = Request("GET", hosts.api.rstrip("/") + "/")
    try:
        reply = send(
            session or requests.Session(),
            lambda: request,
            safe=True,
            timeouts=timeouts or Timeouts(5.0, 5.0),
            on_failure=lambda milliseconds: None,
        )
    except PlatformError:
        return None
    theirs = server_time(reply.headers)
    return None if theirs is None else round(clock() - theirs.timestamp())
