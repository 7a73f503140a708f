"""Weight and size of what is sent, in the region's units."""

from collections.abc import Iterator, Mapping
from typing import Any

from apps.integrations.tiktok.reading import mapping
from apps.products.services.publishing import limits
from apps.products.services.publishing.numbers import decimals_of, number_in
from apps.products.services.publishing.problems import Problem
from apps.products.services.publishing.rules.skus import place_of, skus_of
from apps.products.services.taxonomy_facts import Facts

Json = Mapping[str, Any]
_SIDES = ("length", "width", "height")


def check_parcel(content: Json, facts: Facts | None, region: str) -> Iterator[Problem]:
    weight = mapping(content, "package_weight")
    dimensions = mapping(content, "package_dimensions")
    if not weight:
        yield Problem("package_weight", "Say what the parcel weighs.")
    else:
        yield from _weight(weight, region, "package_weight")
    if dimensions:
        yield from _dimensions(dimensions, weight, "package_dimensions")
    elif facts is not None and facts.rules.package_dimensions_required:
        yield Problem(
            "package_dimensions", "This category needs the parcel's dimensions."
        )
    for position, sku in enumerate(skus_of(content)):
        of_sku = mapping(sku, "sku_weight")
        if of_sku:
            yield from _weight(of_sku, region, place_of(sku, position, "sku_weight"))
        if size_of_sku := mapping(sku, "sku_dimensions"):
            field = place_of(sku, position, "sku_dimensions")
            yield from _dimensions(size_of_sku, of_sku or weight, field)


def _weight(weight: Json, region: str, field: str) -> Iterator[Problem]:
    value, unit = number_in(weight.get("value")), weight.get("unit")
    units = limits.weight_units(region)
    if value is None or value <= 0:
        yield Problem(field, "The weight must be a number above 0.")
    elif decimals_of(value) > limits.DECIMALS_OF.get(str(unit), 3):
        yield Problem(
            field,
            f"{value} has too many decimals: {limits.DECIMALS_OF[str(unit)]} are "
            f"allowed in {str(unit).lower()}s.",
        )
    if unit not in units:
        allowed = " or ".join(each.lower() for each in units)
        yield Problem(field, f"Weights in this region are in {allowed}, not in {unit}.")


def _dimensions(dimensions: Json, weight: Json, field: str) -> Iterator[Problem]:
    unit = dimensions.get("unit")
    for side in _SIDES:
        value = number_in(dimensions.get(side))
        if value is None or value <= 0 or decimals_of(value):
            yield Problem(field, f"The {side} must be a whole number above 0.")
    expected = limits.SIZE_UNIT_OF.get(str(weight.get("unit")), limits.CENTIMETER)
    if unit != expected:
        yield Problem(
            field,
            f"Weight and size need one system: {expected.lower()} here, not {unit}.",
        )
