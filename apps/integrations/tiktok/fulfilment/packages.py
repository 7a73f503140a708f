"""TikTok Shop's packages to our contracts.

Source: Partner Center, "Search Package", "Get Package Detail" and "Get Tracking"
(202309). A search and a detail name the same things differently; here both are read.
"""

from collections.abc import Mapping

from apps.integrations.contracts import (
    PackagePage,
    PackageStatus,
    RemotePackage,
    RemoteTrackingStep,
    ShippingType,
)
from apps.integrations.tiktok.codes import SHIPPING_TYPES, SPLIT_OR_COMBINE
from apps.integrations.tiktok.fulfilment.codes import PACKAGE_STATUSES, PROBLEMS
from apps.integrations.tiktok.pages import read_rows
from apps.integrations.tiktok.reading import (
    JsonObject,
    Unreadable,
    each_object,
    enum_key,
    first_object,
    identifier,
    identifiers,
    instant,
    likely_instant,
    sequence,
    text,
    whole_number,
    word,
)


def package_page_from_json(data: JsonObject) -> PackagePage:
    """The packages of a search, with those that cannot be read."""
    packages, malformed = read_rows(
        data, "packages", package_from_json, "id", "package_id"
    )
    return PackagePage(
        packages=packages,
        next_page_token=text(data, "next_page_token"),
        total_count=whole_number(data, "total_count"),
        malformed=malformed,
    )


def package_from_json(row: JsonObject) -> RemotePackage:
    """One package, of a search or a detail; raises Unreadable without an id."""
    remote_id = identifier(row, "id") or identifier(row, "package_id")
    if not remote_id:
        raise Unreadable("the package has no id")
    status_text = text(row, "status") or text(row, "package_status")
    slot = first_object(row, "pickup_slot")
    return RemotePackage(
        remote_id=remote_id,
        status=PACKAGE_STATUSES.get(
            enum_key(status_text), PackageStatus.NOT_UNDERSTOOD
        ),
        status_text=status_text,
        order_ids=_order_ids(row),
        unit_ids=identifiers(row, "order_line_item_ids"),
        created_at=instant(row, "create_time"),
        updated_at=instant(row, "update_time"),
        sub_status=word(row, "package_sub_status"),
        problem=_problem(row),
        tracking_number=text(row, "tracking_number"),
        last_mile_tracking_number=text(row, "last_mile_tracking_number"),
        carrier=text(row, "shipping_provider_name"),
        carrier_id=identifier(row, "shipping_provider_id"),
        shipping_type=SHIPPING_TYPES.get(
            word(row, "shipping_type"), ShippingType.UNKNOWN
        ),
        delivery_option=text(row, "delivery_option_name"),
        delivery_option_id=identifier(row, "delivery_option_id"),
        handover_method=word(row, "handover_method"),
        pickup_from_at=likely_instant(slot, "start_time"),
        pickup_until_at=likely_instant(slot, "end_time"),
        split_or_combine=SPLIT_OR_COMBINE.get(word(row, "split_and_combine_tag"), ""),
        warehouse=identifier(row, "warehouse_id"),
        raw=row,
    )


def _order_ids(row: JsonObject) -> tuple[str, ...]:
    """Orders come as objects; an id alone will do."""
    entries = (
        entry if isinstance(entry, Mapping) else {"id": entry}
        for entry in sequence(row, "orders")
    )
    ids = (identifier(entry, "id") for entry in entries)
    return tuple(dict.fromkeys(filter(None, ids)))


def _problem(row: JsonObject) -> str:
    """Why it does not get on; some states are a problem though no reason is given."""
    if reason := text(row, "ship_exception_reason"):
        return reason
    sub_status = word(row, "package_sub_status")
    return sub_status if sub_status in PROBLEMS else ""


def tracking_from_json(data: JsonObject) -> list[RemoteTrackingStep]:
    """The scans, newest first; one that has no time tells nothing."""
    steps = [
        RemoteTrackingStep(
            description=text(row, "description"),
            happened_at=moment,
            code=whole_number(row, "action_code"),
            tracking_number=text(row, "tracking_no"),
        )
        for row in each_object(data, "tracking")
        if (moment := likely_instant(row, "update_time_millis"))
    ]
    return sorted(steps, key=lambda step: step.happened_at, reverse=True)
