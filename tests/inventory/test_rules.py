"""Rules of what shops are told: made, changed, deleted, looked at beforehand."""

import pytest

from apps.inventory.errors import StockRefuses
from apps.inventory.models import ShopStockSettings, StockNews, StockRule
from apps.inventory.services.places import default_warehouse
from apps.inventory.services.rules import delete_rule, preview, save_rule
from apps.users.models import AuditEntry
from tests.factories.inventory import make_shop_warehouse, make_warehouse, receive
from tests.factories.platforms import make_shop
from tests.factories.products import make_listing_sku, make_variant
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    shop = make_shop()
    ShopStockSettings.objects.create(shop=shop, is_pushed=True)
    make_shop_warehouse(shop, default_warehouse(shop.client_id), "69001")
    return shop


def stocked(shop, units=12):
    """A matched SKU of the shop, with so many of it received."""
    variant = make_variant(client=shop.client)
    receive(variant, units)
    StockNews.objects.all().delete()
    return make_listing_sku(shop=shop, variant=variant)


def news():
    return sorted(StockNews.objects.values_list("variant", flat=True))


def test_a_rule_is_stored_with_news_for_what_it_concerns(shop):
    sku, other = stocked(shop), stocked(make_shop(shop.client))
    stranger = stocked(make_shop())
    actor = make_user("keeper")

    rule = save_rule(StockRule(client=shop.client, buffer=2), actor=actor)

    assert StockRule.objects.get() == rule
    assert news() == sorted([sku.variant_id, other.variant_id])
    assert stranger.variant_id not in news()
    entry = AuditEntry.objects.get(verb="made a stock rule")
    assert (entry.actor, entry.details) == (actor, {"buffer": 2})


def test_a_rule_of_a_shop_or_a_sku_concerns_no_other(shop):
    sku, beside = stocked(shop), stocked(shop)
    stocked(make_shop(shop.client))

    save_rule(StockRule(client=shop.client, shop=shop, cap=5), actor=None)
    assert news() == sorted([sku.variant_id, beside.variant_id])
    StockNews.objects.all().delete()

    save_rule(StockRule(client=shop.client, variant=sku.variant, cap=5), actor=None)
    assert news() == [sku.variant_id]


def test_a_rule_of_a_warehouse_concerns_the_shops_that_sell_from_it(shop):
    sku = stocked(shop)
    stocked(make_shop(shop.client))
    place = default_warehouse(shop.client_id)

    save_rule(StockRule(client=shop.client, warehouse=place, buffer=1), actor=None)

    assert news() == [sku.variant_id]


def test_a_rule_that_moves_on_is_news_where_it_was_too(shop):
    sku, other = stocked(shop), stocked(shop)
    rule = save_rule(
        StockRule(client=shop.client, variant=sku.variant, buffer=2), actor=None
    )
    StockNews.objects.all().delete()

    rule.variant = other.variant
    save_rule(rule, actor=None)

    assert news() == sorted([sku.variant_id, other.variant_id])
    assert AuditEntry.objects.filter(verb="changed a stock rule").count() == 1


def test_two_rules_for_exactly_the_same_are_refused(shop):
    save_rule(StockRule(client=shop.client, shop=shop, buffer=2), actor=None)
    StockNews.objects.all().delete()

    with pytest.raises(StockRefuses, match="There is a rule for exactly that"):
        save_rule(StockRule(client=shop.client, shop=shop, cap=5), actor=None)

    assert StockRule.objects.get().buffer == 2
    assert news() == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (lambda shop: {}, "says nothing"),
        (lambda shop: {"shop": make_shop(), "buffer": 1}, "is not"),
        (lambda shop: {"variant": make_variant(), "buffer": 1}, "is not"),
        (lambda shop: {"warehouse": make_warehouse(), "buffer": 1}, "is not"),
        (lambda shop: {"last_pieces": 3}, "for which shop"),
        (lambda shop: {"share_percent": 101}, "100"),
    ],
)
def test_a_rule_that_cannot_hold_is_refused(shop, changes, words):
    with pytest.raises(StockRefuses, match=words):
        save_rule(StockRule(client=shop.client, **changes(shop)), actor=None)

    assert not StockRule.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_deleted_rule_is_news_and_deleting_it_again_is_nothing(shop):
    sku = stocked(shop)
    rule = save_rule(StockRule(client=shop.client, buffer=2), actor=None)
    StockNews.objects.all().delete()

    delete_rule(StockRule.objects.get(), actor=None)
    delete_rule(rule, actor=None)

    assert not StockRule.objects.exists()
    assert news() == [sku.variant_id]
    assert AuditEntry.objects.filter(verb="deleted a stock rule").count() == 1


def test_a_preview_shows_what_would_be_told_otherwise_and_writes_nothing(shop):
    many, few = stocked(shop, 12), stocked(shop, 3)

    changes = preview(StockRule(client=shop.client, cap=5))

    assert [
        (each.listing_sku, each.before.total, each.after.total) for each in changes
    ] == [(many, 12, 5)]
    assert few not in [each.listing_sku for each in changes]
    assert not StockRule.objects.exists()
    assert news() == []


def test_a_preview_of_a_changed_or_deleted_rule_starts_from_the_stored_one(shop):
    stocked(shop, 12)
    rule = save_rule(StockRule(client=shop.client, cap=5), actor=None)

    rule.cap = 8
    assert [(c.before.total, c.after.total) for c in preview(rule)] == [(5, 8)]
    gone = preview(rule, is_deleted=True)
    assert [(c.before.total, c.after.total) for c in gone] == [(5, 12)]


def test_a_preview_reckons_a_shop_that_is_not_told_as_if_it_were(shop):
    stocked(shop, 12)
    ShopStockSettings.objects.update(is_pushed=False)

    changes = preview(StockRule(client=shop.client, buffer=2))

    assert [(c.before.total, c.after.total) for c in changes] == [(12, 10)]


def test_rules_of_another_client_are_not_looked_at(shop):
    stocked(shop, 12)

    assert preview(StockRule(client=make_client(), buffer=2)) == []
