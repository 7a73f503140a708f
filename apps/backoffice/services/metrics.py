"""Figures for Prometheus, read from the rows when asked for: all processes show the
same, and nothing is counted twice. No shop, client or buyer is named.

A constant number of queries, whatever there is.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import Case, Count, Q, Value, When
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    GaugeHistogramMetricFamily,
    GaugeMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from apps.alerts.models import Alert
from apps.backoffice.services import heartbeat
from apps.backoffice.services.health import wait_of_pushes, waits_of_runs
from apps.platforms.models import ApiCall, Shop
from apps.sync.models import StockPush, SyncGap, SyncLatency, SyncRun
from apps.sync.services.latency import STEPS, latency_of
from apps.webhooks.models import WebhookEvent

DAY, HOUR = timedelta(hours=24), timedelta(hours=1)


def exposition() -> bytes:
    """The text format, version 0.0.4."""
    registry = CollectorRegistry()
    registry.register(_Rows())
    return generate_latest(registry)


class _Rows(Collector):
    def collect(self) -> Iterator[Metric]:
        now = timezone.now()
        for part in _PARTS:
            yield from part(now)


def _shops(now: datetime) -> Iterable[Metric]:
    yield _by(
        "shopdesk_shops",
        "Shops by state.",
        ["state"],
        Shop.objects.order_by().values_list("state").annotate(count=Count("pk")),
    )


def _webhooks(now: datetime) -> Iterable[Metric]:
    events = WebhookEvent.objects.order_by()
    yield _by(
        "shopdesk_webhook_events",
        "Webhooks received in the last 24 hours by what became of them.",
        ["state"],
        events.filter(received_at__gte=now - DAY)
        .values_list("state")
        .annotate(count=Count("pk")),
    )
    due = events.due(now).order_by("next_try_at").values_list("next_try_at", flat=True)
    oldest = due.first()
    yield _one("shopdesk_webhook_backlog", "Webhooks to be acted on now.", due.count())
    yield _one(
        "shopdesk_webhook_backlog_seconds",
        "For how long the oldest of them has waited.",
        _seconds(now - oldest) if oldest else 0,
    )
    yield _one(
        "shopdesk_webhook_dead_letters",
        "Webhooks given up.",
        events.filter(state=WebhookEvent.State.DEAD).count(),
    )


def _runs(now: datetime) -> Iterable[Metric]:
    runs = SyncRun.objects.filter(started_at__gte=now - DAY).order_by()
    yield _by(
        "shopdesk_sync_runs",
        "Runs begun in the last 24 hours.",
        ["resource", "state"],
        runs.values_list("resource", "state").annotate(count=Count("pk")),
    )
    waits = GaugeMetricFamily(
        "shopdesk_sync_due_seconds",
        "For how long the shop that waits longest has been due.",
        labels=["resource"],
    )
    for resource, wait in waits_of_runs(now).items():
        waits.add_metric([resource], _seconds(wait))
    yield waits


def _calls(now: datetime) -> Iterable[Metric]:
    kind = Case(
        When(http_status=0, then=Value("no_answer")),
        When(http_status=429, then=Value("throttled")),
        When(http_status__gte=500, then=Value("server_error")),
        When(~Q(code=0) | ~Q(http_status=200), then=Value("refused")),
        default=Value("ok"),
    )
    calls = ApiCall.objects.filter(at__gte=now - HOUR).order_by()
    yield _by(
        "shopdesk_api_calls",
        "Calls to the platforms in the last hour by how they ended.",
        ["class"],
        calls.annotate(kind=kind).values_list("kind").annotate(count=Count("pk")),
    )


def _latency(now: datetime) -> Iterable[Metric]:
    family = GaugeHistogramMetricFamily(
        "shopdesk_order_latency_seconds",
        "From the platform's update time of an order to our having it; last 24 hours.",
        labels=["door"],
    )
    shops = Shop.objects.all()
    for door in SyncLatency.Door:
        steps = latency_of(shops, now - DAY, door).steps
        so_far, buckets = 0, []
        for end in STEPS:
            so_far += steps.get(end, 0)
            buckets.append((str(end), float(so_far)))
        buckets.append(("+Inf", float(so_far)))
        upper = sum(end * orders for end, orders in steps.items())
        family.add_metric([door.value], buckets, gsum_value=float(upper))
    yield family


def _stock(now: datetime) -> Iterable[Metric]:
    pushes = StockPush.objects.order_by()
    yield _by(
        "shopdesk_stock_pushes",
        "SKUs by how far their shop has been told.",
        ["state"],
        pushes.values_list("state").annotate(count=Count("pk")),
    )
    yield _one(
        "shopdesk_stock_due_seconds",
        "For how long the SKU that waits longest has been due.",
        _seconds(wait_of_pushes(now)),
    )


def _gaps(now: datetime) -> Iterable[Metric]:
    yield _one(
        "shopdesk_gaps_open",
        "Days of shops whose orders do not agree with the platform's.",
        SyncGap.objects.open().count(),
    )


def _alerts(now: datetime) -> Iterable[Metric]:
    alerts = Alert.objects.open().order_by().values_list("severity")
    yield _by(
        "shopdesk_alerts_open",
        "Open alerts.",
        ["severity"],
        alerts.annotate(count=Count("pk")),
    )


def _life(now: datetime) -> Iterable[Metric]:
    family = GaugeMetricFamily(
        "shopdesk_heartbeat_age_seconds",
        "Since Beat, and a worker of each queue, was last seen.",
        labels=["name"],
    )
    for name, at in heartbeat.last().items():
        family.add_metric([name], _seconds(now - at))
    yield family


_PARTS: tuple[Callable[[datetime], Iterable[Metric]], ...] = (
    _shops,
    _webhooks,
    _runs,
    _calls,
    _latency,
    _stock,
    _gaps,
    _alerts,
    _life,
)


def _one(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(name, about, value=value)


def _by(
    name: str, about: str, labels: list[str], rows: Iterable[tuple[object, ...]]
) -> Metric:
    """`rows` are (label, …, value)."""
    family = GaugeMetricFamily(name, about, labels=labels)
    for *values, count in rows:
        family.add_metric([str(value) for value in values], float(str(count)))
    return family


def _seconds(delta: timedelta) -> float:
    return max(0.0, round(delta.total_seconds(), 1))
