"""Shipping documents 202309: where a package's label can be fetched, for a day.

Source: Partner Center, "Get Package Shipping Document 202309".
"""

from apps.simulator.tiktok.call import Call, invalid
from apps.simulator.tiktok.envelope import Json
from apps.simulator.tiktok.fulfilment.codes import refuse
from apps.simulator.tiktok.fulfilment.finding import package_of
from apps.simulator.world.media import origin
from apps.simulator.world.packages import (
    CANCELLED,
    PROCESSING,
    TO_FULFILL,
    Package,
)
from apps.simulator.world.papers import FORMATS, KINDS, PICTURE, SIZES, Paper, address


def shipping_document(call: Call) -> Json:
    """GET /fulfillment/202309/packages/{package_id}/shipping_documents."""
    paper = _wanted(call)
    package = package_of(call, call.ids["package_id"], unknown=21008109)
    _check(package)
    path = address(
        call.simulator.seed, package.id, paper, call.simulator.clock.seconds()
    )
    json: Json = {"doc_url": f"{origin.get()}/{path}"}
    if package.carrier:
        json["tracking_number"] = package.carrier[0]
    return json


def _wanted(call: Call) -> Paper:
    kind = call.query.get("document_type", "")
    size = call.query.get("document_size") or SIZES[0]
    format_ = call.query.get("document_format") or FORMATS[0]
    if kind not in KINDS:
        raise invalid("document_type", f"must be one of {', '.join(KINDS)}.")
    if size not in SIZES:
        raise invalid("document_size", f"must be one of {', '.join(SIZES)}.")
    if format_ not in FORMATS:
        raise invalid("document_format", f"must be one of {', '.join(FORMATS)}.")
    return Paper(kind, size, "PNG" if kind == PICTURE else format_)


def _check(package: Package) -> None:
    if package.order.is_fulfilled_by_platform:
        raise refuse(21008043)
    if package.order.shipping_type == "SELLER":
        raise refuse(11034002)
    if package.status == CANCELLED:
        raise refuse(21023059)
    if package.status == TO_FULFILL:
        raise refuse(21023035)
    if package.status != PROCESSING:
        raise refuse(21042102)
