"""From the rows of an applicant's shops to what a score is reckoned from."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from apps.credit.models import Applicant
from apps.credit.rules import (
    Entity,
    Features,
    OrderRow,
    ShopPlace,
    Snapshot,
    SnapshotInput,
    features_of,
)
from apps.credit.rules.plain import Plain
from apps.credit.rules.rows import USD
from apps.credit.rules.snapshot import month_index
from apps.credit.rules.table import WINDOW_DAYS
from apps.credit.services import accounts, coverage
from apps.credit.services.marks import buyer_hash
from apps.credit.services.order_rows import LATEST_PAYMENT, Known, orders_of
from apps.finance.rules.rates import RateTable
from apps.finance.services.rates import rate_table
from apps.platforms.models import Shop


@dataclass(frozen=True, slots=True)
class Around:
    """What a score takes beside income. Entities are by account, without their income,
    which follows from the rows."""

    shops: Mapping[str, Entity]
    creators: Mapping[str, Entity]
    covered: tuple[int, ...]
    new_products_sold: float | None = None
    partners_m1: float | None = None
    partners_m3: float | None = None
    settle_match: float | None = None
    not_applicable: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        plain = {one.name: getattr(self, one.name) for one in fields(self)}
        return plain | {
            "shops": {key: one.to_dict() for key, one in self.shops.items()},
            "creators": {key: one.to_dict() for key, one in self.creators.items()},
            "covered": list(self.covered),
            "not_applicable": list(self.not_applicable),
        }

    @classmethod
    def from_dict(cls, data: Plain) -> "Around":
        return cls(
            **dict(data)
            | {
                "shops": _entities(data["shops"]),
                "creators": _entities(data["creators"]),
                "covered": tuple(data["covered"]),
                "not_applicable": tuple(data["not_applicable"]),
            }
        )

    def features(self, income: Snapshot, regions: Mapping[str, str]) -> Features:
        """With what each account earned; `regions` are of accounts, by their keys."""
        earned = {**income.shop_income, **income.creator_income}
        known = {**self.shops, **self.creators}
        entities = [
            replace(one, net_usd=earned.get(key, 0.0)) for key, one in known.items()
        ]
        active = {regions.get(key, "") for key in known if earned.get(key, 0.0) > 0}
        return features_of(
            income,
            entities,
            covered=self.covered,
            new_products_sold=self.new_products_sold,
            regions_active=float(len(active - {""})),
            partners_m1=self.partners_m1,
            partners_m3=self.partners_m3,
            settle_match=self.settle_match,
            not_applicable=self.not_applicable,
        )


@dataclass(frozen=True, slots=True)
class Worth:
    """Of an order, in US dollars."""

    gross: Decimal
    refund: Decimal


@dataclass(frozen=True)
class Collected:
    """All of an applicant at a day; `orders` are the rows behind `given.orders`, in the
    same order, and `missing` the days of each shop that are not covered."""

    given: SnapshotInput
    around: Around
    shops: tuple[Shop, ...]
    orders: tuple[Known, ...]
    missing: Mapping[int, list[date]]

    @cached_property
    def worth(self) -> dict[int, Worth]:
        """{order key: what it came to}, of sales with a rate."""
        return worth_of(self.orders, self.given.rates)

    @property
    def regions(self) -> dict[str, str]:
        return {place.shop_id: place.region for place in self.given.shops}


def rates_for(as_of: date) -> RateTable:
    """All that scores of a day can need: one query, for any number of applicants."""
    since = as_of - timedelta(days=WINDOW_DAYS + 2) - LATEST_PAYMENT
    return rate_table(since, as_of + timedelta(days=1))


def collect(applicant: Applicant, as_of: date, rates: RateTable) -> Collected:
    """Some fifteen queries, however many orders there are."""
    shops = tuple(shown_shops(applicant))
    orders = tuple(orders_of(shops, as_of))
    used = narrowed(rates, (known.row for known in orders))
    worth = worth_of(orders, used)
    spans = coverage.order_spans(shops)
    listed = accounts.first_listings(shops)
    first_days = _first_days(listed, {key: first for key, (first, _) in spans.items()})
    covered = coverage.covered_ages(shops, as_of, spans)
    entities = accounts.shop_entities(shops, orders, first_days, as_of)
    m1, m3 = partners(orders)
    return Collected(
        SnapshotInput(
            as_of=as_of,
            rates=used,
            shops=[
                ShopPlace(str(shop.pk), shop.time_zone, shop.region) for shop in shops
            ],
            orders=[known.row for known in orders],
            applicant_buyer_ids=own_buyers(applicant, shops),
        ),
        Around(
            shops={str(key): one for key, one in entities.items()},
            creators={},
            covered=tuple(sorted(_everywhere(covered.values()))),
            new_products_sold=(
                accounts.new_products_sold(shops, orders, as_of) if listed else None
            ),
            partners_m1=m1,
            partners_m3=m3,
            settle_match=accounts.settle_match(
                shops, orders, {key: one.gross for key, one in worth.items()}
            ),
            not_applicable=not_applicable(
                has_shops=bool(shops), has_partners=m1 is not None
            ),
        ),
        shops,
        orders,
        {
            key: coverage.days_of(set(coverage.WINDOW) - ages, as_of)
            for key, ages in covered.items()
        },
    )


def shown_shops(applicant: Applicant) -> Iterable[Shop]:
    """Shops that the applicant shows now."""
    rows = Shop.objects.filter(
        shown_by__applicant=applicant, shown_by__ended_at=None
    ).order_by("pk")
    return rows.distinct()


def own_buyers(applicant: Applicant, shops: Collection[Shop]) -> frozenset[str]:
    """Hashes of their own accounts as buyers, as orders have them."""
    platforms = {shop.platform for shop in shops}
    return frozenset(
        buyer_hash(platform, str(remote_id))
        for platform in platforms
        for remote_id in applicant.buyer_ids
    )


def narrowed(rates: RateTable, rows: Iterable[OrderRow]) -> RateTable:
    """Only what these rows ask for, which gives the same answers: what is kept with a
    score."""
    used: dict[date, set[str]] = {}
    for row in rows:
        if row.paid_at is not None and row.currency != USD:
            rate = rates.rate(row.currency, USD, _utc_day(row.paid_at))
            if rate is not None:
                used.setdefault(rate.on, {USD}).add(row.currency)
    return RateTable(
        {
            day: {code: rates.rows[day][code] for code in sorted(codes)}
            for day, codes in sorted(used.items())
        }
    )


def worth_of(orders: Iterable[Known], rates: RateTable) -> dict[int, Worth]:
    """{order key: what it came to}, of sales with a rate."""
    found = {}
    for known in orders:
        row = known.row
        if not known.is_sale or row.paid_at is None or row.value is None:
            continue
        rate = rates.rate(row.currency, USD, _utc_day(row.paid_at))
        if rate is not None:
            refund = min(row.value, row.refunded)
            found[known.order.pk] = Worth(rate.of(row.value), rate.of(refund))
    return found


def partners(orders: Iterable[Known]) -> tuple[float | None, float | None]:
    """Creators who sold for the shops in the oldest and in the newest month; None of
    both where no order names any."""
    months: dict[int, set[str]] = {0: set(), 1: set(), 2: set()}
    for known in orders:
        handle = known.order.creator_handle.strip().casefold()
        if known.is_sale and known.paid_age is not None and handle:
            months[month_index(known.paid_age)].add(handle)
    if not any(months.values()):
        return None, None
    return float(len(months[0])), float(len(months[2]))


def not_applicable(*, has_shops: bool, has_partners: bool) -> tuple[str, ...]:
    """Without creators there is no network to grow, without a shop no products."""
    codes = []
    if not has_shops:
        codes.append("GRO_PRODUCTS")
    if not has_partners:
        codes.append("GRO_NETWORK")
    return tuple(codes)


def _first_days(*known: Mapping[int, date]) -> dict[int, date]:
    """{shop key: the first day it is known to have been there}"""
    keys = set().union(*known)
    return {key: min(days[key] for days in known if key in days) for key in keys}


def _everywhere(covered: Collection[set[int]]) -> set[int]:
    """A day of which one account was not read is not covered."""
    return set.intersection(*covered) if covered else set()


def _utc_day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def _entities(data: Plain) -> dict[str, Entity]:
    return {key: Entity.from_dict(one) for key, one in data.items()}
