"""What a file is, told by its content alone."""

import csv
import io
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.integrations.tiktok.exports import FileRefused
from apps.integrations.tiktok.exports.kinds import SIGNATURES, kind_of
from apps.integrations.tiktok.exports.recognise import (
    FileKind,
    recognise,
    where_to,
)
from tests.integrations.tiktok.exports.files import (
    FOLDER,
    HEADER,
    as_csv,
    as_xlsx,
    cell_reference,
    make_row,
    workbook,
)

Kind = FileKind
RETURNS = (
    "Return Order ID,Order ID,Order Amount,Order Status,Order Substatus,"
    "Payment Method,SKU ID,Seller SKU,Product Name,SKU Name,Buyer Username,"
    "Return Type,Time Requested,Return Reason,Return unit price,Return Quantity,"
    "Return Logistics Tracking ID,Return Status,Return Sub Status,Refund Time"
)
SETTLEMENT = (
    "Order/adjustment ID  ,Type ,Order created time(UTC),Order settled time(UTC),"
    "Currency,Total settlement amount,Total Revenue,Total Fees,Transaction fee,"
    "Ajustment amount,Related order ID  "
)
SETTLEMENT_US = (
    "Statement date,Statement ID,Currency,Type,Order/adjustment ID,SKU ID,Quantity,"
    "Product name,SKU name,Order created date,Total settlement amount,Net sales"
)
SETTLEMENT_ID = (
    "ID Pesanan/Penyesuaian,Jenis transaksi,Waktu pemesanan,Waktu pembayaran pesanan,"
    "Mata uang,Jumlah penyelesaian pembayaran,Total Pendapatan,Total Biaya"
)
UNSETTLED = (
    "Order/adjustment ID,Type,Order created time,Currency,"
    "Total estimated settlement amount,Estimated settle time,Unsettled reasons"
)
AFFILIATE = (
    "Order ID,Product ID,Product Name,SKU,Seller Sku,Price,Payment Amount,Currency,"
    "Quantity,Order Status,Creator Username,Content Type,Content ID,"
    "Standard commission rate,Est. Commission Base,Actual Commission Base,Time Created"
)
AFFILIATE_JA = (
    "注文ID,サブ注文ID,注文状況,クリエイターのユーザー名,商品名,SKU,商品ID,価格,数量,"
    "ショップ名,ショップコード,コンテンツタイプ,コンテンツID"
)
CREATOR = (
    "Order ID,SKU ID,Product name,Product ID,Price,Items sold,Items refunded,Shop name,"
    "Shop code,Currency,Order type,Order settlement status,Commission type,"
    "Content Type,Content ID,GMV,Est. commission base,Total final earned amount"
)
CREATOR_PERFORMANCE = (
    "Creator name,Creator-attributed GMV,LIVE-attributed GMV,Refunds,"
    "Attributed orders,items sold,Items refunded,AOV,CTOR,LIVE streams,Videos"
)
AGENCY = (
    "Creator nickname,Creator username,Affiliate GMV,Items sold,Est. commission,"
    "Commission base"
)
LIVE = (
    "Creator ID,Creator,Nickname,Launched Time,Duration,"
    "LIVE gross merchandise value (RM),Products added,Average Price (RM),"
    "Viewers,Views,CTR"
)
LIVE_ID = (
    "ID Kreator,Kreator,Nama panggilan,Waktu Live,Durasi,GMV dari LIVE (Rp),"
    "GMV LIVE (Rp),Produk yang ditambahkan,CTOR,Penonton,CTR"
)
VIDEO = (
    "Video title,Video ID,Post date,Video link,Creator name,Product ID,"
    "Creator video-attributed GMV,Video-attributed orders,AOV,Video views,Video GPM"
)
VIDEO_ID = (
    "Nama Kreator,ID Kreator,Informasi Video,ID Video,Waktu,Produk,VV,Likes,"
    "GMV dari video (Rp)"
)
PRODUCT_ANALYTICS = "Nama,ID Produk,Rentang GMV,Status daftar produk,GMV,GMV,Pesanan"
SHOP_ANALYTICS = "Date,GMV (RM),Orders,Buyers,Items sold"
PRODUCTS = (
    "product_id,category,product_name,product_status,sku_id,variation_value,price,"
    "quantity,seller_sku"
)

