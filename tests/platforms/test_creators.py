"""Creators' accounts: opened by the right consent, once, and closed for good."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.integrations.contracts import TokenPair
from apps.platforms.errors import ConnectFailed, ReconnectNeeded
from apps.platforms.models import Authorization, ConnectAttempt, CreatorAccount
from apps.platforms.services.clients import TikTokTokens, client_for_creator
from apps.platforms.services.connecting import exchange, tickets
from apps.platforms.services.consent import mark_reconnect_needed
from apps.platforms.services.creators import (
    connect_creator,
    disconnect_creator,
    open_account,
)
from apps.users.models import AuditEntry
from apps.users.services.audit import By
from tests.factories.platforms import make_api_app, make_authorization
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db
BY = By(process="test")


def make_pair(user_type=1, **fields):
    now = timezone.now()
    values: dict[str, Any] = {
        "access_token": "an access token",
        "refresh_token": "a refresh token",
        "access_expires_at": now + timedelta(days=7),
        "refresh_expires_at": now + timedelta(days=365_000),
        "open_id": "creator-1",
        "seller_region": "MY",
    }
    return TokenPair(user_type=user_type, **values | fields)


def test_a_consent_opens_one_account_however_often_it_is_given():
    client, app = make_client(), make_api_app()

    first = connect_creator(client, app, make_pair(), by=BY)
    again = connect_creator(client, app, make_pair(access_token="newer"), by=BY)

    assert first == again == CreatorAccount.objects.get()
    assert again.authorization
    assert again.authorization.access_token == "newer"
    assert (again.region, again.time_zone) == ("MY", "Asia/Kuala_Lumpur")
    verbs = AuditEntry.objects.filter(target_type="platforms.creatoraccount")
    assert set(verbs.values_list("verb", flat=True)) == {"connected", "reconnected"}


def test_a_sellers_consent_opens_none_and_nothing_is_kept():
    with pytest.raises(ConnectFailed, match="given by a seller"):
        connect_creator(make_client(), make_api_app(), make_pair(user_type=0))

    assert not Authorization.objects.exists()


def test_another_clients_account_is_not_taken_over():
    app = make_api_app()
    account = connect_creator(make_client(), app, make_pair())

    with pytest.raises(ConnectFailed, match="already linked"):
        connect_creator(make_client(), app, make_pair(access_token="theirs"))

    account.refresh_from_db()
    assert account.authorization
    assert account.authorization.access_token == "an access token"


def test_disconnecting_wipes_the_tokens_and_stops_the_account():
    app = make_api_app()
    account = connect_creator(make_client(), app, make_pair())

    disconnect_creator(account, by=BY)
    disconnect_creator(account, by=BY)

    account.refresh_from_db()
    row = Authorization.objects.get()
    assert (account.state, row.state) == ("disconnected", "revoked")
    assert row.access_token == row.refresh_token == ""
    with pytest.raises(ReconnectNeeded):
        client_for_creator(account)
    assert AuditEntry.objects.filter(verb="disconnected").count() == 1
    back = connect_creator(account.client, app, make_pair())
    assert (back, back.state) == (account, "connected")


def test_a_consent_taken_away_at_the_platform_stops_the_account():
    account = connect_creator(make_client(), make_api_app(), make_pair())

    assert account.authorization
    mark_reconnect_needed(account.authorization, "The creator took it back.")

    account.refresh_from_db()
    assert account.state == "reconnect_needed"
    assert account.state_reason == "The creator took it back."


def test_tidying_leaves_the_tokens_of_a_connected_creator():
    client, app = make_client(), make_api_app()
    account = connect_creator(client, app, make_pair())
    attempt = tickets.begin_for_creator(make_user(), client, app)
    ConnectAttempt.objects.filter(pk=attempt.pk).update(
        authorization=account.authorization, expires_at=timezone.now()
    )

    tickets.tidy(timezone.now())

    assert account.authorization
    account.authorization.refresh_from_db()
    assert account.authorization.access_token == "an access token"


@pytest.mark.parametrize(
    ("kind", "user_type", "says"),
    [("creator", 0, "given by a seller"), ("seller", 1, "given by a creator")],
)
def test_who_was_not_asked_is_refused(monkeypatch, kind, user_type, says):
    client, app = make_client(), make_api_app()
    attempt = tickets.begin_for_creator(make_user(), client, app)
    attempt.account_kind, attempt.code = kind, "a code"
    attempt.used_at = timezone.now()
    attempt.save()
    pair = make_pair(user_type=user_type)
    monkeypatch.setattr(TikTokTokens, "exchange_code", lambda *_: pair)

    exchange.complete(attempt)

    assert attempt.problem == ConnectAttempt.Problem.REFUSED
    assert says in attempt.problem_text
    assert not Authorization.objects.exists()
    assert not CreatorAccount.objects.exists()


def test_staff_say_whose_creator_it_is_and_read_what_is_asked(client):
    company, app = make_client("Northwind"), make_api_app()
    staff = make_user("staff", clients=[company], permissions=["manage_credentials"])
    client.force_login(staff)

    begun = client.post(
        reverse("platforms:connect_creator"), {"client": company.pk, "api_app": app.pk}
    )
    page = client.get(begun.headers["Location"])

    assert "sign in as the creator" in page.content.decode()
    assert ConnectAttempt.objects.get().account_kind == "creator"


def test_who_connects_no_shops_connects_no_creators(client):
    client.force_login(make_user(clients=[make_client()], role="analyst"))

    assert client.get(reverse("platforms:connect_creator")).status_code == 403


def test_an_account_stored_before_is_opened_from_its_row():
    row = make_authorization(make_api_app(), user_type=1, open_id="creator-9")

    account = open_account(make_client(), row, by=BY)

    assert (account.open_id, account.authorization) == ("creator-9", row)
