from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from apps.integrations.errors import ConsentNeeded, PlatformUnavailable
from apps.platforms.errors import ReconnectNeeded, RefreshInProgress
from apps.platforms.models import Authorization, Shop
from apps.platforms.services import consent
from apps.platforms.services.token_store import store_new_authorization
from apps.platforms.services.tokens import refresh, usable
from apps.platforms.tasks import refresh_expiring_tokens
from tests.factories.platforms import (
    ACCESS_TOKEN,
    REFRESH_TOKEN,
    connect_simulator_shops,
    make_api_app,
    make_authorization,
    make_pair,
    make_shop,
)
from tests.platforms.fakes import FakeTokens
from tests.simulator_server import SimulatorServer

pytestmark = pytest.mark.django_db

REFUSAL = ConsentNeeded("The authorization is over.", code=36004005)
OUTAGE = PlatformUnavailable("TikTok did not answer.")


def stored(row: Authorization) -> Authorization:
    return Authorization.objects.get(pk=row.pk)


def lease(row: Authorization, *, ends_in: timedelta) -> None:
    Authorization.objects.filter(pk=row.pk).update(
        refreshing_by="another", refreshing_until=timezone.now() + ends_in
    )


def store_another_pair(row: Authorization, number: int = 9) -> None:
    """What another process does when its refresh succeeds."""
    store_new_authorization(row.api_app, make_pair(number, open_id=row.open_id))


def test_a_token_that_lives_is_handed_out_without_a_call():
    row = make_authorization()
    host = FakeTokens([])

    assert usable(row, host) == row
    assert host.spent == []


def test_a_token_about_to_end_is_refreshed_and_the_row_renewed():
    row = make_authorization(access_ends_in=timedelta(minutes=4))
    host = FakeTokens([make_pair(1)])

    fresh = usable(row, host)

    assert host.spent == [REFRESH_TOKEN]
    assert fresh.access_token == "planted-new-access-1"
    assert fresh.refresh_token == "planted-new-refresh-1"
    assert fresh.generation == row.generation + 1
    assert fresh.refreshing_by == ""
    assert fresh.refreshing_until is None
    assert fresh.last_error == ""
    half_life = timedelta(days=3, hours=12)
    assert fresh.refresh_due_at - timezone.now() == pytest.approx(
        half_life, abs=timedelta(minutes=1)
    )


def test_what_the_platform_leaves_out_does_not_erase_what_we_know():
    row = make_authorization()
    Authorization.objects.filter(pk=row.pk).update(scopes=["seller.order.info"])
    pair = make_pair(1, seller_name="")

    fresh = refresh(row, FakeTokens([pair]))

    assert fresh.seller_name == "Lamps and More"
    assert fresh.scopes == ["seller.order.info"]


def test_a_newer_pair_is_returned_without_a_call():
    row = make_authorization()
    seen = stored(row)
    store_another_pair(row)
    host = FakeTokens([])

    fresh = refresh(seen, host)

    assert host.spent == []
    assert fresh.access_token == "planted-new-access-9"


def test_who_finds_the_lease_taken_waits_and_reads_the_others_pair():
    row = make_authorization()
    lease(row, ends_in=timedelta(seconds=60))
    host = FakeTokens([])
    naps: list[float] = []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 3:
            store_another_pair(row)

    fresh = refresh(row, host, sleep=sleep)

    assert len(naps) == 3
    assert host.spent == []
    assert fresh.access_token == "planted-new-access-9"


def test_who_waits_too_long_gives_up_and_changes_nothing():
    row = make_authorization()
    lease(row, ends_in=timedelta(seconds=60))
    host = FakeTokens([])

    with pytest.raises(RefreshInProgress, match="still refreshing"):
        refresh(row, host, wait_seconds=0.0, sleep=lambda seconds: None)

    assert host.spent == []
    assert stored(row).refreshing_by == "another"
    assert stored(row).access_token == ACCESS_TOKEN


def test_a_lease_whose_holder_died_runs_out():
    row = make_authorization()
    lease(row, ends_in=timedelta(seconds=-1))

    fresh = refresh(row, FakeTokens([make_pair(1)]))

    assert fresh.access_token == "planted-new-access-1"


def test_a_refusal_ends_the_consent_but_not_a_token_that_still_lives():
    shop = make_shop()
    row = make_authorization(shops=[shop])

    with pytest.raises(ReconnectNeeded, match="authorization is over"):
        refresh(row, FakeTokens([REFUSAL]))

    assert stored(row).state == Authorization.State.CONSENT_NEEDED
    assert "authorization is over" in stored(row).last_error
    assert stored(row).access_token == ACCESS_TOKEN
    assert stored(row).refreshing_until is None
    shop.refresh_from_db()
    assert shop.state == Shop.State.CONNECTED


def test_a_refusal_stops_the_shops_once_the_access_token_is_over():
    shop, stranger = make_shop(), make_shop()
    row = make_authorization(shops=[shop], access_ends_in=timedelta(seconds=-1))
    make_authorization(shops=[stranger])

    with pytest.raises(ReconnectNeeded):
        usable(row, FakeTokens([REFUSAL]))

    shop.refresh_from_db()
    stranger.refresh_from_db()
    assert shop.state == Shop.State.RECONNECT_NEEDED
    assert "authorization is over" in shop.state_reason
    assert stranger.state == Shop.State.CONNECTED