# (name of the case, kind, headings, sheet, rows that stand above)
FILES = [
    ("orders", Kind.ORDERS, ",".join(HEADER), "OrderSKUList", []),
    ("returns", Kind.RETURNS, RETURNS, "Sheet1", []),
    ("settlement", Kind.SETTLEMENT, SETTLEMENT, "Order details", []),
    ("settlement-us", Kind.SETTLEMENT, SETTLEMENT_US, "Order details", []),
    ("settlement-id", Kind.SETTLEMENT, SETTLEMENT_ID, "Detail pesanan", []),
    (
        "unsettled",
        Kind.UNSETTLED,
        UNSETTLED,
        "Unsettled order and adjustment",
        [["These amounts are estimates."], ["Download time", "2026/11/20"]],
    ),
    ("affiliate", Kind.AFFILIATE, AFFILIATE, "Sheet1", []),
    ("affiliate-ja", Kind.AFFILIATE, AFFILIATE_JA, "Sheet1", []),
    ("creator", Kind.CREATOR, CREATOR, "Sheet1", []),
    ("performance", Kind.CREATOR_PERFORMANCE, CREATOR_PERFORMANCE, "Sheet1", []),
    ("agency", Kind.CREATOR_PERFORMANCE, AGENCY, "Sheet1", []),
    (
        "live",
        Kind.LIVE,
        LIVE,
        "Worksheet",
        [["Date Range: 2026-11-12 ~ 2026-11-18"], []],
    ),
    ("live-id", Kind.LIVE, LIVE_ID, "Worksheet", [["Date Range: 2026-11-12 ~"], []]),
    ("video", Kind.VIDEO, VIDEO, "Sheet1", []),
    ("video-id", Kind.VIDEO, VIDEO_ID, "Sheet1", []),
    ("product-analytics", Kind.PRODUCT_ANALYTICS, PRODUCT_ANALYTICS, "Sheet1", []),
    ("shop-analytics", Kind.SHOP_ANALYTICS, SHOP_ANALYTICS, "Sheet1", []),
    ("products", Kind.PRODUCTS, PRODUCTS, "Template", []),
    ("stock", Kind.STOCK, "SKU,Warehouse,On hand,Counted at", "Sheet1", []),
    ("stock-short", Kind.STOCK, "seller_sku,qty", "Sheet1", []),
    ("tracking", Kind.TRACKING, "Order,Carrier,Tracking number", "Sheet1", []),
    ("mapping", Kind.MAPPING, "shop,SKU ID,seller SKU,our SKU,state", "Sheet1", []),
]
CASES = [pytest.param(*case[1:], id=case[0]) for case in FILES]


def told(content: bytes, folder: Path, *, name="file.bin", region=""):
    path = folder / name
    path.write_bytes(content)
    return recognise(path, region=region)


def table(headings: str, above=()) -> tuple[list[str], list[Any], list[Any]]:
    """Headings, rows of something, rows above."""
    names = next(csv.reader([headings]))
    rows = [[f"{place} {number}" for place in names] for number in range(8)]
    return names, rows, list(above)


def as_text(headings, above, separator=","):
    names, rows, over = table(headings, above)
    lines = [*over, names, *rows]
    return as_csv(lines[1:], header=lines[0], separator=separator)


def as_workbook(headings, above, sheet, **options):
    names, rows, over = table(headings, above)
    lines = [*over, names, *rows]
    return as_xlsx(lines[1:], header=lines[0], name=sheet, **options)


@pytest.mark.parametrize(("kind", "headings", "sheet", "above"), CASES)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_file_of_each_kind_is_recognised(
    kind, headings, sheet, above, separator, tmp_path
):
    found = told(as_text(headings, above, separator), tmp_path, name="a.xlsx")

    assert found.kind is kind
    assert (found.nearest, found.lacks) == (None, ())
    assert (found.is_workbook, found.sheet) == (False, "")
    assert (found.encoding, found.separator) == ("utf-8-sig", separator)
    assert found.line == len(above) + 1
    names, rows, _ = table(headings)
    assert found.headings == tuple(names)
    assert found.rows == tuple(map(tuple, rows[:5]))


@pytest.mark.parametrize(("kind", "headings", "sheet", "above"), CASES)
@pytest.mark.parametrize("options", [{}, {"row_per_cell": True}, {"shared": True}])
def test_a_workbook_of_each_kind_is_recognised(
    kind, headings, sheet, above, options, tmp_path
):
    content = as_workbook(headings, above, sheet, **options)

    found = told(content, tmp_path, name="a.csv")

    assert found.kind is kind
    assert (found.is_workbook, found.encoding) == (True, "xlsx")
    assert (found.sheet, found.separator) == (sheet, "")
    assert found.line == len(above) + 1
    assert found.headings == tuple(table(headings)[0])
    assert len(found.rows) == 5


