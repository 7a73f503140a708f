"""Shops against the simulator: calls are logged, tokens kept, secrets never told."""

import io
import json
import logging
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from apps.integrations.errors import (
    HeldBack,
    PlatformError,
    RateLimited,
    RequestRefused,
)
from apps.integrations.tiktok.auth import NEVER
from apps.platforms.errors import ReconnectNeeded
from apps.platforms.models import ApiApp, ApiCall, Authorization, Credential, Shop
from apps.platforms.services import breaker, clients, rate_limit
from apps.platforms.services.clients import (
    authorized_shops,
    client_for,
    refresh_now,
)
from apps.platforms.services.token_state import TokenState, state_of
from apps.platforms.services.token_store import store_new_authorization
from apps.platforms.services.trail import Actor
from apps.sync.models import Resource, SyncRun
from apps.sync.services.orders import pull_orders
from apps.users.models import AuditEntry, Client, User
from tests.factories.platforms import make_shop
from tests.factories.sync import make_run
from tests.simulator_server import run_simulator

pytestmark = pytest.mark.django_db
REFRESH = "/api/v2/token/refresh"


@pytest.fixture(scope="module")
def server():
    with run_simulator(orders=300) as server:
        yield server


@pytest.fixture
def host(server, settings):
    """The simulator, fresh, in the place of all the platform's addresses."""
    server.control("reset", {})
    server.control("faults", method="DELETE")
    for name in ("API_URL", "TOKEN_URL", "CONSENT_URL", "CONSENT_URL_US"):
        setattr(settings, f"TIKTOK_{name}", server.url)
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    clients._redis.cache_clear()
    rate_limit._alone.slots.clear()
    yield server
    clients._redis.cache_clear()
    rate_limit._alone.slots.clear()


def make_app(host) -> ApiApp:
    listed = host.apps()[0]
    return ApiApp.objects.create(
        name="Simulator",
        app_key=listed["app_key"],
        app_secret=listed["app_secret"],
        service_id=listed["service_id"],
    )


def connect(host, seller=0, *, app=None) -> Shop:
    """The seller's first shop, connected as the wizard would."""
    app = app or ApiApp.objects.first() or make_app(host)
    code = host.approve(seller_id=host.sellers()[seller]["id"], app_key=app.app_key)
    pair = clients.TikTokTokens(app).exchange_code(code["code"])
    client, _ = Client.objects.get_or_create(name="Northwind")
    row = store_new_authorization(app, pair, client=client)
    remote = authorized_shops(app, pair.access_token)[0]
    shop = Shop.objects.create(
        client=client,
        remote_id=remote.remote_id,
        name=remote.name,
        region=remote.region,
        currency="USD",
        time_zone="UTC",
    )
    Credential.objects.create(
        shop=shop, api_app=app, authorization=row, shop_cipher=remote.cipher
    )
    return shop


def consent_of(shop) -> Authorization:
    return Authorization.objects.get(credentials__shop=shop)


def search(shop):
    until = datetime.now(UTC)
    return client_for(shop).search_orders(until - timedelta(days=60), until)


def test_every_call_is_in_the_log_of_its_shop(host):
    shop = connect(host)

    page = search(shop)

    assert page.orders
    call = ApiCall.objects.filter(shop=shop).get()
    assert (call.path, call.code) == ("/order/202309/orders/search", 0)
    assert call.request_id
    assert "update_time_ge" in call.request
    assert call.response.endswith("…")
    token_calls = ApiCall.objects.filter(shop=None, path="/api/v2/token/get")
    assert token_calls.get().api_app == ApiApp.objects.get()
    assert consent_of(shop).last_used_at is not None


def test_a_failed_call_is_logged_with_the_platforms_words(host):
    shop = connect(host)
    host.control(
        "faults",
        {"kind": "error", "code": 21008111, "message": "Not yours.", "path": "/order"},
    )

    with pytest.raises(RequestRefused):
        search(shop)

    call = ApiCall.objects.filter(shop=shop).latest("pk")
    assert (call.code, call.message) == (21008111, "Not yours.")


def test_a_call_without_an_answer_is_logged_too(host):
    shop = connect(host)
    host.control("faults", {"kind": "drop", "path": "/order", "count": 1})

    search(shop)

    first, second = ApiCall.objects.filter(shop=shop).order_by("pk")
    assert (first.http_status, first.code, first.message) == (0, 0, "No answer.")
    assert second.http_status == 200
    assert list(ApiCall.objects.errors().filter(shop=shop)) == [first]


def test_a_person_can_refresh_and_the_trail_says_who(host):
    shop = connect(host)
    row = consent_of(shop)
    person = User.objects.create(username="pat")

    fresh = refresh_now(row, by=Actor(user=person, address="192.0.2.7"))

    assert fresh.generation == row.generation + 1
    entry = AuditEntry.objects.latest("pk")
    assert (entry.actor, entry.verb) == (person, "refreshed tokens")
    assert search(shop).orders


