"""What differs between a product as TikTok Shop shows it and as it takes one.

A table: what stands in none of it is the same in both, or known to no document. Source:
Partner Center, "Get Product" (202309) against "Edit Product" and "Partial Edit
Product" (202509).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Shape:
    """What an object leaves out when written, and the shapes of what is in it.

    A field that has a shape is known to be written under its name; empty, it is left
    out. `needs` is the one field without which the object cannot be written.
    """

    drops: frozenset[str] = frozenset()
    inner: Mapping[str, "Shape"] = field(default_factory=dict)
    needs: str = ""


PLAIN = Shape()
# Ids may come as numbers and are always written as texts.
IDS = frozenset(
    {
        "id",
        "value_id",
        "unit_id",
        "product_id",
        "sku_id",
        "warehouse_id",
        "shipping_template_id",
        "manufacturer_ids",
        "responsible_person_ids",
    }
)
IMAGE = Shape(frozenset({"height", "width", "thumb_urls", "urls"}), needs="uri")
VIDEO = Shape(
    frozenset({"cover_url", "format", "url", "width", "height", "size"}), needs="id"
)
CERTIFICATION = Shape(
    frozenset({"title"}),
    {"images": IMAGE, "files": Shape(frozenset({"urls"}), needs="id")},
)
ATTRIBUTE = Shape(
    frozenset({"name"}),
    {
        "values": Shape(
            inner={
                "metric_standard_info": Shape(
                    inner={
                        "metric_value_module_infos": Shape(
                            frozenset({"unit_name", "suffix", "prefix"})
                        )
                    }
                )
            }
        )
    },
)
PRINT_ON_DEMAND = Shape(
    inner={
        "pod_templates": Shape(
            inner={
                "surfaces": Shape(
                    inner={
                        "background_image": IMAGE,
                        "mask_image": IMAGE,
                        "custom_areas": Shape(
                            inner={"image_area": Shape(inner={"default_image": IMAGE})}
                        ),
                    }
                )
            }
        )
    }
)
BUNDLED_SKU = Shape(
    frozenset(
        {
            "seller_sku",
            "title",
            "combined_listing_not_live_reasons",
            "sales_attributes",
            "price",
            "inventory",
            "product_main_image",
            "categories",
            "brand",
        }
    )
)
SKU = Shape(
    frozenset({"status_info", "global_listing_policy"}),
    {
        "sales_attributes": Shape(
            inner={"sku_img": IMAGE, "supplementary_sku_images": IMAGE}
        ),
        "combined_skus": BUNDLED_SKU,
    }
    | dict.fromkeys(
        (
            "seller_sku",
            "external_sku_id",
            "sku_unit_count",
            "external_urls",
            "extra_identifier_codes",
            "inventory",
            "identifier_code",
            "pre_sale",
            "list_price",
            "external_list_prices",
            "fees",
            "sku_dimensions",
            "sku_weight",
        ),
        PLAIN,
    ),
)
PRODUCT = Shape(
    frozenset(
        {
            # The platform's own, or what an edit may not name.
            "id",
            "status",
            "product_status",
            "create_time",
            "update_time",
            "audit",
            "audit_failed_reasons",
            "recommended_categories",
            "integrated_platform_statuses",
            "listing_quality_tier",
            "has_draft",
            "is_replicated",
            "global_product_association",
            "product_families",
            "product_types",
            "product_sync_fail_reasons",
            "sales_regions",
            "is_not_for_sale",
            "primary_combined_product_id",
            "prescription_requirement",
            # Written under other names.
            "category_chains",
            "brand",
            "delivery_options",
            "subscribe_info",
            "product_tags",
            "skus",
        }
    ),
    {
        "main_images": IMAGE,
        "video": VIDEO,
        "certifications": CERTIFICATION,
        "size_chart": Shape(inner={"image": IMAGE, "template": PLAIN}),
        "product_attributes": ATTRIBUTE,
        "pod_info": PRINT_ON_DEMAND,
    }
    | dict.fromkeys(
        (
            "package_weight",
            "package_dimensions",
            "external_product_id",
            "manufacturer_ids",
            "responsible_person_ids",
            "shipping_insurance_requirement",
            "shipping_template_id",
            "scheduled_sale",
            "search_terms",
            "key_product_features",
            "selling_format",
        ),
        PLAIN,
    ),
)
