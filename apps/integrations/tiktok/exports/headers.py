"""Which column is which: names of an order export, by meaning, never by position.

Source: order exports ("All order", sheet OrderSKUList) of the MY, ID, US, TH, VN, PH
and SG Seller Center. Names are English in all of them; spelling, order and extra
columns vary by region and by year.
"""

import unicodedata
from enum import StrEnum

MOST_COLUMNS = 2000


def normalise(name: str) -> str:
    """A header as we compare it: no BOM, NFC, single spaces, lower case."""
    text = unicodedata.normalize("NFC", name.replace("\ufeff", ""))
    text = " ".join(text.split()).strip("\"'").strip().lower()
    return text.replace("cancell", "cancel").replace("\\", "/")


class Column(StrEnum):
    """The columns we know, by their usual names (normalised)."""

    ORDER_ID = "order id"
    STATUS = "order status"
    SUBSTATUS = "order substatus"
    RETURN_TYPE = "cancelation/return type"
    PRE_ORDER = "normal or pre-order"
    SKU_ID = "sku id"
    SELLER_SKU = "seller sku"
    PRODUCT_ID = "product id"
    PRODUCT_NAME = "product name"
    VARIATION = "variation"
    BUNDLE_SKU = "virtual bundle seller sku"
    QUANTITY = "quantity"
    RETURNED = "sku quantity of return"
    UNIT_PRICE = "sku unit original price"
    BEFORE = "sku subtotal before discount"
    PLATFORM_DISCOUNT = "sku platform discount"
    SELLER_DISCOUNT = "sku seller discount"
    AFTER = "sku subtotal after discount"
    SHIPPING = "shipping fee after discount"
    SHIPPING_BEFORE = "original shipping fee"
    SHIPPING_SELLER = "shipping fee seller discount"
    SHIPPING_SHARED = "co-funded shipping fee discount"
    SHIPPING_PLATFORM = "shipping fee platform discount"
    PAYMENT_DISCOUNT = "payment platform discount"
    TAXES = "taxes"
    SMALL_ORDER_FEE = "small order fee"
    RETAIL_FEE = "retail delivery fee"
    DISTANCE_SHIPPING_FEE = "distance shipping fee"
    DISTANCE_FEE = "distance fee"
    SERVICE_FEE = "buyer service fee"
    HANDLING_FEE = "handling fee"
    SHIPPING_INSURANCE = "shipping insurance"
    ITEM_INSURANCE = "item insurance"
    ORDER_AMOUNT = "order amount"
    REFUND = "order refund amount"
    CREATED = "created time"
    PAID = "paid time"
    READY = "rts time"
    SHIPPED = "shipped time"
    DELIVERED = "delivered time"
    CANCELLED = "canceled time"
    CANCEL_BY = "cancel by"
    CANCEL_REASON = "cancel reason"
    FULFILMENT = "fulfillment type"
    WAREHOUSE = "warehouse name"
    TRACKING = "tracking id"
    DELIVERY_OPTION_TYPE = "delivery option type"
    DELIVERY_OPTION = "delivery option"
    CARRIER = "shipping provider name"
    BUYER_MESSAGE = "buyer message"
    BUYER_NICKNAME = "buyer nickname"
    USERNAME = "buyer username"
    RECIPIENT = "recipient"
    PHONE = "phone #"
    ZIPCODE = "zipcode"
    COUNTRY = "country"
    REGION = "region"
    STATE = "state"
    PROVINCE = "province"
    REGENCY = "regency and city"
    CITY = "city"
    MUNICIPALITY = "municipality"
    TOWN = "post town"
    DISTRICT = "district"
    COMMUNE = "commune"
    VILLAGES = "villages"
    BARANGAY = "barangay"
    ADDRESS = "detail address"
    ADDRESS_MORE = "additional address information"
    DELIVERY_INSTRUCTION = "delivery instruction"
    PAYMENT_METHOD = "payment method"
    WEIGHT = "weight(kg)"
    CATEGORY = "product category"
    PACKAGE_ID = "package id"
    PURCHASE_CHANNEL = "purchase channel"
    SELLER_NOTE = "seller note"
    CHECKED_STATUS = "checked status"
    CHECKED_BY = "checked marked by"
    SHIPPING_INFORMATION = "shipping information"
    COMBINED_LISTING = "combined listing"
    TOKOPEDIA_INVOICE = "tokopedia invoice number"
    ORDER_CHANNEL = "order channel"
    CREATOR = "creator handle"
    ERROR = "error"  # of a file of refused rows, uploaded again


