"""What a product must be like; the same rules for create, edit and the dry run.

A draft may have gaps, but nothing in it may be wrong.
"""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from apps.simulator.tiktok.products import sku_validation, trait_validation
from apps.simulator.tiktok.products.codes import Problem
from apps.simulator.tiktok.products.draft import Draft
from apps.simulator.tiktok.products.shapes import PRODUCT, mismatch
from apps.simulator.tiktok.products.text_rules import breach, has_chinese, html_breach
from apps.simulator.world import taxonomy
from apps.simulator.world.taxonomy import (
    INVITE_ONLY,
    NON_MAIN_CATEGORY,
    PROHIBITED,
)

MOST_IMAGES, MOST_DESCRIPTION, MOST_IN_DESCRIPTION = 9, 10_000, 30
_FROM_ONE = ("DE", "ES", "FR", "IE", "IT", "JP", "GB", "US")
_LONG_TITLES = ("BR", "MX")
_CHOICES = {
    "save_mode": ("AS_DRAFT", "LISTING"),
    "category_version": ("v1", "v2"),
    "shipping_insurance_requirement": ("REQUIRED", "OPTIONAL", "NOT_SUPPORTED"),
    "selling_format": ("FIXED_PRICE", "FIXED_PRICE_AND_LIVE_AUCTION"),
}
_IMG = re.compile(r"<img\b([^>]*)>", re.IGNORECASE)
_WHOLE = re.compile(r"[1-9]\d{0,5}")
_PLACES = {"GRAM": 0, "KILOGRAM": 3, "POUND": 2}
_SYSTEM = {"CENTIMETER": ("KILOGRAM", "GRAM"), "INCH": ("POUND",)}


def problems(draft: Draft) -> Iterator[Problem]:
    """All that is wrong, the worst first: what has no sense ends the list."""
    if text := mismatch(draft.body, PRODUCT):
        yield Problem(12052910, text)
        return
    for problem in _all(draft):
        if not (draft.is_draft and problem.is_gap):
            yield problem


def _all(draft: Draft) -> Iterator[Problem]:
    yield from _choices(draft)
    yield from _title(draft)
    yield from _description(draft)
    yield from _category(draft)
    yield from _main_images(draft)
    yield from _package(draft)
    yield from _numbers(draft)
    yield from sku_validation.problems(draft)
    yield from trait_validation.problems(draft)


def _choices(draft: Draft) -> Iterator[Problem]:
    for name, choices in _CHOICES.items():
        if draft.body.get(name) and draft.body[name] not in choices:
            yield Problem(12052910, f"'{name}' must be one of {', '.join(choices)}.")
    if len(draft.body.get("idempotency_key") or "") > 128:
        yield Problem(12052910, "'idempotency_key' is longer than 128 characters.")
    if len(draft.body.get("external_product_id") or "") > 999:
        yield Problem(12052910, "'external_product_id' is longer than 999 characters.")


def title_limits(region: str) -> tuple[int, int]:
    if region in _LONG_TITLES:
        return 1, 300
    return (1 if region in _FROM_ONE else 25), 255


def _title(draft: Draft) -> Iterator[Problem]:
    title = (draft.body.get("title") or "").strip()
    shortest, longest = title_limits(draft.region)
    if not title:
        yield Problem(12052261, is_gap=False)
    elif len(title) > longest:
        yield Problem(12052051, f"At most {longest} are allowed.")
    elif len(title) < shortest:
        yield Problem(12052910, f"'title' has less than {shortest} characters.")
    elif has_chinese(title):
        yield Problem(12052262)
    elif text := breach(title):
        yield Problem(12052931, text)


def _description(draft: Draft) -> Iterator[Problem]:
    html = draft.body.get("description") or ""
    if not html.strip():
        yield Problem(12052015, is_gap=True)
        return
    if len(html) > MOST_DESCRIPTION:
        yield Problem(12052013)
    if text := html_breach(html):
        yield Problem(12052932, text)
    images = _IMG.findall(html)
    if len(images) > MOST_IN_DESCRIPTION:
        yield Problem(12052056)
    for attributes in images:
        yield from _image_in_text(draft, attributes)


