"""Shops of an applicant with sales, as rows."""

import itertools
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from apps.content.models import AffiliateOrder, Creator
from apps.credit.models import (
    Applicant,
    ApplicantCreator,
    ApplicantShop,
    CreditReport,
)
from apps.credit.services.reports.disputing import raise_dispute
from apps.credit.services.reports.issuing import issue
from apps.credit.services.reports.sharing import share_by_address
from apps.credit.services.scoring import score_applicant
from apps.finance.models import ExchangeRate
from apps.orders.models import Buyer, Order, OrderLine
from apps.platforms.models import CreatorAccount, Shop
from apps.sync.models import CreatorRun, SyncCursor
from apps.users.models import Client
from apps.users.services.audit import By
from tests.factories.platforms import make_shop
from tests.factories.users import make_client

AS_OF = date(2026, 11, 26)
BY = By(process="test")
_numbers = itertools.count(1)


SHOWN = datetime(2026, 8, 1, tzinfo=UTC)
NOW = datetime.combine(AS_OF, time(20), tzinfo=UTC)


def make_applicant(client=None, *, shops=(), creators=(), **fields) -> Applicant:
    number = next(_numbers)
    values = {"client": client or make_client(), "reference": f"Loan {number}"}
    applicant = Applicant.objects.create(**values | fields)
    for shop in shops:
        show(applicant, shop)
    for account in creators:
        ApplicantCreator.objects.create(
            applicant=applicant, account=account, shown_at=SHOWN
        )
    return applicant


def make_creator_account(
    client=None, *, read_until: datetime | None = NOW, **fields
) -> CreatorAccount:
    """One whose sales of the 90 days before were read, unless `read_until` is None."""
    number = next(_numbers)
    values = {
        "client": client or make_client(),
        "open_id": f"creator{number}",
        "username": f"maker{number}",
        "region": "US",
        "connected_at": NOW,
    }
    account = CreatorAccount.objects.create(**values | fields)
    if read_until is not None:
        CreatorRun.objects.create(
            account=account,
            trigger="schedule",
            state="done",
            since=read_until - timedelta(days=90),
            until=read_until,
        )
    return account


def earn(account: CreatorAccount, estimated, days_ago: int, **fields):
    """A commission that the creator was told of, at noon UTC."""
    number = next(_numbers)
    day = AS_OF - timedelta(days=days_ago)
    values = {
        "client": account.client,
        "creator_account": account,
        "remote_order_id": f"5780{number:014}",
        "item": "17300009",
        "shop_name": "Somebody's Lamps",
        "settlement": "to_settle",
        "currency": "USD",
        "estimated_amount": Decimal(estimated),
        "is_fully_returned": False,
        "placed_at": datetime.combine(day, time(12), tzinfo=UTC),
        "source": "api",
    }
    return AffiliateOrder.objects.create(**values | fields)


def pay(shop: Shop, username: str, amount, days_ago: int) -> AffiliateOrder:
    """A commission that the shop told of."""
    creator, _ = Creator.objects.get_or_create(client=shop.client, username=username)
    number = next(_numbers)
    return AffiliateOrder.objects.create(
        client=shop.client,
        shop=shop,
        creator=creator,
        remote_order_id=f"5770{number:014}",
        item="17300009",
        settlement="to_settle",
        currency=shop.currency,
        estimated_amount=Decimal(amount),
        placed_at=noon(shop, days_ago),
        source="api",
    )


def show(applicant: Applicant, shop: Shop) -> ApplicantShop:
    return ApplicantShop.objects.create(applicant=applicant, shop=shop, shown_at=SHOWN)


def make_us_shop(client=None, **fields) -> Shop:
    """One whose amounts are US dollars."""
    return make_shop(client, region="US", **fields)


def make_read_shop(client=None, as_of: date = AS_OF, **fields) -> Shop:
    """A shop of the United States whose last 90 days were pulled."""
    shop = make_us_shop(client, **fields)
    pulled(shop, as_of)
    return shop


def pulled(
    shop: Shop,
    as_of: date = AS_OF,
    until: datetime | None = None,
    resources=("orders", "cancellations", "returns"),
) -> None:
    """These were pulled from 90 days before until `until` (or now)."""
    now = datetime.combine(as_of, time(20), tzinfo=UTC)
    for resource in resources:
        cursor = SyncCursor.objects.create(
            shop=shop, resource=resource, position=until or now
        )
        SyncCursor.objects.filter(pk=cursor.pk).update(created_at=now)


def noon(shop: Shop, days_ago: int, as_of: date = AS_OF) -> datetime:
    """Of the shop's own day."""
    day = as_of - timedelta(days=days_ago)
    return datetime.combine(day, time(12), tzinfo=shop.zone)


def sell(shop: Shop, amount, at: datetime | int, *, buyer: str | None = "", **fields):
    """A paid order of one line, by default of a buyer of its own; `at` may be days
    before AS_OF. Fields of the line go in as line__…"""
    number = next(_numbers)
    moment = noon(shop, at) if isinstance(at, int) else at
    line = {k[6:]: fields.pop(k) for k in list(fields) if k.startswith("line__")}
    person = None
    if buyer is not None:
        person, _ = Buyer.objects.get_or_create(
            shop=shop, remote_id=buyer or f"buyer{number}"
        )
    values = {
        "remote_id": f"5790{number:014}",
        "buyer": person,
        "status": Order.Status.COMPLETED,
        "currency": shop.currency,
        "placed_at": moment,
        "paid_at": moment,
        "lines_source": "api",
    }
    order = Order.objects.create(shop=shop, **values | fields)
    figures = {
        "key": "one",
        "position": 1,
        "remote_sku_id": "17300001",
        "remote_product_id": "17200001",
        "quantity": 1,
        "unit_price": Decimal(amount),
        "original_amount": Decimal(amount),
        "platform_discount_amount": Decimal(0),
        "seller_discount_amount": Decimal(0),
        "amount": Decimal(amount),
    }
    OrderLine.objects.create(order=order, **figures | line)
    return order


def spread(shop: Shop, orders: int, gmv, *, returned=0, as_of: date = AS_OF) -> None:
    """So many equal orders over ninety days, a third in each month, `returned` of them
    paid back whole, as many in each month as in the others."""
    each = Decimal(gmv) / orders
    every = orders // returned if returned else 0
    for number in range(orders):
        age = 90 - number * 90 // orders
        sell(
            shop,
            each,
            noon(shop, age, as_of),
            refund_amount=each if every and number % every == 0 else None,
        )


def make_rate(currency: str, per_euro, on: date) -> ExchangeRate:
    return ExchangeRate.objects.create(
        on=on, currency=currency, per_euro=Decimal(str(per_euro)), source="ecb"
    )


def make_reported(client: Client, shop: Shop) -> CreditReport:
    """An applicant with that shop, scored, whose report is shared by address and was
    objected to."""
    applicant = make_applicant(client, shops=[shop])
    report = issue(score_applicant(applicant, as_of=AS_OF, by=BY), BY)
    share_by_address(report, 7, BY)
    raise_dispute(report, "The rating is 4.9.", BY, component="REL_RATING")
    return report
