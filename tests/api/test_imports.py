"""Files through the API: uploaded, looked through, read in, taken back."""

import csv
import io
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import MULTIPART_CONTENT, encode_multipart

from apps.imports import tasks
from apps.imports.api import imports
from apps.imports.models import ImportRun
from apps.orders.models import Order
from apps.users.models import AuditEntry
from apps.users.roles import Role
from apps.users.scopes import SCOPES
from tests.api.support import V1, Caller, code, keys
from tests.api.world import World, make_world
from tests.factories.platforms import make_shop
from tests.factories.users import make_client, make_user
from tests.imports.exports import MY_FILE, my_row
from tests.integrations.tiktok.exports.files import as_csv

pytestmark = pytest.mark.django_db
PATH = "imports/"


@pytest.fixture
def world(settings, tmp_path) -> World:
    cache.clear()
    settings.MEDIA_ROOT = tmp_path
    return make_world("Rattan")


@pytest.fixture
def shop(world):
    return make_shop(world.client, name="Main Store")


@pytest.fixture
def admin(world) -> Caller:
    return Caller(world.admin)


@pytest.fixture
def woken(monkeypatch) -> list[tuple[str, int]]:
    """Messages, which nobody works on unless `work` does."""
    sent: list[tuple[str, int]] = []
    for name in ("check_file", "read_file", "undo_file"):
        task = getattr(tasks, name)
        monkeypatch.setattr(
            task, "delay", lambda *told, name=name: sent.append((name, *told))
        )
    return sent


def work(woken: list[Any]) -> None:
    while woken:
        name, *told = woken.pop(0)
        getattr(tasks, name)(*told)


def content(rows=MY_FILE) -> bytes:
    data: bytes = as_csv([list(row.values()) for row in rows], header=list(rows[0]))
    return data


def upload(
    caller: Caller, shop: Any, data: bytes | None = None, key: str = "", **fields: Any
) -> Any:
    named = {"Authorization": f"Bearer {caller.token}"}
    file = SimpleUploadedFile("All order.csv", data or content())
    told = {"shop": getattr(shop, "pk", shop), "file": file} | fields
    return caller.browser.post(
        f"{V1}{PATH}",
        encode_multipart("edge", told),
        MULTIPART_CONTENT.replace("BoUnDaRyStRiNg", "edge"),
        headers=named | ({"Idempotency-Key": key} if key else {}),
    )


