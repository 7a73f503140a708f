"""The one door to the platforms: a shop in, a client ready to call out."""

from dataclasses import dataclass
from functools import cache

import redis
from django.conf import settings

from apps.integrations.contracts import PlatformClient, RemoteShop, TokenPair
from apps.integrations.errors import ConsentNeeded
from apps.integrations.tiktok import auth
from apps.integrations.tiktok.client import TikTokClient
from apps.integrations.tiktok.hosts import Hosts
from apps.platforms.errors import ReconnectNeeded
from apps.platforms.models import ApiApp, Authorization, Credential, Shop
from apps.platforms.services import tokens
from apps.platforms.services.rate_limit import SharedLimiter


@dataclass(frozen=True, slots=True)
class TikTokTokens:
    """The token host, for one app."""

    api_app: ApiApp

    def exchange_code(self, code: str) -> TokenPair:
        app = self.api_app
        return auth.exchange_code(app.app_key, str(app.app_secret), code, hosts=hosts())

    def refresh(self, refresh_token: str) -> TokenPair:
        app = self.api_app
        return auth.refresh(
            app.app_key, str(app.app_secret), refresh_token, hosts=hosts()
        )


@dataclass(slots=True)
class TokenKeeper:
    """Hands out one authorization's access token; `renewed` gives a later one.

    It remembers which pair it gave out, so that a token which another process has
    replaced meanwhile is read, not refreshed again.
    """

    authorization: Authorization

    def usable(self) -> str:
        self.authorization = tokens.usable(self.authorization, self._endpoint)
        return str(self.authorization.access_token)

    def renewed(self) -> str:
        self.authorization = tokens.refresh(self.authorization, self._endpoint)
        return str(self.authorization.access_token)

    @property
    def _endpoint(self) -> TikTokTokens:
        return TikTokTokens(self.authorization.api_app)


def client_for(
    shop: Shop, scope: ApiApp.Scope = ApiApp.Scope.MULTI_CHANNEL
) -> PlatformClient:
    """A client for one shop, with a fresh enough token, below the platform's limit.

    Raises ReconnectNeeded where a person must connect the shop, PlatformError where
    the token has to be refreshed and the platform does not answer.
    """
    credential = (
        Credential.objects.select_related("api_app", "authorization__api_app")
        .filter(shop=shop, api_app__scope_category=scope)
        .first()
    )
    if credential is None:
        raise ReconnectNeeded(f"{shop} is not connected through a {scope.label} app.")
    app = credential.api_app
    keeper = TokenKeeper(credential.authorization)
    return TikTokClient(
        app.app_key,
        str(app.app_secret),
        keeper.usable(),
        str(credential.shop_cipher),
        hosts=hosts(),
        limiter=_limiter(f"{app.app_key}:{shop.remote_id}"),
        renew_token=keeper.renewed,
    )


def authorized_shops(api_app: ApiApp, access_token: str) -> list[RemoteShop]:
    """The shops a fresh consent covers."""
    client = TikTokClient(
        api_app.app_key,
        str(api_app.app_secret),
        access_token,
        hosts=hosts(),
        limiter=_limiter(api_app.app_key),
    )
    return client.authorized_shops()


def consent_url(api_app: ApiApp, state: str, *, is_us: bool) -> str:
    """Where the seller is sent."""
    return auth.authorize_url(api_app.service_id, state, is_us=is_us, hosts=hosts())


def note_consent_gone(
    shop: Shop,
    error: ConsentNeeded | ReconnectNeeded,
    scope: ApiApp.Scope = ApiApp.Scope.MULTI_CHANNEL,
) -> None:
    """A call was refused for want of consent: the shop says so until reconnected."""
    authorization = Authorization.objects.filter(
        credentials__shop=shop, api_app__scope_category=scope
    ).first()
    if authorization is not None:
        tokens.mark_reconnect_needed(authorization, str(error))


def hosts() -> Hosts:
    return Hosts(
        settings.TIKTOK_API_URL,
        settings.TIKTOK_TOKEN_URL,
        settings.TIKTOK_CONSENT_URL,
        settings.TIKTOK_CONSENT_URL_US,
    )


def _limiter(key: str) -> SharedLimiter:
    return SharedLimiter(
        _redis(),
        f"tiktok:{key}",
        per_second=settings.TIKTOK_CALLS_PER_SECOND,
        burst=settings.TIKTOK_CALL_BURST,
    )


@cache
def _redis() -> "redis.Redis":
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=5
    )
