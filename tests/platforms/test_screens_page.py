"""The page of one shop, tab by tab, and what can be done from it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import responses
from django.conf import settings
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from apps.platforms.admin.actions import DEEDS
from apps.platforms.models import ApiApp, Authorization, Shop, ShopFeature
from apps.sync.models import Resource, SyncRun, SyncSchedule
from apps.sync.tasks import pull_orders
from apps.users.models import AuditEntry
from apps.users.roles import Role
from tests.factories.orders import make_order
from tests.factories.platforms import (
    ACCESS_TOKEN,
    MANAGER,
    make_api_app,
    make_authorization,
    make_call,
    make_shop,
)
from tests.factories.sync import make_run
from tests.factories.users import make_client, make_user
from tests.platforms.screens_support import LIST, deed, page_of, signed_in

pytestmark = pytest.mark.django_db
TABS = ["overview", "orders", "products", "connection", "settings", "team", "history"]


@pytest.fixture
def queued(monkeypatch):
    """What would have been sent to the workers."""
    sent = []
    monkeypatch.setattr(pull_orders, "delay", lambda *args: sent.append(args))
    return sent


@pytest.fixture
def shop():
    return make_shop(make_client("Ours"), name="Main Store", region="US")


@pytest.fixture
def manager(shop):
    return make_user(clients=[shop.client], role=Role.ADMIN)


@pytest.fixture
def browser(manager):
    return signed_in(manager)


def text_of(browser, address):
    response = browser.get(address)
    assert response.status_code == 200
    return response.content.decode()


# The page.


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_opens_on_its_own_address(shop, browser, tab):
    make_authorization(shops=[shop])
    make_run(shop)

    page = text_of(browser, page_of(shop, tab))

    current = re.search(r'aria-current="page">([^<]+)', page)
    assert current is not None
    assert current[1].lower() == tab
    assert "<script>" not in page.split('id="content"')[1]
    assert " onclick=" not in page


def test_an_unknown_tab_is_the_overview_with_a_notice(shop, browser):
    page = text_of(browser, page_of(shop, "secrets"))

    assert "Tab: ignored" in page
    assert "Health" in page


def test_the_overview_measures_health(shop, browser):
    make_authorization(
        shops=[shop],
        access_ends_in=timedelta(hours=20, minutes=5),
        refresh_expires_at=timezone.now() + timedelta(days=61, minutes=5),
    )
    for state in ("done", "done", "done", "failed"):
        make_run(
            shop,
            state=state,
            first_error="TikTok did not answer." if state == "failed" else "",
        )
    for code in (0, 0, 0, 36009003):
        make_call(shop, code=code, message="Internal error" if code else "")

    page = text_of(browser, page_of(shop))

    assert "75.0 %" in page
    assert "25.0 %" in page
    assert "TikTok did not answer." in page
    assert "36009003" in page
    assert "a second" in page
    assert "access 20 h · refresh 61 d" in page


def test_figures_of_orders_leave_out_what_was_not_sold(shop, browser):
    make_order(shop, total_amount="10.00")
    make_order(shop, total_amount="90.00", status="cancelled")
    make_order(shop, total_amount="70.00", status="unpaid")
    make_order(
        shop, total_amount="10.00", ship_by_at=timezone.now() - timedelta(hours=1)
    )
    make_order(
        shop, total_amount="10.00", placed_at=timezone.now() - timedelta(days=40)
    )

    page = text_of(browser, page_of(shop, "orders"))

    assert "USD 20.00" in page
    assert "25.0 %" in page


def test_the_cockpit_shows_instants_and_no_secret(shop, browser, manager):
    ends = datetime(2027, 1, 3, 10, 0, tzinfo=UTC)
    make_authorization(
        make_api_app("Our app", app_secret="the-app-secret-77e1"),
        shops=[shop],
        cipher="cipher-of-the-shop",
        scopes=["seller.order.info"],
        access_token="ROW_access-4f2a",
        refresh_token="ROW_refresh-9b1c",
        refresh_expires_at=ends,
        connected_by=manager,
        connected_at=timezone.now(),
    )

    page = text_of(browser, page_of(shop, "connection"))

    for words in (
        "set · ends …4f2a",
        "set · ends …9b1c",
        "set · ends …77e1",
        "03 Jan 2027 10:00:00 UTC",
        "read orders and their buyers",
        "went well",
        manager.username,
        "Refresh tokens now",
    ):
        assert words in page, words
    for secret in ("ROW_access", "ROW_refresh", "the-app-secret", "cipher-of"):
        assert secret not in page


def test_missing_categories_say_what_they_would_add(shop, browser):
    make_authorization(shops=[shop])
    affiliate = make_api_app("Creators", scope_category=ApiApp.Scope.AFFILIATE)

    page = text_of(browser, page_of(shop, "connection"))

    assert "Customer service" in page
    assert "buyers" in page
    address = f"{reverse('platforms:connect')}?shop={shop.pk}&amp;app={affiliate.pk}"
    assert address in page


def test_the_team_is_the_clients(shop, browser):
    make_user("stranger", clients=[make_client("Theirs")], permissions=MANAGER)
    make_user("colleague", clients=[shop.client], permissions=MANAGER)

    page = text_of(browser, page_of(shop, "team"))

    assert "colleague" in page
    assert "stranger" not in page


def test_the_history_tells_deeds_and_runs(shop, browser, manager):
    make_run(shop, first_error="It stopped.")
    browser.post(deed(shop, "pause"))
    other = make_shop(shop.client)
    signed_in(manager).post(deed(other, "pause"))

    response = browser.get(page_of(shop, "history"))

    assert [entry.verb for entry, _ in response.context["entries"]] == ["paused"]
    assert "It stopped." in response.content.decode()


def test_pages_of_busy_shops_cost_as_many_queries(shop, browser):
    make_authorization(shops=[shop])

    def cost():
        counts = []
        for tab in TABS:
            with CaptureQueriesContext(connection) as queries:
                browser.get(page_of(shop, tab))
            counts.append(len(queries))
        return counts

    make_run(shop, first_error="why")
    make_order(shop)
    make_call(shop, code=1)
    few = cost()
    for number in range(20):
        make_run(shop, first_error="why")
        make_order(shop)
        make_call(shop, code=number)
        make_user(clients=[shop.client], permissions=MANAGER)
    assert cost() == few


# Who may.


@pytest.mark.parametrize("name", sorted(DEEDS))
def test_deeds_are_posts_with_a_permission(shop, browser, name):
    viewer = signed_in(make_user(clients=[shop.client], permissions=["view_analytics"]))
    strict = Browser(enforce_csrf_checks=True)
    strict.force_login(make_user(clients=[shop.client], permissions=MANAGER))

    assert browser.get(deed(shop, name)).status_code == 405
    assert viewer.post(deed(shop, name)).status_code == 403
    assert strict.post(deed(shop, name)).status_code == 403
    assert Browser().post(deed(shop, name)).status_code == 302
    assert not AuditEntry.objects.exists()


def test_changing_shops_is_not_managing_credentials(shop):
    make_authorization(shops=[shop])
    changer = signed_in(
        make_user(
            clients=[shop.client],
            permissions=("manage_settings",),
        )
    )

    for name in ("disconnect", "refresh-tokens"):
        assert changer.post(deed(shop, name)).status_code == 403
    page = text_of(changer, page_of(shop, "connection"))
    assert "Disconnect<" not in page
    assert "Refresh tokens" not in page


@pytest.mark.parametrize("name", sorted(DEEDS))
def test_a_foreign_shop_is_answered_like_a_missing_one(browser, name):
    foreign = make_shop(name="Hidden")

    answers = []
    for pk in (foreign.pk, foreign.pk + 10_000):
        address = reverse("admin:platforms_shop_act", args=[pk, name])
        response = browser.post(address, {"typed_name": "Hidden"}, follow=True)
        content = response.content.decode().replace(str(pk), "ID")
        answers.append((response.redirect_chain, response.status_code))
        assert "Hidden" not in content

    foreign.refresh_from_db()
    assert answers[0] == answers[1]
    assert foreign.state == Shop.State.CONNECTED
    assert not foreign.is_default
    assert not AuditEntry.objects.exists()


def test_a_foreign_page_is_a_missing_page(browser):
    foreign = make_shop(name="Hidden")

    for pk in (foreign.pk, foreign.pk + 10_000, "nonsense"):
        address = reverse("admin:platforms_shop_change", args=[pk])
        response = browser.get(address)
        assert response.status_code == 302
        assert response.url == reverse("admin:index")


def test_without_the_permission_to_view_there_is_no_page(shop):
    stranger = signed_in(make_user(clients=[shop.client]))

    assert stranger.get(page_of(shop)).status_code == 403
    assert stranger.get(reverse(LIST)).status_code == 403


def test_an_unknown_deed_is_not_found(shop, browser):
    assert browser.post(deed(shop, "explode")).status_code == 404


def test_the_way_back_does_not_leave_the_house(shop, browser):
    back = f"{reverse(LIST)}?region=US"
    inside = browser.post(deed(shop, "pause"), {"back": back})
    outside = browser.post(deed(shop, "resume"), {"back": "https://example.com/"})

    assert inside.url == back
    assert outside.url == page_of(shop)


# Deeds.


def test_sync_now_wakes_a_pull(
    shop, browser, queued, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        response = browser.post(deed(shop, "sync"), follow=True)

    assert queued == [(shop.pk, SyncRun.Trigger.USER)]
    assert "sync started" in response.content.decode()
    assert AuditEntry.objects.get().verb == "started a sync"


def test_a_pull_under_way_is_not_started_again(
    shop, browser, queued, django_capture_on_commit_callbacks
):
    run = make_run(shop, state=SyncRun.State.RUNNING, ended_at=None)

    with django_capture_on_commit_callbacks(execute=True):
        response = browser.post(deed(shop, "sync"), follow=True)

    assert queued == []
    assert f"running since {run.started_at:%H:%M} UTC" in response.content.decode()


def test_a_paused_shop_is_not_synced(
    shop, browser, queued, django_capture_on_commit_callbacks
):
    Shop.objects.update(state=Shop.State.PAUSED)

    with django_capture_on_commit_callbacks(execute=True):
        response = browser.post(deed(shop, "sync"), follow=True)

    assert queued == []
    assert "is paused and cannot be synced" in response.content.decode()


def test_the_last_seven_days_are_asked_for(
    shop, browser, queued, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(deed(shop, "sync"), {"days": "7"})

    (_, _, since, until) = queued[0]
    assert datetime.fromisoformat(until) - datetime.fromisoformat(since) == timedelta(
        days=7
    )


def test_a_period_is_of_the_shops_own_days(
    shop, browser, queued, django_capture_on_commit_callbacks
):
    days = {"period-since": "2025-03-08", "period-until": "2025-03-09"}

    with django_capture_on_commit_callbacks(execute=True):
        browser.post(deed(shop, "sync-period"), days)

    # On the ninth Los Angeles put its clocks forward.
    assert queued == [
        (
            shop.pk,
            SyncRun.Trigger.USER,
            "2025-03-08T08:00:00+00:00",
            "2025-03-10T07:00:00+00:00",
        )
    ]


@pytest.mark.parametrize(
    ("since", "until", "words"),
    [
        ("2025-03-09", "2025-03-08", "ends before it begins"),
        ("2023-01-01", "2025-01-01", "at most 366 days"),
        ("2099-01-01", "2099-01-02", "has not begun yet"),
        ("", "2025-01-01", "This field is required"),
        ("soon", "2025-01-01", "Enter a valid date"),
    ],
)
def test_a_period_that_does_not_hold_is_shown_again(
    shop, browser, queued, since, until, words
):
    response = browser.post(
        deed(shop, "sync-period"), {"period-since": since, "period-until": until}
    )

    assert response.status_code == 200
    assert words in response.content.decode()
    assert queued == []


def test_the_task_pulls_the_period(shop, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "apps.sync.tasks.pull", lambda shop, **options: asked.append(options)
    )

    pull_orders(
        shop.pk, "user", "2025-03-08T08:00:00+00:00", "2025-03-10T07:00:00+00:00"
    )
    pull_orders(shop.pk, "user")

    assert asked[0]["since"] == datetime(2025, 3, 8, 8, tzinfo=UTC)
    assert asked[0]["until"] == datetime(2025, 3, 10, 7, tzinfo=UTC)
    assert asked[1].get("since") is None


def test_the_default_is_moved_from_a_card(shop, browser):
    before = make_shop(shop.client, is_default=True)

    browser.post(deed(shop, "default"), {"back": reverse(LIST)})

    before.refresh_from_db()
    shop.refresh_from_db()
    assert (before.is_default, shop.is_default) == (False, True)


def test_pause_and_resume(shop, browser, manager):
    browser.post(deed(shop, "pause"))
    assert Shop.objects.get(pk=shop.pk).state == Shop.State.PAUSED
    assert "Resume" in text_of(browser, page_of(shop))

    browser.post(deed(shop, "resume"))
    assert Shop.objects.get(pk=shop.pk).state == Shop.State.CONNECTED
    assert set(AuditEntry.objects.values_list("verb", "actor", "address")) == {
        ("paused", manager.pk, "127.0.0.1"),
        ("resumed", manager.pk, "127.0.0.1"),
    }


def test_a_rest_is_ended_by_a_person(
    shop, browser, queued, django_capture_on_commit_callbacks
):
    until = timezone.now() + timedelta(minutes=30)
    Shop.objects.update(rested_until=until, failures_in_a_row=7, rest_reason="x")

    with django_capture_on_commit_callbacks(execute=True):
        browser.post(deed(shop, "wake"))

    shop.refresh_from_db()
    assert (shop.rested_until, shop.failures_in_a_row) == (None, 0)
    assert len(queued) == 1


def test_a_wrong_name_disconnects_nothing(shop, browser):
    make_authorization(shops=[shop])

    response = browser.post(
        deed(shop, "disconnect"), {"typed_name": "Main"}, follow=True
    )

    assert "Type the shop" in response.content.decode()
    assert Shop.objects.get(pk=shop.pk).state == Shop.State.CONNECTED


def test_a_disconnected_shop_is_read_only_and_offers_reconnect(shop, browser):
    consent = make_authorization(shops=[shop])
    order = make_order(shop)
    browser.post(deed(shop, "disconnect"), {"typed_name": "Main Store"})
    consent.refresh_from_db()
    assert consent.access_token == ""

    for tab in TABS:
        page = text_of(browser, page_of(shop, tab))
        assert "can be read" in page
        assert f"{reverse('platforms:connect')}?shop={shop.pk}" in page
        assert '<button class="button' not in page, tab
    assert "<fieldset disabled>" in text_of(browser, page_of(shop, "settings"))
    assert "disconnected" in text_of(browser, page_of(shop, "history"))
    assert order.shop == shop

    for name in sorted(DEEDS):
        browser.post(deed(shop, name), {"typed_name": "Main Store", "name": "New"})
    before = (shop.name, False)
    shop.refresh_from_db()
    assert (shop.name, shop.is_default) == before
    assert shop.state == Shop.State.DISCONNECTED


def settings_of(shop, **changes):
    return {
        "name": shop.name,
        "client": shop.client_id,
        "environment": shop.environment,
        "time_zone": shop.time_zone,
        "seller_center_url": shop.seller_center_url,
        "rating": "",
        "product_count": "",
        "follower_count": "",
    } | changes


def test_settings_are_saved(shop, browser):
    data = settings_of(
        shop,
        name="Main Store - US (Live Enabled)",
        environment="staging",
        rating="4.75",
        follower_count="12500",
        seller_center_url="https://seller.example.com",
    )

    response = browser.post(deed(shop, "settings"), data, follow=True)

    shop.refresh_from_db()
    assert "Settings saved." in response.content.decode()
    assert shop.name == "Main Store - US (Live Enabled)"
    assert shop.environment == Shop.Environment.STAGING
    assert str(shop.rating) == "4.75"
    assert shop.seller_center == "https://seller.example.com"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"time_zone": "Mars/Olympus"}, "is not an IANA time zone"),
        ({"name": ""}, "This field is required"),
        ({"rating": "5.5"}, "between 0 and 5"),
        ({"follower_count": "-1"}, "greater than or equal to 0"),
        ({"seller_center_url": "javascript:alert(1)"}, "Enter a valid URL"),
    ],
)
def test_settings_that_do_not_hold_are_shown_again(shop, browser, changes, words):
    response = browser.post(deed(shop, "settings"), settings_of(shop, **changes))

    assert response.status_code == 200
    assert words in response.content.decode()
    assert not AuditEntry.objects.exists()


def test_a_shop_cannot_be_given_to_a_client_out_of_sight(shop, browser):
    foreign = make_client("Theirs")

    response = browser.post(
        deed(shop, "settings"), settings_of(shop, client=foreign.pk)
    )

    shop.refresh_from_db()
    assert "Select a valid choice" in response.content.decode()
    assert shop.client.name == "Ours"


def test_features_are_switched(shop, browser):
    browser.post(deed(shop, "features"), {"live": "on", "returns": "on"})

    off = ShopFeature.objects.filter(shop=shop, state="off")
    assert set(off.values_list("feature", flat=True)) == set(
        ShopFeature.Feature.values
    ) - {"live", "returns"}


def test_a_feature_the_region_lacks_says_so_and_does_not_move(shop, browser):
    shop = make_shop(shop.client, region="GB")

    page = text_of(browser, page_of(shop, "settings"))
    everything = dict.fromkeys(ShopFeature.Feature.values, "on")
    browser.post(deed(shop, "features"), everything)

    assert "not available in this region" in page
    assert re.search(r'name="affiliate"[^>]*disabled', page)
    assert not ShopFeature.objects.exists()


def test_the_schedule_of_a_shop_is_set(shop, browser):
    browser.post(deed(shop, "intervals"), {"orders-minutes": "60"})

    row = SyncSchedule.objects.get()
    assert (row.shop, row.resource) == (shop, Resource.ORDERS)
    assert (row.is_on, row.minutes) == (False, 60)
    assert AuditEntry.objects.get().verb == "changed the sync schedule"

    same = browser.post(deed(shop, "intervals"), {"orders-minutes": "60"}, follow=True)
    assert "Nothing was changed." in same.content.decode()
    wrong = browser.post(deed(shop, "intervals"), {"orders-minutes": "0"})
    assert "greater than or equal to 1" in wrong.content.decode()


def answer(**changes):
    now = timezone.now()
    return {
        "code": 0,
        "message": "success",
        "data": {
            "access_token": "ROW_new-access",
            "access_token_expire_in": int((now + timedelta(days=7)).timestamp()),
            "refresh_token": "ROW_new-refresh",
            "refresh_token_expire_in": int((now + timedelta(days=90)).timestamp()),
            "open_id": "o",
            "seller_name": "Seller",
            "seller_base_region": "US",
            "user_type": 0,
            "granted_scopes": ["seller.order.info"],
        },
    } | changes


@responses.activate
def test_refreshing_shows_old_and_new_expiry(shop, browser):
    responses.get(f"{settings.TIKTOK_TOKEN_URL}/api/v2/token/refresh", json=answer())
    consent = make_authorization(shops=[shop], access_ends_in=timedelta(hours=20))
    before = consent.access_expires_at

    response = browser.post(
        deed(shop, "refresh-tokens"), {"authorization": consent.pk}, follow=True
    )

    page = response.content.decode()
    consent.refresh_from_db()
    assert consent.access_token == "ROW_new-access"
    assert f"access ended {before:%d %b %Y %H:%M:%S} UTC" in page
    assert f"now ends {consent.access_expires_at:%d %b %Y %H:%M:%S} UTC" in page
    assert "ROW_new" not in page


@responses.activate
def test_a_refresh_that_fails_says_why_and_keeps_the_tokens(shop, browser):
    responses.get(
        f"{settings.TIKTOK_TOKEN_URL}/api/v2/token/refresh",
        json={"code": 36004001, "message": "refresh token is invalid", "data": {}},
    )
    consent = make_authorization(shops=[shop])

    response = browser.post(deed(shop, "refresh-tokens"), follow=True)

    consent.refresh_from_db()
    assert "36004001" in response.content.decode()
    assert consent.access_token == ACCESS_TOKEN
    assert consent.state == Authorization.State.CONSENT_NEEDED


@responses.activate
def test_a_consent_of_another_shop_is_not_refreshed_from_here(shop, browser):
    make_authorization(shops=[shop])
    foreign = make_authorization(shops=[make_shop()])

    response = browser.post(
        deed(shop, "refresh-tokens"), {"authorization": foreign.pk}, follow=True
    )

    assert "has no tokens" in response.content.decode()
    assert len(responses.calls) == 0


def test_every_deed_is_offered_somewhere(shop, browser):
    make_authorization(shops=[shop])
    pages = "".join(text_of(browser, page_of(shop, tab)) for tab in TABS)
    Shop.objects.update(state=Shop.State.PAUSED)
    pages += text_of(browser, page_of(shop))
    until = timezone.now() + timedelta(minutes=5)
    Shop.objects.update(state=Shop.State.CONNECTED, rested_until=until)
    pages += text_of(browser, page_of(shop))

    for name in DEEDS:
        assert deed(shop, name) in pages, name


def test_who_looks_at_the_connection_is_written_down(shop, browser, manager):
    consent = make_authorization(shops=[shop])

    browser.get(page_of(shop, "connection"))

    entry = AuditEntry.objects.get(verb="viewed secret")
    assert (entry.actor, entry.client) == (manager, shop.client)
    assert (entry.target_type, entry.target_id) == (
        "platforms.authorization",
        str(consent.pk),
    )
    assert entry.address == "127.0.0.1"
    assert str(consent.access_token)[-4:] not in str(entry.details)


def test_a_queue_that_is_away_starts_nothing_and_says_so(shop, browser, monkeypatch):
    make_authorization(shops=[shop])

    def away(*args):
        raise OperationalError("gone away")

    monkeypatch.setattr(pull_orders, "delay", away)

    page = browser.post(deed(shop, "sync"), follow=True)

    assert page.status_code == 200
    assert "The task queue does not answer" in page.content.decode()
    assert not AuditEntry.objects.filter(verb="started a sync").exists()


@pytest.mark.parametrize("tab", TABS)
def test_a_button_leads_back_to_the_tab_it_is_on(shop, browser, queued, tab):
    here = browser.get(page_of(shop, tab)).context["here"]

    landed = browser.post(deed(shop, "sync"), {"back": here}, follow=True)

    assert landed.status_code == 200
    current = re.search(r'aria-current="page">([^<]+)', landed.content.decode())
    assert current is not None
    assert current[1].lower() == tab


def test_after_a_form_that_did_not_hold_a_button_leads_to_the_page(
    shop, browser, queued
):
    refused = browser.post(deed(shop, "sync-period"), {})
    assert refused.status_code == 200

    landed = browser.post(
        deed(shop, "sync"), {"back": refused.context["here"]}, follow=True
    )

    assert landed.status_code == 200
