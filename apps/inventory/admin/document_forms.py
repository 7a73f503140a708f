"""What people type for a new document below its head: rows, and a pasted list."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apps.core.storing import clean, portions
from apps.inventory.admin.document_head import HeadForm
from apps.inventory.models import StockDocument
from apps.inventory.services.csv_rows import whole_number
from apps.inventory.services.documents import Deed, Line, faults_of
from apps.products.models import Variant
from apps.products.services.barcodes import normal_barcode
from apps.products.services.skus import named
from apps.users.models import AnyUser, Client

Kind = StockDocument.Kind
FIRST_ROWS = 5
MORE_ROWS = 10
MOST_ROWS = 200
LONGEST_LINE = 400
_IN_ROW = ("sku", "quantity", "note")
# A pasted line: the SKU, then a quantity, parted by a mark or by blanks.
_PASTED = re.compile(r"(.+?)(?:\s*[,;]\s*|\s+)(\S+)")


@dataclass(slots=True)
class TypedRow:
    """`where` tells where it stands: a row of the form, or a line of the list."""

    sku: str
    quantity: str
    note: str = ""
    where: str = ""
    error: str = ""


@dataclass(slots=True)
class Typed:
    """What was typed, as it was typed. `rows` are all that say anything."""

    head: HeadForm
    rows: list[TypedRow]
    blanks: int
    paste: str
    faults: list[str] = field(default_factory=list)

    @property
    def shown(self) -> list[TypedRow]:
        """Rows of the form; the pasted list stands by itself."""
        typed = [row for row in self.rows if not row.where.startswith("line")]
        return [*typed, *(TypedRow("", "") for _ in range(self.blanks))]

    @property
    def pasted_faults(self) -> list[TypedRow]:
        return [row for row in self.rows if row.error and row.where.startswith("line")]

    @property
    def is_wrong(self) -> bool:
        return bool(
            self.faults or self.head.errors or any(row.error for row in self.rows)
        )


def read(data: Mapping[str, Any], client: Client, kind: Kind, user: AnyUser) -> Typed:
    """What a form says, however it came."""
    head = HeadForm(data, client, kind, user)
    count = data.get("rows", "")
    is_number = count.isascii() and count.isdecimal() and len(count) < 5
    total = min(int(count), MOST_ROWS) if is_number else 0
    typed = [
        TypedRow(*(clean(data.get(f"{name}-{n}", "")).strip() for name in _IN_ROW))
        for n in range(total)
    ]
    rows = [row for row in typed if row.sku or row.quantity]
    for number, row in enumerate(rows, start=1):
        row.where = f"row {number}"
    paste = clean(data.get("paste", ""))
    found = Typed(head, rows, max(total - len(rows), 0), paste)
    found.rows += pasted(paste)
    return found


def pasted(text: str) -> list[TypedRow]:
    """A SKU and a quantity a line, as they come out of a table or a message."""
    rows = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) == 1:
            found = _PASTED.fullmatch(line.strip()[:LONGEST_LINE])
            cells = [found[1], found[2]] if found else [line.strip(), ""]
        sku, quantity, note = [*cells, "", ""][:3]
        rows.append(TypedRow(sku, quantity, note, f"line {number}"))
    return rows


def deed_of(
    typed: Typed, client: Client, kind: Kind, *, key: str = "", at: datetime
) -> Deed | None:
    """The document to be; None where something does not hold, which is told. A stock
    take that names no moment is of `at`."""
    lines = _lines_of(typed, client, kind)
    if not typed.head.is_valid() or typed.is_wrong:
        return None
    told = typed.head.cleaned_data
    moment = told["moment"]
    deed = Deed(
        kind=kind,
        warehouse=told["warehouse"],
        lines=[line for _, line in lines],
        effective_at=moment or (at if kind == Kind.COUNT else None),
        to_warehouse=told.get("to_warehouse"),
        supplier=told.get("supplier"),
        reason=told.get("reason", ""),
        reference=told["reference"],
        note=told["note"],
        key=f"page:{key}" if key else "",
    )
    _tell_faults(typed, [row for row, _ in lines], client, deed)
    return None if typed.is_wrong else deed


def _lines_of(typed: Typed, client: Client, kind: Kind) -> list[tuple[TypedRow, Line]]:
    variants = _variants(client, typed.rows)
    is_back = typed.head.data.get("direction") == "back"
    sign = -1 if kind == Kind.QUARANTINE and is_back else 1
    lines = []
    for row in typed.rows:
        variant = variants.get(row.sku.lower())
        try:
            if not row.sku:
                raise ValueError("Which SKU?")
            if variant is None:
                raise ValueError(f"There is no SKU “{row.sku}”.")
            if not row.quantity:
                raise ValueError(f"How many of {variant}?")
            units = whole_number(row.quantity)
            if kind == Kind.QUARANTINE and units < 1:
                raise ValueError("From 1; the direction is chosen above.")
            lines.append((row, Line(variant, sign * units, note=row.note[:300])))
        except ValueError as error:
            row.error = str(error)
    return lines


def _variants(client: Client, rows: Sequence[TypedRow]) -> dict[str, Variant]:
    """{what was typed, in small letters: variant}; a scanner types barcodes."""
    asked = {row.sku for row in rows if row.sku}
    found = {
        row.sku.lower(): row
        for some in portions(sorted(asked), 500)
        for row in named(client.pk, some)
    }
    codes = {normal_barcode(sku): sku for sku in asked if sku.lower() not in found}
    codes.pop("", None)
    scanned: dict[str, list[Variant]] = {}
    for some in portions(sorted(codes)):
        for row in Variant.objects.filter(client=client, barcode__in=some):
            scanned.setdefault(row.barcode, []).append(row)
    for code, same in scanned.items():
        if len(same) == 1:
            found[codes[code].lower()] = same[0]
    return found


def _tell_faults(
    typed: Typed, rows: Sequence[TypedRow], client: Client, deed: Deed
) -> None:
    """What the service would refuse, beside what it speaks of."""
    for fault in faults_of(client, deed):
        if fault.row is not None:
            rows[fault.row].error = fault.message
        elif fault.field in typed.head.fields:
            typed.head.add_error(fault.field, fault.message)
        elif fault.field == "effective_at":
            typed.head.add_error("moment", fault.message)
        else:
            typed.faults.append(fault.message)
