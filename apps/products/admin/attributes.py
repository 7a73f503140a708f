"""What a category asks: for each attribute a value, and where it comes from."""

from typing import Any

from django.http import HttpRequest

from apps.core.addresses import address_of
from apps.core.errors import DomainError
from apps.products.admin.attribute_rows import Asked, Row, Source, Value
from apps.products.admin.draft_content import whole
from apps.products.admin.draft_page import Judged, product_of
from apps.products.admin.draft_saving import Changes
from apps.products.admin.draft_surroundings import facts_of
from apps.products.models import AttributeRule, ListingDraft, Product, Variant
from apps.products.services.publishing.attribute_rules import save_rule
from apps.products.services.publishing.attributes import resolve, rules_for
from apps.products.services.publishing.rules.attributes import (
    missing_from,
    values_in,
)
from apps.products.services.taxonomy_facts import Facts
from apps.users.models import User
from apps.users.roles import CHANGE_PRODUCT

TEMPLATE = "products/publishing/attributes.html"


def show(draft: ListingDraft, request: HttpRequest, judged: Judged) -> dict[str, Any]:
    content = whole(draft)
    facts, trouble = facts_of(draft, str(content.get("category_id") or ""))
    rows = _rows(draft, content, facts, judged) if facts else []
    missing = missing_from(values_in(content), facts) if facts else []
    shown = [f"product_attributes[{row.attribute.name}]" for row in rows]
    return {
        "facts": facts,
        "trouble": trouble,
        "required": [row for row in rows if row.is_required],
        "optional": [row for row in rows if not row.is_required],
        "missing": len(missing),
        "fields": AttributeRule.Field.choices,
        "may_save_rules": _may_save_rules(draft, request),
        "has_product": product_of(draft) is not None,
        "other_problems": judged.elsewhere("attributes", shown),
    }


def read(draft: ListingDraft, request: HttpRequest) -> Changes:
    content = whole(draft)
    facts, trouble = facts_of(draft, str(content.get("category_id") or ""))
    if facts is None:
        return Changes(warnings=[trouble])
    changes = Changes()
    given: list[dict[str, Any]] = []
    product, variants = _own(draft)
    for attribute in facts.product_attributes:
        asked = Asked.of(attribute, request, changes.warnings)
        values = asked.values
        if asked.source != Source.FIXED and product is not None:
            values = _by_rule(draft, facts, asked, product, variants, changes)
        if asked.keeps and _may_save_rules(draft, request):
            _keep(draft, request, facts, asked, changes)
        if values:
            given.append({"id": attribute.remote_id, "values": values})
    if product is None and any(
        request.POST.get(f"s-{each.remote_id}", Source.FIXED) != Source.FIXED
        for each in facts.product_attributes
    ):
        changes.warnings.append(
            "This listing is matched to no product of ours, so no field could be read."
        )
    changes.values["product_attributes"] = _as_before(content, given, facts)
    return changes


def _by_rule(
    draft: ListingDraft,
    facts: Facts,
    asked: Asked,
    product: Product,
    variants: list[Variant],
    changes: Changes,
) -> list[Value]:
    if asked.field not in AttributeRule.Field.values:
        changes.warnings.append(
            f"{asked.attribute.name}: choose which of our fields it comes from."
        )
        return asked.values
    rule = asked.rule(draft, facts.category_id)
    found = resolve(facts, {asked.attribute.remote_id: rule}, product, variants)
    for name, reason in found.unclear:
        changes.warnings.append(f"{name} is not filled in: {reason}.")
    return found.values.get(asked.attribute.remote_id, [])


def _keep(
    draft: ListingDraft,
    request: HttpRequest,
    facts: Facts,
    asked: Asked,
    changes: Changes,
) -> None:
    assert isinstance(request.user, User)
    try:
        save_rule(
            draft.shop,
            facts.category_id,
            asked.attribute,
            asked.source,
            field=asked.field,
            values=asked.values,
            value_map=asked.value_map,
            actor=request.user,
            address=address_of(request),
        )
    except DomainError as error:
        changes.warnings.append(str(error))
    else:
        changes.notices.append(f"Rule saved for {asked.attribute.name}.")


def _as_before(
    content: dict[str, Any], given: list[dict[str, Any]], facts: Facts
) -> list[dict[str, Any]]:
    """Rows that were there stay as they were told, if they mean the same."""
    known = {str(row.get("id")): row for row in content.get("product_attributes") or []}
    asked = {each.remote_id for each in facts.product_attributes}
    rows = {row["id"]: row for row in given}
    for key, before in known.items():
        # What the category does not ask for, so no form showed it, is not ours to drop.
        if key not in asked or (key in rows and _mean_same(before, rows[key])):
            rows[key] = dict(before)
    order = [*known, *(key for key in rows if key not in known)]
    return [rows[key] for key in order if key in rows]


def _mean_same(before: dict[str, Any], after: dict[str, Any]) -> bool:
    def keys(row: dict[str, Any]) -> set[str]:
        values = row.get("values") or []
        return {str(v.get("id") or v.get("name") or "").casefold() for v in values}

    return keys(before) == keys(after)


def _rows(
    draft: ListingDraft, content: dict[str, Any], facts: Facts, judged: Judged
) -> list[Row]:
    given = values_in(content)
    lacking = {each.remote_id for each in missing_from({}, facts)}
    lacking |= {each.remote_id for each in missing_from(given, facts)}
    rules = rules_for(draft.shop.client_id, draft.shop.region, facts.category_id)
    return [
        Row(
            attribute,
            attribute.is_required or attribute.remote_id in lacking,
            [_value(each) for each in given.get(attribute.remote_id, [])],
            rules.get(attribute.remote_id),
            judged.at(f"product_attributes[{attribute.name}]"),
        )
        for attribute in facts.product_attributes
    ]


def _value(row: Any) -> Value:
    return {key: str(row[key]) for key in ("id", "name") if row.get(key)}


def _own(draft: ListingDraft) -> tuple[Product | None, list[Variant]]:
    product = product_of(draft)
    if product is None:
        return None, []
    return product, list(product.variants.filter(is_active=True))


def _may_save_rules(draft: ListingDraft, request: HttpRequest) -> bool:
    """A rule is the client's, for all its shops of the region."""
    return bool(request.user.has_perm(CHANGE_PRODUCT, draft.shop.client))
