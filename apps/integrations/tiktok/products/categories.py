"""TikTok Shop's categories, what they ask for, and brands, to our contracts.

Source: Partner Center, "Get Categories", "Get Attributes", "Get Category Rules" and
"Get Brands" (202309). Two keys are misspelled by the platform: `is_requried` and
`UNAUTHORIEZD`.
"""

from collections.abc import Iterator, Mapping

from apps.integrations.contracts import (
    AttributeValue,
    BrandPage,
    CategoryRules,
    RemoteAttribute,
    RemoteBrand,
    RemoteCategory,
    RemoteCertification,
)
from apps.integrations.tiktok.reading import (
    JsonObject,
    enum_key,
    flag,
    identifier,
    mapping,
    sequence,
    text,
    whole_number,
)

_AUTHORIZED = {"AUTHORIZED": True, "UNAUTHORIZED": False, "UNAUTHORIEZD": False}
_AVAILABLE = "AVAILABLE"


def categories_from_json(data: JsonObject) -> list[RemoteCategory]:
    """The tree, flat; a root's parent is an empty text."""
    return [
        RemoteCategory(
            remote_id=identifier(row, "id"),
            parent_id="" if (parent := identifier(row, "parent_id")) == "0" else parent,
            name=text(row, "local_name"),
            is_leaf=flag(row, "is_leaf") or False,
            permission=_permission(row),
        )
        for row in _with_id(data, "categories")
    ]


def attributes_from_json(data: JsonObject) -> list[RemoteAttribute]:
    """What a leaf category asks for, the required first, else in the given order."""
    attributes = [
        RemoteAttribute(
            remote_id=identifier(row, "id"),
            name=text(row, "name"),
            is_sales=enum_key(text(row, "type")) == "SALES_PROPERTY",
            is_required=any(flag(row, key) for key in ("is_requried", "is_required")),
            is_multiple=flag(row, "is_multiple_selection") or False,
            is_customizable=flag(row, "is_customizable") or False,
            value_format=enum_key(text(row, "value_data_format")),
            values=tuple(
                AttributeValue(identifier(value, "id"), text(value, "name"))
                for value in _with_id(row, "values")
            ),
            conditions=_conditions(row),
        )
        for row in _with_id(data, "attributes")
    ]
    return sorted(attributes, key=lambda attribute: not attribute.is_required)


def rules_from_json(data: JsonObject) -> CategoryRules:
    size_chart = mapping(data, "size_chart")
    return CategoryRules(
        certifications=tuple(
            map(_certification, _with_id(data, "product_certifications"))
        ),
        size_chart_supported=flag(size_chart, "is_supported") or False,
        size_chart_required=flag(size_chart, "is_required") or False,
        cod_supported=flag(mapping(data, "cod"), "is_supported"),
        package_dimensions_required=_requires(data, "package_dimension"),
        epr_required=_requires(data, "epr"),
        responsible_person_required=_requires(data, "responsible_person"),
        manufacturer_required=_requires(data, "manufacturer"),
        seller_sku_required=_requires(data, "seller_sku"),
        special_types=tuple(
            enum_key(str(word))
            for word in sequence(data, "allowed_special_product_types")
        ),
        required_fees=tuple(
            enum_key(text(fee, "type"))
            for fee in _rows(data, "fees")
            if flag(fee, "is_required")
        ),
    )


def brand_page_from_json(data: JsonObject) -> BrandPage:
    return BrandPage(
        brands=tuple(
            RemoteBrand(
                remote_id=identifier(row, "id"),
                name=text(row, "name"),
                is_authorized=_AUTHORIZED.get(enum_key(text(row, "authorized_status"))),
                is_available=enum_key(text(row, "brand_status")) != "UNAVAILABLE",
            )
            for row in _with_id(data, "brands")
        ),
        next_page_token=text(data, "next_page_token"),
        total_count=whole_number(data, "total_count"),
    )


def recommended_leaf(data: JsonObject) -> str:
    """The id of the leaf that is recommended, empty for none."""
    leaves = (row for row in _with_id(data, "categories") if flag(row, "is_leaf"))
    return identifier(data, "leaf_category_id") or next(
        (identifier(row, "id") for row in leaves), ""
    )


def _permission(row: JsonObject) -> str:
    """What stands in the way of using it; AVAILABLE if nothing does."""
    words = [enum_key(str(word)) for word in sequence(row, "permission_statuses")]
    hindrances = [word for word in words if word != _AVAILABLE]
    return ", ".join(hindrances) or (_AVAILABLE if words else "")


def _certification(row: JsonObject) -> RemoteCertification:
    return RemoteCertification(
        remote_id=identifier(row, "id"),
        name=text(row, "name"),
        is_required=flag(row, "is_required") or False,
        details=text(row, "document_details"),
        needs_expiry=_requires(row, "expiration_date"),
        conditions=_conditions(row),
    )


def _conditions(row: JsonObject) -> tuple[tuple[str, str], ...]:
    return tuple(
        (identifier(condition, "attribute_id"), value_id)
        for condition in _rows(row, "requirement_conditions")
        if (value_id := identifier(condition, "attribute_value_id"))
    )


def _requires(row: JsonObject, name: str) -> bool:
    return flag(mapping(row, name), "is_required") or False


def _rows(row: JsonObject, name: str) -> Iterator[JsonObject]:
    return (each for each in sequence(row, name) if isinstance(each, Mapping))


def _with_id(row: JsonObject, name: str) -> Iterator[JsonObject]:
    """The objects of a list that can be named; the others are of no use to anybody."""
    return (each for each in _rows(row, name) if identifier(each, "id"))
