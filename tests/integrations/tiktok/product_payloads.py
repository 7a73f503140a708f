"""Products in the shapes TikTok Shop documents; all values are invented."""

from typing import Any

UPDATED = 1_789_950_000


def make_image(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "uri": f"tos-seed/lamp/{number}",
        "height": 800,
        "width": 800,
        "urls": [f"https://cdn-{number}.img.example/lamp-{number}.jpeg?sig={number}"],
        "thumb_urls": [f"https://cdn.img.example/lamp-{number}-small.jpeg?sig=1"],
    } | changes


def make_attribute(**changes: Any) -> dict[str, Any]:
    return {
        "id": "100000",
        "name": "Colour",
        "value_id": "7001",
        "value_name": "Natural",
        "sku_img": make_image(7),
        "supplementary_sku_images": [make_image(8), make_image(9)],
    } | changes


def make_sku(**changes: Any) -> dict[str, Any]:
    return {
        "id": "1730000000000000101",
        "seller_sku": "LAMP-30",
        "external_sku_id": "E-1",
        "sku_unit_count": "1.00",
        "external_urls": ["https://elsewhere.example/lamp"],
        "extra_identifier_codes": ["00012345678905"],
        "price": {
            "currency": "MYR",
            "tax_exclusive_price": "36.00",
            "sale_price": "39.90",
            "unit_price": "39.90",
        },
        "list_price": {"amount": "49.90", "currency": "MYR"},
        "external_list_prices": [
            {"source": "SHOPIFY_COMPARE_AT_PRICE", "amount": "50", "currency": "MYR"}
        ],
        "inventory": [
            {"warehouse_id": "7100000000000000003", "quantity": 12},
            {"warehouse_id": "7100000000000000004", "quantity": 30},
        ],
        "identifier_code": {"code": "0012345678905", "type": "EAN"},
        "sales_attributes": [make_attribute()],
        "combined_skus": [
            {
                "product_id": "1730000000000000009",
                "sku_id": "1730000000000000909",
                "sku_count": 2,
                "title": "Bulb",
                "seller_sku": "BULB",
                "price": {"sale_price": "3.00", "currency": "MYR"},
                "brand": {"id": "1", "name": "Glow"},
            }
        ],
        "global_listing_policy": {"price_sync": True, "inventory_type": "SHARED"},
        "pre_sale": {
            "type": "PRE_ORDER",
            "fulfillment_type": {"handling_duration_days": 5},
        },
        "status_info": {"status": "NORMAL"},
        "fees": [
            {"type": "PFAND", "amount": "0.25", "additional_attribute": "REUSABLE"}
        ],
        "sku_dimensions": {
            "length": "30",
            "width": "20",
            "height": "40",
            "unit": "CENTIMETER",
        },
        "sku_weight": {"value": "1.1", "unit": "KILOGRAM"},
    } | changes


