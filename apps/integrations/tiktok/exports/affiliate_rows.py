"""A row of a file of affiliate orders as what a creator sold."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from apps.integrations.contracts.affiliate import (
    CommissionAmounts,
    ContentType,
    RemoteAffiliateSku,
    Settlement,
)
from apps.integrations.tiktok.affiliate import settlement_of
from apps.integrations.tiktok.exports.affiliate_columns import Column, Layout
from apps.integrations.tiktok.exports.amounts import read_pieces
from apps.integrations.tiktok.exports.cells import plain
from apps.integrations.tiktok.exports.currencies import currency_told, objection
from apps.integrations.tiktok.exports.headers import normalise
from apps.integrations.tiktok.exports.problems import BadValue, Problem
from apps.integrations.tiktok.exports.rows import BLANKS, ID, RowKind, read_id
from apps.integrations.tiktok.exports.times import Clock
from apps.integrations.tiktok.localised import localised_amount

C = Column
_STATES = {
    "unpaid by customer": Settlement.AWAITING_PAYMENT,
    "unpaid": Settlement.AWAITING_PAYMENT,
    "pending": Settlement.TO_SETTLE,
    "shipped": Settlement.TO_SETTLE,
    "completed": Settlement.TO_SETTLE,
    "canceled": Settlement.INELIGIBLE,
    "cancelled": Settlement.INELIGIBLE,
}
_CONTENTS = {
    "livestream": ContentType.LIVE,
    "live": ContentType.LIVE,
    "video": ContentType.VIDEO,
    "showcase": ContentType.SHOP,
    "external traffic": ContentType.LINK,
}
_NEVER = datetime.min.replace(tzinfo=UTC)  # of a row that is refused
_NOTHING = frozenset({"", "/", "-", "--"})
_PERCENT = re.compile(r"\d{1,3}([.,]\d{1,4})? ?%", re.ASCII)
_DATE = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}", re.ASCII)
_MOVED = "The row's cells may stand in the wrong columns: upload the original download."
_YES_NO = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Sheet:
    """How a file is read; `currency` is for where it names none."""

    layout: Layout
    clock: Clock
    currency: str
    is_workbook: bool = False


@dataclass(slots=True)
class Row:
    """A row's cells by meaning; what is wrong with them gathers in `problems`."""

    line: int
    cells: Sequence[str]
    sheet: Sheet
    problems: list[Problem] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)

    @property
    def is_refused(self) -> bool:
        return any(problem.is_error for problem in self.problems)

    @property
    def order_id(self) -> str:
        return self.id(C.ORDER_ID)

    @property
    def currency(self) -> str:
        return currency_told(self.text(C.CURRENCY), self.sheet.currency)

    def text(self, column: Column) -> str:
        words = plain(self.sheet.layout.cell(self.cells, column)).strip()
        return "" if words in _NOTHING else words

    def id(self, column: Column) -> str:
        text = read_id(self.text(column))
        return text if ID.fullmatch(text) else ""

    def amount(self, column: Column) -> Decimal | None:
        """None where blank; also where it could mean two things, with a note."""
        text = self.text(column)
        if not text:
            return None
        name = column.value
        self.texts[name] = text[:80]
        read = localised_amount(text, self.currency)
        if read.amount is None:
            self.unread.append(name)
            self.say(column, f"“{text}” is no sure amount; it is left open.")
        return read.amount

    def rate(self, column: Column) -> Decimal | None:
        """A fraction of what is written in percent; None where blank, and with a note
        where it is something else."""
        text = self.text(column)
        if _PERCENT.fullmatch(text):
            rate = Decimal(text.rstrip("% ").replace(",", ".")) / 100
            if rate <= 1:
                return rate
        if text and text.strip("0.,"):
            self.say(column, f"“{text[:80]}” is no percentage; it is left open.")
        return None

    def count(self, column: Column) -> int | None:
        try:
            return read_pieces(self.text(column))
        except BadValue as error:
            self.say(column, str(error), is_error=True)
            return None

    def time(self, column: Column) -> datetime | None:
        """Most files tell the day alone: its beginning, then."""
        text = self.text(column)
        if not text:
            return None
        if _DATE.fullmatch(text):
            text = f"{text} 00:00:00"
        try:
            return self.sheet.clock.read(text)[0]
        except BadValue as error:
            self.say(column, str(error), is_error=True)
            return None

    def refuse(self, message: str) -> None:
        """For what is wrong with no cell of its own."""
        self.problems.append(Problem(self.line, "", message, order_id=self.order_id))

    def say(self, column: Column, message: str, *, is_error: bool = False) -> None:
        name = self.sheet.layout.name(column)
        self.problems.append(
            Problem(
                self.line,
                name,
                f"{name}: {message}",
                order_id=self.order_id,
                is_error=is_error,
            )
        )


def classify(cells: Sequence[str], layout: Layout) -> RowKind:
    """What a row below the header is."""
    order_id = read_id(layout.cell(cells, C.ORDER_ID))
    if ID.fullmatch(order_id):
        return RowKind.ORDER
    if not any(cell.strip(BLANKS) for cell in cells):
        return RowKind.BLANK
    if not any(map(str.isdigit, order_id)) and order_id:
        return RowKind.DESCRIPTION
    return RowKind.BROKEN


