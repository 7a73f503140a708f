"""Shops, teams, links, logs: rows one may see, deeds one may do."""

from typing import Any

import pytest
from django.core import mail

from apps.platforms.models import ConnectLink, Invitation, Shop, ShopRole
from apps.platforms.services import renewal
from apps.platforms.tasks import mail_invitation
from apps.sync.models import SyncRun
from apps.sync.tasks import pull_orders, pull_products
from apps.users.models import AuditEntry, Client, Membership
from apps.users.roles import Role
from tests.api.support import Caller, code, keys
from tests.api.world import World, make_world
from tests.factories.platforms import make_shop
from tests.factories.sync import make_run
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world("Mangrove")


@pytest.fixture
def foreign() -> World:
    return make_world("Quokka")


@pytest.fixture
def admin(world) -> Caller:
    return Caller(world.admin)


@pytest.fixture
def queue(monkeypatch) -> list[Any]:
    sent: list[Any] = []
    for task in (pull_orders, pull_products):
        monkeypatch.setattr(task, "delay", lambda *args: sent.append(args))
    monkeypatch.setattr(mail_invitation, "delay", lambda *args: sent.append(args))
    return sent


ROWS = {
    "audit": "entry",
    "calls": "call",
    "clients": "client",
    "connect-links": "link",
    "invitations": "invitation",
    "members": "member",
    "orders": "order",
    "runs": "run",
    "shops": "shop",
}


@pytest.mark.parametrize(("address", "name"), ROWS.items())
def test_a_foreign_row_is_as_good_as_none(world, foreign, admin, address, name):
    own, other = getattr(world, name), getattr(foreign, name)

    listed = admin.get(f"{address}/")
    mine = admin.get(f"{address}/{own.pk}/")
    theirs = admin.get(f"{address}/{other.pk}/")
    missing = admin.get(f"{address}/987654321/")

    assert own.pk in keys(listed)
    assert other.pk not in keys(listed)
    assert mine.status_code == 200
    assert mine["ETag"]
    assert told(theirs, other.pk) == told(missing, 987654321)
    for answer in (listed, mine, theirs):
        assert b"Quokka" not in answer.content


def told(answer, key: int) -> tuple[int, dict[str, Any]]:
    """What an answer says, but for the key that was asked for and its own number."""
    body = answer.json()
    body.pop("request_id")
    body["instance"] = "…".join(body["instance"].rsplit(str(key), 1))
    return answer.status_code, body


FILTERS = [
    ("audit", "client", "client"),
    ("audit", "shop", "shop"),
    ("calls", "shop", "shop"),
    ("connect-links", "client", "client"),
    ("invitations", "client", "client"),
    ("members", "client", "client"),
    ("members", "user", "admin"),
    ("orders", "client", "client"),
    ("orders", "shop", "shop"),
    ("runs", "shop", "shop"),
    ("shops", "client", "client"),
]


@pytest.mark.parametrize(("address", "parameter", "name"), FILTERS)
def test_filters_offer_no_foreign_row(world, foreign, admin, address, parameter, name):
    own, other = getattr(world, name).pk, getattr(foreign, name).pk

    theirs = admin.get(f"{address}/?{parameter}={other}")
    missing = admin.get(f"{address}/?{parameter}=987654321")

    assert keys(admin.get(f"{address}/?{parameter}={own}"))
    assert code(theirs) == (400, "invalid")
    assert told(theirs, other) == told(missing, 987654321)


LISTS = {
    "audit": 4,
    "calls": 5,
    "clients": 4,
    "connect-links": 4,
    "invitations": 5,
    "members": 4,
    "orders": 5,
    "runs": 5,
    "shops": 4,
    "tokens": 2,
}


@pytest.mark.parametrize(("address", "queries"), LISTS.items())
def test_a_list_takes_as_many_queries_as_a_short_one(
    world, admin, address, queries, django_assert_num_queries
):
    for number in range(3):
        shop = make_shop(world.client, name=f"More {number}")
        make_run(shop)
    admin.get("me/")  # the use of the token is noted

    with django_assert_num_queries(queries):
        admin.get(f"{address}/")


