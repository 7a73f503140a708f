"""Every API this platform knows: one row and one function each."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from apps.simulator.tiktok import events, logistics, orders, seller
from apps.simulator.tiktok.affiliate import orders as affiliate
from apps.simulator.tiktok.affiliate import profile
from apps.simulator.tiktok.aftersales import (
    cancellations,
    decisions,
    eligibility,
    giving_reasons,
    returns,
)
from apps.simulator.tiktok.aftersales import search as requests_search
from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json
from apps.simulator.tiktok.finance import orders as settlements
from apps.simulator.tiktok.finance import payouts, statements
from apps.simulator.tiktok.fulfilment import (
    combining,
    delivering,
    documents,
    labels,
    marking,
    packages,
    shipping,
    splitting,
    tracking,
)
from apps.simulator.tiktok.products import (
    brands,
    categories,
    check,
    compliance,
    create,
    detail,
    edit,
    media,
    partial_edit,
    prerequisites,
    prices,
    recommendation,
    search,
    statuses,
    stock,
)

AUTHORIZATION, SHOP, ORDER = (
    "seller.authorization.info", "seller.shop.info", "seller.order.info",
)  # fmt: skip
FULFILMENT, PACKAGE_WRITE, DELIVERY = (
    "seller.fulfillment.basic", "seller.fulfillment.package.write",
    "seller.delivery.status.write",
)  # fmt: skip
LOGISTICS, PRODUCT_BASIC = "seller.logistics", "seller.product.basic"
RETURNS = "seller.return_refund.basic"
FINANCE, AFFILIATE = "seller.finance.info", "seller.affiliate_collaboration.read"
OF_CREATORS, CREATOR_INFO = (
    "creator.affiliate_collaboration.read", "creator.affiliate.info",
)  # fmt: skip
PRODUCT_WRITE, PRODUCT_DELETE = "seller.product.write", "seller.product.delete"


@dataclass(frozen=True, slots=True)
class Endpoint:
    method: str
    path: str  # {version} and {name}s stand for one segment each
    versions: tuple[str, ...]
    scope: str
    answer: Callable[[Call], Json]
    takes_cipher: bool = True
    takes_upload: bool = False  # multipart/form-data, unsigned, instead of JSON
    is_for_creators: bool = False
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path)
        object.__setattr__(self, "pattern", re.compile(pattern))

    def match(self, path: str) -> dict[str, Any] | None:
        found = self.pattern.fullmatch(path)
        return found.groupdict() if found else None


ENDPOINTS = (
    Endpoint("GET", "/authorization/{version}/shops", ("202309",), AUTHORIZATION,
             seller.authorized_shops, takes_cipher=False),
    Endpoint("GET", "/seller/{version}/shops", ("202309",), SHOP,
             seller.active_shops, takes_cipher=False),
    Endpoint("GET", "/seller/{version}/permissions", ("202309",), SHOP,
             seller.permissions, takes_cipher=False),
    Endpoint("POST", "/order/{version}/orders/search", ("202309",), ORDER,
             orders.search_orders),
    Endpoint("GET", "/order/{version}/orders", ("202309", "202507"), ORDER,
             orders.order_detail),
    Endpoint("GET", "/logistics/{version}/warehouses", ("202309",), LOGISTICS,
             prerequisites.list_warehouses),
    Endpoint("GET", "/logistics/{version}/warehouses/{warehouse_id}/delivery_options",
             ("202309",), LOGISTICS, logistics.delivery_options),
    Endpoint("GET", "/logistics/{version}/delivery_options/{delivery_option_id}/"
             "shipping_providers", ("202309",), LOGISTICS,
             logistics.shipping_providers),
    Endpoint("GET", "/logistics/{version}/orders/{order_id}/tracking", ("202604",),
             LOGISTICS, tracking.logistics_tracking),
    Endpoint("POST", "/fulfillment/{version}/packages/search", ("202309",), FULFILMENT,
             packages.search_packages),
    Endpoint("POST", "/fulfillment/{version}/packages/ship", ("202309",), FULFILMENT,
             shipping.batch_ship),
    Endpoint("POST", "/fulfillment/{version}/packages/combine", ("202309",),
             PACKAGE_WRITE, combining.combine),
    Endpoint("POST", "/fulfillment/{version}/packages/deliver", ("202309",), DELIVERY,
             delivering.deliver),
    Endpoint("POST", "/fulfillment/{version}/packages", ("202309", "202512"),
             FULFILMENT, labels.create_package),
    Endpoint("GET", "/fulfillment/{version}/packages/{package_id}", ("202309",),
             FULFILMENT, packages.package_detail),
    Endpoint("POST", "/fulfillment/{version}/packages/{package_id}/ship", ("202309",),
             FULFILMENT, shipping.ship),
    Endpoint("GET", "/fulfillment/{version}/packages/{package_id}/handover_time_slots",
             ("202309",), PACKAGE_WRITE, shipping.handover_slots),
    Endpoint("GET", "/fulfillment/{version}/packages/{package_id}/shipping_documents",
             ("202309",), FULFILMENT, documents.shipping_document),
    Endpoint("POST",
             "/fulfillment/{version}/packages/{package_id}/shipping_info/update",
             ("202309", "202610"), FULFILMENT, tracking.update_package),
    Endpoint("POST", "/fulfillment/{version}/packages/{package_id}/uncombine",
             ("202309",), PACKAGE_WRITE, combining.uncombine),
    Endpoint("GET", "/fulfillment/{version}/combinable_packages/search", ("202309",),
             PACKAGE_WRITE, combining.search_combinable),
    Endpoint("GET", "/fulfillment/{version}/orders/split_attributes", ("202309",),
             PACKAGE_WRITE, splitting.split_attributes),
    Endpoint("POST", "/fulfillment/{version}/orders/{order_id}/split", ("202309",),
             PACKAGE_WRITE, splitting.split),
    Endpoint("POST", "/fulfillment/{version}/orders/{order_id}/packages",
             ("202309", "202610"), FULFILMENT, marking.mark_shipped),
    Endpoint("POST", "/fulfillment/{version}/orders/{order_id}/shipping_info/update",
             ("202309",), LOGISTICS, tracking.update_order),
    Endpoint("GET", "/fulfillment/{version}/orders/{order_id}/tracking", ("202309",),
             LOGISTICS, tracking.order_tracking),
    Endpoint("POST", "/fulfillment/{version}/orders/{order_id}/shipping_services/query",
             ("202309",), FULFILMENT, labels.shipping_services),
    Endpoint("GET", "/fulfillment/{version}/tts_tracking_validation", ("202508",),
             LOGISTICS, tracking.validate_number),
    Endpoint("POST", "/product/{version}/products/search",
             ("202309", "202312", "202502"), PRODUCT_BASIC, search.search),
    Endpoint("GET", "/product/{version}/products/{product_id}", ("202309",),
             PRODUCT_BASIC, detail.product_detail),
    Endpoint("POST", "/product/{version}/products", ("202309",), PRODUCT_WRITE,
             create.create),
    Endpoint("POST", "/product/{version}/products/listing_check", ("202309",),
             PRODUCT_BASIC, check.listing_check),
    Endpoint("PUT", "/product/{version}/products/{product_id}", ("202309", "202509"),
             PRODUCT_WRITE, edit.edit),
    Endpoint("POST", "/product/{version}/products/{product_id}/partial_edit",
             ("202309", "202509"), PRODUCT_WRITE, partial_edit.partial_edit),
    Endpoint("POST", "/product/{version}/products/{product_id}/prices/update",
             ("202309",), PRODUCT_WRITE, prices.update_prices),
    Endpoint("POST", "/product/{version}/products/{product_id}/inventory/update",
             ("202309",), PRODUCT_WRITE, stock.update_stock),
    Endpoint("POST", "/product/{version}/inventory/search", ("202309",),
             PRODUCT_BASIC, stock.search_stock),
    Endpoint("POST", "/product/{version}/products/activate", ("202309",),
             PRODUCT_BASIC, statuses.activate),
    Endpoint("POST", "/product/{version}/products/deactivate", ("202309",),
             PRODUCT_BASIC, statuses.deactivate),
    Endpoint("DELETE", "/product/{version}/products", ("202309",), PRODUCT_DELETE,
             statuses.delete),
    Endpoint("POST", "/product/{version}/products/recover", ("202309",),
             PRODUCT_DELETE, statuses.recover),
    Endpoint("GET", "/product/{version}/prerequisites", ("202312",), PRODUCT_BASIC,
             prerequisites.check_prerequisites),
    Endpoint("GET", "/product/{version}/categories", ("202309",), PRODUCT_BASIC,
             categories.list_categories),
    Endpoint("POST", "/product/{version}/categories/recommend", ("202309",),
             PRODUCT_BASIC, recommendation.recommend_category),
    Endpoint("GET", "/product/{version}/categories/{category_id}/attributes",
             ("202309",), PRODUCT_BASIC, categories.category_attributes),
    Endpoint("GET", "/product/{version}/categories/{category_id}/rules",
             ("202309",), PRODUCT_BASIC, categories.category_rules),
    Endpoint("GET", "/product/{version}/brands", ("202309",), PRODUCT_BASIC,
             brands.list_brands),
    Endpoint("POST", "/product/{version}/brands", ("202309",), PRODUCT_BASIC,
             brands.create_brand, takes_cipher=False),
    Endpoint("POST", "/product/{version}/images/upload", ("202309",), PRODUCT_BASIC,
             media.upload_image, takes_cipher=False, takes_upload=True),
    Endpoint("POST", "/product/{version}/files/upload", ("202309",), PRODUCT_BASIC,
             media.upload_file, takes_cipher=False, takes_upload=True),
    Endpoint("POST", "/product/{version}/sizecharts/search", ("202407",),
             PRODUCT_BASIC, compliance.search_size_charts, takes_cipher=False),
    Endpoint("POST", "/product/{version}/compliance/manufacturers", ("202409",),
             PRODUCT_BASIC, compliance.create_manufacturer, takes_cipher=False),
    Endpoint("POST", "/product/{version}/compliance/manufacturers/search",
             ("202409", "202501"), PRODUCT_BASIC, compliance.search_manufacturers,
             takes_cipher=False),
    Endpoint("POST",
             "/product/{version}/compliance/manufacturers/{manufacturer_id}/partial_edit",
             ("202409",), PRODUCT_BASIC, compliance.edit_manufacturer,
             takes_cipher=False),
    Endpoint("POST", "/product/{version}/compliance/responsible_persons", ("202409",),
             PRODUCT_BASIC, compliance.create_responsible_person, takes_cipher=False),
    Endpoint("POST", "/product/{version}/compliance/responsible_persons/search",
             ("202409", "202501"), PRODUCT_BASIC,
             compliance.search_responsible_persons, takes_cipher=False),
    Endpoint("POST", "/product/{version}/compliance/responsible_persons/"
             "{responsible_person_id}/partial_edit", ("202409",), PRODUCT_BASIC,
             compliance.edit_responsible_person, takes_cipher=False),
    Endpoint("POST", "/return_refund/{version}/cancellations/search",
             ("202309", "202602"), RETURNS, requests_search.search_cancellations),
    Endpoint("POST", "/return_refund/{version}/cancellations", ("202309", "202602"),
             RETURNS, cancellations.cancel_order),
    Endpoint("POST", "/return_refund/{version}/cancellations/{cancel_id}/approve",
             ("202309",), RETURNS, cancellations.approve),
    Endpoint("POST", "/return_refund/{version}/cancellations/{cancel_id}/reject",
             ("202309",), RETURNS, cancellations.reject),
    Endpoint("POST", "/return_refund/{version}/returns/search", ("202309", "202602"),
             RETURNS, requests_search.search_returns),
    Endpoint("POST", "/return_refund/{version}/returns", ("202309", "202602"),
             RETURNS, returns.create),
    Endpoint("POST", "/return_refund/{version}/returns/{return_id}/approve",
             ("202309",), RETURNS, decisions.approve),
    Endpoint("POST", "/return_refund/{version}/returns/{return_id}/reject",
             ("202309", "202606"), RETURNS, decisions.reject),
    Endpoint("GET", "/return_refund/{version}/returns/{return_id}/records",
             ("202309",), RETURNS, returns.records),
    Endpoint("GET", "/return_refund/{version}/reject_reasons", ("202309",), RETURNS,
             giving_reasons.list_reject_reasons),
    Endpoint("GET", "/return_refund/{version}/orders/{order_id}/aftersale_eligibility",
             ("202309", "202602"), RETURNS, eligibility.eligibility),
    Endpoint("POST", "/return_refund/{version}/refunds/calculate",
             ("202309", "202602"), RETURNS, eligibility.calculate),
    Endpoint("GET", "/finance/{version}/statements", ("202309",), FINANCE,
             statements.list_statements),
    Endpoint("GET", "/finance/{version}/statements/{statement_id}/"
             "statement_transactions", ("202501",), FINANCE,
             statements.statement_transactions),
    Endpoint("GET", "/finance/{version}/orders/unsettled", ("202507",), FINANCE,
             settlements.unsettled),
    Endpoint("GET", "/finance/{version}/orders/{order_id}/statement_transactions",
             ("202501",), FINANCE, settlements.order_transactions),
    Endpoint("GET", "/finance/{version}/payments", ("202309", "202605"), FINANCE,
             payouts.list_payments),
    Endpoint("GET", "/finance/{version}/withdrawals", ("202309",), FINANCE,
             payouts.list_withdrawals),
    Endpoint("POST", "/affiliate_seller/{version}/orders/search", ("202410",),
             AFFILIATE, affiliate.search_of_seller),
    Endpoint("POST", "/affiliate_creator/{version}/orders/search", ("202410",),
             OF_CREATORS, affiliate.search_of_creator, takes_cipher=False,
             is_for_creators=True),
    Endpoint("GET", "/affiliate_creator/{version}/profiles", ("202508",),
             CREATOR_INFO, profile.profile, takes_cipher=False, is_for_creators=True),
    Endpoint("GET", "/event/{version}/webhooks", ("202309",), AUTHORIZATION,
             events.list_webhooks),
    Endpoint("PUT", "/event/{version}/webhooks", ("202309",), AUTHORIZATION,
             events.set_webhook),
    Endpoint("DELETE", "/event/{version}/webhooks", ("202309",), AUTHORIZATION,
             events.delete_webhook),
)  # fmt: skip
