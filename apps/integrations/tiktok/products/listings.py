"""TikTok Shop's products to our contracts.

Source: Partner Center, "Search Products" (202312, 202502) and "Get Product" (202309),
as they were in 2023 and are now. What we do not know survives in `raw`; a row that we
cannot read is named and spoils no other.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from apps.integrations.contracts import (
    AuditStatus,
    ListingPage,
    ListingStatus,
    RemoteListing,
    RemoteListingSku,
    RemoteRejection,
)
from apps.integrations.tiktok.products.chains import root_to_leaf
from apps.integrations.tiktok.products.codes import AUDIT_STATUSES, LISTING_STATUSES
from apps.integrations.tiktok.reading import (
    JsonObject,
    Unreadable,
    enum_key,
    flag,
    identifier,
    instant,
    mapping,
    money,
    sequence,
    text,
    whole_number,
)

_MOST_UNITS = 10**9
_IS_ACTIVE = {"NORMAL": True, "DEACTIVATED": False}


def listing_page_from_json(data: JsonObject) -> ListingPage:
    """The short listings of a search, with those that cannot be read."""
    listings: list[RemoteListing] = []
    malformed: list[tuple[str, str]] = []
    for row in sequence(data, "products"):
        if not isinstance(row, Mapping):
            malformed.append(("", "the row is not an object"))
            continue
        try:
            listings.append(listing_from_json(row, is_whole=False))
        except Unreadable as error:
            malformed.append((identifier(row, "id"), str(error)))
    return ListingPage(
        listings=tuple(listings),
        next_page_token=text(data, "next_page_token"),
        total_count=whole_number(data, "total_count"),
        malformed=tuple(malformed),
    )


def listing_from_json(row: JsonObject, *, is_whole: bool) -> RemoteListing:
    """One product; raises Unreadable if it lacks what one cannot do without.

    One that does not speak of SKUs at all is not whole, whatever was asked for.
    """
    if not (remote_id := identifier(row, "id")):
        raise Unreadable("the product has no id")
    status_text = text(row, "status") or text(row, "product_status")
    chain = root_to_leaf(_objects(row, "category_chains"))
    audit_text = text(mapping(row, "audit"), "status")
    return RemoteListing(
        remote_id=remote_id,
        title=text(row, "title"),
        status=LISTING_STATUSES.get(enum_key(status_text), ListingStatus.UNKNOWN),
        status_text=status_text,
        is_whole=is_whole and row.get("skus") is not None,
        skus=tuple(_sku(sku) for sku in sequence(row, "skus")),
        created_at=instant(row, "create_time"),
        updated_at=instant(row, "update_time"),
        description=text(row, "description"),
        category_id=identifier(chain[-1], "id") if chain else "",
        category_path=tuple(text(category, "local_name") for category in chain),
        brand_id=identifier(mapping(row, "brand"), "id"),
        brand_name=text(mapping(row, "brand"), "name"),
        image_urls=_image_urls(row),
        audit=AUDIT_STATUSES.get(enum_key(audit_text), AuditStatus.UNKNOWN),
        audit_text=audit_text,
        rejections=tuple(map(_rejection, sequence(row, "audit_failed_reasons"))),
        quality=enum_key(text(row, "listing_quality_tier")),
        has_draft=flag(row, "has_draft"),
        external_id=text(row, "external_product_id"),
        raw=row,
    )


def _sku(row: Any) -> RemoteListingSku:
    if not isinstance(row, Mapping):
        raise Unreadable("a SKU is not an object")
    if not (remote_id := identifier(row, "id")):
        raise Unreadable("a SKU has no id")
    price, list_price = mapping(row, "price"), mapping(row, "list_price")
    currency = text(price, "currency") or text(list_price, "currency")
    attributes = _objects(row, "sales_attributes")
    barcode = mapping(row, "identifier_code")
    status = mapping(row, "status_info")
    stock = _stock(row)
    return RemoteListingSku(
        remote_id=remote_id,
        seller_sku=text(row, "seller_sku"),
        variation=" / ".join(filter(None, (text(a, "value_name") for a in attributes))),
        attributes=tuple((text(a, "name"), text(a, "value_name")) for a in attributes),
        barcode=text(barcode, "code"),
        barcode_type=enum_key(text(barcode, "type")),
        price=_price(price),
        list_price=money(list_price, "amount"),
        currency=currency.upper(),
        quantity=sum(stock.values()) if stock else None,
        stock=stock,
        is_active=_IS_ACTIVE.get(enum_key(text(status, "status"))),
        image_url=next(
            (url for a in attributes if (url := _url(mapping(a, "sku_img")))), ""
        ),
    )


def _price(price: JsonObject) -> Decimal | None:
    """What buyers see, or the nearest to it that is told."""
    for name in ("sale_price", "tax_exclusive_price", "amount"):
        if (amount := money(price, name)) is not None:
            return amount
    return None


def _stock(row: JsonObject) -> dict[str, int]:
    stock: dict[str, int] = {}
    for level in _objects(row, "inventory"):
        if (quantity := whole_number(level, "quantity")) is None:
            continue
        if abs(quantity) > _MOST_UNITS:
            raise Unreadable("quantity is not a number of units")
        warehouse = identifier(level, "warehouse_id")
        stock[warehouse] = stock.get(warehouse, 0) + quantity
    return stock


def _rejection(row: Any) -> RemoteRejection:
    if not isinstance(row, Mapping):
        return RemoteRejection(position="", reasons=(str(row),))
    return RemoteRejection(
        position=text(row, "position"),
        reasons=_texts(row, "reasons"),
        suggestions=_texts(row, "suggestions"),
        listing_platform=enum_key(text(row, "listing_platform")),
    )


def _texts(row: JsonObject, name: str) -> tuple[str, ...]:
    words = (text({"text": each}, "text") for each in sequence(row, name))
    return tuple(filter(None, words))


def _image_urls(row: JsonObject) -> tuple[str, ...]:
    return tuple(filter(None, map(_url, _objects(row, "main_images"))))


def _url(image: JsonObject) -> str:
    urls = (*_texts(image, "urls"), *_texts(image, "thumb_urls"))
    return next(iter(urls), "")


def _objects(row: JsonObject, name: str) -> list[JsonObject]:
    """The objects of a list, without what else may be among them."""
    return [each for each in sequence(row, name) if isinstance(each, Mapping)]
