"""The log, the page of one event, and what is done to many."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.integrations.contracts import Source
from apps.orders.services.ingest import ingest_orders
from apps.platforms.models import Shop
from apps.users.models import AuditEntry
from apps.users.roles import Role
from apps.webhooks.admin import bulk
from apps.webhooks.admin.figures import figures_of
from apps.webhooks.models import WebhookAttempt, WebhookDay, WebhookEvent
from apps.webhooks.services.days import rows_of
from apps.webhooks.services.processing import work_events
from apps.webhooks.services.rehearsal import TEST_PREFIX
from tests.factories.orders import make_remote_order
from tests.factories.platforms import make_authorization, make_shop
from tests.factories.users import make_client
from tests.factories.webhooks import make_delivery, make_event
from tests.inventory.pages import notices, signed_in, words, working_for
from tests.orders.queries import statements
from tests.sync.fakes import FakePlatform

pytestmark = pytest.mark.django_db

LIST = reverse("admin:webhooks_webhookevent_changelist")
BULK = reverse("admin:webhooks_webhookevent_bulk")
State = WebhookEvent.State


@pytest.fixture
def company():
    return make_client("Northwind")


@pytest.fixture
def shop(company):
    shop = make_shop(company, name="Main Store")
    make_authorization(shops=[shop])
    return shop


@pytest.fixture
def clerk(company, shop):
    return working_for(company)


def page_of(event: WebhookEvent) -> str:
    return reverse("admin:webhooks_webhookevent_change", args=[event.pk])


def asked(name: str, *events: WebhookEvent, **more: str) -> str:
    query = [("deed", name), *(("pk", row.pk) for row in events), *more.items()]
    return f"{BULK}?{urlencode(query)}"


def agree(browser: Any, address: str) -> Any:
    """Look at what will be done, and confirm it."""
    shown = browser.get(address)
    return browser.post(address, {"mark": shown.context["mark"]})


def shown_in(response: Any) -> list[WebhookEvent]:
    return list(response.context["cl"].result_list)


def test_tabs_filters_and_search_find_events(clerk, shop):
    done = make_event(shop, object_id="5801", milliseconds=3_500)
    failed = make_event(shop, state=State.FAILED, topic="return_status_change")
    retry = make_event(shop, state=State.RETRY, next_try_at=timezone.now())
    app = shop.credentials.get().api_app
    dead = make_event(shop, state=State.DEAD, notification_id="7777", api_app=app)

    def found(**query: str) -> set[WebhookEvent]:
        return set(shown_in(clerk.get(LIST, query)))

    everything = {done, failed, retry, dead}
    assert found() == everything
    assert found(tab="failed") == {failed}
    assert found(tab="retry") == {retry}
    assert found(tab="dead") == {dead}
    assert found(tab="nonsense") == everything
    assert found(q="5801, 7777") == {done, dead}
    assert found(topic="return_status_change") == {failed}
    assert found(topic="unknown") == set()
    assert found(state="dead") == {dead}
    assert found(took="slow") == {done}
    assert found(shop=str(shop.pk)) == everything
    today = f"{timezone.now():%Y-%m-%d}"
    assert found(since=today, until=today) == everything
    assert found(until="2020-01-01") == set()
    tabs = {tab["title"]: tab["count"] for tab in clerk.get(LIST).context["tabs"]}
    assert tabs == {"All": None, "Failed": 1, "Retry scheduled": 1, "Dead letter": 1}


def test_a_row_links_to_its_object_and_says_what_came_of_it(clerk, shop):
    remote = make_remote_order("5801")
    ingest_orders(shop, [remote], Source.API)
    order = shop.orders.get()
    first = make_event(shop, object_id=order.remote_id, outcome="Order 5801 updated")
    make_event(shop, state=State.DUPLICATE, first=first, identity="")

    shown = clerk.get(LIST)

    assert f'href="{reverse("admin:orders_order_change", args=[order.pk])}"' in (
        shown.content.decode()
    )
    assert f'<a href="{page_of(first)}">the first</a>' in shown.content.decode()
    assert "Order 5801 updated" in words(shown)
    assert "ORDER_STATUS_CHANGE" in words(shown)


def test_an_empty_log_says_where_tiktok_posts_to(clerk, shop):
    shown = words(clerk.get(LIST))

    assert "/webhooks/tiktok/" in shown
    assert "Webhooks of Main Store" in shown


def test_events_of_other_clients_are_as_if_not_there(clerk, shop):
    theirs = make_event(make_shop(), state=State.FAILED, object_id="999")
    nobodys = make_event(None, state=State.BAD_SIGNATURE)
    make_event(shop, state=State.FAILED)

    shown = clerk.get(LIST)

    assert theirs not in shown_in(shown)
    assert nobodys not in shown_in(shown)
    tabs = {tab["title"]: tab["count"] for tab in shown.context["tabs"]}
    assert tabs["Failed"] == 1
    assert clerk.get(page_of(theirs)).status_code == 302
    assert clerk.get(page_of(nobodys)).status_code == 302
    assert clerk.get(asked("replay", theirs)).context["count"] == 0
    agree(clerk, asked("replay", all="1"))
    theirs.refresh_from_db()
    assert theirs.state == State.FAILED


def test_superusers_see_what_is_no_shops(superuser):
    forged = make_event(None, state=State.BAD_SIGNATURE, error="It is not signed.")

    browser = signed_in(superuser)

    assert forged in shown_in(browser.get(LIST))
    assert "None of our apps signed it" in words(browser.get(page_of(forged)))


def test_a_test_of_ours_is_told_as_one(clerk, shop):
    event = make_event(
        shop,
        type_number=0,
        topic="",
        state=State.UNKNOWN_TYPE,
        notification_id=f"{TEST_PREFIX}1",
    )

    assert "TEST" in words(clerk.get(LIST))
    assert "the way to us is open" in words(clerk.get(page_of(event)))


def test_who_has_no_role_for_it_sees_nothing(company, shop):
    event = make_event(shop)
    manager = working_for(company, Role.CONTENT_MANAGER)

    assert manager.get(LIST).status_code == 403
    assert manager.get(page_of(event)).status_code == 403
    assert manager.get(asked("replay", event)).status_code == 403


def test_the_page_shows_all_that_may_be_seen(clerk, shop):
    body = make_delivery(
        14,
        shop.remote_id,
        data={"buyer_name": "Ann Lee", "access_token": "TTP_abcdefghijklmnopqrstu"},
    )
    event = make_event(
        shop,
        body=body.decode(),
        headers={"Authorization": "…1a05"},
        state=State.RETRY,
        next_try_at=timezone.now() + timedelta(minutes=9),
        api_app=shop.credentials.get().api_app,
        error="TikTok did not answer.",
        attempts=1,
    )
    WebhookAttempt.objects.create(
        event=event, milliseconds=812, is_ok=False, message="TikTok did not answer."
    )
    make_event(shop, state=State.DUPLICATE, first=event, identity="")

    shown = words(clerk.get(page_of(event)))

    assert "Ann Lee" not in shown
    assert "TTP_" not in shown
    assert "…1a05" in shown
    assert "TikTok did not answer." in shown
    assert "812" in shown
    assert "Good, by the app" in shown
    assert "It came again" in shown
    assert "in 8 min" in shown


def test_a_replay_of_one_says_that_nothing_changed(clerk, shop, monkeypatch):
    remote = make_remote_order("5801")
    platform: Any = FakePlatform([remote])
    body = make_delivery(1, shop.remote_id, data={"order_id": "5801"})
    event = make_event(
        shop, body=body.decode(), state=State.WAITING, next_try_at=timezone.now()
    )
    work_events(shop, client=platform)
    monkeypatch.setattr(bulk, "client_at_page", lambda *args: platform)

    answer = agree(clerk, asked("replay", event))

    assert answer.url == page_of(event)
    assert notices(answer) == ["Replayed. Order 5801: no change."]
    event.refresh_from_db()
    assert (event.state, event.tries.count()) == (State.PROCESSED, 2)
    entry = AuditEntry.objects.get(verb="replayed webhooks")
    assert (entry.shop_key, entry.details) == (shop.pk, {"events": 1})


def test_many_are_made_due_in_one_statement(clerk, shop):
    for _ in range(5):
        make_event(shop, state=State.DEAD, attempts=7)
    kept = make_event(shop, state=State.KEPT, topic="activity_change")
    address = asked("replay", all="1", tab="dead")
    assert clerk.get(asked("replay", kept)).context["count"] == 0

    shown = clerk.get(address)
    with statements() as made:
        answer = clerk.post(address, {"mark": shown.context["mark"]})

    assert notices(answer)[0].startswith("5 events due")
    assert WebhookEvent.objects.due(timezone.now()).count() == 5
    updates = [sql for sql in made.writing if "webhooks_webhookevent" in sql]
    assert len(updates) == 1


def test_what_was_agreed_to_is_what_is_done(clerk, shop):
    make_event(shop, state=State.DEAD)
    address = asked("replay", all="1", tab="dead")
    mark = clerk.get(address).context["mark"]
    make_event(shop, state=State.DEAD)

    answer = clerk.post(address, {"mark": mark})

    assert answer.status_code == 200
    assert "Other events match by now" in notices(answer)[0]
    assert not WebhookEvent.objects.due(timezone.now()).exists()


def test_what_waits_can_be_given_up_and_taken_up_again(clerk, shop):
    event = make_event(shop, state=State.RETRY, next_try_at=timezone.now(), attempts=3)
    done = make_event(shop)
    agree(clerk, asked("give_up", event, done))

    event.refresh_from_db()
    done.refresh_from_db()
    assert (event.state, event.next_try_at) == (State.DEAD, None)
    assert done.state == State.PROCESSED

    Shop.objects.update(state=Shop.State.PAUSED)
    answer = agree(clerk, asked("replay", event))

    event.refresh_from_db()
    assert notices(answer) == ["It is acted on once its shop is connected."]
    assert (event.state, event.attempts) == (State.WAITING, 0)


@pytest.mark.parametrize(
    "state", [State.BAD_SIGNATURE, State.MALFORMED, State.DUPLICATE]
)
def test_what_is_nobodys_word_is_never_replayed(superuser, shop, state):
    event = make_event(shop, state=state)
    browser = signed_in(superuser)

    agree(browser, asked("replay", event))

    event.refresh_from_db()
    assert event.state == state
    assert "Replay…" not in words(browser.get(page_of(event)))


def test_figures_tell_how_well_it_goes(shop):
    now = timezone.now()
    for number in range(8):
        make_event(
            shop,
            attempts=1,
            milliseconds=100 + number,
            received_at=now - timedelta(seconds=10),
            processed_at=now,
        )
    make_event(
        shop,
        attempts=2,
        milliseconds=100,
        received_at=now - timedelta(seconds=10),
        processed_at=now,
    )
    make_event(shop, state=State.DEAD, attempts=7)
    make_event(shop, state=State.DUPLICATE)
    make_event(shop, state=State.RETRY)
    make_event(shop, received_at=now - timedelta(days=40))

    rows = rows_of(WebhookDay.objects.all(), WebhookEvent.objects.all(), now)
    figures = figures_of(rows, now)

    assert figures.success == 90.0
    assert figures.retry_success == 50.0
    assert figures.milliseconds == pytest.approx(103, abs=1)
    assert figures.waited_seconds == pytest.approx(10)
    assert len(figures.days) == 30
    today = figures.days[-1]
    assert (today.count, today.failed, today.kind) == (11, 1, "bad")
    assert figures.days[0].kind == "none"


def test_the_log_asks_as_often_however_many_rows_there_are(clerk, shop):
    def count() -> int:
        with statements() as made:
            assert clerk.get(LIST).status_code == 200
        return len(made)

    make_event(shop, object_id="1")
    count()
    few = count()
    for number in range(12):
        make_event(shop, object_id=str(number), state=State.RETRY)

    assert count() == few
