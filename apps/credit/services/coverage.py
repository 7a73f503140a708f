"""Which days of an account were read whole.

How far pulls have come is told by the app that makes them: it lies above us and
registers itself (see `register`). Of shops that files alone told of, orders say.
"""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import NamedTuple, Protocol

from django.db.models import Max, Min

from apps.credit.rules.table import WINDOW_DAYS
from apps.orders.models import Order
from apps.platforms.models import CreatorAccount, Shop

WINDOW = range(1, WINDOW_DAYS + 1)
# What a score reads: of shops, and of creators' accounts.
OF_SHOPS = ("orders", "cancellations", "returns")
OF_CREATORS = ("sales",)

# The first day and the last.
Span = tuple[date, date]


class Pulled(NamedTuple):
    """What pulls read of an account: the whole days from the first to the last, but for
    those `lost`; none (no `span`) while something of `unread` was never read."""

    span: Span | None
    lost: frozenset[date] = frozenset()
    unread: tuple[str, ...] = ()


class Pulls(Protocol):
    """Both answer {key: …} of accounts that are pulled at all."""

    def of_shops(self, shops: Collection[Shop]) -> Mapping[int, Pulled]: ...

    def of_creators(
        self, accounts: Collection[CreatorAccount]
    ) -> Mapping[int, Pulled]: ...


class Covered(NamedTuple):
    """Ages (1 for the day before) of days that were read whole, and of what a score
    reads, what nobody has told yet: it is unknown, not nothing."""

    ages: frozenset[int]
    unread: tuple[str, ...] = ()


_pulls: list[Pulls] = []


def register(pulls: Pulls) -> None:
    """Ask them from now on, and nobody else."""
    _pulls[:] = [pulls]


def of_shops(shops: Collection[Shop], as_of: date) -> dict[int, Covered]:
    """{shop key: what is covered}. Two queries, or three."""
    pulled = {
        key: found for one in _pulls for key, found in one.of_shops(shops).items()
    }
    told = _told([shop for shop in shops if shop.pk not in pulled])
    return {
        shop.pk: _covered(
            pulled.get(shop.pk) or told.get(shop.pk) or Pulled(None, unread=OF_SHOPS),
            as_of,
        )
        for shop in shops
    }


def of_creators(
    accounts: Collection[CreatorAccount], as_of: date
) -> dict[int, Covered]:
    """{account key: what is covered}. One query; no file tells of them."""
    pulled = {
        key: found for one in _pulls for key, found in one.of_creators(accounts).items()
    }
    nothing = Pulled(None, unread=OF_CREATORS)
    return {one.pk: _covered(pulled.get(one.pk, nothing), as_of) for one in accounts}


def days_of(ages: Collection[int], as_of: date) -> list[date]:
    return sorted(as_of - timedelta(days=age) for age in ages)


def _covered(pulled: Pulled, as_of: date) -> Covered:
    if pulled.span is None:
        return Covered(frozenset(), pulled.unread)
    first, last = pulled.span
    days = {age: as_of - timedelta(days=age) for age in WINDOW}
    return Covered(
        frozenset(
            age
            for age, day in days.items()
            if first <= day <= last and day not in pulled.lost
        )
    )


def _told(shops: Collection[Shop]) -> dict[int, Pulled]:
    """From each shop's first order to its last. Files of orders tell what was called
    off and paid back as well."""
    if not shops:
        return {}
    zones = {shop.pk: shop.zone for shop in shops}
    rows = Order.objects.filter(shop__in=list(zones)).order_by()
    spans = rows.values("shop").annotate(Min("placed_at"), Max("placed_at"))
    return {
        key: Pulled(
            (
                first.astimezone(zones[key]).date(),
                last.astimezone(zones[key]).date(),
            )
        )
        for key, first, last in spans.values_list(
            "shop", "placed_at__min", "placed_at__max"
        )
    }
