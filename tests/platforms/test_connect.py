"""From Add Shop to a connected shop, step by step, against a running simulator."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client as Browser

from apps.platforms.models import ApiApp, Authorization, ConnectAttempt, Shop
from apps.platforms.views.access import shop_page
from apps.sync.models import SyncRun
from apps.users.models import Client
from tests.factories.platforms import MANAGER
from tests.factories.users import make_user
from tests.platforms.connect_support import (
    CALLBACK_URL,
    CONNECT,
    HARBOUR_LANE,
    ISARWERK,
    KAIN_NUSANTARA,
    LOTUS_HOMEWARE,
    NO_LONGER_VALID,
    Desk,
    app_of,
    deeds,
    last_attempt,
    make_desk,
    path_of,
    said,
    text_of,
)
from tests.simulator_server import run_simulator

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def simulator():
    with run_simulator(orders=60, redirect_url=CALLBACK_URL) as server:
        yield server


@pytest.fixture
def desk(simulator, settings, client, db, monkeypatch) -> Desk:
    return make_desk(simulator, settings, client, monkeypatch)


def test_the_form_shows_each_market_with_money_and_what_a_business_needs(desk):
    page = text_of(desk.browser.get(CONNECT))

    assert '<optgroup label="Europe">' in page
    assert "United Kingdom · GBP · A Ltd company with a VAT number" in page
    assert "United States · USD · A US entity with an EIN" in page
    assert "“Main Store - US (Live Enabled)”, not “Shop 1”" in page
    assert "Northwind" in page


def test_the_second_page_says_in_plain_words_what_will_be_asked(desk):
    page = text_of(desk.browser.get(desk.choose().headers["Location"]))

    assert "sign in as the shop owner" in page
    assert "orders and their buyers" in page
    assert "seller.product.write" in page
    assert CALLBACK_URL in page
    assert ConnectAttempt.objects.get().used_at is None


def test_consent_is_asked_for_on_the_page_of_the_market(desk, settings):
    settings.TIKTOK_CONSENT_URL = "https://world.example.com"
    settings.TIKTOK_CONSENT_URL_US = "https://us.example.com"

    world, states = desk.leave(region="ID"), desk.leave(region="US")

    assert world.startswith("https://world.example.com/open/authorize?service_id=")
    assert states.startswith("https://us.example.com/open/authorize?service_id=")


def test_the_state_is_kept_as_a_hash_and_the_code_encrypted(desk):
    address = desk.leave()
    state = parse_qs(urlsplit(address).query)["state"][0]
    way_back = desk.consent(address)
    code = parse_qs(urlsplit(way_back).query)["code"][0]

    finishing = desk.browser.get(way_back)

    assert code not in finishing.headers["Location"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM platforms_connectattempt")
        stored = " ".join(str(v) for row in cursor.fetchall() for v in row)
    assert state not in stored
    assert code not in stored
    assert last_attempt().code == code
    assert not [v for v in desk.browser.session.values() if code in str(v)]


def test_the_page_between_says_what_it_is_doing_and_works_by_a_button(desk):
    page = text_of(desk.browser.get(desk.arrive()))

    assert "Finishing the connection…" in page
    assert "data-auto-submit" in page


def test_a_consent_links_the_picked_shops_and_starts_their_pulls(
    desk, django_capture_on_commit_callbacks
):
    page = desk.exchange(LOTUS_HOMEWARE, region="TH")
    assert [o.is_chosen for o in page.context["offers"]] == [True, True, True]
    malay, thai, _ = desk.shop_ids(LOTUS_HOMEWARE)

    with django_capture_on_commit_callbacks(execute=True):
        done = desk.browser.post(path_of(page), {"shop": [malay, thai]}, follow=True)

    assert path_of(done) == f"/platforms/connect/{last_attempt().pk}/pull/"
    shops = {shop.remote_id: shop for shop in Shop.objects.all()}
    assert set(shops) == {malay, thai}
    assert (shops[thai].currency, shops[thai].time_zone) == ("THB", "Asia/Bangkok")
    assert shops[thai].client == desk.company
    assert sorted(desk.queued) == sorted(
        (shop.pk, SyncRun.Trigger.CONNECT) for shop in shops.values()
    )
    authorization = Authorization.objects.get()
    assert (authorization.connected_by, authorization.generation) == (desk.staff, 1)
    assert authorization.connected_at is not None
    assert {e.target_id for e in deeds("connected")} == {
        str(shop.pk) for shop in shops.values()
    }
    assert {(e.actor, e.client) for e in deeds("connected")} == {
        (desk.staff, desk.company)
    }
    attempt = last_attempt()
    assert (attempt.code, attempt.offered) == ("", "")


def test_the_first_shop_of_a_client_becomes_its_default_and_no_other(desk):
    desk.link(ISARWERK)
    desk.link(HARBOUR_LANE)

    assert Shop.objects.count() == 3
    assert [s.name for s in Shop.objects.filter(is_default=True)] == ["Isarwerk Shop"]


def test_a_single_shop_gets_the_name_wished_for_and_may_be_called_otherwise(desk):
    page = desk.exchange(ISARWERK, name="Main Store - DE (Live Enabled)")
    assert 'value="Main Store - DE (Live Enabled)"' in text_of(page)
    (remote_id,) = desk.shop_ids(ISARWERK)

    desk.browser.post(
        path_of(page), {"shop": [remote_id], f"name_{remote_id}": "Our German shop"}
    )

    assert Shop.objects.get().name == "Our German shop"


def test_of_several_shops_the_name_is_for_the_one_in_the_chosen_region(desk):
    page = desk.exchange(HARBOUR_LANE, region="GB", name="Main Store - UK")

    assert [o.name for o in page.context["offers"]] == [
        "Harbour Lane US",
        "Main Store - UK",
    ]


def test_tiktoks_region_wins_and_the_page_says_so(desk):
    page = desk.exchange(KAIN_NUSANTARA, region="DE")
    assert "You chose Germany; TikTok says Indonesia." in text_of(page)

    done = desk.browser.post(path_of(page), {"shop": desk.shop_ids(KAIN_NUSANTARA)})

    assert Shop.objects.get().region == "ID"
    done = desk.browser.get(done.headers["Location"])
    assert "You chose Germany; TikTok says Indonesia." in text_of(done)


def test_a_sandbox_shop_is_one_and_a_sandbox_app_makes_no_others(desk):
    ApiApp.objects.update(environment=Shop.Environment.SANDBOX)

    refused = desk.choose()
    desk.link(environment="sandbox")

    assert "cannot be production shops" in text_of(refused)
    assert Shop.objects.get().environment == Shop.Environment.SANDBOX


def test_reconnecting_finds_the_shop_and_renews_what_opens_it(desk):
    desk.link()
    shop = Shop.objects.get()
    Shop.objects.update(
        name="Renamed by us",
        state=Shop.State.RECONNECT_NEEDED,
        state_reason="It was over.",
    )
    token = Authorization.objects.get().access_token
    query = f"?shop={shop.pk}"
    assert "Reconnect Renamed by us" in text_of(desk.browser.get(CONNECT + query))

    page = desk.exchange(query=query)
    assert "You are linking to existing account Renamed by us (DE)" in text_of(page)
    desk.browser.post(path_of(page), {"shop": [shop.remote_id]})

    shop = Shop.objects.get()
    assert (shop.name, shop.state) == ("Renamed by us", Shop.State.CONNECTED)
    assert shop.state_reason == ""
    row = Authorization.objects.get()
    assert row.generation == 2
    assert row.access_token != token
    assert [entry.target_id for entry in deeds("reconnected")] == [str(shop.pk)]


def test_reconnecting_preselects_the_shop_alone(desk):
    desk.link(HARBOUR_LANE)
    shop = Shop.objects.get(region="GB")

    page = desk.exchange(HARBOUR_LANE, query=f"?shop={shop.pk}")

    chosen = {o.remote.region: o.is_chosen for o in page.context["offers"]}
    assert chosen == {"US": False, "GB": True}


def test_another_shop_than_before_is_cancelled_and_its_tokens_are_forgotten(desk):
    desk.link(ISARWERK)
    shop = Shop.objects.get()
    page = desk.exchange(KAIN_NUSANTARA, query=f"?shop={shop.pk}")
    assert "This is not the shop you connected before" in text_of(page)
    assert "Kain Nusantara Official" in text_of(page)

    reply = desk.browser.post(path_of(page), {"answer": "cancel"})

    assert reply.headers["Location"] == shop_page(shop)
    assert Shop.objects.get() == shop
    unused = Authorization.objects.get(seller_name="Kain Nusantara")
    assert (unused.state, unused.access_token) == (Authorization.State.REVOKED, "")
    assert Authorization.objects.get(seller_name="Isarwerk").access_token


def test_another_shop_than_before_may_be_added_as_new(desk):
    desk.link(ISARWERK)
    shop = Shop.objects.get()
    page = desk.exchange(KAIN_NUSANTARA, query=f"?shop={shop.pk}")

    page = desk.browser.post(path_of(page), {"answer": "as_new"}, follow=True)
    desk.browser.post(path_of(page), {"shop": desk.shop_ids(KAIN_NUSANTARA)})

    assert Shop.objects.count() == 2


def test_a_shop_of_another_client_cannot_be_linked_and_is_not_named(desk):
    desk.link()
    Shop.objects.update(name="The others' shop", client=Client.objects.create(name="X"))
    page = desk.exchange()
    assert "Already linked" in text_of(page)
    assert "The others' shop" not in text_of(page)
    assert "disabled" in text_of(page)

    refused = desk.browser.post(path_of(page), {"shop": desk.shop_ids(ISARWERK)})

    assert "is already linked. A shop can be linked once." in text_of(refused)
    assert Shop.objects.get().client.name == "X"
    assert last_attempt().finished_at is None


def test_own_shops_are_named_on_their_badge(desk):
    desk.link()

    page = desk.exchange()

    assert "Already linked to Isarwerk Shop (DE)" in text_of(page)


def test_no_shop_picked_links_none(desk):
    page = desk.exchange()

    refused = desk.browser.post(path_of(page), {})

    assert "Pick at least one shop." in text_of(refused)
    assert not Shop.objects.exists()


def test_linking_twice_is_linking_once(desk):
    page = desk.exchange()
    picked = {"shop": desk.shop_ids(ISARWERK)}
    desk.browser.post(path_of(page), picked)

    again = desk.browser.post(path_of(page), picked)

    assert again.headers["Location"].endswith("/pull/")
    assert Shop.objects.count() == 1
    assert len(deeds("connected")) == 1


def test_what_was_not_granted_is_named_in_words(desk):
    way_back = desk.consent(
        desk.leave(),
        choose="1",
        scopes=["seller.authorization.info", "seller.order.info"],
    )
    finishing = desk.browser.get(way_back).headers["Location"]

    page = text_of(desk.browser.post(finishing, follow=True))

    assert "The seller did not grant all that was asked for." in page
    assert "read products, prices and stock (seller.product.basic)" in page
    assert "(seller.order.info)" not in page


def test_an_expiry_years_away_is_not_believed(desk):
    desk.simulator.control("clock", {"advance": 3 * 365 * 86_400})

    page = desk.exchange()

    assert "more than two years away" in text_of(page)
    row = Authorization.objects.get()
    assert row.connected_at is not None
    assert (row.access_expires_at - row.connected_at).days in (6, 7)
    assert (row.refresh_expires_at - row.connected_at).days in (364, 365)


def test_a_consent_that_replaces_another_leaves_no_tokens_behind(desk):
    desk.link()
    row = Authorization.objects.get()
    Authorization.objects.update(open_id="as it was before")

    desk.link()

    row.refresh_from_db()
    assert (row.state, row.access_token) == (Authorization.State.REVOKED, "")
    assert Shop.objects.get().credentials.get().authorization_id != row.pk


def test_two_apps_may_open_one_shop(desk):
    other = app_of(
        desk.simulator, 1, scope_category=ApiApp.Scope.ANALYTICS, name="Reader"
    )
    desk.link()
    shop = Shop.objects.get()

    desk.link(query=f"?shop={shop.pk}&app={other.pk}", api_app=other.pk)

    assert Shop.objects.count() == 1
    assert {c.api_app for c in shop.credentials.all()} == {desk.app, other}


@pytest.mark.parametrize("step", ["explain", "finish", "shops", "pull", "client"])
def test_a_foreign_attempt_is_as_good_as_none(desk, step):
    desk.exchange()
    number = last_attempt().pk
    stranger = Browser()
    stranger.force_login(
        make_user("stranger", clients=[desk.company], permissions=MANAGER)
    )

    replies = [
        stranger.get(f"/platforms/connect/{pk}/{step}/") for pk in (number, 10**9)
    ]

    assert {r.headers["Location"] for r in replies} == {CONNECT}
    assert {words for r in replies for words in said(r)} == {NO_LONGER_VALID}


def test_nobody_chooses_a_client_or_a_shop_they_do_not_see(desk):
    foreign = Client.objects.create(name="Foreign")
    desk.link()
    Shop.objects.update(client=foreign)
    shop = Shop.objects.get()

    refused = desk.choose(client=foreign.pk)

    assert refused.status_code == 200
    assert "Foreign" not in text_of(refused)
    assert desk.browser.get(f"{CONNECT}?shop={shop.pk}").status_code == 404
    assert desk.browser.get(f"{CONNECT}?shop={10**9}").status_code == 404
    assert desk.browser.get(f"{CONNECT}?shop=x").status_code == 404


@pytest.mark.parametrize("path", [CONNECT, "/platforms/links/"])
def test_without_the_permission_no_page_opens(desk, path):
    browser = Browser()
    browser.force_login(make_user("visitor", clients=[desk.company]))

    assert browser.get(path).status_code == 403
    assert Browser().get(path).headers["Location"].startswith("/admin/login/?next=")


def test_no_page_of_the_way_shows_a_secret(desk):
    first = desk.browser.get(CONNECT)
    chosen = desk.choose()
    second = desk.browser.get(chosen.headers["Location"])
    left = desk.browser.post(chosen.headers["Location"]).headers["Location"]
    finishing = desk.browser.get(desk.consent(left)).headers["Location"]
    third = desk.browser.get(finishing)
    fourth = desk.browser.post(finishing, follow=True)
    fifth = desk.browser.post(
        path_of(fourth), {"shop": desk.shop_ids(ISARWERK)}, follow=True
    )
    row = Authorization.objects.get()
    cipher = Shop.objects.get().credentials.get().shop_cipher

    for page in (first, second, third, fourth, fifth):
        for secret in (
            desk.app.app_secret,
            row.access_token,
            row.refresh_token,
            cipher,
        ):
            assert str(secret) not in text_of(page)
