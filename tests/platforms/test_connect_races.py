"""Two at once: a state is redeemed once, a shop is linked once."""

import json
import threading
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from apps.integrations.contracts import RemoteShop
from apps.platforms.errors import ConnectFailed
from apps.platforms.models import (
    ApiApp,
    Authorization,
    ConnectAttempt,
    ConnectLink,
    Shop,
)
from apps.platforms.services.connecting import tickets
from apps.platforms.services.connecting.linking import link_shops
from apps.users.models import Client
from tests.factories.platforms import MANAGER
from tests.factories.users import make_user

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def on_postgres() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: set DATABASE_URL=postgres://…")


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call returned, or the ConnectFailed it raised."""
    barrier = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(number: int) -> None:
        try:
            barrier.wait()
            results[number] = calls[number]()
        except ConnectFailed as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[n]) for n in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


def make_app() -> ApiApp:
    return ApiApp.objects.create(
        name="App", app_key="6abc", app_secret="secret", service_id="73"
    )


def make_attempt(app: ApiApp, client: Client, **fields: Any) -> ConnectAttempt:
    number = ConnectAttempt.objects.count()
    values: dict[str, Any] = {
        "state_hash": tickets.digest(f"state {number}"),
        "expires_at": timezone.now() + timedelta(minutes=10),
    }
    return ConnectAttempt.objects.create(
        api_app=app, client=client, **(values | fields)
    )


def make_offer(app: ApiApp, client: Client) -> ConnectAttempt:
    """An attempt about to link the one shop of a seller."""
    now = timezone.now()
    authorization, _ = Authorization.objects.get_or_create(
        api_app=app,
        open_id="7010",
        defaults={
            "access_token": "access",
            "refresh_token": "refresh",
            "access_expires_at": now + timedelta(days=7),
            "refresh_expires_at": now + timedelta(days=365),
            "refresh_due_at": now + timedelta(days=3),
        },
    )
    shop = RemoteShop("7495", "Main Store", "GB", "cipher")
    return make_attempt(
        app,
        client,
        authorization=authorization,
        offered=json.dumps([asdict(shop)]),
    )


def test_a_state_brought_twice_is_redeemed_once():
    attempt = make_attempt(make_app(), Client.objects.create(name="Northwind"))

    results = at_once(*[lambda: tickets.redeem(attempt, "code")] * 4)

    assert sorted(results) == [False, False, False, True]


def test_of_two_consents_through_one_link_one_wins():
    app, company = make_app(), Client.objects.create(name="Northwind")
    link = ConnectLink.objects.create(
        token_hash="hash",
        client=company,
        api_app=app,
        created_by=make_user("staff", clients=[company], permissions=MANAGER),
        expires_at=timezone.now() + timedelta(days=1),
    )
    first, second = (make_attempt(app, company, link=link) for _ in range(2))

    results = at_once(
        lambda: tickets.redeem(first, "one"), lambda: tickets.redeem(second, "two")
    )

    assert [result for result in results if result is True] == [True]
    assert len([result for result in results if isinstance(result, ConnectFailed)]) == 1
    assert ConnectAttempt.objects.count() == 1


def test_two_clients_that_link_one_shop_do_not_both_get_it():
    app = make_app()
    attempts = [
        make_offer(app, Client.objects.create(name=name)) for name in ("One", "Two")
    ]

    results = at_once(
        *[lambda attempt=attempt: link_shops(attempt, ["7495"]) for attempt in attempts]
    )

    shop = Shop.objects.get()
    assert [[shop]] == [result for result in results if isinstance(result, list)]
    refused = [result for result in results if isinstance(result, ConnectFailed)]
    assert "A shop can be linked once." in str(refused[0])


def test_a_form_sent_twice_links_once():
    attempt = make_offer(make_app(), Client.objects.create(name="One"))

    results = at_once(*[lambda: link_shops(attempt, ["7495"])] * 3)

    shop = Shop.objects.get()
    assert results == [[shop]] * 3
    assert shop.is_default
