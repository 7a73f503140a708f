"""How the platform answers: one envelope for data and for refusals."""

import json
import secrets
import time
from typing import Any

from django.http import HttpResponse

Json = dict[str, Any]
_ABSENT = object()


class Refusal(Exception):
    """The platform says no: its code, its message, the HTTP status it uses."""

    def __init__(
        self, code: int, message: str, *, http: int = 200, data: object = _ABSENT
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.http, self.data = code, message, http, data
        self.headers: dict[str, str] = {}


def new_request_id(moment: float) -> str:
    """`20220307074900` and twenty hex digits, as support wants to hear it."""
    stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(moment))
    return stamp + secrets.token_hex(10).upper()


def success(data: Json, request_id: str, message: str = "Success") -> HttpResponse:
    return _reply(
        {"code": 0, "data": data, "message": message, "request_id": request_id}
    )


def refused(refusal: Refusal, request_id: str) -> HttpResponse:
    body: Json = {"code": refusal.code, "message": refusal.message}
    if refusal.data is not _ABSENT:
        body["data"] = refusal.data
    response = _reply(body | {"request_id": request_id}, refusal.http)
    for name, value in refusal.headers.items():
        response[name] = value
    return response


def _reply(body: Json, status: int = 200) -> HttpResponse:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(
        text.encode(), content_type="application/json; charset=utf-8", status=status
    )
