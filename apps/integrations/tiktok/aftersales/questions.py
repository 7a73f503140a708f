"""What the platform says may be done after a sale, to our contracts.

Source: Partner Center, "Get Aftersale Eligibility" (202309, 202602), "Get Reject
Reasons" and "Get Return Records" (202309).
"""

from collections.abc import Iterator

from apps.integrations.contracts import Eligibility, RequestReason, RequestRecord
from apps.integrations.tiktok.reading import (
    JsonObject,
    each_object,
    flag,
    identifier,
    identifiers,
    likely_instant,
    text,
    word,
)


def reasons_from_json(data: JsonObject) -> list[RequestReason]:
    """The reasons; one without words for people is shown by its name."""
    return [
        RequestReason(name, text(row, "text") or name)
        for row in each_object(data, "reasons")
        if (name := text(row, "name"))
    ]


def records_from_json(data: JsonObject) -> list[RequestRecord]:
    """The steps in the order they come; the reason stands in for a description."""
    return [
        RequestRecord(
            event=text(row, "event"),
            role=word(row, "role"),
            description=text(row, "description") or text(row, "reason_text"),
            note=text(row, "note"),
            happened_at=likely_instant(row, "create_time"),
            image_urls=tuple(
                url
                for image in each_object(row, "images")
                if (url := text(image, "url")).startswith("https://")
            ),
        )
        for row in each_object(data, "records")
    ]


def eligibility_from_json(data: JsonObject) -> list[Eligibility]:
    """One entry for each kind of request and SKU."""
    return list(_eligibility(data))


def _eligibility(data: JsonObject) -> Iterator[Eligibility]:
    for sku in each_object(data, "sku_eligibility"):
        for row in each_object(sku, "line_item_eligibility"):
            is_eligible = flag(row, "eligible") or False
            yield Eligibility(
                request=word(row, "request_type"),
                remote_sku_id=identifier(sku, "sku_id"),
                unit_ids=_unit_ids(row),
                is_eligible=is_eligible,
                # A sample gives a reason why what is possible is not.
                why_not="" if is_eligible else text(row, "ineligible_reason"),
                reasons=identifiers(row, "available_reason_names"),
            )


def _unit_ids(row: JsonObject) -> tuple[str, ...]:
    """The key is misspelled here; then as it is spelled everywhere else."""
    ids = identifiers(row, "order_line_items_ids")
    return ids or identifiers(row, "order_line_item_ids")
