"""Where platforms post their news. What they wait for is one row, committed."""

import logging

from django.db import Error as DatabaseTrouble
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from apps.core.addresses import address_of
from apps.core.patience import waiting_at_most
from apps.webhooks.errors import SecretUnreadable
from apps.webhooks.services.intake import Intake, take_in

logger = logging.getLogger(__name__)

# The largest documented delivery has some kilobytes.
MOST_BYTES = 256 * 1024
LONGEST_HEADER = 200
# The platform waits for three seconds; whoever goes on waiting keeps a page from
# being served, and the platform comes again anyway.
PATIENCE_SECONDS = 2.0

# To the platform 200 and 401 are final; anything else comes again.
_STATUS = {
    Intake.STORED: 200,
    Intake.REPEATED: 200,
    Intake.BAD_SIGNATURE: 401,
    Intake.MALFORMED: 400,
}


@csrf_exempt
def tiktok(request: HttpRequest) -> HttpResponse:
    """200 once it is stored, 401 if it is not theirs, 503 where the trouble is ours.

    Source: Partner Center, "Webhooks configuration guide".
    """
    if request.method != "POST":
        return _answer(405, Allow="POST")
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return _answer(400)
    if length > MOST_BYTES:
        return _answer(413)
    try:
        raw_body = _body(request)
    except UnreadablePostError:
        return _answer(400)  # whoever sent it has gone
    if len(raw_body) > MOST_BYTES:
        return _answer(413)
    authorization = request.headers.get("Authorization", "").strip()
    try:
        with waiting_at_most(PATIENCE_SECONDS):
            taken = take_in(raw_body, authorization, _kept(request, authorization))
    except (DatabaseTrouble, SecretUnreadable) as error:
        logger.error("delivery not stored reason=%s", type(error).__name__)
        return _answer(503)
    return _answer(_STATUS[taken])


def _body(request: HttpRequest) -> bytes:
    """Django takes a body of unstated length for none; then the signature would not fit
    and the platform, told so, would not come again."""
    stream = request.META.get("wsgi.input")
    is_stated = "chunked" not in request.headers.get("Transfer-Encoding", "").lower()
    if is_stated or not request.META.get("wsgi.input_terminated") or stream is None:
        return request.body
    body: bytes = stream.read(MOST_BYTES + 1)
    return body


def _kept(request: HttpRequest, authorization: str) -> dict[str, str]:
    """Headers worth keeping. A signature opens nothing else, but is a secret's work:
    its end is enough to compare it by."""
    kept = {
        "Content-Type": request.content_type or "",
        "User-Agent": request.headers.get("User-Agent", ""),
        "Authorization": f"…{authorization[-4:]}" if len(authorization) >= 16 else "",
        "From": address_of(request) or "",
    }
    return {name: value[:LONGEST_HEADER] for name, value in kept.items() if value}


def _answer(status: int, **headers: str) -> HttpResponse:
    # Past the middleware that would set the length; without it, it would be chunked.
    response = HttpResponse(status=status, headers={"Content-Length": "0"} | headers)
    # Django would write a line of each refusal: a flood is only counted.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response