def test_an_expired_token_is_renewed_in_the_middle_of_the_work(host):
    shop = connect(host)
    host.control("tokens/expire", {})

    assert search(shop).orders
    assert consent_of(shop).generation == 2


def test_a_shop_whose_seller_removed_the_app_says_so(host):
    shop = connect(host)
    host.control("tokens/deauthorise", {})

    with pytest.raises(ReconnectNeeded):
        pull_orders(shop, trigger=SyncRun.Trigger.SCHEDULE)

    shop.refresh_from_db()
    assert shop.state == Shop.State.RECONNECT_NEEDED
    assert state_of(consent_of(shop)) is TokenState.CONSENT_NEEDED
    assert shop.failures_in_a_row == 0


def test_a_hundred_failing_refreshes_end_nothing(host):
    shop = connect(host)
    row = consent_of(shop)
    for kind in (
        {"kind": "drop", "count": 25},
        {"kind": "status", "status": 503, "count": 25},
        {"kind": "error", "code": 36009003, "count": 25},
        {"kind": "rate_limit", "count": 25},
    ):
        host.control("faults", {"path": REFRESH, **kind})
        for _ in range(25):
            with pytest.raises(PlatformError):
                refresh_now(row, by=Actor(process="test"))
            row = consent_of(shop)

    assert row.state == Authorization.State.ACTIVE
    assert state_of(row) is TokenState.REFRESH_FAILING
    assert search(shop).orders
    host.control("faults", method="DELETE")

    fresh = refresh_now(row, by=Actor(process="test"))

    assert state_of(fresh) is TokenState.ACTIVE


def test_an_answer_lost_on_the_way_needs_a_person_only_when_access_is_over(host):
    """The platform rotated, the answer was cut: what we hold is refused for good."""
    shop = connect(host)
    row = refresh_now(consent_of(shop), by=Actor(process="test"))
    host.control("switches", {"old_access_token_dies": False})
    host.control("faults", {"kind": "cut", "path": REFRESH, "count": 1})
    with pytest.raises(PlatformError):
        refresh_now(row, by=Actor(process="test"))

    with pytest.raises(ReconnectNeeded):
        refresh_now(consent_of(shop), by=Actor(process="test"))

    refused = [r for r in host.control("requests") if r.get("code") == 36004001]
    assert len(refused) == 2  # what we hold, and the one before
    assert state_of(consent_of(shop)) is TokenState.REFUSED
    shop.refresh_from_db()
    assert shop.state == Shop.State.CONNECTED
    assert search(shop).orders


def test_one_shop_in_trouble_rests_and_its_neighbour_goes_on(host):
    bad, good = connect(host, 0), connect(host, 1)
    host.control(
        "faults", {"kind": "error", "code": 21008111, "shop_id": bad.remote_id}
    )

    for _ in range(breaker.THRESHOLD):
        with pytest.raises(PlatformError):
            pull_orders(bad, trigger=SyncRun.Trigger.SCHEDULE)
    pull_orders(good, trigger=SyncRun.Trigger.SCHEDULE)

    bad.refresh_from_db()
    good.refresh_from_db()
    assert breaker.is_resting(bad)
    assert "21008111" in bad.rest_reason
    assert not breaker.is_resting(good)
    assert good.failures_in_a_row == 0


def test_a_pause_the_platform_asks_for_holds_off_that_shop_alone(host):
    shop, neighbour = connect(host, 0), connect(host, 1)
    app = ApiApp.objects.get()
    host.control(
        "faults",
        {"kind": "rate_limit", "retry_after": 70, "shop_id": shop.remote_id},
    )

    with pytest.raises(RateLimited):
        search(shop)
    host.control("faults", method="DELETE")

    with pytest.raises(HeldBack) as caught:
        search(shop)
    assert caught.value.retry_after_seconds == pytest.approx(70, abs=5)
    assert ApiCall.objects.filter(shop=shop).count() == 1  # the second never left
    assert search(neighbour).orders
    clients.limiter(app, urgent=True).wait()  # nor is the app held off


def test_no_secret_and_no_buyer_is_kept_anywhere(host, caplog):
    """Everything that can go wrong goes wrong, then all tables and logs are read."""
    caplog.set_level(logging.DEBUG)
    shop = connect(host)
    app = ApiApp.objects.get()
    secrets = secrets_of(host, shop)
    page = search(shop)
    for fault in (
        {"kind": "error", "code": 105001, "message": f"bad {secrets[1]}"},
        {"kind": "error", "code": 21008111, "message": f"bad {secrets[-1]}"},
        {"kind": "cut"},
        {"kind": "drop"},
        {"kind": "status", "status": 502},
    ):
        host.control("faults", {"path": "/order", "count": 2, **fault})
        try:
            search(shop)
        except (PlatformError, ReconnectNeeded) as error:
            logging.getLogger("somebody").error("failed", exc_info=error)
        host.control("faults", method="DELETE")
        secrets += secrets_of(host, shop)
    host.control(
        "faults",
        {
            "kind": "error",
            "code": 36004001,
            "message": f"{consent_of(shop).refresh_token} {app.app_secret}",
            "path": REFRESH,
        },
    )
    with pytest.raises(ReconnectNeeded):
        refresh_now(consent_of(shop), by=Actor(process="test"))
    with pytest.raises(SystemExit):
        call_command("shop_status", "--json", stdout=(said := io.StringIO()))

    kept = dump() + caplog.text + said.getvalue()

    assert ApiCall.objects.count() > 8
    for secret in filter(None, secrets):
        assert secret not in kept
    for order in page.orders:
        buyer = order.buyer
        for value in (buyer.name, buyer.phone, buyer.address, order.buyer_message):
            assert not value or value not in kept


