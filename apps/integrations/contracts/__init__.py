"""What the platforms tell us, in our words: the shapes every source is turned into.

A client or a file parser returns these; the domain's ingest services read them and
know no platform. Money is Decimal in major units of `currency`, instants are aware
UTC, ids are text. None, or an empty text, means the source did not say (unknown),
which is not zero and never erases what another source said.
"""

from apps.integrations.contracts.categories import (
    AttributeValue,
    BrandPage,
    CategoryRules,
    RemoteAttribute,
    RemoteBrand,
    RemoteCategory,
    RemoteCertification,
)
from apps.integrations.contracts.client import (
    PlatformClient,
)
from apps.integrations.contracts.listings import (
    AuditStatus,
    BatchProgress,
    ItemFailure,
    ListingCheck,
    ListingPage,
    ListingStatus,
    RemoteListing,
    RemoteListingSku,
    RemoteRejection,
    SentListing,
    SkuPrice,
    UploadedImage,
)
from apps.integrations.contracts.orders import (
    CancellationStage,
    CancelledBy,
    Fulfilment,
    OrderPage,
    OrderStatus,
    RemoteBuyer,
    RemoteOrder,
    RemoteOrderLine,
)
from apps.integrations.contracts.papers import (
    PartyPage,
    PartyProfile,
    RemoteParty,
    RemoteSizeChart,
    SizeChartPage,
    UploadedFile,
)
from apps.integrations.contracts.shops import (
    RemoteShop,
    RemoteWarehouse,
    TokenPair,
)
from apps.integrations.contracts.source import (
    Source,
)

__all__ = [
    "AttributeValue",
    "AuditStatus",
    "BatchProgress",
    "BrandPage",
    "CancellationStage",
    "CancelledBy",
    "CategoryRules",
    "Fulfilment",
    "ItemFailure",
    "ListingCheck",
    "ListingPage",
    "ListingStatus",
    "OrderPage",
    "OrderStatus",
    "PartyPage",
    "PartyProfile",
    "PlatformClient",
    "RemoteAttribute",
    "RemoteBrand",
    "RemoteBuyer",
    "RemoteCategory",
    "RemoteCertification",
    "RemoteListing",
    "RemoteListingSku",
    "RemoteOrder",
    "RemoteOrderLine",
    "RemoteParty",
    "RemoteRejection",
    "RemoteShop",
    "RemoteSizeChart",
    "RemoteWarehouse",
    "SentListing",
    "SizeChartPage",
    "SkuPrice",
    "Source",
    "TokenPair",
    "UploadedFile",
    "UploadedImage",
]