def test_a_file_is_looked_through_then_read_in_then_taken_back(
    admin, shop, woken, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        begun = upload(admin, shop)
    assert begun.status_code == 202, begun.content
    address = f"{PATH}{begun.json()['id']}/"
    assert begun.json()["state"] == "checking"
    work(woken)
    found = admin.get(address).json()
    assert (found["state"], found["new"], found["failed"]) == ("checked", 4, 0)
    assert found["figures"]["rows"] == "5"
    assert not Order.objects.filter(shop=shop).exists()

    with django_capture_on_commit_callbacks(execute=True):
        assert admin.post(f"{address}read/").status_code == 202
    work(woken)
    done = admin.get(address).json()
    assert (done["state"], done["new"], done["done"]) == ("done", 4, 4)
    assert Order.objects.filter(shop=shop).count() == 4
    assert code(admin.post(f"{address}read/")) == (409, "import_refused")

    with django_capture_on_commit_callbacks(execute=True):
        assert admin.post(f"{address}undo/").status_code == 202
    work(woken)
    assert admin.get(address).json()["state"] == "undone"
    assert not Order.objects.filter(shop=shop).exists()


def test_one_key_keeps_one_file(admin, shop, woken):
    first = upload(admin, shop, key="k1")
    again = upload(admin, shop, key="k1")
    other = upload(admin, shop, content([my_row(1)]), key="k1")

    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json()["id"] == first.json()["id"]
    assert code(other) == (422, "idempotency_key_reused")
    assert ImportRun.objects.count() == 1


def test_refused_rows_come_as_a_file_and_show_buyers_to_some(admin, shop, woken):
    run_id = upload(admin, shop, content([my_row(1, quantity="two"), my_row(2)]))
    address = f"{PATH}{run_id.json()['id']}/"
    tasks.check_file(run_id.json()["id"])
    told = admin.get(address).json()
    assert told["problems"][0]["column"] == "Quantity"
    assert told["failed"] == 1

    file = admin.get(f"{address}errors/", Accept="text/csv")

    assert file["Content-Type"].startswith("text/csv")
    (row,) = csv.DictReader(io.StringIO(file.content.decode("utf-8-sig")))
    assert "whole number" in row["error"]
    assert AuditEntry.objects.filter(actor=admin.user, shop_key=shop.pk).exists()
    without = Caller(admin.user, set(SCOPES) - {"buyers:read"})
    assert code(without.get(f"{address}errors/")) == (403, "scope_missing")


def test_dates_that_nothing_tells_are_asked_for(admin, shop, woken):
    rows = [my_row(1, created_time="05/11/2026 10:00:00", paid_time="")]
    run_id = upload(admin, shop, content(rows)).json()["id"]
    tasks.check_file(run_id)
    address = f"{PATH}{run_id}/"
    assert admin.get(address).json()["is_date_order_told"] is False
    assert code(admin.post(f"{address}read/")) == (409, "import_refused")

    assert admin.post(f"{address}check/", {"dates": "month-first"}).status_code == 202
    tasks.check_file(run_id)
    assert admin.get(address).json()["date_order"] == "month-first"
    assert admin.post(f"{address}read/").status_code == 202
    assert admin.post(f"{address}stop/").json()["is_stop_asked"] is True


@pytest.mark.parametrize(
    ("data", "fields", "says"),
    [
        (b"%PDF-1.7", {}, "This is a PDF document"),
        (b"a,b\n1,2\n", {}, "none of the files that are read here"),
        (None, {"kind": "returns"}, "This is a file of the kind “orders”."),
        (None, {"dates": "never"}, "is not a valid choice"),
        (None, {"sho": "1"}, "No such field."),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(admin, shop, data, fields, says):
    answer = upload(admin, shop, data, **fields)

    assert code(answer) == (400, "invalid")
    assert says in answer.json()["detail"]
    assert not ImportRun.objects.exists()


def test_a_body_that_is_too_large_is_not_read(admin, shop, monkeypatch):
    monkeypatch.setattr(imports, "LARGEST_BODY", 100)

    assert code(upload(admin, shop)) == (413, "too_large")


def test_others_files_and_shops_do_not_exist(admin, shop, world, woken):
    stranger = Caller(make_user(clients=[make_client("Other")], role=Role.ADMIN))
    run_id = upload(admin, shop).json()["id"]
    for deed in ("read/", "check/", "stop/", "undo/"):
        foreign = stranger.post(f"{PATH}{run_id}/{deed}")
        assert code(foreign) == code(stranger.post(f"{PATH}99999/{deed}"))
    assert code(stranger.get(f"{PATH}{run_id}/")) == (404, "not_found")
    assert code(stranger.get(f"{PATH}{run_id}/errors/")) == (404, "not_found")
    refused, unknown = upload(stranger, shop), upload(stranger, 99999)
    assert code(refused) == code(unknown) == (400, "invalid")
    assert refused.json()["errors"] == unknown.json()["errors"]
    assert keys(stranger.get(PATH)) == []


def test_who_may_only_look_changes_nothing(admin, shop, world, woken):
    viewer = Caller(make_user(clients=[world.client], role=Role.ANALYST))
    run_id = upload(admin, shop, content([my_row(1, quantity="two")])).json()["id"]
    tasks.check_file(run_id)

    assert code(upload(viewer, shop))[0] in (400, 403)
    told = viewer.get(f"{PATH}{run_id}/")
    if told.status_code == 200:
        assert told.json()["problems"] == []
        assert code(viewer.post(f"{PATH}{run_id}/read/")) == (403, "permission_denied")
    reader = Caller(admin.user, ["imports:read"])
    assert code(upload(reader, shop)) == (403, "scope_missing")


def test_a_list_costs_the_same_however_long_it_is(
    admin, shop, woken, django_assert_num_queries
):
    upload(admin, shop)
    with django_assert_num_queries(6):
        assert len(keys(admin.get(f"{PATH}?shop={shop.pk}&state=checking"))) == 1
    for _ in range(3):
        upload(admin, shop)
    with django_assert_num_queries(6):
        assert len(keys(admin.get(f"{PATH}?shop={shop.pk}&state=checking"))) == 4
