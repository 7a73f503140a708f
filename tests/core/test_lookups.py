"""`among`: as `in`, of many plain values."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.orders.models import Order, OrderLine
from tests.factories.orders import make_order
from tests.factories.platforms import make_shop

pytestmark = pytest.mark.django_db
STRANGE = ["581", 'a"b', "c'd", "e,f{}", "\\N", "🙏", "", "NULL"]


def test_it_finds_what_in_finds():
    shop = make_shop()
    orders = [make_order(shop, text, carrier=text) for text in STRANGE]
    ids = [order.remote_id for order in orders]
    keys = [order.pk for order in orders]

    for wanted in (ids[:3], ids, ["nobody"], {*ids}, dict.fromkeys(ids)):
        found = Order.objects.filter(remote_id__among=wanted)
        assert {*found} == {*Order.objects.filter(remote_id__in=list(wanted))}
    assert Order.objects.filter(carrier__among=STRANGE).count() == len(STRANGE)
    assert OrderLine.objects.filter(order__among=keys[2:4]).count() == 2
    assert Order.objects.exclude(pk__among=keys[1:]).get() == orders[0]


def test_nothing_is_among_none_and_nobody_is_asked():
    make_order()

    with CaptureQueriesContext(connection) as asked:
        assert list(Order.objects.filter(pk__among=[])) == []

    assert len(asked) == 0


def test_more_than_any_database_takes_in_one_statement():
    order = make_order()

    some = range(order.pk, order.pk + 300_000)
    assert Order.objects.filter(pk__among=some).get() == order
