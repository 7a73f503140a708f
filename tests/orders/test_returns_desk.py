"""The desks of returns and cancellations: what to answer, by when."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.integrations.contracts import RequestRecord
from apps.inventory.models import Booking
from apps.orders.models import ActionRun, Cancellation, OrderAction, Return
from apps.sync import tasks
from tests.factories.inventory import receive
from tests.factories.orders import make_order
from tests.factories.platforms import make_shop
from tests.factories.products import make_variant
from tests.factories.users import make_client
from tests.orders.order_pages import (
    MOMENT,
    connected,
    notices,
    page_of,
    signed_in,
    words,
)
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

RETURNS = "/admin/orders/return/"
CANCELLATIONS = "/admin/orders/cancellation/"
HOUR = timedelta(hours=1)


@pytest.fixture
def shop():
    return make_shop(name="Main Store")


@pytest.fixture
def woken(monkeypatch):
    """Keys of the shops whose actions a worker was woken for."""
    found: list[int] = []
    monkeypatch.setattr(tasks.work_order_actions, "delay", found.append)
    return found


def make_return(shop, number=1, *, known=True, **changes):
    order = make_order(shop) if known else None
    values = {
        "remote_id": f"403600000000000{number:04}",
        "order_remote_id": order.remote_id if order else "580000000000000999",
        "kind": Return.Kind.REFUND,
        "status": Return.Status.PENDING,
        "next_action": "SELLER_RESPOND_REFUND",
        "respond_by_at": timezone.now() + timedelta(hours=5),
        "currency": "MYR",
        "refund_amount": Decimal("18.9"),
        "reason_text": "Arrived too late",
        "source": "api",
        "remote_created_at": timezone.now(),
    }
    return Return.objects.create(shop=shop, order=order, **values | changes)


def make_cancellation(shop, number=1, **changes):
    order = make_order(shop, is_cancel_requested=True)
    values = {
        "remote_id": f"403500000000000{number:04}",
        "order_remote_id": order.remote_id,
        "status": Cancellation.Status.PENDING,
        "needs_answer": True,
        "next_action": "SELLER_RESPOND_CANCEL",
        "respond_by_at": timezone.now() - timedelta(hours=2),
        "currency": "MYR",
        "refund_amount": Decimal(20),
        "source": "api",
    }
    return Cancellation.objects.create(shop=shop, order=order, **values | changes)


def shown(page):
    return [row.remote_id for row in page.context["cl"].result_list]


def test_what_must_be_answered_first_stands_first(shop):
    late = make_return(shop, 1, respond_by_at=timezone.now() - timedelta(hours=1))
    later = make_return(shop, 2, respond_by_at=timezone.now() + timedelta(days=2))
    soon = make_return(shop, 3)
    done = make_return(shop, 4, next_action="", status=Return.Status.COMPLETE)
    coming = make_return(
        shop,
        5,
        next_action="",
        status=Return.Status.BUYER_SHIPPED,
        kind=Return.Kind.RETURN_AND_REFUND,
    )
    browser = signed_in(shop)

    page = browser.get(RETURNS)

    assert shown(page) == [row.remote_id for row in (late, soon, later)]
    said = words(page)
    for text in (
        "To answer 3",
        "On their way back 1",
        "All 5",
        "60 min late",
        "MYR 18.90",
    ):
        assert text in said.replace("1 h late", "60 min late"), text
    assert shown(browser.get(f"{RETURNS}?tab=coming")) == [coming.remote_id]
    assert shown(browser.get(f"{RETURNS}?q={done.remote_id}")) == [done.remote_id]
    refunds = browser.get(f"{RETURNS}?tab=all&kind=return_and_refund")
    assert shown(refunds) == [coming.remote_id]
    assert f'href="{page_of(soon.order)}#return-{soon.pk}"' in page.content.decode()


def test_goods_that_are_expected_are_to_be_inspected(shop):
    accepted = {"next_action": "", "status": Return.Status.SUCCESS}
    here = make_return(shop, 1, kind=Return.Kind.RETURN_AND_REFUND, **accepted)
    make_return(shop, 2, kind=Return.Kind.RETURN_AND_REFUND, **accepted)
    variant = make_variant(client=shop.client)
    receive(variant, 1)
    Booking.objects.create(
        level=variant.stock_levels.get(),
        shop=shop,
        sold=variant,
        cause_kind=Booking.Kind.ORDER,
        cause_id=here.order_id,
        expected_back=1,
        occurred_at=timezone.now(),
        claimed_at=timezone.now(),
    )

    page = signed_in(shop).get(f"{RETURNS}?tab=inspect")

    assert shown(page) == [here.remote_id]


def test_many_are_agreed_to_once_and_what_does_not_fit_is_left_out(shop, woken):
    refund, goods = (
        make_return(shop, 1),
        make_return(
            shop,
            2,
            kind=Return.Kind.RETURN_AND_REFUND,
            next_action="SELLER_RESPOND_RETURN",
        ),
    )
    make_return(shop, 3, known=False)
    browser = signed_in(shop)
    address = reverse("admin:orders_return_bulk") + "?deed=agree&all=1"

    asked = browser.get(address)
    said = words(asked)
    assert "Agree as asked: 2 returns" in said
    assert "Its order has not been pulled yet." in said
    assert not OrderAction.objects.exists()
    mark, key = asked.context["mark"], asked.context["key"]

    answer = browser.post(address, {"mark": mark, "key": key})
    run = ActionRun.objects.get()
    assert answer["Location"] == reverse("admin:orders_actionrun_change", args=[run.pk])
    decisions = {a.order_return_id: a.details["decision"] for a in run.actions.all()}
    assert decisions == {refund.pk: "APPROVE_REFUND", goods.pk: "APPROVE_RETURN"}

    browser.post(address, {"mark": mark, "key": key})
    assert OrderAction.objects.count() == 2


def test_what_changed_meanwhile_is_asked_about_again(shop, woken):
    row = make_return(shop)
    browser = signed_in(shop)
    address = reverse("admin:orders_return_bulk") + f"?deed=agree&pk={row.pk}"
    asked = browser.get(address)
    Return.objects.update(refund_amount=900)

    answer = browser.post(address, {"mark": asked.context["mark"], "key": "k"})

    assert "They have changed by now." in notices(answer)[0]
    assert "MYR 900.00" in words(answer)
    assert not OrderAction.objects.exists()


def test_wishes_to_cancel_are_agreed_to_in_bulk(shop, woken):
    one, two = make_cancellation(shop, 1), make_cancellation(shop, 2)
    make_cancellation(shop, 3, status=Cancellation.Status.SUCCESS, needs_answer=False)
    browser = signed_in(shop)

    page = browser.get(CANCELLATIONS)
    assert sorted(shown(page)) == [one.remote_id, two.remote_id]
    assert "2 h late" in words(page)

    address = reverse("admin:orders_cancellation_bulk") + "?deed=agree&all=1"
    asked = browser.get(address)
    assert "It cannot be undone." in words(asked)
    browser.post(address, {"mark": asked.context["mark"], "key": "k1"})

    kinds = set(OrderAction.objects.values_list("kind", "cancellation"))
    assert kinds == {("approve_cancel", one.pk), ("approve_cancel", two.pk)}


def test_a_return_of_an_unknown_order_has_a_page_and_its_story_on_demand(
    shop, monkeypatch
):
    fake = connected(monkeypatch)
    fake.story = [
        RequestRecord("ASKED", "BUYER", "Asked for a refund", "Blue, not red", MOMENT),
        RequestRecord(
            "SEEN", "SELLER", "Looked at it", "", MOMENT + timedelta(hours=1)
        ),
    ]
    row = make_return(shop, known=False)
    browser = signed_in(shop)
    address = reverse("admin:orders_return_change", args=[row.pk])

    first = words(browser.get(address))
    assert "has not been pulled yet" in first
    assert "Asked for a refund" not in first
    assert fake.calls == []

    story = words(browser.get(f"{address}?story=1"))
    assert story.index("Looked at it") < story.index("Asked for a refund")
    assert "Blue, not red" in story
    reader = signed_in(shop, "view_analytics")
    assert "Blue, not red" not in words(reader.get(f"{address}?story=1"))
    assert len(fake.calls) == 1


def test_who_only_looks_ticks_nothing_and_strangers_see_nothing(shop):
    row = make_return(shop)
    make_cancellation(shop)
    reader = signed_in(shop, "view_analytics")
    stranger = signed_in(make_shop(make_client("Other")))

    page = reader.get(RETURNS)
    assert shown(page) == [row.remote_id]
    assert 'name="pk"' not in page.content.decode()
    for name in ("return", "cancellation"):
        bulk = reverse(f"admin:orders_{name}_bulk") + "?deed=agree&all=1"
        assert reader.get(bulk).status_code == 403
        assert "This can be done to none" in words(stranger.get(bulk))
    assert shown(stranger.get(RETURNS)) == shown(stranger.get(CANCELLATIONS)) == []
    foreign = reverse("admin:orders_return_change", args=[row.pk])
    missing = reverse("admin:orders_return_change", args=[row.pk + 1000])
    assert stranger.get(foreign).status_code == stranger.get(missing).status_code == 302


def test_what_the_filters_do_not_know_is_dropped_with_a_notice(shop):
    make_return(shop)

    page = signed_in(shop).get(f"{RETURNS}?tab=nonsense&kind=x&refund_amount__gt=1")

    assert len(shown(page)) == 1
    said = notices(page)
    assert any(text.startswith("Tab: ignored") for text in said)
    assert any(text.startswith("Kind: ignored") for text in said)


def test_ten_rows_and_a_hundred_cost_the_same(shop, woken):
    browser = signed_in(shop)
    bulk = reverse("admin:orders_return_bulk") + "?deed=agree&all=1"

    def cost():
        with statements() as asked:
            for address in (RETURNS, CANCELLATIONS, bulk):
                assert browser.get(address).status_code == 200
        return len(asked)

    for number in range(2):
        make_return(shop, number)
        make_cancellation(shop, number)
    cost()  # the session is written once
    few = cost()
    for number in range(2, 40):
        make_return(shop, number)
        make_cancellation(shop, number)

    assert cost() == few
