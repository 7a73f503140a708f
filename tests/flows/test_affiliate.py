"""A creator's way from consent to commissions, beside what the shop tells of them."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from django.core.management import call_command
from django.utils import timezone

from apps.content.models import AffiliateOrder, Creator
from apps.platforms.models import ApiApp, Authorization, ConnectAttempt, CreatorAccount
from apps.platforms.services.creators import disconnect_creator
from apps.platforms.services.scopes import AFFILIATE
from apps.sync.models import CreatorRun, SyncRun
from apps.sync.services.affiliate import pull_affiliate
from apps.sync.tasks import pull_creator_orders
from apps.users.services.audit import By
from tests.factories.platforms import connect_simulator_shops
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db(transaction=True)

CONNECT = "/platforms/connect/creator/"


def connected_shop(simulator):
    shop = connect_simulator_shops(simulator, 0)[0]
    Authorization.objects.update(scopes=[AFFILIATE])
    return shop


def consent_of(simulator, address, username):
    """The creator agrees; the path and query that lead back."""
    creators = simulator.control("creators")
    creator = next(row for row in creators if row["username"] == username)
    asked = dict(parse_qsl(urlsplit(address).query))
    reply = requests.post(
        f"{simulator.url}/alliance/creator/auth",
        asked | {"creator": creator["id"], "decision": "approve"},
        allow_redirects=False,
        timeout=30,
    )
    assert reply.status_code == 302, reply.text
    back = urlsplit(reply.headers["location"])
    return f"{back.path}?{back.query}"


def test_a_creator_connects_and_both_sides_tell_of_the_same_sales(
    simulator, client, monkeypatch, capsys
):
    monkeypatch.setattr(pull_creator_orders, "delay", lambda *args: None)
    shop = connected_shop(simulator)
    app = ApiApp.objects.get()
    staff = make_user("staff", is_superuser=True)
    client.force_login(staff)

    # The shop's side first: it names who sold for it.
    run = pull_affiliate(shop, trigger=SyncRun.Trigger.COMMAND)
    assert run.state == SyncRun.State.DONE, run.first_error
    sales = AffiliateOrder.objects.filter(shop=shop)
    assert run.new == sales.count() > 0
    assert not sales.filter(has_unread_amount=True).exists()
    again = pull_affiliate(shop, trigger=SyncRun.Trigger.COMMAND)
    assert (again.new, again.updated, again.same) == (0, 0, run.new)

    # One of these creators consents.
    sale = sales.filter(creator__isnull=False, settlement="settled").latest("placed_at")
    assert sale.creator
    username = sale.creator.username
    begun = client.post(CONNECT, {"client": shop.client_id, "api_app": app.pk})
    left = client.post(begun.headers["Location"])
    assert "/alliance/creator/auth?app_key=" in left.headers["Location"]
    back = client.get(consent_of(simulator, left.headers["Location"], username))
    done = client.post(back.headers["Location"], follow=True)
    assert f"@{username} is connected." in done.content.decode()
    account = CreatorAccount.objects.get()
    assert (account.username, account.region) == (username, shop.region)
    assert account.time_zone != "UTC"
    assert ConnectAttempt.objects.latest("pk").creator_account == account

    # Their own orders are read, in the market's own way of writing money.
    call_command("sync_affiliate", creator=[username])
    told = capsys.readouterr().out
    assert f"@{username}" in told
    own = AffiliateOrder.objects.filter(creator_account=account)
    assert own.count() == CreatorRun.objects.get().new > 0
    assert not own.filter(has_unread_amount=True).exists()
    assert set(own.values_list("creator__username", flat=True)) == {username}
    assert Creator.objects.get(username=username).open_id == account.open_id

    # Where no partner takes a part, both tell of the same money.
    theirs = own.get(remote_order_id=sale.remote_order_id, item=sale.item)
    assert theirs.settlement == sale.settlement
    assert theirs.actual_commission_amount == sale.actual_commission_amount
    assert theirs.rate == sale.rate

    # Disconnected: the keys are gone, what was read stays.
    disconnect_creator(account, by=By(staff))
    opened = Authorization.objects.get(open_id=account.open_id)
    assert opened.state == Authorization.State.REVOKED
    assert not opened.access_token
    assert own.exists()
    pull_creator_orders(account.pk, SyncRun.Trigger.SCHEDULE)
    assert CreatorRun.objects.count() == 1


def test_estimates_become_what_is_settled_when_they_are_asked_for_again(simulator):
    shop = connected_shop(simulator)
    pull_affiliate(shop, trigger=SyncRun.Trigger.COMMAND)
    waiting = set(
        AffiliateOrder.objects.unsettled().values_list("remote_order_id", flat=True)
    )
    assert waiting

    simulator.control("clock", {"advance": 40 * 86_400})
    until = timezone.now() + timedelta(days=40)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(timezone, "now", lambda: until)
        run = pull_affiliate(shop, trigger=SyncRun.Trigger.COMMAND)

    assert run.updated
    rows = AffiliateOrder.objects.filter(remote_order_id__in=waiting)
    over = rows.exclude(settlement__in=["to_settle", "awaiting_payment", "unknown"])
    assert over.exists()
    for row in over.filter(settlement="settled"):
        assert row.actual_amount is not None
