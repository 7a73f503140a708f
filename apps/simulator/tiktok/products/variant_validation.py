"""What tells the SKUs of a product from each other: sales attributes."""

from collections.abc import Iterator
from typing import Any

from apps.simulator.tiktok.products.codes import Problem
from apps.simulator.tiktok.products.draft import (
    Draft,
    attribute_named,
    known_name,
    known_value,
)
from apps.simulator.tiktok.products.text_rules import breach
from apps.simulator.world.taxonomy_attributes import SALES, Attribute

Json = dict[str, Any]
_MOST, _LONGEST_NAME, _LONGEST_VALUE, _MOST_PICTURES = 3, 20, 50, 8


def problems(draft: Draft) -> Iterator[Problem]:
    variants = [sku.get("sales_attributes") or [] for sku in draft.skus]
    if any(sku.get("combined_skus") for sku in draft.skus) and not any(variants):
        return
    for attribute in (a for row in variants for a in row):
        yield from _name(draft, attribute)
        yield from _value(draft, attribute)
        yield from _pictures(draft, attribute)
    names = [tuple(sorted(_key(draft, a) for a in row)) for row in variants]
    if len(set(names)) > 1 or (len(variants) > 1 and not names[0]):
        yield Problem(12052550)
    if any(len(row) > _MOST for row in names):
        yield Problem(12052525)
    if any(len(set(row)) < len(row) for row in names):
        yield Problem(12052254)
    pairs = [frozenset(_pair(draft, a) for a in row) for row in variants]
    if len(set(pairs)) < len(pairs):
        yield Problem(12052560)
    yield from _required(draft, variants)
    yield from _primary(draft, variants)


def _key(draft: Draft, attribute: Json) -> str:
    found = attribute_named(draft, attribute)
    said = attribute.get("id") or attribute.get("name") or ""
    return found.id if found else str(said)


def _pair(draft: Draft, attribute: Json) -> tuple[str, str]:
    """The attribute, and its value however it is named."""
    found = attribute_named(draft, attribute)
    value_id, text = attribute.get("value_id"), attribute.get("value_name") or ""
    values = found.values if found else ()
    for value in values:
        if value_id == value.id or (not value_id and text in draft.names(value.name)):
            return _key(draft, attribute), value.id
    return _key(draft, attribute), known_value(draft, attribute) or text


def _name(draft: Draft, attribute: Json) -> Iterator[Problem]:
    name = attribute.get("name") or ""
    if attribute.get("id"):
        found = attribute_named(draft, attribute)
        is_known = found is not None or bool(known_name(draft, attribute))
        if not is_known or (found and found.type != SALES):
            yield Problem(12052527, f"Attribute: {attribute['id']}")
    elif not name:
        yield Problem(12052241)
    elif len(name) > _LONGEST_NAME:
        yield Problem(12052242)
    elif reason := breach(name):
        yield Problem(12052933, reason)


def _value(draft: Draft, attribute: Json) -> Iterator[Problem]:
    found = attribute_named(draft, attribute)
    value_id, text = attribute.get("value_id"), attribute.get("value_name") or ""
    ids = {value.id for value in found.values} if found else set()
    if value_id:
        if value_id not in ids and not known_value(draft, attribute):
            yield Problem(12052529, f"Value: {value_id}")
    elif not text:
        yield Problem(12052248)
    elif len(text) > _LONGEST_VALUE:
        yield Problem(12052249, f"At most {_LONGEST_VALUE} are allowed.")
    elif found and not found.is_customizable and not _is_built_in(draft, found, text):
        yield Problem(12052247, found.name)
    elif reason := breach(text):
        yield Problem(12052934, reason)


def _is_built_in(draft: Draft, attribute: Attribute, text: str) -> bool:
    return any(text in draft.names(value.name) for value in attribute.values)


def _pictures(draft: Draft, attribute: Json) -> Iterator[Problem]:
    main = attribute.get("sku_img")
    more = attribute.get("supplementary_sku_images") or []
    for image in [*([main] if main else []), *more]:
        if not draft.knows_picture(image["uri"]):
            yield Problem(12052520, f"URI: {image['uri']}")
    if more and not main:
        yield Problem(12052357)
    if len(more) > _MOST_PICTURES:
        yield Problem(12052356)


def _required(draft: Draft, variants: list[list[Json]]) -> Iterator[Problem]:
    given = {_key(draft, attribute) for row in variants for attribute in row}
    attributes = draft.category.attributes if draft.category else ()
    for attribute in attributes:
        missing = attribute.type == SALES and attribute.id not in given
        if attribute.is_required and missing:
            detail = f"Sales attribute: {attribute.name} ({attribute.id})"
            yield Problem(12052104, detail, is_gap=True)


def _primary(draft: Draft, variants: list[list[Json]]) -> Iterator[Problem]:
    """One attribute may have pictures, and then each of its values has one."""
    everything = [a for row in variants for a in row]
    shown = {_key(draft, a) for a in everything if a.get("sku_img")}
    if len(shown) > 1:
        yield Problem(12052528)
        return
    values = {_pair(draft, a) for a in everything if _key(draft, a) in shown}
    pictured = {_pair(draft, a) for a in everything if a.get("sku_img")}
    if values - pictured:
        yield Problem(12052522, is_gap=True)
