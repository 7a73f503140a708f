"""Rows that are deleted with all that hangs on them."""

import pytest

from apps.core.deleting import delete_whole
from apps.orders.models import Order, OrderLine
from apps.platforms.models import Shop
from apps.products.models import Listing
from apps.sync.models import SyncRun
from apps.users.models import AuditEntry
from tests.walls.world import make_world

pytestmark = pytest.mark.django_db


def test_a_shop_goes_with_everything_of_it_and_nothing_of_its_neighbour():
    one, other = make_world("alder", 7001), make_world("birch", 7002)
    trail = AuditEntry.objects.count()

    gone = delete_whole(Shop.objects.filter(pk=one[Shop].pk))

    assert gone["platforms.Shop"] == gone["orders.Order"] == 1
    for model in (Shop, Order, OrderLine, Listing, SyncRun):
        assert not model.objects.filter(pk=one.key).exists()
        assert model.objects.filter(pk=other.key).exists()
    assert AuditEntry.objects.count() == trail


def test_what_only_mentions_a_row_stays_and_mentions_nothing():
    world = make_world("alder", 7001)
    line = world[OrderLine]
    line.listing_sku_id = world.key
    line.save()

    delete_whole(Listing.objects.filter(pk=world.key))

    line.refresh_from_db()
    assert line.listing_sku is None


def test_nothing_to_delete_is_nothing(django_assert_num_queries):
    with django_assert_num_queries(3):
        assert delete_whole(Shop.objects.none() | Shop.objects.filter(pk=0)) == {}
