"""An own catalogue for the demo's first client, so that there is something to match."""

import time
from decimal import Decimal

from django.utils import timezone

from apps.orders.services.mapping import By, create_product
from apps.platforms.models import Shop
from apps.products.models import Listing, Product
from apps.products.services.price_rules import save_rule
from apps.products.services.suggesting import refresh_suggestions
from apps.sync.errors import AlreadyRunning
from apps.sync.models import SyncRun
from apps.sync.services.products import pull_products
from apps.users.models import Client, User

# Every fourth product of the shop is left to be matched by hand.
LEFT_OUT = 4
# Made up, and good enough to try prices by rule; each page says of which day they are.
_RATES = {("USD", "GBP"): Decimal("0.79"), ("GBP", "USD"): Decimal("1.27")}


def make_catalogue(client: Client, user: User) -> int:
    """Own products from most of what the client's first shop lists, and suggestions for
    the others; how many products. Nothing where there is a catalogue already."""
    shops = list(Shop.objects.connected().filter(client=client).order_by("pk"))
    if not shops or Product.objects.filter(client=client).exists():
        return 0
    for shop in shops:
        _pull(shop)
    by = By(user=user, process="connect_demo")
    listings = Listing.objects.filter(shop=shops[0]).present().exclude(skus=None)
    kept = [
        listing
        for number, listing in enumerate(listings.order_by("remote_id"), start=1)
        if number % LEFT_OUT
    ]
    for listing in kept:
        create_product(listing, by)
    for shop in shops[1:]:
        if rate := _RATES.get((shops[0].currency, shop.currency)):
            _price_rule(client, shops[0], shop, rate, user)
    refresh_suggestions(client)
    return len(kept)


def _pull(shop: Shop) -> None:
    """After the pull that began when the shop was connected, if it still runs."""
    while True:
        try:
            pull_products(shop, trigger=SyncRun.Trigger.COMMAND)
        except AlreadyRunning:
            time.sleep(1)
        else:
            return


def _price_rule(
    client: Client, home: Shop, other: Shop, rate: Decimal, user: User
) -> None:
    save_rule(
        client,
        {
            "region": other.region,
            "base_currency": home.currency,
            "rate": rate,
            "rate_on": timezone.localdate(),
            "factor": Decimal("1.05"),
            "round_to": Decimal(1),
            "ending": Decimal("0.01"),
        },
        actor=user,
    )
