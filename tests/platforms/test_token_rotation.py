"""Tokens rotate whatever dies, answers late or stays silent meanwhile."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from apps.integrations.errors import (
    ConsentNeeded,
    PlatformError,
    PlatformUnavailable,
    RateLimited,
    ScopeMissing,
)
from apps.platforms.errors import ReconnectNeeded, RefreshInProgress
from apps.platforms.models import ApiApp, Authorization, Credential, Shop
from apps.platforms.services import clients, token_store, trail
from apps.platforms.services.consent import (
    mark_reconnect_needed,
    stop_shops_without_access,
)
from apps.platforms.services.token_lease import retry_pause
from apps.platforms.services.token_store import store_new_authorization, wipe
from apps.platforms.services.tokens import note_used, refresh, usable
from apps.platforms.services.trail import Actor
from apps.platforms.tasks import refresh_expiring_tokens
from apps.users.models import AuditEntry, User
from tests.factories.platforms import (
    CIPHER,
    make_api_app,
    make_authorization,
    make_connected_shop,
    make_credential,
    make_pair,
    make_shop,
)
from tests.platforms.fakes import FakeTokens

pytestmark = pytest.mark.django_db
State = Authorization.State
OUTAGE = PlatformUnavailable("TikTok did not answer.")


class Killed(BaseException):
    """The process ends here."""


def die():
    raise Killed


def refused():
    return ConsentNeeded("The refresh token has expired.", code=36004001)


def as_asked(row):
    """The row as it is now."""
    return Authorization.objects.select_related("api_app").get(pk=row.pk)


def state_of_shop(shop):
    return Shop.objects.get(pk=shop.pk).state


def let_lease_run_out(row):
    Authorization.objects.filter(pk=row.pk).update(refreshing_until=timezone.now())


# --- a crash in the middle -----------------------------------------------------------


def test_the_intent_is_there_while_the_platform_is_asked_and_gone_after():
    _, row = make_connected_shop()
    seen = []
    host = FakeTokens([make_pair()], meanwhile=lambda: seen.append(as_asked(row)))

    fresh = refresh(row, host)

    assert seen[0].refresh_begun_at is not None
    assert fresh.refresh_begun_at is None
    assert fresh.previous_refresh_token == row.refresh_token


def test_a_process_that_dies_while_asking_leaves_its_intent():
    shop, row = make_connected_shop()

    with pytest.raises(Killed):
        refresh(row, FakeTokens([make_pair()], meanwhile=die))

    left = as_asked(row)
    assert left.refresh_begun_at is not None
    assert left.generation == row.generation
    assert left.state == State.ACTIVE
    assert state_of_shop(shop) == Shop.State.CONNECTED


def test_after_a_lost_answer_the_stored_token_is_tried_first():
    _, row = make_connected_shop(previous_refresh_token="planted-before")
    with pytest.raises(Killed):
        refresh(row, FakeTokens([make_pair()], meanwhile=die))
    let_lease_run_out(row)
    host = FakeTokens([make_pair("later")])

    fresh = refresh(row, host)

    assert host.spent == [row.refresh_token]
    assert fresh.generation == 1


def test_where_the_stored_token_is_refused_the_one_before_is_tried_once():
    shop, row = make_connected_shop(previous_refresh_token="planted-before")
    with pytest.raises(Killed):
        refresh(row, FakeTokens([make_pair()], meanwhile=die))
    let_lease_run_out(row)
    host = FakeTokens([refused(), make_pair("rescued")])

    fresh = refresh(row, host)

    assert host.spent == [row.refresh_token, "planted-before"]
    assert fresh.refresh_token.endswith("rescued")
    assert fresh.previous_refresh_token == "planted-before"
    assert fresh.state == State.ACTIVE
    assert state_of_shop(shop) == Shop.State.CONNECTED


def test_only_when_both_are_refused_a_person_is_needed():
    shop, row = make_connected_shop(
        previous_refresh_token="planted-before",
        refresh_begun_at=timezone.now() - timedelta(minutes=5),
        access_expires_at=timezone.now() - timedelta(seconds=1),
    )
    host = FakeTokens([refused(), refused()])

    with pytest.raises(ReconnectNeeded):
        refresh(row, host)

    assert host.spent == [row.refresh_token, "planted-before"]
    assert as_asked(row).state == State.CONSENT_NEEDED
    assert state_of_shop(shop) == Shop.State.RECONNECT_NEEDED


def test_without_a_lost_answer_a_refusal_costs_one_call():
    _, row = make_connected_shop(previous_refresh_token="planted-before")
    host = FakeTokens([refused()])

    with pytest.raises(ReconnectNeeded):
        refresh(row, host)

    assert host.spent == [row.refresh_token]


def test_an_outage_between_the_two_tries_ends_nothing():
    _, row = make_connected_shop(
        previous_refresh_token="planted-before", refresh_begun_at=timezone.now()
    )

    with pytest.raises(PlatformUnavailable):
        refresh(row, FakeTokens([refused(), OUTAGE]))

    assert as_asked(row).state == State.ACTIVE
    assert as_asked(row).refresh_begun_at is not None
    assert refresh(row, FakeTokens([refused(), make_pair()])).state == State.ACTIVE


def test_a_database_that_is_away_for_a_moment_does_not_lose_the_pair(monkeypatch):
    _, row = make_connected_shop()
    store, failures = token_store._store_pair, [OperationalError(), OperationalError()]

    def flaky(*args):
        if failures:
            raise failures.pop()
        store(*args)

    monkeypatch.setattr(token_store, "_store_pair", flaky)
    monkeypatch.setattr(token_store, "_STORE_PAUSES", (0.0, 0.0))

    assert refresh(row, FakeTokens([make_pair("kept")])).refresh_token.endswith("kept")


def test_a_trail_that_cannot_be_written_does_not_lose_the_pair(monkeypatch):
    _, row = make_connected_shop()

    def fail(*args, **kwargs):
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO no_such_table VALUES (1)")

    monkeypatch.setattr(trail, "record", fail)

    assert refresh(row, FakeTokens([make_pair("kept")])).refresh_token.endswith("kept")


def test_an_odd_answer_is_stored_all_the_same():
    _, row = make_connected_shop()
    odd = replace(
        make_pair("odd"), user_type=-5, seller_name="x" * 500, seller_region="y" * 50
    )

    assert refresh(row, FakeTokens([odd])).refresh_token.endswith("odd")


@pytest.mark.django_db(transaction=True)
def test_a_refresh_inside_a_transaction_is_refused_before_anything_is_spent():
    _, row = make_connected_shop()
    host = FakeTokens([make_pair()])

    with transaction.atomic(), pytest.raises(RuntimeError):
        refresh(row, host)

    assert host.spent == []


# --- a token that still works --------------------------------------------------------


@pytest.mark.parametrize("error", [OUTAGE, RateLimited("429"), refused()])
def test_a_failed_refresh_does_not_take_away_a_token_that_still_works(error):
    soon = timezone.now() + timedelta(minutes=2)
    shop, row = make_connected_shop(access_expires_at=soon)

    assert usable(row, FakeTokens([error])).access_token == row.access_token

    assert state_of_shop(shop) == Shop.State.CONNECTED


def test_another_process_that_is_slow_does_not_take_it_away_either():
    soon = timezone.now() + timedelta(minutes=2)
    _, row = make_connected_shop(
        access_expires_at=soon,
        refreshing_by="another",
        refreshing_until=timezone.now() + timedelta(minutes=1),
    )
    with pytest.raises(RefreshInProgress):
        refresh(row, FakeTokens([]), wait_seconds=0)


def test_a_refused_consent_stops_its_shops_when_the_last_token_ends():
    shop, row = make_connected_shop(access_ends_in=timedelta(days=3))
    with pytest.raises(ReconnectNeeded):
        refresh(row, FakeTokens([refused()]))
    assert stop_shops_without_access(timezone.now()) == 0
    assert state_of_shop(shop) == Shop.State.CONNECTED

    with time_machine.travel(timezone.now() + timedelta(days=4)):
        assert stop_shops_without_access(timezone.now()) == 1

    assert state_of_shop(shop) == Shop.State.RECONNECT_NEEDED


# --- an outage -----------------------------------------------------------------------


def test_an_hour_without_the_token_host_leaves_every_shop_connected(monkeypatch):
    """The schedule and impatient pulls try hundreds of times; then the host is back."""
    start = timezone.now()
    pairs = [
        make_connected_shop(
            access_expires_at=start + timedelta(minutes=10 * number),
            refresh_due_at=start - timedelta(minutes=1),
            refresh_token=f"planted-refresh-{number}",
            previous_refresh_token="planted-before",
        )
        for number in range(6)
    ]
    host = FakeTokens([OUTAGE] * 1000)
    monkeypatch.setattr("apps.platforms.tasks.TikTokTokens", lambda app: host)

    by_schedule = 0
    with time_machine.travel(start, tick=False) as clock:
        for _ in range(60):
            clock.shift(timedelta(minutes=1))
            before = len(host.spent)
            refresh_expiring_tokens()
            by_schedule += len(host.spent) - before
            for _, row in pairs:
                with suppress(PlatformUnavailable):
                    usable(as_asked(row), host)
        assert len(host.spent) > 200
        assert by_schedule < 6 * 12  # the schedule backs off
        for shop, row in pairs:
            assert state_of_shop(shop) == Shop.State.CONNECTED
            assert as_asked(row).state == State.ACTIVE
            assert as_asked(row).refresh_token == row.refresh_token

        host.answers = [make_pair("back")] * 6
        clock.shift(timedelta(minutes=40))
        assert refresh_expiring_tokens() == 6

    for shop, row in pairs:
        assert state_of_shop(shop) == Shop.State.CONNECTED
        assert as_asked(row).last_error == ""


def test_the_pause_grows_with_the_trouble_and_is_spread():
    def minutes(lasted, asked=0.0):
        return retry_pause(timedelta(minutes=lasted), asked).total_seconds() / 60

    assert 0.8 <= minutes(0) <= 1.2
    assert 8 <= minutes(10) <= 12
    assert 24 <= minutes(500) <= 36
    assert minutes(0, asked=3600) == 60
    assert len({minutes(10) for _ in range(20)}) > 10


# --- access taken away ---------------------------------------------------------------


def test_access_taken_away_is_over_at_once_whatever_its_date_says():
    shop, row = make_connected_shop()

    mark_reconnect_needed(row, "Access was taken back.")

    assert as_asked(row).state == State.CONSENT_NEEDED
    assert as_asked(row).access_expires_at <= timezone.now()
    assert state_of_shop(shop) == Shop.State.RECONNECT_NEEDED


def test_a_token_the_platform_no_longer_takes_stops_the_shop_if_refresh_is_refused(
    monkeypatch,
):
    shop, row = make_connected_shop()
    host = FakeTokens([refused()])
    monkeypatch.setattr(clients, "TikTokTokens", lambda app: host)

    with pytest.raises(ReconnectNeeded):
        clients.TokenKeeper(row).renewed()

    assert state_of_shop(shop) == Shop.State.RECONNECT_NEEDED


def test_losing_a_further_app_stops_nothing_else():
    shop, main = make_connected_shop()
    extra = make_authorization(make_api_app(scope_category=ApiApp.Scope.ANALYTICS))
    make_credential(shop, extra)

    mark_reconnect_needed(extra, "gone")
    assert state_of_shop(shop) == Shop.State.CONNECTED
    assert as_asked(main).state == State.ACTIVE

    mark_reconnect_needed(main, "gone")
    assert state_of_shop(shop) == Shop.State.RECONNECT_NEEDED


def test_a_missing_permission_does_not_end_the_consent():
    shop, row = make_connected_shop()

    clients.note_consent_gone(shop, ScopeMissing("no scope", code=105005))

    assert as_asked(row).state == State.ACTIVE
    assert state_of_shop(shop) == Shop.State.RECONNECT_NEEDED


def test_consent_gone_concerns_the_app_that_was_used():
    shop, main = make_connected_shop()
    extra = make_authorization(make_api_app(scope_category=ApiApp.Scope.ANALYTICS))
    make_credential(shop, extra)
    error = ConsentNeeded("revoked", code=105001)

    clients.note_consent_gone(shop, error, "data.shop_analytics.public.read")

    assert as_asked(extra).state == State.CONSENT_NEEDED
    assert as_asked(main).state == State.ACTIVE


# --- use, audit, wipe ----------------------------------------------------------------


def test_use_is_noted_once_a_minute(django_assert_num_queries):
    _, row = make_connected_shop()
    now = timezone.now()

    with django_assert_num_queries(1):
        for seconds in range(0, 60, 7):
            note_used(row, now + timedelta(seconds=seconds))
    note_used(row, now + timedelta(seconds=61))

    assert as_asked(row).last_used_at == now + timedelta(seconds=61)


def test_who_refreshed_is_in_the_audit_trail_and_no_secret_is():
    shop, row = make_connected_shop()
    person = User.objects.create(username="pat")

    row = refresh(row, FakeTokens([make_pair("one")]), by=Actor(process="schedule"))
    refresh(
        row,
        FakeTokens([make_pair("two")]),
        by=Actor(user=person, address="192.0.2.7"),
    )

    newest, oldest = AuditEntry.objects.order_by("-pk")
    assert (oldest.verb, oldest.actor_text) == ("refreshed tokens", "schedule")
    assert (newest.actor, newest.address) == (person, "192.0.2.7")
    assert newest.client == shop.client
    assert newest.target_id == str(row.pk)
    assert "planted" not in f"{newest.details} {oldest.details} {newest.target_text}"


def test_a_refresh_that_failed_is_no_deed():
    _, row = make_connected_shop()

    with pytest.raises(PlatformError):
        refresh(row, FakeTokens([OUTAGE]))

    assert not AuditEntry.objects.exists()


def test_a_new_consent_clears_what_went_wrong_before():
    shop, row = make_connected_shop(
        state=State.CONSENT_NEEDED,
        refresh_begun_at=timezone.now(),
        previous_refresh_token="planted-before",
    )
    Shop.objects.filter(pk=shop.pk).update(
        failures_in_a_row=9, rested_until=timezone.now() + timedelta(hours=1)
    )
    person = User.objects.create(username="pat")
    pair = replace(make_pair("fresh"), open_id=row.open_id)

    stored = store_new_authorization(
        row.api_app, pair, by=Actor(user=person), client=shop.client
    )

    assert stored.pk == row.pk
    assert (stored.state, stored.previous_refresh_token) == (State.ACTIVE, "")
    assert stored.refresh_begun_at is None
    assert stored.connected_by == person
    assert Shop.objects.get(pk=shop.pk).rested_until is None
    assert AuditEntry.objects.get().verb == "renewed consent"


def test_wiping_leaves_nothing_to_open_a_shop_with():
    shop, row = make_connected_shop(previous_refresh_token="planted-before")

    wipe(row, by=Actor(process="disconnect"), client=shop.client)

    bare = as_asked(row)
    assert bare.state == State.REVOKED
    assert bare.access_token == bare.refresh_token == bare.previous_refresh_token == ""
    assert Credential.objects.get().shop_cipher == ""
    assert AuditEntry.objects.get().verb == "wiped tokens"
    with pytest.raises(ReconnectNeeded):
        usable(bare, FakeTokens([]))
    with pytest.raises(ReconnectNeeded):
        refresh(bare, FakeTokens([]))


def test_a_refresh_under_way_does_not_bring_wiped_tokens_back():
    _, row = make_connected_shop()
    host = FakeTokens([make_pair()], meanwhile=lambda: wipe(row))

    with pytest.raises(ReconnectNeeded):
        refresh(row, host)

    assert as_asked(row).access_token == ""
    assert as_asked(row).state == State.REVOKED


def test_a_second_shop_of_the_same_consent_is_known_by_its_own_cipher():
    shop, row = make_connected_shop()
    other = make_shop()
    make_credential(other, row, cipher="planted-other")

    assert Credential.objects.get(shop=shop).shop_cipher == CIPHER
    assert Credential.objects.get(shop=other).shop_cipher == "planted-other"
