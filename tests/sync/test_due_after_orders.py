"""Packages, cancellations and returns in the schedule: after the orders, and not over
and over where nobody permits them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from apps.platforms.errors import ShopRefuses
from apps.platforms.models import Authorization, Shop
from apps.sync import tasks
from apps.sync.models import Resource, SyncCursor, SyncRun, SyncSchedule
from apps.sync.services.due import is_due, next_pull, shops_due
from apps.sync.services.first_pull import latest_since_linked
from apps.sync.start import may_start, start_pull
from apps.users.models import AuditEntry
from tests.factories.platforms import make_authorization, make_shop
from tests.factories.sync import make_run
from tests.factories.users import make_user
from tests.sync.queued import noted

pytestmark = pytest.mark.django_db

State, Trigger, Basis = SyncRun.State, SyncRun.Trigger, SyncRun.Basis
OF_ORDERS = (Resource.PACKAGES, Resource.CANCELLATIONS, Resource.RETURNS)
each_resource = pytest.mark.parametrize("resource", OF_ORDERS)
SWEEPS = {
    Resource.PACKAGES: (tasks.sweep_packages, tasks.pull_packages),
    Resource.CANCELLATIONS: (tasks.sweep_cancellations, tasks.pull_cancellations),
    Resource.RETURNS: (tasks.sweep_returns, tasks.pull_returns),
}


def ago(**parts: float) -> datetime:
    return timezone.now() - timedelta(**parts)


@pytest.fixture
def shop() -> Shop:
    """One whose orders are here."""
    shop = make_shop()
    SyncCursor.objects.create(
        shop=shop, resource=Resource.ORDERS, position=ago(hours=1)
    )
    return shop


@pytest.fixture
def queued(monkeypatch) -> list[tuple[Any, ...]]:
    sent: list[tuple[Any, ...]] = []
    pulls = (*(pull for _, pull in SWEEPS.values()), tasks.pull_orders)
    for task in (*pulls, tasks.pull_placed_orders):
        name = task.name.rpartition(".")[2]
        for sender, send in noted(sent, name).items():
            monkeypatch.setattr(task, sender, send)
    return sent


@each_resource
def test_the_sweep_wakes_the_shops_whose_orders_are_here(shop, queued, resource):
    make_shop()  # its orders have never been pulled
    sweep, _ = SWEEPS[resource]

    assert sweep() == 1
    assert queued == [(f"pull_{resource.value}", shop.pk, "schedule")]

    make_run(shop, resource=resource, started_at=ago(minutes=14))
    assert sweep() == 0
    SyncRun.objects.update(started_at=ago(minutes=16))
    assert sweep() == 1


@each_resource
def test_while_a_new_shop_fills_nothing_else_is_asked_of_it(shop, resource):
    first = make_run(shop, state=State.RUNNING, trigger=Trigger.CONNECT, ended_at=None)
    assert shops_due(resource, timezone.now()) == []
    assert next_pull(shop, resource, timezone.now()) is None

    SyncRun.objects.filter(pk=first.pk).update(state=State.DONE)

    assert shops_due(resource, timezone.now()) == [shop]


@each_resource
def test_a_missing_permission_is_asked_for_seldom_and_again_once_connected(
    shop, resource
):
    consent = make_authorization(shops=[shop])
    make_run(
        shop,
        resource=resource,
        state=State.FAILED,
        needs_person=True,
        started_at=ago(hours=5),
    )
    assert not is_due(shop, resource, timezone.now())
    again = next_pull(shop, resource, timezone.now())
    assert again is not None
    assert again > timezone.now()

    Authorization.objects.filter(pk=consent.pk).update(connected_at=ago(minutes=1))
    assert is_due(shop, resource, timezone.now())

    Authorization.objects.filter(pk=consent.pk).update(connected_at=ago(days=9))
    SyncRun.objects.update(started_at=ago(hours=6, minutes=1))
    assert is_due(shop, resource, timezone.now())


def test_another_failure_is_tried_again_soon(shop):
    make_run(
        shop,
        resource=Resource.RETURNS,
        state=State.FAILED,
        started_at=ago(minutes=2.1),
    )

    assert is_due(shop, Resource.RETURNS, timezone.now())


@each_resource
def test_what_is_due_is_found_in_one_query(shop, resource, django_assert_num_queries):
    for _ in range(4):
        other = make_shop()
        SyncCursor.objects.create(
            shop=other, resource=Resource.ORDERS, position=ago(hours=1)
        )
        SyncSchedule.objects.create(shop=other, resource=resource, minutes=5)
        make_run(other, resource=resource, started_at=ago(minutes=6))

    with django_assert_num_queries(1):
        assert len(shops_due(resource, timezone.now())) == 5


@each_resource
def test_the_task_leaves_a_record_also_where_nobody_permits_it(shop, resource):
    make_authorization(shops=[shop], scopes=["seller.order.info"])
    _, pull = SWEEPS[resource]

    for _ in range(2):
        pull(shop.pk, "schedule")

    run = SyncRun.objects.get(resource=resource)
    assert (run.state, run.needs_person) == (State.FAILED, True)
    shop.refresh_from_db()
    assert shop.state == Shop.State.CONNECTED


def test_a_long_comparison_by_placing_does_not_pass_for_the_news(shop):
    make_run(shop, started_at=ago(minutes=16))
    make_run(shop, basis=Basis.PLACED, state=State.RUNNING, ended_at=None)

    assert is_due(shop, Resource.ORDERS, timezone.now())
    latest = latest_since_linked(shop, Resource.ORDERS)
    assert latest is not None
    assert latest.basis == Basis.CHANGED


def test_a_person_may_have_orders_compared_by_placing(shop, queued):
    user = make_user(is_superuser=True)
    since, until = ago(days=400), ago(days=300)

    start_pull(shop, actor=user, since=since, until=until, basis=Basis.PLACED)
    start_pull(shop, actor=user, basis=Basis.PLACED)

    ends = (since.isoformat(), until.isoformat())
    assert queued == [
        ("pull_placed_orders", shop.pk, "user", *ends),
        ("pull_placed_orders", shop.pk, "user"),
    ]
    details = [entry.details for entry in AuditEntry.objects.order_by("pk")]
    assert details == [{"period": list(ends), "basis": "placed"}, {"basis": "placed"}]
    running = make_run(shop, basis=Basis.PLACED, state=State.RUNNING, ended_at=None)
    assert start_pull(shop, actor=user, basis=Basis.PLACED) == running
    assert start_pull(shop, actor=user) is None
    with pytest.raises(ShopRefuses, match="Only orders"):
        start_pull(shop, Resource.RETURNS, actor=user, basis=Basis.PLACED)


@each_resource
def test_a_person_may_have_them_pulled_now(shop, queued, resource, monkeypatch):
    user = make_user(is_superuser=True)
    assert may_start(user, shop, resource)
    assert not may_start(make_user(), shop, resource)

    assert start_pull(shop, resource, actor=user) is None
    assert queued == [(f"pull_{resource.value}", shop.pk, "user")]

    def away(*args: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(SWEEPS[resource][1], "delay", away)
    command = "sync_packages" if resource == Resource.PACKAGES else "sync_returns"
    with pytest.raises(ShopRefuses, match=command):
        start_pull(shop, resource, actor=user)


def test_their_schedules_are_set_where_the_others_are(shop):
    browser = Browser()
    browser.force_login(make_user(is_superuser=True, is_staff=True))
    page = reverse("admin:platforms_shop_change", args=[shop.pk]) + "?tab=settings"
    shown = browser.get(page).content.decode()
    sent: dict[str, object] = {}
    for resource in Resource:
        minutes = 45 if resource in OF_ORDERS else resource.default_minutes
        assert f'name="{resource.value}-minutes"' in shown
        sent |= {f"{resource.value}-minutes": minutes, f"{resource.value}-is_on": "on"}

    browser.post(reverse("admin:platforms_shop_act", args=[shop.pk, "intervals"]), sent)

    rows = SyncSchedule.objects.filter(shop=shop).values_list("resource", "minutes")
    assert dict(rows) == {resource.value: 45 for resource in OF_ORDERS}
    make_run(shop, basis=Basis.PLACED)
    listed = browser.get(reverse("admin:sync_syncrun_changelist"), {"basis": "placed"})
    assert "Orders, by placing" in listed.content.decode()
