"""A shop that is told our stock, and a platform that takes it down."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from apps.integrations.contracts import (
    ItemFailure,
    ListingStatus,
    RemoteListing,
    RemoteStock,
    RemoteWarehouseStock,
    SkuStock,
    StockAnswer,
    StockFailure,
    StockFault,
)
from apps.integrations.errors import NotFound
from apps.inventory.models import ShopStockSettings, StockNews
from apps.inventory.services.places import default_warehouse
from apps.platforms.models import Shop
from apps.platforms.services import scopes
from apps.products.models import ListingSku, Variant
from apps.products.services.publishing.channel import Channel
from apps.sync.models import StockPush
from apps.sync.services.stock_push import noting
from apps.sync.services.stock_push.crew import Pushed
from apps.sync.services.stock_push.working import push_due
from apps.users.models import Client
from tests.factories.inventory import count, make_shop_warehouse, receive
from tests.factories.platforms import make_shop
from tests.factories.products import (
    make_listing,
    make_listing_sku,
    make_remote_listing,
    make_remote_sku,
    make_variant,
)

Call = tuple[str, dict[str, dict[str, int]]]  # product, {SKU: {warehouse: pieces}}


@dataclass
class FakeStockShop:
    """`before_call` sees each product asked about, and may raise; what it returns is
    refused. `refuses_zero` and `off_sale` are as with the real one."""

    stock: dict[str, dict[str, int]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    refuses_zero: bool = False
    off_sale: set[str] = field(default_factory=set)
    deeds: list[tuple[str, str]] = field(default_factory=list)
    listings: dict[str, RemoteListing] = field(default_factory=dict)
    before_call: Callable[[str, Sequence[SkuStock]], list[StockFailure] | None] = (
        lambda product, skus: None
    )
    lock: threading.Lock = field(default_factory=threading.Lock)

    def update_stock(
        self, remote_product_id: str, skus: Sequence[SkuStock]
    ) -> list[StockFailure]:
        with self.lock:
            sent = {sku.remote_sku_id: dict(sku.quantities) for sku in skus}
            self.calls.append((remote_product_id, sent))
        failures = self.before_call(remote_product_id, skus) or []
        if remote_product_id in self.off_sale:
            failures = [refusal(each, StockFault.STATUS, 12052901) for each in sent]
        if self.refuses_zero:
            failures += [
                refusal(each, StockFault.ZERO_REFUSED, 12052055)
                for each, quantities in sent.items()
                if 0 in quantities.values()
            ]
        refused = {failure.remote_sku_id for failure in failures}
        self.stock |= {key: each for key, each in sent.items() if key not in refused}
        return failures

    def deactivate_listings(self, remote_ids: Sequence[str]) -> list[ItemFailure]:
        self.deeds += [("off", each) for each in remote_ids]
        self.off_sale.update(remote_ids)
        return []

    def activate_listings(self, remote_ids: Sequence[str]) -> list[ItemFailure]:
        self.deeds += [("on", each) for each in remote_ids]
        self.off_sale.difference_update(remote_ids)
        return []

    def get_listing(self, remote_id: str, *, version: str = "live") -> RemoteListing:
        if remote_id not in self.listings:
            raise NotFound("The product is not in this shop.")
        is_off = remote_id in self.off_sale
        status = ListingStatus.SELLER_DEACTIVATED if is_off else ListingStatus.LIVE
        return replace(self.listings[remote_id], status=status)

    def search_stock(
        self, *, sku_ids: Sequence[str] = (), product_ids: Sequence[str] = ()
    ) -> StockAnswer:
        return StockAnswer(
            tuple(
                RemoteStock(
                    key,
                    "",
                    by_warehouse=tuple(
                        RemoteWarehouseStock(place, pieces)
                        for place, pieces in self.stock[key].items()
                    ),
                )
                for key in sku_ids
                if key in self.stock
            )
        )

    def channel(self, shop: Shop) -> Channel:
        both = (scopes.PRODUCT_WRITE, scopes.PRODUCTS)
        return Channel(shop, clients=dict.fromkeys(both, self))  # type: ignore[arg-type]

    def knows(self, sku: ListingSku) -> None:
        """Show the listing when asked for it."""
        listing = sku.listing
        skus = [make_remote_sku(each.remote_id) for each in listing.skus.all()]
        self.listings[listing.remote_id] = make_remote_listing(
            listing.remote_id, title=listing.title, skus=tuple(skus)
        )


def refusal(remote_sku_id: str, kind: StockFault, code: int = 1) -> StockFailure:
    return StockFailure(remote_sku_id, code, f"TikTok says {kind.value}", kind=kind)


def make_told_shop(client: Client | None = None, place: str = "69001") -> Shop:
    """Told, with one warehouse, which is our default one."""
    shop = make_shop(client)
    ShopStockSettings.objects.create(shop=shop, is_pushed=True)
    make_shop_warehouse(shop, default_warehouse(shop.client_id), place)
    return shop


def make_stocked(
    shop: Shop, units: int = 12, *, variant: Variant | None = None, **where
) -> ListingSku:
    """A matched SKU of which so many were received; the shop has still to be told."""
    if variant is None:
        variant = make_variant(client=shop.client)
        receive(variant, units)
    listing = where.pop("listing", None) or make_listing(shop)
    sku = make_listing_sku(listing, variant=variant, **where)
    noting.note([sku.pk])
    return sku


def recount(sku: ListingSku, units: int) -> None:
    assert sku.variant is not None
    count(sku.variant, units)


def tell(shop: Shop, platform: FakeStockShop, **options) -> Pushed:
    """What a sweep and the push it wakes do."""
    noting.drain()
    return push_due(shop, make_channel=lambda: platform.channel(shop), **options)


def push_of(sku: ListingSku) -> StockPush:
    return StockPush.objects.get(listing_sku=sku)


def forget_news() -> None:
    StockNews.objects.all().delete()
