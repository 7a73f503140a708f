"""Two processes find the same token due, a hundred times: real locks, real calls."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from apps.platforms.models import ApiApp, Authorization
from apps.platforms.services.clients import TikTokTokens
from apps.platforms.services.token_store import store_new_authorization
from tests.simulator_server import run_simulator

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 100

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="needs PostgreSQL: set DATABASE_URL"
    ),
]

REFRESHER = """
import json, sys
import django
django.setup()
from django.conf import settings
from apps.platforms.models import Authorization
from apps.platforms.services.clients import TikTokTokens
from apps.platforms.services.tokens import refresh
from apps.platforms.services.trail import Actor
settings.TIKTOK_TOKEN_URL = sys.argv[1]
row = Authorization.objects.select_related("api_app").get()
print("ready", flush=True)
for line in sys.stdin:
    row.generation = int(line)
    try:
        seen = refresh(row, TikTokTokens(row.api_app), by=Actor(process="test"))
        answer = {"generation": seen.generation, "token": seen.access_token[-12:]}
    except Exception as error:
        answer = {"error": repr(error)}
    print(json.dumps(answer), flush=True)
"""


@pytest.fixture(scope="module")
def server():
    with run_simulator(orders=5) as server:
        yield server


def test_a_hundred_times_one_call_one_pair_and_both_have_it(server, settings):
    settings.TIKTOK_TOKEN_URL = server.url
    listed = server.apps()[0]
    app = ApiApp.objects.create(
        name="Simulator",
        app_key=listed["app_key"],
        app_secret=listed["app_secret"],
        service_id="1",
    )
    code = server.approve(seller_id=server.sellers()[0]["id"])["code"]
    row = store_new_authorization(app, TikTokTokens(app).exchange_code(code))
    server.control("requests", method="DELETE")
    generation = row.generation
    processes = [_start(server.url) for _ in range(2)]
    try:
        for _ in range(ROUNDS):
            for process in processes:
                process.stdin.write(f"{generation}\n")
                process.stdin.flush()
            answers = [json.loads(process.stdout.readline()) for process in processes]
            row.refresh_from_db()
            wanted = {
                "generation": generation + 1,
                "token": row.access_token[-12:],
            }
            assert answers == [wanted, wanted]
            generation += 1
    finally:
        for process in processes:
            process.communicate(timeout=20)

    calls = [r for r in server.control("requests") if "refresh" in r["path"]]
    assert len(calls) == ROUNDS
    assert {call["code"] for call in calls} == {0}
    row = Authorization.objects.get()
    assert row.generation == ROUNDS + 1
    assert row.state == Authorization.State.ACTIVE
    assert row.refresh_begun_at is None


def _start(url):
    database = connection.settings_dict
    address = (
        f"postgres://{database['USER']}:{database['PASSWORD']}@"
        f"{database['HOST']}:{database['PORT']}/{database['NAME']}"
    )
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", REFRESHER, url],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": address, "LOG_LEVEL": "ERROR"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process
