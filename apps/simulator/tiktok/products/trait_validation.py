"""Attributes, papers, size chart and who answers for a product."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from apps.simulator.tiktok.products.codes import Problem
from apps.simulator.tiktok.products.draft import Draft
from apps.simulator.tiktok.products.text_rules import breach
from apps.simulator.world.listing_traits import custom_value_id, is_met
from apps.simulator.world.registry import MANUFACTURER, RESPONSIBLE_PERSON
from apps.simulator.world.size_charts import size_charts
from apps.simulator.world.taxonomy import Category
from apps.simulator.world.taxonomy_attributes import NUMBER, SALES, Attribute

Json = dict[str, Any]
_LONGEST_VALUE, _MOST_PAPERS = 2_000, 10
_PARTIES = (
    # kind, field, codes: required, unknown, twice
    (MANUFACTURER, "manufacturer_ids", (12052282, 12052284, 12052295)),
    (RESPONSIBLE_PERSON, "responsible_person_ids", (12052287, 12052289, 12052296)),
)


def problems(draft: Draft) -> Iterator[Problem]:
    category = draft.category
    if category is not None and category.is_leaf:
        yield from _traits(draft, category)
        yield from _papers(draft, category)
        yield from _size_chart(draft, category)
        yield from _parties(draft, category)
    video = (draft.body.get("video") or {}).get("id")
    if video and not _knows_file(draft, video, is_paper=False):
        yield Problem(12052360)


def _traits(draft: Draft, category: Category) -> Iterator[Problem]:
    traits = draft.body.get("product_attributes") or []
    known = {a.id: a for a in category.attributes if a.type != SALES}
    ids = [trait["id"] for trait in traits]
    if len(ids) != len(set(ids)):
        yield Problem(12052254)
    for trait in traits:
        if attribute := known.get(trait["id"]):
            yield from _values(draft, attribute, trait["values"])
        else:
            yield Problem(12052527, f"Attribute: {trait['id']}")
    chosen = [trait for trait in traits if trait["values"]]
    filled = {trait["id"] for trait in chosen}
    for attribute in known.values():
        is_asked_for = attribute.is_required or is_met(attribute.conditions, chosen)
        if is_asked_for and attribute.id not in filled:
            detail = f"Attribute: {attribute.name} ({attribute.id})"
            yield Problem(12052104, detail, is_gap=True)


def _values(
    draft: Draft, attribute: Attribute, values: list[Json]
) -> Iterator[Problem]:
    detail = f"Attribute: {attribute.name} ({attribute.id})"
    if len(values) > 1 and not attribute.is_multiple_selection:
        yield Problem(12052246, detail)
    said = [value.get("id") or value.get("name") for value in values]
    if len(said) != len(set(said)):
        yield Problem(12052251, detail)
    ids = {value.id for value in attribute.values}
    names = {name for value in attribute.values for name in draft.names(value.name)}
    for value in values:
        text, value_id = value.get("name") or "", value.get("id") or ""
        if value_id in ids or (not value_id and text in names):
            continue
        if not text and not value_id:
            yield Problem(12052248, detail)
        elif not attribute.is_customizable:
            yield Problem(12052529 if value_id else 12052247, detail)
        elif value_id and value_id != custom_value_id("", attribute.id, text):
            yield Problem(12052529, detail)
        else:
            yield from _custom_value(attribute, text, detail)


def _custom_value(attribute: Attribute, text: str, detail: str) -> Iterator[Problem]:
    if len(text) > _LONGEST_VALUE:
        yield Problem(12052249, detail)
    elif attribute.value_data_format == NUMBER:
        if not _is_positive(text):
            yield Problem(12052256, detail)
    elif reason := breach(text):
        yield Problem(12052935, reason)


def _is_positive(text: str) -> bool:
    try:
        return Decimal(text).is_finite() and Decimal(text) > 0
    except InvalidOperation:
        return False


def _papers(draft: Draft, category: Category) -> Iterator[Problem]:
    papers = draft.body.get("certifications") or []
    ids = [paper["id"] for paper in papers]
    if len(ids) != len(set(ids)):
        yield Problem(12052656)
    if len(ids) > _MOST_PAPERS:
        yield Problem(12052910, f"At most {_MOST_PAPERS} certifications are allowed.")
    known = {one.id: one for one in category.rules.certifications}
    for paper in papers:
        rule = known.get(paper["id"])
        if rule is None:
            yield Problem(12052655, f"Certification: {paper['id']}")
            continue
        if not paper.get("images") and not paper.get("files"):
            yield Problem(12052657, is_gap=True)
        for image in paper.get("images") or ():
            if not draft.knows_picture(image["uri"]):
                yield Problem(12052650, f"URI: {image['uri']}")
        for file in paper.get("files") or ():
            if not _knows_file(draft, file["id"], is_paper=True):
                yield Problem(12052658, f"File: {file['id']}")
        now = draft.call.simulator.clock.seconds()
        ends = paper.get("expiration_date")
        if (rule.needs_expiration_date and not ends) or (ends and ends <= now):
            yield Problem(12052385, rule.name)
    traits = draft.body.get("product_attributes") or []
    for rule in known.values():
        is_asked_for = rule.is_required or is_met(rule.conditions, traits)
        if is_asked_for and rule.id not in ids:
            yield Problem(12052105, f"{rule.name} ({rule.id})", is_gap=True)


def _knows_file(draft: Draft, file_id: str, *, is_paper: bool) -> bool:
    """Uploaded by this app and of that kind, or on the product already."""
    file = draft.call.simulator.media.files.get(file_id)
    if file is not None and file.app_key == draft.call.app.app_key:
        return (file.format == "PDF") == is_paper
    if draft.listing is None:
        return False
    versions = (draft.listing.content, draft.listing.newest)
    return any(
        file_id == version.get("video", {}).get("id")
        or any(
            file_id == one["id"]
            for paper in version.get("certifications", ())
            for one in paper.get("files", ())
        )
        for version in versions
    )


def _size_chart(draft: Draft, category: Category) -> Iterator[Problem]:
    chart = draft.body.get("size_chart") or {}
    if not category.rules.supports_size_chart:
        return
    template, image = chart.get("template"), chart.get("image")
    if not template and not image:
        if category.rules.needs_size_chart:
            yield Problem(12052673, is_gap=True)
    elif template:
        if template["id"] not in {one.id for one in size_charts(draft.call.seller)}:
            yield Problem(12052128)
    elif image and not draft.knows_picture(image["uri"]):
        yield Problem(12052670)


def _parties(draft: Draft, category: Category) -> Iterator[Problem]:
    """Manufacturers and responsible persons, in the EU."""
    rules, registry = category.rules, draft.call.simulator.registry
    needed = {
        MANUFACTURER: rules.needs_manufacturer,
        RESPONSIBLE_PERSON: rules.needs_responsible_person,
    }
    for kind, name, (required, unknown, twice) in _PARTIES:
        ids = draft.body.get(name) or []
        if not ids and needed[kind]:
            yield Problem(required, is_gap=True)
        if len(ids) != len(set(ids)):
            yield Problem(twice)
        own = {party.id for party in registry.of(kind, draft.call.seller)}
        for party_id in ids:
            if party_id not in own:
                yield Problem(unknown, f"ID: {party_id}")
