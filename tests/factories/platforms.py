"""Shops, and what opens them."""

import itertools
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from apps.integrations.contracts import TokenPair
from apps.platforms.models import ApiApp, ApiCall, Authorization, Credential, Shop
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

# What staff may do with the shops of their clients, for make_user().
VIEWER = ("manage_logistics",)
MANAGER = ("manage_settings", "manage_credentials")

_numbers = itertools.count(1)


def make_shop(
    client: Client | None = None, *, region: str = "MY", **fields: Any
) -> Shop:
    number = next(_numbers)
    market = region_of(region)
    values: dict[str, Any] = {
        "name": f"Shop {number:03d}",
        "remote_id": str(749_000_000_000 + number),
        "code": f"MYLC{number}",
        "region": region,
        "currency": market.currency,
        "time_zone": market.time_zone,
    }
    return Shop.objects.create(client=client or make_client(), **values | fields)


def make_api_app(name: str = "", **fields: Any) -> ApiApp:
    number = next(_numbers)
    values: dict[str, Any] = {
        "name": name or f"App {number}",
        "app_key": f"key{number}",
        "app_secret": APP_SECRET,
        "service_id": f"73{number:017}",
    }
    return ApiApp.objects.create(**values | fields)


def make_credential(
    shop: Shop, authorization: Authorization, *, cipher: str = CIPHER
) -> Credential:
    return Credential.objects.create(
        shop=shop,
        api_app=authorization.api_app,
        authorization=authorization,
        shop_cipher=cipher,
    )


def make_authorization(
    api_app: ApiApp | None = None,
    *,
    shops: Iterable[Shop] = (),
    access_ends_in: timedelta = timedelta(days=7),
    cipher: str = CIPHER,
    now: datetime | None = None,
    **fields: Any,
) -> Authorization:
    """A seller's consent, half its access token's life over or not, as asked."""
    now = now or timezone.now()
    values: dict[str, Any] = {
        "open_id": f"7010{next(_numbers)}",
        "seller_name": "Lamps and More",
        "access_token": ACCESS_TOKEN,
        "refresh_token": REFRESH_TOKEN,
        "access_expires_at": now + access_ends_in,
        "refresh_expires_at": now + timedelta(days=365),
        "refresh_due_at": now + access_ends_in / 2,
        "refreshed_at": now,
    }
    row = Authorization.objects.create(
        api_app=api_app or make_api_app(), **values | fields
    )
    for shop in shops:
        make_credential(shop, row, cipher=cipher)
    return row


def make_connected_shop(**fields: Any) -> tuple[Shop, Authorization]:
    """A shop, and the consent that opens it."""
    shop = make_shop()
    return shop, make_authorization(shops=[shop], **fields)


def make_call(shop: Shop | None, **fields: Any) -> ApiCall:
    """A call that the platform answered well."""
    values: dict[str, Any] = {
        "method": "POST",
        "path": "/order/202309/orders/search",
        "http_status": 200,
        "code": 0,
        "milliseconds": 120,
        "request_id": f"r{next(_numbers)}",
    }
    return ApiCall.objects.create(shop=shop, **values | fields)


def make_pair(
    name: int | str = 1,
    *,
    access_lasts: timedelta = timedelta(days=7),
    open_id: str = "7010",
    seller_name: str = "Lamps and More",
) -> TokenPair:
    """What a platform hands out; the name tells one pair from another."""
    now = datetime.now(UTC)
    return TokenPair(
        access_token=f"planted-new-access-{name}",
        refresh_token=f"planted-new-refresh-{name}",
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
