"""What staff do to a shop: main one, pause, disconnect, settings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from apps.integrations.contracts import OrderPage
from apps.platforms.errors import ReconnectNeeded, ShopRefuses
from apps.platforms.models import Authorization, Credential, Shop
from apps.platforms.services import clients, shops
from apps.sync.models import Resource, SyncRun
from apps.sync.services.due import shops_due
from apps.sync.services.orders import pull_orders
from apps.users.models import AuditEntry
from tests.factories.orders import make_order
from tests.factories.platforms import ACCESS_TOKEN, make_authorization, make_shop
from tests.factories.sync import make_run
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db


def defaults_of(client):
    return list(Shop.objects.filter(client=client, is_default=True))


def test_the_first_linked_shop_becomes_the_default():
    client = make_client()
    first, _ = make_shop(client), make_shop(client)

    shops.ensure_default(client)
    shops.ensure_default(client)

    assert defaults_of(client) == [first]


def test_a_client_without_shops_has_no_default():
    assert shops.ensure_default(make_client()) is None


def test_moving_the_default_leaves_exactly_one_and_is_audited():
    client, actor = make_client(), make_user()
    first, second = make_shop(client), make_shop(client)
    other = make_shop()
    shops.ensure_default(client)
    shops.ensure_default(other.client)

    shops.set_default(second, actor=actor, address="192.0.2.7")

    assert defaults_of(client) == [second]
    assert defaults_of(other.client) == [other]
    entry = AuditEntry.objects.get(actor=actor)
    assert (entry.verb, entry.target_id) == ("made default", str(second.pk))
    assert entry.client == client
    assert entry.address == "192.0.2.7"
    assert entry.details == {"instead_of": str(first)}


def test_making_the_default_the_default_changes_nothing():
    shop = make_shop()
    shops.set_default(shop)

    shops.set_default(shop)

    assert AuditEntry.objects.count() == 1


def test_a_disconnected_shop_cannot_become_the_default():
    client = make_client()
    first = make_shop(client)
    gone = make_shop(client, state=Shop.State.DISCONNECTED)
    shops.ensure_default(client)

    with pytest.raises(ShopRefuses, match="Reconnect it first"):
        shops.set_default(gone)

    assert defaults_of(client) == [first]


def test_the_database_refuses_a_second_default():
    client = make_client()
    make_shop(client, is_default=True)

    with pytest.raises(IntegrityError), transaction.atomic():
        make_shop(client, is_default=True)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite lets one writer in at a time"
)
def test_two_people_moving_the_default_at_once_leave_one():
    client = make_client()
    one, two = make_shop(client), make_shop(client)
    make_shop(client, is_default=True)
    barrier = Barrier(2)

    def move(shop):
        barrier.wait()
        shops.set_default(shop)
        connection.close()

    threads = [Thread(target=move, args=[shop]) for shop in (one, two)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(defaults_of(client)) == 1
    assert AuditEntry.objects.filter(verb="made default").count() == 2


def test_a_paused_shop_is_not_pulled_until_it_is_resumed():
    shop, now = make_shop(), timezone.now()

    shops.pause(shop)
    assert shops_due(Resource.ORDERS, now) == []

    shops.resume(shop)
    assert shops_due(Resource.ORDERS, now) == [shop]
    assert list(AuditEntry.objects.values_list("verb", flat=True)) == [
        "resumed",
        "paused",
    ]


@pytest.mark.parametrize(
    "state", ["paused", "reconnect_needed", "disconnected"], ids=str
)
def test_only_a_connected_shop_can_be_paused(state):
    shop = make_shop(state=state)

    with pytest.raises(ShopRefuses, match="only a connected shop"):
        shops.pause(shop)

    shop.refresh_from_db()
    assert shop.state == state
    assert not AuditEntry.objects.exists()


def test_resuming_a_shop_whose_consent_went_says_so():
    shop = make_shop(state=Shop.State.PAUSED)
    make_authorization(
        shops=[shop],
        state=Authorization.State.CONSENT_NEEDED,
        last_error="The seller took it back.",
    )

    shop = shops.resume(shop)

    assert shop.state == Shop.State.RECONNECT_NEEDED
    assert shop.state_reason == "The seller took it back."


def test_disconnecting_wants_the_typed_name():
    shop = make_shop(name="Main Store")
    consent = make_authorization(shops=[shop])

    with pytest.raises(ShopRefuses, match="Type the shop's name, “Main Store”"):
        shops.disconnect(shop, "main store")

    shop.refresh_from_db()
    consent.refresh_from_db()
    assert shop.state == Shop.State.CONNECTED
    assert consent.access_token == ACCESS_TOKEN
    assert not AuditEntry.objects.exists()


def test_disconnecting_wipes_the_tokens_and_keeps_the_history():
    shop, actor = make_shop(name="Main Store"), make_user()
    consent = make_authorization(shops=[shop])
    order, run = make_order(shop), make_run(shop)

    shops.disconnect(shop, " Main Store ", actor=actor)

    shop.refresh_from_db()
    consent.refresh_from_db()
    assert shop.state == Shop.State.DISCONNECTED
    assert "Disconnected on" in shop.state_reason
    assert (consent.access_token, consent.refresh_token) == ("", "")
    assert consent.previous_refresh_token == ""
    assert consent.state == Authorization.State.REVOKED
    assert {c.shop_cipher for c in Credential.objects.filter(shop=shop)} <= {""}
    assert list(shop.orders.all()) == [order]
    assert list(SyncRun.objects.filter(shop=shop)) == [run]
    assert shops_due(Resource.ORDERS, timezone.now() + timedelta(days=1)) == []
    with pytest.raises(ReconnectNeeded):
        clients.client_for(shop)
    assert AuditEntry.objects.filter(verb="disconnected", actor=actor).count() == 1


def test_disconnecting_twice_is_noted_once():
    shop = make_shop()
    make_authorization(shops=[shop])

    for _ in range(2):
        shops.disconnect(shop, shop.name)

    assert AuditEntry.objects.filter(verb="disconnected").count() == 1


def test_a_consent_that_opens_another_shop_outlives_a_disconnection():
    one, two = make_shop(), make_shop()
    consent = make_authorization(shops=[one, two])

    shops.disconnect(one, one.name)

    consent.refresh_from_db()
    assert consent.state == Authorization.State.ACTIVE
    assert consent.access_token
    assert not Credential.objects.filter(shop=one).exists()
    assert Credential.objects.get(shop=two).shop_cipher

    shops.disconnect(two, two.name)

    consent.refresh_from_db()
    assert consent.access_token == ""


def test_settings_write_what_differs_and_say_so():
    shop, actor = make_shop(name="Shop 1"), make_user()

    changed = shops.save_settings(
        shop,
        {"name": "Main Store - US", "rating": None, "follower_count": 12_500},
        actor=actor,
    )

    shop.refresh_from_db()
    assert changed == ["name", "follower_count"]
    assert (shop.name, shop.follower_count) == ("Main Store - US", 12_500)
    assert shop.figures_at is not None
    assert AuditEntry.objects.get().details == {
        "changes": {
            "name": ["Shop 1", "Main Store - US"],
            "follower_count": [None, 12_500],
        }
    }


def test_settings_that_do_not_differ_are_not_noted():
    shop = make_shop(name="Main Store")

    assert shops.save_settings(shop, {"name": "Main Store"}) == []

    assert not AuditEntry.objects.exists()


def test_a_disconnected_shop_keeps_its_settings():
    shop = make_shop(name="Old", state=Shop.State.DISCONNECTED)

    with pytest.raises(ShopRefuses, match="can only be read"):
        shops.save_settings(shop, {"name": "New"})

    shop.refresh_from_db()
    assert shop.name == "Old"


def test_a_shop_that_changes_hands_leaves_each_client_one_default():
    old, new = make_client(), make_client()
    moved, left = make_shop(old), make_shop(old)
    shops.ensure_default(old)

    shops.save_settings(moved, {"client": new})

    assert defaults_of(old) == [left]
    assert defaults_of(new) == [moved]


def test_a_newcomer_does_not_take_the_default_from_its_new_client():
    old, new = make_client(), make_client()
    moved, there = make_shop(old), make_shop(new)
    for client in (old, new):
        shops.ensure_default(client)

    shops.save_settings(moved, {"client": new})

    assert defaults_of(old) == []
    assert defaults_of(new) == [there]


@dataclass
class _Platform:
    """Answers page after page; somebody acts while the second is on its way."""

    meanwhile: Callable[[], object]
    pages: int = 0

    def count_orders(self, since, until):
        return None

    def search_orders(self, since, until, *, page_token=""):
        self.pages += 1
        if self.pages == 2:
            self.meanwhile()
        return OrderPage((), next_page_token="more", total_count=None)


@pytest.mark.parametrize("deed", [shops.pause, lambda s: shops.disconnect(s, s.name)])
def test_a_pull_under_way_stops_with_its_shop(deed):
    shop = make_shop()
    make_authorization(shops=[shop])
    platform: Any = _Platform(meanwhile=lambda: deed(shop))

    with pytest.raises(ShopRefuses, match="the pull stopped"):
        pull_orders(shop, trigger=SyncRun.Trigger.USER, client=platform)

    assert platform.pages == 2
    run = SyncRun.objects.get()
    assert run.state == SyncRun.State.FAILED
    assert "the pull stopped" in run.first_error
    assert run.pages == 1
