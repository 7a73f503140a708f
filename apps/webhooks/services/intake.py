"""Take a delivery in: whose is it, and one row for it. Nothing else while the platform
waits: it gives us three seconds and forgets an event for good after five failures."""

import hashlib
import json
import logging
from datetime import datetime, timedelta
from enum import Enum, auto

from django.db.models import Count
from django.utils import timezone

from apps.core.bulk import new_row
from apps.core.storing import clean
from apps.integrations.errors import MalformedReply
from apps.integrations.tiktok.topics import Topic
from apps.integrations.tiktok.webhooks import Notice, parse_notice
from apps.webhooks.handlers import HANDLERS
from apps.webhooks.models import WebhookEvent
from apps.webhooks.services import unwelcome
from apps.webhooks.services.signers import signer_of
from apps.webhooks.services.storing import insert

logger = logging.getLogger(__name__)
State = WebhookEvent.State

# The platform's last try comes 15 hours and 32 minutes after the event; what is older
# is somebody's recording, and polling has brought what it tells.
TOO_OLD = timedelta(hours=24)
MOST_REPEATS = 5
LONGEST_ID = 80
# Conversations are nobody's business here; that there was one is enough.
_PRIVATE = frozenset(
    {Topic.NEW_CONVERSATION, Topic.NEW_MESSAGE, Topic.NEW_MESSAGE_LISTENER}
)
_LARGEST_TYPE = 2**31 - 1


class Intake(Enum):
    """What became of a delivery."""

    STORED = auto()
    REPEATED = auto()
    BAD_SIGNATURE = auto()
    MALFORMED = auto()


def take_in(raw_body: bytes, authorization: str, headers: dict[str, str]) -> Intake:
    """Check the signature over these very bytes, and store them.

    `headers` are kept with it and hold no secret. When STORED or REPEATED is returned
    the row is committed. Raises SecretUnreadable and DatabaseError, after which the
    platform is to try again.
    """
    signer = signer_of(raw_body, authorization)
    if signer is None:
        words = "The signature is not that of any of our apps."
        if not authorization:
            words = "It is not signed."
        unwelcome.keep(State.BAD_SIGNATURE, raw_body, headers, error=words)
        return Intake.BAD_SIGNATURE
    try:
        notice = parse_notice(raw_body)
    except MalformedReply as error:
        unwelcome.keep(
            State.MALFORMED, raw_body, headers, api_app=signer.key, error=str(error)
        )
        return Intake.MALFORMED
    event = event_of(notice, signer.key, raw_body, timezone.now())
    event.headers = headers
    # A shop connected a moment ago is found when what waits is settled.
    event.shop_id = signer.shops.get(notice.shop_id)
    if insert(event):
        return Intake.STORED
    _note_repeat(event)
    return Intake.REPEATED


def event_of(
    notice: Notice, app_key: int, raw_body: bytes, now: datetime
) -> WebhookEvent:
    """The row of a genuine delivery, not stored yet; its shop is found as it is."""
    state = _state_of(notice, now)
    is_known = 0 <= notice.type_number <= _LARGEST_TYPE
    handler = HANDLERS.get(notice.topic)
    wait = handler.wait if handler else timedelta(0)
    return new_row(
        WebhookEvent,
        api_app_id=app_key,
        identity=_identity(app_key, notice),
        type_number=notice.type_number if is_known else 0,
        topic=notice.topic.value,
        notification_id=clean(notice.notification_id)[:LONGEST_ID],
        owner_id=clean(notice.owner_id)[:LONGEST_ID],
        object_id=clean(notice.object_id)[:64],
        body=_body(notice, raw_body),
        sent_at=notice.sent_at,
        received_at=now,
        state=state.value,
        next_try_at=now + wait if state == State.WAITING else None,
    )


def _state_of(notice: Notice, now: datetime) -> WebhookEvent.State:
    if notice.topic is Topic.UNKNOWN:
        return State.UNKNOWN_TYPE
    if notice.topic not in HANDLERS:
        return State.KEPT
    if notice.sent_at is not None and now - notice.sent_at > TOO_OLD:
        return State.STALE
    return State.WAITING


def _identity(app_key: int, notice: Notice) -> str:
    """What the log's search makes of an event ID, too."""
    name = clean(notice.notification_id)
    if len(name) > LONGEST_ID:
        name = hashlib.sha256(name.encode()).hexdigest()
    return f"{app_key}:{name}"


def _body(notice: Notice, raw_body: bytes) -> str:
    """Word for word, but for what people write to each other."""
    if notice.topic in _PRIVATE:
        body = json.loads(raw_body)
        data = body.get("data")
        if isinstance(data, dict) and "content" in data:
            data["content"] = None
        return clean(json.dumps(body, ensure_ascii=False))
    return clean(raw_body.decode("utf-8", "replace"))


def _note_repeat(event: WebhookEvent) -> None:
    """That it came again, linked to the first; a platform that repeats one without end
    is not to fill the table."""
    first = (
        WebhookEvent.objects.filter(platform=event.platform, identity=event.identity)
        .annotate(count=Count("repeats"))
        .values("pk", "count")
        .first()
    )
    if first is None or first["count"] >= MOST_REPEATS:
        return
    event.identity, event.first_id = "", first["pk"]
    event.state, event.next_try_at = State.DUPLICATE, None
    insert(event)
