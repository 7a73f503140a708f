"""A database that is away is told to the platform before it gives up waiting."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.desk_process import ROOT, DeskProcess
from tests.factories.webhooks import ADDRESS

# The platform waits for three seconds.
IN_TIME_SECONDS = 2.7
PATIENCE_OF_WORKERS = 10.0

DELIVER = f"""
import io, json, os, time
from config.wsgi import application

def deliver():
    begin, told = time.monotonic(), []
    application(
        {{
            "REQUEST_METHOD": "POST",
            "PATH_INFO": {ADDRESS!r},
            "SERVER_NAME": "desk.example.com",
            "SERVER_PORT": "443",
            "CONTENT_LENGTH": "2",
            "HTTP_AUTHORIZATION": "0" * 64,
            "wsgi.input": io.BytesIO(b"{{}}"),
            "wsgi.errors": io.StringIO(),
            "wsgi.url_scheme": "https",
        }},
        lambda status, headers: told.append(status),
    )
    return told[0][:3], time.monotonic() - begin

print(json.dumps([deliver() for _ in range(2)]), flush=True)
os._exit(0)  # the pool's threads still wait for the database
"""

PATIENCE = """
from django.db import connection

print(connection.settings_dict["OPTIONS"]["pool"]["timeout"], flush=True)
"""


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Takes connections, and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def desk_at(port, tmp_path):
    return DeskProcess(f"postgres://nobody@127.0.0.1:{port}/none", tmp_path)


@pytest.mark.parametrize("port_fixture", ["closed_port", "silent_port"])
def test_a_delivery_is_refused_in_time_while_nobody_answers(
    port_fixture, tmp_path, request
):
    desk = desk_at(request.getfixturevalue(port_fixture), tmp_path)

    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", DELIVER],
        cwd=ROOT,
        env=desk.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    for status, seconds in json.loads(done.stdout):
        assert status == "503"
        assert seconds < IN_TIME_SECONDS


def test_who_keeps_nobody_waiting_has_more_patience(tmp_path, closed_port):
    told = desk_at(closed_port, tmp_path).script(PATIENCE)

    assert float(told) == PATIENCE_OF_WORKERS
