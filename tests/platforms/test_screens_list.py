"""The page of all shops: cards, table, filters, what needs a person."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.platforms.admin.states import Shown, with_shown_state
from apps.platforms.admin.words import compact, secret_hint, token_line
from apps.platforms.models import Authorization, Shop, ShopFeature
from apps.platforms.services.token_state import TokenState, state_of
from apps.sync.models import Resource, SyncRun
from tests.factories.orders import make_order
from tests.factories.platforms import MANAGER, VIEWER, make_authorization, make_shop
from tests.factories.sync import make_run
from tests.factories.users import make_client, make_user
from tests.platforms.screens_support import LIST, signed_in

pytestmark = pytest.mark.django_db


def names(response):
    return [card.shop.name for card in response.context["cards"]]


def shown(shop):
    return with_shown_state(Shop.objects.filter(pk=shop.pk), timezone.now()).get()


def open_list(client, query="", permissions=MANAGER):
    browser = signed_in(make_user(clients=[client], permissions=permissions))
    return browser.get(reverse(LIST) + query)


def test_the_page_says_what_it_is():
    page = open_list(make_client()).content.decode()

    assert "TikTok Shop Accounts" in page
    assert "Manage your connected TikTok Shop accounts across regions" in page
    assert "+ Add Shop" in page


def test_a_card_shows_the_shop():
    client = make_client()
    shop = make_shop(
        client,
        name="Main Store",
        region="US",
        is_default=True,
        rating=Decimal("4.80"),
        product_count=320,
        follower_count=12_500,
    )
    make_authorization(
        shops=[shop],
        access_ends_in=timedelta(hours=20, minutes=5),
        refresh_expires_at=timezone.now() + timedelta(days=61, minutes=5),
    )
    make_run(shop)
    for days in (1, 29, 31):
        make_order(shop, placed_at=timezone.now() - timedelta(days=days))

    response = open_list(client)
    page = response.content.decode()

    assert f"Shop ID: {shop.remote_id}" in page
    assert "★</span> Default" in page
    assert "Optimised" in page
    assert "Last sync" in page
    assert "access 20 h · refresh 61 d" in page
    (card,) = response.context["cards"]
    assert [str(value) for _, value in card.figures] == [
        "United States",
        "USD",
        "★ 4.8",
        "320",
        "12.5K",
        "2",
    ]
    assert "Live" in card.badges
    assert "Affiliate" in card.badges


def test_missing_numbers_read_as_a_dash():
    client = make_client()
    make_shop(client)

    (card,) = open_list(client).context["cards"]

    assert [str(value) for _, value in card.figures][2:5] == ["—", "—", "—"]
    assert card.tokens == "no tokens"
    assert card.last_sync == "—"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (None, "—"),
        (0, "0"),
        (999, "999"),
        (1_000, "1K"),
        (12_500, "12.5K"),
        (999_949, "999.9K"),
        (999_950, "1M"),
        (3_240_000, "3.2M"),
    ],
)
def test_numbers_are_short(number, text):
    assert compact(number) == text


def test_a_token_that_ended_is_over():
    now = timezone.now()

    line = token_line(now - timedelta(seconds=1), now + timedelta(days=2), now)

    assert line == "access over · refresh 2 d"


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ("", "not set"),
        ("short-4f2a", "set"),
        ("long-enough-4f2a", "set · ends …4f2a"),
    ],
)
def test_a_secret_is_only_hinted_at(secret, words):
    assert secret_hint(secret) == words


def test_test_shops_are_marked_on_every_row_and_stay_out_of_sums():
    client = make_client()
    for environment in Shop.Environment:
        make_order(make_shop(client, environment=environment))
    browser = signed_in(make_user(clients=[client], permissions=MANAGER))

    for query in ("", "?view=list"):
        response = browser.get(reverse(LIST) + query)
        page = response.content.decode()
        assert "Sandbox</span>" in page
        assert "Staging</span>" in page
        assert response.context["sum"] == {"shops": 1, "orders": 1, "left_out": 2}
        assert "2 test shops left out" in page

    asked = browser.get(reverse(LIST) + "?include=test")
    assert asked.context["sum"] == {"shops": 3, "orders": 3, "left_out": 0}


def test_a_shop_of_another_client_is_nowhere_on_the_page():
    client, other = make_client("Ours"), make_client("Theirs")
    make_shop(client, name="Our shop")
    hidden = make_shop(other, name="Hidden shop", region="JP")
    make_order(hidden)
    make_authorization(shops=[hidden], refresh_expires_at=timezone.now())
    browser = signed_in(make_user(clients=[client], permissions=MANAGER))

    for query in ("", "?view=list", f"?client={other.pk}", "?q=Hidden"):
        response = browser.get(reverse(LIST) + query)
        page = response.content.decode()
        for leak in ("Hidden shop", "Theirs", "Japan", hidden.remote_id):
            assert leak not in page
        assert response.context["sum"]["orders"] == 0
        assert response.context["waiting_count"] == 0


def test_the_default_comes_first_then_names():
    client = make_client()
    for name in ("Beta", "Alpha", "Gamma"):
        make_shop(client, name=name, is_default=name == "Gamma")

    assert names(open_list(client)) == ["Gamma", "Alpha", "Beta"]


def test_filters_narrow_and_keep_what_they_were_given():
    client, other = make_client("One"), make_client("Two")
    make_shop(client, name="US store", region="US")
    make_shop(client, name="UK store", region="GB")
    quiet = make_shop(other, name="Quiet store", region="US")
    ShopFeature.objects.create(shop=quiet, feature="live", state="off")
    paused = make_shop(other, name="Paused store", region="US", state=Shop.State.PAUSED)
    browser = signed_in(make_user(clients=[client, other], permissions=MANAGER))

    def found(query):
        return set(names(browser.get(reverse(LIST) + query)))

    assert found(f"?client={client.pk}") == {"US store", "UK store"}
    assert found("?region=GB") == {"UK store"}
    assert found("?state=paused") == {"Paused store"}
    assert found("?live=no") == {"Quiet store"}
    assert found("?affiliate=no") == {"UK store"}
    assert found("?live=yes&affiliate=yes&region=US") == {"US store", "Paused store"}
    assert found(f"?q={paused.remote_id}") == {"Paused store"}
    listed = browser.get(reverse(LIST) + "?region=GB&view=list")
    assert 'name="view" value="list"' in listed.content.decode()


def test_a_filter_that_does_not_fit_is_dropped_with_a_notice():
    client = make_client()
    make_shop(client, name="Only")

    response = open_list(client, "?region=XX")

    assert names(response) == ["Only"]
    assert "Region: ignored, because it does not fit here." in (
        response.content.decode()
    )


def test_empty_pages_say_why():
    client = make_client()
    assert "No shops yet. Connect one" in open_list(client).content.decode()

    make_shop(client)

    filtered = open_list(client, "?state=paused").content.decode()
    assert "No shops match these filters" in filtered
    assert "Reset" in filtered


def test_buttons_follow_permissions():
    client = make_client()
    shop = make_shop(client, state=Shop.State.RECONNECT_NEEDED)
    make_shop(client)

    page = open_list(client, permissions=VIEWER).content.decode()
    for word in ("Sync now", "Set Default", "Reconnect<", "+ Add Shop"):
        assert word not in page

    page = open_list(client).content.decode()
    for word in ("Sync now", "Set Default", "+ Add Shop"):
        assert word in page
    assert f"{reverse('platforms:connect')}?shop={shop.pk}" in page


def test_shops_that_need_a_person_are_named_on_top():
    client = make_client()
    lost = make_shop(client, name="Lost", state=Shop.State.RECONNECT_NEEDED)
    resting = make_shop(
        client,
        name="Tired",
        rested_until=timezone.now() + timedelta(minutes=9),
        rest_reason="6 failures in a row.",
    )
    ending = make_shop(client, name="Ending")
    make_authorization(
        shops=[ending], refresh_expires_at=timezone.now() + timedelta(days=9)
    )
    fine = make_shop(client, name="Fine")
    make_authorization(shops=[fine])

    response = open_list(client, "?region=US&q=Fine")
    page = response.content.decode()

    assert names(response) == ["Fine"]
    assert "3 shops need attention" in page
    assert "6 failures in a row." in page
    assert reverse("admin:platforms_shop_act", args=[resting.pk, "wake"]) in page
    for shop in (lost, ending):
        assert f"{reverse('platforms:connect')}?shop={shop.pk}" in page


def test_forty_shops_cost_as_many_queries_as_two():
    client = make_client()
    browser = signed_in(make_user(clients=[client], permissions=MANAGER))

    def fill(number):
        for _ in range(number):
            shop = make_shop(client, state_reason="why")
            make_authorization(shops=[shop, make_shop(client, environment="sandbox")])
            make_run(shop)
            make_order(shop)

    def cost(query):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            browser.get(reverse(LIST) + query)
        return len(queries)

    fill(1)
    few = {query: cost(query) for query in ("", "?view=list")}
    fill(19)

    assert {query: cost(query) for query in few} == few
    assert few[""] <= 20


# The state a shop is shown in.


def test_a_shop_that_never_ran_is_connected():
    shop = make_shop()
    make_authorization(shops=[shop])

    assert shown(shop).shown_state == Shown.CONNECTED


def test_quick_and_faultless_for_a_day_is_optimised():
    shop = make_shop()
    make_run(shop)
    assert shown(shop).shown_state == Shown.OPTIMISED

    day_old = timezone.now() - timedelta(hours=25)
    make_run(shop, started_at=day_old, state=SyncRun.State.FAILED)
    assert shown(shop).shown_state == Shown.OPTIMISED

    make_run(shop, state=SyncRun.State.PARTLY)
    assert shown(shop).shown_state == Shown.CONNECTED


def test_thirty_seconds_on_average_are_not_optimised():
    shop, started = make_shop(), timezone.now() - timedelta(hours=1)
    for seconds in (10, 50):
        make_run(
            shop,
            started_at=started,
            ended_at=started + timedelta(seconds=seconds),
        )

    assert shown(shop).shown_state == Shown.CONNECTED


def test_products_that_take_long_or_fail_leave_a_shop_optimised():
    shop, started = make_shop(), timezone.now() - timedelta(hours=1)
    make_run(shop)
    make_run(
        shop,
        resource=Resource.PRODUCTS,
        started_at=started,
        ended_at=started + timedelta(minutes=40),
    )
    make_run(shop, resource=Resource.PRODUCTS, state=SyncRun.State.PARTLY)

    assert shown(shop).shown_state == Shown.OPTIMISED


def test_quick_products_alone_do_not_make_a_shop_optimised():
    shop = make_shop()
    make_run(shop, resource=Resource.PRODUCTS)

    assert shown(shop).shown_state == Shown.CONNECTED


def test_a_card_tells_the_last_pull_of_orders_and_that_of_products_apart():
    client = make_client()
    shop, bare = make_shop(client, name="A"), make_shop(client, name="B")
    make_run(shop, started_at=timezone.now() - timedelta(hours=3))
    make_run(
        shop,
        resource=Resource.PRODUCTS,
        started_at=timezone.now() - timedelta(minutes=7),
    )

    response = open_list(client)

    first, second = response.context["cards"]
    assert "3 h ago" in first.last_sync
    assert "7 min ago" in first.last_products_sync
    assert (second.shop, second.last_sync, second.last_products_sync) == (
        bare,
        "—",
        "—",
    )
    text = re.sub(r"<[^>]+>", "", response.content.decode())
    assert "Last sync 3 h ago · products 7 min ago" in text
    table = re.sub(r"<[^>]+>", " ", open_list(client, "?view=list").content.decode())
    assert re.search(r"3 h ago\s+products\s+7 min ago", table)


def test_a_running_pull_is_syncing():
    shop = make_shop()
    make_run(shop)
    make_run(shop, state=SyncRun.State.RUNNING, ended_at=None)

    assert shown(shop).shown_state == Shown.SYNCING


def test_a_shop_that_rests_says_until_when():
    until = timezone.now() + timedelta(minutes=5)
    client = make_client()
    shop = make_shop(client, rested_until=until, rest_reason="It only errs.")

    page = open_list(client).content.decode()

    assert shown(shop).shown_state == Shown.RESTING
    assert f"Resting until {until:%H:%M} UTC" in page
    assert "It only errs." in page

    Shop.objects.update(rested_until=timezone.now())
    assert shown(shop).shown_state == Shown.CONNECTED


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (Shop.State.DISCONNECTED, Shown.DISCONNECTED),
        (Shop.State.PAUSED, Shown.PAUSED),
        (Shop.State.RECONNECT_NEEDED, Shown.RECONNECT_NEEDED),
    ],
)
def test_what_somebody_decided_goes_before_the_rest(state, expected):
    shop = make_shop(state=state, rested_until=timezone.now() + timedelta(hours=1))
    make_run(shop, state=SyncRun.State.RUNNING, ended_at=None)

    assert shown(shop).shown_state == expected


_CONSENTS = [
    {},
    {"refresh_expires_at": timedelta(days=29)},
    {"refresh_expires_at": timedelta(days=31)},
    {"refresh_expires_at": timedelta(days=-1)},
    {"access_expires_at": timedelta(minutes=-1)},
    {"access_expires_at": timedelta(minutes=1)},
    {"refresh_due_at": timedelta(minutes=-59)},
    {"refresh_due_at": timedelta(minutes=-61)},
    {"refresh_begun_at": timedelta(minutes=-2)},
    {"refresh_begun_at": timedelta(minutes=-2), "last_error": "no answer"},
    {"last_error": "no answer"},
    {"state": Authorization.State.CONSENT_NEEDED},
    {"state": Authorization.State.REVOKED, "access_expires_at": timedelta(days=-1)},
]


@pytest.mark.parametrize("fields", _CONSENTS)
def test_the_badge_agrees_with_the_state_of_the_tokens(fields):
    now = timezone.now()
    shop = make_shop()
    columns: dict[str, Any] = {
        name: now + value if isinstance(value, timedelta) else value
        for name, value in fields.items()
    }
    consent = make_authorization(shops=[shop], **columns)

    is_fine = state_of(consent, now) in (TokenState.ACTIVE, TokenState.DISCONNECTED)

    expected = Shown.CONNECTED if is_fine else Shown.TOKEN_EXPIRING
    found = with_shown_state(Shop.objects.filter(pk=shop.pk), now).get()
    assert found.shown_state == expected