def _image_in_text(draft: Draft, attributes: str) -> Iterator[Problem]:
    found = re.findall(r"""\b(src|width|height)\s*=\s*["']?([^"'\s>]+)""", attributes)
    given = dict(found)
    if {"src", "width", "height"} - set(given):
        yield Problem(12052348)
        return
    _, _, uri = given["src"].partition("/images/")
    if not draft.knows_picture(uri):
        yield Problem(12052340, given["src"])


def _category(draft: Draft) -> Iterator[Problem]:
    category_id = draft.body.get("category_id") or ""
    region = draft.call.shop.region
    if (draft.body.get("category_version") or "v1") != taxonomy.version(region):
        yield Problem(12052217, f"This shop needs '{taxonomy.version(region)}'.")
        return
    if not (category_id.isascii() and category_id.isdigit()):
        yield Problem(12052002, is_gap=not category_id)
        return
    category = draft.category
    if category is None:
        yield Problem(12052023)
    elif not category.is_leaf:
        yield Problem(12052024)
    elif category.permission == PROHIBITED:
        yield Problem(12052220)
    elif category.permission == NON_MAIN_CATEGORY:
        yield Problem(12052225)
    elif category.permission == INVITE_ONLY and draft.region != "US":
        yield Problem(12052223)
    elif draft.body.get("is_cod_allowed") and not category.rules.supports_cod:
        yield Problem(12052222)


def _main_images(draft: Draft) -> Iterator[Problem]:
    images = draft.body.get("main_images") or []
    if not images:
        yield Problem(12052028, is_gap=True)
    if len(images) > MOST_IMAGES:
        yield Problem(12052306)
    for image in images:
        if not draft.knows_picture(image["uri"]):
            yield Problem(12052300, f"URI: {image['uri']}")


def _package(draft: Draft) -> Iterator[Problem]:
    weight = draft.body.get("package_weight") or {}
    sides = draft.body.get("package_dimensions") or {}
    if weight:
        yield from _weight(draft, weight)
    else:
        yield Problem(12019011, "It is required.", is_gap=True)
    if sides:
        yield from _sides(draft, sides)
    elif draft.category and draft.category.rules.needs_package_dimensions:
        yield Problem(12019012, "This category requires them.", is_gap=True)
    if weight and sides and weight["unit"] not in _SYSTEM.get(sides["unit"], ()):
        yield Problem(12052915)


def _weight(draft: Draft, weight: dict[str, str]) -> Iterator[Problem]:
    allowed = ("KILOGRAM", "POUND") if draft.region == "US" else ("KILOGRAM",)
    unit = weight["unit"]
    if unit == "POUND" and unit not in allowed:
        yield Problem(12019061)
        return
    if unit not in allowed:
        yield Problem(12019011, f"The unit must be one of {', '.join(allowed)}.")
        return
    try:
        value = Decimal(weight["value"])
    except InvalidOperation:
        value = Decimal("NaN")
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or -exponent > _PLACES[unit] or value < 0:
        yield Problem(12052006)
    elif value == 0:
        yield Problem(12052181)


def _sides(draft: Draft, sides: dict[str, str]) -> Iterator[Problem]:
    if sides["unit"] == "INCH" and draft.region != "US":
        yield Problem(12019061)
    elif sides["unit"] not in _SYSTEM:
        yield Problem(12019012, "The unit must be CENTIMETER or INCH.")
    for name, code in (("height", 12052003), ("width", 12052004), ("length", 12052005)):
        if not _WHOLE.fullmatch(sides[name]):
            yield Problem(code, "It must be a positive whole number.")


def _numbers(draft: Draft) -> Iterator[Problem]:
    quantity = draft.body.get("minimum_order_quantity")
    if quantity is None:
        return
    if draft.region in (*_FROM_ONE, *_LONG_TITLES):
        yield Problem(12052707)
    elif not 1 <= quantity <= 20:
        yield Problem(12052706, "It must be between 1 and 20.")
