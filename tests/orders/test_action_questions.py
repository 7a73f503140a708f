"""Reasons and refunds come from the platform; what it does not say is told in words."""

import pytest
from django.core.cache import cache

from apps.integrations.contracts import Eligibility, RefundAmounts, RequestReason
from apps.integrations.errors import ScopeMissing
from apps.orders.models import Cancellation
from apps.orders.services import asking_platform
from apps.orders.services.actions import (
    reasons_for_cancel,
    reasons_for_return,
    refund_preview,
    reject_reasons,
)
from apps.orders.services.actions.words import reason_words
from apps.platforms.models import Shop
from tests.factories.orders import make_order
from tests.sync.order_shop import FakeOrderShop, no_answer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_is_remembered():
    cache.clear()


@pytest.fixture
def fake(monkeypatch):
    platform = FakeOrderShop()
    monkeypatch.setattr(asking_platform, "client_at_page", lambda *args: platform)
    return platform


def test_reasons_are_the_platforms_and_asked_for_once(fake):
    order = make_order()

    told = reasons_for_cancel(order)

    assert told.problem == ""
    assert [(each.name, each.text) for each in told.value] == [
        ("seller_cancel_reason_out_of_stock", "Out of stock"),
        ("seller_cancel_reason_wrong_price", "Wrong price"),
    ]
    assert reasons_for_cancel(order) == told
    assert len(fake.calls) == 1
    order.status = "awaiting_collection"  # other reasons hold then
    reasons_for_cancel(order)
    assert len(fake.calls) == 2


def test_what_cannot_be_asked_for_says_why(fake, monkeypatch):
    row = Eligibility(
        "REFUND", "1730", (), is_eligible=False, why_not="A refund is under way"
    )
    monkeypatch.setattr(fake, "eligibility", lambda order_id: [row])

    assert reasons_for_return(make_order(), "refund").problem == "A refund is under way"
    other = reasons_for_return(make_order(), "return_and_refund")
    assert "does not take this" in other.problem


def test_a_failure_is_told_and_not_remembered(fake):
    order = make_order()

    def hook(name, about):
        raise no_answer()

    fake.before = hook
    assert "took too long" in reasons_for_cancel(order).problem
    fake.before = lambda name, about: None
    assert reasons_for_cancel(order).value


def test_a_missing_permission_is_told_to_the_shop(fake):
    def hook(name, about):
        raise ScopeMissing("A permission is missing")

    fake.before = hook

    assert reasons_for_cancel(make_order()).problem == "A permission is missing"


def test_a_shop_that_is_not_connected_is_not_asked(fake):
    order = make_order()
    Shop.objects.update(state=Shop.State.PAUSED)
    order.shop.refresh_from_db()

    assert "is paused" in reasons_for_cancel(order).problem
    assert fake.calls == []


def test_refusals_and_refunds_are_asked_for(fake, monkeypatch):
    order = make_order()
    request = Cancellation.objects.create(
        shop=order.shop,
        order=order,
        order_remote_id=order.remote_id,
        remote_id="4035",
        status="pending",
        source="api",
    )
    assert reject_reasons(request).value == [
        RequestReason("reject_sent_already", "It is on its way")
    ]
    asked = []

    def preview(order_id, kind, reason, *, unit_ids=()):
        asked.append((order_id, kind, reason, tuple(unit_ids)))
        return RefundAmounts(currency="MYR")

    monkeypatch.setattr(fake, "refund_preview", preview, raising=False)
    for units in ((), ("1",), ("1",)):
        told = refund_preview(order, "CANCEL", "wrong_price", units)
        assert told.value == RefundAmounts(currency="MYR")
    assert asked == [
        (order.remote_id, "CANCEL", "wrong_price", ()),
        (order.remote_id, "CANCEL", "wrong_price", ("1",)),
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("seller_cancel_reason_out_of_stock", "Out of stock"),
        ("seller_cancel_paid_reason_address_not_deliver", "Address not deliver"),
        ("seller_cancel_unpaid_reason_wrong_price", "Wrong price"),
        ("package_lost", "Package lost"),
    ],
)
def test_a_reason_without_words_is_named_by_its_name(name, words):
    assert reason_words(name) == words