def test_shops_are_filtered_and_searched(world, admin):
    shop = make_shop(world.client, name="Candles", region="GB", state="paused")

    assert keys(admin.get("shops/?region=GB")) == [shop.pk]
    assert keys(admin.get("shops/?state=paused")) == [shop.pk]
    assert keys(admin.get("shops/?search=candle")) == [shop.pk]
    assert keys(admin.get(f"shops/?search={shop.remote_id}")) == [shop.pk]
    assert keys(admin.get("shops/?is_default=true")) == []
    assert shop.pk in keys(admin.get("shops/?is_default=false&environment=production"))


def test_settings_are_changed_and_written_down(world, admin):
    answer = admin.patch(
        f"shops/{world.shop.pk}/", {"time_zone": "Europe/London", "rating": "4.5"}
    )

    assert answer.json()["rating"] == "4.50"
    world.shop.refresh_from_db()
    assert world.shop.time_zone == "Europe/London"
    entry = AuditEntry.objects.get(verb="changed settings")
    assert entry.actor == world.admin
    assert entry.details["changes"].keys() == {"time_zone", "rating"}


@pytest.mark.parametrize("role", [Role.ANALYST, Role.ORDER_FULFILLMENT])
def test_who_only_sees_a_shop_changes_nothing(world, role):
    caller = Caller(make_user(clients=[world.client], role=role))
    shop = f"shops/{world.shop.pk}"

    for answer in (
        caller.patch(f"{shop}/", {"name": "x"}),
        caller.post(f"{shop}/pause/"),
        caller.post(f"{shop}/resume/"),
        caller.post(f"{shop}/make-default/"),
        caller.post(f"{shop}/disconnect/", {"typed_name": world.shop.name}),
        caller.post(f"{shop}/refresh-tokens/"),
    ):
        assert code(answer) == (403, "permission_denied")
    world.shop.refresh_from_db()
    assert world.shop.state == Shop.State.CONNECTED


def test_a_shop_is_paused_resumed_made_default_and_disconnected(world, admin):
    shop = f"shops/{world.shop.pk}"

    assert admin.post(f"{shop}/pause/").json()["state"] == "paused"
    assert code(admin.post(f"{shop}/pause/")) == (409, "shop_refuses")
    assert admin.post(f"{shop}/resume/").json()["state"] == "connected"
    assert admin.post(f"{shop}/make-default/").json()["is_default"] is True
    wrong = admin.post(f"{shop}/disconnect/", {"typed_name": "something"})
    assert code(wrong) == (409, "shop_refuses")
    gone = admin.post(f"{shop}/disconnect/", {"typed_name": world.shop.name})
    assert gone.json()["state"] == "disconnected"


def test_a_sync_is_started_once(world, admin, queue):
    address = f"shops/{world.shop.pk}/sync/"
    period = {"since": "2026-11-01T00:00:00Z", "until": "2026-11-02T00:00:00Z"}

    started = admin.post(address)
    again = admin.post(address, period)
    run = make_run(world.shop, state=SyncRun.State.RUNNING, ended_at=None)
    refused = admin.post(address, {})

    assert started.status_code == 202
    assert started.json() == {"started": True, "run": None}
    assert again.json()["started"] is True
    assert refused.json() == {"started": False, "run": run.pk}
    assert [args[0] for args in queue] == [world.shop.pk] * 2
    assert queue[1][2].startswith("2026-11-01T00:00:00")


@pytest.mark.parametrize(
    "period",
    [
        {"until": "2026-11-02T00:00:00Z"},
        {"since": "2026-11-02T00:00:00Z", "until": "2026-11-01T00:00:00Z"},
        {"since": "2020-11-02T00:00:00Z"},
        {"since": "2999-11-02T00:00:00Z"},
        {"since": "never"},
    ],
)
def test_a_period_that_is_none_starts_nothing(world, admin, queue, period):
    answer = admin.post(f"shops/{world.shop.pk}/sync/", period)

    assert code(answer) == (400, "invalid")
    assert queue == []


def test_tokens_are_renewed_or_the_platform_is_named(world, admin, monkeypatch):
    def renewed(row, **options):
        return row

    address = f"shops/{world.shop.pk}/refresh-tokens/"
    failed = admin.post(address)  # in tests nothing listens there
    monkeypatch.setattr(renewal, "refresh_now", renewed)
    first = admin.post(address, Idempotency_Key="k")
    again = admin.post(address, Idempotency_Key="k")

    assert code(failed) == (502, "platform_failed")
    (row,) = first.json()["results"]
    assert row["api_app"] == world.api_app.name
    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"