@pytest.mark.parametrize(
    ("headings", "language", "region"),
    [
        (",".join(HEADER), "en", ""),
        (f"{','.join(HEADER)},Tokopedia Invoice Number", "en", "ID"),
        (f"{','.join(HEADER)},Post Town", "en", "MY"),
        (LIVE, "en", "MY"),
        (LIVE_ID, "id", "ID"),
        (SETTLEMENT_ID, "id", "ID"),
        (AFFILIATE_JA, "ja", "JP"),
        ("SKU,จำนวน", "th", "TH"),
        ("SKU,Số lượng", "vi", "VN"),
        ("SKU,So\u0302\u0301 lu\u031bo\u031b\u0323ng", "vi", "VN"),
        ("1,2", "", ""),
    ],
)
def test_language_and_region_are_guessed_by_headings(
    headings, language, region, tmp_path
):
    found = told(as_text(headings, []), tmp_path)

    assert (found.language, found.region) == (language, region)


def test_spelling_of_headings_does_not_matter(tmp_path):
    headings = [
        " ORDER ID",
        "Order\u00a0Status",
        "SKU ID ",
        "Quantity\t",
        "SKU  Subtotal After Discount",
        "order amount",
        "Created Time",
        "Cancellation\\Return Type",
    ]

    found = told(as_csv([], header=headings), tmp_path)

    assert found.kind is Kind.ORDERS
    settled = ["Order\\adjustment ID", "Transaction type", "Total settlement amount"]
    assert told(as_csv([], header=settled), tmp_path).kind is Kind.SETTLEMENT


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_are_told(encoding, tmp_path):
    row = make_row(product_name="Tasse à café")
    content = as_csv([row], encoding=encoding)

    found = told(content, tmp_path)

    names = {"utf-8": "utf-8-sig"}
    assert (found.kind, found.encoding) == (
        Kind.ORDERS,
        names.get(encoding, encoding),
    )
    assert found.rows[0][HEADER.index("Product Name")] == "Tasse à café"


def test_an_old_encoding_is_the_region_s(tmp_path):
    thai = as_csv([make_row(product_name="กระเป๋าผ้าใบใหญ่")], encoding="cp874")

    found = told(thai, tmp_path, region="TH")

    assert (found.kind, found.encoding) == (Kind.ORDERS, "cp874")


def test_a_separator_told_in_a_first_line_is_no_header(tmp_path):
    content = b"sep=;\r\n" + as_text(RETURNS, [], ";").removeprefix(b"\xef\xbb\xbf")

    found = told(content, tmp_path)

    assert (found.kind, found.separator, found.line) == (Kind.RETURNS, ";", 2)


@pytest.mark.parametrize("names", [("Reports", "Order details"), ("A", "B")])
@pytest.mark.parametrize("is_first", [True, False])
def test_the_sheet_with_the_rows_is_found_beside_a_summary(names, is_first, tmp_path):
    def sheet(rows):
        cells = [
            "".join(
                f'<c r="{cell_reference(number, at)}" t="inlineStr"><is><t>{text}'
                "</t></is></c>"
                for at, text in enumerate(row)
            )
            for number, row in enumerate(rows, start=1)
        ]
        return "".join(
            f'<row r="{number}">{row}</row>' for number, row in enumerate(cells, 1)
        )

    summary = (names[0], sheet([["Total Revenue", "10"], ["Total Fees", "-1"]]))
    details = (names[1], sheet([SETTLEMENT.split(","), ["1"] * 11]))
    sheets = [details, summary] if is_first else [summary, details]

    found = told(workbook(sheets), tmp_path)

    assert (found.kind, found.sheet, found.line) == (Kind.SETTLEMENT, names[1], 1)


def test_a_header_without_rows_is_recognised(tmp_path):
    found = told(as_csv([], header=RETURNS.split(",")), tmp_path)

    assert (found.kind, found.rows) == (Kind.RETURNS, ())


def test_sample_files_are_orders_of_their_regions(tmp_path):
    found = [recognise(FOLDER / f"orders-{name}.csv") for name in ("my", "us")]

    assert [each.kind for each in found] == [Kind.ORDERS, Kind.ORDERS]
    assert [each.region for each in found] == ["MY", "US"]


def test_what_lacks_headings_is_told_with_the_nearest_kind(tmp_path):
    headings = [
        name for name in HEADER if name not in {"Quantity", "Created Time", "SKU ID"}
    ]

    found = told(as_csv([], header=headings), tmp_path)

    assert (found.kind, found.nearest) == (None, Kind.ORDERS)
    assert found.lacks == ("quantity", "created time")
    assert found.headings == tuple(headings)


