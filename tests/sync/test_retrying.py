"""Only what a run could not take is asked for once more."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.integrations.contracts import CancellationPage, ReturnPage
from apps.integrations.errors import PlatformUnavailable
from apps.orders.models import Cancellation, Order, Package
from apps.products.models import Listing
from apps.sync.errors import NothingToRetry
from apps.sync.models import Resource, SyncIssue, SyncRun
from apps.sync.services import retrying
from apps.sync.services.retrying import count_failed, failed_ids, retry_failed
from apps.sync.tasks import retry_failed_items
from apps.users.models import AuditEntry
from apps.users.services.audit import By
from tests.factories.aftersales import make_remote_cancellation, make_remote_package
from tests.factories.platforms import make_shop
from tests.factories.sync import make_run
from tests.sync.fake_listings import FakeShelf, listing_at
from tests.sync.fakes import FakePlatform, make_remote_order
from tests.sync.queued import at_once

pytestmark = pytest.mark.django_db
BY = By(process="tests")


@pytest.fixture
def shop():
    return make_shop()


def failed_run(shop, resource, *ids, **fields):
    run = make_run(
        shop,
        resource=resource,
        state=SyncRun.State.PARTLY,
        failed=len(ids),
        first_error=f"{ids[0]}: no total",
        **fields,
    )
    for remote_id in ids:
        SyncIssue.objects.create(run=run, remote_id=remote_id, message="no total")
    return run


class Platform(FakePlatform):
    def get_cancellations(self, ids):
        rows = [each for each in self.cancellations if each.remote_id in ids]
        return CancellationPage(tuple(rows))

    def get_returns(self, ids):
        return ReturnPage(())


def remote(*ids):
    at = timezone.now() - timedelta(hours=1)
    return [make_remote_order(remote_id, at) for remote_id in ids]


def test_only_the_failed_orders_are_asked_for(shop):
    platform: Any = Platform(remote("580001", "580002", "580003"))
    run = failed_run(shop, Resource.ORDERS, "580001", "580002")

    done = retry_failed(run, BY, client=platform)

    assert (done.tried, done.taken) == (2, 2)
    assert set(Order.objects.values_list("remote_id", flat=True)) == {
        "580001",
        "580002",
    }
    run.refresh_from_db()
    assert (run.state, run.failed, run.first_error) == (SyncRun.State.DONE, 0, "")
    assert not run.issues.exists()
    entry = AuditEntry.objects.get(verb="tried failed items again")
    assert (entry.details["tried"], entry.details["taken"]) == (2, 2)


def test_what_fails_once_more_stays_with_todays_reason(shop):
    platform: Any = Platform(
        remote("580001", "580002"), unreadable=frozenset({"580002"})
    )
    run = failed_run(shop, Resource.ORDERS, "580001", "580002", "580009")

    done = retry_failed(run, BY, client=platform)

    assert done.taken == 1
    run.refresh_from_db()
    assert run.failed == 2
    assert run.state == SyncRun.State.PARTLY
    said = dict(run.issues.values_list("remote_id", "message"))
    assert said.keys() == {"580002", "580009"}
    assert said["580009"] == "TikTok has no such order in this shop."
    assert run.first_error.startswith("580002: ")


def test_other_resources_by_their_own_ids(shop):
    order = remote("580000000000000001")
    package = make_remote_package("11520001")
    wish = make_remote_cancellation("40350001")
    platform: Any = Platform(order, packages=[package], cancellations=[wish])

    for resource, remote_id, model in (
        (Resource.ORDERS, order[0].remote_id, Order),
        (Resource.PACKAGES, "11520001", Package),
        (Resource.CANCELLATIONS, "40350001", Cancellation),
    ):
        run = failed_run(shop, resource, remote_id)
        assert retry_failed(run, BY, client=platform).taken == 1
        assert model.objects.filter(remote_id=remote_id).exists()


def test_listings_are_read_whole(shop):
    platform: Any = FakeShelf.of(listing_at("172900001", timezone.now()))
    run = failed_run(shop, Resource.PRODUCTS, "172900001", "172900009")

    done = retry_failed(run, BY, client=platform)

    assert list(done.failing) == ["172900009"]
    assert Listing.objects.get().remote_id == "172900001"


def test_an_outage_leaves_what_was_not_reached(shop):
    platform: Any = Platform([])
    platform.order_details = lambda ids: (_ for _ in ()).throw(
        PlatformUnavailable("Away.")
    )
    run = failed_run(shop, Resource.ORDERS, "580001")

    with pytest.raises(PlatformUnavailable):
        retry_failed(run, BY, client=platform)

    assert failed_ids(run) == ["580001"]


def test_what_is_about_a_whole_period_cannot_be_asked_for(shop):
    run = make_run(shop, state=SyncRun.State.PARTLY, failed=1)
    SyncIssue.objects.create(run=run, message="TikTok counts 5, but shows 4.")
    platform: Any = Platform([])

    with pytest.raises(NothingToRetry, match="Retry the run instead"):
        retry_failed(run, BY, client=platform)


def test_many_are_asked_for_portion_by_portion_until_none_is_left(shop, monkeypatch):
    ids = [str(580_000 + number) for number in range(7)]
    platform: Any = Platform(remote(*ids), unreadable=frozenset(ids[:3]))
    run = failed_run(shop, Resource.ORDERS, *ids, ids[0])
    sent: list[Any] = []

    def later(args, **options):
        sent.append(options["queue"])
        at_once(retry_failed_items)(args)

    monkeypatch.setattr(retrying, "MOST", 3)
    monkeypatch.setattr(retrying, "client_for", lambda *args, **kwargs: platform)
    monkeypatch.setattr(retry_failed_items, "apply_async", later)
    assert count_failed(run) == 7

    retry_failed_items(run.pk, None, None)

    # The first portion is for whoever waits, the others for when there is time.
    assert sent == ["slow", "slow"]
    assert failed_ids(run) == ids[:3]
    assert set(Order.objects.values_list("remote_id", flat=True)) == set(ids[3:])
    tried = AuditEntry.objects.filter(verb="tried failed items again")
    assert [row.details["tried"] for row in tried.order_by("pk")] == [3, 3, 2]


def test_an_outage_ends_the_portions(shop, monkeypatch):
    def away(ids):
        raise PlatformUnavailable("Away.")

    platform: Any = Platform([])
    platform.order_details = away
    run = failed_run(shop, Resource.ORDERS, "1", "2", "3")
    sent: list[Any] = []
    monkeypatch.setattr(retrying, "MOST", 2)
    monkeypatch.setattr(retrying, "client_for", lambda *args, **kwargs: platform)
    monkeypatch.setattr(retry_failed_items, "apply_async", sent.append)

    retry_failed_items(run.pk, None, None)

    assert sent == []
    assert failed_ids(run) == ["1", "2", "3"]
