"""Earnings as the platform's JSON: to the seller in plain numbers, to the creator in
the market's own way of writing money."""

from typing import Any

from apps.simulator.world.affiliate.deals import ADS, PARTNER, STANDARD
from apps.simulator.world.affiliate.ledger import (
    INELIGIBLE,
    SETTLED,
    TO_SETTLE,
    UNPAID,
    Earning,
)
from apps.simulator.world.lifecycle import Event
from apps.simulator.world.orders import Order
from apps.simulator.world.regions import Region, amount

Json = dict[str, Any]
# By region: sign before, sign after, between thousands, before cents.
_STYLES = {
    "US": ("$", "", ",", "."),
    "GB": ("£", "", ",", "."),
    "DE": ("", " €", ".", ","),
    "MY": ("RM", "", ",", "."),
    "ID": ("Rp", "", ".", ","),
    "TH": ("฿", "", ",", "."),
    "VN": ("", "₫", ".", ","),
}
_TO_SELLERS = {
    UNPAID: "PROCESSING", TO_SETTLE: "PROCESSING", SETTLED: "COMPLETED",
    INELIGIBLE: "CANCELLED",
}  # fmt: skip
_TO_CREATORS = {
    UNPAID: "ORDERED", TO_SETTLE: "ORDERED", SETTLED: "SETTLED", INELIGIBLE: "REFUNDED",
}  # fmt: skip


def in_words(region: Region, smallest_units: int) -> str:
    """Money as people there write it: `Rp9.900`, `$1,234.50`."""
    before, after, thousands, comma = _STYLES[region.code]
    whole, _, cents = amount(region, abs(smallest_units)).partition(".")
    text = f"{int(whole):,}".replace(",", thousands)
    text += f"{comma}{cents}" if cents else ""
    return f"{'-' if smallest_units < 0 else ''}{before}{text}{after}"


def head(order: Order, earnings: list[Earning], *, for_seller: bool) -> Json:
    """What the rows of an order share."""
    words = _TO_SELLERS if for_seller else _TO_CREATORS
    statuses = [earning.status for earning in earnings]
    left = [status for status in statuses if status != INELIGIBLE] or statuses
    json: Json = {"id": str(order.id), "create_time": order.created}
    if delivered := order.moments().get(Event.DELIVERED):
        json["delivery_time"] = delivered
    return json | {"status": words[left[0]]}


def _content(earning: Earning) -> Json:
    deal = earning.deal
    json: Json = {"content_type": deal.content_type, "is_carousel": False}
    if deal.content_id:
        json["content_id"] = deal.content_id
    if deal.campaign_id:
        json["campaign_id"] = deal.campaign_id
    kind = "target" if deal.is_targeted else "open"
    json[f"{kind}_collaboration_id"] = deal.collaboration_id
    json["commission_model"] = f"{'Tiered' if deal.tiers else 'Fixed'} commission"
    if deal.tiers:
        json["commission_tier_setting"] = deal.tiers
    return json


def for_seller(earning: Earning) -> Json:
    """A creator whom a partner brought is not named."""
    deal, region = earning.deal, earning.entry.order.shop.region
    json: Json = {
        "creator_username": "" if deal.campaign_id else deal.creator.username,
        "sku_id": earning.entry.sku.id,
        "product_id": earning.entry.sku.product_id,
        "quantity": earning.quantity,
        "commission_rate": str(deal.standard_rate),
        "shop_ads_commission_rate": str(deal.ads_rate),
        "partner_commission_rate": str(deal.partner_rate),
        "refunded_quantity": earning.refunded,
        "returned_quantity": earning.returned,
        "settlement_status": earning.status,
        "fully_return": "Yes" if earning.is_fully_returned else "No",
        **_content(earning),
    }
    values = {"price": earning.price}
    for word, base in _bases(earning):
        paid = deal.commissions(base)
        values |= {
            f"{word}_commission_base": base,
            f"{word}_paid_commission": paid.get(STANDARD, 0),
            f"{word}_paid_shop_ads_commission": paid.get(ADS, 0),
            f"{word}_paid_partner_commission": paid.get(PARTNER, 0),
            f"{word}_cofunded_creator_bonus_amount": 0,
        }
    for name, value in values.items():
        json[name] = {"amount": amount(region, value), "currency": region.currency}
    return json


def for_creator(earning: Earning) -> Json:
    deal, order = earning.deal, earning.entry.order
    region, sku = order.shop.region, earning.entry.sku
    json: Json = {
        "id": sku.id,
        "product_id": sku.product_id,
        "product_name": sku.title,
        "shop_name": order.shop.name,
        "quantity": earning.quantity,
        "commission_rate": deal.standard_rate,
        "standard_commission_rate": deal.standard_rate,
        "shop_ads_commission_rate": deal.ads_rate,
        "commission_bonus_rate": 0,
        "creator_commission_reward_rate": 0,
        "refunded_quantity": earning.refunded,
        "returned_quantity": earning.returned,
        "last_update_time": order.updated,
        **_content(earning),
    }
    values = {"price": earning.price}
    for word, base in _bases(earning):
        paid = deal.commissions(base)
        values |= {
            f"{word}_commission_base": base,
            f"{word}_commission": paid.get(STANDARD, 0),
            f"{word}_standard_commission": paid.get(STANDARD, 0),
            f"{word}_shop_ads_commission": paid.get(ADS, 0),
            f"{word}_bonus_commission": 0,
            f"{word}_creator_commission_reward_fee": 0,
        }
    for name, value in values.items():
        json[name] = {"amount": in_words(region, value), "currency": region.currency}
    return json


def _bases(earning: Earning) -> list[tuple[str, int]]:
    bases = [("estimated", earning.estimated_base)]
    if earning.actual_base is not None:
        bases.append(("actual", earning.actual_base))
    return bases
