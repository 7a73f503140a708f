"""Sending prices: planned ones or given ones, and only where they differ."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from apps.core.money import Money
from apps.integrations.contracts import (
    ListingStatus,
    RemoteListing,
    RemoteListingSku,
    SkuPrice,
)
from apps.integrations.errors import NotFound
from apps.integrations.tiktok.products.bodies import Difference
from apps.products.models import Listing, ListingSku, PublishItem
from apps.products.services.prices import PlannedPrice, Unpriced, plan_prices
from apps.products.services.publishing import outcomes
from apps.products.services.publishing.channel import Channel
from apps.products.services.publishing.confirming import confirm
from apps.products.services.publishing.numbers import number_in, written


@dataclass(frozen=True, slots=True)
class PriceChange:
    """What a listing's SKU costs as last told, and what it is to cost. `price` is None
    where nobody can say; `words` tell how it came about, or why not."""

    sku: ListingSku
    price: Money | None
    words: str
    is_rate_old: bool = False

    @property
    def differs(self) -> bool:
        return self.price is not None and self.price != _told(self.sku)


def planned_changes(listings: Iterable[Listing]) -> list[PriceChange]:
    """What a run of planned prices would change, by what is stored; for looking at it
    beforehand. All listings of one shop; three queries."""
    skus = list(
        ListingSku.objects.present()
        .filter(listing__in=[each.pk for each in listings])
        .select_related("variant__product", "listing", "shop")
    )
    variants = {sku.variant.pk: sku.variant for sku in skus if sku.variant}
    plans = plan_prices(list(variants.values()), {sku.shop for sku in skus})
    return [
        _change(sku, plans[sku.variant_id, sku.shop_id] if sku.variant_id else None)
        for sku in skus
    ]


def send_prices(item: PublishItem, channel: Channel) -> None:
    """Set the prices of one listing's SKUs that differ at the platform now.

    Absolute, so repeating is harmless. Raises PlatformError.
    """
    listing = item.listing
    if listing is None:
        outcomes.refused(item, "The listing is no longer known here.")
        return
    try:
        current = channel.reads.get_listing(listing.remote_id)
    except NotFound:
        confirm(channel, [listing])
        outcomes.refused(item, "TikTok does not have this listing any more.")
        return
    if current.status is not ListingStatus.LIVE:
        words = current.status_text or "unknown"
        outcomes.refused(
            item,
            f"TikTok takes prices of live listings only; this one is {words}. "
            "Activate it first.",
        )
        return
    wanted, notes = _wanted(item, listing, channel)
    for remote_id in sorted(wanted.keys() - {sku.remote_id for sku in current.skus}):
        del wanted[remote_id]
        notes.append(f"TikTok has no SKU {remote_id} in this listing any more.")
    prices, differences = _differing(current, wanted)
    if not wanted:
        outcomes.refused(item, " ".join(notes[:3]) or "It has no SKU to price.")
    elif not prices:
        outcomes.done(item, ["All prices are as they should be.", *notes])
    else:
        _send(item, channel, listing, prices, differences)
        outcomes.done(item, notes)


def _send(
    item: PublishItem,
    channel: Channel,
    listing: Listing,
    prices: list[SkuPrice],
    differences: list[Difference],
) -> None:
    sent = [
        {
            "id": price.remote_sku_id,
            "amount": written(price.amount),
            "currency": price.currency,
        }
        for price in prices
    ]
    outcomes.note_sending(item, {**item.request, "skus": sent}, differences)
    channel.writes.update_prices(
        listing.remote_id, prices, is_cross_border=channel.is_cross_border
    )
    confirm(channel, [listing])


def _wanted(
    item: PublishItem, listing: Listing, channel: Channel
) -> tuple[dict[str, Money], list[str]]:
    """{SKU ID: price}, and why others have none."""
    given: Mapping[str, str] | None = item.request.get("amounts")
    currency = channel.shop.currency
    if given is not None:
        amounts = {key: number_in(told) for key, told in given.items()}
        return {
            key: Money(amount, currency).rounded()
            for key, amount in amounts.items()
            if amount is not None
        }, []
    wanted, notes = {}, []
    for change in planned_changes([listing]):
        if change.price is None:
            notes.append(f"{change.sku}: {change.words}")
        elif change.price.currency == currency and change.price.amount > 0:
            wanted[change.sku.remote_id] = change.price
        else:
            notes.append(f"{change.sku}: {change.price} is no price in {currency}.")
    return wanted, notes


def _differing(
    current: RemoteListing, wanted: Mapping[str, Money]
) -> tuple[list[SkuPrice], list[Difference]]:
    prices, differences = [], []
    for sku in current.skus:
        price = wanted.get(sku.remote_id)
        if price is None or (sku.price, sku.currency) == (price.amount, price.currency):
            continue
        prices.append(SkuPrice(sku.remote_id, price.amount, price.currency))
        name = sku.variation or sku.seller_sku or sku.remote_id
        differences.append(
            Difference(
                f"skus[{name}].price.amount", _before(sku), written(price.amount)
            )
        )
    return prices, differences


def _before(sku: RemoteListingSku) -> str | None:
    return None if sku.price is None else written(sku.price)


def _change(sku: ListingSku, plan: PlannedPrice | Unpriced | None) -> PriceChange:
    if plan is None:
        return PriceChange(sku, None, "it is not matched to a variant.")
    if isinstance(plan, Unpriced):
        return PriceChange(sku, None, f"{plan.reason}.")
    return PriceChange(sku, plan.price.rounded(), plan.words, plan.is_rate_old)


def _told(sku: ListingSku) -> Money | None:
    return None if sku.price is None else sku.price.rounded()


def amounts_for(prices: Mapping[str, Decimal]) -> dict[str, str]:
    """{SKU ID: amount} as an item keeps them."""
    return {key: written(amount) for key, amount in prices.items()}
