"""Rows of one order as its lines: one per SKU and kind of price."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from apps.integrations.contracts import RemoteOrderLine
from apps.integrations.tiktok.exports.cells import ZERO, RowCells
from apps.integrations.tiktok.exports.headers import Column

IDS = (Column.SKU_ID, Column.PRODUCT_ID, Column.PACKAGE_ID, Column.TRACKING)
WORDS = (
    Column.SELLER_SKU,
    Column.BUNDLE_SKU,
    Column.PRODUCT_NAME,
    Column.VARIATION,
)
AMOUNTS = (
    Column.UNIT_PRICE,
    Column.BEFORE,
    Column.PLATFORM_DISCOUNT,
    Column.SELLER_DISCOUNT,
    Column.AFTER,
)

MOVED = "The row's cells may stand in the wrong columns: upload the original download."


def read_line(row: RowCells) -> RemoteOrderLine | None:
    """One row as a line, or None with the reasons among the row's problems.

    A discount whose column is missing is what the other amounts leave for it.
    """
    quantity = _quantity(row)
    returned = _returned(row, quantity)
    amounts = _amounts(row, quantity)
    sku_id, product_id, package_id, tracking = row.ids(IDS)
    seller_sku, bundle_sku, name, variation = row.texts(WORDS)
    if not (sku_id or seller_sku or bundle_sku):
        row.refuse(Column.SKU_ID, "is blank, and so is the seller SKU.")
        return None
    if sku_id and not (sku_id.isascii() and sku_id.isdigit()):
        row.refuse(Column.SKU_ID, f"“{sku_id[:40]}” is no SKU id. {MOVED}")
    if amounts is None or row.problems.is_refused:
        return None
    unit_price, original, platform, seller, after = amounts
    most = original + row.sheet.money.tolerance
    if after > most:
        row.refuse(Column.AFTER, f"is more than the subtotal before discount. {MOVED}")
        return None
    if platform + seller > most:
        row.refuse(Column.BEFORE, f"is less than the discounts. {MOVED}")
        return None
    return RemoteOrderLine(
        remote_sku_id=sku_id,
        seller_sku=seller_sku,
        quantity=quantity,
        unit_price=unit_price,
        original_amount=original,
        platform_discount_amount=platform,
        seller_discount_amount=seller,
        amount=after,
        remote_product_id=product_id,
        product_name=name,
        variation=variation,
        bundle_seller_sku=bundle_sku,
        is_gift=not after,
        returned_quantity=returned,
        package_ids=(package_id,) if package_id else (),
        tracking_numbers=(tracking,) if tracking else (),
    )


def fold_lines(lines: Iterable[RemoteOrderLine]) -> tuple[RemoteOrderLine, ...]:
    """Lines of the same SKU, kind of price and unit price added together.

    The platform's interface lists single units and is folded the same way, so an
    order looks alike whichever door it came through.
    """
    lines = tuple(lines)
    if len(lines) == 1:
        return lines
    folded: dict[tuple[str, bool, Decimal | None], RemoteOrderLine] = {}
    for line in lines:
        sku = line.remote_sku_id or line.seller_sku or line.bundle_seller_sku
        key = (sku, line.is_gift, None if line.is_gift else line.unit_price)
        known = folded.get(key)
        folded[key] = line if known is None else _sum(known, line)
    return tuple(folded.values())


def _sum(one: RemoteOrderLine, other: RemoteOrderLine) -> RemoteOrderLine:
    returned = (one.returned_quantity, other.returned_quantity)
    discount = one.platform_discount_amount + other.platform_discount_amount
    return replace(
        one,
        quantity=one.quantity + other.quantity,
        original_amount=one.original_amount + other.original_amount,
        platform_discount_amount=discount,
        seller_discount_amount=one.seller_discount_amount
        + other.seller_discount_amount,
        amount=one.amount + other.amount,
        seller_sku=one.seller_sku or other.seller_sku,
        bundle_seller_sku=one.bundle_seller_sku or other.bundle_seller_sku,
        returned_quantity=None
        if returned == (None, None)
        else sum(pieces or 0 for pieces in returned),
        package_ids=_union(one.package_ids, other.package_ids),
        tracking_numbers=_union(one.tracking_numbers, other.tracking_numbers),
    )


def _union(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one + other))


def _quantity(row: RowCells) -> int:
    errors = len(row.problems.found)
    quantity = row.pieces(Column.QUANTITY)
    if not quantity and len(row.problems.found) == errors:
        says = "is blank." if quantity is None else "is 0; it must be at least 1."
        row.refuse(Column.QUANTITY, says)
    return quantity or 1


def _returned(row: RowCells, quantity: int) -> int | None:
    returned = row.pieces(Column.RETURNED)
    if returned is None:
        is_zero = row.sheet.is_blank_zero and row.has(Column.RETURNED)
        return 0 if is_zero else None
    if returned > quantity and not row.problems.is_refused:
        row.refuse(Column.RETURNED, f"{returned} returned of {quantity} ordered.")
    return returned


Amounts = tuple[Decimal, Decimal, Decimal, Decimal, Decimal]


def _amounts(row: RowCells, quantity: int) -> Amounts | None:
    """Unit price, before, platform discount, seller discount, after."""
    price, before, platform, seller, after = row.amounts(AMOUNTS)
    if row.problems.is_refused:
        return None
    if platform is None and row.has(Column.PLATFORM_DISCOUNT):
        platform = ZERO
    if seller is None and row.has(Column.SELLER_DISCOUNT):
        seller = ZERO
    if before is None and price is not None:
        before = price * quantity
    if after is None:
        is_nothing_left = before == (platform or ZERO) + (seller or ZERO)
        if not (row.sheet.is_blank_zero and before is not None and is_nothing_left):
            row.refuse(Column.AFTER, "is blank.")
            return None
        after = ZERO
    if before is None:
        before = after + (platform or ZERO) + (seller or ZERO)
    left = max(before - after, ZERO)
    if platform is None:
        platform = max(left - seller, ZERO) if seller is not None else ZERO
    if seller is None:
        seller = max(left - platform, ZERO)
    if price is None:
        price = (before / quantity).quantize(Decimal("0.0001"))
    return price, before, platform, seller, after
