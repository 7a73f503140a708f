"""Income files of three regions, and one of what is to come; all figures are ours."""

import csv
import zipfile
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
# South-East Asia: shipping is among the fees, with a sum of its own.
SEA = {
    "Order/adjustment ID  ": "579300000000000101\t",
    "Type ": "Order",
    "Order created time(UTC)": "2026/09/12",
    "Order settled time(UTC)": "2026/09/21",
    "Currency": "MYR",
    "Total settlement amount": "89.85",
    "Total Revenue": "104.00",
    "Subtotal after seller discounts": "104.00",
    "Subtotal before discounts": "110.00",
    "Seller discounts": "-6.00",
    "Refund subtotal after seller discounts": "0",
    "Total Fees": "-14.15",
    "Transaction fee": "-2.10",
    "TikTok Shop commission fee": "-7.00",
    "Seller shipping fee": "-4.15",
    "Actual shipping fee": "-6.15",
    "Platform shipping fee discount": "2.00",
    "Affiliate commission": "0",
    "GST / SST": "-0.90",
    "Moonlight fee": "/",
    "Ajustment amount": "0",
    "Related order ID  ": "/",
    "Customer payment": "101.30",
    "Actual package weight (g)": "420",
}
US = {
    "Statement date": "2026/09/21",
    "Statement ID": "7301000000000000009",
    "Currency": "USD",
    "Type": "Order",
    "Order/adjustment ID": "577300000000000201",
    "SKU ID": "1729000000000000011",
    "Quantity": "1",
    "Product name": "Desk lamp",
    "SKU name": "Walnut",
    "Order created date": "2026/09/10",
    "Total settlement amount": "$40.00",
    "Net sales": "$48.00",
    "Gross sales": "$50.00",
    "Seller discounts": "-$2.00",
    "Shipping": "($3.00)",
    "TikTok Shop shipping fee": "-$4.50",
    "Customer-paid shipping fee": "$1.50",
    "Fees": "-$5.00",
    "Referral fee": "-$3.00",
    "Affiliate commission": "-$2.00",
    "Adjustment amount": "",
    "Related order ID": "",
    "Customer payment": "$51.84",
}
ID = {
    "ID Pesanan/Penyesuaian": "576300000000000301",
    "Jenis transaksi": "Pesanan",
    "Waktu pemesanan": "12/09/2026 10:30:00",
    "Waktu pembayaran pesanan": "21/09/2026 03:00:00",
    "Mata uang": "IDR",
    "Jumlah penyelesaian pembayaran": "85000",
    "Total Pendapatan": "100000",
    "Subtotal setelah diskon penjual": "100000",
    "Total Biaya": "-15000",
    "Biaya komisi platform": "-8000",
    "Komisi Afiliasi": "-7000",
    "Jumlah penyesuaian": "0",
    "ID pesanan terkait": "",
    "Sumber pesanan": "TikTok Shop",
}
UNSETTLED = {
    "Order/adjustment ID": "579300000000000401",
    "Type": "Order",
    "Order created time": "2026/09/20",
    "Currency": "MYR",
    "Total estimated settlement amount": "33.00",
    "Total Revenue": "40.00",
    "Total Fees": "-7.00",
    "Transaction fee": "-7.00",
    "Estimated settle time": "2026/10/02",
    "Unsettled reasons": "Waiting for delivery",
}
BANNER = (
    ["These figures are estimates and may change."],
    ["Download time: 2026-09-22 10:00"],
    ["Total: 33.00"],
    [""],
)


def row_of(base: dict[str, str], **changed: str) -> dict[str, str]:
    """`settlement="1"` changes the first column whose name has that word in it."""
    row = dict(base)
    for word, value in changed.items():
        name = next(
            name
            for name in row
            if word.replace("_", " ") in " ".join(name.split()).lower()
        )
        row[name] = value
    return row


def write_csv(path: Path, rows: list[dict[str, str]], *, banner: Any = ()) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerows(banner)
        writer.writerow(rows[0])
        writer.writerows(row.values() for row in rows)
    return path


def write_xlsx(
    path: Path,
    rows: list[dict[str, str]],
    *,
    sheet: str = "Order details",
    banner: Any = (),
    others: Any = (),
) -> Path:
    """Everything as inline text, the wanted sheet behind a summary; `others` are
    (name, row) of more sheets."""
    table = [*banner, list(rows[0]), *(list(row.values()) for row in rows)]
    sheets = [("Reports", [["Summary"], ["Total", "1"]]), (sheet, table)]
    sheets += [(name, [list(row), list(row.values())]) for name, row in others]
    with zipfile.ZipFile(path, "w") as archive:
        names = "".join(
            f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>'
            for n, (name, _) in enumerate(sheets, 1)
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" '
            'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/'
            f'relationships"><sheets>{names}</sheets></workbook>',
        )
        links = "".join(
            f'<Relationship Id="rId{n}" Type="http://schemas.openxmlformats.org/'
            'officeDocument/2006/relationships/worksheet" '
            f'Target="worksheets/sheet{n}.xml"/>'
            for n in range(1, len(sheets) + 1)
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
            f'relationships">{links}</Relationships>',
        )
        for n, (_, cells) in enumerate(sheets, 1):
            archive.writestr(f"xl/worksheets/sheet{n}.xml", _sheet(cells))
    return path


def _sheet(table: list[list[str]]) -> str:
    rows = "".join(
        f'<row r="{number}">'
        + "".join(
            f'<c r="{_letters(at)}{number}" t="inlineStr"><is><t>{escape(cell)}'
            "</t></is></c>"
            for at, cell in enumerate(row)
        )
        + "</row>"
        for number, row in enumerate(table, 1)
    )
    return (
        f'<worksheet xmlns="{_MAIN}">'
        f'<dimension ref="A1"/><sheetData>{rows}</sheetData></worksheet>'
    )


def _letters(at: int) -> str:
    text = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        text = chr(65 + rest) + text
    return text
