"""Packages and requests in the shape TikTok Shop documents; all values are invented."""

from typing import Any

from tests.integrations.tiktok.payloads import PLACED

PACKAGE_ID = "1160000000000000001"
ORDER_ID = "580000000000000001"


def make_package(**changes: Any) -> dict[str, Any]:
    """As a detail call shows it."""
    return {
        "package_id": PACKAGE_ID,
        "package_status": "PROCESSING",
        "package_sub_status": "RTS",
        "split_and_combine_tag": "COMBINE",
        "shipping_type": "TIKTOK",
        "shipping_provider_name": "Quick Parcel",
        "shipping_provider_id": "6617000000000000009",
        "delivery_option_name": "Standard",
        "delivery_option_id": "7091000000000000004",
        "tracking_number": "QP770001",
        "last_mile_tracking_number": "LM55",
        "handover_method": "PICKUP",
        "pickup_slot": {"start_time": PLACED + 7200, "end_time": PLACED + 14_400},
        "order_line_item_ids": ["581000000000000011", "581000000000000012"],
        "orders": [
            {"id": ORDER_ID, "skus": [{"id": "1730000000000000101", "quantity": 1}]},
            {"id": "580000000000000002", "skus": []},
        ],
        "warehouse_id": "7100000000000000003",
        "create_time": PLACED + 60,
        "update_time": PLACED + 3600,
        "recipient_address": {"name": "A** L**", "region_code": "MY"},
    } | changes


def make_found_package(**changes: Any) -> dict[str, Any]:
    """As a search shows it."""
    return {
        "id": PACKAGE_ID,
        "status": "TO_FULFILL",
        "create_time": PLACED + 60,
        "update_time": PLACED + 3600,
        "tracking_number": "",
        "shipping_provider_name": "Quick Parcel",
        "shipping_provider_id": "6617000000000000009",
        "order_line_item_ids": ["581000000000000011"],
        "orders": [{"id": ORDER_ID, "skus": []}],
    } | changes


def make_refund(**changes: Any) -> dict[str, Any]:
    return {
        "currency": "MYR",
        "refund_total": "41.60",
        "refund_subtotal": "34.50",
        "refund_shipping_fee": "5.90",
        "refund_tax": "0.20",
        "retail_delivery_fee": "0.30",
        "buyer_service_fee": "0.70",
    } | changes


def make_request_line(**changes: Any) -> dict[str, Any]:
    return {
        "order_line_item_id": "581000000000000011",
        "sku_id": "1730000000000000101",
        "sku_name": "Natural, 30 cm",
        "product_name": "Rattan lamp",
        "seller_sku": "LAMP-30",
        "refund_amount": make_refund(),
    } | changes


def make_cancellation(**changes: Any) -> dict[str, Any]:
    return {
        "cancel_id": "4035000000000000001",
        "order_id": ORDER_ID,
        "cancel_type": "BUYER_CANCEL",
        "cancel_status": "CANCELLATION_REQUEST_PENDING",
        "role": "BUYER",
        "cancel_reason": "buyer_cancel_reason_changed_mind",
        "cancel_reason_text": "Changed their mind",
        "create_time": PLACED + 900,
        "update_time": PLACED + 950,
        "seller_next_action_response": [
            {"action": "SELLER_RESPOND_CANCEL", "deadline": PLACED + 90_000}
        ],
        "refund_amount": make_refund(),
        "cancel_line_items": [
            make_request_line(cancel_line_item_id="4036000000000000001")
        ],
    } | changes


def make_return(**changes: Any) -> dict[str, Any]:
    return {
        "return_id": "4037000000000000001",
        "order_id": ORDER_ID,
        "return_type": "RETURN_AND_REFUND",
        "return_status": "BUYER_SHIPPED_ITEM",
        "arbitration_status": "IN_PROGRESS",
        "role": "BUYER",
        "return_reason": "buyer_return_reason_wrong_colour",
        "return_reason_text": "Wrong colour",
        "shipment_type": "PLATFORM",
        "handover_method": "DROP_OFF",
        "return_tracking_number": "RB-9001",
        "return_provider_name": "Back Parcel",
        "pre_return_id": "4037000000000000000",
        "next_return_id": "4037000000000000002",
        "can_buyer_keep_item": False,
        "is_quick_refund": True,
        "create_time": PLACED + 90_000,
        "update_time": PLACED + 95_000,
        "seller_next_action_response": [
            {"action": "SELLER_RESPOND_RECEIVE_PACKAGE", "deadline": PLACED + 180_000},
            {"action": "SELLER_RESPOND_REFUND", "deadline": PLACED + 999_000},
        ],
        "partial_refund": {"currency": "MYR", "amount": "12.25"},
        "refund_amount": make_refund(),
        "return_line_items": [
            make_request_line(return_line_item_id="4038000000000000001"),
            make_request_line(
                return_line_item_id="4038000000000000002",
                order_line_item_id="581000000000000012",
            ),
        ],
        "discount_amount": [{"currency": "MYR", "product_seller_discount": "1"}],
        "shipping_fee_amount": {"currency": "MYR"},
    } | changes
