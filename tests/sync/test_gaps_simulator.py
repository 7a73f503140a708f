"""Recounts against the running simulator: nothing is taken for a gap that is none, and
what is damaged here comes back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.orders.models import Order, OrderLine
from apps.platforms.models import Shop
from apps.sync.models import SyncGap, SyncGapOrder, SyncRun
from apps.sync.services.gaps.recount import recount
from apps.sync.services.orders import pull_orders
from tests.factories.platforms import connect_simulator_shops

pytestmark = pytest.mark.django_db

Kind = SyncGapOrder.Kind


@pytest.fixture
def shop(simulator) -> Shop:
    shop = connect_simulator_shops(simulator, 0)[0]
    pull_orders(shop, trigger=SyncRun.Trigger.COMMAND)
    return shop


def count(shop: Shop) -> SyncRun:
    """Of the last 60 days; before them, some may have changed too long ago."""
    since = timezone.now() - timedelta(days=60)
    return recount(shop, trigger=SyncRun.Trigger.COMMAND, since=since)


def shown(shop: Shop) -> list[tuple[object, ...]]:
    rows = Order.objects.filter(shop=shop).with_units().order_by("remote_id")
    return [(row.remote_id, row.status, row.total_amount, row.units) for row in rows]


def test_what_was_pulled_agrees_and_what_is_damaged_comes_back(shop, simulator):
    run = count(shop)
    assert list(SyncGap.objects.all()) == []
    assert run.same == run.read > 30
    before = shown(shop)

    recent = Order.objects.filter(
        placed_at__gte=timezone.now() - timedelta(days=59), returns=None
    ).exclude(total_amount=0)
    gone, short, dear = recent.order_by("-placed_at")[:3]
    OrderLine.objects.filter(order__in=[gone, short]).delete()
    gone.events.all().delete()
    Order.objects.filter(pk=gone.pk).delete()
    Order.objects.filter(pk=dear.pk).update(total_amount=1)

    run = count(shop)

    assert shown(shop) == before
    found = set(SyncGapOrder.objects.values_list("remote_id", "kind"))
    assert {
        (gone.remote_id, Kind.MISSING),
        (short.remote_id, Kind.UNITS),
        (dear.remote_id, Kind.MONEY),
    } == found
    assert not SyncGap.objects.open().exists()
    assert (run.new, run.failed) == (1, 0)
