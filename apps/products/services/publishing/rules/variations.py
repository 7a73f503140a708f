"""Sales attributes: what sets the SKUs of a listing apart."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps.integrations.contracts import RemoteAttribute
from apps.integrations.tiktok.reading import sequence
from apps.products.services.publishing import limits
from apps.products.services.publishing.problems import Problem
from apps.products.services.publishing.rules.skus import place_of, skus_of
from apps.products.services.publishing.rules.texts import forbidden_in
from apps.products.services.taxonomy_facts import Facts

Json = Mapping[str, Any]


def check_variations(content: Json, facts: Facts | None) -> Iterator[Problem]:
    skus = skus_of(content)
    if not skus:
        return
    rows = [_rows(sku) for sku in skus]
    yield from _consistent(rows)
    yield from _told_apart(rows)
    yield from _with_pictures(rows)
    known = {each.remote_id: each for each in facts.sales_attributes} if facts else {}
    for position, (sku, attributes) in enumerate(zip(skus, rows, strict=True)):
        field = place_of(sku, position, "sales_attributes")
        for row in attributes:
            yield from _value(row, known.get(str(row.get("id") or "")), field)
    yield from _required(rows[0], known.values())


def _rows(sku: Json) -> list[Json]:
    rows = sequence(sku, "sales_attributes")
    return [row for row in rows if isinstance(row, Mapping)]


def _key(row: Json) -> str:
    return str(row.get("id") or row.get("name") or "").strip().casefold()


def _choice(row: Json) -> str:
    name = row.get("value_name") or row.get("value_id") or ""
    return str(name).strip().casefold()


def _consistent(rows: Sequence[list[Json]]) -> Iterator[Problem]:
    field = "skus.sales_attributes"
    keys = [[_key(row) for row in attributes] for attributes in rows]
    if any(set(each) != set(keys[0]) for each in keys):
        yield Problem(field, "All SKUs must vary by the same attributes.")
    if len(rows) > 1 and not all(keys):
        yield Problem(field, "Say what sets the SKUs apart, such as size or colour.")
    if any(len(each) > limits.MOST_SALES_ATTRIBUTES for each in keys):
        yield Problem(
            field, f"SKUs vary by at most {limits.MOST_SALES_ATTRIBUTES} attributes."
        )
    if any(len(set(each)) < len(each) for each in keys):
        yield Problem(field, "A SKU names the same attribute twice.")


def _told_apart(rows: Sequence[list[Json]]) -> Iterator[Problem]:
    seen: set[frozenset[tuple[str, str]]] = set()
    for attributes in rows:
        combination = frozenset((_key(row), _choice(row)) for row in attributes)
        if combination and combination in seen:
            values = " / ".join(
                str(row.get("value_name") or row.get("value_id")) for row in attributes
            )
            yield Problem("skus.sales_attributes", f"Two SKUs are “{values}”.")
        seen.add(combination)


def _with_pictures(rows: Sequence[list[Json]]) -> Iterator[Problem]:
    field = "skus.sales_attributes"
    pictured = {
        _key(row) for attributes in rows for row in attributes if row.get("sku_img")
    }
    if len(pictured) > 1:
        yield Problem(field, "Only one attribute may have pictures of its values.")
    elif pictured and any(
        _key(row) in pictured and not row.get("sku_img")
        for attributes in rows
        for row in attributes
    ):
        yield Problem(field, "Where one value has a picture, all need one.")
    for attributes in rows:
        for row in attributes:
            more = sequence(row, "supplementary_sku_images")
            if more and not row.get("sku_img"):
                yield Problem(field, "Further pictures of a value need a first one.")
            if len(more) > limits.MOST_SUPPLEMENTARY_IMAGES:
                yield Problem(
                    field,
                    f"A value has at most {limits.MOST_SUPPLEMENTARY_IMAGES} "
                    "further pictures.",
                )


def _value(
    row: Json, attribute: RemoteAttribute | None, field: str
) -> Iterator[Problem]:
    name = str(row.get("name") or "")
    called = name or (attribute.name if attribute else str(row.get("id") or ""))
    if not called:
        yield Problem(field, "A variation has no name.")
    if len(name) > limits.LONGEST_ATTRIBUTE_NAME:
        yield Problem(
            field,
            f"“{name}” has {len(name)} characters; "
            f"{limits.LONGEST_ATTRIBUTE_NAME} are allowed.",
        )
    told, value_id = str(row.get("value_name") or ""), str(row.get("value_id") or "")
    if not told and not value_id:
        yield Problem(field, f"Say which {called or 'value'} it is.")
    for words in (name, told):
        if found := forbidden_in(words):
            yield Problem(field, f"“{words}” contains {found}. Take it out.")
    if attribute is None or attribute.is_customizable:
        return
    known = {value.remote_id for value in attribute.values}
    names = {value.name.casefold() for value in attribute.values}
    if value_id not in known if value_id else told.casefold() not in names:
        yield Problem(field, f"{called} has no value “{told or value_id}”. Choose one.")


def _required(rows: Sequence[Json], known: Any) -> Iterator[Problem]:
    present = {_key(row) for row in rows} | {
        str(row.get("name") or "").strip().casefold() for row in rows
    }
    for attribute in known:
        if attribute.is_required and not {
            attribute.remote_id,
            attribute.name.casefold(),
        } & (present - {""}):
            yield Problem(
                "skus.sales_attributes",
                f"This category needs the {attribute.name} of each SKU.",
            )
