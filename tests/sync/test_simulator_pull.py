"""The pull against the running simulator, in good and in bad weather."""

from datetime import timedelta
from itertools import cycle

import pytest
from django.utils import timezone

from apps.integrations.errors import PlatformError, PlatformUnavailable
from apps.integrations.tiktok import retries
from apps.orders.models import Order
from apps.platforms.errors import ReconnectNeeded
from apps.platforms.models import Authorization, Shop
from apps.platforms.services.clients import TikTokTokens
from apps.platforms.services.tokens import refresh
from apps.sync.models import SyncCursor, SyncRun
from apps.sync.services.orders import pull_orders
from tests.factories.platforms import connect_simulator_shops
from tests.simulator_server import SimulatorServer

pytestmark = pytest.mark.django_db

SEARCH = "/order/202309/orders/search"


@pytest.fixture
def shop(simulator) -> Shop:
    return connect_simulator_shops(simulator, 0)[0]


@pytest.fixture
def hasty(monkeypatch):
    """Repeat without the long pauses."""
    whole = retries.RetryPolicy.pause_seconds

    def pause_seconds(self, error, repeat):
        pause = whole(self, error, repeat)
        return None if pause is None else 0.01

    monkeypatch.setattr(retries.RetryPolicy, "pause_seconds", pause_seconds)


def pull(shop: Shop, **options) -> SyncRun:
    return pull_orders(shop, trigger=SyncRun.Trigger.COMMAND, **options)


def listed(simulator: SimulatorServer, shop: Shop) -> dict[str, str]:
    """{order ID: status} as the simulator knows them, of the last 90 days."""
    since = (timezone.now() - timedelta(days=90)).timestamp()
    rows = simulator.control(f"orders?shop_id={shop.remote_id}&limit=99999")
    return {row["id"]: row["status"] for row in rows if row["update_time"] >= since}


def stored(shop: Shop) -> dict[str, str]:
    rows = Order.objects.filter(shop=shop)
    return dict(rows.values_list("remote_id", "status_text"))


def test_the_first_pull_brings_every_order_of_90_days_exactly_once(shop, simulator):
    run = pull(shop)

    assert stored(shop) == listed(simulator, shop)
    assert (run.state, run.failed) == (SyncRun.State.DONE, 0)
    assert run.new == run.read == run.expected == Order.objects.count() > 50


def test_what_moves_on_comes_with_the_next_pull_and_nothing_else_changes(
    shop, simulator
):
    early = simulator.control("orders", {"shop_id": shop.remote_id})
    pull(shop)
    untouched = dict(
        Order.objects.exclude(remote_id=early["id"]).values_list("pk", "modified_at")
    )
    late = simulator.control("orders", {"shop_id": shop.remote_id})
    simulator.control(f"orders/{early['id']}/cancel", {})

    run = pull(shop)

    assert (run.new, run.updated, run.failed) == (1, 1, 0)
    assert stored(shop) == listed(simulator, shop)
    assert stored(shop)[early["id"]] == "CANCELLED"
    assert stored(shop)[late["id"]] == "AWAITING_SHIPMENT"
    rows = Order.objects.exclude(remote_id__in=[early["id"], late["id"]])
    assert dict(rows.values_list("pk", "modified_at")) == untouched


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "rate_limit"},
        {"kind": "rate_limit", "retry_after": 0},
        {"kind": "status", "status": 500},
        {"kind": "error", "code": 36009003},
        {"kind": "drop"},
        {"kind": "cut"},
        {"kind": "delay", "seconds": 0.3},
    ],
    ids=lambda fault: "-".join(str(value) for value in fault.values()),
)
def test_trouble_that_passes_is_survived(shop, simulator, hasty, fault):
    simulator.control("faults", fault | {"path": SEARCH, "count": 2})

    run = pull(shop)

    assert run.state == SyncRun.State.DONE
    assert stored(shop) == listed(simulator, shop)


def test_trouble_now_and_then_is_survived(shop, simulator, hasty):
    kinds = cycle(("status", "drop", "rate_limit"))

    def trouble(*_: SyncRun) -> None:
        fault = {"kind": next(kinds), "path": SEARCH, "count": 2}
        simulator.control("faults", fault)

    trouble()
    run = pull(shop, on_page=trouble)

    assert run.pages > 3
    assert stored(shop) == listed(simulator, shop)


