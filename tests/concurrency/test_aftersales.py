"""An order, its packages and its requests, told by many at the same moment, on
PostgreSQL."""

import random
from functools import partial
from typing import Any

import pytest

from apps.integrations.contracts import Source
from apps.inventory.services.verifying import verify
from apps.orders.services.stock_proof import differing_orders
from tests.concurrency.test_stock import at_once
from tests.factories.inventory import stock_of
from tests.orders.shelves import make_shelf
from tests.orders.test_convergence_aftersales import HISTORY, everything, hear

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]


def tell_all(shop: Any, history: list[Any], source: Source) -> None:
    for news in history:
        hear(shop, news, source)


def test_pulls_and_notices_that_meet_leave_what_one_alone_would():
    alone, lamp = make_shelf()
    tell_all(alone, HISTORY, Source.API)
    shop, other_lamp = make_shelf()
    dice = random.Random(3)
    work = [
        partial(tell_all, shop, dice.sample(HISTORY, len(HISTORY)), source)
        for source in (Source.API, Source.WEBHOOK, Source.API, Source.WEBHOOK)
    ]

    assert at_once(work) == [None] * 4

    assert everything(shop) == everything(alone)
    assert stock_of(other_lamp) == stock_of(lamp)
    assert list(differing_orders(shop)) == []
    assert not verify()
