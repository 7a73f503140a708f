"""One deed for one key, and changes only to what was seen."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from apps.platforms.errors import RefreshInProgress
from apps.platforms.models import ConnectLink, Shop
from apps.platforms.services import renewal
from apps.users.models import ApiToken, AuditEntry, IdempotencyRecord, Membership
from apps.users.roles import Role
from apps.users.services import idempotency
from apps.users.services.idempotency import forget_idempotency_records
from tests.api.support import Caller, code
from tests.api.world import make_world
from tests.factories.platforms import make_api_app, make_shop
from tests.factories.users import make_client, make_user


@pytest.fixture
def shop(db):
    return make_shop(name="Lamps")


@pytest.fixture
def caller(shop) -> Caller:
    return Caller(make_user(clients=[shop.client], role=Role.ADMIN))


NEW_TOKEN = {"name": "Till", "scopes": ["me:read"], "expires_in_days": 30}


def test_the_same_key_repeats_the_answer_and_does_nothing(caller):
    first = caller.post("tokens/", NEW_TOKEN, Idempotency_Key="k1")
    again = caller.post("tokens/", NEW_TOKEN, Idempotency_Key="k1")

    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert ApiToken.objects.filter(name="Till").count() == 1


def test_an_answer_that_holds_a_token_is_kept_encrypted(caller):
    token = caller.post("tokens/", NEW_TOKEN, Idempotency_Key="k1").json()["token"]

    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM users_idempotencyrecord")
        (stored,) = cursor.fetchone()
    assert token not in str(bytes(stored) if not isinstance(stored, str) else stored)
    assert token in IdempotencyRecord.objects.get().body


def test_a_key_that_came_with_another_request_is_refused(caller, shop):
    caller.post("tokens/", NEW_TOKEN, Idempotency_Key="k1")

    other_body = caller.post(
        "tokens/", NEW_TOKEN | {"name": "Shelf"}, Idempotency_Key="k1"
    )
    other_address = caller.post(f"shops/{shop.pk}/pause/", Idempotency_Key="k1")

    assert code(other_body) == (422, "idempotency_key_reused")
    assert code(other_address) == (422, "idempotency_key_reused")
    assert not ApiToken.objects.filter(name="Shelf").exists()
    shop.refresh_from_db()
    assert shop.state == Shop.State.CONNECTED


def test_another_token_of_the_same_person_gets_no_answer_of_the_first(caller):
    caller.post("tokens/", NEW_TOKEN, Idempotency_Key="k1")
    weaker = Caller(caller.user, ["tokens:write", "me:read"])

    answer = weaker.post("tokens/", NEW_TOKEN, Idempotency_Key="k1")

    assert code(answer) == (422, "idempotency_key_reused")


def test_keys_of_two_people_do_not_meet(caller, shop):
    other = Caller(make_user(clients=[shop.client], role=Role.ADMIN))

    caller.post("tokens/", NEW_TOKEN, Idempotency_Key="k1")
    answer = other.post("tokens/", NEW_TOKEN, Idempotency_Key="k1")

    assert answer.status_code == 201
    assert "Idempotency-Replayed" not in answer


def test_who_lost_the_client_gets_no_answer_about_it_repeated(caller, shop):
    caller.post(f"shops/{shop.pk}/pause/", Idempotency_Key="k1")
    Membership.objects.filter(user=caller.user).delete()

    answer = caller.post(f"shops/{shop.pk}/pause/", Idempotency_Key="k1")

    assert code(answer) == (422, "idempotency_key_reused")


def test_what_failed_is_not_kept(caller, shop):
    refused = caller.post(f"shops/{shop.pk}/resume/", Idempotency_Key="k1")
    assert code(refused) == (409, "shop_refuses")
    assert not IdempotencyRecord.objects.exists()

    caller.post(f"shops/{shop.pk}/pause/")
    again = caller.post(f"shops/{shop.pk}/resume/", Idempotency_Key="k1")

    assert again.status_code == 200


def test_a_repeated_change_is_written_into_the_trail_once(caller, shop):
    for _ in range(3):
        answer = caller.patch(
            f"shops/{shop.pk}/", {"name": "Lamps and More"}, Idempotency_Key="k1"
        )
        assert answer.json()["name"] == "Lamps and More"
        assert answer["ETag"]

    assert AuditEntry.objects.filter(verb="changed settings").count() == 1


def test_a_repeated_delete_is_answered_as_the_first(caller):
    other = Caller(caller.user)

    first = caller.delete(f"tokens/{other.row.pk}/", Idempotency_Key="k1")
    again = caller.delete(f"tokens/{other.row.pk}/", Idempotency_Key="k1")

    assert first.status_code == again.status_code == 204
    assert again.content == b""


@pytest.mark.parametrize("key", ["", "x" * 201, "with blank", "ünï"])
def test_a_key_nobody_can_repeat_is_refused(caller, shop, key):
    answer = caller.post(f"shops/{shop.pk}/pause/", Idempotency_Key=key)

    assert code(answer) == (400, "invalid")
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"


def test_a_key_is_free_again_after_a_day(caller, shop):
    caller.post(f"shops/{shop.pk}/pause/", Idempotency_Key="k1")
    caller.post(f"shops/{shop.pk}/resume/")
    yesterday = timezone.now() - timedelta(hours=25)
    IdempotencyRecord.objects.update(created_at=yesterday)

    answer = caller.post(f"shops/{shop.pk}/pause/", Idempotency_Key="k1")

    assert "Idempotency-Replayed" not in answer
    assert answer.json()["state"] == "paused"


def test_old_records_are_forgotten_and_young_ones_kept(caller, shop):
    caller.post(f"shops/{shop.pk}/pause/", Idempotency_Key="old")
    IdempotencyRecord.objects.update(created_at=timezone.now() - timedelta(days=2))
    caller.post(f"shops/{shop.pk}/resume/", Idempotency_Key="young")

    gone = forget_idempotency_records(timezone.now() - timedelta(days=1))

    assert gone == 1
    assert [row.key for row in IdempotencyRecord.objects.all()] == ["young"]


def test_an_unchanged_answer_is_not_sent_again(caller, shop):
    first = caller.get(f"shops/{shop.pk}/")

    same = caller.get(f"shops/{shop.pk}/", If_None_Match=f'"x", {first["ETag"]}')
    shop.name = "Candles"
    shop.save()
    changed = caller.get(f"shops/{shop.pk}/", If_None_Match=first["ETag"])

    assert same.status_code == 304
    assert same.content == b""
    assert same["ETag"] == first["ETag"]
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_nobody_overwrites_what_they_have_not_seen(caller, shop):
    etag = caller.get(f"shops/{shop.pk}/")["ETag"]
    mine = caller.patch(f"shops/{shop.pk}/", {"name": "Mine"}, If_Match=etag)
    late = caller.patch(f"shops/{shop.pk}/", {"name": "Late"}, If_Match=etag)
    weak = caller.patch(
        f"shops/{shop.pk}/", {"name": "Late"}, If_Match=f"W/{mine['ETag']}"
    )

    assert mine.status_code == 200
    assert mine["ETag"] == caller.get(f"shops/{shop.pk}/")["ETag"]
    assert code(late) == code(weak) == (412, "stale")
    shop.refresh_from_db()
    assert shop.name == "Mine"
    blind = caller.patch(f"shops/{shop.pk}/", {"name": "Any"}, If_Match="*")
    assert blind.status_code == 200


def test_a_member_changed_meanwhile_is_not_removed(caller, shop):
    member = Membership.objects.get(
        user=make_user(clients=[shop.client], role=Role.ANALYST)
    )
    etag = caller.get(f"members/{member.pk}/")["ETag"]
    caller.patch(f"members/{member.pk}/", {"role": "content_manager"})

    answer = caller.delete(f"members/{member.pk}/", If_Match=etag)

    assert code(answer) == (412, "stale")
    assert Membership.objects.filter(pk=member.pk).exists()


def test_a_deed_asks_for_the_seen_state_as_well(caller, shop):
    seen = caller.get(f"shops/{shop.pk}/")["ETag"]
    caller.patch(f"shops/{shop.pk}/", {"name": "Candles"})

    for deed in ("pause", "refresh-tokens"):
        answer = caller.post(f"shops/{shop.pk}/{deed}/", If_Match=seen)
        assert code(answer) == (412, "stale")
    shop.refresh_from_db()
    assert shop.state == Shop.State.CONNECTED


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_renewal_runs_in_no_transaction_of_ours(monkeypatch):
    def refuse(row, **options):
        assert not connection.in_atomic_block
        raise RefreshInProgress("Another process is at it.")

    world = make_world()
    monkeypatch.setattr(renewal, "refresh_now", refuse)
    caller = Caller(world.admin)
    seen = caller.get(f"shops/{world.shop.pk}/")["ETag"]

    answer = caller.post(
        f"shops/{world.shop.pk}/refresh-tokens/", If_Match=seen, Idempotency_Key="k"
    )

    assert code(answer) == (409, "refresh_in_progress")
    assert not IdempotencyRecord.objects.exists()


@pytest.mark.django_db
def test_a_record_made_since_one_looked_is_found_not_replaced(monkeypatch):
    user = make_user()
    first, _ = idempotency.begin(user, "k", "f")
    # As another request saw it, a moment before the first committed.
    monkeypatch.setattr(idempotency, "find", lambda *_: None)

    second, is_first = idempotency.begin(user, "k", "f")

    assert (second, is_first) == (first, False)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_requests_at_once_with_one_key_make_one_link():
    client = make_client()
    app = make_api_app()
    caller = Caller(make_user(clients=[client], role=Role.ADMIN))
    body = {"client": client.pk, "api_app": app.pk}
    answers = at_once(
        5, lambda: caller.post("connect-links/", body, Idempotency_Key="k1")
    )

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["address"] for answer in answers}) == 1
    assert ConnectLink.objects.count() == 1
    assert sum("Idempotency-Replayed" in answer for answer in answers) == 4


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_who_saw_the_same_state_one_changes_it():
    shop = make_shop(name="Lamps")
    caller = Caller(make_user(clients=[shop.client], role=Role.ADMIN))
    etag = caller.get(f"shops/{shop.pk}/")["ETag"]
    names = iter(["One", "Two", "Three", "Four"])
    answers = at_once(
        4,
        lambda: caller.patch(f"shops/{shop.pk}/", {"name": next(names)}, If_Match=etag),
    )

    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200, 412, 412, 412]
    assert AuditEntry.objects.filter(verb="changed settings").count() == 1


def at_once(count: int, ask: Callable[[], Any]) -> list[Any]:
    """The answers to requests that start together."""
    answers: list[Any] = []
    start = threading.Barrier(count)

    def run() -> None:
        try:
            start.wait()
            answers.append(ask())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == count
    return answers
