"""Price and stock of each SKU."""

from collections.abc import Iterator, Mapping
from typing import Any

from apps.core.money import decimals
from apps.integrations.tiktok.reading import mapping, sequence
from apps.platforms.regions import region_of
from apps.products.services.publishing import limits
from apps.products.services.publishing.numbers import decimals_of, number_in
from apps.products.services.publishing.problems import Problem
from apps.products.services.publishing.rules.skus import place_of, skus_of

Json = Mapping[str, Any]


def check_offers(content: Json, region: str, currency: str = "") -> Iterator[Problem]:
    currency = currency or region_of(region).currency
    for position, sku in enumerate(skus_of(content)):
        is_known = bool(sku.get("id"))
        if (price := mapping(sku, "price")) or not is_known:
            yield from _price(price, currency, place_of(sku, position, "price"))
        yield from _list_price(sku, position, region, currency)
        if sku.get("inventory") or not is_known:
            yield from _stock(sku, position)


def _price(price: Json, currency: str, field: str) -> Iterator[Problem]:
    told = str(price.get("amount") or price.get("sale_price") or "")
    amount = number_in(told)
    if not told:
        yield Problem(field, f"Say what it costs in {currency}.")
    elif amount is None or amount <= 0:
        yield Problem(field, f"A price must be more than nothing, not “{told}”.")
    elif decimals_of(amount) > decimals(currency):
        yield Problem(
            field,
            f"{told} has more decimals than {currency} has "
            f"({decimals(currency)}). Round it.",
        )
    if price.get("currency") and price["currency"] != currency:
        yield Problem(
            field, f"The shop sells in {currency}, not in {price['currency']}."
        )
    elif told and not price.get("currency"):
        yield Problem(field, f"Say that the price is in {currency}.")


def _list_price(
    sku: Json, position: int, region: str, currency: str
) -> Iterator[Problem]:
    listed = mapping(sku, "list_price")
    if not listed:
        return
    field = place_of(sku, position, "list_price")
    if not limits.has_list_prices(region):
        yield Problem(field, "Struck-through prices are shown in the US only.")
        return
    yield from _price(listed, currency, field)
    before = number_in(str(listed.get("amount") or ""))
    price = mapping(sku, "price")
    now = number_in(str(price.get("amount") or ""))
    if before is not None and now is not None and before < now:
        yield Problem(field, "The struck-through price is below the price.")


def _stock(sku: Json, position: int) -> Iterator[Problem]:
    fewest, most = limits.QUANTITIES
    field = place_of(sku, position, "inventory")
    rows = [row for row in sequence(sku, "inventory") if isinstance(row, Mapping)]
    if not rows:
        yield Problem(field, "Say how many are for sale, and in which warehouse.")
    for row in rows:
        quantity = row.get("quantity")
        if not row.get("warehouse_id"):
            yield Problem(field, "Choose the warehouse they are sent from.")
        if quantity is None:
            yield Problem(field, "Say how many are for sale.")
        elif type(quantity) is not int or not fewest <= quantity <= most:
            yield Problem(
                field, f"The quantity must be {fewest} to {most:,}, not {quantity}."
            )
