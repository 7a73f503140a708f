"""What a category asks, between the platform's words, our rows and the rules."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from apps.integrations.contracts import (
    AttributeValue,
    CategoryRules,
    RemoteAttribute,
    RemoteCertification,
)
from apps.products.models import CategoryFacts


@dataclass(frozen=True, slots=True)
class Facts:
    """What a category asks of a product.

    `path` is empty where the shop's tree does not have the category; `permission` is
    the platform's word, empty if it gave none.
    """

    category_id: str
    attributes: tuple[RemoteAttribute, ...] = ()
    rules: CategoryRules = field(default_factory=CategoryRules)
    path: str = ""
    is_leaf: bool = True
    permission: str = ""

    @property
    def product_attributes(self) -> tuple[RemoteAttribute, ...]:
        return tuple(each for each in self.attributes if not each.is_sales)

    @property
    def sales_attributes(self) -> tuple[RemoteAttribute, ...]:
        return tuple(each for each in self.attributes if each.is_sales)


def as_json(
    attributes: "list[RemoteAttribute]", rules: CategoryRules
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """For the columns of CategoryFacts."""
    return [asdict(each) for each in attributes], asdict(rules)


def attributes_of(row: CategoryFacts) -> tuple[RemoteAttribute, ...]:
    return tuple(
        RemoteAttribute(
            **_known(RemoteAttribute, each)
            | {
                "values": tuple(
                    AttributeValue(**_known(AttributeValue, value))
                    for value in each.get("values", ())
                ),
                "conditions": _conditions(each),
            }
        )
        for each in row.attributes
    )


def rules_of(row: CategoryFacts) -> CategoryRules:
    listed = {
        name: tuple(row.rules.get(name, ()))
        for name in ("special_types", "required_fees")
    }
    certifications = tuple(
        RemoteCertification(
            **_known(RemoteCertification, each) | {"conditions": _conditions(each)}
        )
        for each in row.rules.get("certifications", ())
    )
    return CategoryRules(
        **_known(CategoryRules, row.rules) | listed | {"certifications": certifications}
    )


def _known(contract: type, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Without what an earlier version of the contract had, too."""
    names = {each.name for each in fields(contract)}
    return {name: value for name, value in stored.items() if name in names}


def _conditions(stored: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((pair[0], pair[1]) for pair in stored.get("conditions", ()))
