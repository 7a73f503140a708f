"""A database that is there and takes nothing: full, read-only, or another's."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from django.conf import settings
from django.db import connection

from apps.webhooks.models import WebhookEvent
from apps.webhooks.services import intake
from apps.webhooks.services.storing import insert as store
from apps.webhooks.views import PATIENCE_SECONDS
from tests.desk_process import DeskProcess
from tests.factories.platforms import make_authorization, make_shop
from tests.factories.webhooks import order_news, post

of_sqlite = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="PostgreSQL's disk cannot be filled from here"
)
# Signed deliveries, one after each line that it is given, through the real entry point.
DELIVER = """
import io, sys
from apps.webhooks.models import WebhookEvent
from config.wsgi import application
from tests.factories.platforms import make_authorization, make_shop
from tests.factories.webhooks import ADDRESS, order_news, signed

shop = make_shop()
app = make_authorization(shops=[shop]).api_app
print("ready", flush=True)
for number, line in enumerate(sys.stdin):
    body, told = order_news(shop, str(number)), []
    application(
        {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": ADDRESS,
            "SERVER_NAME": "desk.example.com",
            "SERVER_PORT": "443",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_AUTHORIZATION": signed(app, body),
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.url_scheme": "https",
        },
        lambda status, headers: told.append(status),
    )
    print(told[0][:3], WebhookEvent.objects.count(), flush=True)
"""


@contextmanager
def full() -> Iterator[None]:
    """No page more than there are."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")
        yield
        cursor.execute("PRAGMA max_page_count = 1073741823")


@contextmanager
def read_only() -> Iterator[None]:
    setting = {
        "sqlite": "PRAGMA query_only = {}",
        "postgresql": "SET SESSION default_transaction_read_only = {}",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(setting.format("on"))
        yield
        cursor.execute(setting.format("off"))


@of_sqlite
@pytest.mark.django_db(transaction=True)
def test_a_full_database_is_told_and_nothing_is_said_to_be_stored(client):
    shop = make_shop()
    app = make_authorization(shops=[shop]).api_app
    long = "x" * 20_000

    with full():
        answers = [
            post(client, app, order_news(shop, str(n), note=long)) for n in (1, 2)
        ]

    assert [answer.status_code for answer in answers] == [503, 503]
    assert not WebhookEvent.objects.exists()
    assert post(client, app, order_news(shop, "3")).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_read_only_database_is_told_and_nothing_is_said_to_be_stored(client):
    shop = make_shop()
    app = make_authorization(shops=[shop]).api_app

    with read_only():
        genuine = post(client, app, order_news(shop, "1"))
        forged = client.post("/webhooks/tiktok/", b"{}", content_type="text/plain")

    # 401 would be final to the platform, also where the forgery could not be kept.
    assert (genuine.status_code, forged.status_code) == (503, 503)
    assert not WebhookEvent.objects.exists()
    assert post(client, app, order_news(shop, "2")).status_code == 200


@of_sqlite
@pytest.mark.django_db
def test_a_delivery_is_less_patient_than_the_rest_of_its_process(client, monkeypatch):
    app = make_authorization(shops=[shop := make_shop()]).api_app
    waits = []

    def patience() -> int:
        with connection.cursor() as cursor:
            return int(cursor.execute("PRAGMA busy_timeout").fetchone()[0])

    def insert(event: WebhookEvent) -> bool:
        waits.append(patience())
        return store(event)

    monkeypatch.setattr(intake, "insert", insert)
    before = patience()

    assert post(client, app, order_news(shop, "1")).status_code == 200

    assert waits == [PATIENCE_SECONDS * 1000]
    assert (
        patience()
        == before
        == settings.DATABASES["default"]["OPTIONS"]["timeout"] * 1000
    )


@pytest.mark.slow
@pytest.mark.own_database
def test_a_database_that_another_process_holds_is_told_while_it_does(
    tmp_path, migrated_file
):
    path = shutil.copy(migrated_file, tmp_path / "desk.sqlite3")
    desk = DeskProcess(f"sqlite:///{path}", tmp_path).start_script(DELIVER)
    assert desk.stdin
    assert desk.stdout
    try:
        assert desk.stdout.readline() == "ready\n"
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            desk.stdin.write("one\n")
            desk.stdin.flush()
            # Answered while the lock is held: nobody lets go of it before.
            assert desk.stdout.readline() == "503 0\n"
            other.execute("ROLLBACK")
        desk.stdin.write("two\n")
        desk.stdin.flush()
        assert desk.stdout.readline() == "200 1\n"
    finally:
        desk.kill()
        desk.communicate()
