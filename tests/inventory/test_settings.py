"""Whether a shop is told our stock."""

from typing import Any

import pytest

from apps.inventory.errors import StockRefuses
from apps.inventory.models import ShopStockSettings, StockNews
from apps.inventory.services.documents import By
from apps.inventory.services.settings import change_settings, settings_of
from apps.platforms.models import Shop
from apps.users.models import AuditEntry
from tests.factories.inventory import NOBODY
from tests.factories.platforms import make_shop
from tests.factories.products import make_listing_sku, make_variant
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db

AS_USUAL: dict[str, Any] = {"is_pushed": False, "drift": "ask", "zero": "off_sale"}


@pytest.fixture
def shop():
    return make_shop()


def test_no_shop_is_told_unless_somebody_says_so(shop):
    settings = settings_of(shop)

    assert not settings.is_pushed
    assert (settings.drift, settings.zero) == ("ask", "off_sale")
    assert settings.pk is None


def test_a_change_is_kept_and_audited_once(shop):
    user = make_user()
    wanted: dict[str, Any] = {
        "is_pushed": True,
        "drift": "repair",
        "zero": "off_sale",
    }

    assert change_settings(shop, By(user), **wanted)
    assert not change_settings(shop, By(user), **wanted)

    row = settings_of(shop)
    assert (row.is_pushed, row.drift, row.zero) == (True, "repair", "off_sale")
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.shop_key) == (user, shop.pk)
    assert entry.details == {"is_pushed": True, "drift": "repair"}


def test_what_is_not_named_stays_as_it_is(shop):
    change_settings(shop, NOBODY, is_pushed=True, drift="repair")

    assert change_settings(shop, NOBODY, zero="keep_one")
    assert not change_settings(shop, NOBODY)

    row = settings_of(shop)
    assert (row.is_pushed, row.drift, row.zero) == (True, "repair", "keep_one")


@pytest.mark.parametrize(
    ("change", "is_news"),
    [
        ({"is_pushed": True}, True),
        ({"zero": "keep_one"}, True),
        ({"drift": "repair"}, False),
    ],
)
def test_what_the_shop_is_told_is_looked_at_anew_where_it_may_differ(
    shop, change, is_news
):
    variant = make_variant(client=shop.client)
    make_listing_sku(shop=shop, variant=variant)
    make_listing_sku(shop=shop)
    make_listing_sku(variant=make_variant())

    change_settings(shop, NOBODY, **AS_USUAL | change)

    news = [row.variant_id for row in StockNews.objects.all()]
    assert news == ([variant.pk] if is_news else [])


@pytest.mark.parametrize("change", [{"drift": "shrug"}, {"zero": ""}])
def test_what_is_no_choice_is_refused(shop, change):
    with pytest.raises(StockRefuses):
        change_settings(shop, NOBODY, **AS_USUAL | change)

    assert not ShopStockSettings.objects.exists()


def test_a_disconnected_shop_is_read_only(shop):
    Shop.objects.update(state=Shop.State.DISCONNECTED)

    with pytest.raises(StockRefuses, match="disconnected"):
        change_settings(shop, NOBODY, is_pushed=True, drift="ask", zero="off_sale")

    assert not ShopStockSettings.objects.exists()
    assert not AuditEntry.objects.exists()