def test_a_role_is_changed_everywhere_and_at_one_shop(world, admin):
    member = f"members/{world.member.pk}"
    at_shop = f"{member}/shops/{world.shop.pk}/"

    shown = admin.get(f"{member}/").json()
    changed = admin.patch(f"{member}/", {"role": "content_manager"})
    closed = admin.put(at_shop, {"role": ""})
    followed = admin.delete(at_shop)

    (own,) = shown["shop_roles"]
    assert own["shop"] == world.shop.pk
    assert own["role"] == "order_fulfillment"
    assert changed.json()["role"] == "content_manager"
    assert closed.json()["shop_roles"][0]["permissions"] == []
    assert followed.status_code == 204
    assert not ShopRole.objects.filter(membership=world.member).exists()
    verbs = AuditEntry.objects.filter(verb="changed role").count()
    assert verbs == 3


def test_a_foreign_shop_is_no_place_for_a_role(world, foreign, admin):
    foreign_shop = f"members/{world.member.pk}/shops/{foreign.shop.pk}/"
    missing = f"members/{world.member.pk}/shops/987654321/"

    for ask in (lambda at: admin.put(at, {"role": "analyst"}), admin.delete):
        assert told(ask(foreign_shop), foreign.shop.pk) == told(ask(missing), 987654321)


def test_nobody_gives_more_than_they_hold_or_drops_the_last_admin(world, admin):
    me = Membership.objects.get(user=world.admin)
    manager = make_user(
        clients=[world.client], role=Role.ANALYST, permissions=["manage_team"]
    )
    limited = Caller(manager)

    last = admin.patch(f"members/{me.pk}/", {"role": "analyst"})
    removed = admin.delete(f"members/{me.pk}/")
    up = limited.patch(f"members/{world.member.pk}/", {"role": "admin"})
    unknown = admin.patch(f"members/{me.pk}/", {"role": "emperor"})

    assert code(last) == code(removed) == (409, "last_admin")
    assert code(up) == (403, "not_yours")
    assert code(unknown) == (400, "invalid")
    world.member.refresh_from_db()
    assert world.member.role == Role.ANALYST


def test_who_manages_one_shop_sees_nothing_of_the_others(world):
    other = make_shop(world.client, name="Tamarind")
    member = world.member
    ShopRole.objects.create(membership=member, shop=other, role=Role.ANALYST)
    limited = make_user(clients=[world.client])
    ShopRole.objects.create(
        membership=limited.memberships.get(), shop=world.shop, role=Role.ADMIN
    )
    world.invitation.shops.add(other)
    caller = Caller(limited)

    detail = caller.get(f"members/{member.pk}/").json()
    invitation = caller.get(f"invitations/{world.invitation.pk}/").json()
    closed = caller.put(f"members/{member.pk}/shops/{other.pk}/", {"role": "admin"})

    assert [row["shop"] for row in detail["shop_roles"]] == [world.shop.pk]
    assert invitation["shops"] == [world.shop.pk]
    assert invitation["at_all_shops"] is False
    assert closed.status_code == 404
    assert keys(caller.get("shops/")) == [world.shop.pk]


def test_an_invitation_is_mailed_after_the_commit_and_never_shows_its_link(
    world, admin, queue, django_capture_on_commit_callbacks
):
    body = {
        "client": world.client.pk,
        "email": "Mei@Example.com",
        "role": "order_fulfillment",
        "shops": [world.shop.pk],
    }
    with django_capture_on_commit_callbacks(execute=True):
        made = admin.post("invitations/", body)
        assert queue == []
    row = Invitation.objects.get(email="mei@example.com")

    assert made.status_code == 201
    assert made.json()["shops"] == [world.shop.pk]
    assert made.json()["state"] == "open"
    assert queue == [(row.pk,)]
    assert row.nonce not in made.content.decode()
    assert row.token not in made.content.decode()
    assert mail.outbox == []


