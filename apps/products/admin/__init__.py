"""Pages of the catalogue, of listings and of the matching of both."""

from django.contrib import admin

from apps.products.admin.catalogue import ProductAdmin
from apps.products.admin.categories import CategoryAdmin
from apps.products.admin.drafts import DraftAdmin
from apps.products.admin.listings import ListingAdmin
from apps.products.admin.mapping import ListingSkuAdmin
from apps.products.admin.mapping_batches import MappingBatchAdmin
from apps.products.admin.price_rules import PriceRuleAdmin
from apps.products.admin.runs import RunAdmin
from apps.products.admin.suppliers import SupplierAdmin
from apps.products.models import (
    Category,
    Listing,
    ListingDraft,
    ListingSku,
    MappingBatch,
    PriceRule,
    Product,
    PublishRun,
    Supplier,
)

admin.site.register(ListingSku, ListingSkuAdmin)
admin.site.register(MappingBatch, MappingBatchAdmin)
admin.site.register(Product, ProductAdmin)
admin.site.register(Category, CategoryAdmin)
admin.site.register(Supplier, SupplierAdmin)
admin.site.register(PriceRule, PriceRuleAdmin)
admin.site.register(Listing, ListingAdmin)
admin.site.register(ListingDraft, DraftAdmin)
admin.site.register(PublishRun, RunAdmin)
