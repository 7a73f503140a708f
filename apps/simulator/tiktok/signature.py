"""The signatures of the platform, written from its documentation.

Requests: Partner Center, "Sign your API request". Webhooks: Partner Center,
"TikTok Shop webhooks overview". Shared with no client, so that the two can disagree.
"""

import hashlib
import hmac
from collections.abc import Mapping

_UNSIGNED = frozenset({"sign", "access_token"})


def request_signature(
    secret: str, path: str, query: Mapping[str, str], content_type: str, body: bytes
) -> str:
    """Lowercase hex; `query` holds decoded values, `body` the bytes as received."""
    text = path
    for key in sorted(query, key=str.encode):
        if key not in _UNSIGNED:
            text += key + query[key]
    message = text.encode()
    if not content_type.lower().startswith("multipart/form-data"):
        message += body
    wrapped = secret.encode() + message + secret.encode()
    return hmac.new(secret.encode(), wrapped, hashlib.sha256).hexdigest()


def is_signed(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode())


def webhook_signature(secret: str, app_key: str, body: bytes) -> str:
    """For the `Authorization` header of a webhook."""
    return hmac.new(
        secret.encode(), app_key.encode() + body, hashlib.sha256
    ).hexdigest()