ALIASES = {
    "order sub status": Column.SUBSTATUS,
    "normal or preorder": Column.PRE_ORDER,
    "quantity of return": Column.RETURNED,
    "sku return quantity": Column.RETURNED,
    "platform payment discount": Column.PAYMENT_DISCOUNT,
    "tax": Column.TAXES,
    "order created time": Column.CREATED,
    "canceled by": Column.CANCEL_BY,
    "fulfilment type": Column.FULFILMENT,
    "phone": Column.PHONE,
    "phone number": Column.PHONE,
    "zip code": Column.ZIPCODE,
    "postal code": Column.ZIPCODE,
    "districts": Column.DISTRICT,
    "address line 1": Column.ADDRESS,
    "address line 2": Column.ADDRESS_MORE,
    "weight (kg)": Column.WEIGHT,
}
BY_NAME = {column.value: column for column in Column} | ALIASES

MANDATORY = (
    Column.ORDER_ID,
    Column.STATUS,
    Column.QUANTITY,
    Column.AFTER,
    Column.ORDER_AMOUNT,
    Column.CREATED,
)
EITHER = (Column.SKU_ID, Column.SELLER_SKU)  # one of them is enough
TRUNK = (
    *EITHER, Column.SUBSTATUS, Column.RETURN_TYPE, Column.PRE_ORDER,
    Column.PRODUCT_NAME, Column.VARIATION, Column.RETURNED, Column.UNIT_PRICE,
    Column.BEFORE, Column.PLATFORM_DISCOUNT, Column.SELLER_DISCOUNT,
    Column.SHIPPING, Column.SHIPPING_BEFORE, Column.SHIPPING_SELLER,
    Column.SHIPPING_PLATFORM, Column.PAYMENT_DISCOUNT, Column.TAXES, Column.REFUND,
    Column.PAID, Column.READY, Column.SHIPPED, Column.DELIVERED, Column.CANCELLED,
    Column.CANCEL_BY, Column.CANCEL_REASON, Column.FULFILMENT, Column.WAREHOUSE,
    Column.TRACKING, Column.DELIVERY_OPTION, Column.CARRIER, Column.BUYER_MESSAGE,
    Column.USERNAME, Column.RECIPIENT, Column.PHONE, Column.PAYMENT_METHOD,
    Column.PACKAGE_ID, Column.SELLER_NOTE,
)  # fmt: skip
"""Columns of every region: without one of them something stays unknown."""
TIMES = (
    Column.CREATED,
    Column.PAID,
    Column.READY,
    Column.SHIPPED,
    Column.DELIVERED,
    Column.CANCELLED,
)
NUMBERS = frozenset(
    {
        Column.QUANTITY, Column.RETURNED, Column.UNIT_PRICE, Column.BEFORE,
        Column.PLATFORM_DISCOUNT, Column.SELLER_DISCOUNT, Column.AFTER,
        Column.SHIPPING, Column.SHIPPING_BEFORE, Column.SHIPPING_SELLER,
        Column.SHIPPING_SHARED, Column.SHIPPING_PLATFORM, Column.PAYMENT_DISCOUNT,
        Column.TAXES, Column.SMALL_ORDER_FEE, Column.RETAIL_FEE,
        Column.DISTANCE_SHIPPING_FEE, Column.DISTANCE_FEE, Column.SERVICE_FEE,
        Column.HANDLING_FEE, Column.SHIPPING_INSURANCE, Column.ITEM_INSURANCE,
        Column.ORDER_AMOUNT, Column.REFUND, Column.WEIGHT,
    }
)  # fmt: skip
PER_ROW = frozenset(
    {
        Column.SKU_ID, Column.SELLER_SKU, Column.PRODUCT_ID, Column.PRODUCT_NAME,
        Column.VARIATION, Column.BUNDLE_SKU, Column.QUANTITY, Column.RETURNED,
        Column.UNIT_PRICE, Column.BEFORE, Column.PLATFORM_DISCOUNT,
        Column.SELLER_DISCOUNT, Column.AFTER, Column.TRACKING, Column.CARRIER,
        Column.DELIVERY_OPTION, Column.DELIVERY_OPTION_TYPE, Column.WAREHOUSE,
        Column.FULFILMENT, Column.WEIGHT, Column.CATEGORY, Column.PACKAGE_ID,
        Column.RETURN_TYPE, Column.SHIPPING_INFORMATION, Column.COMBINED_LISTING,
        Column.ORDER_CHANNEL, Column.CREATOR, Column.PRE_ORDER, Column.ERROR,
    }
)  # fmt: skip
"""What may differ between the rows of one order; all else is told once per order."""
