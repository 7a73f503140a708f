"""Look at everything, and write down what became of each alert.

Looking takes a number of questions that does not grow with the shops; then each shop
where something is wrong, or was, is a transaction of its own. Two that look at the same
time take turns and come to one alert.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from apps.alerts.models import Alert, AlertCheck, AlertEvent, AlertWatch, Code
from apps.alerts.models import Severity as Stored
from apps.alerts.rules.conditions import Result
from apps.alerts.rules.life_cycle import (
    DAY,
    REOPENS_WITHIN,
    Cycle,
    Event,
    Look,
    Stage,
    step,
)
from apps.alerts.rules.words import Severity, State
from apps.alerts.services.kinds import KINDS
from apps.alerts.services.looks import LOOKS
from apps.alerts.services.looks.finding import Finding
from apps.platforms.models import Shop

WATCHED = (Shop.State.CONNECTED, Shop.State.RECONNECT_NEEDED)
# Beat comes each five minutes; a message that arrives twice is one look.
SHORTEST_PAUSE = timedelta(minutes=2)
_GONE = Result(State.OK)

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Checked:
    """What one look came to."""

    shops: list[Shop]
    findings: list[Finding]

    @property
    def firing(self) -> list[Finding]:
        return [each for each in self.findings if each.result.state is State.FIRING]


def begin(now: datetime, *, pause: timedelta = SHORTEST_PAUSE) -> bool:
    """Whether it is time to look again; then it has begun."""
    _, is_new = AlertCheck.objects.get_or_create(pk=1, defaults={"begun_at": now})
    if is_new:
        return True
    last = AlertCheck.objects.filter(pk=1, begun_at__lte=now - pause)
    return bool(last.update(begun_at=now))


def check(now: datetime, shops: Sequence[Shop] | None = None) -> Checked:
    """Look at all watched shops, or at those given, and keep what that means."""
    clock = time.monotonic()
    watched = Shop.objects.filter(state__in=WATCHED).select_related("client")
    if shops is not None:
        watched = watched.filter(pk__in=[shop.pk for shop in shops])
    looked_at = list(watched)
    findings = [finding for look in LOOKS for finding in look(looked_at, now)]
    by_shop: dict[int, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.shop is not None:
            by_shop[finding.shop].append(finding)
    for key in sorted(_worth_writing(by_shop, now, shops)):
        keep(key, by_shop.get(key, []), now)
    done = Checked(looked_at, findings)
    if shops is None:
        AlertCheck.objects.filter(pk=1).update(
            at=now,
            shops=len(looked_at),
            firing=len(done.firing),
            milliseconds=round((time.monotonic() - clock) * 1_000),
        )
    return done


def check_cut_off(now: datetime) -> Checked | None:
    """Look at shops that have to be connected again and of which no alert says so yet,
    between the looks at everything: who has to be told of it should not wait. None
    where there is none."""
    told = Alert.objects.open().filter(shop=OuterRef("pk"), code=Code.RECONNECT)
    cut_off = Shop.objects.filter(state=Shop.State.RECONNECT_NEEDED)
    shops = list(cut_off.filter(~Exists(told)))
    return check(now, shops) if shops else None


def _worth_writing(
    by_shop: dict[int, list[Finding]], now: datetime, shops: Sequence[Shop] | None
) -> set[int]:
    """Keys of shops where something fires, or an alert may be over."""
    keys = {
        key
        for key, findings in by_shop.items()
        if any(each.result.state is State.FIRING for each in findings)
    }
    alerts = Alert.objects.open().filter(shop__isnull=False)
    watches = AlertWatch.objects.filter(shop__isnull=False)
    if shops is not None:
        chosen = [shop.pk for shop in shops]
        alerts, watches = (
            alerts.filter(shop__in=chosen),
            watches.filter(shop__in=chosen),
        )
    keys |= set(alerts.order_by().values_list("shop", flat=True).distinct())
    return keys | set(watches.values_list("shop", flat=True).distinct())


@transaction.atomic
def keep(shop: int | None, findings: Iterable[Finding], now: datetime) -> None:
    """What these findings make of the alerts of a shop, or of this server."""
    # Whoever looks at the same time waits here.
    AlertCheck.objects.select_for_update().filter(pk=1).first()
    said = {(each.code.value, each.subject): each for each in findings}
    alerts = _latest(shop, now)
    watches = {
        (row.code, row.subject): row for row in AlertWatch.objects.filter(shop=shop)
    }
    reopened = _reopened(alerts.values(), now)
    for key in sorted({*said, *watches, *(k for k, a in alerts.items() if a.is_open)}):
        finding = said.get(key)
        alert, watch = alerts.get(key), watches.get(key)
        look = _look(finding, alert, now)
        cycle = _cycle(alert, watch, reopened.get(alert.pk if alert else 0, ()))
        done = step(cycle, look, KINDS[key[0]].patience)
        _keep_alert(shop, key, finding, alert, look, done.cycle, done.events)
        _keep_watch(shop, key, watch, done.cycle)


def _latest(shop: int | None, now: datetime) -> dict[Key, Alert]:
    """The open alert of each key, else one that may still come back."""
    recent = Q(state=Alert.State.OPEN) | Q(resolved_at__gte=now - REOPENS_WITHIN)
    rows = Alert.objects.select_for_update().filter(recent, shop=shop)
    found: dict[Key, Alert] = {}
    for row in rows.order_by("resolved_at", "pk"):
        key = (row.code, row.subject)
        if key not in found or not found[key].is_open:
            found[key] = row
    return found


def _reopened(
    alerts: Iterable[Alert], now: datetime
) -> dict[int, tuple[datetime, ...]]:
    keys = [alert.pk for alert in alerts if alert.reopenings]
    if not keys:
        return {}
    events = AlertEvent.objects.filter(
        alert__in=keys, name=AlertEvent.Name.REOPENED, at__gte=now - DAY
    )
    found: dict[int, tuple[datetime, ...]] = defaultdict(tuple)
    for alert, at in events.values_list("alert", "at"):
        found[alert] += (at,)
    return found


def _look(finding: Finding | None, alert: Alert | None, now: datetime) -> Look:
    """What nothing is said of any more is over: the shop or app is no longer there."""
    result = finding.result if finding else _GONE
    is_muted = False
    if alert is not None and alert.is_snoozed(now):
        is_worse = result.severity is not None and result.severity.is_worse_than(
            Severity(alert.severity)
        )
        is_muted = not is_worse
    return Look(now, result.state, result.severity, result.is_clear, is_muted=is_muted)


def _cycle(
    alert: Alert | None, watch: AlertWatch | None, reopened: tuple[datetime, ...]
) -> Cycle:
    firings, clears = (watch.firings, watch.clears) if watch else (0, 0)
    if alert is None:
        return Cycle(firings=firings, clears=clears)
    told = alert.notified_severity
    return Cycle(
        stage=Stage.OPEN if alert.is_open else Stage.RESOLVED,
        severity=Severity(alert.severity) if alert.is_open else None,
        firings=firings,
        clears=clears,
        is_acknowledged=alert.is_acknowledged,
        notified_at=alert.notified_at,
        notified_severity=Severity(told) if told else None,
        resolved_at=alert.resolved_at,
        reopened_at=reopened,
    )


def _keep_alert(
    shop: int | None,
    key: Key,
    finding: Finding | None,
    alert: Alert | None,
    look: Look,
    cycle: Cycle,
    events: Sequence[Event],
) -> None:
    if cycle.stage is not Stage.OPEN and Event.RESOLVED not in events:
        return
    before = alert.severity if alert and alert.is_open else ""
    if alert is None or Event.OPENED in events:
        alert = Alert(shop_id=shop, code=key[0], subject=key[1], times=0)
        alert.opened_at = look.at
    _carry_over(alert, cycle)
    if finding is not None and look.state is State.FIRING:
        alert.title, alert.message = finding.title[:160], finding.message[:500]
        alert.value, alert.threshold = finding.value, finding.threshold
        alert.last_seen_at = look.at
        alert.times += 1
    if Event.REOPENED in events:
        alert.reopenings += 1
        alert.resolved_by = None
    if Event.ESCALATED in events or Event.RESOLVED in events:
        alert.snoozed_until, alert.is_snoozed_until_worse = None, False
    alert.save()
    names = [event.value for event in events]
    if before and _is_milder(cycle, before):
        names.append(AlertEvent.Name.CALMED)
    AlertEvent.objects.bulk_create(
        AlertEvent(alert=alert, at=look.at, name=name, severity=alert.severity)
        for name in names
    )


def _carry_over(alert: Alert, cycle: Cycle) -> None:
    is_open = cycle.stage is Stage.OPEN
    alert.state = Alert.State.OPEN if is_open else Alert.State.RESOLVED
    if cycle.severity is not None:  # one that is over keeps how bad it was
        alert.severity = Stored(cycle.severity.value)
    alert.is_acknowledged = cycle.is_acknowledged
    alert.notified_at = cycle.notified_at
    told = cycle.notified_severity
    alert.notified_severity = told.value if told else ""
    alert.resolved_at = None if is_open else cycle.resolved_at


def _is_milder(cycle: Cycle, before: str) -> bool:
    return cycle.severity is not None and Severity(before).is_worse_than(cycle.severity)


def _keep_watch(
    shop: int | None, key: Key, watch: AlertWatch | None, cycle: Cycle
) -> None:
    """A row only while something is being counted."""
    firings = 0 if cycle.stage is Stage.OPEN else cycle.firings
    counted = (firings, cycle.clears)
    if counted == ((watch.firings, watch.clears) if watch else (0, 0)):
        return
    if watch is None:
        watch = AlertWatch(shop_id=shop, code=key[0], subject=key[1])
    watch.firings, watch.clears = counted
    if any(counted):
        watch.save()
    else:
        watch.delete()
