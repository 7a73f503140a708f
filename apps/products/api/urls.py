"""Addresses below /api/v1/: the catalogue, listings, mappings, publishing."""

from rest_framework.routers import SimpleRouter

from apps.products.api.categories import Categories
from apps.products.api.listing_drafts import ListingDrafts
from apps.products.api.listing_skus import ListingSkus
from apps.products.api.listings import Listings
from apps.products.api.mapping_batches import MappingBatches
from apps.products.api.price_rules import PriceRules
from apps.products.api.products import Products
from apps.products.api.publish_items import PublishItems
from apps.products.api.publish_runs import PublishRuns
from apps.products.api.suppliers import Suppliers
from apps.products.api.variants import Variants

router = SimpleRouter(use_regex_path=False)
router.register("products", Products, "product")
router.register("variants", Variants, "variant")
router.register("categories", Categories, "category")
router.register("suppliers", Suppliers, "supplier")
router.register("price-rules", PriceRules, "price-rule")
router.register("listings", Listings, "listing")
router.register("listing-skus", ListingSkus, "listing-sku")
router.register("mapping-batches", MappingBatches, "mapping-batch")
router.register("listing-drafts", ListingDrafts, "listing-draft")
router.register("publish-runs", PublishRuns, "publish-run")
router.register("publish-items", PublishItems, "publish-item")

urlpatterns = router.urls
