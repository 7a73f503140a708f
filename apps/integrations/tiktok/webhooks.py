"""News from TikTok Shop: is it theirs, and what is it about?

A notice is news, not data: it names an object to fetch. It can come twice, late, in
any order, or never. Source: Partner Center, "Webhooks configuration guide".
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from apps.integrations.errors import MalformedReply
from apps.integrations.tiktok.reading import (
    JsonObject,
    Unreadable,
    identifier,
    instant,
    mapping,
    parse_json,
    sequence,
    text,
    whole_number,
)
from apps.integrations.tiktok.topics import WEBHOOK_TOPICS, Topic


@dataclass(frozen=True, slots=True)
class Notice:
    """One delivery, read. `notification_id` is the same when it is sent again.

    Where the platform gives no such id, it is the SHA-256 of the body in hex. One of
    the three owners is set, which one depends on the type.
    """

    type_number: int
    topic: Topic
    notification_id: str
    shop_id: str = ""
    seller_open_id: str = ""
    creator_open_id: str = ""
    sent_at: datetime | None = None
    data: JsonObject = field(default_factory=dict, repr=False)

    @property
    def order_ids(self) -> tuple[str, ...]:
        """The orders to fetch again; several when packages were rearranged."""
        ids = [identifier(self.data, "order_id")]
        for package in sequence(self.data, "package_list"):
            if isinstance(package, Mapping):
                orders = sequence(package, "order_id_list")
                ids += [identifier({"id": order}, "id") for order in orders]
        return tuple(dict.fromkeys(filter(None, ids)))


def is_authentic(
    app_key: str, app_secret: str, raw_body: bytes, authorization: str | None
) -> bool:
    """Whether the Authorization header signs these very bytes, in constant time.

    The key alone stands before the body: no path and no time, so an old delivery stays
    valid. Without a secret nothing is authentic.
    """
    if not app_secret or not authorization:
        return False
    message = app_key.encode() + raw_body
    expected = hmac.new(app_secret.encode(), message, hashlib.sha256).hexdigest()
    given = authorization.strip().encode(errors="replace")
    return hmac.compare_digest(expected.encode(), given)


def parse_notice(raw_body: bytes) -> Notice:
    """Read a delivery; types we do not know are fine (UNKNOWN).

    Raises MalformedReply if the body is not a JSON object.
    """
    try:
        body = parse_json(raw_body)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise MalformedReply("The notice is not a JSON object.")
    number = whole_number(body, "type") or 0
    return Notice(
        type_number=number,
        topic=WEBHOOK_TOPICS.get(number, Topic.UNKNOWN),
        notification_id=(
            identifier(body, "tts_notification_id")
            or hashlib.sha256(raw_body).hexdigest()
        ),
        shop_id=identifier(body, "shop_id"),
        seller_open_id=text(body, "seller_open_id"),
        creator_open_id=text(body, "creator_open_id"),
        sent_at=_sent_at(body),
        data=mapping(body, "data"),
    )


def _sent_at(body: JsonObject) -> datetime | None:
    try:
        return instant(body, "timestamp")
    except Unreadable:
        return None
