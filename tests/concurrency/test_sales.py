"""Days of sales counted by several at once, while orders come in, on PostgreSQL."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from apps.backoffice.models import SalesDay, SalesDue
from apps.backoffice.services.analytics.counting import count_sales
from apps.backoffice.services.analytics.verifying import differences
from apps.integrations.contracts import Source
from apps.orders.services.ingest import ingest_orders
from apps.platforms.models import Shop
from tests.concurrency.test_stock import at_once
from tests.factories.orders import make_remote_order
from tests.factories.platforms import make_shop

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]

PAID = datetime(2026, 9, 20, 10, tzinfo=UTC)


def bring_orders(shop: Shop, first: int) -> None:
    """Ten orders, each of which is paid on another day in its second version."""
    for version in (1, 2):
        for number in range(first, first + 10):
            remote = make_remote_order(
                f"5899{number:014}",
                version=version,
                paid_at=PAID + timedelta(days=number % 4 + version),
            )
            ingest_orders(shop, [remote], Source.API)


def count_again_and_again(shop: Shop) -> None:
    for _ in range(12):
        count_sales(shop)


def test_counting_while_orders_come_in_leaves_what_the_orders_come_to():
    shop = make_shop(time_zone="Asia/Kuala_Lumpur")
    work = [
        partial(bring_orders, shop, 0),
        partial(bring_orders, shop, 100),
        partial(count_again_and_again, shop),
        partial(count_again_and_again, shop),
    ]

    assert at_once(work) == [None] * 4
    count_sales(shop)

    days = PAID.date(), PAID.date() + timedelta(days=9)
    assert list(differences(shop, *days)) == []
    whole = SalesDay.objects.filter(shop=shop, split=SalesDay.Split.WHOLE)
    assert sum(row.orders for row in whole) == 20
    assert not SalesDue.objects.exists()