@pytest.mark.parametrize("content", ["just some words\r\n", "a,b\r\n1,2\r\n", "#"])
def test_what_is_none_of_ours_is_not_guessed(content, tmp_path):
    found = told(content.encode(), tmp_path)

    assert (found.kind, found.nearest, found.lacks) == (None, None, ())


def test_long_cells_are_shown_cut(tmp_path):
    found = told(as_csv([make_row(product_name="x" * 5000)]), tmp_path)

    cell = found.rows[0][HEADER.index("Product Name")]
    assert (len(cell), cell[-1]) == (200, "…")


def bomb() -> bytes:
    """A workbook of a few kilobytes that unpacks to 300 MB of one cell."""
    plain = as_xlsx([make_row()])
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(plain)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            if name != "xl/worksheets/sheet2.xml":
                target.writestr(name, source.read(name))
        with target.open("xl/worksheets/sheet2.xml", "w") as sheet:
            sheet.write(b'<worksheet><row r="1"><c r="A1" t="str"><v>')
            for _ in range(300):
                sheet.write(b"x" * (1 << 20))
            sheet.write(b"</v></c></row></worksheet>")
    return out.getvalue()


def locked() -> bytes:
    """An archive whose members say that they are encrypted."""
    content = bytearray(as_xlsx([make_row()]))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = -1
        while (start := content.find(mark, start + 1)) >= 0:
            content[start + at] |= 1
    return bytes(content)


XXE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n \t\r\n", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "picture"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "picture"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "PDF document"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html><html><title>Sign in", "sign-in page"),
        ("<html><body>".encode("utf-16"), "sign-in page"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas:spreadsheet">', "old Ex"),
        (b'{"code":105001,"message":"Access token is invalid"}', "web service"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"\xd0\xcf\x11\xe0 Workbook", r"\.xls"),
        (b"PK\x03\x04 cut off", "damaged or cut off"),
        (locked(), "protected by a password"),
        (workbook([("A", "<row/>")]), "workbook is empty"),
        (workbook([("A", "")], prolog=XXE), "not one of Excel's"),
        (b",".join([b"Order ID"] * 100_000), "100000 columns"),
        (b"," * (1 << 20), "longer than a million"),
        (b'Order ID,"' + b"x" * 200_000 + b'"', "too large"),
        (b"a\x00\x00b\x01\x02\x03" * 20, "neither a CSV"),
        (
            workbook([("A", '<row r="1"><c r="ZZZZ1"><v>1</v></c></row>')]),
            "too far right",
        ),
        (bomb(), "too large"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_cause(content, cause, tmp_path):
    with pytest.raises(FileRefused, match=cause):
        told(content, tmp_path)


def test_an_archive_of_something_else_is_refused(tmp_path):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("orders.csv", "Order ID")

    with pytest.raises(FileRefused, match="Unpack it"):
        told(file.getvalue(), tmp_path)


@pytest.mark.parametrize("kind", FileKind)
def test_each_kind_says_where_it_belongs(kind):
    sentence = where_to(kind)

    assert sentence.startswith("This looks like a")
    assert sentence.endswith(".")


def test_the_needs_of_a_kind_alone_are_that_kind():
    for signature in SIGNATURES:
        assert kind_of([need[0] for need in signature.needs]) is signature.kind


PLAIN = as_text(RETURNS, [])
WORKBOOK = as_workbook(LIVE, [["Date Range: 2026"]], "Worksheet")


def answer(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        try:
            found = recognise(path)
        except FileRefused:
            return
        assert found.line >= 1
        assert found.kind is None or not found.lacks


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_give_an_answer_or_a_refusal(content):
    answer(content)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([PLAIN, WORKBOOK]),
    st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=4),
    st.floats(0, 1),
)
def test_damaged_files_give_an_answer_or_a_refusal(plain, flips, end):
    content = bytearray(plain)
    for at, byte in flips:
        content[int(at * len(content))] = byte
    answer(bytes(content[: int(end * len(content)) or None]))


@pytest.mark.parametrize(
    "header",
    [
        "amazon-order-id,purchase-date,order-status,sku,asin,quantity,currency",
        "Order ID,Order Status,Product Name,Deal Price,Quantity,Total",
    ],
)
def test_exports_of_other_places_look_like_none_of_ours(tmp_path, header):
    path = tmp_path / "orders.csv"
    path.write_text(f"{header}\n" + ",".join("1" for _ in header.split(",")) + "\n")

    found = recognise(path)

    assert (found.kind, found.nearest) == (None, None)
