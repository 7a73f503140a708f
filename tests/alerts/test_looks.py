"""What is looked at: connection, webhooks, conflicts, gaps, stock."""

from datetime import date, timedelta

import pytest

from apps.alerts.models import Code
from apps.alerts.rules.words import Severity, State
from apps.alerts.services.looks import LOOKS
from apps.alerts.services.looks.finding import span
from apps.platforms.models import Authorization, Shop
from apps.sync.models import SyncGap
from tests.alerts.looking import MINUTE, NOW, make_well_shop
from tests.factories.finance import amounts, make_statement, remote_settlement
from tests.factories.inventory import receive
from tests.factories.orders import make_order
from tests.factories.platforms import SECRETS, make_authorization
from tests.factories.products import make_listing_sku, make_product, make_variant
from tests.factories.webhooks import make_event
from tests.inventory.pages import sell

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make_well_shop(name="Main Store")


def findings(*shops, now=NOW):
    rows = list(Shop.objects.filter(pk__in=[shop.pk for shop in shops]))
    return [finding for look in LOOKS for finding in look(rows, now)]


def firing(*shops, now=NOW):
    """{kind: finding} of what is wrong."""
    return {
        each.code: each
        for each in findings(*shops, now=now)
        if each.result.state is State.FIRING
    }


def test_a_shop_that_is_cut_off_needs_its_seller(shop):
    shop.state, shop.state_reason = Shop.State.RECONNECT_NEEDED, "Access was revoked."
    shop.save()

    found = firing(shop)

    assert found.keys() == {Code.RECONNECT}
    assert found[Code.RECONNECT].result.severity is Severity.CRITICAL
    assert found[Code.RECONNECT].message == "Access was revoked."


def test_tokens_are_told_of_by_app_and_never_told(shop):
    consent = Authorization.objects.get()
    # At half life it would have been renewed; a day is left of seven.
    later = NOW + timedelta(days=6)

    found = firing(shop, now=later)

    access = found[Code.ACCESS]
    assert access.title == "The access token runs out in 24 hours"
    assert access.subject == f"app-{consent.api_app_id}"
    assert consent.api_app.name in access.message
    assert not any(secret in repr(findings(shop)) for secret in SECRETS)


def test_an_authorization_is_told_of_a_month_before_and_only_while_it_stands(shop):
    make_authorization(shops=[shop], state=Authorization.State.REVOKED, now=NOW)
    Authorization.objects.update(
        connected_at=NOW - timedelta(days=336),
        refresh_expires_at=NOW + timedelta(days=29),
    )

    refresh = [each for each in findings(shop) if each.code == Code.REFRESH]

    assert [each.title for each in refresh] == ["The authorization runs out in 29 days"]
    assert refresh[0].result.severity is Severity.WARNING


def test_a_token_that_is_over_is_critical(shop):
    over = firing(shop, now=NOW + timedelta(days=7))[Code.ACCESS]

    assert over.title == "The access token has run out"
    assert over.result.severity is Severity.CRITICAL


def test_webhooks_that_were_given_up_are_told_of(shop):
    before = NOW - timedelta(hours=30)
    make_event(shop, state="dead", attempts=7, received_at=before)
    make_event(shop, state="dead", attempts=1, received_at=before)  # by a person

    found = firing(shop)[Code.WEBHOOK_FAILURES]

    assert found.title == "1 webhook given up"


@pytest.mark.parametrize(("failed", "is_told"), [(1, False), (2, True)])
def test_webhooks_that_fail_are_told_of_from_twenty_on(shop, failed, is_told):
    for number in range(20):
        state = "retry" if number < failed else "processed"
        make_event(shop, state=state, received_at=NOW - MINUTE)
    # Neither came from the platform nor is anything to be done about it.
    make_event(shop, state="bad_signature", received_at=NOW - MINUTE)

    assert (Code.WEBHOOK_FAILURES in firing(shop)) == is_told


def test_orders_that_sources_contradict_each_other_about_are_told_of(shop):
    for _ in range(2):
        make_order(shop, has_conflict=True)

    found = firing(shop)[Code.ORDER_CONFLICTS]

    assert found.title == "2 orders with contradicting sources"


def test_days_that_a_recount_could_not_mend_are_told_of(shop):
    day = {"since": NOW, "until": NOW, "found_at": NOW, "checked_at": NOW, "left": 3}
    SyncGap.objects.create(shop=shop, day=date(2026, 3, 9), **day)
    closed = {"state": SyncGap.State.CLOSED, "closed_at": NOW}
    SyncGap.objects.create(shop=shop, day=date(2026, 3, 8), **day | closed)

    found = firing(shop)[Code.SYNC_GAPS]

    assert found.title == "1 day with orders that differ from TikTok's"
    assert found.message.startswith("3 orders still differ")


def test_an_oversell_is_critical_and_told_of_where_it_was_sold(shop):
    beside = make_well_shop(client=shop.client)
    lamp = make_variant(make_product(shop.client), "LAMP-30")
    receive(lamp, 3)
    sell(lamp, 5, shop=shop, remote_id="58011")

    found = firing(shop, beside)[Code.STOCK_CRITICAL]

    assert found.shop == shop.pk
    assert found.result.severity is Severity.CRITICAL
    assert found.title == "1 order oversold and 1 live SKU sold out"
    assert found.message == "2 pieces promised that are not there."


def test_what_is_live_and_sold_out_is_a_warning(shop):
    lamp = make_variant(make_product(shop.client), "LAMP-30")
    mug = make_variant(make_product(shop.client), "MUG-01")
    receive(lamp, 3)
    make_listing_sku(shop=shop, variant=mug)  # nobody has counted it yet
    sell(lamp, 3, shop=shop, remote_id="58011")

    found = firing(shop)[Code.STOCK_CRITICAL]

    assert found.title == "1 live SKU sold out"
    assert found.result.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(1, "1 minute"), (119, "119 minutes"), (120, "2 hours"), (2_879, "47 hours")],
)
def test_spans_are_put_as_people_do(minutes, words):
    assert span(timedelta(minutes=minutes)) == words


def test_money_that_does_not_add_up_or_come_is_told_of(shop):
    line = remote_settlement(amounts=amounts("89.84"), settled_at=NOW)
    make_statement(shop, line, remote_id="7301", statement_at=NOW - timedelta(days=8))

    found = firing(shop)

    off = found[Code.MONEY_OFF]
    assert off.message.startswith("1 statement, 1 line differ from what they consist")
    assert found[Code.MONEY_LATE].title == "1 statement not paid in time"
