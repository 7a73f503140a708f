"""Papers a category asks for: certificates, size charts, who made it, who answers."""

from collections.abc import Iterator, Mapping
from typing import Any

from apps.integrations.contracts import RemoteCertification
from apps.integrations.tiktok.reading import mapping, sequence
from apps.products.services.publishing.problems import Problem
from apps.products.services.publishing.rules.attributes import chosen_in, values_in
from apps.products.services.publishing.rules.skus import skus_of
from apps.products.services.taxonomy_facts import Facts

Json = Mapping[str, Any]


def check_compliance(content: Json, facts: Facts | None) -> Iterator[Problem]:
    if facts is None:
        return
    rules = facts.rules
    yield from _certifications(content, facts)
    chart = mapping(content, "size_chart")
    if rules.size_chart_required and not (chart.get("image") or chart.get("template")):
        yield Problem("size_chart", "This category needs a size chart.")
    if rules.manufacturer_required and not content.get("manufacturer_ids"):
        yield Problem(
            "manufacturer_ids", "Choose the manufacturer: the EU asks for it."
        )
    if rules.responsible_person_required and not content.get("responsible_person_ids"):
        yield Problem(
            "responsible_person_ids",
            "Choose the responsible person: the EU asks for one.",
        )
    if content.get("is_cod_allowed") and rules.cod_supported is False:
        yield Problem(
            "is_cod_allowed", "Cash on delivery is not possible in this category."
        )
    yield from _fees(content, rules.required_fees)


def _fees(content: Json, required: tuple[str, ...]) -> Iterator[Problem]:
    for kind in required:
        lacking = [
            sku
            for sku in skus_of(content)
            if not any(
                isinstance(fee, Mapping) and fee.get("type") == kind
                for fee in sequence(sku, "fees")
            )
        ]
        if lacking:
            yield Problem("skus.fees", f"Each SKU needs its fee {kind}.")


def _certifications(content: Json, facts: Facts) -> Iterator[Problem]:
    given = {
        str(row.get("id") or ""): row
        for row in sequence(content, "certifications")
        if isinstance(row, Mapping)
    }
    chosen = chosen_in(_all_values(content), facts)
    for paper in facts.rules.certifications:
        row = given.get(paper.remote_id)
        is_needed = paper.is_required or not chosen.isdisjoint(paper.conditions)
        if row is None and is_needed:
            hint = f" ({paper.details})" if paper.details else ""
            yield Problem(
                f"certifications[{paper.name}]",
                f"This category needs the certificate “{paper.name}”{hint}.",
            )
        elif row is not None:
            yield from _certificate(row, paper)


def _certificate(row: Json, paper: RemoteCertification) -> Iterator[Problem]:
    field = f"certifications[{paper.name}]"
    if not row.get("images") and not row.get("files"):
        yield Problem(field, f"Add a picture or a file of “{paper.name}”.")
    if paper.needs_expiry and not row.get("expiration_date"):
        yield Problem(field, f"Say until when “{paper.name}” holds.")


def _all_values(content: Json) -> dict[str, list[Json]]:
    """Those of the product and of its SKUs: conditions may name either."""
    given = {name: list(values) for name, values in values_in(content).items()}
    for sku in skus_of(content):
        for row in sequence(sku, "sales_attributes"):
            if isinstance(row, Mapping) and row.get("id"):
                value = {"id": row.get("value_id"), "name": row.get("value_name")}
                given.setdefault(str(row["id"]), []).append(value)
    return given
