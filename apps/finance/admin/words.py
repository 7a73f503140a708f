"""The platform's names of fees and types, as people say them."""

import re

_ACRONYM = re.compile(
    r"vat|gst|sst|iva|isr|pit|fbt|fbm|sfp|tsp|dt|epr|pob|cod|gmv|cps|cfp|sp"
)
_KNOWN = {
    "subtotal_before_discount_amount": "Products at list price",
    "refund_subtotal_before_discount_amount": "Products refunded",
    "seller_discount_amount": "Seller's discount",
    "seller_discount_refund_amount": "Seller's discount, of what was refunded",
    "platform_discount_amount": "TikTok's discount",
    "pit_amount": "Income tax withheld (PIT)",
}


def name_of(part: str) -> str:
    """“transaction_fee_amount” is “Transaction fee”; a name in words stays."""
    if not part:
        return "Not itemised"
    if part in _KNOWN:
        return _KNOWN[part]
    if not re.fullmatch(r"[A-Za-z0-9_]+", part):
        return part
    words = part.removesuffix("_amount").lower().split("_")
    shown = [
        word.upper() if _ACRONYM.fullmatch(word) else word for word in words if word
    ]
    text = " ".join(shown)
    return text[:1].upper() + text[1:]


def type_of(text: str) -> str:
    """“LOGISTICS_REIMBURSEMENT” is “Logistics reimbursement”."""
    return name_of(text) if text else ""
