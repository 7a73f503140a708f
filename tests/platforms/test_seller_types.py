"""Whether a seller sells at home or from abroad: learnt once, and kept."""

from dataclasses import dataclass, field

import pytest

from apps.integrations.contracts import RemoteShop
from apps.platforms.models import Shop
from apps.platforms.services import scopes
from apps.platforms.services.seller_types import note_seller_types, seller_type_of
from apps.products.services.publishing.channel import Channel
from tests.factories.platforms import make_shop
from tests.platforms.connect_support import (
    CALLBACK_URL,
    ISARWERK,
    LOTUS_HOMEWARE,
    Desk,
    make_desk,
)
from tests.simulator_server import run_simulator

pytestmark = pytest.mark.django_db
LOCAL, ABROAD = Shop.SellerType.LOCAL, Shop.SellerType.CROSS_BORDER


@pytest.fixture(scope="module")
def simulator():
    with run_simulator(orders=1, redirect_url=CALLBACK_URL) as server:
        yield server


@pytest.fixture
def desk(simulator, settings, client, db, monkeypatch) -> Desk:
    return make_desk(simulator, settings, client, monkeypatch)


def told(shop: Shop, seller_type: str) -> RemoteShop:
    return RemoteShop(
        shop.remote_id, shop.name, shop.region, "cipher", seller_type=seller_type
    )


def kind_of(shop: Shop) -> str:
    return Shop.objects.get(pk=shop.pk).seller_type


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("LOCAL", "local"),
        ("CROSS_BORDER", "cross_border"),
        (" cross_border ", "cross_border"),
        ("", ""),
        ("GALACTIC", ""),
    ],
)
def test_the_platforms_word_is_one_of_ours_or_nothing(word, kind):
    assert seller_type_of(RemoteShop("1", "Shop", "MY", "", seller_type=word)) == kind


@pytest.mark.parametrize(
    ("number", "kind"), [(ISARWERK, LOCAL), (LOTUS_HOMEWARE, ABROAD)]
)
def test_connecting_tells(desk, number, kind):
    desk.link(number)

    assert {shop.seller_type for shop in Shop.objects.all()} == {kind}


def test_connecting_again_tells_of_shops_we_knew_without(desk):
    desk.link()
    Shop.objects.update(seller_type="")
    shop = Shop.objects.get()

    desk.link(query=f"?shop={shop.pk}")

    assert kind_of(shop) == LOCAL


def test_what_is_not_told_erases_nothing_and_news_replaces():
    shop, other = make_shop(seller_type=ABROAD), make_shop()

    note_seller_types(shop.platform, [told(shop, ""), told(other, "")])
    assert (kind_of(shop), kind_of(other)) == (ABROAD, "")

    note_seller_types(shop.platform, [told(shop, "LOCAL"), told(other, "CROSS_BORDER")])
    assert (kind_of(shop), kind_of(other)) == (LOCAL, ABROAD)


def test_a_change_moves_the_shops_version_and_a_repetition_does_not():
    shop = make_shop()
    before = shop.modified_at

    note_seller_types(shop.platform, [told(shop, "LOCAL")])
    shop.refresh_from_db()
    first = shop.modified_at
    note_seller_types(shop.platform, [told(shop, "LOCAL")])
    shop.refresh_from_db()

    assert before < first == shop.modified_at


@dataclass
class Told:
    """A platform that lists shops, and counts how often."""

    shops: list[RemoteShop] = field(default_factory=list)
    asked: int = 0

    def authorized_shops(self) -> list[RemoteShop]:
        self.asked += 1
        return self.shops


def channel_of(shop: Shop, client: Told) -> Channel:
    return Channel(Shop.objects.get(pk=shop.pk), clients={scopes.PRODUCTS: client})  # type: ignore[dict-item]


@pytest.mark.parametrize(("kind", "is_abroad"), [(LOCAL, False), (ABROAD, True)])
def test_a_known_one_is_not_asked_for(kind, is_abroad):
    shop, client = make_shop(seller_type=kind), Told()

    assert channel_of(shop, client).is_cross_border is is_abroad
    assert client.asked == 0


def test_an_unknown_one_is_asked_for_once_and_kept():
    shop = make_shop()
    client = Told([told(shop, "CROSS_BORDER")])

    channel = channel_of(shop, client)
    assert channel.is_cross_border is True
    assert channel.is_cross_border is True
    assert channel_of(shop, client).is_cross_border is True

    assert client.asked == 1
    assert kind_of(shop) == ABROAD


def test_one_the_platform_does_not_tell_is_asked_for_once_a_run():
    shop, client = make_shop(), Told()
    client.shops = [told(make_shop(), "CROSS_BORDER")]

    channel = channel_of(shop, client)
    assert channel.is_cross_border is False
    assert channel.is_cross_border is False
    assert client.asked == 1
    assert kind_of(shop) == ""

    client.shops = [told(shop, "CROSS_BORDER")]
    assert channel_of(shop, client).is_cross_border is True
