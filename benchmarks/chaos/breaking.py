"""What breaks, each by a name."""

import os
import random
import shutil
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing

import psycopg
from django.conf import settings
from django.db import connection
from django.db.utils import Error as DatabaseTrouble
from django.utils import timezone

from apps.platforms.models import Shop
from apps.webhooks.models import WebhookEvent
from apps.webhooks.services.claiming import LEASE
from benchmarks.chaos.desk import Desk

PAUSE_SECONDS = (2.0, 4.0)
# A worker that was killed before it began had nothing to lose, and where starting one
# takes longer than the pause nothing would ever be done.
START_SECONDS = 60.0
SHUT_SECONDS = 30.0
# Of one shop; the more often it fails, the longer it is left alone afterwards.
REFUSED_SECONDS = 60.0
FAILING_CALLS = (
    {"kind": "status", "status": 500, "probability": 0.1},
    {"kind": "rate_limit", "probability": 0.05},
    {"kind": "rate_limit", "probability": 0.05, "retry_after": 1},
    {"kind": "drop", "probability": 0.02},
    {"kind": "cut", "probability": 0.02},
    {"kind": "delay", "seconds": 2.0, "probability": 0.05},
)
TROUBLE = {"lose": 20, "duplicate": 30, "bad_signature": 10, "reorder": 15}
# No delivery at all, from first to last: orders must be here in time all the same.
WITHHELD = "withheld"
PEACE = {"lose": 0, "duplicate": 0, "bad_signature": 0, "reorder": 0}


class Breaker:
    """Breaks one thing after another, each once at least, until told to stop."""

    def __init__(self, desk: Desk, faults: Sequence[str], done: Counter[str]) -> None:
        self._desk, self._done = desk, done
        self._faults = set(faults)
        self._chance = random.Random(7)  # noqa: S311
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        """Calls fail all the time and one shop is refused at first, the rest comes in
        turn."""
        self._desk.control("webhooks/trouble", {"retry_scale": 0.02})
        if WITHHELD in self._faults:
            self._desk.control("webhooks/trouble", {"lose": 1_000_000})
        if "calls" in self._faults:
            for fault in FAILING_CALLS:
                self._desk.control("faults", fault)
        if "shop" in self._faults:
            last = Shop.objects.connected().order_by("pk").last()
            if last is not None:
                refused = {"kind": "rate_limit", "shop_id": last.remote_id}
                self._desk.control("faults", refused | {"duration": REFUSED_SECONDS})
        self._thread.start()

    def stop(self) -> None:
        """What each of the kinds did once is done; then all is well again."""
        self._is_over.set()
        self._thread.join()
        self._desk.control("faults", method="DELETE")
        self._desk.control("webhooks/trouble", PEACE)
        self._desk.control("webhooks/release", {})

    def _run(self) -> None:
        kinds = [name for name in self._faults if name in _DEEDS]
        self._chance.shuffle(kinds)
        coming = list(kinds)
        while kinds and (coming or not self._is_over.is_set()):
            self._is_over.wait(self._chance.uniform(*PAUSE_SECONDS))
            if "deliveries" in self._faults:
                self._desk.control("webhooks/trouble", TROUBLE)
            # Being shut for half a minute again and again, nothing else would happen.
            again = [name for name in kinds if name != "shut"] or kinds
            name = coming.pop() if coming else self._chance.choice(again)
            if _DEEDS[name](self._desk, self._chance):
                self._done[f"{name} broken"] += 1
                self._await_work()

    def _await_work(self) -> None:
        """Until deliveries are taken up again."""
        taken = WebhookEvent.objects.filter(claimed_until__gt=timezone.now() + LEASE)
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and not self._is_over.wait(0.5):
            try:
                if taken.exists():
                    return
            except DatabaseTrouble:
                connection.close()


def _worker(desk: Desk, chance: random.Random) -> bool:
    return _kill(desk.parts("celery -A config worker"), chance)


def _celery(desk: Desk, chance: random.Random) -> bool:
    return _kill(desk.parts("celery"), chance)


def _web(desk: Desk, chance: random.Random) -> bool:
    """A worker, or the one that starts them."""
    port = desk.simulator.rpartition(":")[2]
    simulator = set(desk.parts(f":{port}"))
    return _kill(
        [pid for pid in desk.parts("gunicorn") if pid not in simulator], chance
    )


def _broker(desk: Desk, chance: random.Random) -> bool:
    """And all that waits in it is gone."""
    killed = _kill(desk.parts("valkey-server") or desk.parts("redis-server"), chance)
    for path in desk.folder.glob("**/appendonlydir"):
        shutil.rmtree(path, ignore_errors=True)
    return killed


def _database(desk: Desk, chance: random.Random) -> bool:
    command = os.environ.get("RESTART")
    if command:
        subprocess.run(command, shell=True, check=False)  # noqa: S602
    return bool(command)


def _shut(desk: Desk, chance: random.Random) -> bool:
    """The database takes nothing for a while: another process holds SQLite's lock,
    PostgreSQL is read-only."""
    if connection.vendor == "sqlite":
        path = settings.DATABASES["default"]["NAME"]
        with closing(sqlite3.connect(path, timeout=60, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            time.sleep(SHUT_SECONDS)
            other.execute("ROLLBACK")
        return True
    _make_read_only("on")
    time.sleep(SHUT_SECONDS)
    _make_read_only("off")
    return True


def _make_read_only(how: str) -> None:
    """For all sessions to come; those that are there end."""
    use = connection.settings_dict
    with psycopg.connect(
        host=use["HOST"],
        port=use["PORT"] or None,
        user=use["USER"],
        password=use["PASSWORD"] or None,
        dbname=use["NAME"],
        autocommit=True,
        options="-c default_transaction_read_only=off",
    ) as session:
        name = session.info.dbname.replace('"', '""')
        setting = f"default_transaction_read_only = {how}"
        session.execute(f'ALTER DATABASE "{name}" SET {setting}'.encode())
        session.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


_DEEDS: dict[str, Callable[[Desk, random.Random], bool]] = {
    "worker": _worker,
    "celery": _celery,
    "web": _web,
    "broker": _broker,
    "database": _database,
    "shut": _shut,
}
FAULTS = ("calls", "deliveries", "shop", *_DEEDS)


def _kill(pids: Sequence[int], chance: random.Random) -> bool:
    """kill -9 of one of them; whether there was one."""
    if pids:
        try:
            os.kill(chance.choice(sorted(pids)), 9)
        except ProcessLookupError:
            return False
    return bool(pids)
