"""How every shop stands: connection, tokens, last pulls; for people and for cron."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.alerts.models import Alert, Severity
from apps.core.management.reporting import ExitCode, json_line, table
from apps.platforms.management.shops import add_shop_options, chosen_shops
from apps.platforms.models import Authorization, Shop
from apps.platforms.services import breaker
from apps.platforms.services.token_state import TokenState, state_of, words_for
from apps.sync.models import Resource, SyncRun

HEADER = (
    "Shop",
    "State",
    "Tokens",
    "Last sync",
    "Result",
    "Products",
    "Stock",
    "Open alerts",
)


class Command(BaseCommand):
    help = (
        "State, tokens and last sync of all shops, or of those named. Exits with 4 if "
        "any of them needs a person."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_shop_options(parser)
        parser.add_argument("--json", action="store_true", help="one object a line")

    def handle(self, **options: Any) -> None:
        named = options["shop"] or options["client"] or options["all_shops"]
        shops = chosen_shops(options) if named else list(Shop.objects.all())
        alerts = _alerts(shops)
        rows = [self._row(shop) | alerts[shop.pk] for shop in shops]
        waiting = sum(row["needs_person"] for row in rows)
        if options["json"]:
            for row in rows:
                self.stdout.write(json_line(type="shop", **row))
            self.stdout.write(
                json_line(type="summary", shops=len(rows), need_person=waiting)
            )
        elif rows:
            self.stdout.write(table(HEADER, [_cells(row) for row in rows]))
        else:
            self.stdout.write("No shop is connected yet.")
        if waiting:
            raise SystemExit(int(ExitCode.NEEDS_PERSON))

    def _row(self, shop: Shop) -> dict[str, Any]:
        now = timezone.now()
        held = list(
            Authorization.objects.filter(credentials__shop=shop).select_related(
                "api_app"
            )
        )
        order = list(TokenState)
        worst = min(held, key=lambda row: order.index(state_of(row, now)), default=None)
        runs = SyncRun.objects.filter(shop=shop)
        orders = runs.filter(resource=Resource.ORDERS).first()
        products = runs.filter(resource=Resource.PRODUCTS).first()
        stock = runs.filter(resource=Resource.STOCK).first()
        resting = breaker.is_resting(shop, now)
        gone = shop.state in (Shop.State.DISCONNECTED, Shop.State.PAUSED)
        return {
            "shop": shop.pk,
            "name": str(shop),
            "state": shop.state,
            "state_words": "Resting" if resting else shop.get_state_display(),
            "reason": shop.rest_reason if resting else shop.state_reason,
            "tokens": words_for(worst, now) if worst else "None",
            "last_sync_at": orders.started_at if orders else None,
            "last_result": orders.get_state_display() if orders else "never",
            "last_error": orders.first_error if orders else "",
            "last_products_sync_at": products.started_at if products else None,
            "last_products_result": products.get_state_display()
            if products
            else "never",
            "last_products_error": products.first_error if products else "",
            "last_stock_sync_at": stock.started_at if stock else None,
            "last_stock_result": stock.get_state_display() if stock else "never",
            "last_stock_error": stock.first_error if stock else "",
            "needs_person": not gone
            and (
                shop.state == Shop.State.RECONNECT_NEEDED
                or bool(worst and state_of(worst, now).needs_person)
            ),
        }


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        row["name"],
        row["state_words"],
        row["tokens"],
        _instant(row["last_sync_at"]),
        row["last_error"][:60] or row["last_result"],
        _sync(row, "products"),
        _sync(row, "stock"),
        _open(row["open_alerts"], row["critical_alerts"]),
    )


def _open(alerts: int, critical: int) -> str:
    return f"{alerts} ({critical} critical)" if critical else str(alerts)


def _alerts(shops: list[Shop]) -> dict[int, dict[str, int]]:
    """{shop: how many are open}: one query for all shops."""
    found = {shop.pk: {"open_alerts": 0, "critical_alerts": 0} for shop in shops}
    rows = Alert.objects.open().filter(shop__in=shops).order_by()
    for key, severity in rows.values_list("shop", "severity"):
        if key is not None:
            found[key]["open_alerts"] += 1
            found[key]["critical_alerts"] += severity == Severity.CRITICAL
    return found


def _sync(row: dict[str, Any], what: str) -> str:
    at, result = row[f"last_{what}_sync_at"], row[f"last_{what}_result"]
    return f"{_instant(at)}: {result}" if at else _instant(at)


def _instant(at: datetime | None) -> str:
    return f"{at:%d %b %H:%M} UTC" if at else "never"
