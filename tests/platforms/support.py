"""Rows and stand-ins for the tests of shops, tokens and calls."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from apps.integrations.contracts import TokenPair
from apps.integrations.errors import ConsentNeeded, PlatformError
from apps.platforms.models import ApiApp, Authorization, Credential, Shop
from apps.users.models import Client

_numbers = itertools.count(1)

# Planted where a secret lies; no log, table or page may ever show one.
APP_SECRET = "planted-app-secret-5f1c"
CIPHER = "planted-cipher-77aa"
ACCESS = "planted-access-token"
REFRESH = "planted-refresh-token"


def make_app(**fields: Any) -> ApiApp:
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "name": f"App {number}",
        "app_key": f"key{number}",
        "app_secret": APP_SECRET,
        "service_id": f"service{number}",
    }
    return ApiApp.objects.create(**defaults | fields)


def make_authorization(**fields: Any) -> Authorization:
    """A consent in its prime: three days of access left, half a year to its end."""
    number = next(_numbers)
    now = fields.pop("now", None) or timezone.now()
    defaults: dict[str, Any] = {
        "open_id": f"seller{number}",
        "seller_name": f"Seller {number}",
        "access_token": f"{ACCESS}-{number}",
        "refresh_token": f"{REFRESH}-{number}",
        "access_expires_at": now + timedelta(days=3),
        "refresh_expires_at": now + timedelta(days=180),
        "refresh_due_at": now + timedelta(hours=1),
        "refreshed_at": now - timedelta(days=4),
    }
    if "api_app" not in fields:
        fields["api_app"] = make_app()
    return Authorization.objects.create(**defaults | fields)


def make_shop(**fields: Any) -> Shop:
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "remote_id": f"7490{number:06d}",
        "name": f"Shop {number}",
        "region": "US",
        "currency": "USD",
        "time_zone": "America/Los_Angeles",
    }
    if "client" not in fields:
        fields["client"] = Client.objects.create(name=f"Client {number}")
    return Shop.objects.create(**defaults | fields)


def connect(
    shop: Shop, authorization: Authorization, *, cipher: str = CIPHER
) -> Credential:
    return Credential.objects.create(
        shop=shop,
        api_app=authorization.api_app,
        authorization=authorization,
        shop_cipher=cipher,
    )


def make_connected_shop(**fields: Any) -> tuple[Shop, Authorization]:
    """A shop, and the consent that opens it."""
    authorization = make_authorization(**fields)
    shop = make_shop()
    connect(shop, authorization)
    return shop, authorization


def a_pair(name: str = "new", *, now: datetime | None = None) -> TokenPair:
    now = now or timezone.now()
    return TokenPair(
        access_token=f"{ACCESS}-{name}",
        refresh_token=f"{REFRESH}-{name}",
        access_expires_at=now + timedelta(days=7),
        refresh_expires_at=now + timedelta(days=180),
        open_id="a-seller",
    )


def refused() -> ConsentNeeded:
    return ConsentNeeded("The refresh token has expired.", code=36004001)


@dataclass
class FakeEndpoint:
    """A token host: each answer is a pair, or an error to raise; the last one stays."""

    answers: list[TokenPair | PlatformError] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    on_call: Callable[[], None] = lambda: None

    def exchange_code(self, code: str) -> TokenPair:
        raise NotImplementedError

    def refresh(self, refresh_token: str) -> TokenPair:
        self.asked.append(refresh_token)
        self.on_call()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, PlatformError):
            raise answer
        return answer


def as_asked(authorization: Authorization) -> Authorization:
    """The row as it is now."""
    return Authorization.objects.select_related("api_app").get(pk=authorization.pk)
