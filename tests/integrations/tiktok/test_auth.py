from datetime import UTC, datetime

import pytest
import requests

from apps.integrations.errors import (
    ConsentNeeded,
    MalformedReply,
    PlatformUnavailable,
)
from apps.integrations.tiktok.auth import (
    NEVER,
    authorize_url,
    exchange_code,
    refresh,
    tokens_from_json,
)
from apps.integrations.tiktok.hosts import Hosts
from tests.integrations.tiktok.fakes import (
    APP_KEY,
    APP_SECRET,
    AUTH_CODE,
    REFRESH_TOKEN,
    FakeSession,
    RecordingObserver,
    failure,
    success,
)


def make_tokens(**changes):
    return {
        "access_token": "ROW_new-access",
        "access_token_expire_in": 1790604800,
        "refresh_token": "new-refresh",
        "refresh_token_expire_in": 1821536000,
        "open_id": "7010000000000000001",
        "seller_name": "Lamp house",
        "seller_base_region": "MY",
        "user_type": 0,
        "granted_scopes": ["seller.order.info", "seller.shop.info"],
    } | changes


def test_sellers_consent_on_the_page_of_their_part_of_the_world():
    assert authorize_url("svc 1", "s&t") == (
        "https://services.tiktokshop.com/open/authorize?service_id=svc+1&state=s%26t"
    )
    assert authorize_url("1", "s", is_us=True) == (
        "https://services.us.tiktokshop.com/open/authorize?service_id=1&state=s"
    )
    assert authorize_url("1", "s", hosts=Hosts.all_at("http://sim/")) == (
        "http://sim/open/authorize?service_id=1&state=s"
    )


def test_a_code_becomes_tokens_with_the_instants_of_their_end():
    observer = RecordingObserver()
    session = FakeSession(success(make_tokens()))

    pair = exchange_code(
        APP_KEY, APP_SECRET, AUTH_CODE, session=session, observer=observer
    )

    [sent] = session.sent
    assert sent.method == "GET"
    assert sent.url == "https://auth.tiktok-shops.com/api/v2/token/get"
    assert sent.params == {
        "app_key": APP_KEY,
        "app_secret": APP_SECRET,
        "auth_code": AUTH_CODE,
        "grant_type": "authorized_code",
    }
    assert pair.access_token == "ROW_new-access"
    assert pair.refresh_token == "new-refresh"
    assert pair.access_expires_at == datetime(2026, 9, 28, 14, 13, 20, tzinfo=UTC)
    assert pair.refresh_expires_at == datetime(2027, 9, 21, 14, 13, 20, tzinfo=UTC)
    assert (pair.open_id, pair.seller_name, pair.seller_region, pair.user_type) == (
        "7010000000000000001",
        "Lamp house",
        "MY",
        0,
    )
    assert pair.scopes == ("seller.order.info", "seller.shop.info")
    [report] = observer.reports
    assert (report.method, report.path, report.http_status) == (
        "GET",
        "/api/v2/token/get",
        200,
    )


def test_a_refresh_asks_with_the_refresh_token():
    session = FakeSession(success(make_tokens()))

    refresh(
        APP_KEY,
        APP_SECRET,
        REFRESH_TOKEN,
        session=session,
        hosts=Hosts.all_at("http://sim"),
    )

    [sent] = session.sent
    assert sent.url == "http://sim/api/v2/token/refresh"
    assert sent.params == {
        "app_key": APP_KEY,
        "app_secret": APP_SECRET,
        "refresh_token": REFRESH_TOKEN,
        "grant_type": "refresh_token",
    }


@pytest.mark.parametrize("code", [36004001, 36004004, 36004005])
def test_a_spent_grant_needs_the_seller(code):
    session = FakeSession(failure(code))

    with pytest.raises(ConsentNeeded):
        refresh(APP_KEY, APP_SECRET, REFRESH_TOKEN, session=session)


@pytest.mark.parametrize(
    "outcome",
    [requests.ConnectionError("x"), requests.ReadTimeout("x"), failure(36009003)],
)
def test_tokens_are_never_asked_for_twice(outcome):
    session = FakeSession(outcome)

    with pytest.raises(PlatformUnavailable):
        refresh(APP_KEY, APP_SECRET, REFRESH_TOKEN, session=session)
    assert len(session.sent) == 1


@pytest.mark.parametrize("field", ["access_token_expire_in", "refresh_token_expire_in"])
@pytest.mark.parametrize("value", [604800, 999_999_999, 0, -1, None, "", "soon", True])
def test_a_duration_is_refused_rather_than_guessed(field, value):
    with pytest.raises(MalformedReply, match=field):
        tokens_from_json(make_tokens(**{field: value}))


@pytest.mark.parametrize("seconds", [10**11, 10**15, "99999999999999"])
def test_an_authorization_without_end_ends_very_late(seconds):
    pair = tokens_from_json(make_tokens(refresh_token_expire_in=seconds))

    assert pair.refresh_expires_at == NEVER


@pytest.mark.parametrize("field", ["access_token", "refresh_token"])
def test_half_a_pair_is_none(field):
    with pytest.raises(MalformedReply, match=field):
        tokens_from_json(make_tokens(**{field: ""}))


@pytest.mark.parametrize(
    ("granted", "scopes"),
    [("a.b, c.d", ("a.b", "c.d")), (None, ()), ([], ()), ("a.b", ("a.b",))],
)
def test_scopes_come_as_a_list_or_as_text(granted, scopes):
    assert tokens_from_json(make_tokens(granted_scopes=granted)).scopes == scopes


def test_tokens_do_not_show_in_a_repr():
    shown = repr(tokens_from_json(make_tokens()))

    assert "new-access" not in shown
    assert "new-refresh" not in shown
