"""Rows of ours that a draft's content names: pictures and variants of its client."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps.platforms.models import Shop
from apps.products.errors import DraftRefuses
from apps.products.models import ProductImage, Variant


def refuse_foreign(shop: Shop, content: Mapping[str, Any]) -> None:
    """Raise DraftRefuses for one that is not the client's; it is as if not there."""
    images = set(_keys(content, "image"))
    found = ProductImage.objects.filter(client_id=shop.client_id, pk__in=images)
    if found.count() != len(images):
        raise DraftRefuses("There is no such picture. Choose another.")
    variants = set(_keys(content, "variant"))
    known = Variant.objects.filter(client_id=shop.client_id, pk__in=variants)
    if known.count() != len(variants):
        raise DraftRefuses("There is no such variant. Choose another.")


def without_own(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content without what only we understand of its SKUs."""
    sent = dict(content)
    if isinstance(skus := content.get("skus"), Sequence):
        sent["skus"] = [
            {name: value for name, value in sku.items() if name != "variant"}
            for sku in skus
        ]
    return sent


def _keys(value: Any, name: str) -> Iterator[int]:
    """All numbers that stand under `name`, at any depth."""
    if isinstance(value, Mapping):
        for key, entry in value.items():
            if key == name and isinstance(entry, int):
                yield entry
            else:
                yield from _keys(entry, name)
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from _keys(entry, name)
