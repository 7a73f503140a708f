"""What our own products say to a category's attributes, by the client's rules."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.integrations.contracts import RemoteAttribute
from apps.products.models import AttributeRule, Product, Variant
from apps.products.services.publishing.rules.attributes import missing_from
from apps.products.services.taxonomy_facts import Facts

Value = dict[str, str]


@dataclass(slots=True)
class Resolution:
    """{attribute id: values as they are sent}, and why others have none: (attribute
    name, reason) where a rule or a value of ours led nowhere."""

    values: dict[str, list[Value]] = field(default_factory=dict)
    unclear: list[tuple[str, str]] = field(default_factory=list)

    def as_content(self) -> list[dict[str, Any]]:
        """For a listing's `product_attributes`."""
        return [{"id": key, "values": values} for key, values in self.values.items()]

    def missing(self, facts: Facts) -> list[RemoteAttribute]:
        """Those required without a value: "3 required missing"."""
        return missing_from(self.values, facts)


def rules_for(
    client_id: int, region: str, category_id: str
) -> dict[str, AttributeRule]:
    """{attribute id: the client's rule}."""
    rules = AttributeRule.objects.filter(
        client_id=client_id, region=region, category_remote_id=category_id
    )
    return {rule.attribute_remote_id: rule for rule in rules}


def resolve(
    facts: Facts,
    rules: Mapping[str, AttributeRule],
    product: Product,
    variants: Sequence[Variant],
) -> Resolution:
    """The product attributes that follow from our data.

    Of a field in which the variants differ all values are given where the attribute
    takes several, else none.
    """
    found = Resolution()
    for attribute in facts.product_attributes:
        if (rule := rules.get(attribute.remote_id)) is None:
            continue
        values, reason = _values_by(rule, attribute, product, variants)
        if values:
            found.values[attribute.remote_id] = values
        elif reason:
            found.unclear.append((attribute.name, reason))
    return found


def value_of(attribute: RemoteAttribute, told: str) -> Value | None:
    """The attribute's own value of that name, else ours if it takes such."""
    wanted = told.strip().casefold()
    for value in attribute.values:
        if value.name.strip().casefold() == wanted:
            return {"id": value.remote_id, "name": value.name}
    return {"name": told.strip()} if attribute.is_customizable and wanted else None


def field_of(name: str, product: Product, variant: Variant | None) -> str:
    """What our field says; empty for nothing."""
    of_product = {
        AttributeRule.Field.BRAND: product.brand,
        AttributeRule.Field.NAME: product.name,
        AttributeRule.Field.CATEGORY: product.category.name if product.category else "",
    }
    if name in of_product:
        return of_product[AttributeRule.Field(name)]
    if variant is None:
        return ""
    return {
        AttributeRule.Field.VARIANT: variant.name,
        AttributeRule.Field.SKU: variant.sku,
        AttributeRule.Field.BARCODE: variant.barcode,
        AttributeRule.Field.WEIGHT: str(variant.weight_grams or ""),
    }[AttributeRule.Field(name)]


def told_by(
    rule: AttributeRule, attribute: RemoteAttribute, told: str
) -> tuple[Value | None, str]:
    """The value a rule makes of a field's text, or why it makes none."""
    label = rule.get_field_display().lower()
    if not told:
        return None, f"our {label} is empty"
    if rule.source == AttributeRule.Source.MAP:
        table = {key.strip().casefold(): entry for key, entry in rule.value_map.items()}
        entry = table.get(told.strip().casefold())
        value = _cleaned(entry) if entry else None
        return value, "" if value else f"“{told}” is not in the rule's map"
    value = value_of(attribute, told)
    return value, "" if value else f"it has no value “{told}” (our {label})"


def _values_by(
    rule: AttributeRule,
    attribute: RemoteAttribute,
    product: Product,
    variants: Sequence[Variant],
) -> tuple[list[Value], str]:
    if rule.source == AttributeRule.Source.FIXED:
        fixed = [value for each in rule.values if (value := _cleaned(each))]
        return fixed, "" if fixed else "the rule has no value"
    of_each: Sequence[Variant | None] = variants or [None]
    texts = list(
        dict.fromkeys(field_of(rule.field, product, variant) for variant in of_each)
    )
    if len(texts) > 1 and not attribute.is_multiple:
        return [], f"our {rule.get_field_display().lower()} differs by variant"
    outcomes = [told_by(rule, attribute, text) for text in texts]
    reason = next((why for value, why in outcomes if value is None), "")
    return ([], reason) if reason else (_distinct(v for v, _ in outcomes if v), "")


def _distinct(values: Iterable[Value]) -> list[Value]:
    return list({tuple(value.items()): value for value in values}.values())


def _cleaned(entry: Any) -> Value | None:
    """{id, name} without what is empty."""
    if not isinstance(entry, Mapping):
        return None
    value = {key: str(entry[key]) for key in ("id", "name") if entry.get(key)}
    return value or None
