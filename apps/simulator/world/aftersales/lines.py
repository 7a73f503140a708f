"""The units a request is about, each a row of its own; bundles with their parts."""

from collections.abc import Iterator, Mapping
from typing import Any

from apps.simulator.world.aftersales import stages
from apps.simulator.world.aftersales.money import Refund, basket_of, shared
from apps.simulator.world.aftersales.requests import Request
from apps.simulator.world.catalogue import Sku
from apps.simulator.world.media import picture_url
from apps.simulator.world.regions import Region, amount
from apps.simulator.world.rolls import digits

Json = dict[str, Any]
_IMAGE_SIZE = 200


def render_lines(
    request: Request, refunds: Mapping[int, Refund], *, with_parts: bool
) -> list[Json]:
    order, region = request.order, request.order.shop.region
    word = "cancel" if request.family == stages.CANCEL else "return"
    rows = []
    for unit in request.base["units"]:
        sku = basket_of(order).units[unit].sku
        own_id = digits("4035", 19, "request line", request.id, unit)
        row: Json = {
            f"{word}_line_item_id": own_id,
            "order_line_item_id": order.line_id(unit),
            **_goods(sku),
            "refund_amount": refund_json(region, refunds[unit]),
        }
        if with_parts and sku.parts:
            row[f"{word}_sub_line_items"] = [
                {
                    f"{word}_sub_line_item_id": digits("4036", 19, own_id, n),
                    f"{word}_line_item_id": own_id,
                    "sub_order_line_item_id": part_id(order.line_id(unit), n),
                    "order_line_item_id": order.line_id(unit),
                    **_goods(part),
                    "refund_amount": refund_json(region, refund),
                }
                for n, (part, refund) in enumerate(_parts(sku, refunds[unit]))
            ]
        rows.append(row)
    return rows


def part_id(line_id: str, piece: int) -> str:
    """Of a piece in a bundle that was ordered."""
    return digits("578", 19, "piece", line_id, piece)


def _goods(sku: Sku) -> Json:
    json: Json = {
        "sku_id": sku.id,
        "product_name": sku.title,
        "seller_sku": sku.seller_sku,
        "product_image": {
            "url": picture_url(sku.image),
            "width": _IMAGE_SIZE,
            "height": _IMAGE_SIZE,
        },
    }
    if sku.name:
        json["sku_name"] = sku.name
    return json


def _parts(sku: Sku, refund: Refund) -> Iterator[tuple[Sku, Refund]]:
    """Every piece with its share of the refund, by what the pieces cost alone."""
    pieces = [part for part, count in sku.parts for _ in range(count)]
    prices = [piece.price for piece in pieces]
    columns = [
        shared(value, prices)
        for value in (
            refund.subtotal, refund.shipping, refund.tax, refund.delivery_fee,
        )
    ]  # fmt: skip
    for piece, values in zip(pieces, zip(*columns, strict=True), strict=True):
        yield piece, Refund(*values)


def refund_json(region: Region, refund: Refund) -> Json:
    values = {
        "refund_total": refund.total,
        "refund_subtotal": refund.subtotal,
        "refund_shipping_fee": refund.shipping,
        "refund_tax": refund.tax,
    }
    if refund.delivery_fee:
        values["retail_delivery_fee"] = refund.delivery_fee
    return {"currency": region.currency} | {
        name: amount(region, value) for name, value in values.items()
    }
