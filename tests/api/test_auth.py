"""Tokens, scopes and sessions: who may ask for what."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone

from apps.users.models import ApiToken, AuditEntry
from apps.users.roles import PERMISSIONS, Role
from apps.users.scopes import SCOPES
from tests.api.support import Caller, code, keys, tokens_of
from tests.api.world import make_world
from tests.factories.platforms import make_shop
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db
LISTS = {
    "audit": "audit",
    "calls": "calls",
    "clients": "clients",
    "connect-links": "connect-links",
    "invitations": "team",
    "members": "team",
    "orders": "orders",
    "runs": "runs",
    "shops": "shops",
    "tokens": "tokens",
}


def test_me_says_who_one_is_and_what_one_may_do_where():
    client = make_client("Mangrove")
    shop = make_shop(client, name="Lamps")
    user = make_user("noor", clients=[client], role=Role.ORDER_FULFILLMENT)
    make_shop(make_client())

    me = Caller(user, ["me:read", "orders:read"]).get("me/").json()

    assert me["username"] == "noor"
    assert me["token"] == "a program"
    assert me["scopes"] == ["me:read", "orders:read"]
    (at_client,) = me["clients"]
    assert at_client["name"] == "Mangrove"
    assert at_client["role"] == "order_fulfillment"
    assert "process_orders" in at_client["permissions"]
    (at_shop,) = me["shops"]
    assert at_shop["id"] == shop.pk
    assert at_shop["permissions"] == at_client["permissions"]


def test_the_matrix_is_told_as_data():
    caller = Caller(make_user())

    roles = {row["name"]: row for row in caller.get("roles/").json()["results"]}
    lines = {row["name"]: row for row in caller.get("permissions/").json()["results"]}
    scopes = [row["name"] for row in caller.get("scopes/").json()["results"]]

    assert roles.keys() == set(Role.values)
    assert set(roles["admin"]["permissions"]) == PERMISSIONS.keys()
    assert roles["underwriter"]["permissions"] == []
    assert lines["process_orders"]["roles"] == ["admin", "order_fulfillment"]
    assert scopes == list(SCOPES)


@pytest.mark.parametrize(("address", "resource"), LISTS.items())
def test_a_token_reads_only_what_its_scopes_name(address, resource):
    user = make_user(is_superuser=True)
    others = [scope for scope in SCOPES if scope != f"{resource}:read"]

    refused = Caller(user, others).get(f"{address}/")

    assert code(refused) == (403, "scope_missing")
    assert f"{resource}:read" in refused.json()["detail"]
    assert Caller(user, [f"{resource}:read"]).get(f"{address}/").status_code == 200


def test_reading_does_not_include_writing():
    world = make_world()
    reader = Caller(world.admin, [name for name in SCOPES if name.endswith(":read")])

    for answer in (
        reader.patch(f"shops/{world.shop.pk}/", {"name": "x"}),
        reader.post(f"shops/{world.shop.pk}/pause/"),
        reader.post(f"invitations/{world.invitation.pk}/revoke/"),
        reader.delete(f"members/{world.member.pk}/"),
        reader.put(f"members/{world.member.pk}/shops/{world.shop.pk}/", {"role": ""}),
        reader.post("connect-links/", {}),
        reader.post("clients/", {"name": "x"}),
        reader.delete(f"tokens/{reader.row.pk}/"),
    ):
        assert code(answer) == (403, "scope_missing")


def test_a_token_may_never_do_more_than_its_owner_at_the_moment():
    shop = make_shop()
    user = make_user(clients=[shop.client], role=Role.ADMIN)
    caller = Caller(user)
    assert keys(caller.get("shops/")) == [shop.pk]

    user.memberships.all().delete()

    assert keys(caller.get("shops/")) == []
    assert caller.get(f"shops/{shop.pk}/").status_code == 404


def test_somebody_made_inactive_is_out_with_all_tokens():
    user = make_user()
    caller = Caller(user)
    user.is_active = False
    user.save()

    assert code(caller.get("me/")) == (401, "authentication_failed")


def test_an_expired_token_is_refused_and_stays_in_the_list():
    user = make_user()
    caller, other = Caller(user), Caller(user)
    ApiToken.objects.filter(pk=caller.row.pk).update(expiry=timezone.now())

    assert code(caller.get("me/")) == (401, "authentication_failed")
    listed = {row["id"]: row for row in other.get("tokens/").json()["results"]}
    assert listed[caller.row.pk]["is_expired"] is True
    assert listed[other.row.pk]["is_expired"] is False


def test_the_last_use_is_written_once_a_minute(django_assert_num_queries):
    caller = Caller(make_user())
    start = timezone.now() + timedelta(hours=1)

    with time_machine.travel(start, tick=False):
        caller.get("scopes/")
    assert tokens_of(caller.user)[0].last_used_at == start
    with (
        time_machine.travel(start + timedelta(seconds=59), tick=False),
        django_assert_num_queries(1),  # the token with its owner
    ):
        caller.get("scopes/")
    assert tokens_of(caller.user)[0].last_used_at == start
    later = start + timedelta(seconds=61)
    with time_machine.travel(later, tick=False):
        caller.get("scopes/")
    assert tokens_of(caller.user)[0].last_used_at == later


def test_a_token_makes_another_with_fewer_scopes_and_none_with_more():
    user = make_user()
    caller = Caller(user, ["tokens:write", "me:read"])
    wanted = {"name": "Till", "expires_in_days": 7}

    made = caller.post("tokens/", wanted | {"scopes": ["me:read"]})
    refused = caller.post("tokens/", wanted | {"scopes": ["me:read", "orders:read"]})

    assert made.status_code == 201
    assert made.json()["token"].startswith("sd_")
    assert made["Cache-Control"] == "no-store"
    assert code(refused) == (403, "beyond_token")
    assert "orders:read" in refused.json()["detail"]
    assert ApiToken.objects.filter(name="Till").count() == 1
    entry = AuditEntry.objects.get(
        verb="made an API token", target_text__contains="Till"
    )
    assert made.json()["token"] not in str(entry.details)


@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": []},
        {"scopes": ["everything"]},
        {"expires_in_days": 0},
        {"expires_in_days": 366},
        {"name": ""},
    ],
)
def test_a_token_nobody_should_have_is_not_made(wrong):
    caller = Caller(make_user())
    body = {"name": "Till", "scopes": ["me:read"], "expires_in_days": 30}

    assert code(caller.post("tokens/", body | wrong)) == (400, "invalid")
    assert len(tokens_of(caller.user)) == 1


def test_nobody_reaches_the_tokens_of_others_not_even_a_superuser():
    other = Caller(make_user())
    root = Caller(make_user(is_superuser=True))

    assert keys(root.get("tokens/")) == [root.row.pk]
    foreign = root.delete(f"tokens/{other.row.pk}/")
    missing = root.delete("tokens/999999/")
    assert code(foreign) == code(missing) == (404, "not_found")
    assert other.get("me/").status_code == 200


def test_a_browsers_session_reads_freely_and_writes_with_its_form_token():
    shop = make_shop(name="Lamps")
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(make_user(clients=[shop.client], role=Role.ADMIN))
    address = f"/api/v1/shops/{shop.pk}/"
    body, kind = '{"name": "Candles"}', "application/json"

    me = browser.get("/api/v1/me/").json()
    refused = browser.patch(address, body, kind)
    browser.cookies["csrftoken"] = "a" * 32
    written = browser.patch(address, body, kind, headers={"X-CSRFToken": "a" * 32})

    assert me["token"] is None
    assert me["scopes"] == list(SCOPES)
    assert code(refused) == (403, "csrf_failed")
    assert written.json()["name"] == "Candles"


def test_who_looks_through_somebody_elses_eyes_changes_nothing_and_sees_no_tokens():
    shop = make_shop()
    packer = make_user(clients=[shop.client], role=Role.ORDER_FULFILLMENT)
    token = Caller(packer)
    browser = Browser()
    browser.force_login(make_user(clients=[shop.client], role=Role.ADMIN))
    browser.post(f"/account/preview/{packer.pk}/")

    me = browser.get("/api/v1/me/").json()
    refused = browser.post(f"/api/v1/shops/{shop.pk}/pause/")

    assert me["id"] == packer.pk
    assert keys(browser.get("/api/v1/tokens/")) == []
    assert code(refused) == (403, "only_looking")
    assert keys(token.get("tokens/")) == [token.row.pk]
