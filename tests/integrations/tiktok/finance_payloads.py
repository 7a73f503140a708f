"""Settlements as the platform sends them; all figures are ours, and add up."""

from typing import Any

DAY = 1_789_948_800  # 2026-09-21 00:00 UTC
STATEMENT_ID = "7301000000000000001"
ORDER_ID = "5780000000000000001"


def make_statement(**changed: Any) -> dict[str, Any]:
    return {
        "id": STATEMENT_ID,
        "statement_time": DAY,
        "currency": "GBP",
        "settlement_amount": "87.35",
        "revenue_amount": "104.00",
        "shipping_cost_amount": "-4.15",
        "fee_amount": "-10.00",
        "adjustment_amount": "-2.50",
        "net_sales_amount": "104.00",
        "payment_status": "PROCESSING",
        "payment_id": "",
    } | changed


def make_breakdowns() -> dict[str, Any]:
    """104 - 4.15 - 10: with a fee that no page names, and what is for information."""
    return {
        "revenue_breakdown": {
            "subtotal_before_discount_amount": "110.00",
            "seller_discount_amount": "-6.00",
            "cod_service_fee_amount": "0",
        },
        "shipping_cost_breakdown": {
            "actual_shipping_fee_amount": "-6.15",
            "customer_paid_shipping_fee_amount": "2.00",
            "supplementary_component": {"platform_shipping_fee_discount_amount": "1"},
        },
        "fee_tax_breakdown": {
            "fee": {
                "platform_commission_amount": "-5.20",
                "affiliate_commission_amount": "-3.10",
                "moonlight_fee_amount": "-0.70",
                "referral_fee_amount": "0.00",
            },
            "tax": {"vat_amount": "-1.00"},
        },
        "supplementary_component": {"customer_payment_amount": "101.30"},
    }


def make_transaction(**changed: Any) -> dict[str, Any]:
    return {
        "id": "7302000000000000001",
        "type": "ORDER",
        "order_id": ORDER_ID,
        "order_create_time": DAY - 9 * 86_400,
        "settlement_amount": "89.85",
        "revenue_amount": "104.00",
        "shipping_cost_amount": "-4.15",
        "fee_tax_amount": "-10.00",
        **make_breakdowns(),
    } | changed


def make_adjustment(**changed: Any) -> dict[str, Any]:
    return {
        "id": "7302000000000000002",
        "type": "LOGISTICS_REIMBURSEMENT",
        "adjustment_id": "7303000000000000001",
        "adjustment_order_id": ORDER_ID,
        "adjustment_amount": "-2.50",
        "settlement_amount": "-2.50",
    } | changed


def make_reserve(**changed: Any) -> dict[str, Any]:
    return {
        "id": "7302000000000000003",
        "type": "RESERVE",
        "reserve_id": "7304000000000000001",
        "associated_order_id": ORDER_ID,
        "reserve_amount": "-20.00",
        "reserve_status": "Collected",
        "estimated_release_time": "14 days after delivery",
    } | changed


def make_transactions(*rows: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {
        "id": STATEMENT_ID,
        "create_time": DAY,
        "status": "SETTLED",
        "currency": "GBP",
        "payable_amount": "67.35",
        "total_reserve_amount": "-20.00",
        "total_settlement_amount": "87.35",
        "total_count": len(rows),
        "transactions": list(rows),
        "next_page_token": "",
    } | changed


def make_sku(**changed: Any) -> dict[str, Any]:
    return {
        "sku_id": "1729000000000000001",
        "sku_name": "Walnut",
        "product_name": "Desk lamp",
        "statement_id": STATEMENT_ID,
        "quantity": "2",
        "settlement_amount": "89.85",
        "revenue_amount": "104.00",
        "shipping_cost_amount": "-4.15",
        "fee_tax_amount": "-10.00",
        **make_breakdowns(),
    } | changed


def make_unsettled(**changed: Any) -> dict[str, Any]:
    return {
        "type": "ORDER",
        "id": "7305000000000000001",
        "status": "UNSETTLED",
        "currency": "GBP",
        "estimated_settlement": str(DAY + 5 * 86_400),
        "unsettled_reason": "Waiting for delivery",
        "order_create_time": DAY - 86_400,
        "order_delivery_time": DAY,
        "order_id": "5780000000000000009",
        "est_settlement_amount": "40.00",
        "est_revenue_amount": "48.00",
        "est_shipping_cost_amount": "-3.00",
        "est_fee_tax_amount": "-5.00",
    } | changed


def make_payment(**changed: Any) -> dict[str, Any]:
    def gbp(value: str) -> dict[str, str]:
        return {"value": value, "currency": "GBP"}

    return {
        "id": "7306000000000000001",
        "status": "PAID",
        "create_time": DAY + 86_400,
        "paid_time": DAY + 90_000,
        "bank_account": "***********4421",
        "exchange_rate": "1.000000",
        "settlement_amount": gbp("87.35"),
        "reserve_amount": gbp("-20.00"),
        "payment_amount_before_exchange": gbp("67.35"),
        "amount": gbp("67.35"),
    } | changed


def make_withdrawal(**changed: Any) -> dict[str, Any]:
    return {
        "id": "7307000000000000001",
        "type": "WITHDRAW",
        "amount": "-67.35",
        "currency": "GBP",
        "status": "SUCCESS",
        "create_time": DAY + 95_000,
    } | changed
