"""Whether a body has the types the product endpoints document.

A shape is a type, a list with the shape of its items, or a dict with those of its
fields; a name with `!` must be there. Fields that are not named may be anything.
"""

from typing import Any

Shape = Any
_URI = {"uri!": str}
_MONEY = {"amount!": str, "currency!": str}
_SIDES = {"length!": str, "width!": str, "height!": str, "unit!": str}
_WEIGHT = {"value!": str, "unit!": str}
_STOCK = {
    "warehouse_id": str,
    "quantity": int,
    "backorder_quantity": int,
    "handling_time": int,
}
_SALES_ATTRIBUTE = {
    "id": str,
    "name": str,
    "value_id": str,
    "value_name": str,
    "sku_img": _URI,
    "supplementary_sku_images": [_URI],
}
_PRICE = {"amount": str, "currency!": str, "sale_price": str}
_EXTERNAL_PRICE = {"source!": str, **_MONEY}
_SKU = {
    "id": str,
    "seller_sku": str,
    "external_sku_id": str,
    "sku_unit_count": str,
    "external_urls": [str],
    "extra_identifier_codes": [str],
    "sales_attributes": [_SALES_ATTRIBUTE],
    "inventory": [_STOCK],
    "price": _PRICE,
    "identifier_code": {"code": str, "type": str},
    "combined_skus": [{"product_id!": str, "sku_id!": str, "sku_count!": int}],
    "pre_sale": {
        "type": str,
        "fulfillment_type": {"handling_duration_days": int, "release_date": int},
    },
    "list_price": _MONEY,
    "external_list_prices": [_EXTERNAL_PRICE],
    "fees": [{"type": str, "amount": str, "additional_attribute": str}],
    "sku_dimensions": _SIDES,
    "sku_weight": _WEIGHT,
}
PRODUCT = {
    "save_mode": str,
    "title": str,
    "description": str,
    "category_id": str,
    "category_version": str,
    "brand_id": str,
    "main_images": [_URI],
    "skus": [_SKU],
    "is_cod_allowed": bool,
    "is_not_for_sale": bool,
    "is_pre_owned": bool,
    "external_product_id": str,
    "delivery_option_ids": [str],
    "primary_combined_product_id": str,
    "manufacturer_ids": [str],
    "responsible_person_ids": [str],
    "listing_platforms": [str],
    "shipping_insurance_requirement": str,
    "minimum_order_quantity": int,
    "idempotency_key": str,
    "shipping_template_id": str,
    "search_terms": [str],
    "key_product_features": [str],
    "certifications": [
        {
            "id!": str,
            "images": [_URI],
            "files": [{"id!": str, "name!": str, "format!": str}],
            "expiration_date": int,
        }
    ],
    "package_dimensions": _SIDES,
    "package_weight": _WEIGHT,
    "product_attributes": [{"id!": str, "values!": [{"id": str, "name": str}]}],
    "video": {"id!": str},
    "size_chart": {"image": _URI, "template": {"id!": str}},
    "purchase_order_quantity_limit": {
        "maximum_order_quantity": int,
        "cumulative_order_quantity": int,
    },
    "scheduled_sale": {
        "is_enabled_scheduled_sale!": bool,
        "schedule_sale_time!": int,
    },
    "product_tag_operations": [{"product_tag!": str, "enable!": bool}],
}
PRICES = {
    "skus": [
        {
            "id!": str,
            "price!": _PRICE,
            "list_price": _MONEY,
            "external_list_prices": [_EXTERNAL_PRICE],
        }
    ]
}
STOCK = {"skus": [{"id": str, "inventory": [_STOCK]}]}
_WORDS = {str: "a string", int: "an integer", bool: "true or false"}


def mismatch(value: object, shape: Shape, name: str = "") -> str:
    """What is wrong with the first field that does not fit; empty if all fit."""
    if isinstance(shape, dict):
        return _in_object(value, shape, name)
    if isinstance(shape, list):
        if not isinstance(value, list):
            return f"'{name}' must be a list."
        found = (mismatch(item, shape[0], f"{name}[]") for item in value)
        return next((text for text in found if text), "")
    is_right = type(value) is bool if shape is bool else isinstance(value, shape)
    if is_right and not (shape is int and isinstance(value, bool)):
        return ""
    return f"'{name}' must be {_WORDS[shape]}."


def _in_object(value: object, shape: dict[str, Shape], name: str) -> str:
    if not isinstance(value, dict):
        return f"'{name}' must be an object."
    for key, inner in shape.items():
        field = key.removesuffix("!")
        full = f"{name}.{field}" if name else field
        given = value.get(field)
        if given is None:
            if key.endswith("!"):
                return f"'{full}' is required."
        elif text := mismatch(given, inner, full):
            return text
    return ""
