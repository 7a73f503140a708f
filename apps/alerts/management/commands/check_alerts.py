"""Look for what is wrong now; for people, and for cron."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.alerts.models import Alert, Severity
from apps.alerts.services import checking, standing
from apps.core.management.reporting import ExitCode, json_line, table
from apps.platforms.management.shops import add_shop_options, chosen_shops
from apps.platforms.models import Shop

HEADER = ("Shop", "Severity", "Problem", "Since", "Who has it")


class Command(BaseCommand):
    help = (
        "Look at all shops, or at those named, and list the alerts that are open. "
        "Exits with 4 if one of them is critical. A look counts like one of the "
        "schedule's."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_shop_options(parser)
        parser.add_argument(
            "--dry-run", action="store_true", help="list what is known, look at nothing"
        )
        parser.add_argument("--json", action="store_true", help="one object a line")

    def handle(self, **options: Any) -> None:
        named = bool(options["shop"] or options["client"])
        shops = chosen_shops(options) if named else None
        if not options["dry_run"]:
            self._look(shops)
        alerts = list(_open(shops))
        critical = sum(alert.severity == Severity.CRITICAL for alert in alerts)
        if options["json"]:
            for alert in alerts:
                self.stdout.write(json_line(type="alert", **_fields(alert)))
            self.stdout.write(
                json_line(type="summary", open=len(alerts), critical=critical)
            )
        elif alerts:
            self.stdout.write(table(HEADER, [_cells(alert) for alert in alerts]))
        else:
            self.stdout.write("Nothing is wrong.")
        if critical:
            raise SystemExit(int(ExitCode.NEEDS_PERSON))

    def _look(self, shops: list[Shop] | None) -> None:
        now = timezone.now()
        if shops is not None:
            checking.check(now, shops)
            return
        checking.begin(now)
        checking.check(now)
        standing.note_going_on(now)


def _open(shops: list[Shop] | None) -> Any:
    rows = Alert.objects.open().select_related("shop", "taken_by")
    if shops is not None:
        rows = rows.filter(shop__in=shops)
    return rows.order_by("shop__name", "shop", "code", "subject")


def _fields(alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.pk,
        "shop": alert.shop_id,
        "name": str(alert.shop or "This server"),
        "kind": alert.code,
        "subject": alert.subject,
        "severity": alert.severity,
        "title": alert.title,
        "message": alert.message,
        "opened_at": alert.opened_at,
        "taken_by": str(alert.taken_by or ""),
        "is_snoozed": alert.is_snoozed(timezone.now()),
    }


def _cells(alert: Alert) -> tuple[str, ...]:
    return (
        str(alert.shop or "This server"),
        alert.get_severity_display(),
        alert.title,
        f"{alert.opened_at:%d %b %H:%M} UTC",
        str(alert.taken_by or "-"),
    )
