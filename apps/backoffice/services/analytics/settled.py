"""What was settled, day by day: compared whole with finance's transactions, of which
only what differs is written. Nothing to mark, so nothing to miss."""

from datetime import UTC, date
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncDate

from apps.backoffice.models import SettledDay
from apps.core import bulk
from apps.finance.models import SettlementTransaction
from apps.platforms.models import Shop

_Days = dict[tuple[date, str], tuple[Decimal, int]]


def count_settled(shop: Shop) -> int:
    """Let a shop's settled days be what its transactions come to: how many were
    written. Repeating it writes nothing."""
    wanted = _wanted(shop)
    with transaction.atomic():
        # One at a time: two would both insert a day that is new.
        Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
        rows = {(row.day, row.currency): row for row in _rows(shop)}
        gone = [row.pk for key, row in rows.items() if key not in wanted]
        new, changed = [], []
        for (day, currency), (amount, number) in wanted.items():
            row = rows.get((day, currency))
            if row is None:
                row = SettledDay(shop=shop, day=day, currency=currency)
                new.append(row)
            elif (row.amount, row.transactions) != (amount, number):
                changed.append(row)
            row.amount, row.transactions = amount, number
        SettledDay.objects.filter(pk__among=gone).delete()
        bulk.insert(new)
        bulk.update(changed, ["amount", "transactions"])
    return len(gone) + len(new) + len(changed)


def differing(shop: Shop) -> list[tuple[date, str]]:
    """Days and currencies whose sum is not what the transactions come to."""
    wanted = _wanted(shop)
    held = {
        (row.day, row.currency): (row.amount, row.transactions) for row in _rows(shop)
    }
    return sorted(key for key in {*wanted, *held} if wanted.get(key) != held.get(key))


def _wanted(shop: Shop) -> _Days:
    rows = SettlementTransaction.objects.filter(shop=shop).order_by()
    days = rows.values_list(TruncDate("settled_at", tzinfo=UTC), "currency")
    sums = days.annotate(amount=Sum("settlement_amount"), number=Count("pk"))
    return {
        (day, currency): (amount.quantize(Decimal("0.0001")), number)
        for day, currency, amount, number in sums
    }


def _rows(shop: Shop) -> QuerySet[SettledDay]:
    rows: QuerySet[SettledDay] = SettledDay.objects.filter(shop=shop)
    return rows
