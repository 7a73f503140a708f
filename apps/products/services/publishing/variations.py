"""How our variants' names become sales attributes: "Red / M" is a colour and a size."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.integrations.contracts import RemoteAttribute
from apps.products.models import AttributeRule, Product, Variant
from apps.products.services.publishing.attributes import field_of, told_by, value_of

OWN_NAME = "Variation"


def sales_attributes(
    attributes: Sequence[RemoteAttribute],
    rules: Mapping[str, AttributeRule],
    product: Product,
    variants: Sequence[Variant],
) -> list[list[dict[str, Any]]]:
    """Of each variant its `sales_attributes`, in the order of `variants`.

    A rule decides what it is about. The parts of the names that are left go to the
    attribute that knows most of them, else to one the category requires, else to one
    of our own making. One variant without a name needs none.
    """
    by_rule = [each for each in attributes if each.remote_id in rules]
    rows: list[list[dict[str, Any]]] = [
        [
            row
            for attribute in by_rule
            if (row := _ruled(rules[attribute.remote_id], attribute, product, variant))
        ]
        for variant in variants
    ]
    uses_name = any(
        rules[each.remote_id].field == AttributeRule.Field.VARIANT for each in by_rule
    )
    if not uses_name:
        free = [each for each in attributes if each.remote_id not in rules]
        for of_variant, parts in zip(rows, _by_name(free, variants), strict=True):
            of_variant += parts
    return rows


def _ruled(
    rule: AttributeRule,
    attribute: RemoteAttribute,
    product: Product,
    variant: Variant,
) -> dict[str, Any] | None:
    if rule.source == AttributeRule.Source.FIXED:
        first = rule.values[0] if rule.values else {}
        value = {key: str(first[key]) for key in ("id", "name") if first.get(key)}
        return _row(attribute, value) if value else None
    found, _ = told_by(rule, attribute, field_of(rule.field, product, variant))
    return _row(attribute, found) if found else None


def _by_name(
    free: list[RemoteAttribute], variants: Sequence[Variant]
) -> list[list[dict[str, Any]]]:
    columns = _columns(variants)
    rows: list[list[dict[str, Any]]] = [[] for _ in variants]
    for number, column in enumerate(columns, start=1):
        attribute = _best(free, column)
        if attribute is not None:
            free = [each for each in free if each is not attribute]
        name = OWN_NAME if len(columns) == 1 else f"{OWN_NAME} {number}"
        for row, told in zip(rows, column, strict=True):
            value = value_of(attribute, told) if attribute else None
            if attribute and value:
                row.append(_row(attribute, value))
            elif attribute:  # left for a person: the attribute has no such value
                row.append({"id": attribute.remote_id, "value_name": told})
            else:
                row.append({"name": name, "value_name": told})
    return rows


def _columns(variants: Sequence[Variant]) -> list[list[str]]:
    """The parts of the names side by side, or the whole names where they differ in
    how many parts they have; what has no name is told by its SKU."""
    if len(variants) == 1 and not variants[0].name:
        return []
    names = [variant.name or variant.sku for variant in variants]
    parts = [[part.strip() for part in name.split(" / ")] for name in names]
    if len({len(each) for each in parts}) > 1 or len(parts[0]) > 3:
        return [names]
    return [list(column) for column in zip(*parts, strict=True)]


def _best(free: list[RemoteAttribute], column: list[str]) -> RemoteAttribute | None:
    def known(attribute: RemoteAttribute) -> int:
        names = {value.name.strip().casefold() for value in attribute.values}
        return sum(told.casefold() in names for told in column)

    if not free:
        return None
    # Of equals the required one, then the first the category names.
    best = max(free, key=lambda each: (known(each), each.is_required))
    return best if known(best) or best.is_required else None


def _row(attribute: RemoteAttribute, value: Mapping[str, str]) -> dict[str, Any]:
    row = {"id": attribute.remote_id, "name": attribute.name}
    if value.get("id"):
        row["value_id"] = value["id"]
    if value.get("name"):
        row["value_name"] = value["name"]
    return row
