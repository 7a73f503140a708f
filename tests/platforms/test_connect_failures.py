"""What goes wrong on the way to a connected shop, and the words for it."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone

from apps.integrations.http import Timeouts
from apps.integrations.tiktok.retries import RetryPolicy
from apps.platforms.models import (
    ApiApp,
    Authorization,
    ConnectAttempt,
    Shop,
    ShopRole,
)
from apps.platforms.services.connecting import exchange, tickets
from apps.platforms.views.access import shop_page
from apps.users.models import Client
from apps.users.roles import Role
from tests.factories.platforms import MANAGER, make_shop
from tests.factories.users import make_client, make_user
from tests.platforms.connect_support import (
    CALLBACK,
    CALLBACK_URL,
    CONNECT,
    ISARWERK,
    NO_LONGER_VALID,
    PASSWORD,
    Desk,
    app_of,
    code_in,
    last_attempt,
    make_desk,
    nothing_was_stored,
    path_of,
    said,
    text_of,
)
from tests.simulator_server import run_simulator

pytestmark = pytest.mark.django_db

TOKEN_PATH = "/api/v2/token/get"
SHOPS_PATH = "/authorization/202309/shops"
NO_ANSWER = "TikTok did not answer. Your consent is kept for 10 minutes."


@pytest.fixture(scope="module")
def simulator():
    with run_simulator(orders=60, redirect_url=CALLBACK_URL) as server:
        yield server


@pytest.fixture
def desk(simulator, settings, client, db, monkeypatch) -> Desk:
    monkeypatch.setattr(exchange, "PATIENCE", RetryPolicy(tries=4, base_seconds=0.01))
    return make_desk(simulator, settings, client, monkeypatch)


# Step 1


def test_a_closed_market_is_named_with_the_open_ones(desk):
    page = text_of(desk.choose(region="CA"))

    assert "TikTok Shop is not available in your region yet." in page
    assert "Indonesia" in page.split("not available in your region yet.")[1]
    assert not ConnectAttempt.objects.exists()


def test_an_app_without_a_secret_is_refused(desk):
    ApiApp.objects.update(app_secret="")

    page = text_of(desk.choose())

    assert "This app has no secret yet. Ask an admin to add it." in page
    assert not ConnectAttempt.objects.exists()


@pytest.mark.parametrize(
    ("column", "words"), [("app_key", "app key"), ("service_id", "service ID")]
)
def test_an_app_that_lacks_something_else_is_refused(desk, column, words):
    ApiApp.objects.update(**{column: ""})

    assert f"This app has no {words} yet." in text_of(desk.choose())


def test_a_server_without_an_address_is_refused(desk, settings):
    settings.PUBLIC_URL = ""

    assert "This app has no redirect address yet." in text_of(desk.choose())


def test_without_an_app_or_a_client_the_page_says_what_to_do_first(desk, superuser):
    ApiApp.objects.all().delete()
    assert "Ask an administrator to add one." in text_of(desk.browser.get(CONNECT))
    Client.objects.all().delete()
    desk.browser.force_login(superuser)

    page = text_of(desk.browser.get(CONNECT))

    assert "No API app yet." in page
    assert "No client yet." in page


def test_who_looks_after_a_single_shop_is_told_that_they_cannot_add_one(desk):
    shop = make_shop(desk.company)
    member = desk.staff.memberships.get()
    member.extra_permissions = []
    member.save()
    ShopRole.objects.create(membership=member, shop=shop, role=Role.ADMIN)

    page = text_of(desk.browser.get(CONNECT))

    assert "reconnect them from their pages" in page
    assert str(desk.company) not in page.split('id="content"')[1]


# Step 4


def test_a_refusal_says_so_and_lets_try_again(desk):
    way_back = desk.consent(desk.leave(), decision="refuse")
    assert "code=null" in way_back

    page = desk.browser.get(way_back, follow=True)

    assert said(page) == ["You did not grant access. Nothing was stored."]
    assert path_of(page) == f"/platforms/connect/{last_attempt().pk}/explain/"
    assert nothing_was_stored()
    again = desk.browser.post(path_of(page)).headers["Location"]
    finishing = desk.browser.get(desk.consent(again)).headers["Location"]
    assert "Which shops?" in text_of(desk.browser.post(finishing, follow=True))


def test_no_code_says_so(desk):
    way_back = re.sub("code=[^&]+", "code=", desk.consent(desk.leave()))

    page = desk.browser.get(way_back, follow=True)

    assert said(page) == ["TikTok sent no authorisation code."]
    assert nothing_was_stored()


def test_neither_code_nor_state_says_so_too(desk):
    page = desk.browser.get(CALLBACK, follow=True)

    assert said(page) == ["TikTok sent no authorisation code."]


def test_a_wrong_state_is_refused(desk):
    way_back = re.sub("state=[^&]+", "state=another", desk.consent(desk.leave()))

    page = desk.browser.get(way_back, follow=True)

    assert said(page) == [NO_LONGER_VALID]
    assert path_of(page) == CONNECT
    assert nothing_was_stored()


def test_a_state_lives_ten_minutes(desk):
    way_back = desk.consent(desk.leave())

    with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1)):
        page = desk.browser.get(way_back)

    assert said(page) == [NO_LONGER_VALID]
    assert last_attempt().code == ""


def test_a_state_is_good_for_the_user_it_was_made_for_alone(desk):
    way_back = desk.consent(desk.leave())
    desk.browser.force_login(
        make_user("another", clients=[desk.company], permissions=MANAGER)
    )

    page = desk.browser.get(way_back)

    assert said(page) == [NO_LONGER_VALID]
    assert last_attempt().code == ""


def test_who_is_signed_out_signs_in_and_goes_on(desk):
    way_back = desk.consent(desk.leave())
    code = code_in(way_back)
    desk.browser.cookies.pop("sessionid")

    returned = desk.browser.get(way_back)
    login = desk.browser.get(returned.headers["Location"])

    pk = last_attempt().pk
    assert login.headers["Location"] == (
        f"/admin/login/?next=/platforms/connect/{pk}/finish/"
    )
    assert code not in returned.headers["Location"] + login.headers["Location"]
    landed = desk.browser.post(
        login.headers["Location"], {"username": "staff", "password": PASSWORD}
    )
    page = desk.browser.post(landed.headers["Location"], follow=True)
    assert "Which shops?" in text_of(page)


def test_in_another_browser_nobody_goes_on_signed_out(desk):
    way_back = desk.consent(desk.leave())

    page = Browser().get(way_back)

    assert NO_LONGER_VALID in text_of(page)
    assert last_attempt().code == ""


def test_a_used_code_leads_to_the_connected_shop(desk):
    way_back = desk.consent(desk.leave())
    page = desk.browser.post(desk.browser.get(way_back).headers["Location"])
    page = desk.browser.get(page.headers["Location"], follow=True)
    desk.browser.post(path_of(page), {"shop": desk.shop_ids(ISARWERK)})
    before = Authorization.objects.get().generation

    again = desk.browser.get(way_back)

    assert again.headers["Location"] == shop_page(Shop.objects.get())
    assert said(again) == [
        "This consent was used already. Isarwerk Shop (DE) is connected."
    ]
    assert Authorization.objects.get().generation == before


def test_a_used_code_with_no_shop_yet_goes_on_where_it_was(desk):
    way_back = desk.consent(desk.leave())
    finishing = desk.browser.get(way_back).headers["Location"]
    desk.browser.post(finishing)

    page = desk.browser.get(way_back, follow=True)

    assert path_of(page).endswith("/shops/")


def test_a_refused_state_is_used_up(desk):
    address = desk.leave()
    desk.browser.get(desk.consent(address, decision="refuse"))

    page = desk.browser.get(desk.consent(address))

    assert said(page)[-1] == NO_LONGER_VALID
    assert nothing_was_stored()


# Installed from TikTok's App Store: no state


def test_a_consent_without_state_asks_for_the_client_and_goes_on(desk):
    way_back = re.sub("&state=[^&]+", "", desk.consent(desk.leave()))

    page = desk.browser.get(way_back, follow=True)

    assert "Say which client the shop belongs to" in text_of(page)
    assert "code" not in path_of(page)
    page = desk.browser.post(
        path_of(page), {"client": desk.company.pk, "api_app": desk.app.pk}
    )
    page = desk.browser.post(page.headers["Location"], follow=True)
    desk.browser.post(path_of(page), {"shop": desk.shop_ids(ISARWERK)})
    assert Shop.objects.get().client == desk.company


def test_a_consent_without_state_waits_for_a_sign_in_in_the_same_browser(desk):
    way_back = re.sub("&state=[^&]+", "", desk.consent(desk.leave()))
    desk.browser.cookies.clear()

    returned = desk.browser.get(way_back)

    address = returned.headers["Location"]
    assert desk.browser.get(address).headers["Location"].startswith("/admin/login/")
    stranger = Browser()
    stranger.force_login(
        make_user("stranger", clients=[desk.company], permissions=MANAGER)
    )
    assert said(stranger.get(address)) == [NO_LONGER_VALID]
    cookie = desk.browser.cookies["connect"].value
    desk.browser.force_login(desk.staff)
    desk.browser.cookies["connect"] = cookie
    assert "Whose shop is this?" in text_of(desk.browser.get(address))


def test_an_unclaimed_consent_is_for_clients_one_sees(desk):
    way_back = re.sub("&state=[^&]+", "", desk.consent(desk.leave()))
    page = desk.browser.get(way_back, follow=True)
    foreign = Client.objects.create(name="Foreign")

    refused = desk.browser.post(
        path_of(page), {"client": foreign.pk, "api_app": desk.app.pk}
    )

    assert refused.status_code == 200
    assert last_attempt().client is None


def test_nobody_signed_in_can_fill_the_table(desk, monkeypatch):
    monkeypatch.setattr(tickets, "MOST_UNCLAIMED", 2)
    replies = [Browser().get(f"{CALLBACK}?code=made-up") for _ in range(3)]

    assert ConnectAttempt.objects.count() == 2
    assert "Sign in first, then install the app again." in text_of(replies[2])


# Step 5


def test_a_missing_permission_package_is_named(desk):
    assert "Which shops?" in text_of(desk.exchange())
    desk.simulator.control(
        f"apps/{desk.app.app_key}", {"scopes": ["seller.order.info"]}
    )

    page = text_of(desk.exchange())

    assert (
        "The app lacks a permission package. Apply for it in Partner Center, "
        "Manage API. Missing: read which shops this access covers "
        "(seller.authorization.info)." in page
    )
    assert ">Retry<" not in page


def test_a_wrong_secret_points_to_it_and_to_the_clock(desk):
    ApiApp.objects.update(app_secret="not the secret")
    page = text_of(desk.exchange())

    assert re.search(
        r"Check the app secret and this server's clock \(off by [01] s\)", page
    )
    assert "not the secret" not in page
    assert nothing_was_stored()


def test_how_far_the_clock_is_off_is_said(desk):
    finishing = desk.arrive()
    ApiApp.objects.update(app_secret="not the secret")
    attempt = last_attempt()

    with time_machine.travel(timezone.now() + timedelta(seconds=400), tick=True):
        page = text_of(desk.browser.post(finishing, follow=True))

    assert attempt.code
    assert re.search(r"off by (399|400|401) s", page)


def test_with_the_right_secret_the_same_consent_goes_on(desk):
    secret = str(desk.app.app_secret)
    ApiApp.objects.update(app_secret="not the secret")
    page = desk.exchange()
    assert ">Retry<" in text_of(page)
    ApiApp.objects.update(app_secret=secret)

    page = desk.browser.post(path_of(page), follow=True)

    assert "Which shops?" in text_of(page)


@pytest.mark.parametrize("path", [TOKEN_PATH, SHOPS_PATH])
@pytest.mark.parametrize(
    "fault",
    [{"kind": "rate_limit"}, {"kind": "status", "status": 503}, {"kind": "drop"}],
    ids=["429", "503", "no answer"],
)
def test_an_outage_keeps_the_consent_and_retry_goes_on(desk, path, fault):
    desk.simulator.control("faults", fault | {"path": path})
    desk.simulator.control("requests", method="DELETE")

    page = desk.exchange()

    assert NO_ANSWER in text_of(page)
    assert ">Retry<" in text_of(page)
    asked = desk.simulator.control(f"requests?path={path}")
    assert len(asked) >= (0 if fault["kind"] == "drop" else 4)
    desk.simulator.control("faults", method="DELETE")
    page = desk.browser.post(path_of(page), follow=True)
    assert "Which shops?" in text_of(page)
    assert last_attempt().code == ""


def test_a_platform_that_takes_too_long_is_an_outage(desk, monkeypatch):
    monkeypatch.setattr(exchange, "TIMEOUTS", Timeouts(connect=1.0, read=0.1))
    desk.simulator.control(
        "faults", {"kind": "delay", "path": TOKEN_PATH, "seconds": 0.5}
    )

    assert NO_ANSWER in text_of(desk.exchange())


def test_a_short_outage_is_not_noticed(desk):
    desk.simulator.control("faults", {"kind": "status", "path": TOKEN_PATH, "count": 3})

    assert "Which shops?" in text_of(desk.exchange())


def test_after_ten_minutes_there_is_nothing_to_retry(desk):
    desk.simulator.control("faults", {"kind": "status", "path": TOKEN_PATH})
    page = desk.exchange()
    desk.simulator.control("faults", method="DELETE")

    with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1)):
        shown = desk.browser.get(path_of(page))
        refused = desk.browser.post(path_of(page))
        tickets.tidy(timezone.now())

    assert ">Retry<" not in text_of(shown)
    assert refused.headers["Location"] == CONNECT
    assert not ConnectAttempt.objects.exists()
    assert nothing_was_stored()


def test_a_code_spent_by_an_answer_that_was_lost_says_so(desk):
    desk.simulator.control("faults", {"kind": "cut", "path": TOKEN_PATH, "count": 1})

    page = text_of(desk.exchange())

    assert "TikTok no longer accepts this consent" in page
    assert "Start again from Add Shop" in page
    assert last_attempt().code == ""


def test_a_seller_without_a_shop_is_sent_to_seller_center(desk, monkeypatch):
    monkeypatch.setattr(exchange, "authorized_shops", lambda *args, **options: [])
    page = desk.exchange()
    assert "No active TikTok Shop found. Please set up your shop first." in text_of(
        page
    )
    assert 'href="https://seller-de.tiktok.com"' in text_of(page)
    monkeypatch.undo()

    page = desk.browser.post(path_of(page), follow=True)

    assert not Shop.objects.exists()


def test_only_one_request_exchanges_the_code(desk):
    finishing = desk.arrive()
    attempt = last_attempt()
    assert tickets.lease(attempt, 60)
    desk.simulator.control("requests", method="DELETE")

    page = text_of(desk.browser.post(finishing, follow=True))

    assert "Finishing the connection…" in page
    assert "data-auto-submit" not in page
    assert "Refresh" in page
    assert desk.simulator.control("requests?path=/api") == []


def test_an_abandoned_consent_leaves_no_secret_behind(desk):
    desk.exchange()
    assert Authorization.objects.get().access_token

    tickets.tidy(timezone.now() + timedelta(hours=2))

    assert not ConnectAttempt.objects.exists()
    row = Authorization.objects.get()
    assert (row.access_token, row.refresh_token) == ("", "")
    assert row.state == Authorization.State.REVOKED


def test_refusals_and_failures_write_no_secret_to_the_log(desk, caplog):
    caplog.set_level("DEBUG")
    desk.simulator.control("faults", {"kind": "status", "path": TOKEN_PATH})
    way_back = desk.consent(desk.leave())
    code = code_in(way_back)

    desk.browser.post(desk.browser.get(way_back).headers["Location"])

    assert "connect failed" in caplog.text
    assert code not in caplog.text
    assert str(desk.app.app_secret) not in caplog.text


def test_the_other_app_of_the_platform_is_found_by_its_key(desk):
    other = app_of(desk.simulator, 1, name="Reader", scope_category="analytics")
    back = desk.simulator.approve(
        seller_id=desk.seller(ISARWERK)["id"], app_key=other.app_key, state=None
    )

    desk.browser.get(CALLBACK, back)

    assert last_attempt().api_app == other


# Consents that began in TikTok's App Store.


def test_who_may_not_connect_shops_starts_nothing_with_a_stray_code(desk):
    analyst = make_user("analyst", clients=[desk.company], role=Role.ANALYST)
    desk.browser.force_login(analyst)

    desk.browser.get(CALLBACK, {"code": "x", "app_key": desk.app.app_key})

    assert not ConnectAttempt.objects.exists()


def test_an_unknown_app_is_never_taken_for_a_clients_own(desk):
    ApiApp.objects.update(client=make_client())

    page = desk.browser.get(CALLBACK, {"code": "x", "app_key": "nobody's"})

    assert page.headers["Location"] == CONNECT
    assert not ConnectAttempt.objects.exists()
