"""What the demo's first client has to do about its orders."""

import pytest
from django.utils import timezone

from apps.backoffice.management.demo_orders import make_orders
from apps.imports.models import ImportRun
from apps.orders.admin.desk import TABS
from apps.orders.models import ActionRun, Order, OrderNote, Return, SavedView
from tests.factories.platforms import connect_simulator_shops

pytestmark = pytest.mark.django_db


def test_every_page_has_something_to_do_and_a_second_start_adds_nothing(
    simulator, company, superuser
):
    connect_simulator_shops(simulator, client=company)

    count = make_orders(company, superuser, simulator.url)

    assert count == Order.objects.count() == 10
    for name in (
        "viral",
        "cancel-requested",
        "package-problem",
        "returns",
        "conflicts",
        "sync-failed",
    ):
        _, question = TABS[name]
        assert Order.objects.filter(question(timezone.now())).exists(), name
    assert set(Return.objects.values_list("status", flat=True)) == {
        "pending",
        "buyer_shipped",
    }
    assert Order.objects.get(priority="viral").status == "partly_shipped"
    assert ImportRun.objects.get().state == ImportRun.State.DONE
    assert ActionRun.objects.get().state == ActionRun.State.DONE
    assert OrderNote.objects.get().user == superuser
    assert SavedView.objects.get().user == superuser

    assert make_orders(company, superuser, simulator.url) == 0
    assert Order.objects.count() == 10
