"""Is it well? Answers for machines that watch us: words and figures, no secrets."""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from kombu import Connection

from apps.alerts.services.standing import note_if_stopped
from apps.backoffice.services import heartbeat
from apps.platforms.models import Shop
from apps.platforms.services import breaker
from apps.sync.models import Resource, StockPush
from apps.sync.services.due import longest_wait
from apps.webhooks.models import WebhookEvent

BROKER_SECONDS = 1
DATABASE_SECONDS = 2
# Beat sends a sign of life each 30 s, and waits for nobody.
LATEST_BEAT = timedelta(minutes=3)
# Queues of which a message may have to wait for one that takes minutes.
LATEST_QUEUE = timedelta(minutes=10)
# What is due is taken up within seconds; what waits this long, nobody takes.
LATEST_EVENT = timedelta(minutes=5)
LATEST_PUSH = timedelta(minutes=5)
LATEST_RUN = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Check:
    """`problem` says what is wrong, fit for anybody; empty if nothing is."""

    problem: str = ""
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def as_json(self) -> dict[str, Any]:
        state = {"ok": not self.problem}
        words = {"problem": self.problem} if self.problem else {}
        return {**state, **words, **self.figures}


Checks = dict[str, Check]


def is_well(checks: Checks) -> bool:
    return not any(check.problem for check in checks.values())


def ready() -> Checks:
    """Whether this process can work: its database, of the right shape, and the broker.
    Without the database, its tables are not asked."""
    reached = database()
    if reached.problem:
        return {"database": reached, "broker": _broker()}
    return {
        "database": reached,
        "migrations": _migrations(),
        "broker": _broker(),
    }


def deep() -> Checks:
    """`ready`, and whether work gets done: signs of life, what waits, where files go.
    A constant number of queries."""
    checks = ready()
    if is_well({name: checks[name] for name in checks if name != "broker"}):
        now = timezone.now()
        checks |= {
            "beat": _beat(now),
            "queues": _queues(now),
            "webhooks": _webhooks(now),
            "runs": _runs(now),
            "stock": _stock(now),
            "alerts": _alerts(now),
        }
    return checks | {"storage": _storage()}


def database() -> Check:
    """Whether it answers, within two seconds."""
    begin = time.monotonic()
    try:
        _reach_pool()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return Check("The database does not answer.")
    return Check(figures={"milliseconds": round((time.monotonic() - begin) * 1000)})


def _reach_pool() -> None:
    """A pool waits long for a database that is away; whoever asks here does not."""
    pool: Any = getattr(connection, "pool", None)
    if pool is not None:
        with connection.wrap_database_errors:
            pool.open()
            with pool.connection(timeout=DATABASE_SECONDS):
                pass


def _migrations() -> Check:
    try:
        applied = MigrationRecorder(connection).applied_migrations()
    except Error:
        return Check("The database does not answer.")
    if missing := len(_known_migrations() - applied.keys()):
        return Check(
            "The database is older than the program: run migrate.", {"missing": missing}
        )
    return Check()


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    """Those this process was started with."""
    loader = MigrationLoader(None)
    return frozenset(loader.disk_migrations)


def _broker() -> Check:
    seconds = BROKER_SECONDS
    options = {"socket_timeout": seconds, "socket_connect_timeout": seconds}
    broker = Connection(
        settings.CELERY_BROKER_URL, connect_timeout=seconds, transport_options=options
    )
    away: tuple[type[BaseException], ...] = (OSError, *broker.connection_errors)
    begin = time.monotonic()
    try:
        broker.connect()
    except away:
        return Check("The task queue does not answer.")
    finally:
        broker.release()
    return Check(figures={"milliseconds": round((time.monotonic() - begin) * 1000)})


def _beat(now: datetime) -> Check:
    at = heartbeat.last().get(heartbeat.BEAT)
    if at is None:
        return Check("Beat has not been seen yet.")
    figures = {"seconds": _seconds(now - at)}
    is_late = now - at > LATEST_BEAT
    return Check("Beat or its worker has stopped." if is_late else "", figures)


def _queues(now: datetime) -> Check:
    seen = heartbeat.last()
    names = [queue.name for queue in settings.CELERY_TASK_QUEUES]
    ages = {name: now - seen[name] if name in seen else None for name in names}
    late = [name for name, age in ages.items() if age is None or age > LATEST_QUEUE]
    figures = {
        "seconds": {n: None if a is None else _seconds(a) for n, a in ages.items()}
    }
    problem = f"No worker takes from: {', '.join(late)}." if late else ""
    return Check(problem, figures)


def _webhooks(now: datetime) -> Check:
    due = WebhookEvent.objects.due(now).order_by("next_try_at")
    oldest = due.values_list("next_try_at", flat=True).first()
    waits = now - oldest if oldest else timedelta(0)
    figures = {
        "due": due.count(),
        "oldest_due_seconds": _seconds(waits),
        "dead_letters": WebhookEvent.objects.filter(
            state=WebhookEvent.State.DEAD
        ).count(),
    }
    is_late = waits > LATEST_EVENT
    return Check("Webhooks are not acted on." if is_late else "", figures)


def _runs(now: datetime) -> Check:
    waits = waits_of_runs(now)
    late = [Resource(name).label for name, wait in waits.items() if wait > LATEST_RUN]
    figures = {"oldest_due_seconds": {n: _seconds(wait) for n, wait in waits.items()}}
    problem = f"Shops wait to be pulled: {', '.join(late)}." if late else ""
    return Check(problem, figures)


def waits_of_runs(now: datetime) -> dict[str, timedelta]:
    """{resource: for how long the shop that waits longest has been due}. One query a
    resource."""
    return {each.value: longest_wait(each, now) or timedelta(0) for each in Resource}


def _stock(now: datetime) -> Check:
    waits = wait_of_pushes(now)
    is_late = waits > LATEST_PUSH
    problem = "Shops wait to be told their stock." if is_late else ""
    return Check(problem, {"oldest_due_seconds": _seconds(waits)})


def wait_of_pushes(now: datetime) -> timedelta:
    """Of those that may be sent now: what failed waits for its time, what is of a shop
    that rests or is paused for its shop."""
    shops = Shop.objects.connected().filter(breaker.not_resting(now))
    due = StockPush.objects.filter(
        state=StockPush.State.DUE, due_since__isnull=False, shop__in=shops
    )
    oldest = due.order_by("due_since").values_list("due_since", flat=True).first()
    return now - oldest if oldest else timedelta(0)


def _alerts(now: datetime) -> Check:
    """That somebody looks for what is wrong; if not, that becomes an alert itself."""
    is_stopped = note_if_stopped(now)
    return Check("Nothing has been looked at for long." if is_stopped else "")


def _storage() -> Check:
    """That files can be written where pictures and papers go."""
    try:
        name = default_storage.save(f"health/{uuid4().hex}", ContentFile(b"well"))
        default_storage.delete(name)
    except OSError:
        return Check("Files cannot be written.")
    return Check()


def _seconds(delta: timedelta) -> int:
    return max(0, int(delta.total_seconds()))
