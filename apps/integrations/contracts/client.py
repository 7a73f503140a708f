"""What the rest of the project may ask of a connected shop."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from apps.integrations.contracts.affiliate import AffiliateCalls
from apps.integrations.contracts.aftersales import AftersaleCalls
from apps.integrations.contracts.categories import (
    BrandPage,
    CategoryRules,
    RemoteAttribute,
    RemoteCategory,
)
from apps.integrations.contracts.finance import FinanceCalls
from apps.integrations.contracts.fulfilment import FulfilmentCalls
from apps.integrations.contracts.listings import (
    ItemFailure,
    ListingCheck,
    ListingPage,
    RemoteListing,
    SentListing,
    SkuPrice,
    UploadedImage,
)
from apps.integrations.contracts.orders import (
    OrderPage,
    RemoteOrder,
)
from apps.integrations.contracts.papers import (
    PartyPage,
    SizeChartPage,
    UploadedFile,
)
from apps.integrations.contracts.shops import (
    RemoteShop,
    RemoteWarehouse,
    Subscription,
)
from apps.integrations.contracts.stock import (
    SkuStock,
    StockAnswer,
    StockFailure,
)


class PlatformClient(
    FulfilmentCalls, AftersaleCalls, FinanceCalls, AffiliateCalls, Protocol
):
    """What the rest of the project may ask of a connected shop."""

    def authorized_shops(self) -> list[RemoteShop]:
        """All shops the seller's consent opens, with what kind of seller has them."""

    def search_orders(
        self, since: datetime, until: datetime, *, page_token: str = ""
    ) -> OrderPage:
        """One page of the orders updated in [since, until), oldest update first."""

    def search_placed_orders(
        self, since: datetime, until: datetime, *, page_token: str = ""
    ) -> OrderPage:
        """One page of the orders placed in [since, until), oldest first."""

    def latest_orders(self, since: datetime, until: datetime) -> OrderPage:
        """Of the orders updated in [since, until) those updated last: one page."""

    def count_orders(self, since: datetime, until: datetime) -> int | None:
        """How many orders were updated in [since, until), if the platform says."""

    def iter_orders(self, since: datetime, until: datetime) -> Iterator[RemoteOrder]:
        """All orders updated in [since, until), oldest update first."""

    def get_orders(self, remote_ids: list[str]) -> list[RemoteOrder]:
        """The orders named, in batches; ids the shop does not have are left out."""

    def order_details(self, remote_ids: list[str]) -> OrderPage:
        """As get_orders, with those that cannot be read as the page's malformed."""

    def search_listings(
        self,
        *,
        status: str = "ALL",
        updated_from: datetime | None = None,
        updated_to: datetime | None = None,
        created_from: datetime | None = None,
        created_to: datetime | None = None,
        page_token: str = "",
        page_size: int = 100,
    ) -> ListingPage:
        """One page of short listings updated in [updated_from, updated_to] and created
        in [created_from, created_to]; `status` in the platform's words ("ALL",
        "ACTIVATE", "DELETED"). Raises TooManyFound."""

    def get_listing(self, remote_id: str, *, version: str = "live") -> RemoteListing:
        """The whole listing: its "live", "under_review" or "draft" version. Raises
        NotFound."""

    def create_listing(self, body: Mapping[str, Any]) -> SentListing:
        """The body as the platform documents it; its `idempotency_key` makes repeating
        safe."""

    def edit_listing(self, remote_id: str, body: Mapping[str, Any]) -> SentListing:
        """Overwrite the whole listing: what the body does not name is blanked."""

    def edit_listing_partly(
        self, remote_id: str, body: Mapping[str, Any]
    ) -> SentListing:
        """Change the fields named, each as a whole."""

    def check_listing(self, body: Mapping[str, Any]) -> ListingCheck:
        """Have the platform judge a create body; nothing is made."""

    def update_prices(
        self,
        remote_id: str,
        prices: Sequence[SkuPrice],
        *,
        is_cross_border: bool = False,
    ) -> None:
        """Set what buyers see as prices of SKUs of one live listing."""

    def search_stock(
        self, *, sku_ids: Sequence[str] = (), product_ids: Sequence[str] = ()
    ) -> StockAnswer:
        """The stock of SKUs, or of all SKUs of products: one or the other."""

    def update_stock(
        self, remote_product_id: str, skus: Sequence[SkuStock]
    ) -> list[StockFailure]:
        """Set what can be sold of SKUs of one live listing; those not named in the
        answer were taken. Absolute, so safe to repeat; `progress` as below, of SKUs."""

    def activate_listings(self, remote_ids: Sequence[str]) -> list[ItemFailure]:
        """Put listings on sale; those not named in the answer were taken.

        Asked in parts; where a part fails as a whole, the error's `progress` tells how
        far it had come. So do the next three.
        """

    def deactivate_listings(self, remote_ids: Sequence[str]) -> list[ItemFailure]:
        """Take live listings off sale."""

    def delete_listings(self, remote_ids: Sequence[str]) -> list[ItemFailure]:
        """Delete listings; the platform keeps them for recovery."""

    def recover_listings(self, remote_ids: Sequence[str]) -> list[ItemFailure]:
        """Bring deleted listings back, off sale."""

    def categories(self, *, keyword: str = "") -> list[RemoteCategory]:
        """The shop's category tree, flat."""

    def category_attributes(self, category_id: str) -> list[RemoteAttribute]:
        """What a leaf category asks for, the required first."""

    def category_rules(self, category_id: str) -> CategoryRules:
        """What a leaf category demands beside attributes."""

    def recommend_category(
        self, title: str, *, description: str = "", image_uris: Sequence[str] = ()
    ) -> str:
        """The leaf category the platform would choose; empty for none."""

    def brands(
        self, *, category_id: str = "", name: str = "", page_token: str = ""
    ) -> BrandPage:
        """One page of the brands that may be used."""

    def create_brand(self, name: str) -> str:
        """The new brand's id."""

    def upload_image(
        self, content: bytes, *, use_case: str = "MAIN_IMAGE"
    ) -> UploadedImage:
        """Have the platform keep a picture."""

    def manufacturers(self, *, keyword: str = "", page_token: str = "") -> PartyPage:
        """One page of the manufacturers the seller has registered."""

    def responsible_persons(
        self, *, keyword: str = "", page_token: str = ""
    ) -> PartyPage:
        """One page of the responsible persons the seller has registered."""

    def size_charts(self, *, keyword: str = "", page_token: str = "") -> SizeChartPage:
        """One page of the size charts the seller keeps as templates."""

    def upload_document(self, content: bytes, *, name: str) -> UploadedFile:
        """Have the platform keep a PDF."""

    def warehouses(self) -> list[RemoteWarehouse]:
        """The shop's warehouses."""

    def listing_prerequisites(self) -> list[tuple[str, tuple[str, ...]]]:
        """What keeps the shop from listing anything: (item, reasons) of each failed."""

    def webhooks(self) -> list[Subscription]:
        """Where the shop's events are posted to, as set through this app."""

    def set_webhook(self, event_type: str, address: str) -> None:
        """Post the shop's events of a type to `address`, instead of any other."""

    def delete_webhook(self, event_type: str) -> None:
        """End a subscription; ending one that is not there is no error."""
