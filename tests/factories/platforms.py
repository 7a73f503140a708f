"""Shops, and what opens them."""

import itertools
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from apps.integrations.contracts import TokenPair
from apps.platforms.models import ApiApp, Authorization, Credential, Shop
from apps.platforms.regions import region_of
from apps.users.models import Client
from tests.factories.users import make_client
from tests.simulator_server import SimulatorServer

# Planted, so that a test can look for them where they must not be.
APP_SECRET = "planted-app-secret-90b1"
ACCESS_TOKEN = "planted-access-token-77c2"
REFRESH_TOKEN = "planted-refresh-token-31d3"
CIPHER = "planted-cipher-58e4"
SECRETS = (APP_SECRET, ACCESS_TOKEN, REFRESH_TOKEN, CIPHER)

_numbers = itertools.count(1)


def make_shop(
    client: Client | None = None,
    *,
    name: str = "",
    region: str = "MY",
    remote_id: str = "",
    state: Shop.State = Shop.State.CONNECTED,
    environment: Shop.Environment = Shop.Environment.PRODUCTION,
) -> Shop:
    number = next(_numbers)
    market = region_of(region)
    return Shop.objects.create(
        client=client or make_client(),
        name=name or f"Shop {number}",
        remote_id=remote_id or str(749_000_000_000 + number),
        code=f"MYLC{number}",
        region=region,
        currency=market.currency,
        time_zone=market.time_zone,
        state=state,
        environment=environment,
    )


def make_api_app(
    name: str = "",
    *,
    app_key: str = "",
    app_secret: str = APP_SECRET,
    service_id: str = "",
    scope_category: ApiApp.Scope = ApiApp.Scope.MULTI_CHANNEL,
) -> ApiApp:
    number = next(_numbers)
    return ApiApp.objects.create(
        name=name or f"App {number}",
        app_key=app_key or f"key{number}",
        app_secret=app_secret,
        service_id=service_id or f"73{number:017}",
        scope_category=scope_category,
    )


def make_authorization(
    api_app: ApiApp | None = None,
    *,
    shops: Iterable[Shop] = (),
    access_ends_in: timedelta = timedelta(days=7),
    access_token: str = ACCESS_TOKEN,
    refresh_token: str = REFRESH_TOKEN,
    cipher: str = CIPHER,
) -> Authorization:
    """A seller's consent, half its access token's life over or not, as asked."""
    now = timezone.now()
    row = Authorization.objects.create(
        api_app=api_app or make_api_app(),
        open_id=f"7010{next(_numbers)}",
        seller_name="Lamps and More",
        access_token=access_token,
        refresh_token=refresh_token,
        access_expires_at=now + access_ends_in,
        refresh_expires_at=now + timedelta(days=365),
        refresh_due_at=now + access_ends_in / 2,
    )
    for shop in shops:
        Credential.objects.create(
            shop=shop, api_app=row.api_app, authorization=row, shop_cipher=cipher
        )
    return row


def make_pair(
    number: int = 1,
    *,
    access_lasts: timedelta = timedelta(days=7),
    open_id: str = "7010",
    seller_name: str = "Lamps and More",
) -> TokenPair:
    """What a platform hands out; the number tells one pair from another."""
    now = datetime.now(UTC)
    return TokenPair(
        access_token=f"planted-new-access-{number}",
        refresh_token=f"planted-new-refresh-{number}",
        access_expires_at=now + access_lasts,
        refresh_expires_at=now + timedelta(days=365),
        open_id=open_id,
        seller_name=seller_name,
        scopes=("seller.order.info",),
    )


def make_simulator_app(simulator: SimulatorServer) -> ApiApp:
    """Our record of the simulator's first app, with its real secret."""
    listed = simulator.apps()[0]
    return make_api_app(
        "Simulator",
        app_key=listed["app_key"],
        app_secret=listed["app_secret"],
        service_id=listed["service_id"],
    )


def connect_simulator_shops(
    simulator: SimulatorServer, seller: int = 0, *, client: Client | None = None
) -> list[Shop]:
    """Connected shops of one of the simulator's sellers, with tokens that work."""
    listed = simulator.apps()[0]
    app = ApiApp.objects.filter(app_key=listed["app_key"]).first()
    app = app or make_simulator_app(simulator)
    chosen = simulator.sellers()[seller]
    tokens = simulator.tokens(seller_id=chosen["id"], app_key=app.app_key)
    row = Authorization.objects.create(
        api_app=app,
        open_id=tokens["open_id"],
        seller_name=tokens["seller_name"],
        access_token=tokens["access_token"],
        refresh_token=tokens["refresh_token"],
        access_expires_at=datetime.fromtimestamp(
            tokens["access_token_expire_in"], tz=UTC
        ),
        refresh_expires_at=datetime.fromtimestamp(
            tokens["refresh_token_expire_in"], tz=UTC
        ),
        refresh_due_at=timezone.now() + timedelta(days=3),
    )
    client = client or make_client()
    shops = []
    for listed_shop in chosen["shops"]:
        shop = make_shop(
            client,
            name=listed_shop["name"],
            region=listed_shop["region"],
            remote_id=listed_shop["id"],
        )
        Credential.objects.create(
            shop=shop,
            api_app=app,
            authorization=row,
            shop_cipher=listed_shop["ciphers"][app.app_key],
        )
        shops.append(shop)
    return shops
