"""Amounts of money as bodies name them."""

from decimal import Decimal, InvalidOperation

from apps.simulator.tiktok.aftersales.codes import bad, refuse
from apps.simulator.tiktok.call import Call


def amount_of(call: Call, name: str, text: object, currency: object, most: int) -> int:
    """In the currency's smallest unit, more than nothing; raises 25005005 for more than
    `most`, 25001001 for what is no amount in the shop's currency."""
    region = call.shop.region
    if currency != region.currency:
        raise bad(name, f"must be in {region.currency}.")
    try:
        value = Decimal(text if isinstance(text, str) else "").scaleb(region.decimals)
    except InvalidOperation as error:
        raise bad(name, "must be an amount.") from error
    if not value.is_finite() or value <= 0 or value != value.to_integral_value():
        raise bad(name, "must be a positive amount with the currency's decimals.")
    if value > most:
        raise refuse(25005005)
    return int(value)
