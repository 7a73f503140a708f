"""How each person hears of each kind of alert, and when not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.db import transaction

from apps.alerts.models import Alert, AlertHours, AlertPreference, Delivery
from apps.alerts.services.hours import end_of_quiet, next_digest
from apps.alerts.services.kinds import KINDS
from apps.users.models import User
from apps.users.roles import CHANGE_ALERT, VIEW_ALERT
from apps.users.services import audit


@dataclass(frozen=True, slots=True)
class Reader:
    """A person, what they chose ({code: delivery}), and their quiet hours."""

    user: User
    chosen: Mapping[str, str] = field(default_factory=dict)
    hours: AlertHours | None = None

    def delivery(self, alert: Alert) -> str:
        """How they hear of it; empty where they may not see it.

        Who merely looks on is mailed only what they asked for.
        """
        if not self.user.has_perm(VIEW_ALERT, alert):
            return ""
        if alert.code in self.chosen:
            return self.chosen[alert.code]
        if not self.user.has_perm(CHANGE_ALERT, alert):
            return Delivery.PAGE
        return KINDS[alert.code].delivery

    def due_at(self, delivery: str, now: datetime) -> datetime:
        zone = ZoneInfo(self.hours.time_zone if self.hours else "UTC")
        if delivery == Delivery.DIGEST:
            return next_digest(now, zone)
        if self.hours is None:
            return now
        return end_of_quiet(now, zone, self.hours.quiet_from, self.hours.quiet_until)


def readers(users: Iterable[User]) -> list[Reader]:
    """Two queries, whatever their number."""
    users = list(users)
    keys = [user.pk for user in users]
    chosen: dict[int, dict[str, str]] = {}
    for row in AlertPreference.objects.filter(user__in=keys):
        chosen.setdefault(row.user_id, {})[row.code] = row.delivery
    hours = {row.user_id: row for row in AlertHours.objects.filter(user__in=keys)}
    return [Reader(user, chosen.get(user.pk, {}), hours.get(user.pk)) for user in users]


@transaction.atomic
def choose(
    user: User,
    deliveries: Mapping[str, str],
    *,
    time_zone: str,
    quiet_from: time | None,
    quiet_until: time | None,
    address: str | None = None,
) -> None:
    """Set one's own: {code: delivery, or empty for what is usual}."""
    User.objects.select_for_update().get(pk=user.pk)
    for code, delivery in deliveries.items():
        rows = AlertPreference.objects.filter(user=user, code=code)
        if not delivery:
            rows.delete()
        elif not rows.update(delivery=delivery):
            AlertPreference.objects.create(user=user, code=code, delivery=delivery)
    AlertHours.objects.update_or_create(
        user=user,
        defaults={
            "time_zone": time_zone,
            "quiet_from": quiet_from,
            "quiet_until": quiet_until,
        },
    )
    audit.record("changed how they hear of alerts", user, actor=user, address=address)
