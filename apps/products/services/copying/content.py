"""Title, pictures, attributes and parcel of a listing, as another region takes them."""

import re
from collections.abc import Mapping
from typing import Any

from apps.integrations.contracts import RemoteAttribute
from apps.integrations.tiktok.reading import identifier, sequence, text
from apps.platforms.models import Shop
from apps.products.services.publishing import limits
from apps.products.services.publishing.attributes import value_of
from apps.products.services.publishing.notes import Notes
from apps.products.services.publishing.numbers import number_in, size_in, weight_in
from apps.products.services.taxonomy import plain
from apps.products.services.taxonomy_facts import Facts

Json = Mapping[str, Any]


def copied_title(raw: Json, target: Shop, notes: Notes) -> dict[str, Any]:
    """The whole title: one that does not fit is not cut, but a shorter one proposed."""
    title = text(raw, "title")
    fewest, most = limits.title_lengths(target.region)
    if len(title) > most:
        notes.left(
            "title",
            f"The title has {len(title)} characters, {most} are allowed here. "
            f"Perhaps: “{shortened(title, most)}”",
        )
    elif len(title) < fewest:
        notes.left(
            "title",
            f"The title has {len(title)} characters, {fewest} are needed here. Say "
            "more: material, size, what it is for.",
        )
    return {"title": title}


def shortened(title: str, most: int) -> str:
    """As many whole parts, else words, as fit."""
    if len(title) <= most:
        return title
    cut = title[: most + 1]
    parts = [match.start() for match in re.finditer(r"\s*[,;|·–-]\s", cut)]  # noqa: RUF001
    if parts and parts[-1] >= most // 2:
        return cut[: parts[-1]].rstrip()
    words = cut.rpartition(" ")[0].rstrip(" ,;|·–-")  # noqa: RUF001
    return words or title[:most]


def copied_pictures(value: Any, notes: Notes) -> list[dict[str, str]]:
    """The same pictures by address: another app, or shop, does not have them."""
    pictures = value if isinstance(value, list) else []
    found = [
        {"from_url": address}
        for picture in pictures[: limits.MOST_IMAGES]
        if (address := address_of(picture))
    ]
    if len(found) < len(pictures):
        notes.left("main_images", "Not all pictures could be copied. Compare them.")
    return found


def address_of(picture: Any) -> str:
    """Where a picture is served from; empty where that is not said."""
    urls = picture.get("urls") if isinstance(picture, Mapping) else None
    return str(urls[0]) if isinstance(urls, list) and urls else ""


def copied_attributes(
    raw: Json, facts: Facts | None, notes: Notes
) -> list[dict[str, Any]]:
    """Product attributes told in the other category's: by id, else by name. Those
    without a counterpart, or without a value there, are noted."""
    rows = sequence(raw, "product_attributes")
    told = [row for row in rows if isinstance(row, Mapping)]
    known = facts.product_attributes if facts else ()
    copied = []
    for row in told:
        name = text(row, "name") or identifier(row, "id")
        field = f"product_attributes[{name}]"
        attribute = counterpart(row, known)
        if attribute is None:
            notes.adapted(field, f"The category has no {name} here; it is left out.")
            continue
        values = [
            value for value in sequence(row, "values") if isinstance(value, Mapping)
        ]
        found = [_value(attribute, value) for value in values]
        if lost := [
            text(value, "name")
            for value, match in zip(values, found, strict=True)
            if match is None
        ]:
            notes.left(field, f"{attribute.name} has no {', '.join(lost)} here.")
        if kept := [match for match in found if match]:
            if not attribute.is_multiple:
                kept = kept[:1]
            copied.append({"id": attribute.remote_id, "values": kept})
    _note_missing(copied, known, notes)
    return copied


def counterpart(
    row: Json, known: "tuple[RemoteAttribute, ...]"
) -> RemoteAttribute | None:
    """The attribute of the other category with the same id, else the same name."""
    by_id = {each.remote_id: each for each in known}
    if found := by_id.get(identifier(row, "id")):
        return found
    wanted = plain(text(row, "name"))
    alike = [each for each in known if wanted and plain(each.name) == wanted]
    return alike[0] if len(alike) == 1 else None


def copied_parcel(raw: Json, target: Shop, notes: Notes) -> dict[str, Any]:
    """Weight and size in the units the region takes."""
    parcel: dict[str, Any] = {}
    unit = limits.weight_units(target.region)[0]
    if weight := _weight(raw.get("package_weight"), unit, "package_weight", notes):
        parcel["package_weight"] = weight
    size_unit = limits.SIZE_UNIT_OF[unit]
    dimensions = raw.get("package_dimensions")
    if isinstance(dimensions, Mapping) and dimensions:
        factor = limits.CENTIMETERS_OF.get(str(dimensions.get("unit")))
        sides = {
            side: number_in(dimensions.get(side))
            for side in ("length", "width", "height")
        }
        if factor is not None and all(sides.values()):
            parcel["package_dimensions"] = {
                side: size_in(value * factor, size_unit)
                for side, value in sides.items()
                if value is not None
            } | {"unit": size_unit}
            _note_units(dimensions, size_unit, "package_dimensions", notes)
    return parcel


def _weight(weight: Any, unit: str, field: str, notes: Notes) -> dict[str, str] | None:
    if not isinstance(weight, Mapping):
        return None
    value = number_in(weight.get("value"))
    grams = limits.GRAMS_OF.get(str(weight.get("unit")))
    if value is None or grams is None or value <= 0:
        return None
    _note_units(weight, unit, field, notes)
    return {"value": weight_in(value * grams, unit), "unit": unit}


def _note_units(told: Json, unit: str, field: str, notes: Notes) -> None:
    if told.get("unit") != unit:
        notes.adapted(
            field, f"Told in {unit.lower()}s instead of {str(told['unit']).lower()}s."
        )


def _value(attribute: RemoteAttribute, value: Json) -> dict[str, str] | None:
    """By id, else by name; another region's words are another's."""
    by_id = {each.remote_id: each for each in attribute.values}
    if found := by_id.get(identifier(value, "id")):
        return {"id": found.remote_id, "name": found.name}
    return value_of(attribute, text(value, "name"))


def _note_missing(
    copied: list[dict[str, Any]], known: "tuple[RemoteAttribute, ...]", notes: Notes
) -> None:
    given = {row["id"] for row in copied}
    for attribute in known:
        if attribute.is_required and attribute.remote_id not in given:
            notes.left(
                f"product_attributes[{attribute.name}]",
                f"This category needs the attribute {attribute.name}.",
            )
