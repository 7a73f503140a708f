"""One deed for one Idempotency-Key."""

import hashlib
import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.errors import KeyReused
from apps.core.api.etags import etag_of
from apps.core.api.views import ApiView
from apps.users.access import Access
from apps.users.api.scoping import user_of
from apps.users.models import ApiToken, IdempotencyRecord
from apps.users.services.idempotency import begin, find, finish

Deed = Callable[[], Response]
Handler = Callable[..., Any]
_WRITES = ("post", "put", "patch", "delete")
LONGEST_KEY = 200
_KEY = re.compile(rf"[!-~]{{1,{LONGEST_KEY}}}")


class Once(ApiView):
    """A deed asked for with an Idempotency-Key is done once.

    Each POST, PUT, PATCH and DELETE is one transaction, and the record of the key is
    written in it. Services that commit by themselves (they speak to the platform) have
    their actions in `own_transactions`: there the record follows the deed.
    """

    own_transactions: tuple[str, ...] = ()

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        method = str(request.method).lower()
        handler = getattr(self, method, None)
        if handler is not None and method in _WRITES:
            setattr(self, method, self._once(handler))
        return super().dispatch(request, *args, **kwargs)

    def printed(self, request: Request) -> bytes:
        """What of the body tells one request from another."""
        body: bytes = request._request.body
        return body

    def _once(self, handler: Handler) -> Handler:
        def run(request: Request, *args: Any, **kwargs: Any) -> Any:
            # Before the parser: the print is of all of it, and here its size is
            # limited.
            fingerprint = _fingerprint(request, self.printed(request))
            deed = partial(handler, request, *args, **kwargs)
            key = request.headers.get("Idempotency-Key")
            if getattr(self, "action", None) in self.own_transactions:
                return _after(request, key, fingerprint, deed)
            with transaction.atomic():
                return _within(request, key, fingerprint, deed)

        return run


def _within(
    request: Request, key: str | None, fingerprint: str, deed: Deed
) -> Response:
    if key is None:
        return deed()
    _check_key(key)
    record, is_first = begin(user_of(request), key, fingerprint)
    if not is_first:
        return _replay(record, fingerprint)
    response = deed()
    assert response.status_code < 300, "what fails has to raise: nothing is kept"
    finish(record, response.status_code, _body_of(response))
    return response


def _after(request: Request, key: str | None, fingerprint: str, deed: Deed) -> Response:
    if key is None:
        return deed()
    _check_key(key)
    if known := find(user_of(request), key):
        return _replay(known, fingerprint)
    response = deed()
    with transaction.atomic():
        record, is_first = begin(user_of(request), key, fingerprint)
        if is_first:
            finish(record, response.status_code, _body_of(response))
    return response


def _check_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        words = f"From 1 to {LONGEST_KEY} printable ASCII characters, no blanks."
        raise ValidationError({"Idempotency-Key": words})


def _body_of(response: Response) -> str:
    if response.data is None:
        return ""
    return JSONRenderer().render(response.data).decode()


def _replay(record: IdempotencyRecord, fingerprint: str) -> Response:
    if record.fingerprint != fingerprint:
        raise KeyReused
    data = json.loads(record.body) if record.body else None
    return Response(
        data,
        status=record.status or 200,
        headers={"Idempotency-Replayed": "true"}
        | ({"ETag": etag_of(data)} if data is not None else {}),
    )


def _fingerprint(request: Request, body: bytes) -> str:
    """Of the request, of the token it came with, and of what its owner may do: an
    answer is repeated to nobody who would not get it today."""
    token = request.auth.pk if isinstance(request.auth, ApiToken) else None
    access = user_of(request).access if request.user.is_authenticated else None
    parts = (
        request.method,
        request.get_full_path(),
        token,
        access and _print_of(access),
        request.headers.get("If-Match"),
    )
    return hashlib.sha256(repr(parts).encode() + b"\0" + body).hexdigest()


def _print_of(access: Access) -> str:
    """The same for the same rights, in whatever order they were read."""
    clients = [(key, sorted(names)) for key, names in sorted(access.clients.items())]
    shops = [
        (key, client, sorted(names))
        for key, (client, names) in sorted(access.shops.items())
    ]
    return repr((access.everything, clients, shops))