def test_trouble_that_stays_fails_the_run_in_words(shop, simulator, hasty):
    simulator.control("faults", {"kind": "status", "status": 503, "path": SEARCH})

    with pytest.raises(PlatformUnavailable):
        pull(shop)

    run = SyncRun.objects.get()
    assert run.state == SyncRun.State.FAILED
    assert "TikTok" in run.first_error
    assert not run.needs_person
    assert not Order.objects.exists()
    assert not SyncCursor.objects.exists()
    shop.refresh_from_db()
    assert shop.state == Shop.State.CONNECTED


def test_a_token_that_expires_in_mid_run_is_refreshed_once(shop, simulator):
    before = Authorization.objects.get()
    calls = 0

    def on_page(run: SyncRun) -> None:
        nonlocal calls
        calls += 1
        if calls == 4:
            simulator.control("tokens/expire", {})
            simulator.control("requests", method="DELETE")

    run = pull(shop, on_page=on_page)

    assert run.state == SyncRun.State.DONE
    assert stored(shop) == listed(simulator, shop)
    after = Authorization.objects.get()
    assert after.generation == before.generation + 1
    refreshes = simulator.control("requests?path=/api/v2/token/refresh")
    refused = simulator.control(f"requests?path={SEARCH}&refused=1")
    assert len(refreshes) == 1
    assert [row["code"] for row in refused] == [105002]


def test_a_token_replaced_by_another_process_is_read_not_refreshed(shop, simulator):
    """The other process' refresh ended ours; the row holds the new one."""
    row = Authorization.objects.select_related("api_app").get()
    calls = 0

    def on_page(run: SyncRun) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            refresh(row, TikTokTokens(row.api_app))
            simulator.control("requests", method="DELETE")

    run = pull(shop, on_page=on_page)

    assert run.state == SyncRun.State.DONE
    assert stored(shop) == listed(simulator, shop)
    assert simulator.control("requests?path=/api/v2/token/refresh") == []
    assert Authorization.objects.get().generation == row.generation + 1


def test_a_seller_who_removes_the_app_stops_all_their_shops(simulator):
    shops = connect_simulator_shops(simulator, 2)
    others = connect_simulator_shops(simulator, 3)
    for shop in (*shops, *others):
        pull(shop)
    count = Order.objects.count()
    authorization = shops[0].credentials.get().authorization
    seller_id = simulator.sellers()[2]["id"]
    simulator.control("tokens/deauthorise", {"seller_id": seller_id})

    with pytest.raises((ReconnectNeeded, PlatformError)):
        pull(shops[0])

    for shop in (*shops, *others):
        shop.refresh_from_db()
    assert {shop.state for shop in shops} == {Shop.State.RECONNECT_NEEDED}
    assert all(shop.state_reason for shop in shops)
    assert {shop.state for shop in others} == {Shop.State.CONNECTED}
    authorization.refresh_from_db()
    assert authorization.state == Authorization.State.CONSENT_NEEDED
    assert SyncRun.objects.filter(shop=shops[0])[0].needs_person
    assert Order.objects.count() == count


def test_a_missing_scope_needs_a_person(shop, simulator):
    app_key = simulator.apps()[0]["app_key"]
    simulator.control(f"apps/{app_key}", {"scopes": ["seller.authorization.info"]})

    with pytest.raises(PlatformError, match="105005"):
        pull(shop)

    assert SyncRun.objects.get().needs_person
    assert not Order.objects.exists()


def test_a_server_clock_ahead_of_ours_is_followed(shop, simulator):
    """TikTok refuses a timestamp that is minutes off; its own clock is then used."""
    simulator.control("clock", {"offset": 400})

    run = pull(shop)

    assert run.state == SyncRun.State.DONE
    assert Order.objects.count() > 50


def test_a_lower_rate_limit_of_the_platform_is_survived(shop, simulator):
    simulator.control("rate_limit", {"per_second": 10})

    run = pull(shop)

    assert run.state == SyncRun.State.DONE
    assert stored(shop) == listed(simulator, shop)
