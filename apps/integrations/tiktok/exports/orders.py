"""All rows of one order as a RemoteOrder, or the reasons why not."""

from dataclasses import dataclass

from apps.integrations.contracts import RemoteBuyer, RemoteOrder
from apps.integrations.tiktok.exports.cells import OrderProblems, RowCells, Sheet
from apps.integrations.tiktok.exports.facts import OrderFacts, OrderWords, read_facts
from apps.integrations.tiktok.exports.headers import Column
from apps.integrations.tiktok.exports.problems import Problem
from apps.integrations.tiktok.exports.rows import Group, read_id
from apps.integrations.tiktok.exports.snapshots import current_rows, without_copies
from apps.integrations.tiktok.exports.statuses import (
    read_canceller,
    read_fulfilment,
    read_pre_order,
    read_shipping_type,
)

COUNTRIES = {
    "malaysia": "MY", "singapore": "SG", "thailand": "TH", "vietnam": "VN",
    "viet nam": "VN", "philippines": "PH", "the philippines": "PH", "indonesia": "ID",
    "united states": "US", "united kingdom": "GB", "japan": "JP",
}  # fmt: skip
ADDRESS = (
    Column.ADDRESS, Column.ADDRESS_MORE, Column.BARANGAY, Column.COMMUNE,
    Column.VILLAGES, Column.DISTRICT, Column.TOWN, Column.CITY, Column.MUNICIPALITY,
    Column.REGENCY, Column.PROVINCE, Column.STATE, Column.REGION, Column.COUNTRY,
)  # fmt: skip
BUYER = (
    Column.USERNAME, Column.RECIPIENT, Column.PHONE, Column.COUNTRY, Column.ZIPCODE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a group's rows; `facts` is None when all of them are refused.

    `is_named` is whether they had an order id.
    """

    facts: OrderFacts | None
    problems: list[Problem]
    rows: int
    is_named: bool
    copied: int = 0
    older: int = 0


def read_order(group: Group, sheet: Sheet) -> Outcome:
    """Read one order's rows, all or none of them.

    Raises FileRefused when a cell names another currency.
    """
    problems = OrderProblems(group.order_id)
    rows = [RowCells(line, cells, sheet, problems) for line, cells in group.rows]
    for row in rows:
        _check_row(row, group.order_id)
    if problems.is_refused:
        return _refused(rows, problems)
    unique = without_copies(rows)
    chosen = current_rows(unique)
    for line, _ in group.beside:
        rows[0].note(
            Column.ORDER_ID,
            f"the row at line {line}, beside this order's, names none: is it of this "
            "one?",
        )
    facts = read_facts(group.order_id, chosen)
    if facts and group.beside and not facts.adds_up:
        # Merged cells leave the order's ID in its first row alone.
        rows[0].refuse(
            Column.ORDER_AMOUNT,
            f"is not what this order's rows come to, and the row at line "
            f"{group.beside[-1][0]} beside them names no order: it may be of this one. "
            "Upload the original download.",
        )
    if problems.is_refused or facts is None:
        return _refused(rows, problems)
    return Outcome(
        facts=facts,
        problems=problems.found,
        rows=len(rows),
        is_named=True,
        copied=len(rows) - len(unique),
        older=len(chosen.older),
    )


def _refused(rows: list[RowCells], problems: OrderProblems) -> Outcome:
    errors = [problem for problem in problems.found if problem.is_error]
    return Outcome(None, errors, len(rows), bool(problems.order_id))


def _check_row(row: RowCells, order_id: str) -> None:
    """Bring the row to the header's width, plus one blank for missing columns."""
    width = row.sheet.width
    if len(row.cells) != width:
        if len(row.cells) < width or any(cell.strip() for cell in row.cells[width:]):
            says = (
                f"The row has {len(row.cells)} of {width} columns: cells are missing "
                "or too many. Upload the original download."
            )
            row.problems.error(row.line, "", says)
            return
        del row.cells[width:]
    row.cells.append("")
    weight = row.text(Column.WEIGHT)
    if weight and not weight.lstrip(".,")[:1].isdigit():
        # Nobody reads it, but whatever moved the cells before it moved others here.
        row.refuse(
            Column.WEIGHT,
            f"“{weight[:40]}” is no weight: the row's cells may stand in the wrong "
            "columns. Upload the original download.",
        )
    if not order_id:
        text = row.text(Column.ORDER_ID)
        says = f"“{text}” is no order id." if text else "is blank."
        row.refuse(Column.ORDER_ID, says)
    elif row.sheet.id_length not in {0, len(order_id)}:
        row.refuse(
            Column.ORDER_ID,
            f"{order_id} has {len(order_id)} digits, those of the others have "
            f"{row.sheet.id_length}. Upload the original download.",
        )


def to_order(facts: OrderFacts) -> RemoteOrder:
    """The order in our shape."""
    row, words, times = facts.rows[0], facts.words, facts.times
    amounts = facts.amounts
    numbers = (number for line in facts.lines for number in line.tracking_numbers)
    return RemoteOrder(
        remote_id=facts.order_id,
        status=facts.status,
        status_text=_status_text(words),
        currency=row.sheet.money.currency,
        placed_at=times.placed_at,
        lines=facts.lines,
        buyer=_buyer(row),
        original_amount=facts.sums.original,
        platform_discount_amount=facts.sums.platform_discount,
        seller_discount_amount=facts.sums.seller_discount,
        subtotal_amount=facts.sums.goods,
        shipping_amount=amounts.shipping,
        original_shipping_amount=amounts.shipping_before,
        shipping_platform_discount_amount=amounts.shipping_by_platform,
        shipping_seller_discount_amount=amounts.shipping_seller,
        payment_discount_amount=amounts.payment_discount,
        buyer_fees_amount=amounts.fees,
        tax_amount=amounts.taxes,
        total_amount=facts.total,
        refund_amount=facts.refund,
        paid_at=times.paid_at,
        ready_to_ship_at=times.ready_at,
        shipped_at=times.shipped_at,
        delivered_at=times.delivered_at,
        cancelled_at=times.cancelled_at,
        cancelled_by=read_canceller(words.cancel_by),
        cancellation_stage=facts.stage,
        cancel_reason=words.cancel_reason,
        fulfilment=read_fulfilment(words.fulfilment),
        shipping_type=read_shipping_type(words.delivery_option_type),
        warehouse=words.warehouse,
        delivery_option=words.delivery_option,
        carrier=words.carrier,
        tracking_number=next(numbers, ""),
        payment_method=words.payment_method,
        is_cod=facts.is_cod,
        is_pre_order=read_pre_order(words.pre_order),
        is_sample=facts.is_sample,
        reported_return=facts.reported_return,
        buyer_message=words.buyer_message,
        seller_note=words.seller_note,
        sales_channel=words.order_channel,
        creator_handle=words.creator,
        raw=_raw(facts.rows),
    )


def _status_text(words: OrderWords) -> str:
    if not words.substatus or words.substatus == words.status:
        return words.status
    return f"{words.status} / {words.substatus}"


def _buyer(row: RowCells) -> RemoteBuyer:
    username, name, phone, country, zipcode = row.texts(BUYER)
    return RemoteBuyer(
        username=username,
        name=name,
        phone=phone,
        address=", ".join(filter(None, row.texts(ADDRESS))),
        postal_code=read_id(zipcode),
        region_code=COUNTRIES.get(country.casefold(), ""),
    )


def _raw(rows: list[RowCells]) -> dict[str, list[dict[str, str]]]:
    names = rows[0].sheet.layout.names
    return {"rows": [dict(zip(names, row.cells, strict=False)) for row in rows]}
