"""Which category of another shop a listing belongs in, and how that was found."""

from collections.abc import Mapping
from typing import Any

from apps.integrations.tiktok.products.chains import root_to_leaf
from apps.integrations.tiktok.reading import identifier, text
from apps.products.models import ChannelCategory, Product
from apps.products.services import taxonomy
from apps.products.services.publishing.channel import Channel
from apps.products.services.publishing.notes import Notes
from apps.products.services.publishing.surroundings import (
    UNANSWERED,
    linked_category,
    recommended_category,
)

Json = Mapping[str, Any]
_FIELD = "category_id"


def category_for(
    channel: Channel, raw: Json, product: Product | None, notes: Notes
) -> str:
    """The linked one, else the same by id, else by its path, else by its name if only
    one is called so, else the platform's recommendation; empty for none."""
    category = product.category if product else None
    if link := linked_category(category, channel.shop.region):
        notes.adapted(_FIELD, f"By our own category, linked to “{link.path}” here.")
        return link.category_remote_id
    rows = raw.get("category_chains")
    chain = root_to_leaf(
        [row for row in rows if isinstance(row, Mapping)]
        if isinstance(rows, list)
        else []
    )
    if chain and (found := _same(channel, chain, notes)):
        return found
    return recommended_category(
        channel, text(raw, "title"), text(raw, "description"), notes
    )


def _same(channel: Channel, chain: list[Json], notes: Notes) -> str:
    try:
        taxonomy.refresh_categories(channel.shop, only_if_old=True)
    except UNANSWERED as error:
        notes.left(_FIELD, f"The shop's categories are not known: {error}")
        return ""
    leaves = [
        row
        for row in ChannelCategory.objects.filter(shop=channel.shop, is_leaf=True)
        if row.is_usable
    ]
    path = taxonomy.SEPARATOR.join(text(row, "local_name") for row in chain)
    leaf_id, name = identifier(chain[-1], "id"), text(chain[-1], "local_name")
    ways = (
        ("the same ID", [row for row in leaves if row.remote_id == leaf_id]),
        ("the same path", [row for row in leaves if _is(row.path, path)]),
        ("the same name", [row for row in leaves if _is(row.name, name)]),
    )
    for how, found in ways:
        if len(found) == 1:
            notes.adapted(_FIELD, f"“{found[0].path}” by {how}. Check it.")
            return found[0].remote_id
    return ""


def _is(one: str, other: str) -> bool:
    return taxonomy.plain(one) == taxonomy.plain(other) != ""
