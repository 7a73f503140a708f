"""When what creators sold is asked for, and what becomes of trouble."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.content.models import AffiliateOrder
from apps.integrations.contracts.affiliate import AffiliatePage, CreatorProfile
from apps.integrations.errors import (
    ConsentNeeded,
    PlatformUnavailable,
    RequestRefused,
    ScopeMissing,
)
from apps.platforms.models import ApiApp, Authorization, Shop, ShopFeature
from apps.platforms.services.scopes import AFFILIATE
from apps.sync import tasks
from apps.sync.errors import AlreadyRunning
from apps.sync.models import CreatorRun, Resource, SyncCursor, SyncRun
from apps.sync.services.affiliate import pull_affiliate
from apps.sync.services.creators import accounts_due, pull_creator
from apps.sync.services.due import shops_due
from tests.factories.content import make_creator_account, make_remote_sku
from tests.factories.platforms import (
    make_api_app,
    make_authorization,
    make_credential,
    make_shop,
)
from tests.factories.sync import make_run

pytestmark = pytest.mark.django_db
COMMAND = SyncRun.Trigger.COMMAND


@dataclass
class FakePlatform:
    """Gives pages in their turn, whatever is asked; the rest is empty."""

    pages: list[Any] = field(default_factory=list)
    asked: list[tuple[Any, Any]] = field(default_factory=list)

    def search_affiliate_orders(self, since, until, *, page_token=""):
        self.asked.append((since, until))
        page = self.pages.pop(0) if self.pages else AffiliatePage(())
        if isinstance(page, Exception):
            raise page
        return page

    search_creator_orders = search_affiliate_orders

    def creator_profile(self):
        return CreatorProfile(username="Rumah.Rapi", region="MY")


@pytest.fixture
def shop() -> Shop:
    """One whose orders are here, and whose seller lets us see affiliate orders."""
    shop = make_shop(region="MY")
    make_credential(shop, make_authorization(make_api_app(), scopes=[AFFILIATE]))
    SyncCursor.objects.create(
        shop=shop, resource=Resource.ORDERS, position=timezone.now()
    )
    return shop


def due():
    return shops_due(Resource.AFFILIATE, timezone.now())


def test_a_shop_is_due_once_a_day(shop):
    assert due() == [shop]
    now = timezone.now()

    run = make_run(
        shop,
        resource="affiliate",
        state="done",
        started_at=now - timedelta(hours=23),
    )
    assert due() == []
    SyncRun.objects.filter(pk=run.pk).update(started_at=now - timedelta(hours=25))
    assert due() == [shop]


def test_a_shop_without_the_permission_is_never_asked(shop):
    Authorization.objects.update(scopes=["seller.order.info"])
    assert due() == []

    # One whose platform did not say what was granted: its kind of app tells.
    Authorization.objects.update(scopes=[])
    assert due() == []
    ApiApp.objects.update(scope_category=ApiApp.Scope.AFFILIATE)
    assert due() == [shop]


def test_regions_without_affiliates_and_those_who_want_none_are_left_out(shop):
    ShopFeature.objects.create(shop=shop, feature="affiliate", state="off")
    assert due() == []
    ShopFeature.objects.all().delete()
    Shop.objects.update(region="GB")
    assert due() == []


def test_a_pull_asks_for_ninety_days_and_keeps_count(shop):
    platform = FakePlatform(
        [AffiliatePage((make_remote_sku(),), malformed=(("7", "x"),))]
    )

    run = pull_affiliate(shop, trigger=COMMAND, client=platform)

    assert (run.state, run.new, run.failed) == (SyncRun.State.PARTLY, 1, 1)
    assert run.issues.get().message == "x"
    assert (platform.asked[-1][1] - platform.asked[0][0]).days == 90
    assert max(b - a for a, b in platform.asked) <= timedelta(days=89)
    again = pull_affiliate(
        shop,
        trigger=COMMAND,
        client=FakePlatform([AffiliatePage((make_remote_sku(),))]),
    )
    assert (again.new, again.updated, again.same) == (0, 0, 1)


def test_a_dry_run_writes_nothing(shop):
    platform = FakePlatform([AffiliatePage((make_remote_sku(),))])

    run = pull_affiliate(shop, trigger=COMMAND, client=platform, dry_run=True)

    assert run.new == 1
    assert not AffiliateOrder.objects.exists()


def test_an_account_is_read_once_a_day_and_sooner_after_trouble():
    account = make_creator_account()
    now = timezone.now()
    assert accounts_due(now) == [account]

    pull_creator(account, trigger=COMMAND, client=FakePlatform())
    assert accounts_due(now + timedelta(hours=23)) == []
    assert accounts_due(now + timedelta(hours=25)) == [account]

    with pytest.raises(PlatformUnavailable):
        pull_creator(
            account,
            trigger=COMMAND,
            client=FakePlatform([PlatformUnavailable("away")]),
        )
    CreatorRun.objects.filter(state="done").delete()
    assert accounts_due(now + timedelta(minutes=10)) == []
    assert accounts_due(now + timedelta(minutes=40)) == [account]


def test_a_creators_sales_come_in_with_who_they_are():
    account = make_creator_account(username="")
    sale = make_remote_sku(creator_username="")

    run = pull_creator(
        account, trigger=COMMAND, client=FakePlatform([AffiliatePage((sale,))])
    )

    assert (run.state, run.new, run.read) == (SyncRun.State.DONE, 1, 1)
    row = AffiliateOrder.objects.get()
    assert str(row.creator) == "@rumah.rapi"
    account.refresh_from_db()
    assert (account.username, account.time_zone) == (
        "Rumah.Rapi",
        "Asia/Kuala_Lumpur",
    )


@pytest.mark.parametrize("error", [RequestRefused, ScopeMissing])
def test_sales_do_not_wait_for_a_profile_that_is_refused(monkeypatch, error):
    account = make_creator_account()
    platform = FakePlatform([AffiliatePage((make_remote_sku(),))])

    def refuse():
        raise error("no sale region", code=16015007)

    monkeypatch.setattr(platform, "creator_profile", refuse)

    assert pull_creator(account, trigger=COMMAND, client=platform).new == 1
    account.refresh_from_db()
    assert account.state == "connected"


def test_a_consent_that_is_gone_stops_the_account():
    authorization = make_authorization(make_api_app())
    account = make_creator_account(authorization=authorization)

    with pytest.raises(ConsentNeeded):
        pull_creator(
            account,
            trigger=COMMAND,
            client=FakePlatform([ConsentNeeded("taken away", code=105001)]),
        )

    account.refresh_from_db()
    assert account.state == "reconnect_needed"
    run = CreatorRun.objects.get()
    assert (run.state, run.needs_person) == (SyncRun.State.FAILED, True)
    tasks.pull_creator_orders(account.pk, "schedule")
    assert CreatorRun.objects.count() == 1


def test_an_account_is_read_by_one_at_a_time_and_a_dead_run_does_not_stop_it():
    account = make_creator_account()
    now = timezone.now()
    run = CreatorRun.objects.create(
        account=account, trigger=COMMAND, since=now, until=now
    )
    with pytest.raises(AlreadyRunning):
        pull_creator(account, trigger=COMMAND, client=FakePlatform())

    CreatorRun.objects.update(heartbeat_at=now - timedelta(minutes=20))
    pull_creator(account, trigger=COMMAND, client=FakePlatform())

    run.refresh_from_db()
    assert run.state == SyncRun.State.INTERRUPTED
