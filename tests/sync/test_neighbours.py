"""One shop is refused for an hour, another's seller takes the access away: the others
do not notice."""

from collections.abc import Iterator

import pytest
from django.utils import timezone

from apps.alerts import tasks as alert_tasks
from apps.alerts.models import Alert, AlertCheck, Code
from apps.orders.models import Order
from apps.platforms.models import Shop
from apps.platforms.services import clients
from apps.sync import tasks
from apps.sync.models import Resource, SyncRun
from apps.sync.services.due import shops_due
from tests.factories.platforms import connect_simulator_shops

pytestmark = pytest.mark.django_db
HOUR_SECONDS = 3_600
SWEEPS = 8


@pytest.fixture
def shops(simulator) -> list[list[Shop]]:
    """Of each seller."""
    count = len(simulator.sellers())
    return [connect_simulator_shops(simulator, number) for number in range(count)]


@pytest.fixture(autouse=True)
def pauses_end_with_the_test(simulator) -> Iterator[None]:
    """The simulator's shops have the same IDs in the next one."""
    yield
    connection = clients._redis()
    if keys := connection.keys("limit:*"):
        connection.delete(*keys)


def pull_all(shops: list[Shop]) -> None:
    """As the workers do for a sweep; each shop is asked for by its own message."""
    for shop in shops:
        tasks.pull_orders(shop.pk, SyncRun.Trigger.USER)


def test_a_refused_shop_and_one_that_is_cut_off_leave_the_others_alone(
    simulator, shops
):
    sellers = simulator.sellers()
    cut_off, (refused, *rest), *others = sorted(shops, key=len)
    healthy = [*rest, *(shop for each in others for shop in each)]
    everybody = [*cut_off, refused, *healthy]
    assert len(healthy) >= 3
    seller = next(
        each["id"]
        for each in sellers
        if cut_off[0].remote_id in {shop["id"] for shop in each["shops"]}
    )
    simulator.control("tokens/deauthorise", {"seller_id": seller})
    fault = {"kind": "rate_limit", "shop_id": refused.remote_id}
    simulator.control("faults", fault | {"retry_after": HOUR_SECONDS})

    for _ in range(SWEEPS):
        pull_all(everybody)

    # The healthy have all of their orders, and none of their pulls failed.
    for shop in healthy:
        shop.refresh_from_db()
        listed = simulator.control(f"orders?shop_id={shop.remote_id}&limit=9999")
        assert Order.objects.filter(shop=shop).count() == len(listed) > 0
        runs = SyncRun.objects.filter(shop=shop)
        assert {run.state for run in runs} == {SyncRun.State.DONE}
        assert (runs.count(), shop.rested_until) == (SWEEPS, None)
    # Whom the platform has asked for a pause is not asked again and again.
    hits = simulator.control("faults")[0]["hits"]
    assert hits <= 2
    # Who was cut off is left alone, and people are told without waiting for a look.
    for shop in cut_off:
        shop.refresh_from_db()
        assert shop.state == Shop.State.RECONNECT_NEEDED
        assert SyncRun.objects.filter(shop=shop).count() <= 1
    due = {shop.pk for shop in shops_due(Resource.ORDERS, timezone.now())}
    assert not due & {shop.pk for shop in cut_off}
    AlertCheck.objects.create(pk=1, begun_at=timezone.now(), at=timezone.now())
    alert_tasks.tell_alerts()
    alert_tasks.tell_alerts()
    told = Alert.objects.filter(code=Code.RECONNECT)
    assert {alert.shop_id for alert in told} == {shop.pk for shop in cut_off}
    assert told.count() == len(cut_off)
