"""The signature TikTok Shop wants on each API request.

Source: Partner Center, "Sign your API request".
"""

import hashlib
import hmac
from collections.abc import Mapping

NOT_SIGNED = frozenset({"sign", "access_token"})


def sign(
    app_secret: str,
    path: str,
    query: Mapping[str, str],
    body: bytes = b"",
    *,
    content_type: str = "application/json",
) -> str:
    """Return the signature, 64 lower-case hex digits.

    `path` has its ids filled in, but no host and no query. `query` holds decoded
    values; an empty value still counts with its name. `body` are the very bytes that
    are sent, also on DELETE; those of a multipart upload are not signed.
    """
    signed = sorted(query.keys() - NOT_SIGNED, key=str.encode)
    text = path + "".join(name + query[name] for name in signed)
    if content_type.partition(";")[0].strip().lower() == "multipart/form-data":
        body = b""
    secret = app_secret.encode()
    message = secret + text.encode() + body + secret
    return hmac.new(secret, message, hashlib.sha256).hexdigest()


def signed_query(
    app_key: str,
    app_secret: str,
    path: str,
    params: Mapping[str, str],
    body: bytes = b"",
    *,
    timestamp: int,
    content_type: str = "application/json",
) -> dict[str, str]:
    """Return the whole query of a request: `params`, app_key, timestamp and sign.

    `timestamp` is Unix seconds; the platform accepts it from 5 minutes before to 30
    seconds after its own clock, so each try is signed afresh.
    """
    query = {**params, "app_key": app_key, "timestamp": str(timestamp)}
    query["sign"] = sign(app_secret, path, query, body, content_type=content_type)
    return query
