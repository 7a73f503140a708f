"""What machines that watch us are told."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client as Browser
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from apps.alerts.models import Alert
from apps.backoffice import tasks
from apps.backoffice.models import Heartbeat
from apps.backoffice.services import heartbeat
from apps.integrations.contracts import Source
from apps.platforms.models import ApiCall, Shop
from apps.sync.models import Resource, SyncRun
from apps.sync.services.latency import note_latency
from apps.webhooks.models import WebhookEvent
from tests.factories.platforms import make_shop
from tests.factories.sync import make_run
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db

TOKEN = "watchers-token-4d1f"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def token(settings: Any, tmp_path: Path) -> str:
    settings.METRICS_TOKEN = TOKEN
    settings.MEDIA_ROOT = tmp_path
    return TOKEN


@pytest.fixture
def well(token: str) -> None:
    """All that has to run was seen just now."""
    for name in (heartbeat.BEAT, *(q.name for q in settings.CELERY_TASK_QUEUES)):
        heartbeat.note(name)


def ask(address: str, **headers: str) -> Any:
    return Browser().get(address, headers=headers)


def checks_of(answer: Any) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()["checks"]
    return found


def metrics() -> dict[str, dict[tuple[str, ...], float]]:
    """{name of a sample: {values of its labels: value}}"""
    answer = ask("/metrics", **BEARER)
    assert answer.status_code == 200
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(answer.content.decode()):
        for sample in family.samples:
            labels = tuple(sample.labels.values())
            found.setdefault(sample.name, {})[labels] = sample.value
    return found


def break_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("connection to server at 10.0.0.7 failed: SECRET")

    monkeypatch.setattr(connection, "cursor", away)


def test_life_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = ask("/health/live/")

    assert answer.json() == {"status": "ok"}
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_process_that_can_work_is_ready(django_assert_num_queries):
    ask("/health/ready/")
    # One asks whether the table is there, one whether shops are still looked at.
    with django_assert_num_queries(4):
        answer = ask("/health/ready/")

    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert checks_of(answer).keys() == {"database", "migrations", "broker"}


def test_without_its_database_it_lives_and_is_not_ready(monkeypatch, settings):
    break_database(monkeypatch)

    assert ask("/health/live/").status_code == 200
    answer = ask("/health/ready/")

    assert answer.status_code == 503
    assert checks_of(answer)["database"] == {
        "ok": False,
        "problem": "The database does not answer.",
    }
    assert checks_of(answer)["broker"]["ok"]
    assert "SECRET" not in answer.content.decode()
    settings.METRICS_TOKEN = TOKEN
    assert ask("/metrics", **BEARER).status_code == 503
    assert "10.0.0.7" not in answer.content.decode()


def test_a_database_older_than_the_program_is_not_ready():
    MigrationRecorder.Migration.objects.filter(app="sync").order_by("-id")[0].delete()

    answer = ask("/health/ready/")

    assert answer.status_code == 503
    assert checks_of(answer)["migrations"]["missing"] == 1
    assert "run migrate" in checks_of(answer)["migrations"]["problem"]


@pytest.mark.parametrize(
    "url", ["redis://:hidden@127.0.0.1:9/0", "amqp://user:hidden@127.0.0.1:9//"]
)
def test_a_broker_that_is_away_is_told_within_a_second_or_two(settings, url):
    settings.CELERY_BROKER_URL = url
    begin = timezone.now()

    answer = ask("/health/ready/")

    assert answer.status_code == 503
    assert checks_of(answer)["broker"] == {
        "ok": False,
        "problem": "The task queue does not answer.",
    }
    assert "hidden" not in answer.content.decode()
    assert timezone.now() - begin < timedelta(seconds=3)


@pytest.mark.parametrize("address", ["/health/deep/", "/metrics"])
def test_figures_are_for_holders_of_the_token(settings, address, well):
    assert ask(address).status_code == 401
    assert ask(address, Authorization="Bearer wrong").status_code == 401
    assert ask(address, Authorization=f"Basic {TOKEN}").status_code == 401
    assert ask(address, **BEARER).status_code in (200, 503)
    assert Browser().post(address, headers=BEARER).status_code == 405

    settings.METRICS_TOKEN = ""

    for headers in ({}, BEARER, {"Authorization": "Bearer "}):
        assert ask(address, **headers).status_code == 404


def test_a_superuser_sees_whether_work_gets_done(settings, well):
    settings.METRICS_TOKEN = ""
    browser = Browser()
    browser.force_login(make_user("root", is_superuser=True))
    assert browser.get("/health/deep/").status_code == 200

    browser.force_login(make_user("other"))
    assert browser.get("/health/deep/").status_code == 404


def test_all_is_well_where_nothing_waits(well):
    answer = ask("/health/deep/", **BEARER)

    assert answer.status_code == 200, answer.json()
    checks = checks_of(answer)
    assert checks["webhooks"] == {
        "ok": True,
        "due": 0,
        "oldest_due_seconds": 0,
        "dead_letters": 0,
    }
    assert checks["beat"]["seconds"] <= 5
    assert set(checks["queues"]["seconds"]) == {"urgent", "news", "slow"}
    assert set(checks["runs"]["oldest_due_seconds"]) == set(Resource.values)
    assert checks["storage"] == {"ok": True}


def test_what_waits_too_long_is_told_with_its_age(well, django_assert_num_queries):
    now = timezone.now()
    shop = make_shop()
    make_run(shop, started_at=now - timedelta(hours=2))
    ask("/health/deep/", **BEARER)
    for number in range(2):
        WebhookEvent.objects.create(
            shop=shop,
            identity=f"1:{number}",
            type_number=1,
            next_try_at=now - timedelta(minutes=10 + number),
        )
    WebhookEvent.objects.create(shop=shop, type_number=1, state="dead")
    Heartbeat.objects.update(at=now - timedelta(hours=1))

    answer = ask("/health/deep/", **BEARER)

    assert answer.status_code == 503
    checks = checks_of(answer)
    assert checks["webhooks"]["problem"] == "Webhooks are not acted on."
    assert (checks["webhooks"]["due"], checks["webhooks"]["dead_letters"]) == (2, 1)
    assert 660 <= checks["webhooks"]["oldest_due_seconds"] <= 670
    assert checks["runs"]["problem"] == "Shops wait to be pulled: Orders."
    assert 6_300 <= checks["runs"]["oldest_due_seconds"]["orders"] <= 6_310
    assert checks["beat"]["problem"] == "Beat or its worker has stopped."
    assert checks["queues"]["problem"] == "No worker takes from: urgent, news, slow."


def test_a_folder_that_cannot_be_written_is_told(well, settings, tmp_path):
    (tmp_path / "file").write_text("")
    settings.MEDIA_ROOT = tmp_path / "file"

    checks = checks_of(ask("/health/deep/", **BEARER))

    assert checks["storage"] == {"ok": False, "problem": "Files cannot be written."}


def test_the_sweep_leaves_a_sign_of_life_and_asks_each_queue(monkeypatch):
    sent: list[Any] = []
    monkeypatch.setattr(
        tasks.note_heartbeat,
        "apply_async",
        lambda args, **options: sent.append((*args, options["queue"])),
    )

    tasks.sweep_heartbeats()
    tasks.sweep_heartbeats()
    for name, _ in sent:
        tasks.note_heartbeat(name)

    assert set(sent) == {(name, name) for name in ("urgent", "news", "slow")}
    assert set(heartbeat.last()) == {"beat", "urgent", "news", "slow"}


def test_prometheus_reads_figures_of_the_rows(well):
    now = timezone.now()
    shop = make_shop()
    make_run(shop)
    make_run(shop, resource=Resource.PRODUCTS, state=SyncRun.State.FAILED)
    for status, code in ((200, 0), (200, 0), (200, 36), (429, 0), (503, 0), (0, 0)):
        ApiCall.objects.create(
            shop=shop, method="GET", path="/x", http_status=status, code=code,
            milliseconds=5,
        )  # fmt: skip
    note_latency(shop, [now - timedelta(seconds=4)] * 3, Source.WEBHOOK)
    note_latency(shop, [now - timedelta(seconds=40)])
    WebhookEvent.objects.create(shop=shop, type_number=1, next_try_at=now)
    Alert.objects.create(
        shop=shop, code="SYNC_GAPS", severity="warning", title="Orders are missing"
    )

    found = metrics()

    assert found["shopdesk_shops"] == {("connected",): 1}
    assert found["shopdesk_sync_runs"][("products", "failed")] == 1
    assert found["shopdesk_api_calls"] == {
        ("ok",): 2,
        ("refused",): 1,
        ("throttled",): 1,
        ("server_error",): 1,
        ("no_answer",): 1,
    }
    assert found["shopdesk_webhook_events"] == {("waiting",): 1}
    assert found["shopdesk_webhook_backlog"] == {(): 1}
    buckets = found["shopdesk_order_latency_seconds_bucket"]
    assert (buckets[("webhook", "3")], buckets[("webhook", "5")]) == (0, 3)
    assert (buckets[("api", "30")], buckets[("api", "+Inf")]) == (0, 1)
    assert found["shopdesk_heartbeat_age_seconds"][("beat",)] < 10
    assert found["shopdesk_sync_due_seconds"][("orders",)] == 0
    assert found["shopdesk_gaps_open"] == {(): 0}
    assert found["shopdesk_alerts_open"] == {("warning",): 1}


def test_figures_cost_the_same_however_much_there_is(
    well, django_assert_max_num_queries
):
    def rows(count: int) -> None:
        for _ in range(count):
            shop = make_shop()
            make_run(shop)
            note_latency(shop, [timezone.now()])
            WebhookEvent.objects.create(shop=shop, type_number=1, state="dead")

    rows(1)
    with django_assert_max_num_queries(100) as before:
        metrics()
    with django_assert_max_num_queries(100) as deep_before:
        ask("/health/deep/", **BEARER)
    rows(6)
    with django_assert_max_num_queries(len(before)):
        answer = ask("/metrics", **BEARER)
    with django_assert_max_num_queries(len(deep_before)):
        ask("/health/deep/", **BEARER)
    for shop in Shop.objects.all():
        assert shop.name not in answer.content.decode()