def read_row(row: Row, *, is_creators: bool) -> RemoteAffiliateSku | None:
    """What the row tells; None where it is refused."""
    _check_shape(row, is_creators=is_creators)
    sku_id, product_id = row.id(C.SKU_ID), row.id(C.PRODUCT_ID)
    if not (sku_id or product_id):
        row.say(C.SKU_ID, "neither a SKU nor a product has an ID.", is_error=True)
    placed_at = row.time(C.PLACED)
    if placed_at is None and not row.is_refused:
        row.say(C.PLACED, "is blank.", is_error=True)
    found = RemoteAffiliateSku(
        order_id=row.order_id,
        placed_at=placed_at or _NEVER,
        product_id=product_id,
        sku_id=sku_id,
        product_name=row.text(C.PRODUCT_NAME),
        content_id=row.id(C.CONTENT_ID),
        content_type=_content(row),
        creator_username="" if is_creators else row.text(C.CREATOR),
        shop_name=row.text(C.SHOP_NAME),
        shop_code=row.text(C.SHOP_CODE),
        campaign_id=row.id(C.CAMPAIGN_ID),
        order_status=row.text(C.STATUS),
        settlement=_settlement(row),
        currency=row.currency,
        quantity=row.count(C.QUANTITY),
        returned_quantity=row.count(C.RETURNED),
        is_fully_returned=_YES_NO.get(row.text(C.IS_RETURNED).lower()),
        price=row.amount(C.PRICE),
        rate=row.rate(C.RATE),
        shop_ads_rate=row.rate(C.ADS_RATE),
        estimated=CommissionAmounts(
            base=row.amount(C.EST_BASE),
            commission=row.amount(C.EST_COMMISSION),
            shop_ads=row.amount(C.EST_ADS),
            bonus=row.amount(C.EST_BONUS),
            cofunded=row.amount(C.EST_COFUNDED),
            partner=row.amount(C.EST_PARTNER),
        ),
        actual=CommissionAmounts(
            base=row.amount(C.BASE),
            commission=row.amount(C.COMMISSION),
            shop_ads=row.amount(C.ADS),
            bonus=row.amount(C.BONUS),
            cofunded=row.amount(C.COFUNDED),
            partner=row.amount(C.PARTNER),
            taxes=_taxes(row),
            total=row.amount(C.TOTAL),
        ),
        texts=row.texts,
        unread=tuple(row.unread),
        delivered_at=row.time(C.DELIVERED),
        settled_at=row.time(C.SETTLED),
    )
    _check_sense(row, found)
    return None if row.is_refused else found


def _check_shape(row: Row, *, is_creators: bool) -> None:
    """A creator sells in shops of several currencies, a shop in its own."""
    width = len(row.sheet.layout.names)
    is_longer = any(map(str.strip, row.cells[width:]))
    if is_longer or (len(row.cells) < width and not row.sheet.is_workbook):
        row.refuse(f"The row has {len(row.cells)} of {width} columns.")
        return
    text = row.text(C.CURRENCY)
    wrong = objection(text, row.currency if is_creators else row.sheet.currency)
    if wrong or not row.currency:
        row.say(C.CURRENCY, wrong or f"“{text}” is no currency.", is_error=True)


def _check_sense(row: Row, found: RemoteAffiliateSku) -> None:
    """What shows that cells have moved, or that money is not told."""
    for amounts, column in (
        (found.estimated, C.EST_COMMISSION),
        (found.actual, C.COMMISSION),
    ):
        base, commission = amounts.base, amounts.commission
        if base is not None and commission is not None and commission > abs(base):
            says = f"{commission:,f} is more than what it is a share of, {base:,f}."
            row.say(column, f"{says} {_MOVED}", is_error=True)
    if found.settlement is Settlement.UNKNOWN:
        text = row.text(C.STATUS)
        says = f"“{text[:80]}” is no status we know" if text else "is blank"
        row.say(C.STATUS, f"{says}; it does not count as settled.")
    paid = found.actual
    # What shop ads sold earns their commission in place of the usual one.
    is_told = bool(paid.shop_ads) or {paid.total, paid.commission} != {None}
    is_open = C.COMMISSION.value in row.unread
    if found.settlement is Settlement.SETTLED and not (is_told or is_open):
        row.say(C.COMMISSION, "is blank, though the row is settled.", is_error=True)


def _settlement(row: Row) -> Settlement:
    words = normalise(row.text(C.STATUS))
    return _STATES.get(words) or settlement_of(words)


def _content(row: Row) -> ContentType:
    return _CONTENTS.get(normalise(row.text(C.CONTENT_TYPE)), ContentType.OTHER)


def _taxes(row: Row) -> Decimal | None:
    told = [row.amount(column) for column in (C.TAX_ISR, C.TAX_IVA, C.TAX_PIT)]
    known = [tax for tax in told if tax is not None]
    return sum(known, Decimal(0)) if known else None
