"""A product may be shown in any odd way: an edit is refused or made, never broken."""

from contextlib import suppress
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import pytest

from apps.integrations.contracts import AttributeValue, RemoteAttribute
from apps.integrations.tiktok.products import bodies
from apps.products.services.copying.content import (
    copied_attributes,
    copied_parcel,
    copied_pictures,
    copied_title,
)
from apps.products.services.publishing.notes import Notes
from apps.products.services.publishing.numbers import number_in
from apps.products.services.publishing.picture_places import swapped
from apps.products.services.publishing.rebasing import rebased
from apps.products.services.publishing.rules import check
from apps.products.services.publishing.shown_prices import with_shown_prices
from apps.products.services.taxonomy_facts import Facts
from tests.integrations.tiktok.product_payloads import make_product, make_sku

ODD: list[Any] = [None, "x", {}, [None, "x", {}], 10**30]
FACTS = Facts(
    "1",
    attributes=(
        RemoteAttribute(
            "100",
            "Material",
            is_sales=False,
            is_required=True,
            values=(AttributeValue("1", "Rattan"),),
        ),
        RemoteAttribute("200", "Colour", is_sales=True, is_required=True),
    ),
    path="Lamps",
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Any:
    if path:
        yield path
    entries: Any = ()
    if isinstance(value, dict):
        entries = value.items()
    elif isinstance(value, list):
        entries = enumerate(value)
    for key, entry in entries:
        yield from places(entry, (*path, key))


def put(product: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    copy: Any = deepcopy(product)
    holder = copy
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return copy  # type: ignore[no-any-return]


def edited(seen: dict[str, Any], product: dict[str, Any]) -> None:
    """All that happens to a product on its way into an edit."""
    content = {"title": "x", "skus": [{"id": seen["skus"][0]["id"], "seller_sku": "y"}]}
    with suppress(bodies.UnsendableListing):
        rebased(content, seen, product)
        with_shown_prices({"skus": [{"id": "1", "price": {"amount": "1"}}]}, product)
        bodies.differences(bodies.comparable(seen), bodies.comparable(product))
        before = bodies.write_shape(product)
        body = bodies.overwrite_body(product, {"title": "x"})
        for whole in (before, body):
            check(whole, FACTS, "US", is_new=False)
        swapped(body, lambda *_: {"uri": "x"})


def copied(product: dict[str, Any]) -> None:
    """What a copy takes of it, without what asks the platform."""
    target: Any = SimpleNamespace(region="US", currency="USD", client_id=1)
    copied_title(product, target, Notes())
    copied_pictures(product.get("main_images"), Notes())
    copied_attributes(product, FACTS, Notes())
    copied_parcel(product, target, Notes())


def test_whatever_stands_anywhere_in_a_product_breaks_no_edit_and_no_copy():
    seen = make_product()
    for path in places(seen):
        for value in ODD:
            product = put(seen, path, value)
            try:
                edited(seen, product)
                copied(product)
            except Exception as error:
                raise AssertionError(f"{value!r} at {path}") from error


def test_a_sku_shown_without_its_id_is_not_replaced_by_a_new_one():
    product = make_product(skus=[make_sku(id="1"), make_sku(id=None)])

    for make in (bodies.overwrite_body, bodies.partial_body):
        with pytest.raises(bodies.UnsendableListing, match="without its ID"):
            make(product, {"skus": [{"id": "1", "seller_sku": "NEW"}]})


@pytest.mark.parametrize("told", ["1e30", "1e-40", "NaN", "-Infinity", "1e999999", ""])
def test_numbers_that_no_listing_has_are_none(told):
    assert number_in(told) is None
