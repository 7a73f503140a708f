"""Callers of the API, and the rows they ask for."""

import json
from collections.abc import Iterable
from typing import Any

from django.test import Client as Browser

from apps.users.models import ApiToken, User
from apps.users.scopes import SCOPES
from apps.users.services.tokens import make_token

V1 = "/api/v1/"


class Caller:
    """A program with a token of somebody's; answers are those of the test client."""

    def __init__(self, user: User, scopes: Iterable[str] = SCOPES) -> None:
        self.user = user
        self.row, self.token = make_token(user, "a program", scopes, days=30)
        self.browser = Browser(raise_request_exception=False)

    def get(self, path: str, **headers: str) -> Any:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._ask("POST", path, body, headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._ask("PUT", path, body, headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._ask("PATCH", path, body, headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self._ask("DELETE", path, None, headers)

    def _ask(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        """A path begins after /api/v1/, or is a whole address."""
        address = path if path.startswith(("/", "http")) else V1 + path
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.browser.generic(
            method,
            address,
            "" if body is None else text,
            "" if body is None else "application/json",
            headers={"Authorization": f"Bearer {self.token}", **named},
        )


def keys(answer: Any) -> list[int]:
    """The ids on a page."""
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


def code(answer: Any) -> tuple[int, str]:
    """Status and code of a problem."""
    assert answer["Content-Type"] == "application/problem+json", answer.content
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["type"] == f"/api/problems/{body['code']}"
    return answer.status_code, body["code"]


def tokens_of(user: User) -> list[ApiToken]:
    return list(ApiToken.objects.filter(user=user))