def make_product(**changes: Any) -> dict[str, Any]:
    return {
        "id": "1730000000000000001",
        "status": "ACTIVATE",
        "product_status": "ACTIVATE",
        "title": "Rattan lamp with a warm light",
        "description": '<p>Woven.</p><img src="https://cdn.img.example/a.jpg?x=1">',
        "create_time": UPDATED - 86_400,
        "update_time": UPDATED,
        "category_chains": [
            {"id": "600", "parent_id": "0", "local_name": "Home", "is_leaf": False},
            {"id": "610", "parent_id": "600", "local_name": "Lights", "is_leaf": False},
            {"id": "613", "parent_id": "610", "local_name": "Lamps", "is_leaf": True},
        ],
        "brand": {"id": "7082000000000000005", "name": "Glow"},
        "main_images": [make_image(1), make_image(2)],
        "video": {
            "id": "v09e40f4",
            "url": "https://cdn.img.example/lamp.mp4",
            "cover_url": "https://cdn.img.example/lamp.jpg",
            "format": "MP4",
            "width": 720,
            "height": 720,
            "size": 1000,
        },
        "package_dimensions": {
            "length": "35",
            "width": "25",
            "height": "45",
            "unit": "CENTIMETER",
        },
        "package_weight": {"value": "1.32", "unit": "KILOGRAM"},
        "skus": [
            make_sku(),
            make_sku(
                id="1730000000000000102",
                seller_sku="LAMP-40",
                sales_attributes=[make_attribute(value_id="7002", value_name="Black")],
            ),
        ],
        "certifications": [
            {
                "id": "602",
                "title": "Safety",
                "expiration_date": 1_900_000_000,
                "images": [make_image(20)],
                "files": [
                    {
                        "id": "f-1",
                        "name": "safety.pdf",
                        "format": "PDF",
                        "urls": ["https://cdn.img.example/safety.pdf"],
                    }
                ],
            }
        ],
        "size_chart": {"image": make_image(30), "template": {"id": "7267"}},
        "is_cod_allowed": True,
        "product_attributes": [
            {
                "id": "100392",
                "name": "Material",
                "values": [
                    {
                        "id": "1001533",
                        "name": "Rattan",
                        "metric_standard_info": {
                            "id": "m1",
                            "metric_value_module_infos": [
                                {
                                    "id": "mm1",
                                    "value": "5",
                                    "unit_id": "u1",
                                    "unit_name": "cm",
                                    "suffix": "",
                                    "prefix": "",
                                }
                            ],
                        },
                    }
                ],
            },
            {"id": "100393", "name": "Room", "values": [{"name": "Bedroom"}]},
        ],
        "audit_failed_reasons": [
            {
                "position": "title",
                "reasons": ["A word is forbidden"],
                "suggestions": ["Leave it out"],
                "listing_platform": "TIKTOK_SHOP",
            }
        ],
        "delivery_options": [
            {"id": "8001", "name": "Standard", "is_available": True},
            {"id": "8002", "name": "Express", "is_available": True},
        ],
        "external_product_id": "ERP-LAMP",
        "product_types": ["COMBINED_PRODUCT"],
        "is_not_for_sale": False,
        "recommended_categories": [{"id": "613", "local_name": "Lamps"}],
        "manufacturer_ids": ["m-1"],
        "responsible_person_ids": ["r-1", "r-2"],
        "listing_quality_tier": "GOOD",
        "integrated_platform_statuses": [{"platform": "TOKOPEDIA", "status": "FAILED"}],
        "shipping_insurance_requirement": "OPTIONAL",
        "minimum_order_quantity": 2,
        "is_pre_owned": False,
        "audit": {"status": "APPROVED"},
        "global_product_association": {"global_product_id": "g1"},
        "prescription_requirement": {"needs_prescription": False},
        "product_families": [{"id": "fam", "products": [{"id": "p"}]}],
        "subscribe_info": {
            "support_subscribe": True,
            "subscribe_status": "ENABLED",
            "subscribe_discount_details": [
                {"discount_level": "REGULAR", "discount_value": 10}
            ],
            "subscribe_promotion_config": [{"discount_level": "REGULAR"}],
        },
        "has_draft": False,
        "primary_combined_product_id": "1730000000000000001",
        "is_replicated": False,
        "shipping_template_id": "7552",
        "key_product_features": ["Warm light", "Hand-woven"],
        "search_terms": ["lamp", "rattan"],
        "product_tags": ["NEW_IN"],
        "selling_format": "FIXED_PRICE",
        "is_blind_box": False,
        "scheduled_sale": {
            "is_enabled_scheduled_sale": False,
            "schedule_sale_time": 1_800_000_000,
        },
        "pod_info": {
            "pod_templates": [
                {
                    "pod_template_id": "t1",
                    "surfaces": [
                        {
                            "surface_name": "Front",
                            "background_image": make_image(40),
                            "mask_image": make_image(41),
                            "custom_areas": [
                                {
                                    "area_name": "Text",
                                    "image_area": {"default_image": make_image(42)},
                                }
                            ],
                        }
                    ],
                }
            ]
        },
    } | changes


def make_short_product(**changes: Any) -> dict[str, Any]:
    """As a search returns it."""
    whole = make_product()
    names = (
        "id",
        "status",
        "title",
        "create_time",
        "update_time",
        "has_draft",
        "audit",
    )
    sku_names = ("id", "seller_sku", "price", "inventory", "status_info")
    short = {name: whole[name] for name in names}
    short["skus"] = [{name: sku[name] for name in sku_names} for sku in whole["skus"]]
    return short | {"sales_regions": ["MY"]} | changes
