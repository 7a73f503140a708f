"""The platform's categories as a shop sees them, kept for a day.

Asking is done without a transaction, storing in one; a failed call leaves what is
stored as it was and rises as PlatformError.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from apps.integrations.contracts import BrandPage, RemoteCategory
from apps.integrations.errors import PlatformError, RequestRefused
from apps.platforms.models import Shop
from apps.platforms.services.clients import client_at_page
from apps.platforms.services.scopes import PRODUCTS
from apps.products.errors import CategoryUnknown
from apps.products.models import CategoryFacts, ChannelCategory
from apps.products.services.brand_names import remember_brands
from apps.products.services.taxonomy_facts import (
    Facts,
    as_json,
    attributes_of,
    rules_of,
)

FRESH = timedelta(hours=24)
SEPARATOR = " > "


def refresh_categories(shop: Shop, *, only_if_old: bool = False) -> int:
    """Store the shop's category tree as it is now; how many categories it has.

    `only_if_old` asks the platform only if what is stored is older than a day. Links
    and rules name categories by the platform's id, so they outlive the rows.
    """
    stored = ChannelCategory.objects.filter(shop=shop)
    if only_if_old and stored.filter(fetched_at__gt=timezone.now() - FRESH).exists():
        return stored.count()
    tree = client_at_page(shop, PRODUCTS).categories()
    rows = _rows(shop, tree)
    if not rows:  # an empty answer is no reason to forget what we know
        return stored.count()
    with transaction.atomic():
        Shop.objects.select_for_update(of=["self"]).get(pk=shop.pk)
        stored.exclude(remote_id__in=[row.remote_id for row in rows]).delete()
        ChannelCategory.objects.bulk_create(
            rows,
            batch_size=500,
            update_conflicts=True,
            unique_fields=["shop", "remote_id"],
            update_fields=[
                "parent_remote_id",
                "name",
                "path",
                "is_leaf",
                "permission",
                "fetched_at",
            ],
        )
    return len(rows)


def find_categories(
    shop: Shop, text: str, *, limit: int = 20, only_leaves: bool = False
) -> list[ChannelCategory]:
    """Categories whose path has all words of `text`, as it is or as it begins.

    Case and accents do not matter. Those whose own name has the words come first, then
    shorter paths. An empty text finds the roots, a category's id that category.
    """
    rows = ChannelCategory.objects.filter(shop=shop)
    if only_leaves:
        rows = rows.filter(is_leaf=True)
    words = plain(text).split()
    if not words:
        roots = rows if only_leaves else rows.filter(parent_remote_id="")
        return list(roots[:limit])
    if by_id := list(rows.filter(remote_id=text.strip())):
        return by_id
    found = []
    for key, name, path in rows.values_list("pk", "name", "path"):
        if _has(plain(path), words):
            found.append((not _has(plain(name), words), len(path), path, key))
    best = [key for *_, key in sorted(found)[:limit]]
    by_key = rows.in_bulk(best)
    return [by_key[key] for key in best]


def recommend(shop: Shop, title: str, *, description: str = "") -> str:
    """The id of the leaf category the platform would choose; empty for none."""
    if not title.strip():
        return ""
    client = client_at_page(shop, PRODUCTS)
    return client.recommend_category(title, description=description)


def facts_of(shop: Shop, category_id: str, *, fresh: bool = False) -> CategoryFacts:
    """What a leaf category asks for, as stored in the last day or asked for now.

    `fresh` asks in any case. Raises CategoryUnknown for one the platform does not
    have, or that has others below it.
    """
    known = CategoryFacts.objects.filter(shop=shop, category_remote_id=category_id)
    is_new = known.filter(fetched_at__gt=timezone.now() - FRESH)
    if not fresh and (row := is_new.first()):
        return row
    client = client_at_page(shop, PRODUCTS)
    try:
        attributes = client.category_attributes(category_id)
        rules = client.category_rules(category_id)
    except RequestRefused as error:
        raise CategoryUnknown(
            f"TikTok Shop tells nothing about category {category_id}: {error}. "
            "Choose a category without others below it."
        ) from error
    stored_attributes, stored_rules = as_json(attributes, rules)
    row, _ = CategoryFacts.objects.update_or_create(
        shop=shop,
        category_remote_id=category_id,
        defaults={
            "attributes": stored_attributes,
            "rules": stored_rules,
            "fetched_at": timezone.now(),
        },
    )
    return row


def facts_for(shop: Shop, category_id: str, *, fresh: bool = False) -> Facts:
    """The same as contracts, with where the category stands in the shop's tree.

    The tree is asked for if it is older than a day; an old one is better than none.
    Raises CategoryUnknown.
    """
    try:
        refresh_categories(shop, only_if_old=True)
    except PlatformError:
        if not ChannelCategory.objects.filter(shop=shop).exists():
            raise
    node = ChannelCategory.objects.filter(shop=shop, remote_id=category_id).first()
    if node is None:
        return Facts(category_id)
    if not node.is_leaf:
        return Facts(
            category_id, path=node.path, is_leaf=False, permission=node.permission
        )
    row = facts_of(shop, category_id, fresh=fresh)
    return Facts(
        category_id,
        attributes=attributes_of(row),
        rules=rules_of(row),
        path=node.path,
        permission=node.permission,
    )


def brands(
    shop: Shop, *, name: str = "", category_id: str = "", page_token: str = ""
) -> BrandPage:
    """One page of the brands that may be used, as the platform has them now."""
    client = client_at_page(shop, PRODUCTS)
    page = client.brands(category_id=category_id, name=name, page_token=page_token)
    remember_brands(shop, page.brands)
    return page


def plain(text: str) -> str:
    """Lower case, without accents, words apart by single spaces."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(re.findall(r"\w+", bare))


def _has(text: str, words: Iterable[str]) -> bool:
    """Each word begins one of the text's; in scripts without spaces, is in it."""
    padded = f" {text}"
    return all(
        f" {word}" in padded or (not word.isascii() and word in text) for word in words
    )


def _rows(shop: Shop, tree: Iterable[RemoteCategory]) -> list[ChannelCategory]:
    now = timezone.now()
    nodes = {node.remote_id: node for node in tree if node.remote_id}
    return [
        ChannelCategory(
            shop=shop,
            remote_id=node.remote_id,
            parent_remote_id=node.parent_id if node.parent_id in nodes else "",
            name=node.name[:300],
            path=_path(node, nodes)[:1000],
            is_leaf=node.is_leaf,
            permission=node.permission[:24],
            fetched_at=now,
        )
        for node in nodes.values()
    ]


def _path(node: RemoteCategory, nodes: Mapping[str, RemoteCategory]) -> str:
    """Names from the root on; a loop in the answer ends where it closes."""
    names: list[str] = []
    seen: set[str] = set()
    current: RemoteCategory | None = node
    while current is not None and current.remote_id not in seen:
        seen.add(current.remote_id)
        names.insert(0, current.name)
        current = nodes.get(current.parent_id)
    return SEPARATOR.join(names)
