"""Taking deliveries in, against a view of the same server that does nothing.

gunicorn with two processes of four threads, as `manage.py up` starts it; two clients
with eight connections each post signed bodies of 1 KB, each once, as fast as they are
answered; clients, server and database share the machine. Prints requests a second of
both, the ratio, what half and 99 in 100 waited at most, and that as many rows are there
as were answered 200. Then 50 a second, evenly spread. The ratio by CPU is that of the
time the server's processes worked for one request: it holds on a machine that is busy
with other things, and leaves out what a database server does (SQLite is part of ours).

SQLite in a file of its own; also PostgreSQL if DATABASE_URL names a server, in a
database made for it and dropped.

    .venv/bin/python benchmarks/webhooks.py [seconds]
"""

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles
from threading import Thread
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from apps.integrations.tiktok.webhooks import signature_of

PROCESSES, CONNECTIONS = 2, 8
APP_KEY, SHOP_ID = "benchmark", "7490000000000000001"
SECRET = "benchmark-secret"  # noqa: S105
RATE = 50
SEED = f"""
from apps.platforms.models import ApiApp, Authorization, Credential, Shop
from apps.users.models import Client
from django.utils import timezone
now = timezone.now()
shop = Shop.objects.create(
    client=Client.objects.create(name="Benchmark"), name="Shop", region="MY",
    remote_id={SHOP_ID!r}, currency="MYR", time_zone="Asia/Kuala_Lumpur",
)
app = ApiApp.objects.create(
    name="App", app_key={APP_KEY!r}, app_secret={SECRET!r}, service_id="1"
)
consent = Authorization.objects.create(
    api_app=app, open_id="1", access_token="a", refresh_token="r",
    access_expires_at=now, refresh_expires_at=now, refresh_due_at=now,
)
Credential.objects.create(
    shop=shop, api_app=app, authorization=consent, shop_cipher="c"
)
"""
COUNT = """
from apps.webhooks.models import WebhookEvent
print(WebhookEvent.objects.count())
"""


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 6.0
    given = os.environ.get("DATABASE_URL", "")
    with tempfile.TemporaryDirectory() as folder:
        measure("SQLite", f"sqlite:///{folder}/desk.sqlite3", folder, seconds)
        if given.startswith("postgres"):
            with database_on(given) as url:
                measure("PostgreSQL", url, folder, seconds)


def measure(name: str, url: str, folder: str, seconds: float) -> None:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "benchmarks.parts.webhook_site",
        "DATABASE_URL": url,
        "VAR_DIR": folder,
        "PYTHONPATH": str(ROOT),
    }
    manage(environment, "migrate", "--verbosity", "0")
    manage(environment, "shell", "--no-imports", "--command", SEED)
    with served(environment, folder) as (port, server):
        run(port, "/webhooks/tiktok/", 1.0, server)  # warm
        before = int(manage(environment, "shell", "--no-imports", "--command", COUNT))
        rounds = [
            (
                run(port, "/bare/", seconds / 3, server),
                run(port, "/webhooks/tiktok/", seconds / 3, server),
            )
            for _ in range(3)
        ]
        even = paced(port)
    bare = median(each.rate for each, _ in rounds)
    intake = median(each.rate for _, each in rounds)
    bare_cpu = median(each.cpu_seconds for each, _ in rounds)
    intake_cpu = median(each.cpu_seconds for _, each in rounds)
    waits = sorted(wait for _, each in rounds for wait in each.waits)
    posted = sum(len(each.waits) for _, each in rounds) + len(even)
    stored = int(manage(environment, "shell", "--no-imports", "--command", COUNT))
    cuts = quantiles(waits, n=100)
    print(
        f"{name}: {intake:,.0f} deliveries/s, {bare:,.0f} of nothing/s: "
        f"{intake / bare:.2f}; by CPU {intake_cpu * 1e6:,.0f} and "
        f"{bare_cpu * 1e6:,.0f} µs: {bare_cpu / intake_cpu:.2f}; "
        f"half within {cuts[49] * 1000:.1f} ms, 99 in 100 within "
        f"{cuts[98] * 1000:.1f} ms; at {RATE}/s 99 in 100 within "
        f"{quantiles(even, n=100)[98] * 1000:.1f} ms; "
        f"{stored - before:,} rows of {posted:,} answered"
    )