def test_an_invitation_is_sent_again_and_taken_back(world, admin, queue):
    address = f"invitations/{world.invitation.pk}"

    again = admin.post(f"{address}/resend/")
    revoked = admin.post(f"{address}/revoke/")
    twice = admin.post(f"{address}/revoke/")
    late = admin.post(f"{address}/resend/")

    assert again.json()["mail_state"] == "queued"
    assert revoked.json()["state"] == twice.json()["state"] == "revoked"
    assert code(late) == (409, "invitation_closed")
    assert keys(admin.get("invitations/?state=open")) == []
    assert keys(admin.get("invitations/?state=revoked")) == [world.invitation.pk]


def test_nobody_invites_to_a_foreign_client_or_shop(world, foreign, admin):
    body = {"client": world.client.pk, "email": "mei@example.com", "role": "analyst"}

    for change in (
        {"client": foreign.client.pk},
        {"shops": [foreign.shop.pk]},
        {"client": 987654321},
        {"shops": [987654321]},
        {"email": "nobody"},
        {"extra_permissions": ["rule_the_world"]},
    ):
        answer = admin.post("invitations/", body | change)
        assert code(answer) == (400, "invalid")
        if "client" in change or "shops" in change:
            (error,) = answer.json()["errors"]
            assert error["code"] == "does_not_exist"
    assert Invitation.objects.filter(client=world.client).count() == 1
    nothing = admin.post("invitations/", body | {"role": ""})
    assert code(nothing) == (409, "team_refuses")


def test_a_connect_link_is_told_once_and_revoked(world, foreign, admin):
    body = {"client": world.client.pk, "api_app": world.api_app.pk, "days": 3}

    made = admin.post("connect-links/", body).json()
    shown = admin.get(f"connect-links/{made['id']}/").json()
    theirs = admin.post("connect-links/", body | {"api_app": foreign.api_app.pk})
    revoked = admin.post(f"connect-links/{made['id']}/revoke/").json()

    assert made["address"].startswith("http://testserver/platforms/")
    assert "address" not in shown
    assert shown["state"] == "open"
    assert code(theirs) == (400, "invalid")
    assert revoked["state"] == "revoked"
    token = made["address"].rstrip("/").rsplit("/", 1)[1]
    assert token not in str(ConnectLink.objects.values().get(pk=made["id"]))


def test_superusers_add_and_rename_clients_and_nobody_else_does(world, admin):
    root = Caller(make_user(is_superuser=True))

    made = root.post("clients/", {"name": "Harbour"})
    renamed = root.patch(f"clients/{made.json()['id']}/", {"name": "Harbour & Co"})
    closed = root.patch(f"clients/{made.json()['id']}/", {"is_active": False})
    taken = root.post("clients/", {"name": world.client.name})

    assert made.status_code == 201
    assert renamed.json()["name"] == "Harbour & Co"
    assert closed.json()["is_active"] is False
    assert code(taken) == (409, "team_refuses")
    assert code(admin.post("clients/", {"name": "Mine"})) == (403, "not_yours")
    own = admin.patch(f"clients/{world.client.pk}/", {"name": "Mine"})
    assert code(own) == (403, "not_yours")
    assert not Client.objects.filter(name="Mine").exists()


def test_runs_tell_their_issues_and_calls_their_masked_bodies(world, admin):
    run = admin.get(f"runs/{world.run.pk}/").json()
    call = admin.get(f"calls/{world.call.pk}/").json()

    assert run["issues"] == [{"remote_id": "5811", "message": "Mangrove no total"}]
    assert call["response"] == "{}"
    assert "request" not in admin.get("calls/").json()["results"][0]
    assert keys(admin.get("runs/?state=partly&trigger=schedule")) == [world.run.pk]
    assert keys(admin.get("calls/?status=2&code=0&path=search")) == [world.call.pk]
    assert keys(admin.get("calls/?status=error")) == []
    assert keys(admin.get("calls/?since=2999-01-01T00:00:00Z")) == []


def test_the_trail_is_filtered(world, admin):
    found = admin.get("audit/?verb=paused&target=Mangrove").json()["results"]

    assert [row["id"] for row in found] == [world.entry.pk]
    assert found[0]["shop"] == world.shop.pk
    assert found[0]["actor"] == world.admin.pk
    assert keys(admin.get(f"audit/?actor={world.admin.username}&verb=paused"))
    assert keys(admin.get("audit/?until=2000-01-01T00:00:00Z")) == []
