"""A platform made of prepared answers, and values no error may ever repeat."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.structures import CaseInsensitiveDict

from apps.integrations.hooks import CallReport
from apps.integrations.tiktok.client import TikTokClient

APP_KEY = "7x9k2m4p6q8r"
APP_SECRET = "planted-app-secret-5f1c"
ACCESS_TOKEN = "ROW_planted-access-token-88d2"
REFRESH_TOKEN = "planted-refresh-token-c0de"
AUTH_CODE = "ROW_planted-auth-code-41aa"
CIPHER = "GCP_planted-cipher-77"
SECRETS = (APP_SECRET, ACCESS_TOKEN, REFRESH_TOKEN, AUTH_CODE, CIPHER)
NOW = 1_790_000_000.0


@dataclass
class Sent:
    """A request as the transport was given it."""

    method: str
    url: str
    params: dict[str, str]
    headers: dict[str, str]
    body: bytes
    options: dict[str, Any]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class FakeSession:
    """Answers with `script`, one entry a call: a response, or an exception to raise."""

    def __init__(self, *script: requests.Response | Exception) -> None:
        self.script = list(script)
        self.sent: list[Sent] = []
        self.on_call: Callable[[], None] = lambda: None

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        self.on_call()
        self.sent.append(
            Sent(
                method,
                url,
                options.pop("params"),
                options.pop("headers"),
                options.pop("data") or b"",
                options,
            )
        )
        answer = self.script.pop(0)
        if isinstance(answer, Exception):
            # As the real one does: the address, query included, is in the text.
            raise answer
        return answer


def answer(
    body: bytes | dict[str, Any], *, status: int = 200, **headers: str
) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response._content = body if isinstance(body, bytes) else json.dumps(body).encode()
    response.headers = CaseInsensitiveDict(
        {name.replace("_", "-"): value for name, value in headers.items()}
    )
    return response


def success(data: Any = None, **options: Any) -> requests.Response:
    envelope = {"code": 0, "message": "Success", "request_id": "REQ1", "data": data}
    return answer(envelope, **options)


def failure(code: int, message: str = "no", **options: Any) -> requests.Response:
    envelope = {"code": code, "message": message, "request_id": "REQ2", "data": None}
    return answer(envelope, **options)


@dataclass
class RecordingLimiter:
    waits: int = 0
    pushed_back: list[float] = field(default_factory=list)
    refusal: Exception | None = None

    def wait(self) -> None:
        self.waits += 1
        if self.refusal:
            raise self.refusal

    def push_back(self, seconds: float) -> None:
        self.pushed_back.append(seconds)


@dataclass
class RecordingObserver:
    reports: list[CallReport] = field(default_factory=list)

    def called(self, report: CallReport) -> None:
        self.reports.append(report)


def make_client(session: FakeSession, **options: Any) -> TikTokClient:
    """A client whose clock stands still and who never really sleeps."""
    options.setdefault("clock", lambda: NOW)
    options.setdefault("sleep", lambda seconds: None)
    return TikTokClient(
        APP_KEY, APP_SECRET, ACCESS_TOKEN, CIPHER, session=session, **options
    )
