"""Affiliate orders come in, from the platform or from files; the last word counts."""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F, OuterRef, Subquery, Sum
from django.utils import timezone

from apps.content.models import AffiliateOrder, Creator
from apps.content.models.creator import handle_of
from apps.content.rules.commission import merged
from apps.content.services.affiliate_rows import (
    COLUMNS,
    Known,
    columns_of,
    hash_of,
)
from apps.content.services.creators import creator_of, creators_named
from apps.content.services.sides import Side
from apps.integrations.contracts import Source
from apps.integrations.contracts.affiliate import RemoteAffiliateSku
from apps.orders.models import Order
from apps.orders.services.results import IngestResult
from apps.platforms.models import Shop

_WRITTEN = ("order", "creator", *COLUMNS, "payload_hash", "modified_at")


@transaction.atomic
def ingest(
    side: Side, remotes: Sequence[RemoteAffiliateSku], source: Source
) -> IngestResult:
    """Store what creators sold. Repeating a call changes nothing and says so."""
    if not remotes:
        return IngestResult()
    side.lock()
    now = timezone.now()
    result, rows = _compared(side, remotes, source)
    creators = _creators(side, remotes)
    orders = side.orders({remote.order_id for remote in remotes})
    new: dict[int, AffiliateOrder] = {}
    changed: dict[int, AffiliateOrder] = {}
    for row, remote in rows:
        (new if row.pk is None else changed)[id(row)] = row
        row.order = orders.get(remote.order_id) or row.order
        row.creator = creators.get(handle_of(remote.creator_username)) or row.creator
        row.modified_at = now
    AffiliateOrder.objects.bulk_create(new.values())
    AffiliateOrder.objects.bulk_update(changed.values(), _WRITTEN)
    return result


def preview(
    side: Side, remotes: Sequence[RemoteAffiliateSku], source: Source
) -> IngestResult:
    """What `ingest` would do, with nothing written."""
    return _compared(side, remotes, source)[0]


def ingest_of_shop(
    shop: Shop, remotes: Sequence[RemoteAffiliateSku], source: Source
) -> IngestResult:
    return ingest(Side(shop=shop), remotes, source)


def preview_of_shop(
    shop: Shop, remotes: Sequence[RemoteAffiliateSku], source: Source
) -> IngestResult:
    return preview(Side(shop=shop), remotes, source)


def link_orders(side: Side) -> int:
    """Point rows at orders that came after them; how many."""
    orders = Order.objects.filter(remote_id=OuterRef("remote_order_id"))
    if side.shop is not None:
        orders = orders.filter(shop=side.shop)
    else:
        orders = orders.filter(shop__client=side.client)
    waiting = side.rows.filter(order__isnull=True).annotate(
        found=Subquery(orders.values("pk")[:1])
    )
    return waiting.filter(found__isnull=False).update(order_id=F("found"))


def costs_of(
    shops: Collection[Shop], since: datetime, until: datetime
) -> dict[str, Decimal]:
    """{currency: what these shops pay creators and agencies for orders placed in
    [since, until)}: as settled, else as estimated."""
    rows = AffiliateOrder.objects.filter(
        shop__in=shops, placed_at__gte=since, placed_at__lt=until
    ).with_commission()
    sums = rows.order_by().values("currency").annotate(paid=Sum("commission"))
    return {row["currency"]: row["paid"] for row in sums if row["paid"] is not None}


def _compared(
    side: Side, remotes: Sequence[RemoteAffiliateSku], source: Source
) -> tuple[IngestResult, list[tuple[AffiliateOrder, RemoteAffiliateSku]]]:
    """What it comes to, and the rows to be written, as they are then to be."""
    ids = {remote.order_id for remote in remotes}
    known = Known(side.rows.filter(remote_order_id__in=ids))
    result = IngestResult()
    written: list[tuple[AffiliateOrder, RemoteAffiliateSku]] = []
    for remote in remotes:
        if refusal := _refusal(remote):
            result.refused.append((remote.remote_id, refusal))
            continue
        row = known.find(remote)
        told = hash_of(remote, source)
        if row is None:
            row = _new(side, remote, source)
            known.add(row)
            result.new += 1
        elif row.payload_hash == told or not _changed(row, side, remote, source):
            result.same += 1
            continue
        else:
            result.updated += 1
        row.payload_hash = told
        written.append((row, remote))
    return result, written


def _refusal(remote: RemoteAffiliateSku) -> str:
    if not remote.order_id or len(remote.order_id) > 40:
        return "the order's ID cannot be one"
    if not remote.item or len(remote.item) > 48:
        return "neither a SKU nor a product is told"
    return ""


def _new(side: Side, remote: RemoteAffiliateSku, source: Source) -> AffiliateOrder:
    row = side.new_row()
    row.remote_order_id = remote.order_id
    for name, value in columns_of(side, remote, source).items():
        setattr(row, name, value)
    return row


def _changed(
    row: AffiliateOrder, side: Side, remote: RemoteAffiliateSku, source: Source
) -> bool:
    """Take on what the version changes; whether it changes anything."""
    old = {name: getattr(row, name) for name in COLUMNS}
    new = columns_of(side, remote, source)
    if row.remote_sku_id and not remote.sku_id:
        new["item"] = row.item  # the SKU that was told before stays its name
    changes = merged(old, new, is_file=source is Source.FILE)
    for name, value in changes.items():
        setattr(row, name, value)
    return bool(changes.keys() - {"source", "remote_updated_at"})


def _creators(side: Side, remotes: Sequence[RemoteAffiliateSku]) -> dict[str, Creator]:
    """{handle: creator}; a creator's own orders name nobody, and are all theirs."""
    if side.account is None:
        names = (remote.creator_username for remote in remotes)
        return creators_named(side.client, names)
    own = creator_of(side.account)
    return {"": own} if own else {}
