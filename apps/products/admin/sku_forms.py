"""What the form of a listing's SKUs says of each, as it was typed."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest

from apps.core.money import Money
from apps.integrations.contracts import RemoteAttribute
from apps.products.admin.base import key_of
from apps.products.admin.draft_page import own_pictures
from apps.products.admin.sku_rows import KEEP, Column, Sku
from apps.products.models import ListingDraft
from apps.products.services.publishing import limits
from apps.products.services.publishing.attributes import value_of
from apps.products.services.publishing.numbers import written


def read_sku(
    draft: ListingDraft,
    request: HttpRequest,
    sku: Sku,
    key: str,
    columns: Sequence[Column],
    known: Mapping[str, RemoteAttribute],
) -> Sku:
    sent = request.POST
    new: Sku = dict(sku)
    new["seller_sku"] = sent.get(f"n-{key}", "").strip()
    new["price"] = _money(sku.get("price"), sent.get(f"p-{key}", ""), draft)
    if f"l-{key}" in sent:
        new["list_price"] = _money(sku.get("list_price"), sent[f"l-{key}"], draft)
    new["inventory"] = _read_stock(request, sku, key)
    code = sent.get(f"c-{key}", "").strip()
    kind = sent.get(f"ct-{key}", "")
    known_code = sku.get("identifier_code") or {}
    new["identifier_code"] = (
        {**known_code, "code": code, "type": kind} if code else None
    )
    new["sales_attributes"] = _read_traits(draft, request, sku, key, columns, known)
    return new


def _money(before: Any, told: str, draft: ListingDraft) -> Sku | None:
    """What was typed, be it a price or not; None clears it."""
    told = told.strip()
    if not told:
        return None
    price = {**(before or {}), "amount": told}
    price.setdefault("currency", draft.shop.currency)
    return price


def _read_stock(request: HttpRequest, sku: Sku, key: str) -> list[Sku]:
    """Quantities by warehouse; rows the form did not show stay."""
    before = {str(row.get("warehouse_id")): row for row in sku.get("inventory") or []}
    rows = dict(before)
    for name, told in request.POST.items():
        head, _, warehouse_id = name.partition(f"q-{key}-")
        if head or not warehouse_id:
            continue
        told = str(told).strip()
        row = {**before.get(warehouse_id, {}), "warehouse_id": warehouse_id}
        row.pop("quantity", None)
        if told:
            row["quantity"] = int(told) if _is_number(told) else told
        if told or warehouse_id in before:
            rows[warehouse_id] = row
    return list(rows.values())


def as_sent(price: Money) -> Sku:
    return {"amount": written(price.rounded().amount), "currency": price.currency}


def _is_number(told: str) -> bool:
    return told.isascii() and told.isdecimal() and len(told) < 10


def _read_traits(
    draft: ListingDraft,
    request: HttpRequest,
    sku: Sku,
    key: str,
    columns: Sequence[Column],
    known: Mapping[str, RemoteAttribute],
) -> list[Sku]:
    before = {
        str(row.get("id") or row.get("name")): row
        for row in sku.get("sales_attributes") or []
    }
    rows: dict[str, Sku] = {}
    for place, column in enumerate(columns):
        told = request.POST.get(f"t-{key}-{place}", "").strip()
        if not told:
            continue
        was = before.get(column.attribute_id or column.name, {})
        row = trait_of(column, told, known.get(column.attribute_id))
        if _choice(was) == _choice(row):
            row = dict(was)
        elif was.get("sku_img"):
            row["sku_img"] = was["sku_img"]
        if place == 0:
            _put_picture(draft, request, row, key)
        rows[column.attribute_id or column.name] = row
    # In the order the SKU had them, which may be another than that of the columns.
    order = [*before, *(name for name in rows if name not in before)]
    return [rows[name] for name in order if name in rows]


def _put_picture(draft: ListingDraft, request: HttpRequest, row: Sku, key: str) -> None:
    told = request.POST.get(f"i-{key}", KEEP)
    if told == "":
        row.pop("sku_img", None)
        row.pop("supplementary_sku_images", None)
    elif (image := key_of(told)) and own_pictures(draft).filter(pk=image).exists():
        row["sku_img"] = {"image": image}


def trait_of(column: Column, told: str, attribute: RemoteAttribute | None) -> Sku:
    value = value_of(attribute, told) if attribute else None
    row: Sku = {"id": column.attribute_id} if column.attribute_id else {}
    if column.name:
        row["name"] = column.name
    if value and value.get("id"):
        row["value_id"] = value["id"]
    row["value_name"] = value["name"] if value and value.get("name") else told
    return row


def _choice(row: Sku) -> str:
    return str(row.get("value_name") or row.get("value_id") or "").strip().casefold()


def fill_quantity(request: HttpRequest, skus: list[Sku]) -> None:
    """One quantity for all, in the warehouse each has, else the one chosen."""
    told = request.POST.get("fill_quantity", "").strip()
    if "fill" not in request.POST or not told:
        return
    quantity: Any = int(told) if _is_number(told) else told
    warehouse_id = request.POST.get("fill_warehouse", "")[:64]
    for sku in skus:
        rows = [dict(row) for row in sku.get("inventory") or []]
        chosen = [r for r in rows if r.get("warehouse_id") == warehouse_id] or rows[:1]
        if not chosen and warehouse_id:
            rows = chosen = [{"warehouse_id": warehouse_id}]
        for row in chosen:
            row["quantity"] = quantity
        sku["inventory"] = rows


def asked_columns(
    request: HttpRequest, known: Mapping[str, RemoteAttribute]
) -> list[Column]:
    columns = []
    for place in range(limits.MOST_SALES_ATTRIBUTES):
        told = request.POST.get(f"column-{place}", "")
        name = request.POST.get(f"column-name-{place}", "").strip()[:100]
        if told in known:
            columns.append(Column(told, known[told].name))
        elif told == "own" and name:
            columns.append(Column("", name))
        elif told not in ("", "own"):
            columns.append(Column(told[:40], name))
    return columns
