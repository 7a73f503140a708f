"""The one door to the platforms: a shop in, a client ready to call out."""

from dataclasses import dataclass
from functools import cache

import redis
from django.conf import settings

from apps.integrations.contracts import PlatformClient, RemoteShop, TokenPair
from apps.integrations.contracts.affiliate import CreatorClient
from apps.integrations.errors import ConsentNeeded, ScopeMissing
from apps.integrations.http import Timeouts
from apps.integrations.tiktok import auth
from apps.integrations.tiktok.client import TikTokClient
from apps.integrations.tiktok.hosts import Hosts
from apps.integrations.tiktok.products.trees import usual_version
from apps.integrations.tiktok.retries import RetryPolicy
from apps.platforms.errors import ReconnectNeeded
from apps.platforms.models import (
    ApiApp,
    Authorization,
    CreatorAccount,
    Credential,
    Shop,
)
from apps.platforms.services import consent, scopes, tokens
from apps.platforms.services.call_log import CallLog
from apps.platforms.services.rate_limit import SharedLimiter, paces
from apps.platforms.services.trail import Actor


@dataclass(frozen=True, slots=True)
class TikTokTokens:
    """The token host, for one app."""

    api_app: ApiApp
    timeouts: Timeouts | None = None

    def exchange_code(self, code: str) -> TokenPair:
        app = self.api_app
        return auth.exchange_code(
            app.app_key,
            str(app.app_secret),
            code,
            hosts=hosts(),
            observer=CallLog(app),
            timeouts=self.timeouts,
        )

    def refresh(self, refresh_token: str) -> TokenPair:
        app = self.api_app
        return auth.refresh(
            app.app_key,
            str(app.app_secret),
            refresh_token,
            hosts=hosts(),
            observer=CallLog(app),
            timeouts=self.timeouts,
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
        """The platform no longer takes the token we have, whatever its date says."""
        try:
            self.authorization = tokens.refresh(self.authorization, self._endpoint)
        except ReconnectNeeded as error:
            consent.mark_reconnect_needed(self.authorization, str(error))
            raise
        return str(self.authorization.access_token)

    @property
    def _endpoint(self) -> TikTokTokens:
        return TikTokTokens(self.authorization.api_app)


# A page that somebody looks at, waiting, rather says so than tries for half a minute.
_AT_PAGE = RetryPolicy(tries=2, base_seconds=0.5, jitter_seconds=0.2, cap_seconds=2.0)
_AT_PAGE_TIMEOUTS = Timeouts(connect=5.0, read=10.0)


def client_at_page(shop: Shop, scope: str = scopes.ORDERS) -> PlatformClient:
    """A client for a page that waits for it: before background work, and with little
    patience. See client_for."""
    return client_for(
        shop, scope, urgent=True, retries=_AT_PAGE, timeouts=_AT_PAGE_TIMEOUTS
    )


def client_at_page_through(credential: Credential) -> PlatformClient:
    """As client_at_page, through one app in particular."""
    return client_through(
        credential, urgent=True, retries=_AT_PAGE, timeouts=_AT_PAGE_TIMEOUTS
    )


def client_for(
    shop: Shop,
    scope: str = scopes.ORDERS,
    *,
    urgent: bool = False,
    retries: RetryPolicy | None = None,
    timeouts: Timeouts | None = None,
    keeps_answers: bool = True,
) -> PlatformClient:
    """A client for calls that need `scope`, with a fresh enough token, below the
    platform's limit. `urgent` where a person waits: it goes before background work.
    The log keeps what is answered, or only that something was.

    Raises ReconnectNeeded where a person must connect the shop, or another app for it;
    PlatformError where the token is over and the platform does not answer.
    """
    return client_through(
        scopes.credential_for(shop, scope),
        urgent=urgent,
        retries=retries,
        timeouts=timeouts,
        keeps_answers=keeps_answers,
    )


def client_through(
    credential: Credential,
    *,
    urgent: bool = False,
    retries: RetryPolicy | None = None,
    timeouts: Timeouts | None = None,
    keeps_answers: bool = True,
) -> PlatformClient:
    """As client_for, for what is done through one app in particular."""
    app, shop = credential.api_app, credential.shop
    keeper = TokenKeeper(credential.authorization)
    access_token = keeper.usable()
    tokens.note_used(keeper.authorization)
    return TikTokClient(
        app.app_key,
        str(app.app_secret),
        access_token,
        str(credential.shop_cipher),
        hosts=hosts(),
        limiter=limiter(app, shop, urgent=urgent),
        observer=CallLog(app, shop, keeps_answers),
        retries=retries,
        timeouts=timeouts,
        renew_token=keeper.renewed,
        category_version=usual_version(shop.region),
    )


def client_for_creator(
    account: CreatorAccount, *, urgent: bool = False
) -> CreatorClient:
    """A client for what a creator's own token may ask; it names no shop.

    Raises ReconnectNeeded where the creator must consent again, PlatformError where the
    token is over and the platform does not answer.
    """
    authorization = account.authorization
    if authorization is None or not account.is_connected:
        raise ReconnectNeeded(f"{account} must connect their account again.")
    app = authorization.api_app
    keeper = TokenKeeper(authorization)
    access_token = keeper.usable()
    tokens.note_used(keeper.authorization)
    return TikTokClient(
        app.app_key,
        str(app.app_secret),
        access_token,
        hosts=hosts(),
        limiter=limiter(app, urgent=urgent),
        observer=CallLog(app),
        renew_token=keeper.renewed,
    )


def authorized_shops(
    api_app: ApiApp,
    access_token: str,
    *,
    retries: RetryPolicy | None = None,
    timeouts: Timeouts | None = None,
) -> list[RemoteShop]:
    """The shops a fresh consent covers. A person waits: retries may be few."""
    client = TikTokClient(
        api_app.app_key,
        str(api_app.app_secret),
        access_token,
        hosts=hosts(),
        limiter=limiter(api_app, urgent=True),
        observer=CallLog(api_app),
        retries=retries,
        timeouts=timeouts,
    )
    return client.authorized_shops()


def consent_url(api_app: ApiApp, state: str, *, is_us: bool) -> str:
    """Where the seller is sent."""
    return auth.authorize_url(api_app.service_id, state, is_us=is_us, hosts=hosts())


def creator_consent_url(api_app: ApiApp, state: str) -> str:
    """Where a creator is sent."""
    return auth.creator_authorize_url(api_app.app_key, state, hosts=hosts())


def refresh_now(
    authorization: Authorization, *, by: Actor, wait_seconds: float = 45.0
) -> Authorization:
    """Refresh because a person asked; see tokens.refresh for what is raised."""
    endpoint = TikTokTokens(authorization.api_app)
    return tokens.refresh(authorization, endpoint, by=by, wait_seconds=wait_seconds)


def note_consent_gone(
    shop: Shop, error: ConsentNeeded | ReconnectNeeded, scope: str = scopes.ORDERS
) -> None:
    """A call that needs `scope` was refused for want of consent: the shop says so
    until reconnected."""
    try:
        credential = scopes.credential_for(shop, scope)
    except ReconnectNeeded:
        return
    if isinstance(error, ScopeMissing):
        consent.note_scope_missing(credential.authorization, str(error))
    else:
        consent.mark_reconnect_needed(credential.authorization, str(error))


def still_opens(credential: Credential) -> bool:
    """Ask the platform whether the consent still opens the shop, and stop the shop if
    not: the seller may have taken the app away, for it or altogether.

    Raises ScopeMissing and PlatformError where that cannot be told.
    """
    authorization, shop = credential.authorization, credential.shop
    try:
        token = TokenKeeper(authorization).usable()
        opened = authorized_shops(credential.api_app, token)
    except ScopeMissing:
        raise
    except (ConsentNeeded, ReconnectNeeded) as error:
        consent.mark_reconnect_needed(authorization, str(error))
        return False
    if shop.remote_id in {each.remote_id for each in opened}:
        return True
    consent.take_shop_away(shop, f"The seller's consent no longer opens {shop}.")
    return False


def hosts() -> Hosts:
    return Hosts(
        settings.TIKTOK_API_URL,
        settings.TIKTOK_TOKEN_URL,
        settings.TIKTOK_CONSENT_URL,
        settings.TIKTOK_CONSENT_URL_US,
        settings.TIKTOK_CREATOR_CONSENT_URL,
        papers=tuple(settings.TIKTOK_PAPER_HOSTS),
    )


def limiter(
    api_app: ApiApp, shop: Shop | None = None, *, urgent: bool = False
) -> SharedLimiter:
    """Below the platform's limits for the app in this shop and in all its shops."""
    app_key = f"tiktok:{api_app.app_key}"
    limits = [(app_key, settings.TIKTOK_APP_CALL_LIMIT)]
    if shop is not None:
        limits.insert(
            0, (f"{app_key}:{shop.remote_id}", settings.TIKTOK_SHOP_CALL_LIMIT)
        )
    return SharedLimiter(_redis(), paces(limits), urgent=urgent)


@cache
def _redis() -> "redis.Redis":
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=5
    )
