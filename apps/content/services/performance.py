"""Creators' totals over spans of days, as files tell them."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

from django.db import transaction

from apps.content.errors import SpansOverlap
from apps.content.models import CreatorPerformance
from apps.content.models.creator import handle_of
from apps.content.services.creators import creators_named
from apps.integrations.contracts.affiliate import RemoteCreatorPerformance
from apps.platforms.models import Shop

_AMOUNTS = {
    "sales": "sales_amount",
    "live_sales": "live_sales_amount",
    "video_sales": "video_sales_amount",
    "card_sales": "card_sales_amount",
    "refunds": "refunds_amount",
    "commission": "commission_amount",
}


@transaction.atomic
def store_totals(
    shop: Shop, rows: Sequence[RemoteCreatorPerformance], first_on: date, last_on: date
) -> int:
    """Keep a file's totals of [first_on, last_on], in the place of those of the same
    days; how many. Raises SpansOverlap where other days of the shop that are kept meet
    these: added up, some would count twice."""
    Shop.objects.select_for_update(of=("self",)).get(pk=shop.pk)
    kept = CreatorPerformance.objects.filter(shop=shop)
    same = kept.filter(first_on=first_on, last_on=last_on)
    other = (
        kept.filter(first_on__lte=last_on, last_on__gte=first_on)
        .exclude(pk__in=same.values("pk"))
        .first()
    )
    if other is not None:
        raise SpansOverlap(
            f"Totals of {other.first_on:%d %b %Y} to {other.last_on:%d %b %Y} are kept "
            f"for {shop}, and these days meet them. Export days that follow each "
            "other, or the very same ones."
        )
    same.delete()
    creators = creators_named(shop.client, (row.username for row in rows))
    latest = {handle_of(row.username): row for row in rows}
    stored = CreatorPerformance.objects.bulk_create(
        CreatorPerformance(
            shop=shop,
            creator=creators[handle],
            first_on=first_on,
            last_on=last_on,
            **_columns(row),
        )
        for handle, row in latest.items()
        if handle
    )
    return len(stored)


def _columns(row: RemoteCreatorPerformance) -> dict[str, object]:
    told = asdict(row)
    del told["username"], told["nickname"]
    return {_AMOUNTS.get(name, name): value for name, value in told.items()}
