"""What a client sent along: a JSON object, or the parts of an upload.

It is read before the simulator is locked, so a slow upload holds up nobody. The body
of an upload is not signed, and is read for endpoints only that take one.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError

from apps.simulator.tiktok.envelope import Json, Refusal

MULTIPART, JSON = "multipart/form-data", "application/json"
LARGEST_UPLOAD, LARGEST_BODY = 32 * 1024 * 1024, 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sent:
    content_type: str
    raw: bytes = b""  # as it is signed: nothing of an upload
    fields: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, "UploadedFile[bytes]"] = field(default_factory=dict)
    is_malformed: bool = False


def receive(request: HttpRequest, *, takes_upload: bool) -> Sent:
    """Raises Refusal for a body that is too large to be read at all."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    length = request.headers.get("content-length", "")
    largest = LARGEST_UPLOAD if kind == MULTIPART else LARGEST_BODY
    if length.isdigit() and int(length) > largest:
        raise Refusal(36009021, "Invalid body. The file or body is too large.")
    if kind != MULTIPART:
        return Sent(kind, request.body)
    if not takes_upload:
        return Sent(kind)
    try:
        fields, files = request.POST.dict(), request.FILES.dict()
    except MultiPartParserError:
        return Sent(kind, is_malformed=True)
    return Sent(
        kind,
        fields={name: str(value) for name, value in fields.items()},
        files={n: f for n, f in files.items() if isinstance(f, UploadedFile)},
    )


def read_body(sent: Sent, method: str, *, takes_upload: bool) -> Json:
    """The JSON object sent, or an upload's text fields; nothing counts as empty."""
    if takes_upload:
        return _upload_fields(sent)
    if method == "GET" and not sent.raw:
        return {}
    if sent.content_type != JSON:
        raise Refusal(
            36009022, "Invalid content type. This API takes 'application/json'."
        )
    try:
        body = json.loads(sent.raw or b"{}")
    except (ValueError, RecursionError) as error:
        raise Refusal(36009022, "Invalid body. The body is not JSON.") from error
    if not isinstance(body, dict):
        raise Refusal(36009022, "Invalid body. The body must be a JSON object.")
    return body


def _upload_fields(sent: Sent) -> Json:
    if sent.content_type != MULTIPART:
        raise Refusal(
            36009023, "Invalid content type. This API takes 'multipart/form-data'."
        )
    if sent.is_malformed:
        raise Refusal(36009022, "Invalid body. The multipart body cannot be read.")
    return dict(sent.fields)