def test_a_consent_refused_earlier_stops_the_shops_when_the_access_token_ends():
    shop = make_shop()
    row = make_authorization(shops=[shop])
    with pytest.raises(ReconnectNeeded):
        refresh(row, FakeTokens([REFUSAL]))
    host = FakeTokens([])

    later = time_machine.travel(timezone.now() + timedelta(days=8))
    with later, pytest.raises(ReconnectNeeded):
        usable(stored(row), host)

    assert host.spent == []
    shop.refresh_from_db()
    assert shop.state == Shop.State.RECONNECT_NEEDED


def test_a_refusal_after_somebody_else_stored_a_pair_is_not_the_end():
    shop = make_shop()
    row = make_authorization(shops=[shop], access_ends_in=timedelta(0))
    host = FakeTokens([REFUSAL], meanwhile=lambda: store_another_pair(row))

    fresh = refresh(row, host)

    assert fresh.access_token == "planted-new-access-9"
    assert stored(row).state == Authorization.State.ACTIVE
    shop.refresh_from_db()
    assert shop.state == Shop.State.CONNECTED


def test_old_news_of_a_refusal_does_not_stop_a_shop_connected_again():
    shop = make_shop()
    row = make_authorization(shops=[shop])
    seen = stored(row)
    store_another_pair(row)

    consent.mark_reconnect_needed(seen, "The token is invalid.")

    shop.refresh_from_db()
    assert shop.state == Shop.State.CONNECTED
    assert stored(row).state == Authorization.State.ACTIVE


def test_an_outage_releases_the_lease_and_is_tried_again_later():
    shop = make_shop()
    row = make_authorization(shops=[shop], access_ends_in=timedelta(0))

    with pytest.raises(PlatformUnavailable):
        refresh(row, FakeTokens([OUTAGE]))

    after = stored(row)
    assert after.state == Authorization.State.ACTIVE
    assert after.refresh_token == REFRESH_TOKEN
    assert after.generation == row.generation
    assert after.refreshing_until is None
    assert "did not answer" in after.last_error
    in_ten_minutes = timezone.now() + timedelta(minutes=10)
    assert not Authorization.objects.due_for_refresh(timezone.now())
    assert Authorization.objects.due_for_refresh(in_ten_minutes)
    shop.refresh_from_db()
    assert shop.state == Shop.State.CONNECTED

    assert refresh(row, FakeTokens([make_pair(2)])).last_error == ""


def test_a_pair_that_came_late_is_kept_even_if_the_lease_was_taken_over():
    row = make_authorization()

    def meanwhile() -> None:
        lease(row, ends_in=timedelta(seconds=60))

    fresh = refresh(row, FakeTokens([make_pair(1)], meanwhile=meanwhile))

    assert fresh.access_token == "planted-new-access-1"
    assert stored(row).refreshing_by == ""


def test_a_consent_given_meanwhile_wins_over_a_refreshed_pair(caplog):
    row = make_authorization()
    host = FakeTokens([make_pair(1)], meanwhile=lambda: store_another_pair(row))

    fresh = refresh(row, host)

    assert fresh.access_token == "planted-new-access-9"
    assert "lost a race" in caplog.text


def test_an_access_token_that_claims_years_is_not_believed():
    row = make_authorization()
    pair = make_pair(1, access_lasts=timedelta(days=365 * 60))

    fresh = refresh(row, FakeTokens([pair]))

    two_years = timezone.now() + timedelta(days=732)
    assert fresh.access_expires_at < two_years
    assert fresh.refresh_due_at < two_years


def test_a_new_consent_renews_the_sellers_row_instead_of_adding_one():
    row = make_authorization()
    Authorization.objects.filter(pk=row.pk).update(
        state=Authorization.State.CONSENT_NEEDED, last_error="It was over."
    )

    store_another_pair(row)

    after = Authorization.objects.get()
    assert after.pk == row.pk
    assert after.state == Authorization.State.ACTIVE
    assert after.last_error == ""
    assert after.generation == row.generation + 1


def test_the_same_seller_has_a_row_per_app():
    one, two = make_api_app(), make_api_app()

    store_new_authorization(one, make_pair(1))
    store_new_authorization(two, make_pair(2))

    assert Authorization.objects.count() == 2


def test_pairs_are_due_at_half_their_life():
    row = make_authorization(access_ends_in=timedelta(days=7))
    now = timezone.now()

    assert due_in(timedelta(days=3), now) == []
    assert due_in(timedelta(days=4), now) == [row]


def due_in(delta: timedelta, now: datetime) -> list[Authorization]:
    return list(Authorization.objects.due_for_refresh(now + delta))


def test_the_task_renews_the_due_and_one_failure_stops_no_other(simulator, caplog):
    broken = make_authorization(make_api_app(), access_ends_in=timedelta(0))
    good = connected_authorization(simulator)
    Authorization.objects.filter(pk=good.pk).update(
        refresh_due_at=timezone.now(), seller_name="Zebra and Sons"
    )

    assert refresh_expiring_tokens() == 1

    assert stored(good).generation == good.generation + 1
    assert stored(good).access_token != good.access_token
    assert stored(broken).generation == broken.generation
    assert f"authorization_id={broken.pk}" in caplog.text


def test_nothing_is_refreshed_before_it_is_due(simulator):
    row = connected_authorization(simulator)

    assert refresh_expiring_tokens() == 0
    assert stored(row).generation == row.generation


def connected_authorization(simulator: SimulatorServer) -> Authorization:
    shop, *_ = connect_simulator_shops(simulator)
    return Authorization.objects.get(credentials__shop=shop)
