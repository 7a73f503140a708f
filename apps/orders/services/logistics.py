"""Carriers and delivery options of a shop, as the platform listed them lately."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from apps.core.storing import clean
from apps.integrations import contracts
from apps.integrations.contracts import PlatformClient
from apps.inventory.models import ShopWarehouse
from apps.orders.models import DeliveryOption, Order, ShippingProvider
from apps.orders.services.asking_platform import Told, told
from apps.platforms.models import Shop
from apps.platforms.services import breaker, scopes
from apps.platforms.services.clients import client_for

FRESH_FOR = timedelta(days=1)
_SALES = "SALES_WAREHOUSE"
Listed = TypeVar("Listed", contracts.DeliveryOption, contracts.ShippingProvider)


def carriers_for(order: Order) -> Told[list[ShippingProvider]]:
    """The carriers that the order's delivery option takes, those of the shop where that
    is not known; asked for where none is kept yet. For a page that waits."""
    kept = ShippingProvider.objects.filter(shop=order.shop_id)
    option = order.delivery_option_id
    rows = list(kept.filter(delivery_option_id=option) if option else ())
    rows = rows or _once_each(kept)
    if rows:
        return Told(rows)
    nothing: list[contracts.ShippingProvider] = []
    if not option:
        return Told(
            [], "Carriers of this shop are not known yet: they are read each day."
        )
    answer = told(
        order.shop,
        scopes.LOGISTICS,
        lambda client: client.shipping_providers(option),
        nothing,
        key=f"carriers.{option}",
    )
    _keep_carriers(order.shop, {option: answer.value}, timezone.now())
    return Told(list(kept.filter(delivery_option_id=option)), answer.problem)


def known_carriers(shop_ids: Sequence[int]) -> dict[int, list[ShippingProvider]]:
    """{key of shop: carriers kept}, each once for a delivery option, by name; one
    query, no call."""
    found: dict[int, list[ShippingProvider]] = {key: [] for key in shop_ids}
    for row in ShippingProvider.objects.filter(shop__in=shop_ids).order_by(
        "name", "pk"
    ):
        found[row.shop_id].append(row)
    return found


def refresh(shop: Shop, client: PlatformClient | None = None) -> int:
    """Ask for all of a shop's delivery options and their carriers: how many carriers.
    What it no longer has goes. Raises PlatformError and ReconnectNeeded; then what is
    kept stays."""
    client = client or client_for(shop, scopes.LOGISTICS)
    options = {
        warehouse: client.delivery_options(warehouse)
        for warehouse in _warehouses(shop, client)
    }
    ids = dict.fromkeys(each.remote_id for some in options.values() for each in some)
    carriers = {option: client.shipping_providers(option) for option in ids}
    now = timezone.now()
    with transaction.atomic():
        Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
        _keep_options(shop, options, now)
        _keep_carriers(shop, carriers, now)
        old = ShippingProvider.objects.filter(shop=shop, read_at__lt=now)
        old.delete()
        DeliveryOption.objects.filter(shop=shop, read_at__lt=now).delete()
    return sum(map(len, carriers.values()))


def shops_due(now: datetime) -> list[Shop]:
    """Connected shops that do not rest and were not asked for a day. One query."""
    fresh = DeliveryOption.objects.filter(
        shop=OuterRef("pk"), read_at__gt=now - FRESH_FOR
    )
    connected = Shop.objects.connected().filter(breaker.not_resting(now))
    return list(connected.filter(~Exists(fresh)).order_by("pk"))


def _warehouses(shop: Shop, client: PlatformClient) -> list[str]:
    """Those that orders leave from; asked for where none is known yet."""
    known = ShopWarehouse.objects.selling().filter(shop=shop)
    ids = list(known.order_by("pk").values_list("remote_id", flat=True))
    return ids or [
        each.remote_id
        for each in client.warehouses()
        if each.kind == _SALES and each.is_active
    ]


def _once_each(rows: Iterable[ShippingProvider]) -> list[ShippingProvider]:
    """A carrier that several options take, once."""
    found: dict[str, ShippingProvider] = {}
    for row in rows:
        found.setdefault(row.remote_id, row)
    return list(found.values())


def _keep_options(
    shop: Shop,
    options: dict[str, list[contracts.DeliveryOption]],
    now: datetime,
) -> None:
    DeliveryOption.objects.bulk_create(
        [
            DeliveryOption(
                shop=shop,
                warehouse_remote_id=warehouse[:32],
                remote_id=each.remote_id[:32],
                name=clean(each.name)[:120],
                kind=clean(each.kind)[:40],
                read_at=now,
            )
            for warehouse, some in options.items()
            for each in _distinct(some)
        ],
        update_conflicts=True,
        unique_fields=["shop", "warehouse_remote_id", "remote_id"],
        update_fields=["name", "kind", "read_at", "modified_at"],
    )


def _keep_carriers(
    shop: Shop,
    carriers: dict[str, list[contracts.ShippingProvider]],
    now: datetime,
) -> None:
    ShippingProvider.objects.bulk_create(
        [
            ShippingProvider(
                shop=shop,
                delivery_option_id=option[:32],
                remote_id=each.remote_id[:32],
                name=clean(each.name)[:120],
                read_at=now,
            )
            for option, some in carriers.items()
            for each in _distinct(some)
        ],
        update_conflicts=True,
        unique_fields=["shop", "delivery_option_id", "remote_id"],
        update_fields=["name", "read_at", "modified_at"],
    )


def _distinct(rows: Iterable[Listed]) -> list[Listed]:
    """Each ID once: two of one would be the same row twice in a statement."""
    return list({each.remote_id: each for each in rows}.values())
