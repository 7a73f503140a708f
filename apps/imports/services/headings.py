"""Headings of files: what staff said they mean, and those that nobody knows."""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from apps.imports.models import ColumnAlias, ImportRun, SeenColumn
from apps.integrations.tiktok.exports.headers import normalise
from apps.platforms.models import Shop

_LONGEST = 200


def aliases_of(shop: Shop, kind: ImportRun.Kind) -> dict[str, str]:
    """{heading: name of our column} as far as staff said so; a shop's own count more
    than those for every shop."""
    rows = ColumnAlias.objects.filter(Q(shop=shop) | Q(shop=None), kind=kind)
    by_weight = sorted(rows, key=lambda row: row.shop_id is not None)
    return {row.heading: row.column for row in by_weight}


@transaction.atomic
def remember(shop: Shop, kind: ImportRun.Kind, chosen: Mapping[str, str]) -> None:
    """Keep {heading: our column, or "" for none} for the shop's next files."""
    for heading, column in chosen.items():
        name = normalise(heading)[:_LONGEST]
        rows = ColumnAlias.objects.filter(shop=shop, kind=kind, heading=name)
        if column:
            ColumnAlias.objects.update_or_create(
                shop=shop, kind=kind, heading=name, defaults={"column": column}
            )
        else:
            rows.delete()


def count_unknown(
    shop: Shop, kind: ImportRun.Kind, headings: Iterable[str]
) -> list[str]:
    """Count a file's headings that mean nothing to us; those never seen before."""
    names = sorted({normalise(name)[:_LONGEST] for name in headings} - {""})
    rows = SeenColumn.objects.filter(shop=shop, kind=kind, heading__in=names)
    known = set(rows.values_list("heading", flat=True))
    rows.update(files=F("files") + 1, last_seen_at=timezone.now())
    fresh = [name for name in names if name not in known]
    SeenColumn.objects.bulk_create(
        [SeenColumn(shop=shop, kind=kind, heading=name) for name in fresh],
        ignore_conflicts=True,
    )
    return fresh
