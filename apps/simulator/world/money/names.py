"""The amounts that the platform always names, also where they are zero.

Source: Partner Center, "Get Transactions by Statement 202501" and "Get Transactions by
Order 202501". What it names only sometimes is shown where it has a value.
"""

GOODS = (
    "subtotal_before_discount_amount", "refund_subtotal_before_discount_amount",
    "seller_discount_amount", "seller_discount_refund_amount", "cod_service_fee_amount",
    "refund_cod_service_fee_amount",
)  # fmt: skip
SHIPPING = (
    "actual_shipping_fee_amount", "shipping_fee_discount_amount",
    "customer_paid_shipping_fee_amount", "return_shipping_fee_amount",
    "replacement_shipping_fee_amount", "exchange_shipping_fee_amount",
    "signature_confirmation_fee_amount", "shipping_insurance_fee_amount",
    "fbt_fulfillment_fee_reimbursement_amount", "return_shipping_label_fee_amount",
    "seller_self_shipping_service_fee_amount", "return_shipping_fee_paid_buyer_amount",
    "failed_delivery_subsidy_amount", "shipping_fee_guarantee_reimbursement",
    "fbt_free_shipping_fee_amount", "free_return_subsidy_amount",
)  # fmt: skip
WAYS = (
    "platform_shipping_fee_discount_amount", "promo_shipping_incentive_amount",
    "shipping_fee_subsidy_amount", "seller_shipping_fee_discount_amount",
    "customer_shipping_fee_offset_amount", "fbm_shipping_cost_amount",
    "fbt_shipping_cost_amount", "fbt_fulfillment_fee_amount",
    "return_refund_subsidy_amount", "refunded_customer_shipping_fee_amount",
)  # fmt: skip
FEES = (
    "platform_commission_amount", "referral_fee_amount",
    "refund_administration_fee_amount", "transaction_fee_amount",
    "credit_card_handling_fee_amount", "affiliate_commission_amount",
    "affiliate_partner_commission_amount", "affiliate_ads_commission_amount",
    "sfp_service_fee_amount", "live_specials_fee_amount",
    "bonus_cashback_service_fee_amount", "mall_service_fee_amount",
    "voucher_xtra_service_fee_amount", "flash_sales_service_fee_amount",
    "cofunded_promotion_service_fee_amount", "pre_order_service_fee_amount",
    "tsp_commission_amount", "dt_handling_fee_amount", "epr_pob_service_fee_amount",
    "seller_paylater_handling_fee_amount", "fee_per_item_sold_amount",
    "cofunded_creator_bonus_amount", "dynamic_commission_amount",
    "external_affiliate_marketing_fee_amount", "vn_fix_infrastructure_fee",
    "affiliate_commission_deposit", "affiliate_commission_release",
    "tap_shop_ads_commission", "shipping_fee_guarantee_service_fee",
    "installation_service_fee", "campaign_resource_fee",
)  # fmt: skip
TAXES = (
    "vat_amount", "import_vat_amount", "customs_duty_amount",
    "customs_clearance_amount", "sst_amount", "gst_amount", "iva_amount", "isr_amount",
    "anti_dumping_duty_amount", "local_vat_amount", "pit_amount",
)  # fmt: skip
MORE = (
    "customer_payment_amount", "customer_refund_amount", "platform_discount_amount",
    "platform_discount_refund_amount", "seller_cofunded_discount_amount",
    "seller_cofunded_discount_refund_amount", "platform_cofunded_discount_amount",
    "platform_cofunded_discount_refund_amount",
)  # fmt: skip
