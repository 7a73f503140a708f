"""Product attributes: what the category asks of the product as a whole."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from apps.integrations.contracts import RemoteAttribute
from apps.integrations.tiktok.reading import sequence
from apps.products.services.publishing.numbers import number_in
from apps.products.services.publishing.problems import Problem
from apps.products.services.publishing.rules.texts import forbidden_in
from apps.products.services.taxonomy_facts import Facts

Json = Mapping[str, Any]
_NUMBER = "POSITIVE_INT_OR_DECIMAL"


def check_attributes(content: Json, facts: Facts | None) -> Iterator[Problem]:
    given = values_in(content)
    yield from _twice(content)
    if facts is None:
        return
    known = {each.remote_id: each for each in facts.product_attributes}
    for missing in missing_from(given, facts):
        yield Problem(
            f"product_attributes[{missing.name}]",
            f"This category needs the attribute {missing.name}.",
        )
    for attribute_id, values in given.items():
        if attribute := known.get(attribute_id):
            yield from _values(attribute, values)
        else:
            yield Problem(
                f"product_attributes[{attribute_id}]",
                f"This category has no attribute {attribute_id}. Take it out.",
            )


def values_in(content: Json) -> dict[str, list[Json]]:
    """{attribute id: its values} of those that have any."""
    found: dict[str, list[Json]] = {}
    for row in sequence(content, "product_attributes"):
        if not isinstance(row, Mapping):
            continue
        values = [
            value
            for value in sequence(row, "values")
            if isinstance(value, Mapping) and (value.get("id") or value.get("name"))
        ]
        if values:
            found[str(row.get("id") or "")] = values
    return found


def missing_from(
    given: Mapping[str, Iterable[Json]], facts: Facts
) -> list[RemoteAttribute]:
    """Product attributes that are required, also by the value of another, and have no
    value."""
    chosen = chosen_in(given, facts)
    return [
        attribute
        for attribute in facts.product_attributes
        if attribute.remote_id not in given
        and (attribute.is_required or not chosen.isdisjoint(attribute.conditions))
    ]


def chosen_in(
    given: Mapping[str, Iterable[Json]], facts: Facts
) -> set[tuple[str, str]]:
    """(attribute id, value id) of all values; one told by its name counts as well."""
    ids = {
        (attribute.remote_id, value.name.casefold()): value.remote_id
        for attribute in facts.attributes
        for value in attribute.values
    }
    chosen = set()
    for attribute_id, values in given.items():
        for value in values:
            name = str(value.get("name") or "").casefold()
            value_id = str(value.get("id") or "") or ids.get((attribute_id, name), "")
            chosen.add((attribute_id, value_id))
    return chosen


def _twice(content: Json) -> Iterator[Problem]:
    rows = sequence(content, "product_attributes")
    ids = [str(row.get("id") or "") for row in rows if isinstance(row, Mapping)]
    if len(set(ids)) < len(ids):
        yield Problem("product_attributes", "An attribute is named twice.")


def _values(attribute: RemoteAttribute, values: list[Json]) -> Iterator[Problem]:
    field = f"product_attributes[{attribute.name}]"
    if len(values) > 1 and not attribute.is_multiple:
        yield Problem(field, f"{attribute.name} takes one value, not {len(values)}.")
    known = {value.remote_id for value in attribute.values}
    names = {value.name.casefold() for value in attribute.values}
    for value in values:
        value_id, name = str(value.get("id") or ""), str(value.get("name") or "")
        is_known = value_id in known if value_id else name.casefold() in names
        if value_id and not is_known:
            yield Problem(
                field, f"{attribute.name} has no value {name or value_id}. Choose one."
            )
        elif not is_known and not attribute.is_customizable:
            yield Problem(field, f"{attribute.name} has no value “{name}”. Choose one.")
        elif found := forbidden_in(name):
            yield Problem(field, f"“{name}” contains {found}. Take it out.")
        elif not value_id and attribute.value_format == _NUMBER:
            number = number_in(name)
            if number is None or number <= 0:
                yield Problem(
                    field, f"{attribute.name} must be a number above 0, not “{name}”."
                )
