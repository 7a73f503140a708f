"""What a category asks of its products, in the shape the platform sends it."""

from collections.abc import Iterable

from apps.simulator.tiktok.envelope import Json
from apps.simulator.world.media import Media
from apps.simulator.world.taxonomy_attributes import Attribute, Condition
from apps.simulator.world.taxonomy_rules import Certification, Rules
from apps.simulator.world.words import translated


def render_attribute(attribute: Attribute, spoken: str) -> Json:
    """Without the keys that have nothing to say. `is_requried` is the platform's."""
    row: Json = {
        "id": attribute.id,
        "name": translated(attribute.name, spoken),
        "type": attribute.type,
        "is_requried": attribute.is_required,
        "is_customizable": attribute.is_customizable,
        "is_multiple_selection": attribute.is_multiple_selection,
    }
    if attribute.values:
        row["values"] = [
            {"id": value.id, "name": translated(value.name, spoken)}
            for value in attribute.values
        ]
    if attribute.value_data_format:
        row["value_data_format"] = attribute.value_data_format
    if attribute.conditions:
        row["requirement_conditions"] = _conditions(attribute.conditions)
    return row


def render_rules(rules: Rules, media: Media) -> Json:
    return {
        "product_certifications": [
            _certification(one, media) for one in rules.certifications
        ],
        "size_chart": {
            "is_supported": rules.supports_size_chart,
            "is_required": rules.needs_size_chart,
        },
        "cod": {"is_supported": rules.supports_cod},
        "package_dimension": {"is_required": rules.needs_package_dimensions},
        "epr": {"is_required": rules.needs_epr},
        "responsible_person": {"is_required": rules.needs_responsible_person},
        "manufacturer": {"is_required": rules.needs_manufacturer},
        "allowed_special_product_types": list(rules.special_types),
        "fees": [
            {"type": type_, "is_required": is_required}
            for type_, is_required in rules.fees
        ],
        "seller_sku": {"is_required": rules.needs_seller_sku},
    }


def _certification(one: Certification, media: Media) -> Json:
    row: Json = {
        "id": one.id,
        "name": one.name,
        "is_required": one.is_required,
        "document_details": one.details,
        "sample_image_url": media.url(f"tos-seed/certification/{one.id}"),
        "expiration_date": {"is_required": one.needs_expiration_date},
    }
    if one.conditions:
        row["requirement_conditions"] = _conditions(one.conditions)
    return row


def _conditions(conditions: Iterable[Condition]) -> list[Json]:
    return [
        {
            "condition_type": "VALUE_ID_MATCH",
            "attribute_id": one.attribute_id,
            "attribute_value_id": one.value_id,
        }
        for one in conditions
    ]
