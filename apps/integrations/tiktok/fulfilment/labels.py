"""What is sent to get labels, and what is answered.

Source: Partner Center, "Get Eligible Shipping Service", "Create Packages" and "Get
Package Shipping Document" (202309).
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from apps.integrations.contracts import Measures, PaperLink, ShippingService
from apps.integrations.errors import MalformedReply, PlatformUnavailable
from apps.integrations.tiktok.reading import (
    JsonObject,
    Unreadable,
    each_object,
    flag,
    identifier,
    money,
    text,
    whole_number,
    word,
)

# Kinds of paper that come in one size, and the one that comes as a picture.
_OF_ONE_SIZE = ("SHIPPING_LABEL_PICTURE", "HAZMAT_LABEL")
_PICTURE = "SHIPPING_LABEL_PICTURE"


def label_body(unit_ids: Sequence[str], measures: Measures | None) -> dict[str, Any]:
    """Only what is known: the platform measures the rest by the products."""
    body: dict[str, Any] = {}
    if unit_ids:
        body["order_line_item_ids"] = list(unit_ids)
    if measures:
        body["dimension"] = {
            "length": f"{measures.length:f}",
            "width": f"{measures.width:f}",
            "height": f"{measures.height:f}",
            "unit": measures.unit,
        }
        body["weight"] = {
            "value": f"{measures.weight:f}",
            "unit": measures.weight_unit,
        }
    return body


def services_from_json(data: JsonObject) -> list[ShippingService]:
    """The services on sale; one without an id cannot be bought."""
    return [
        ShippingService(
            remote_id=remote_id,
            name=text(row, "name"),
            price=_price(row),
            currency=word(row, "currency"),
            carrier=text(row, "shipping_provider_name"),
            earliest_days=whole_number(row, "earliest_delivery_days"),
            latest_days=whole_number(row, "latest_delivery_days"),
            is_default=flag(row, "is_default") or False,
        )
        for row in each_object(data, "shipping_services")
        if (remote_id := identifier(row, "id"))
    ]


def _price(row: JsonObject) -> Decimal | None:
    try:
        return money(row, "price")
    except Unreadable:
        return None


def bought_from_json(data: JsonObject) -> str:
    """Raises MalformedReply where nobody knows which package was made."""
    if package_id := identifier(data, "package_id"):
        return package_id
    raise MalformedReply("TikTok Shop's answer does not name the new package.")


def paper_params(kind: str, size: str, format_: str) -> dict[str, str]:
    """The query for a paper, without what its kind leaves no choice of."""
    params = {"document_type": kind}
    if size and kind not in _OF_ONE_SIZE:
        params["document_size"] = size
    if format_ and kind != _PICTURE:
        params["document_format"] = format_
    return params


def link_from_json(data: JsonObject) -> PaperLink:
    """Raises PlatformUnavailable for an answer without an address: it is being made."""
    url = text(data, "doc_url")
    if not url:
        raise PlatformUnavailable(
            "TikTok Shop has not made the paper yet. Try again later."
        )
    return PaperLink(url, text(data, "tracking_number"))