@dataclass(frozen=True)
class Round:
    """Answered requests a second, what each waited, in seconds, and how long the server
    worked for one."""

    rate: float
    waits: list[float]
    cpu_seconds: float


def run(port: int, path: str, seconds: float, server: int) -> Round:
    context = get_context("fork")
    queue = context.Queue()
    processes = [
        context.Process(target=post_all, args=(port, path, seconds, queue))
        for _ in range(PROCESSES)
    ]
    before = cpu_of(server)
    for process in processes:
        process.start()
    waits = [wait for _ in processes for wait in queue.get()]
    for process in processes:
        process.join()
    worked = cpu_of(server) - before
    return Round(len(waits) / seconds, waits, worked / len(waits))


def cpu_of(server: int) -> float:
    """Seconds that gunicorn's workers have worked so far."""
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    stats = [Path(f"/proc/{child}/stat").read_text() for child in children]
    fields = [stat.rsplit(")", 1)[1].split() for stat in stats]
    ticks = sum(int(each[11]) + int(each[12]) for each in fields)  # user and system
    return ticks / os.sysconf("SC_CLK_TCK")


def post_all(port: int, path: str, seconds: float, queue: object) -> None:
    """All of one process's connections, until the time is over."""
    # So many are not reached; making them while the clock runs would be measured.
    bodies = [[request(path) for _ in range(int(seconds * 900))] for _ in range(8)]
    waits: list[list[float]] = [[] for _ in bodies]
    end = time.monotonic() + seconds
    threads = [
        Thread(target=post_some, args=(port, each, end, into))
        for each, into in zip(bodies, waits, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    queue.put([wait for each in waits for wait in each])  # type: ignore[attr-defined]


def post_some(port: int, requests: list[bytes], end: float, waits: list[float]) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for each in requests:
            began = time.monotonic()
            if began > end:
                return
            exchange(connection, each)
            waits.append(time.monotonic() - began)


def paced(port: int, seconds: float = 4.0) -> list[float]:
    """RATE a second, whatever the answers take."""
    waits: list[float] = []
    requests = [request("/webhooks/tiktok/") for _ in range(int(RATE * seconds))]
    with socket.create_connection(("127.0.0.1", port)) as connection:
        start = time.monotonic()
        for number, each in enumerate(requests):
            due = start + number / RATE
            time.sleep(max(0.0, due - time.monotonic()))
            exchange(connection, each)
            waits.append(time.monotonic() - due)
    return waits


def exchange(connection: socket.socket, request: bytes) -> None:
    connection.sendall(request)
    answer = b""
    while b"\r\n\r\n" not in answer:
        received = connection.recv(4096)
        assert received, "the server hung up"
        answer += received
    assert answer.startswith(b"HTTP/1.1 200"), answer[:200]


def request(path: str) -> bytes:
    """A delivery of 1 KB, like none before."""
    data = {"order_id": str(secrets.randbelow(10**18)), "order_status": "IN_TRANSIT"}
    notice = {
        "type": 1,
        "tts_notification_id": str(secrets.randbelow(10**18)),
        "shop_id": SHOP_ID,
        "timestamp": int(time.time()),
        "data": data | {"filler": "x" * 800},
    }
    body = json.dumps(notice).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: {signature_of(APP_KEY, SECRET, body)}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@contextmanager
def served(environment: dict[str, str], folder: str) -> Iterator[tuple[int, int]]:
    """Its port and process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen(  # noqa: S603
        [
            *(
                sys.executable,
                "-m",
                "gunicorn",
                "config.wsgi",
                "--log-level",
                "warning",
            ),
            *("--workers", "2", "--threads", "4", "--worker-class", "gthread"),
            *("--bind", f"127.0.0.1:{port}", "--worker-tmp-dir", folder),
            "--no-control-socket",
        ],
        cwd=ROOT,
        env=environment,
    )
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


@contextmanager
def database_on(url: str) -> Iterator[str]:
    import psycopg

    name = f"bench_webhooks_{secrets.token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(url)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def manage(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


if __name__ == "__main__":
    main()
