"""Own products, their listings in shops, and which is which."""

from apps.products.models.catalogue import (
    BundleComponent,
    Category,
    Product,
    ProductImage,
    Supplier,
    SupplySource,
    Variant,
    VariantPrice,
)
from apps.products.models.listing import Listing, ListingPayload, ListingSku
from apps.products.models.mapping import (
    MappingBatch,
    MappingChange,
    MappingState,
    MappingSuggestion,
)
from apps.products.models.publishing import (
    ChannelImage,
    ListingDraft,
    PublishItem,
    PublishRun,
)
from apps.products.models.taxonomy import (
    AttributeRule,
    CategoryFacts,
    CategoryLink,
    ChannelCategory,
    PriceRule,
)

__all__ = [
    "AttributeRule",
    "BundleComponent",
    "Category",
    "CategoryFacts",
    "CategoryLink",
    "ChannelCategory",
    "ChannelImage",
    "Listing",
    "ListingDraft",
    "ListingPayload",
    "ListingSku",
    "MappingBatch",
    "MappingChange",
    "MappingState",
    "MappingSuggestion",
    "PriceRule",
    "Product",
    "ProductImage",
    "PublishItem",
    "PublishRun",
    "Supplier",
    "SupplySource",
    "Variant",
    "VariantPrice",
]
