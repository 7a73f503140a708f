"""Which shops' actions are worked on, and when."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.orders.models import OrderAction
from apps.orders.services.actions import Wish, ask
from apps.platforms.models import Shop
from apps.sync import tasks
from apps.sync.services import actions
from apps.sync.services.actions import shops_due
from apps.users.services.audit import By
from tests.factories.orders import make_order
from tests.factories.platforms import make_shop

pytestmark = pytest.mark.django_db


def with_something(shop, **changes):
    wish = Wish(make_order(shop), OrderAction.Kind.PULL)
    [action] = ask(shop, [wish], By()).actions
    OrderAction.objects.filter(pk=action.pk).update(**changes)
    return shop


def test_shops_with_something_due_are_woken(monkeypatch, django_assert_num_queries):
    now = timezone.now()
    due = [with_something(make_shop()) for _ in range(2)]
    with_something(make_shop(), due_at=now + timedelta(minutes=1))
    with_something(make_shop(), state="held")
    with_something(make_shop(), state="done")
    paused, resting = with_something(make_shop()), with_something(make_shop())
    Shop.objects.filter(pk=paused.pk).update(state=Shop.State.PAUSED)
    Shop.objects.filter(pk=resting.pk).update(rested_until=now + timedelta(hours=1))
    make_shop()
    with django_assert_num_queries(1):
        assert shops_due(timezone.now()) == due
    woken: list[int] = []
    monkeypatch.setattr(tasks.work_order_actions, "delay", woken.append)

    assert tasks.sweep_order_actions() == 2
    assert woken == [shop.pk for shop in due]


def test_what_a_lost_worker_left_is_due_at_once(monkeypatch):
    shop = with_something(
        make_shop(),
        state="sending",
        worker="elsewhere:1:abc",
        sent_at=timezone.now() - timedelta(minutes=6),
    )
    woken: list[int] = []
    monkeypatch.setattr(tasks.work_order_actions, "delay", woken.append)

    assert tasks.sweep_order_actions() == 1
    assert woken == [shop.pk]


def test_a_worker_leaves_shops_alone_that_rest_or_have_one(monkeypatch):
    shop, resting, paused, busy = (with_something(make_shop()) for _ in range(4))
    later = timezone.now() + timedelta(hours=1)
    Shop.objects.filter(pk=resting.pk).update(rested_until=later)
    Shop.objects.filter(pk=paused.pk).update(state=Shop.State.PAUSED)
    with_something(busy, state="sending", worker="x:1:y", sent_at=timezone.now())
    worked: list[tuple[Shop, int]] = []
    monkeypatch.setattr(
        actions, "work_actions", lambda shop, limit: worked.append((shop, limit))
    )

    for each in (shop, resting, paused, busy):
        tasks.work_order_actions(each.pk)
    tasks.work_order_actions(0)

    assert worked == [(shop, tasks.MOST_ACTIONS)]
    assert shops_due(timezone.now()) == [shop]
