"""The SKUs of a listing for another shop: prices in its money, stock left open."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from apps.core.money import CurrencyMismatch, Money
from apps.integrations.contracts import RemoteAttribute
from apps.integrations.tiktok.reading import identifier, sequence, text
from apps.platforms.models import Shop
from apps.products.models import Listing, PriceRule, Variant
from apps.products.services.copying.content import address_of, counterpart
from apps.products.services.prices import (
    PlannedPrice,
    Unpriced,
    is_old,
    plan_prices,
    price_for,
)
from apps.products.services.publishing.attributes import value_of
from apps.products.services.publishing.notes import Notes
from apps.products.services.publishing.numbers import number_in, written
from apps.products.services.taxonomy_facts import Facts

Json = Mapping[str, Any]


def copied_skus(
    listing: Listing,
    raw: Json,
    target: Shop,
    variants: Mapping[str, Variant],
    facts: Facts | None,
    warehouse_id: str,
    notes: Notes,
) -> list[dict[str, Any]]:
    """Each SKU with its variant, price, pictures and place of dispatch; how many are
    for sale is asked: the same piece is not promised in two shops."""
    rows = [row for row in sequence(raw, "skus") if isinstance(row, Mapping)]
    plans = plan_prices(list(variants.values()), [target])
    copied = []
    for row in rows:
        remote_id = identifier(row, "id")
        variant = variants.get(remote_id)
        plan = plans[variant.pk, target.pk] if variant else None
        seller_sku = variant.sku if variant else text(row, "seller_sku")
        field = f"skus[{seller_sku or remote_id}]"
        if variant is None:
            notes.left(field, "It is not matched to a variant of ours.")
        sku = {
            "variant": variant.pk if variant else None,
            "seller_sku": seller_sku,
            "sales_attributes": _attributes(row, facts, field, notes),
            "price": _price(row, plan, target, f"{field}.price", notes),
            "inventory": [{"warehouse_id": warehouse_id}] if warehouse_id else None,
            "identifier_code": row.get("identifier_code"),
        }
        copied.append({name: value for name, value in sku.items() if value})
    notes.left("skus.inventory", "Say how many of each SKU are for sale here.")
    return copied


def _price(
    row: Json,
    plan: PlannedPrice | Unpriced | None,
    target: Shop,
    field: str,
    notes: Notes,
) -> dict[str, str] | None:
    """By the variant's plan, else by the client's rule from what it costs there."""
    if isinstance(plan, PlannedPrice):
        notes.adapted(field, plan.words)
        if plan.is_rate_old:
            notes.left(field, f"The rate of {plan.rate_on} is old. Check the price.")
        return _written(plan.price)
    told = _told(row)
    rule = _rule_for(target)
    why = plan.reason if isinstance(plan, Unpriced) else "no variant"
    if rule is None and told is not None and told.currency == target.currency:
        notes.adapted(field, f"{told}, as in the other shop.")
        return _written(told)
    if told is None or rule is None or rule.currency != target.currency:
        notes.left(field, f"It has no price in {target.currency}: {why}.")
        return None
    try:
        price = price_for(told, rule)
    except CurrencyMismatch:
        notes.left(
            field,
            f"It costs {told} there, and the rule for {target.region} starts from "
            f"{rule.base_currency}. Say what it costs here.",
        )
        return None
    notes.adapted(field, f"{told} there, {price} here by the rule.")
    if is_old(rule):
        notes.left(field, f"The rate of {rule.rate_on} is old. Check the price.")
    return _written(price)


def _rule_for(target: Shop) -> PriceRule | None:
    """The shop's own before its region's."""
    rules = PriceRule.objects.filter(client=target.client_id, is_active=True)
    own = rules.filter(only_shop=target).first()
    return own or rules.filter(only_shop=None, region=target.region).first()


def _told(row: Json) -> Money | None:
    """What buyers see in the other shop."""
    price = row.get("price")
    if not isinstance(price, Mapping):
        return None
    amount: Decimal | None = None
    for name in ("sale_price", "amount", "tax_exclusive_price"):
        if amount is None and price.get(name):
            amount = number_in(price[name])
    currency = text(price, "currency")
    return Money(amount, currency) if amount is not None and currency else None


def _written(price: Money) -> dict[str, str]:
    rounded = price.rounded()
    return {"amount": written(rounded.amount), "currency": rounded.currency}


def _attributes(
    row: Json, facts: Facts | None, field: str, notes: Notes
) -> list[dict[str, Any]]:
    known = facts.sales_attributes if facts else ()
    rows = [
        each for each in sequence(row, "sales_attributes") if isinstance(each, Mapping)
    ]
    return [_attribute(each, known, field, notes) for each in rows]


def _attribute(
    row: Json, known: tuple[RemoteAttribute, ...], field: str, notes: Notes
) -> dict[str, Any]:
    """With the other category's ids where it has such an attribute and value, else by
    name, as an attribute of our own making."""
    name, told = text(row, "name"), text(row, "value_name")
    attribute = counterpart(row, known)
    copied: dict[str, Any] = {"name": name, "value_name": told}
    if attribute is not None:
        copied |= {"id": attribute.remote_id, "name": attribute.name}
        value = value_of(attribute, told)
        if value is None:
            notes.left(field, f"{attribute.name} has no “{told}” here. Choose another.")
        elif value.get("id"):
            copied |= {"value_id": value["id"], "value_name": value["name"]}
    if address := address_of(row.get("sku_img")):
        copied["sku_img"] = {"from_url": address}
        more = [address_of(each) for each in sequence(row, "supplementary_sku_images")]
        if any(more):
            copied["supplementary_sku_images"] = [
                {"from_url": each} for each in more if each
            ]
    return {key: value for key, value in copied.items() if value}
