"""Money that does not add up, or does not come."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from apps.alerts.models import Code
from apps.alerts.rules.words import Severity
from apps.alerts.services.looks.finding import Finding, counted, so_many
from apps.finance.models import Payment, SettlementTransaction, Statement
from apps.finance.services.owing import late_statements
from apps.platforms.models import Shop


def settlements(shops: Sequence[Shop], now: datetime) -> Iterator[Finding]:
    """Statements, lines and payments whose parts do not come to their whole."""
    keys = [shop.pk for shop in shops]
    off = [
        (_by_shop(rows.filter(shop__in=keys)), words)
        for rows, words in (
            (Statement.objects.off(), "statement"),
            (SettlementTransaction.objects.off(), "line"),
            (Payment.objects.off(), "payment"),
        )
    ]
    for shop in shops:
        counts = [(found.get(shop.pk, 0), words) for found, words in off]
        told = ", ".join(so_many(count, words) for count, words in counts if count)
        yield Finding(
            shop.pk,
            Code.MONEY_OFF,
            counted(sum(count for count, _ in counts), 0, Severity.WARNING),
            "Settlements that do not add up",
            f"{told} differ from what they consist of, be it by a cent."
            if told
            else "",
        )


def payouts(shops: Sequence[Shop], now: datetime) -> Iterator[Finding]:
    """Statements that have not been paid for longer than their shop has set."""
    late = _by_shop(late_statements(now).filter(shop__in=[shop.pk for shop in shops]))
    for shop in shops:
        count = late.get(shop.pk, 0)
        yield Finding(
            shop.pk,
            Code.MONEY_LATE,
            counted(count, 0, Severity.WARNING),
            f"{so_many(count, 'statement')} not paid in time",
            "TikTok has settled the money and not paid it out.",
        )


def _by_shop(rows: "QuerySet[Any]") -> dict[int, int]:
    counts = rows.order_by().values("shop").annotate(n=Count("pk"))
    return dict(counts.values_list("shop", "n"))