def secrets_of(host, shop) -> list[str]:
    row = consent_of(shop)
    issued = host.control("tokens")
    return [
        str(row.api_app.app_secret),
        str(row.access_token),
        str(row.refresh_token),
        str(row.previous_refresh_token),
        *(grant["access_token"] for grant in issued),
        *(grant["refresh_token"] for grant in issued),
        str(Credential.objects.get(shop=shop).shop_cipher),
    ]


def dump() -> str:
    """Every value of every table, as the database has it."""
    rows = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            for row in cursor.fetchall():
                rows += [
                    bytes(value).decode("latin1")
                    if isinstance(value, bytes | memoryview)
                    else str(value)
                    for value in row
                ]
    return "\n".join(rows)


def test_the_command_lists_every_shop_and_exits_by_the_worst(host, capsys):
    good, bad = connect(host, 0), connect(host, 1)

    call_command("shop_status")
    told = capsys.readouterr().out
    assert f"{good} " in told
    assert "Tokens fine" in told

    Authorization.objects.filter(credentials__shop=bad).update(
        state=Authorization.State.CONSENT_NEEDED
    )
    SyncRun.objects.create(
        shop=good,
        resource=Resource.ORDERS,
        trigger=SyncRun.Trigger.USER,
        state=SyncRun.State.DONE,
        started_at=timezone.now(),
    )
    with pytest.raises(SystemExit) as stopped:
        call_command("shop_status", "--json")
    assert stopped.value.code == 4
    *rows, summary = map(json.loads, capsys.readouterr().out.splitlines())
    assert summary == {"type": "summary", "shops": 2, "need_person": 1}
    by_shop = {row["shop"]: row for row in rows}
    assert by_shop[bad.pk]["needs_person"]
    assert by_shop[bad.pk]["tokens"] == "Reconnect soon"
    assert by_shop[good.pk]["last_result"] == "Done"

    call_command("shop_status", "--shop", str(good.pk))  # only what was asked for


def test_the_command_tells_orders_products_and_stock_apart(capsys):
    shop = make_shop()
    make_run(shop, started_at=timezone.now() - timedelta(hours=2))
    make_run(
        shop,
        resource=Resource.PRODUCTS,
        state=SyncRun.State.FAILED,
        first_error="No app may show products.",
    )
    make_run(shop, resource=Resource.STOCK, state=SyncRun.State.PARTLY)
    bare = make_shop()

    call_command("shop_status", "--json")
    *lines, _ = map(json.loads, capsys.readouterr().out.splitlines())
    rows = {row["shop"]: row for row in lines}
    said, never = rows[shop.pk], rows[bare.pk]
    assert (said["last_result"], said["last_error"]) == ("Done", "")
    assert said["last_products_result"] == "Failed"
    assert said["last_products_error"] == "No app may show products."
    assert said["last_sync_at"] < said["last_products_sync_at"]
    assert said["last_stock_result"] == "Done with failures"
    assert (never["last_stock_sync_at"], never["last_stock_result"]) == (None, "never")
    assert (never["last_sync_at"], never["last_products_sync_at"]) == (None, None)
    assert (never["last_result"], never["last_products_result"]) == ("never", "never")

    call_command("shop_status")
    table = capsys.readouterr().out
    assert re.search(r"Products +\| Stock +\| Open alerts$", table.splitlines()[0])
    at = SyncRun.objects.get(resource=Resource.PRODUCTS).started_at
    assert f"{at:%d %b %H:%M} UTC: Failed" in table


def test_the_command_has_nothing_to_say_without_shops(capsys):
    call_command("shop_status")

    assert capsys.readouterr().out == "No shop is connected yet.\n"


def test_refreshing_by_command_is_audited_as_such(host, capsys):
    shop = connect(host)

    call_command("refresh_tokens", "--all")

    assert "→" in capsys.readouterr().out
    assert AuditEntry.objects.latest("pk").actor_text == "refresh_tokens"
    assert consent_of(shop).generation == 2


def test_a_creators_consent_that_never_ends_is_fine(host):
    shop = connect(host)
    Authorization.objects.update(refresh_expires_at=NEVER)

    assert state_of(consent_of(shop)) is TokenState.ACTIVE
