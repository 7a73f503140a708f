"""Small order exports to test with: a header, rows to vary, and three containers."""

import csv
import io
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

from apps.integrations.tiktok.exports import OrdersFile, inspect_orders_file

FOLDER = Path(__file__).parent / "files"

ROW = {
    "Order ID": "579100000000000111\t",
    "Order Status": "Completed",
    "Order Substatus": "Completed",
    "Cancelation/Return Type": "",
    "Normal or Pre-order": "Normal",
    "SKU ID": "1731000000000000011\t",
    "Seller SKU": "CUP-RED",
    "Product Name": "Cup",
    "Variation": "Red",
    "Quantity": "2",
    "Sku Quantity of return": "0",
    "SKU Unit Original Price": "10",
    "SKU Subtotal Before Discount": "20",
    "SKU Platform Discount": "0",
    "SKU Seller Discount": "1",
    "SKU Subtotal After Discount": "19",
    "Shipping Fee After Discount": "4",
    "Original Shipping Fee": "5",
    "Shipping Fee Seller Discount": "0",
    "Shipping Fee Platform Discount": "1",
    "Payment platform discount": "",
    "Taxes": "0",
    "Order Amount": "23",
    "Order Refund Amount": "0",
    "Created Time": "16/11/2026 09:12:44\t",
    "Paid Time": "16/11/2026 09:13:00\t",
    "RTS Time": "\t",
    "Shipped Time": "\t",
    "Delivered Time": "\t",
    "Cancelled Time": "\t",
    "Cancel By": "",
    "Cancel Reason": "",
    "Fulfillment Type": "Fulfillment by seller",
    "Warehouse Name": "Main",
    "Tracking ID": "",
    "Delivery Option": "",
    "Shipping Provider Name": "",
    "Buyer Message": "",
    "Buyer Username": "buyer_one",
    "Recipient": "J**** D****",
    "Phone #": "(+60)1*****11",
    "Zipcode": "50000\t",
    "Country": "Malaysia",
    "Detail Address": "No. **, Jalan ****",
    "Payment Method": "Online banking",
    "Package ID": "\t",
    "Seller Note": "",
}
HEADER = list(ROW)
OTHER = "579100000000000222\t"
THIRD = "579100000000000333\t"


def make_row(**changes: str) -> list[str]:
    """A row of a plain order; names are headers with _ for blanks."""
    return [*(ROW | {_header(name): text for name, text in changes.items()}).values()]


def _header(name: str) -> str:
    plain = name.replace("_", " ").casefold()
    return next(header for header in HEADER if header.casefold() == plain)


def as_csv(rows, *, header=None, separator=",", encoding="utf-8-sig", end="\r\n"):
    """Rows below a header as the bytes of a CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator=end)
    writer.writerows([header or HEADER, *rows])
    return text.getvalue().encode(encoding)


def cell_reference(row: int, column: int) -> str:
    """A1, B1 … for counts from 1 and 0."""
    first, second = divmod(column, 26)
    return (chr(64 + first) if first else "") + chr(65 + second) + str(row)


def as_xlsx(
    rows, *, header=None, name="OrderSKUList", row_per_cell=False, shared=False
):
    """Rows below a header as a workbook like Seller Center's: all text."""
    strings: list[str] = []
    out = []
    for number, cells in enumerate([header or HEADER, *rows], start=1):
        xml = []
        for column, text in enumerate(cells):
            at = cell_reference(number, column)
            if text == "":
                continue
            if shared:
                strings.append(text)
                xml.append(f'<c r="{at}" t="s"><v>{len(strings) - 1}</v></c>')
            else:
                body = f'<t xml:space="preserve">{escape(text)}</t>'
                xml.append(f'<c r="{at}" t="inlineStr"><is>{body}</is></c>')
        whole = [xml] if not row_per_cell else [[cell] for cell in xml]
        out += [f'<row r="{number}">{"".join(each)}</row>' for each in whole]
    parts = [("First", "<row/>"), (name, "".join(out))]
    return workbook(parts, strings)


def workbook(sheets, strings=(), *, prolog="") -> bytes:
    """An XLSX archive of (name, rows as XML) sheets; the dimension is a lie."""
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    listed = related = ""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, rows) in enumerate(sheets, start=1):
            member = f"worksheets/sheet{number}.xml"
            listed += f'<sheet name="{name}" sheetId="{number}" r:id="r{number}"/>'
            related += f'<Relationship Id="r{number}" Target="{member}"/>'
            archive.writestr(
                f"xl/{member}",
                f'{prolog}<worksheet {space}><dimension ref="A1"/>'
                f"<sheetData>{rows}</sheetData></worksheet>",
            )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook {space} xmlns:r="{base}"><sheets>{listed}</sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels", f"<Relationships>{related}</Relationships>"
        )
        if strings:
            items = "".join(f"<si><t>{escape(text)}</t></si>" for text in strings)
            archive.writestr("xl/sharedStrings.xml", f"<sst {space}>{items}</sst>")
    return file.getvalue()


def inspect(
    content: bytes | list[list[str]],
    folder: Path,
    *,
    currency="MYR",
    timezone="Asia/Kuala_Lumpur",
    region="MY",
    **options,
) -> OrdersFile:
    """Write the content to a file and check it for a shop, in Malaysia if unsaid."""
    path = folder / "orders.csv"
    path.write_bytes(content if isinstance(content, bytes) else as_csv(content))
    return inspect_orders_file(
        path, currency=currency, timezone=timezone, region=region, **options
    )


def inspect_us(content, folder: Path, **options) -> OrdersFile:
    """The same for a shop in the United States."""
    us = {"currency": "USD", "timezone": "America/Los_Angeles", "region": "US"}
    return inspect(content, folder, **us, **options)


def only_order(file: OrdersFile):
    """The one order of a file without errors."""
    assert [problem for problem in file.problems if problem.is_error] == []
    (order,) = file.orders()
    return order


def errors(file: OrdersFile) -> list[str]:
    """The sentences of all errors."""
    return [problem.message for problem in file.problems if problem.is_error]


def notes(file: OrdersFile) -> list[str]:
    """The sentences of all notes."""
    return [problem.message for problem in file.problems if not problem.is_error]
