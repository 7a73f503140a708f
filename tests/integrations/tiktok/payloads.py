"""Order rows in the shape TikTok Shop documents; all values are invented."""

from typing import Any

PLACED = 1_789_900_000


def make_unit(**changes: Any) -> dict[str, Any]:
    return {
        "id": "581000000000000011",
        "sku_id": "1730000000000000101",
        "product_id": "1730000000000000001",
        "product_name": "Rattan lamp",
        "sku_name": "Natural, 30 cm",
        "seller_sku": "LAMP-30",
        "sku_image": "https://img.example/lamp.jpg",
        "original_price": "40.00",
        "platform_discount": "1.50",
        "seller_discount": "4.00",
        "sale_price": "34.50",
        "currency": "MYR",
        "display_status": "AWAITING_SHIPMENT",
        "package_id": "1160000000000000001",
        "tracking_number": "",
        "is_gift": False,
    } | changes


def make_order(**changes: Any) -> dict[str, Any]:
    return {
        "id": "580000000000000001",
        "status": "AWAITING_SHIPMENT",
        "create_time": PLACED,
        "update_time": PLACED + 600,
        "paid_time": PLACED + 60,
        "rts_sla_time": PLACED + 172_800,
        "cancel_order_sla_time": PLACED + 432_000,
        "user_id": "7200000000000000009",
        "buyer_message": "Ring the bell",
        "seller_note": "Fragile",
        "fulfillment_type": "FULFILLMENT_BY_SELLER",
        "warehouse_id": "7100000000000000003",
        "delivery_option_name": "Standard",
        "shipping_provider": "Quick Parcel",
        "payment_method_name": "Online banking",
        "order_type": "NORMAL",
        "is_cod": False,
        "is_sample_order": False,
        "is_replacement_order": False,
        "is_buyer_request_cancel": False,
        "payment": {
            "currency": "MYR",
            "original_total_product_price": "40.00",
            "platform_discount": "1.50",
            "seller_discount": "4.00",
            "sub_total": "34.50",
            "shipping_fee": "5.90",
            "tax": "0",
            "total_amount": "40.40",
        },
        "recipient_address": {
            "name": "A** L**",
            "phone_number": "(+60)12****34",
            "full_address": "Malaysia, Kedah, *** 5, J*** B***",
            "postal_code": "05000",
            "region_code": "MY",
        },
        "line_items": [make_unit()],
    } | changes
