"""Commissions of creator accounts as a snapshot takes them, and the accounts.

What a creator was told counts, not what shops say they pay.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Min

from apps.content.models import AffiliateOrder
from apps.content.models.affiliate import Settlement
from apps.credit.rules import CommissionRow, Entity
from apps.credit.rules.features import CREATOR
from apps.credit.rules.snapshot import age_of, in_window
from apps.credit.rules.table import WINDOW_DAYS
from apps.platforms.models import CreatorAccount, Shop


@dataclass(frozen=True, slots=True)
class Earned:
    """A commission of the window; `age` by the account's days, `brand` the seller."""

    row: CommissionRow
    account: CreatorAccount
    age: int
    brand: str
    is_settled: bool
    is_returned: bool | None


def key_of(account: CreatorAccount) -> str:
    """How rows of a snapshot name it; a shop's key is its number."""
    return f"creator:{account.pk}"


def commissions_of(
    accounts: Collection[CreatorAccount], shops: Collection[Shop], as_of: date
) -> list[Earned]:
    """Of the window before `as_of`, in the order in which they came in; of sales of
    `shops` (the applicant's own) they name these. One query."""
    places = {account.pk: account for account in accounts}
    if not places:
        return []
    own = {shop.code: str(shop.pk) for shop in shops if shop.code}
    last = datetime.combine(as_of + timedelta(days=1), time(), tzinfo=UTC)
    rows = AffiliateOrder.objects.filter(
        creator_account__in=list(places),
        placed_at__gte=last - timedelta(days=WINDOW_DAYS + 2),
        placed_at__lt=last,
    ).order_by("pk")
    found = []
    for row in rows:
        account = places[row.creator_account_id or 0]
        age = age_of(row.placed_at, account.zone, as_of)
        if in_window(age):
            brand = row.shop_code or row.shop_name
            found.append(
                Earned(
                    _row(row, account, own.get(row.shop_code) or f"shop:{brand}"),
                    account,
                    age,
                    brand.casefold(),
                    row.settlement == Settlement.SETTLED,
                    row.is_fully_returned,
                )
            )
    return found


def creator_entities(
    accounts: Collection[CreatorAccount],
    earned: Iterable[Earned],
    as_of: date,
    *,
    is_read: bool,
) -> dict[str, Entity]:
    """{key of the account: what is known of it}, without its income; unless any day
    `is_read`, not how many orders. One query."""
    firsts = first_days(accounts)
    by_account: dict[int, list[Earned]] = defaultdict(list)
    for one in earned:
        by_account[one.account.pk].append(one)
    return {
        key_of(account): _entity(
            by_account[account.pk], firsts.get(account.pk), as_of, is_read=is_read
        )
        for account in accounts
    }


def first_days(accounts: Collection[CreatorAccount]) -> dict[int, date]:
    """{account key: the day of its first sale that is known}"""
    zones = {account.pk: account.zone for account in accounts}
    if not zones:
        return {}
    rows = AffiliateOrder.objects.filter(creator_account__in=list(zones)).order_by()
    firsts = rows.values("creator_account").annotate(Min("placed_at"))
    return {
        key: first.astimezone(zones[key]).date()
        for key, first in firsts.values_list("creator_account", "placed_at__min")
    }


def _row(row: AffiliateOrder, account: CreatorAccount, shop: str) -> CommissionRow:
    """What is settled is known; what never will be is known to be nothing."""
    actual = row.actual_amount if row.settlement == Settlement.SETTLED else None
    if row.settlement == Settlement.INELIGIBLE:
        actual = Decimal(0)
    # One SKU of an order may have been sold through two contents.
    item = f"{row.item}@{row.origin}" if row.origin else row.item
    return CommissionRow(
        order_id=row.remote_order_id,
        sku_id=item,
        creator_id=key_of(account),
        shop_id=shop,
        at=row.placed_at,
        currency=row.currency,
        estimated=row.estimated_amount,
        actual=actual,
    )


def _entity(
    earned: Collection[Earned], first_day: date | None, as_of: date, *, is_read: bool
) -> Entity:
    age_days = None if first_day is None else float((as_of - first_day).days)
    if not is_read:
        return Entity(kind=CREATOR, age_days=age_days)
    orders: Mapping[str, list[bool | None]] = defaultdict(list)
    for one in earned:
        orders[one.row.order_id].append(one.is_returned)
    is_known = any(said is not None for some in orders.values() for said in some)
    returned = len([some for some in orders.values() if all(some)])
    return Entity(
        kind=CREATOR,
        age_days=age_days,
        orders=float(len(orders)),
        returned_orders=float(returned) if is_known or not orders else None,
    )
