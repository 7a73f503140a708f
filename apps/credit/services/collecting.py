"""From the rows of an applicant's accounts to what a score is reckoned from."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from apps.credit.models import Applicant
from apps.credit.rules import ShopPlace, SnapshotInput
from apps.credit.rules.table import MONTH_DAYS, WINDOW_DAYS
from apps.credit.services import accounts, commission_rows
from apps.credit.services.around import Around
from apps.credit.services.commission_rows import Earned, key_of
from apps.credit.services.coverage import (
    WINDOW,
    Covered,
    days_of,
    of_creators,
    of_shops,
)
from apps.credit.services.marks import buyer_hash
from apps.credit.services.order_rows import LATEST_PAYMENT, Known, orders_of
from apps.credit.services.partners import Paid, paid_by, partners
from apps.credit.services.worth import Worth, commission_worth, narrowed, worth_of
from apps.finance.rules.rates import RateTable
from apps.finance.services.rates import rate_table
from apps.platforms.models import CreatorAccount, Shop


@dataclass(frozen=True, slots=True)
class Collected:
    """All of an applicant at a day.

    `orders` and `earned` are behind the rows of `given`, in the same order, and of
    days that are covered alone; `worth` is {order key: …} of sales with a rate, `paid`
    what the shops paid to creators, and `coverage` {account's key in the rows: …}.
    """

    given: SnapshotInput
    around: Around
    shops: tuple[Shop, ...]
    creators: tuple[CreatorAccount, ...]
    orders: tuple[Known, ...]
    earned: tuple[Earned, ...]
    worth: Mapping[int, Worth]
    paid: tuple[Paid, ...]
    coverage: Mapping[str, Covered]

    def missing(self, key: str) -> list[date]:
        """Days on which the account was not read whole."""
        ages = set(WINDOW) - self.coverage[key].ages
        return days_of(ages, self.given.as_of)

    @property
    def regions(self) -> dict[str, str]:
        """{account's key in the rows: its country}"""
        places = {place.shop_id: place.region for place in self.given.shops}
        return places | {key_of(one): one.region for one in self.creators}


def rates_for(as_of: date) -> RateTable:
    """All that scores of a day can need: one query, for any number of applicants."""
    since = as_of - timedelta(days=WINDOW_DAYS + 2) - LATEST_PAYMENT
    return rate_table(since, as_of + timedelta(days=1))


def collect(applicant: Applicant, as_of: date, rates: RateTable) -> Collected:
    """Some twenty queries, however many orders there are."""
    shops = shown_shops(applicant)
    creators = shown_creators(applicant)
    coverage = _coverage(shops, creators, as_of)
    # A day on which one account was not read is not covered: what others sold on it
    # would count as if it were of the days that are.
    covered = _everywhere([one.ages for one in coverage.values()])
    is_read = bool(covered)
    orders = tuple(one for one in orders_of(shops, as_of) if one.age in covered)
    earned = tuple(
        one
        for one in commission_rows.commissions_of(creators, shops, as_of)
        if one.age in covered
    )
    paid = tuple(one for one in paid_by(shops, as_of) if one.age in covered)
    asked = [(one.row.currency, one.row.paid_at) for one in orders]
    asked += [(one.row.currency, one.row.at) for one in earned]
    asked += [(one.currency, one.at) for one in paid]
    used = narrowed(rates, asked)
    worth = worth_of(orders, used)
    m1, m3 = partners(orders, paid, earned)
    first_listed = accounts.first_listings(shops)
    return Collected(
        SnapshotInput(
            as_of=as_of,
            rates=used,
            shops=[
                ShopPlace(str(shop.pk), shop.time_zone, shop.region) for shop in shops
            ],
            orders=[one.row for one in orders],
            commissions=[one.row for one in earned],
            applicant_buyer_ids=own_buyers(applicant, shops),
            creator_ids=frozenset(map(key_of, creators)),
            creator_tz=creators[0].time_zone if creators else "UTC",
        ),
        Around(
            shops=accounts.shop_entities(
                shops, orders, first_listed, as_of, is_read=is_read
            ),
            creators=commission_rows.creator_entities(
                creators, earned, as_of, is_read=is_read
            ),
            covered=tuple(sorted(covered)),
            new_products_sold=(
                accounts.new_products_sold(shops, orders, as_of)
                if first_listed and is_read
                else None
            ),
            partners_m1=m1,
            partners_m3=m3,
            settle_match=settle_match(shops, orders, earned, worth, used),
            not_applicable=not_applicable(
                has_shops=bool(shops), has_partners=m1 is not None
            ),
        ),
        shops,
        creators,
        orders,
        earned,
        worth,
        paid,
        coverage,
    )


def shown_shops(applicant: Applicant) -> tuple[Shop, ...]:
    """Shops that the applicant shows now."""
    rows = Shop.objects.filter(shown_by__applicant=applicant, shown_by__ended_at=None)
    return tuple(rows.order_by("pk"))


def shown_creators(applicant: Applicant) -> tuple[CreatorAccount, ...]:
    """Creator accounts that the applicant shows now."""
    rows = CreatorAccount.objects.filter(
        shown_by__applicant=applicant, shown_by__ended_at=None
    )
    return tuple(rows.order_by("pk"))


def own_buyers(applicant: Applicant, shops: Collection[Shop]) -> frozenset[str]:
    """Hashes of their own accounts as buyers, as orders have them."""
    platforms = {shop.platform for shop in shops}
    return frozenset(
        buyer_hash(platform, str(remote_id))
        for platform in platforms
        for remote_id in applicant.buyer_ids
    )


def settle_match(
    shops: Collection[Shop],
    orders: Collection[Known],
    earned: Collection[Earned],
    worth: Mapping[int, Worth],
    rates: RateTable,
) -> float | None:
    """The share of the value of what is old enough to be settled that is: orders that a
    settlement names, commissions that are. None where there is nothing so old, or no
    shop's settlements are known. Two queries at most."""
    whole = settled = Decimal(0)
    mature = {
        one.order.pk: worth[one.order.pk].gross
        for one in orders
        if one.order.pk in worth and (one.paid_age or 0) > MONTH_DAYS
    }
    named = accounts.settled_orders(shops, list(mature)) if mature else set()
    if named is None and not earned:
        return None
    for key, gross in mature.items():
        whole += gross
        if named is None:  # as where nothing is known of any
            settled += gross / 2
        elif key in named:
            settled += gross
    for one in earned:
        value = commission_worth(one, rates)
        if value is not None and one.age > MONTH_DAYS:
            whole += value
            settled += value if one.is_settled else 0
    return float(settled / whole) if whole else None


def not_applicable(*, has_shops: bool, has_partners: bool) -> tuple[str, ...]:
    """Without creators there is no network to grow, without a shop no products."""
    codes = []
    if not has_shops:
        codes.append("GRO_PRODUCTS")
    if not has_partners:
        codes.append("GRO_NETWORK")
    return tuple(codes)


def _coverage(
    shops: Collection[Shop], creators: Collection[CreatorAccount], as_of: date
) -> dict[str, Covered]:
    """{account's key in the rows: what is covered}"""
    shops_covered = of_shops(shops, as_of)
    creators_covered = of_creators(creators, as_of)
    return {str(key): one for key, one in shops_covered.items()} | {
        key_of(one): creators_covered[one.pk] for one in creators
    }


def _everywhere(covered: Collection[frozenset[int]]) -> frozenset[int]:
    return frozenset.intersection(*covered) if covered else frozenset()
