"""News from TikTok Shop: is it theirs, and what is it about?

A notice is news, not data: it names an object to fetch. It can come twice, late, in
any order, or never. Source: Partner Center, "Webhooks configuration guide".
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime

from apps.integrations.errors import MalformedReply
from apps.integrations.tiktok.reading import (
    JsonObject,
    each_object,
    identifier,
    identifiers,
    likely_instant,
    mapping,
    parse_json,
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
    def owner_id(self) -> str:
        """Whose it is: a shop's, a seller's or a creator's ID."""
        return self.shop_id or self.seller_open_id or self.creator_open_id

    @property
    def order_ids(self) -> tuple[str, ...]:
        """The orders to fetch again; several when packages were rearranged."""
        ids = [identifier(self.data, "order_id")]
        ids += identifiers(self.data, "order_ids")
        for package in each_object(self.data, "package_list"):
            ids += identifiers(package, "order_id_list")
        for line in each_object(self.data, "line_items"):
            ids.append(identifier(line, "main_order_id"))
        return tuple(dict.fromkeys(filter(None, ids)))

    @property
    def product_ids(self) -> tuple[str, ...]:
        return tuple(filter(None, [identifier(self.data, "product_id")]))

    @property
    def sku_ids(self) -> tuple[str, ...]:
        ids = [identifier(self.data, "sku_id")]
        ids += [identifier(sku, "sku_id") for sku in each_object(self.data, "skus")]
        return tuple(dict.fromkeys(filter(None, ids)))

    @property
    def object_id(self) -> str:
        """What it is about, as people would look for it; the first of several."""
        if named := self.order_ids or self.product_ids or self.sku_ids:
            return named[0]
        others = (identifier(self.data, name) for name in _OTHER_OBJECTS)
        return next(filter(None, others), "")

    @property
    def ends_at(self) -> datetime | None:
        """When the authorization it warns of ends (type 7)."""
        return likely_instant(self.data, "expiration_time")


# Where no order, product or SKU is named.
_OTHER_OBJECTS = (
    "return_id",
    "cancel_id",
    "aftersales_request_id",
    "rma_id",
    "package_id",
    "conversation_id",
    "activity_id",
    "application_id",
)


def is_authentic(
    app_key: str, app_secret: str, raw_body: bytes, authorization: str | None
) -> bool:
    """Whether the Authorization header signs these very bytes, in constant time.

    The key alone stands before the body: no path and no time, so an old delivery stays
    valid. Without a secret nothing is authentic.
    """
    if not app_secret or not authorization:
        return False
    expected = signature_of(app_key, app_secret, raw_body)
    given = authorization.strip().encode(errors="replace")
    return hmac.compare_digest(expected.encode(), given)


def signature_of(app_key: str, app_secret: str, raw_body: bytes) -> str:
    """What the platform puts into the Authorization header, in lower-case hex."""
    message = app_key.encode() + raw_body
    return hmac.new(app_secret.encode(), message, hashlib.sha256).hexdigest()


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
        sent_at=likely_instant(body, "timestamp"),
        data=mapping(body, "data"),
    )
