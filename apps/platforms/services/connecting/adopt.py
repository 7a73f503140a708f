"""The settings of a single shop become the first account."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from apps.integrations.contracts import RemoteShop, TokenPair
from apps.integrations.tiktok.auth import EARLIEST_EXPIRY_SECONDS
from apps.platforms.errors import ConnectFailed
from apps.platforms.models import ApiApp, Authorization, Credential, Shop
from apps.platforms.regions import REGIONS, region_of
from apps.platforms.services.connecting.exchange import believable
from apps.platforms.services.connecting.linking import account_for, open_with
from apps.platforms.services.shops import ensure_default
from apps.platforms.services.token_store import store_new_authorization
from apps.platforms.services.trail import Actor
from apps.users.models import Client
from apps.users.services import audit

REQUIRED = (
    "app_key",
    "app_secret",
    "service_id",
    "access_token",
    "access_token_expires_at",
    "refresh_token",
    "refresh_token_expires_at",
    "shop_id",
    "shop_cipher",
    "shop_region",
)
OPTIONAL = ("shop_name", "open_id")
PROCESS = "adopt_shop"


class SettingsRefused(ConnectFailed):
    """The settings are not complete or cannot be right."""


class ConsentEnded(ConnectFailed):
    """The refresh token's time is over: a person must connect the shop."""


@dataclass(frozen=True, slots=True)
class SingleShop:
    """What a configuration for one shop says."""

    app_key: str
    app_secret: str = field(repr=False)
    service_id: str
    pair: TokenPair
    remote: RemoteShop


@dataclass(frozen=True, slots=True)
class Adopted:
    """`is_new` tells whether anything changed."""

    shop: Shop
    is_new: bool


def read_settings(values: Mapping[str, str]) -> SingleShop:
    """Check the settings, named as in REQUIRED. Raises SettingsRefused naming all that
    is missing or wrong (never a value of it), ConsentEnded."""
    missing = [name for name in REQUIRED if not str(values.get(name, "")).strip()]
    if missing:
        raise SettingsRefused(f"Missing: {', '.join(missing)}.")
    clean = {name: str(values.get(name, "")).strip() for name in REQUIRED + OPTIONAL}
    region = region_of(clean["shop_region"])
    if region.code not in REGIONS:
        known = ", ".join(REGIONS)
        raise SettingsRefused(f"shop_region is none of {known}.")
    refresh_ends = _instant(clean, "refresh_token_expires_at")
    if refresh_ends <= timezone.now():
        raise ConsentEnded(
            "The refresh token has ended. Connect the shop with Add Shop instead."
        )
    return SingleShop(
        clean["app_key"],
        clean["app_secret"],
        clean["service_id"],
        TokenPair(
            clean["access_token"],
            clean["refresh_token"],
            _instant(clean, "access_token_expires_at"),
            refresh_ends,
            open_id=clean["open_id"] or f"shop-{clean['shop_id']}",
            seller_name=clean["shop_name"],
            seller_region=region.code,
        ),
        RemoteShop(
            clean["shop_id"], clean["shop_name"], region.code, clean["shop_cipher"]
        ),
    )


@transaction.atomic
def adopt(single: SingleShop, client: Client, environment: str) -> Adopted:
    """Make the account, or find it; a shop that has the app already stays as it is,
    because its tokens have been renewed since.

    Raises SettingsRefused if the app is known with another secret, ConnectFailed if the
    shop is another client's.
    """
    app = _app(single, environment)
    Client.objects.select_for_update().get(pk=client.pk)
    shop, _ = account_for(single.remote, client, app, single.remote.name, environment)
    if Credential.objects.filter(shop=shop, api_app=app).exists():
        return Adopted(shop, is_new=False)
    known = Authorization.objects.filter(
        api_app=app,
        open_id=single.pair.open_id,
        state=Authorization.State.ACTIVE,
    ).first()
    authorization = known or store_new_authorization(
        app,
        believable(single.pair, timezone.now()),
        by=Actor(process=PROCESS),
        client=client,
    )
    open_with(shop, authorization, single.remote.cipher)
    ensure_default(client)
    audit.record("adopted", shop, process=PROCESS, client=client, api_app=str(app))
    return Adopted(shop, is_new=True)


def _app(single: SingleShop, environment: str) -> ApiApp:
    app, created = ApiApp.objects.get_or_create(
        platform=Shop.Platform.TIKTOK,
        app_key=single.app_key,
        defaults={
            "name": f"App {single.app_key}"[:80],
            "app_secret": single.app_secret,
            "service_id": single.service_id,
            "environment": environment,
        },
    )
    if not created and app.app_secret not in ("", single.app_secret):
        raise SettingsRefused(
            f"{app} is known here with another secret. Correct one of the two."
        )
    if not app.app_secret:
        app.app_secret = single.app_secret
        app.save(update_fields=["app_secret", "modified_at"])
    return app


def _instant(values: Mapping[str, str], name: str) -> datetime:
    """Unix seconds or ISO 8601; without a zone, UTC."""
    text = values[name]
    if text.isdecimal():
        seconds = int(text)
        if seconds < EARLIEST_EXPIRY_SECONDS:
            raise SettingsRefused(
                f"{name} is a duration, not an instant (Unix seconds or ISO 8601)."
            )
        try:
            return datetime.fromtimestamp(seconds, tz=UTC)
        except (ValueError, OverflowError, OSError):
            raise SettingsRefused(f"{name} is no instant.") from None
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        raise SettingsRefused(f"{name} is no instant (Unix seconds or ISO 8601).")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
